//! A result frame of `mlflow.genai.evaluate`, as `result.result_df.to_json(orient="records")` writes it.
//!
//! A column `SCORER/value` is a metric `SCORER/mean`, as the run calls it. A case is known by the SHA-256
//! of its request: the id of its trace is another one in every run.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Asked, ENTRIES_MAX, Read, SourceError, TITLE};
use crate::evidence::Sha256;
use crate::recorded::{Cases, Recording};
use crate::sources::json;

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "trace_id")]
    _trace: String,
    #[serde(default)]
    state: Option<String>,
    request: Value,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

pub(super) fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let (bytes, input) = asked.content()?;
    let recording = parse(&bytes).map_err(|problem| asked.malformed(TITLE, problem))?;
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

fn parse(bytes: &[u8]) -> Result<Recording, String> {
    let rows: Vec<Row> = json::parse(bytes).map_err(|problem| {
        format!("{problem}; expected the rows of a result frame with `trace_id` and `request`")
    })?;
    if rows.is_empty() || ENTRIES_MAX < rows.len() {
        return Err(format!(
            "there are {} rows in it, expected 1 to {ENTRIES_MAX} of a result frame",
            rows.len()
        ));
    }
    let mut recording = Recording::by(super::TITLE);
    let failed = |row: &&Row| row.state.as_deref().is_some_and(|state| state != "OK");
    let failed = rows.iter().filter(failed).count();
    if 0 < failed {
        let why = format!("{failed} of {} traces are not in the state OK", rows.len());
        recording.shortfalls.push(why);
    }
    let ids = rows
        .iter()
        .map(|row| Sha256::of(row.request.to_string().as_bytes()).to_string())
        .collect();
    let mut columns: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for key in rows.iter().flat_map(|row| row.rest.keys()) {
        if let Some(scorer) = key.strip_suffix("/value")
            && !columns.contains_key(scorer)
        {
            let values = rows.iter().map(|row| row.rest.get(key).and_then(score));
            // A column of texts is no score: an expected answer.
            if values.clone().any(|value| value.is_some()) {
                let values = values.map(|value| value.unwrap_or(f64::NAN)).collect();
                columns.insert(scorer, values);
            }
        }
    }
    if columns.is_empty() {
        return Err("no column `SCORER/value` of it holds numbers".to_owned());
    }
    let cases = columns
        .into_iter()
        .try_fold(Cases::new(ids), |cases, (scorer, values)| {
            cases.with(format!("{scorer}/mean"), values)
        })
        .map_err(|error| error.to_string())?;
    recording.cases = Some(cases);
    Ok(recording)
}

/// The number MLflow averages: yes and true count 1, no and false 0.
fn score(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) if text == "yes" => Some(1.0),
        Value::String(text) if text == "no" => Some(0.0),
        other => json::number(other),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn scores_are_numbers_case_by_case() {
        let bytes = include_bytes!("../../../fixtures/sources/mlflow/genai_result_df.json");
        let recording = parse(bytes).expect("a result frame");
        let cases = recording.cases.expect("cases");
        let sums = |name: &str| cases.column(name).expect(name).values().iter().sum::<f64>();
        // The run's own metrics: exact_match/mean 0.5, length/mean 3.0.
        assert_eq!(sums("exact_match/mean"), 1.0);
        assert_eq!(sums("length/mean"), 6.0);
        assert_eq!(sums("verdict/mean"), 1.0);
        assert!(
            cases
                .column("expected_response/mean")
                .is_none_or(|column| 0 < column.without())
        );
        assert!(recording.shortfalls.is_empty());
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for bytes in [
            &b"[]"[..],
            b"{}",
            b"null",
            b"[{\"trace_id\": \"a\"}]",
            b"[{\"trace_id\": \"a\", \"request\": 1, \"x/value\": \"text\"}]",
        ] {
            assert!(parse(bytes).is_err());
        }
    }
}
