//! Constants of SQL: numbers, texts, dates, intervals and patterns of `LIKE`.

use sqlparser::ast::{DataType, Expr, Interval, TypedString, Value as Literal, ValueWithSpan};

use super::{read, refused};
use crate::measure::{Pattern, Scalar, Value, instant};

/// A constant as a value.
pub(super) fn value(whole: &Expr, literal: &Literal) -> Result<Value, String> {
    match literal {
        Literal::Number(digits, _) => number(digits)
            .map(Value::Literal)
            .ok_or_else(|| refused(whole, "which is no finite number of at most 38 digits")),
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
    Scalar::parse_number(digits).filter(|number| number.as_number().is_some_and(f64::is_finite))
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

pub(super) fn is_time(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Date
            | DataType::Timestamp(..)
            | DataType::TimestampNtz(_)
            | DataType::Datetime(_)
    )
}

pub(super) fn time(whole: &Expr, text: &str) -> Result<Value, String> {
    match instant(text.trim()) {
        Some(instant) => Ok(Value::Literal(Scalar::Instant(instant))),
        None => Err(refused(whole, "which is no date or time of ISO 8601")),
    }
}

/// A length of time with a fixed number of seconds, as that number.
pub(super) fn interval(whole: &Expr, interval: &Interval) -> Result<Value, String> {
    let not_known = || refused(whole, "an interval without a fixed number of seconds");
    let (count, unit) = counted(interval).ok_or_else(not_known)?;
    let seconds = seconds_of(&unit).ok_or_else(not_known)?;
    match count {
        Scalar::Integer(count) => count
            .checked_mul(seconds)
            .map(|seconds| Value::Literal(Scalar::Integer(seconds)))
            .ok_or_else(not_known),
        Scalar::Number(count) => Ok(Value::number(count * seconds as f64)),
        Scalar::Unsigned(_)
        | Scalar::Decimal(_)
        | Scalar::Text(_)
        | Scalar::Boolean(_)
        | Scalar::Instant(_) => Err(not_known()),
    }
}

/// A length of time in whole months, quarters or years, as months.
pub(super) fn months(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Nested(inner) => months(inner),
        Expr::Interval(interval) => {
            let (count, unit) = counted(interval)?;
            let Scalar::Integer(count) = count else {
                return None;
            };
            count.checked_mul(months_of(&unit)?)
        }
        _ => None,
    }
}

/// The number of units of an interval, and the unit in lower case without the plural.
fn counted(interval: &Interval) -> Option<(Scalar, String)> {
    if interval.last_field.is_some() {
        return None;
    }
    let text = digits_of(interval.value.as_ref())?;
    let (count, unit) = match (&interval.leading_field, text.split_once(' ')) {
        (Some(field), None) => (text.as_str(), field.to_string().to_lowercase()),
        (None, Some((count, unit))) => (count, unit.trim().to_owned()),
        _ => return None,
    };
    Some((number(count)?, singular(&unit)))
}

fn digits_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Nested(inner) => digits_of(inner),
        Expr::Value(literal) => match &literal.value {
            Literal::SingleQuotedString(text) => Some(text.trim().to_lowercase()),
            Literal::Number(digits, _) => Some(digits.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The name of a unit of time without the plural, in lower case.
pub(super) fn singular(unit: &str) -> String {
    unit.to_lowercase().trim_end_matches('s').to_owned()
}

/// Seconds of a unit that has a fixed number of them.
pub(super) fn seconds_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        _ => return None,
    })
}

/// Months of a unit that has a fixed number of them.
pub(super) fn months_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "month" => 1,
        "quarter" => 3,
        "year" => 12,
        _ => return None,
    })
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
