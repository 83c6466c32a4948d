//! k6: the end of a load test, as `--summary-export` or `handleSummary` writes it. It writes milliseconds.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "k6",
    title: "k6",
    summary: "The file of `--summary-export`, or `data` of `handleSummary` as JSON; times in seconds: `http_req_duration.p(95)`, `http_req_failed.value`, `iterations.rate`; thresholds are verdicts: `http_req_duration: p(95)<500`.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "written by k6 1.8; issue 1498 of k6 on the sense of thresholds",
    read: Reader::File(parse),
};

const MILLISECONDS: f64 = 1e3;

/// Trends that are times although the export does not say so: those k6 measures itself.
const TIMES: [&str; 7] = [
    "http_req_",
    "iteration_duration",
    "group_duration",
    "grpc_req_duration",
    "ws_connecting",
    "ws_ping",
    "ws_session_duration",
];

#[derive(Deserialize)]
struct Summary {
    metrics: BTreeMap<String, Map<String, Value>>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let summary: Summary = json::parse(content.bytes)?;
    let mut recording = Recording::by("k6");
    for (name, metric) in &summary.metrics {
        let values = match metric.get("values") {
            Some(Value::Object(values)) => values,
            Some(_) | None => metric,
        };
        let is_time = is_time(name, metric, values);
        for (what, value) in values {
            let Some(number) = json::number(value) else {
                continue;
            };
            let found = |number| RecordedMetric::new(format!("{name}.{what}"), number);
            recording.metrics.push(match is_time {
                true => found(number / MILLISECONDS)
                    .unit(Unit::Seconds)
                    .direction(Direction::LowerIsBetter),
                false => found(number),
            });
        }
        if let Some(Value::Object(thresholds)) = metric.get("thresholds") {
            let verdicts = thresholds.iter();
            recording
                .verdicts
                .extend(verdicts.map(|(threshold, said)| RecordedVerdict {
                    name: format!("{name}: {threshold}"),
                    outcome: outcome(said),
                    message: None,
                }));
        }
    }
    if recording.metrics.is_empty() {
        return Err("there are no `metrics` in it".to_owned());
    }
    Ok(recording)
}

/// Whether values are times. Rates and counters have none; a submetric is called `name{tag:value}`.
fn is_time(name: &str, metric: &Map<String, Value>, values: &Map<String, Value>) -> bool {
    match metric.get("contains") {
        Some(contains) => contains == "time",
        None => values.contains_key("avg") && TIMES.iter().any(|time| name.starts_with(time)),
    }
}

/// The export says whether a threshold was crossed, the summary whether it is fine.
fn outcome(said: &Value) -> Said {
    match (said, said.get("ok")) {
        (Value::Bool(false), _) | (_, Some(Value::Bool(true))) => Said::Passed,
        (Value::Bool(true), _) | (_, Some(Value::Bool(false))) => Said::Failed,
        (_, _) => Said::Errored,
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, parse};
    use crate::evidence::Unit;
    use crate::recorded::{Recording, Said};

    fn read(bytes: &[u8]) -> Recording {
        let content = Content {
            name: "summary.json",
            bytes,
        };
        parse(&content).expect("a summary")
    }

    #[test]
    fn milliseconds_become_seconds_in_both_forms() {
        let export = read(br#"{"metrics": {"http_req_duration": {"avg": 120.5, "p(95)": 250, "thresholds": {"p(95)<200": true}}, "http_req_failed": {"passes": 0, "fails": 10, "value": 0}, "queue": {"avg": 3}}}"#);
        let summary = read(br#"{"metrics": {"http_req_duration": {"type": "trend", "contains": "time", "values": {"avg": 120.5, "p(95)": 250}, "thresholds": {"p(95)<200": {"ok": false}}}, "queue": {"type": "trend", "contains": "default", "values": {"avg": 3}}}}"#);
        for found in [export, summary] {
            let p95 = found
                .metric("http_req_duration.p(95)", None)
                .expect("a time");
            assert_eq!((p95.value, p95.unit), (0.25, Unit::Seconds));
            let queue = found.metric("queue.avg", None).expect("a number");
            assert_eq!((queue.value, queue.unit), (3.0, Unit::Number));
            assert_eq!(found.verdicts[0].outcome, Said::Failed);
            assert_eq!(found.verdicts[0].name, "http_req_duration: p(95)<200");
        }
    }
}
