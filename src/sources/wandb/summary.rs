//! The summary of a run as JSON.

use serde_json::{Map, Value};

use crate::recorded::{RecordedMetric, Recording};
use crate::sources::json;

/// The summary of a run, from the file it leaves.
///
/// # Errors
/// A sentence.
pub(super) fn parse(bytes: &[u8]) -> Result<Recording, String> {
    const EXPECTED: &str = "expected `run-ID.wandb` or `wandb-summary.json`, an object with `_step`, `_runtime` or `_wandb`";
    let summary: Map<String, Value> =
        json::parse(bytes).map_err(|problem| format!("{problem}; {EXPECTED}"))?;
    if !["_step", "_runtime", "_timestamp", "_wandb"]
        .iter()
        .any(|key| summary.contains_key(*key))
    {
        return Err(format!("it is no summary of a run; {EXPECTED}"));
    }
    let mut recording = Recording::by(super::TITLE);
    recording.metrics = metrics(summary)?;
    if recording.metrics.is_empty() {
        return Err("the summary holds no numbers".to_owned());
    }
    Ok(recording)
}

/// The numbers of a summary but for those wandb keeps for itself.
pub(super) fn metrics(summary: Map<String, Value>) -> Result<Vec<RecordedMetric>, String> {
    let mut metrics = Vec::new();
    for (name, value) in summary {
        match value {
            // What is not finite is written as null.
            Value::Null => metrics.push(RecordedMetric::new(name, f64::NAN)),
            _ if name.starts_with('_') => {}
            value => metrics.extend(json::numbers(&value)?.into_iter().map(|(path, number)| {
                let name = match path.as_str() {
                    "" => name.clone(),
                    path => format!("{name}.{path}"),
                };
                RecordedMetric::new(name, number)
            })),
        }
    }
    Ok(metrics)
}
