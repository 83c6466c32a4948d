//! TensorFlow Model Analysis: the result of a validation as JSON, and the metrics on slices.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said, Uncertainty};

/// Coverage of the intervals TFMA computes when nothing else is said.
const LEVEL: f64 = 0.95;

pub(super) const SOURCE: Source = Source {
    id: "tfma",
    title: "TensorFlow Model Analysis",
    summary: "`json_format.MessageToDict` of a `ValidationResult`, or the `slicing_metrics` of an `EvalResult` as a list of `{slice, metrics}`. Numbers by name, on slices `column=value`, several joined by `,`.",
    gives: &[Gives::Metrics, Gives::Slices, Gives::Verdicts],
    reference: "written by TFMA 0.52",
    read: Reader::File(parse),
};

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

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let value: Value = json::parse(content.bytes)?;
    if value.is_array() {
        let slices = Vec::<Sliced>::deserialize(&value)
            .map_err(|error| format!("it is not a list of `{{slice, metrics}}`: {error}"))?;
        return metrics(slices);
    }
    let validation = Validation::deserialize(&value)
        .map_err(|error| format!("it is not a `ValidationResult` with its details: {error}"))?;
    Ok(verdicts(validation))
}

fn metrics(slices: Vec<Sliced>) -> Result<Recording, String> {
    let mut recording = Recording::by("TensorFlow Model Analysis");
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

/// The validation as one verdict, and one for each metric that failed on a slice.
fn verdicts(validation: Validation) -> Recording {
    let mut recording = Recording::by("TensorFlow Model Analysis");
    // In the JSON of protocol buffers false is left out: absent is false.
    recording.verdicts.push(RecordedVerdict {
        name: "validation".to_owned(),
        outcome: match validation.validation_ok {
            true => Said::Passed,
            false => Said::Failed,
        },
        message: None,
    });
    for of_slice in validation.metric_validations_per_slice {
        let slice = slice(&of_slice.slice_key);
        for failure in of_slice.failures {
            recording.verdicts.push(RecordedVerdict {
                name: format!("{}{slice}", failure.metric_key.name),
                outcome: Said::Failed,
                message: failure.message,
            });
        }
    }
    if validation.rubber_stamp {
        let stamped =
            "it is a rubber stamp: there was no baseline, and thresholds of change were skipped";
        recording.shortfalls.push(stamped.to_owned());
    }
    if !validation.missing_slices.is_empty() {
        recording.shortfalls.push(format!(
            "{} slices that were to be validated are missing",
            validation.missing_slices.len()
        ));
    }
    if validation.validation_details.slicing_details.is_empty() {
        let nothing = "no slice was validated";
        recording.shortfalls.push(nothing.to_owned());
    }
    recording
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

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::{Recording, Said, Uncertainty};

    fn read(bytes: &[u8]) -> Recording {
        let content = Content {
            name: "tfma.json",
            bytes,
        };
        parse(&content).expect("a result")
    }

    #[test]
    fn metrics_are_on_slices_with_their_intervals() {
        let recording = read(include_bytes!(
            "../../fixtures/sources/tfma/slicing_metrics.json"
        ));
        let auc = recording
            .metric("auc", Some("region=us"))
            .expect("a number");
        assert_eq!(auc.value, 0.964_942_827_442_827_3);
        assert_eq!(auc.rows, Some(393));
        assert!(matches!(
            auc.uncertainty,
            Some(Uncertainty::Interval { lower, .. }) if lower == 0.948_198_054_299_117_9
        ));
        assert!(recording.metric("auc", None).is_some());
    }

    /// Case 4 of the note on peers is a validation that failed; case 3 one without a baseline.
    #[test]
    fn a_validation_is_a_verdict_for_each_failure() {
        let recording = read(include_bytes!(
            "../../fixtures/sources/tfma/validation_result.json"
        ));
        assert_eq!(recording.verdicts[0].outcome, Said::Failed);
        assert_eq!(recording.verdicts[1].name, "auc on region=us");
        assert_eq!(recording.verdicts.len(), 5);
        let stamped = read(
            br#"{"validationOk": true, "rubberStamp": true, "validationDetails": {"slicingDetails": [{}]}}"#,
        );
        assert_eq!(stamped.verdicts[0].outcome, Said::Passed);
        assert_eq!(stamped.shortfalls.len(), 1);
    }
}
