//! Values from texts and texts from values: what a CSV file spells, and how values are shown.
//!
//! Strict on purpose: no white space around values, no thousands separators, dates and times as ISO
//! 8601 only. What is written otherwise is counted as unreadable, not guessed.

use chrono::{DateTime, NaiveDate, NaiveTime};
use polars::prelude::*;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;

/// An optional sign and digits.
pub(super) fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A number as Rust, Python and JSON write it; also `inf` and `nan` in any case.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// `true` and `false` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// `2026-01-31`, in microseconds at midnight UTC.
pub(super) fn date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else {
        return None;
    };
    let year = digits(&[*y1, *y2, *y3, *y4])?;
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        digits(&[*m1, *m2])?,
        digits(&[*d1, *d2])?,
    )?;
    let midnight = date.and_time(NaiveTime::MIN).and_utc();
    Some(midnight.timestamp_micros())
}

/// `12:34:56` with an optional fraction, in nanoseconds.
pub(super) fn time(text: &str) -> Option<i64> {
    let (h1, rest) = text.as_bytes().split_at_checked(8)?;
    let [a, b, b':', c, d, b':', e, f] = h1 else {
        return None;
    };
    let (hours, minutes, seconds) = (digits(&[*a, *b])?, digits(&[*c, *d])?, digits(&[*e, *f])?);
    if 24 <= hours || 60 <= minutes || 60 <= seconds {
        return None;
    }
    let nanoseconds = match rest {
        [] => 0,
        [b'.', fraction @ ..] if !fraction.is_empty() => {
            if 9 < fraction.len() {
                return None;
            }
            digits(fraction)? * 10_u32.pow(9 - u32::try_from(fraction.len()).ok()?)
        }
        _ => return None,
    };
    let whole = i64::from(hours) * 3_600 + i64::from(minutes) * 60 + i64::from(seconds);
    Some(whole * 1_000_000_000 + i64::from(nanoseconds))
}

/// ISO 8601 with `T` or a space, with or without a fraction, `Z` or an offset; UTC when neither is
/// written. A date alone is its midnight.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let midnight = date(day)?;
    let Some(rest) = rest.strip_prefix(['T', ' ']) else {
        return rest.is_empty().then_some(midnight);
    };
    let (clock, offset_seconds) = offset(rest)?;
    let clock = time(clock)? / 1_000;
    midnight
        .checked_add(clock)?
        .checked_sub(offset_seconds * MICROSECONDS_PER_SECOND)
}

/// The clock and the offset from UTC in seconds.
fn offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let (clock, zone) = text.split_at_checked(at)?;
    let (hours, minutes) = match zone.as_bytes() {
        [_, a, b] => (digits(&[*a, *b])?, 0),
        [_, a, b, c, d] | [_, a, b, b':', c, d] => (digits(&[*a, *b])?, digits(&[*c, *d])?),
        _ => return None,
    };
    if 24 <= hours || 60 <= minutes {
        return None;
    }
    let seconds = i64::from(hours * 3_600 + minutes * 60);
    Some((
        clock,
        if zone.starts_with('-') {
            -seconds
        } else {
            seconds
        },
    ))
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// An instant as ISO 8601: a date when it is a midnight.
pub(super) fn instant_text(microseconds: i64) -> String {
    match DateTime::from_timestamp_micros(microseconds) {
        Some(instant) if instant.time() == NaiveTime::MIN => instant.format("%Y-%m-%d").to_string(),
        Some(instant) => instant.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string(),
        None => microseconds.to_string(),
    }
}

/// A time of day as ISO 8601.
pub(super) fn time_text(nanoseconds: i64) -> String {
    let seconds = u32::try_from(nanoseconds.div_euclid(1_000_000_000)).unwrap_or_default();
    let rest = u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or_default();
    match NaiveTime::from_num_seconds_from_midnight_opt(seconds, rest) {
        Some(time) => time.format("%H:%M:%S%.f").to_string(),
        None => nanoseconds.to_string(),
    }
}

/// Lists, records and bytes as texts.
pub(super) fn nested_texts(series: &Series) -> PolarsResult<Series> {
    let texts = series.iter().map(|value| match value {
        AnyValue::Null => None,
        AnyValue::Binary(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        AnyValue::BinaryOwned(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        other => Some(json(&other).to_string()),
    });
    let texts: StringChunked = texts.collect();
    Ok(texts.into_series())
}

/// A nested value as JSON.
fn json(value: &AnyValue<'_>) -> serde_json::Value {
    match value {
        AnyValue::Null => serde_json::Value::Null,
        AnyValue::Boolean(value) => (*value).into(),
        AnyValue::String(text) => (*text).into(),
        AnyValue::StringOwned(text) => text.as_str().into(),
        AnyValue::List(series) => series.iter().map(|value| json(&value)).collect(),
        AnyValue::StructOwned(fields) => {
            let (values, names) = fields.as_ref();
            record(names.iter().map(|field| field.name().as_str()), values)
        }
        value @ AnyValue::Struct(..) => {
            let mut values = Vec::new();
            value._materialize_struct_av(&mut values);
            let names: Vec<String> = match value.dtype() {
                DataType::Struct(fields) => fields
                    .iter()
                    .map(|field| field.name().to_string())
                    .collect(),
                _ => Vec::new(),
            };
            record(names.iter().map(String::as_str), &values)
        }
        other => match other.extract::<i64>() {
            Some(whole) if other.dtype().is_integer() => whole.into(),
            _ => match other.extract::<f64>() {
                Some(number) if other.dtype().is_float() => number.into(),
                _ => other.to_string().into(),
            },
        },
    }
}

fn record<'a>(names: impl Iterator<Item = &'a str>, values: &[AnyValue<'_>]) -> serde_json::Value {
    let fields = names
        .zip(values)
        .map(|(name, value)| (name.to_owned(), json(value)));
    serde_json::Value::Object(fields.collect())
}
