//! OpenAI evals: the JSON Lines log of `oaieval`, with its final report.
//!
//! The final report may stand before the last events, which are written when the program ends. Names are
//! those of the report (`accuracy`, `boostrap_std`, as it is spelt there) and of `metrics` events. The
//! `boostrap_std` is of halves of the samples, and no standard error of the accuracy.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::answers::Answers;
use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedDataset, RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "openai_evals",
    title: "OpenAI evals",
    summary: "The `.jsonl` log of `oaieval` (`--record_path`). Numbers are those of its final report, `accuracy`; cases are its `match` and `metrics` events, paired by `sample_id`.",
    gives: &[Gives::Metrics, Gives::Cases, Gives::Verdicts],
    reference: "the event log of OpenAI evals, `evals/record.py`",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Line {
    spec: Option<Spec>,
    final_report: Option<Value>,
    sample_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    data: Option<Value>,
}

#[derive(Deserialize)]
struct Spec {
    eval_name: String,
    run_id: Option<String>,
    #[serde(default)]
    completion_fns: Vec<Value>,
    #[serde(default)]
    run_config: BTreeMap<String, Value>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let lines: Vec<Line> = json::parse_lines(content.bytes)?;
    let spec = lines.iter().find_map(|line| line.spec.as_ref());
    let spec = spec.ok_or("there is no line with `spec` in it, which begins a log of `oaieval`")?;
    let mut recording = Recording {
        run: spec.run_id.clone(),
        ..Recording::by("OpenAI evals")
    };
    recording.datasets.push(RecordedDataset {
        name: spec.eval_name.clone(),
        digest: None,
    });
    for function in &spec.completion_fns {
        let name = function
            .as_str()
            .map_or_else(|| function.to_string(), str::to_owned);
        recording
            .parameters
            .push(("completion_fn".to_owned(), name));
    }
    let reports: Vec<&Value> = lines
        .iter()
        .filter_map(|line| line.final_report.as_ref())
        .collect();
    match reports.as_slice() {
        [] => recording
            .shortfalls
            .push("it has no final report: the run did not end".to_owned()),
        [report] => recording.metrics = metrics(report),
        several => {
            return Err(format!(
                "there are {} final reports in it; one log is of one run",
                several.len()
            ));
        }
    }
    let mut answers = Answers::default();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut judged: BTreeSet<&str> = BTreeSet::new();
    let mut errors = 0_u64;
    for line in &lines {
        let (Some(id), Some(kind)) = (&line.sample_id, &line.kind) else {
            continue;
        };
        let data = line.data.as_ref().unwrap_or(&Value::Null);
        seen.insert(id);
        match kind.as_str() {
            "match" => {
                judged.insert(id);
                recording.verdicts.push(matched(id, data, &mut answers)?);
            }
            "metrics" => {
                judged.insert(id);
                for (name, value) in data.as_object().into_iter().flatten() {
                    if let Some(value) = flag_or_number(value) {
                        answers.add(name, id, value)?;
                    }
                }
            }
            "error" => errors += 1,
            _ => {}
        }
    }
    if 0 < errors {
        recording
            .shortfalls
            .push(format!("{errors} errors were logged"));
    }
    let without = seen.difference(&judged).count();
    if 0 < without {
        recording.shortfalls.push(format!(
            "{without} of {} samples have no result",
            seen.len()
        ));
    }
    let limit = spec.run_config.get("max_samples");
    if let Some(limit) = limit.filter(|limit| !limit.is_null()) {
        recording.shortfalls.push(format!(
            "only some samples were run: `max_samples` is {limit}"
        ));
    }
    answers.describe("accuracy", Direction::HigherIsBetter, Unit::Fraction);
    answers.record(&mut recording)?;
    Ok(recording)
}

fn matched(id: &str, data: &Value, answers: &mut Answers) -> Result<RecordedVerdict, String> {
    let correct = data.get("correct").and_then(Value::as_bool);
    let value = correct.map_or(f64::NAN, |correct| f64::from(u8::from(correct)));
    answers.add("accuracy", id, value)?;
    Ok(RecordedVerdict {
        name: id.to_owned(),
        outcome: match correct {
            Some(true) => Said::Passed,
            Some(false) => Said::Failed,
            None => Said::Errored,
        },
        message: None,
    })
}

fn metrics(report: &Value) -> Vec<RecordedMetric> {
    let numbers = report.as_object().into_iter().flatten();
    numbers
        .filter_map(|(name, value)| {
            let metric = RecordedMetric::new(name, flag_or_number(value)?);
            Some(match name.as_str() {
                "accuracy" => metric.direction(Direction::HigherIsBetter),
                _ => metric,
            })
        })
        .collect()
}

fn flag_or_number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        value => json::number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::recorded::{RecordedVerdict, Recording, Said};

    const SAMPLE: &str = include_str!("../../fixtures/sources/openai_evals/log.jsonl");

    fn of(text: &str) -> Result<Recording, String> {
        parse(&Content {
            name: "log.jsonl",
            bytes: text.as_bytes(),
        })
    }

    #[test]
    fn the_report_gives_the_numbers_and_the_events_the_cases() {
        let recording = of(SAMPLE).expect("a log");
        assert_eq!(recording.shortfalls, Vec::<String>::new());
        let metric = recording.metric("accuracy", None).expect("a number");
        assert_eq!(metric.value, 0.5);
        let wrong = |verdict: &&RecordedVerdict| verdict.outcome == Said::Failed;
        let wrong: Vec<_> = recording.verdicts.iter().filter(wrong).collect();
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].name, "toy.dev.1");
        let cases = recording.cases.expect("cases");
        let column = cases.column("accuracy").expect("a column");
        assert_eq!(column.of_case().get("toy.dev.0"), Some(&1.0));
    }

    #[test]
    fn a_log_that_breaks_off_is_no_whole_run() {
        let lines = SAMPLE.lines().filter(|line| !line.contains("final_report"));
        let lines: Vec<&str> = lines.collect();
        let recording = of(&lines[..4].join("\n")).expect("a log");
        assert_eq!(
            recording.shortfalls,
            [
                "it has no final report: the run did not end",
                "1 of 2 samples have no result"
            ]
        );
        let error = r#"{"sample_id": "toy.dev.1", "type": "error", "data": {"type": "x"}}"#;
        let recording = of(&format!("{SAMPLE}{error}\n")).expect("a log");
        assert_eq!(recording.shortfalls, ["1 errors were logged"]);
        let limited = SAMPLE.replace("\"max_samples\": null", "\"max_samples\": 2");
        assert!(of(&limited).expect("a log").shortfalls[0].contains("max_samples"));
    }

    #[test]
    fn other_lines_and_two_logs_are_refused() {
        assert!(of("{\"a\": 1}\n").is_err());
        assert!(of(&format!("{SAMPLE}{SAMPLE}")).is_err());
    }
}
