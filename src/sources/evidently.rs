//! Evidently: the snapshot of a report (`Report.run(...).json()`, `evidently report`).

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "evidently",
    title: "Evidently",
    summary: "The JSON of a report. Numbers by the name of the metric, `Accuracy(classification_name=default)`, with the path in it where there are several: `DriftedColumnsCount(…).share`.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "written by Evidently 0.7.23",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Snapshot {
    metrics: Vec<Metric>,
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Metric {
    metric_name: String,
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
struct Test {
    name: String,
    status: String,
    #[serde(default)]
    description: Option<String>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let snapshot: Snapshot = json::parse(content.bytes)?;
    let mut recording = Recording::by("Evidently");
    for metric in snapshot.metrics {
        for (path, number) in json::numbers(&metric.value)? {
            let name = match path.as_str() {
                "" => metric.metric_name.clone(),
                path => format!("{}.{path}", metric.metric_name),
            };
            recording.metrics.push(RecordedMetric::new(name, number));
        }
    }
    for test in snapshot.tests {
        recording.verdicts.push(RecordedVerdict {
            outcome: said(&test.status),
            name: test.name,
            message: test.description,
        });
    }
    if recording.metrics.is_empty() && recording.verdicts.is_empty() {
        return Err("it is a report without metrics and tests".to_owned());
    }
    Ok(recording)
}

/// The states of a test in `evidently.core.tests`; what is unknown has not passed.
fn said(status: &str) -> Said {
    match status {
        "SUCCESS" => Said::Passed,
        "WARNING" => Said::Warned,
        "FAIL" => Said::Failed,
        "SKIPPED" => Said::Skipped,
        _ => Said::Errored,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::Said;

    #[test]
    fn the_snapshot_of_a_report_is_read_as_it_says() {
        let content = Content {
            name: "snapshot.json",
            bytes: include_bytes!("../../fixtures/sources/evidently/snapshot.json"),
        };
        let recording = parse(&content).expect("a snapshot");
        let value = |name: &str| recording.metric(name, None).map(|metric| metric.value);
        assert_eq!(value("Accuracy(classification_name=default)"), Some(0.915));
        let share = "DriftedColumnsCount(columns=f0,sex,drift_share=0.5).share";
        assert_eq!(value(share), Some(0.0));
        let failed: Vec<&str> = recording
            .verdicts
            .iter()
            .filter(|verdict| verdict.outcome == Said::Failed)
            .map(|verdict| verdict.name.as_str())
            .collect();
        assert_eq!(
            failed,
            [
                "F1 score metric: Greater or Equal 0.990",
                "LogLoss metric: Less or Equal 0.200"
            ]
        );
        assert_eq!(recording.verdicts.len(), 8);
    }

    #[test]
    fn nan_is_not_a_number_and_an_unknown_state_has_not_passed() {
        let text = br#"{"metrics": [{"metric_name": "Recall()", "value": NaN}], "tests": [{"name": "a", "status": "ODD"}]}"#;
        let content = Content {
            name: "snapshot.json",
            bytes: text,
        };
        let recording = parse(&content).expect("a snapshot");
        assert!(recording.metrics[0].value.is_nan());
        assert_eq!(recording.verdicts[0].outcome, Said::Errored);
    }
}
