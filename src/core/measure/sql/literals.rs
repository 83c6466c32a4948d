//! Constants of SQL: numbers, texts, dates, intervals, patterns of `LIKE`, and casts.

use sqlparser::ast::{
    DataType, DateTimeField, Expr, Interval, TypedString, Value as Literal, ValueWithSpan,
};

use super::{read, refused};
use crate::measure::{Pattern, Scalar, Value, instant};

/// A constant as a value.
pub(super) fn value(whole: &Expr, literal: &Literal) -> Result<Value, String> {
    match literal {
        Literal::Number(digits, _) => number(digits)
            .map(Value::Literal)
            .ok_or_else(|| refused(whole, "which is no finite number")),
        Literal::SingleQuotedString(text) | Literal::NationalStringLiteral(text) => {
            Ok(Value::text(text.clone()))
        }
        Literal::Boolean(value) => Ok(Value::Literal(Scalar::Boolean(*value))),
        Literal::Null => Ok(Value::Null),
        Literal::Placeholder(_) => Err(refused(whole, "a placeholder nothing was put in for")),
        _ => Err(refused(whole, "a form of constant that is not known here")),
    }
}

/// The constant `true` or `false`.
pub(super) fn boolean(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::Nested(inner) => boolean(inner),
        Expr::Value(literal) => match literal.value {
            Literal::Boolean(value) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

fn number(digits: &str) -> Option<Scalar> {
    if let Ok(whole) = digits.parse() {
        return Some(Scalar::Integer(whole));
    }
    let number: f64 = digits.parse().ok()?;
    number.is_finite().then_some(Scalar::Number(number))
}

/// A number with a minus before it, so that the smallest whole number can be written.
pub(super) fn negative_number(expression: &Expr) -> Option<Value> {
    match expression {
        Expr::Nested(inner) => negative_number(inner),
        Expr::Value(literal) => match &literal.value {
            Literal::Number(digits, _) => number(&format!("-{digits}")).map(Value::Literal),
            _ => None,
        },
        _ => None,
    }
}

/// `DATE '2026-11-01'`, `TIMESTAMP '2026-11-01 10:00:00'`.
pub(super) fn typed(whole: &Expr, typed: &TypedString) -> Result<Value, String> {
    match (&typed.data_type, &typed.value.value) {
        (kind, Literal::SingleQuotedString(text)) if is_time(kind) => time(whole, text),
        _ => Err(refused(whole, "a form of constant that is not known here")),
    }
}

fn is_time(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Date
            | DataType::Timestamp(..)
            | DataType::TimestampNtz(_)
            | DataType::Datetime(_)
    )
}

fn time(whole: &Expr, text: &str) -> Result<Value, String> {
    match instant(text.trim()) {
        Some(instant) => Ok(Value::Literal(Scalar::Instant(instant))),
        None => Err(refused(whole, "which is no date or time of ISO 8601")),
    }
}

/// A cast of a constant to a time, of anything to text or to a floating-point number.
pub(super) fn cast(
    whole: &Expr,
    inner: &Expr,
    kind: &DataType,
    depth: usize,
) -> Result<Value, String> {
    if is_time(kind) {
        return match read::value(inner, depth)? {
            Value::Literal(Scalar::Text(text)) => time(whole, &text),
            constant @ Value::Literal(Scalar::Instant(_)) => Ok(constant),
            _ => Err(refused(
                whole,
                "a cast to a date or time, which rounds differently from engine to engine; compare the column with `timestamp '…'` instead",
            )),
        };
    }
    match kind {
        DataType::Text
        | DataType::String(_)
        | DataType::Varchar(None)
        | DataType::CharacterVarying(None)
        | DataType::CharVarying(None) => Ok(Value::Text(Box::new(read::value(inner, depth)?))),
        DataType::Double(_) | DataType::DoublePrecision | DataType::Float64 | DataType::Float8 => {
            Ok(Value::Number(Box::new(read::value(inner, depth)?)))
        }
        _ => Err(refused(
            whole,
            "a cast that means something else from engine to engine; casts to `varchar` and `double` are known",
        )),
    }
}

/// A length of time with a fixed number of seconds, as that number.
pub(super) fn interval(whole: &Expr, interval: &Interval) -> Result<Value, String> {
    let not_known = || refused(whole, "an interval without a fixed number of seconds");
    let text = match interval.value.as_ref() {
        Expr::Value(literal) => match &literal.value {
            Literal::SingleQuotedString(text) => text.trim().to_lowercase(),
            Literal::Number(digits, _) => digits.clone(),
            _ => return Err(not_known()),
        },
        _ => return Err(not_known()),
    };
    let (count, unit) = match (&interval.leading_field, text.split_once(' ')) {
        (Some(field), None) => (text.as_str(), field_name(field).ok_or_else(not_known)?),
        (None, Some((count, unit))) => (count, unit.trim()),
        _ => return Err(not_known()),
    };
    let seconds = match unit.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        _ => return Err(not_known()),
    };
    match number(count) {
        Some(Scalar::Integer(count)) if interval.last_field.is_none() => count
            .checked_mul(seconds)
            .map(|seconds| Value::Literal(Scalar::Integer(seconds)))
            .ok_or_else(not_known),
        Some(Scalar::Number(count)) if interval.last_field.is_none() => {
            Ok(Value::number(count * seconds as f64))
        }
        _ => Err(not_known()),
    }
}

fn field_name(field: &DateTimeField) -> Option<&'static str> {
    match field {
        DateTimeField::Second | DateTimeField::Seconds => Some("second"),
        DateTimeField::Minute | DateTimeField::Minutes => Some("minute"),
        DateTimeField::Hour | DateTimeField::Hours => Some("hour"),
        DateTimeField::Day | DateTimeField::Days => Some("day"),
        DateTimeField::Week(None) | DateTimeField::Weeks => Some("week"),
        _ => None,
    }
}

/// The pattern of a `LIKE`; an escape other than the backslash is written as one.
pub(super) fn pattern_of_like(
    pattern: &Expr,
    escape: Option<&ValueWithSpan>,
) -> Result<Pattern, String> {
    let Value::Literal(Scalar::Text(text)) = read::value(pattern, 0)? else {
        return Err(refused(pattern, "where the text of a pattern must stand"));
    };
    let escape = match escape.map(|escape| &escape.value) {
        None => return Ok(Pattern::like(&text)),
        Some(Literal::SingleQuotedString(escape)) => escape,
        Some(_) => return Err("has an `escape` that is no text".to_owned()),
    };
    let mut characters = escape.chars();
    let (Some(escape), None) = (characters.next(), characters.next()) else {
        return Err("has an `escape` that is not one character".to_owned());
    };
    let mut written = String::new();
    let mut taken = false;
    for character in text.chars() {
        match character {
            _ if taken => {
                written.push('\\');
                written.push(character);
                taken = false;
            }
            _ if character == escape => taken = true,
            '\\' => written.push_str("\\\\"),
            other => written.push(other),
        }
    }
    Ok(Pattern::like(&written))
}
