//! Fiddler: the records of an alert rule as the REST API gives them
//! (`GET /v2/alert-configs/RULE/records`).

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "fiddler",
    title: "Fiddler",
    summary: "The records of an alert rule, as the REST API gives them: a verdict for each window of time, `alert_value` of the latest window.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "the client of Fiddler 3.14",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Reply {
    data: Page,
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Record>,
    #[serde(default)]
    page_count: Option<u64>,
    #[serde(default)]
    page_index: Option<u64>,
}

#[derive(Deserialize)]
struct Record {
    is_alert: bool,
    #[serde(default)]
    severity: Option<String>,
    #[serde(default)]
    alert_value: Value,
    alert_time_bucket: i64,
    #[serde(default)]
    feature_name: Option<String>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let reply: Reply = json::parse(content.bytes)?;
    if reply.kind.as_deref() == Some("ERROR") {
        return Err("it is an error, not a list of records".to_owned());
    }
    let mut recording = Recording::by("Fiddler");
    if reply.data.page_count.is_some_and(|pages| 1 < pages)
        || 1 < reply.data.page_index.unwrap_or(1)
    {
        let partial = "it is one page of several";
        recording.shortfalls.push(partial.to_owned());
    }
    let latest = reply
        .data
        .items
        .iter()
        .max_by_key(|record| record.alert_time_bucket);
    if let Some(value) = latest.and_then(|record| json::number(&record.alert_value)) {
        recording
            .metrics
            .push(RecordedMetric::new("alert_value", value));
    }
    for record in reply.data.items {
        let feature = record.feature_name.unwrap_or_default();
        let window = record.alert_time_bucket;
        recording.verdicts.push(RecordedVerdict {
            name: match feature.as_str() {
                "" => format!("window {window}"),
                feature => format!("{feature}, window {window}"),
            },
            outcome: match (record.is_alert, record.severity.as_deref()) {
                (false, _) => Said::Passed,
                (true, Some("WARNING")) => Said::Warned,
                (true, _) => Said::Failed,
            },
            message: None,
        });
    }
    if recording.verdicts.is_empty() {
        return Err("there are no records in it".to_owned());
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::Said;

    #[test]
    fn records_are_verdicts_of_windows() {
        let text = br#"{"data": {"page_count": 2, "items": [
            {"is_alert": true, "severity": "CRITICAL", "alert_value": 0.31, "feature_name": "age", "alert_time_bucket": 2},
            {"is_alert": true, "severity": "WARNING", "alert_value": 0.2, "feature_name": "age", "alert_time_bucket": 1},
            {"is_alert": false, "severity": null, "alert_value": 0.1, "alert_time_bucket": 0}]},
            "api_version": "2.0", "kind": "PAGINATED"}"#;
        let content = Content {
            name: "records.json",
            bytes: text,
        };
        let recording = parse(&content).expect("records");
        let outcomes: Vec<_> = recording
            .verdicts
            .iter()
            .map(|verdict| verdict.outcome)
            .collect();
        assert_eq!(outcomes, [Said::Failed, Said::Warned, Said::Passed]);
        assert_eq!(recording.metrics[0].value, 0.31);
        assert_eq!(recording.shortfalls.len(), 1);
    }
}
