//! Deepchecks: the result of a suite (`SuiteResult.to_json(with_display=False)`).

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "deepchecks",
    title: "Deepchecks",
    summary: "The JSON of a suite. Numbers by the header of the check and the path in its value, `ROC Report - Test Dataset.1.0`; scores of a table by the metric, `Train Test Performance.F1`, on slices `Dataset=Test,Class=1`.",
    gives: &[Gives::Metrics, Gives::Slices, Gives::Verdicts],
    reference: "written by Deepchecks 0.19.1",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Suite {
    name: String,
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Outcome {
    CheckResult {
        check: Check,
        #[serde(default)]
        header: Option<String>,
        #[serde(default)]
        value: Value,
        #[serde(default)]
        conditions_results: Option<Vec<Condition>>,
    },
    CheckFailure {
        check: Check,
        #[serde(default)]
        header: Option<String>,
        #[serde(default)]
        exception: Option<String>,
    },
}

#[derive(Deserialize)]
struct Check {
    name: String,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "Status")]
    status: String,
    #[serde(rename = "Condition")]
    condition: String,
    #[serde(rename = "More Info", default)]
    more: Option<String>,
}

/// One row of a table of scores.
#[derive(Deserialize)]
struct Score {
    #[serde(rename = "Metric")]
    metric: String,
    #[serde(rename = "Value")]
    value: Value,
    #[serde(rename = "Number of samples", default)]
    rows: Option<u64>,
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let suite: Suite = json::parse(content.bytes)?;
    let mut recording = Recording {
        run: Some(suite.name),
        ..Recording::by("Deepchecks")
    };
    if suite.results.is_empty() {
        return Err("it is a suite without results".to_owned());
    }
    for outcome in suite.results {
        match outcome {
            Outcome::CheckResult {
                check,
                header,
                value,
                conditions_results,
            } => {
                let header = header.unwrap_or(check.name);
                numbers(&header, value, &mut recording.metrics)?;
                for condition in conditions_results.unwrap_or_default() {
                    recording.verdicts.push(RecordedVerdict {
                        name: format!("{header}: {}", condition.condition),
                        outcome: said(&condition.status),
                        message: condition.more,
                    });
                }
            }
            Outcome::CheckFailure {
                check,
                header,
                exception,
            } => recording.verdicts.push(RecordedVerdict {
                name: header.unwrap_or(check.name),
                outcome: Said::Errored,
                message: exception,
            }),
        }
    }
    Ok(recording)
}

fn said(status: &str) -> Said {
    match status {
        "PASS" => Said::Passed,
        "WARN" => Said::Warned,
        "FAIL" => Said::Failed,
        _ => Said::Errored,
    }
}

/// The numbers of a check. Its value may be JSON in a text, and parts of it compressed; those are of
/// displays and left out.
fn numbers(header: &str, value: Value, metrics: &mut Vec<RecordedMetric>) -> Result<(), String> {
    let value = match &value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(value),
        _ => value,
    };
    if let Ok(scores) = Vec::<Score>::deserialize(&value) {
        for score in scores {
            let Some(number) = json::number(&score.value) else {
                continue;
            };
            let parts: Vec<String> = score.others.iter().map(part).collect();
            let mut metric = RecordedMetric::new(format!("{header}.{}", score.metric), number);
            metric.slice = (!parts.is_empty()).then(|| parts.join(","));
            metric.rows = score.rows;
            metrics.push(metric);
        }
        return Ok(());
    }
    for (path, number) in json::numbers(&value)? {
        if path.split('.').any(|part| part == "comp" || part == "txt") {
            continue;
        }
        let name = match path.as_str() {
            "" => header.to_owned(),
            path => format!("{header}.{path}"),
        };
        metrics.push(RecordedMetric::new(name, number));
    }
    Ok(())
}

/// `Dataset=Test`; whole numbers without a fraction, as classes are called elsewhere.
fn part((name, value): (&String, &Value)) -> String {
    match value {
        Value::String(text) => format!("{name}={text}"),
        value => match value.as_f64() {
            Some(number) => format!("{name}={number}"),
            None => format!("{name}={value}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::{Recording, Said};

    fn suite() -> Recording {
        let content = Content {
            name: "suite.json",
            bytes: include_bytes!("../../fixtures/sources/deepchecks/suite.json"),
        };
        parse(&content).expect("a suite")
    }

    #[test]
    fn conditions_are_verdicts_and_values_numbers() {
        let recording = suite();
        assert_eq!(recording.run.as_deref(), Some("Model Evaluation Suite"));
        let auc = recording.metric("ROC Report - Test Dataset.1.0", None);
        assert_eq!(
            auc.map(|metric| metric.value),
            Some(0.971_124_449_779_911_9)
        );
        let slice = Some("Class=0,Dataset=Train");
        let f1 = recording.metric("Train Test Performance.F1", slice);
        let f1 = f1.expect("a score on a slice");
        assert_eq!((f1.value, f1.rows), (0.912_579_957_4, Some(225)));
        let count = |outcome: Said| {
            let verdicts = recording.verdicts.iter();
            verdicts
                .filter(|verdict| verdict.outcome == outcome)
                .count()
        };
        assert!(2 <= count(Said::Warned));
        assert!(4 <= count(Said::Passed));
    }
}
