//! What `json_format.MessageToDict` makes of a validation, and the metrics on slices as a list.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::{LEVEL, TITLE, Validated, verdicts};
use crate::recorded::{RecordedMetric, Recording, Uncertainty};
use crate::sources::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Validation {
    #[serde(default)]
    validation_ok: bool,
    #[serde(default)]
    rubber_stamp: bool,
    #[serde(default)]
    metric_validations_per_slice: Vec<OfSlice>,
    #[serde(default)]
    missing_slices: Vec<Value>,
    validation_details: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default)]
    slicing_details: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfSlice {
    #[serde(default)]
    slice_key: SliceKey,
    #[serde(default)]
    failures: Vec<Failure>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SliceKey {
    #[serde(default)]
    single_slice_keys: Vec<SingleKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SingleKey {
    column: String,
    #[serde(default)]
    bytes_value: Option<String>,
    #[serde(default)]
    float_value: Option<Value>,
    #[serde(default)]
    int64_value: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    metric_key: MetricKey,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct MetricKey {
    name: String,
}

#[derive(Deserialize)]
struct Sliced {
    slice: Vec<(String, Value)>,
    metrics: BTreeMap<String, MetricValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricValue {
    #[serde(default)]
    double_value: Option<Value>,
    #[serde(default)]
    bounded_value: Option<Bounded>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounded {
    value: Value,
    #[serde(default)]
    lower_bound: Value,
    #[serde(default)]
    upper_bound: Value,
}

/// The numbers on all slices, or what a validation said.
///
/// # Errors
/// A sentence.
pub(super) fn parse(bytes: &[u8]) -> Result<Recording, String> {
    let value: Value = json::parse(bytes)?;
    if value.is_array() {
        let slices = Vec::<Sliced>::deserialize(&value)
            .map_err(|error| format!("it is not a list of `{{slice, metrics}}`: {error}"))?;
        return metrics(slices);
    }
    let validation = Validation::deserialize(&value)
        .map_err(|error| format!("it is not a `ValidationResult` with its details: {error}"))?;
    Ok(verdicts(validated(validation)))
}

fn metrics(slices: Vec<Sliced>) -> Result<Recording, String> {
    let mut recording = Recording::by(TITLE);
    for sliced in slices {
        let parts = sliced.slice.iter().map(|(column, value)| match value {
            Value::String(text) => format!("{column}={text}"),
            value => format!("{column}={value}"),
        });
        let slice = parts.collect::<Vec<_>>().join(",");
        let number = |value: &MetricValue| value.double_value.as_ref().and_then(json::number);
        let rows = sliced
            .metrics
            .get("example_count")
            .and_then(number)
            .filter(|count| 0.0 <= *count && *count < 9e15)
            .map(|count| count as u64);
        for (name, value) in &sliced.metrics {
            let bounded = value.bounded_value.as_ref();
            let found = number(value).or_else(|| json::number(&bounded?.value));
            let Some(found) = found else { continue };
            let mut metric = RecordedMetric::new(name, found);
            metric.slice = (!slice.is_empty()).then(|| slice.clone());
            metric.rows = rows;
            metric.uncertainty = bounded.and_then(|bounded| {
                Some(Uncertainty::Interval {
                    lower: json::number(&bounded.lower_bound)?,
                    upper: json::number(&bounded.upper_bound)?,
                    level: LEVEL,
                })
            });
            recording.metrics.push(metric);
        }
    }
    match recording.metrics.is_empty() {
        true => Err("there are no numbers in it".to_owned()),
        false => Ok(recording),
    }
}

fn validated(validation: Validation) -> Validated {
    let mut failures = Vec::new();
    for of_slice in validation.metric_validations_per_slice {
        let slice = slice(&of_slice.slice_key);
        let named = |failure: Failure| {
            let name = format!("{}{slice}", failure.metric_key.name);
            (name, failure.message)
        };
        failures.extend(of_slice.failures.into_iter().map(named));
    }
    Validated {
        // In the JSON of protocol buffers false is left out: absent is false.
        ok: validation.validation_ok,
        rubber_stamp: validation.rubber_stamp,
        failures,
        missing_slices: validation.missing_slices.len(),
        slices: validation.validation_details.slicing_details.len(),
    }
}

/// ` on sex=F`; nothing for all rows.
fn slice(key: &SliceKey) -> String {
    let one = |key: &SingleKey| {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let of_bytes = key.bytes_value.as_ref().map(|encoded| {
            let bytes = STANDARD.decode(encoded).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let value = of_bytes
            .or_else(|| key.int64_value.as_ref().map(text))
            .or_else(|| key.float_value.as_ref().map(text))
            .unwrap_or_default();
        format!("{}={value}", key.column)
    };
    match key.single_slice_keys.as_slice() {
        [] => String::new(),
        keys => format!(" on {}", keys.iter().map(one).collect::<Vec<_>>().join(",")),
    }
}
