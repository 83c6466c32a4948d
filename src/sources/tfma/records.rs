//! What TFMA writes beside its notebooks: `metrics-….tfrecord` with a `MetricsForSlice` for each slice, and
//! `validations.tfrecord` with one `ValidationResult` (`metrics_for_slice.proto`,
//! `validation_result.proto` of TFMA 0.52).

use super::{LEVEL, TITLE, Validated, tfrecord};
use crate::recorded::{RecordedMetric, Recording, Uncertainty};
use crate::sources::protobuf::{fields, last};

/// Numbers taken from one file.
const NUMBERS_MAX: usize = 100_000;

/// The numbers on all slices.
///
/// # Errors
/// A sentence.
pub(super) fn metrics(name: &str, file: &[u8]) -> Result<Recording, String> {
    let mut recording = Recording::by(TITLE);
    for record in tfrecord::records(file)? {
        let metrics = of_slice(record)
            .map_err(|problem| format!("a record is no `MetricsForSlice`: {problem}"))?;
        recording.metrics.extend(metrics);
        check_count(recording.metrics.len())?;
    }
    if recording.metrics.is_empty() {
        return Err("there are no numbers in it".to_owned());
    }
    if let Some(shards) = shards(name).filter(|shards| 1 < *shards) {
        recording.shortfalls.push(format!(
            "it is one of {shards} files the metrics are written to"
        ));
    }
    Ok(recording)
}

/// What a validation said.
///
/// # Errors
/// A sentence.
pub(super) fn validation(file: &[u8]) -> Result<Validated, String> {
    let records = tfrecord::records(file)?;
    let [record] = records.as_slice() else {
        return Err(format!(
            "it holds {} records, expected one `ValidationResult`",
            records.len()
        ));
    };
    validated(record).map_err(|problem| format!("the record is no `ValidationResult`: {problem}"))
}

fn check_count(numbers: usize) -> Result<(), String> {
    match numbers <= NUMBERS_MAX {
        true => Ok(()),
        false => Err(format!("there are more than {NUMBERS_MAX} numbers in it")),
    }
}

/// How many files there are of what is called `metrics-00000-of-00003.tfrecord`.
fn shards(name: &str) -> Option<u64> {
    let (_, count) = name.strip_suffix(".tfrecord")?.rsplit_once("-of-")?;
    count.parse().ok()
}

fn of_slice(record: &[u8]) -> Result<Vec<RecordedMetric>, String> {
    let mut slice = String::new();
    let mut metrics = Vec::new();
    for field in fields(record) {
        match field? {
            (1, key) => slice = slice_name(key.bytes()?)?,
            (3, keys) => slice = across(keys.bytes()?)?,
            (51, found) => metrics.extend(number(found.bytes()?)?),
            (_, _) => {}
        }
        check_count(metrics.len())?;
    }
    let rows = metrics
        .iter()
        .find(|metric| metric.name == "example_count")
        .map(|metric| metric.value)
        .filter(|count| 0.0 <= *count && *count < 9e15)
        .map(|count| count as u64);
    let on_slice = |metric: RecordedMetric| RecordedMetric {
        slice: (!slice.is_empty()).then(|| slice.clone()),
        rows,
        ..metric
    };
    Ok(metrics.into_iter().map(on_slice).collect())
}

/// `sex=F,region=us`; nothing for all rows.
fn slice_name(key: &[u8]) -> Result<String, String> {
    let mut parts = Vec::new();
    for field in fields(key) {
        if let (1, single) = field? {
            let (mut column, mut value) = (String::new(), String::new());
            for field in fields(single.bytes()?) {
                match field? {
                    (1, name) => name.text()?.clone_into(&mut column),
                    (2, bytes) => value = String::from_utf8_lossy(bytes.bytes()?).into_owned(),
                    (3, float) => value = float.float()?.to_string(),
                    (4, integer) => value = integer.signed()?.to_string(),
                    (_, _) => {}
                }
            }
            parts.push(format!("{column}={value}"));
        }
    }
    Ok(parts.join(","))
}

/// A slice beside another it is compared with: `sex=F vs sex=M`.
fn across(keys: &[u8]) -> Result<String, String> {
    let side = |number| match last(keys, number)? {
        Some(key) => slice_name(key.bytes()?),
        None => Ok(String::new()),
    };
    Ok(format!("{} vs {}", side(2)?, side(1)?))
}

/// A metric, when it is a number: `MetricKeyAndValue`.
pub(super) fn number(found: &[u8]) -> Result<Option<RecordedMetric>, String> {
    let (mut name, mut value, mut interval) = (String::new(), None, None);
    for field in fields(found) {
        match field? {
            (1, key) => name = metric_name(key.bytes()?)?,
            (2, kinds) => value = measured(kinds.bytes()?)?,
            (3, bounds) => interval = confidence_interval(bounds.bytes()?)?,
            (_, _) => {}
        }
    }
    Ok(value.map(|(value, within)| RecordedMetric {
        uncertainty: interval.or(within),
        ..RecordedMetric::new(name, value)
    }))
}

/// The name, and in brackets what sets it apart from others of it: `precision[model_name=a,top_k=5]`.
fn metric_name(key: &[u8]) -> Result<String, String> {
    let (mut name, mut apart) = (String::new(), Vec::new());
    let mut named = |what: &str, text: &str| {
        if !text.is_empty() {
            apart.push(format!("{what}={text}"));
        }
    };
    for field in fields(key) {
        match field? {
            (1, text) => text.text()?.clone_into(&mut name),
            (2, text) => named("output_name", text.text()?),
            (3, sub_key) => {
                for field in fields(sub_key.bytes()?) {
                    let (number, wrapped) = field?;
                    let kinds = ["class_id", "k", "top_k"];
                    let kind = usize::try_from(number - 1)
                        .ok()
                        .and_then(|at| kinds.get(at));
                    let integer =
                        last(wrapped.bytes()?, 1)?.map_or(Ok(0), |value| value.signed())?;
                    named(kind.unwrap_or(&"sub_key"), &integer.to_string());
                }
            }
            (4, text) => named("model_name", text.text()?),
            (5, flag) if flag.integer()? != 0 => named("is_diff", "true"),
            (6, kinds) => {
                for field in fields(kinds.bytes()?) {
                    let kind = match field? {
                        (1, _) => "micro",
                        (2, _) => "macro",
                        (_, _) => "weighted_macro",
                    };
                    named("average", kind);
                }
            }
            (7, wrapped) if last(wrapped.bytes()?, 1)?.is_some() => {
                named("example_weighted", "true")
            }
            (_, _) => {}
        }
    }
    match apart.is_empty() {
        true => Ok(name),
        false => Ok(format!("{name}[{}]", apart.join(","))),
    }
}

/// The number of a `MetricValue` and how sure it is; nothing of curves, arrays and matrices.
fn measured(kinds: &[u8]) -> Result<Option<(f64, Option<Uncertainty>)>, String> {
    let mut found = None;
    for field in fields(kinds) {
        match field? {
            (1, value) => found = Some((wrapped(value.bytes()?)?, None)),
            (2, bounded) => {
                let bounded = bounded.bytes()?;
                let interval = interval(optional(bounded, 1)?, optional(bounded, 2)?);
                found = Some((optional(bounded, 3)?.unwrap_or(f64::NAN), interval));
            }
            (9, distribution) => {
                let distribution = distribution.bytes()?;
                let error =
                    optional(distribution, 2)?.filter(|error| 0.0 <= *error && error.is_finite());
                let value = optional(distribution, 4)?.unwrap_or(f64::NAN);
                found = Some((value, error.map(Uncertainty::StandardError)));
            }
            (_, _) => {}
        }
    }
    Ok(found)
}

/// `ConfidenceInterval`: its bounds are values of metrics.
fn confidence_interval(bounds: &[u8]) -> Result<Option<Uncertainty>, String> {
    let (mut lower, mut upper) = (None, None);
    for field in fields(bounds) {
        match field? {
            (1, value) => upper = measured(value.bytes()?)?,
            (2, value) => lower = measured(value.bytes()?)?,
            (_, _) => {}
        }
    }
    Ok(interval(
        lower.map(|(value, _)| value),
        upper.map(|(value, _)| value),
    ))
}

fn interval(lower: Option<f64>, upper: Option<f64>) -> Option<Uncertainty> {
    Some(Uncertainty::Interval {
        lower: lower?,
        upper: upper?,
        level: LEVEL,
    })
}

/// A `DoubleValue` of a message, where it is set.
fn optional(message: &[u8], number: u64) -> Result<Option<f64>, String> {
    let found = last(message, number)?;
    found.map(|value| wrapped(value.bytes()?)).transpose()
}

/// The number of a `DoubleValue`; 0 is not written.
fn wrapped(value: &[u8]) -> Result<f64, String> {
    last(value, 1)?.map_or(Ok(0.0), |value| value.double())
}

fn validated(record: &[u8]) -> Result<Validated, String> {
    let mut validated = Validated::default();
    for field in fields(record) {
        match field? {
            (1, ok) => validated.ok = ok.integer()? != 0,
            (2, of_slice) => {
                validated.failures.extend(failures(of_slice.bytes()?)?);
                check_count(validated.failures.len())?;
            }
            (3 | 5, _) => validated.missing_slices += 1,
            (4, details) => validated.slices += fields(details.bytes()?).count(),
            (7, stamped) => validated.rubber_stamp = stamped.integer()? != 0,
            (_, _) => {}
        }
    }
    Ok(validated)
}

/// The failures on a slice: `MetricsValidationForSlice`.
fn failures(of_slice: &[u8]) -> Result<Vec<(String, Option<String>)>, String> {
    let (mut slice, mut failures) = (String::new(), Vec::new());
    for field in fields(of_slice) {
        match field? {
            (2, key) => slice = slice_name(key.bytes()?)?,
            (4, keys) => slice = across(keys.bytes()?)?,
            (3, failure) => {
                let (mut name, mut message) = (String::new(), None);
                for field in fields(failure.bytes()?) {
                    match field? {
                        (1, key) => name = metric_name(key.bytes()?)?,
                        (4, text) => message = Some(text.text()?.to_owned()),
                        (_, _) => {}
                    }
                }
                failures.push((name, message.filter(|message| !message.is_empty())));
                check_count(failures.len())?;
            }
            (_, _) => {}
        }
    }
    let on_slice = |name: String| match slice.as_str() {
        "" => name,
        slice => format!("{name} on {slice}"),
    };
    let failures = failures.into_iter();
    Ok(failures
        .map(|(name, message)| (on_slice(name), message))
        .collect())
}
