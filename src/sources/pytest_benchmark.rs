//! pytest-benchmark: times of tests, `--benchmark-json`.

use serde::Deserialize;

use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, Recording};

pub(super) const SOURCE: Source = Source {
    id: "pytest_benchmark",
    title: "pytest-benchmark",
    summary: "The file of `--benchmark-json`; times in seconds after the test: `tests/test_api.py::test_predict/mean`, `…/median`, `…/max`; `…/ops` a second.",
    gives: &[Gives::Metrics],
    reference: "written by pytest-benchmark 5.3",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Export {
    benchmarks: Vec<Benchmark>,
    version: Option<String>,
}

#[derive(Deserialize)]
struct Benchmark {
    fullname: String,
    stats: Stats,
}

/// Times of a test, in seconds.
#[derive(Deserialize)]
struct Stats {
    min: f64,
    max: f64,
    mean: f64,
    stddev: f64,
    median: f64,
    rounds: u64,
    ops: Option<f64>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let export: Export = json::parse(content.bytes)?;
    let system = match &export.version {
        None => "pytest-benchmark".to_owned(),
        Some(version) => format!("pytest-benchmark {version}"),
    };
    let mut recording = Recording::by(system);
    for Benchmark { fullname, stats } in &export.benchmarks {
        let times = [
            ("min", stats.min),
            ("max", stats.max),
            ("mean", stats.mean),
            ("median", stats.median),
            ("stddev", stats.stddev),
        ];
        for (what, seconds) in times {
            let metric = RecordedMetric::new(format!("{fullname}/{what}"), seconds)
                .unit(Unit::Seconds)
                .direction(Direction::LowerIsBetter)
                .of(stats.rounds);
            recording.metrics.push(match what {
                "mean" if 1 < stats.rounds => {
                    metric.standard_error(stats.stddev / (stats.rounds as f64).sqrt())
                }
                _ => metric,
            });
        }
        if let Some(ops) = stats.ops {
            let metric = RecordedMetric::new(format!("{fullname}/ops"), ops);
            let metric = metric.direction(Direction::HigherIsBetter);
            recording.metrics.push(metric.of(stats.rounds));
        }
    }
    if recording.metrics.is_empty() {
        return Err("there are no `benchmarks` in it".to_owned());
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::evidence::Unit;

    #[test]
    fn times_are_called_after_their_test() {
        let bytes = br#"{"benchmarks": [{"fullname": "t.py::test_a", "name": "test_a", "stats": {"min": 0.01, "max": 0.03, "mean": 0.02, "stddev": 0.004, "median": 0.02, "rounds": 16, "ops": 50.0}}], "version": "5.1.0"}"#;
        let content = Content {
            name: "bench.json",
            bytes,
        };
        let found = parse(&content).expect("times");
        let mean = found.metric("t.py::test_a/mean", None).expect("a mean");
        assert_eq!(
            (mean.value, mean.unit, mean.rows),
            (0.02, Unit::Seconds, Some(16))
        );
        assert_eq!(found.system, "pytest-benchmark 5.1.0");
    }
}
