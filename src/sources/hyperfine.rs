//! hyperfine: times of commands, `--export-json`.

use serde::Deserialize;

use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "hyperfine",
    title: "hyperfine",
    summary: "The file of `--export-json`; times in seconds: `mean`, `median`, `min`, `max`, `stddev`, `user`, `system`, after the command where there are several: `predict v2/mean`.",
    gives: &[Gives::Metrics],
    reference: "written by hyperfine 1.15",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Export {
    results: Vec<Timed>,
}

/// Times of a command, in seconds.
#[derive(Deserialize)]
struct Timed {
    command: String,
    mean: f64,
    stddev: Option<f64>,
    median: f64,
    user: Option<f64>,
    system: Option<f64>,
    min: f64,
    max: f64,
    #[serde(default)]
    times: Vec<f64>,
    #[serde(default)]
    exit_codes: Vec<Option<i64>>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let export: Export = json::parse(content.bytes)?;
    let mut recording = Recording::by("hyperfine");
    for timed in &export.results {
        let name = |what: &str| match export.results.as_slice() {
            [_] => what.to_owned(),
            _ => format!("{}/{what}", timed.command),
        };
        let runs = timed.times.len() as u64;
        let times = [
            ("mean", Some(timed.mean)),
            ("median", Some(timed.median)),
            ("min", Some(timed.min)),
            ("max", Some(timed.max)),
            ("stddev", timed.stddev),
            ("user", timed.user),
            ("system", timed.system),
        ];
        for (what, seconds) in times {
            let Some(seconds) = seconds else { continue };
            let metric = RecordedMetric::new(name(what), seconds)
                .unit(Unit::Seconds)
                .direction(Direction::LowerIsBetter);
            let metric = match (what, timed.stddev) {
                ("mean", Some(deviation)) if 1 < runs => {
                    metric.standard_error(deviation / (runs as f64).sqrt())
                }
                (_, _) => metric,
            };
            recording.metrics.push(match runs {
                0 => metric,
                runs => metric.of(runs),
            });
        }
        let failed = timed.exit_codes.iter().filter(|code| **code != Some(0));
        let failed = failed.count();
        if 0 < failed {
            let whole = timed.exit_codes.len();
            recording
                .shortfalls
                .push(format!("{failed} of {whole} runs of a command failed"));
        }
    }
    if recording.metrics.is_empty() {
        return Err("there are no `results` in it".to_owned());
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::evidence::Unit;

    #[test]
    fn times_are_seconds_and_runs_that_failed_are_said() {
        let bytes = br#"{"results": [{"command": "sleep 0.1", "mean": 0.102, "stddev": 0.002, "median": 0.1, "user": 0.001, "system": 0.001, "min": 0.1, "max": 0.104, "times": [0.1, 0.1, 0.102, 0.104], "exit_codes": [0, 0, 1, 0]}]}"#;
        let content = Content {
            name: "bench.json",
            bytes,
        };
        let found = parse(&content).expect("times");
        let mean = found.metric("mean", None).expect("a mean");
        assert_eq!(
            (mean.value, mean.unit, mean.rows),
            (0.102, Unit::Seconds, Some(4))
        );
        assert_eq!(found.shortfalls, ["1 of 4 runs of a command failed"]);
    }
}
