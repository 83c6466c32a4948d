//! Arize: monitors as its GraphQL API gives them, or the spans an export wrote with their evaluations.
//!
//! A monitor is a verdict and its latest value. Of exported spans the numbers are the scores of evaluations
//! by their name (`eval.NAME.score`), `latency_ms` and the counts of tokens, case by case. A table of
//! predictions is no recording: `gate.candidate` reads it.

use serde::Deserialize;
use serde_json::Value;

use super::answers::{Answers, check_size, identity};
use super::{Asked, Gives, Read, Reader, Source, SourceError, json};
use crate::engines::Columns;
use crate::evidence::Unit;
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "arize",
    title: "Arize",
    summary: "`.json` of monitors: the reply of the GraphQL API to a question for the `monitors` of a model or space with `name`, `status` and `latestComputedValue`, or a list of them; each is a verdict and its latest value by its name. Or `.parquet` or `.csv` of exported spans: the scores of `eval.NAME.score` as `NAME`, `latency_ms`, `prompt_token_count`, `completion_token_count`, paired by `attributes.input.value`. Predictions that were exported are for `gate.candidate`.",
    gives: &[Gives::Metrics, Gives::Cases, Gives::Verdicts],
    reference: "written after the GraphQL API of Arize and the export of its client 8",
    read: Reader::Own(read),
};

/// Monitors read of one file.
const MONITORS_MAX: usize = 100_000;

/// What a span was asked, which is the same for both models.
const INPUT: &str = "attributes.input.value";

/// Numbers of a span besides its evaluations: the column and the name.
const NUMBERS: [(&str, &str); 3] = [
    ("latency_ms", "latency_ms"),
    ("attributes.llm.token_count.prompt", "prompt_token_count"),
    (
        "attributes.llm.token_count.completion",
        "completion_token_count",
    ),
];

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct Data {
    node: Option<Node>,
}

#[derive(Deserialize)]
struct Node {
    monitors: Connection,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    edges: Vec<Edge>,
    #[serde(default)]
    page_info: Option<PageInfo>,
    #[serde(default)]
    total_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Deserialize)]
struct Edge {
    node: Monitor,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Monitor {
    name: String,
    /// `triggered`, `cleared` or `noData`.
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    is_triggered: Option<bool>,
    #[serde(default)]
    latest_computed_value: Value,
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let malformed = |problem: String| asked.malformed(SOURCE.title, problem);
    if asked.locator.ends_with(".json") {
        let (bytes, input) = asked.content()?;
        return Ok(Read {
            recording: monitors(&bytes).map_err(malformed)?,
            inputs: vec![input],
        });
    }
    let (columns, input) = asked.columns(asked.locator, None)?;
    Ok(Read {
        recording: spans(asked, &columns)?,
        inputs: vec![input],
    })
}

fn monitors(bytes: &[u8]) -> Result<Recording, String> {
    let value: Value = json::parse(bytes)?;
    let mut recording = Recording::by("Arize");
    let monitors: Vec<Monitor> = match value.is_array() {
        true => Vec::deserialize(&value)
            .map_err(|error| format!("it is not a list of monitors: {error}"))?,
        false => {
            let connection = connection(&value)?;
            let pages = connection.page_info.as_ref();
            let is_partial = pages.is_some_and(|pages| pages.has_next_page)
                || connection
                    .total_count
                    .is_some_and(|all| (connection.edges.len() as u64) < all);
            if is_partial {
                let partial = "it is one page of several";
                recording.shortfalls.push(partial.to_owned());
            }
            connection.edges.into_iter().map(|edge| edge.node).collect()
        }
    };
    if monitors.is_empty() || MONITORS_MAX < monitors.len() {
        let count = monitors.len();
        return Err(format!(
            "there are {count} monitors in it, expected 1 to {MONITORS_MAX}"
        ));
    }
    for monitor in monitors {
        if let Some(value) = json::number(&monitor.latest_computed_value) {
            let metric = RecordedMetric::new(&monitor.name, value);
            recording.metrics.push(metric);
        }
        recording.verdicts.push(RecordedVerdict {
            outcome: outcome(&monitor)?,
            name: monitor.name,
            message: None,
        });
    }
    Ok(recording)
}

fn connection(value: &Value) -> Result<Connection, String> {
    let reply = Reply::deserialize(value)
        .map_err(|error| format!("it is not a reply with the monitors of a node: {error}"))?;
    if !reply.errors.is_empty() {
        return Err("it is a reply with `errors`".to_owned());
    }
    let node = reply.data.and_then(|data| data.node);
    let node = node.ok_or_else(|| "there is no node with monitors in it".to_owned())?;
    Ok(node.monitors)
}

fn outcome(monitor: &Monitor) -> Result<Said, String> {
    match (monitor.status.as_deref(), monitor.is_triggered) {
        (Some("triggered"), _) | (None, Some(true)) => Ok(Said::Failed),
        (Some("cleared"), Some(false) | None) | (None, Some(false)) => Ok(Said::Passed),
        (Some("noData"), _) => Ok(Said::Errored),
        (status, _) => Err(format!(
            "monitor `{}` has the status `{}`, expected `triggered`, `cleared` or `noData`, and `isTriggered` to agree",
            monitor.name,
            status.unwrap_or_default()
        )),
    }
}

fn spans(asked: &Asked<'_>, columns: &Columns) -> Result<Recording, SourceError> {
    let malformed = |problem: String| asked.malformed(SOURCE.title, problem);
    let names = columns.names();
    let evaluation = |name: &String| {
        let evaluation = name.strip_prefix("eval.")?.strip_suffix(".score")?;
        Some((name.clone(), evaluation.to_owned()))
    };
    let evaluations: Vec<(String, String)> = names.iter().filter_map(evaluation).collect();
    if columns.rows() == 0 || evaluations.is_empty() {
        let problem = "there is no span with a column `eval.NAME.score` in it; predictions are read by `gate.candidate`";
        return Err(malformed(problem.to_owned()));
    }
    check_size(columns.rows(), evaluations.len() + NUMBERS.len()).map_err(malformed)?;
    let inputs = columns.texts(INPUT)?;
    let ids: Vec<String> = inputs
        .into_iter()
        .map(|input| identity(&input.unwrap_or_default()))
        .collect();
    let mut recording = Recording::by("Arize");
    let mut answers = Answers::default();
    for (column, name) in &evaluations {
        let scores = columns.numbers(column)?;
        let without = scores.iter().filter(|score| !score.is_finite()).count();
        if 0 < without {
            let all = scores.len();
            let why = format!("{without} of {all} spans have no score of `{name}`");
            recording.shortfalls.push(why);
        }
        for (id, score) in ids.iter().zip(scores) {
            answers.add(name, id, score).map_err(malformed)?;
        }
    }
    let known = |column: &str| names.iter().any(|name| name == column);
    for (column, name) in NUMBERS.into_iter().filter(|(column, _)| known(column)) {
        for (id, number) in ids.iter().zip(columns.numbers(column)?) {
            answers.add(name, id, number).map_err(malformed)?;
        }
        answers.describe(name, Direction::LowerIsBetter, Unit::Number);
    }
    answers.record(&mut recording).map_err(malformed)?;
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{SOURCE, monitors};
    use crate::io::World;
    use crate::recorded::{Recording, Said};
    use crate::sources::{Asked, SourceError};

    /// The shape of the reference of the API; no server of Arize can run here.
    const REPLY: &str = r#"{"data": {"node": {"monitors": {"totalCount": 3, "edges": [
        {"node": {"id": "TW9u", "name": "auc", "status": "cleared", "isTriggered": false, "latestComputedValue": 0.92}},
        {"node": {"id": "TW9v", "name": "psi of age", "status": "triggered", "isTriggered": true, "latestComputedValue": 0.31}},
        {"node": {"id": "TW9w", "name": "nulls", "status": "noData", "isTriggered": false, "latestComputedValue": null}}]}}}}"#;

    #[test]
    fn monitors_are_verdicts_with_their_latest_values() {
        let recording = monitors(REPLY.as_bytes()).expect("monitors");
        let outcomes = recording.verdicts.iter().map(|verdict| verdict.outcome);
        let outcomes: Vec<Said> = outcomes.collect();
        assert_eq!(outcomes, [Said::Passed, Said::Failed, Said::Errored]);
        let auc = recording.metric("auc", None).expect("a value");
        assert_eq!(auc.value, 0.92);
        assert_eq!(recording.metrics.len(), 2);
        assert_eq!(recording.shortfalls, Vec::<String>::new());
        let page = monitors(
            REPLY
                .replace("\"totalCount\": 3", "\"totalCount\": 70")
                .as_bytes(),
        );
        assert_eq!(
            page.expect("monitors").shortfalls,
            ["it is one page of several"]
        );
        let list = br#"[{"name": "auc", "isTriggered": true}]"#;
        let list = monitors(list).expect("monitors");
        assert_eq!(list.verdicts[0].outcome, Said::Failed);
    }

    #[test]
    fn what_says_nothing_of_a_monitor_is_refused() {
        for text in [
            "{}",
            "[]",
            r#"{"errors": [{"message": "x"}], "data": null}"#,
            r#"{"data": {"node": null}}"#,
            r#"[{"name": "auc"}]"#,
            r#"[{"name": "auc", "status": "muted"}]"#,
            r#"[{"name": "auc", "status": "cleared", "isTriggered": true}]"#,
        ] {
            assert!(monitors(text.as_bytes()).is_err(), "{text}");
        }
    }

    fn exported(text: &str) -> Result<Recording, SourceError> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("spans.csv"), text).expect("writes");
        let world = World::with(BTreeMap::new(), chrono::Utc::now);
        let read = SOURCE.read(&Asked {
            world: &world,
            root: folder.path(),
            locator: "spans.csv",
            server: None,
            metrics: &[],
        })?;
        Ok(read.recording)
    }

    #[test]
    fn evaluations_of_spans_are_numbers_case_by_case() {
        let recording = exported(
            "context.span_id,attributes.input.value,latency_ms,eval.Correct.label,eval.Correct.score\n\
             a,what,100,yes,1\nb,who,300,no,0\n",
        )
        .expect("spans");
        let correct = recording.metric("Correct", None).expect("a mean");
        assert_eq!((correct.value, correct.rows), (0.5, Some(2)));
        assert!(
            recording
                .metric("latency_ms", None)
                .is_some_and(|metric| metric.value == 200.0)
        );
        let without =
            exported("attributes.input.value,eval.Correct.score\nwhat,1\nwho,\n").expect("spans");
        assert_eq!(
            without.shortfalls,
            ["1 of 2 spans have no score of `Correct`"]
        );
        assert_eq!(without.metric("Correct", None), None);
        let predictions =
            exported("prediction_id,prediction_score\na,0.5\n").expect_err("no spans");
        assert!(
            predictions.to_string().contains("`gate.candidate`"),
            "{predictions}"
        );
    }
}
