//! Calls of the functions in [`crate::measure::function`], however they are spelt: `extract`, casts,
//! `date_trunc('month', …)`, intervals of months.

use sqlparser::ast::{CastKind, CeilFloorKind, DataType, DateTimeField, Expr};

use super::functions::unknown;
use super::literals::{self, is_time, months_of, seconds_of, singular};
use super::size::{NODES_MAX, too_large};
use super::{read, refused};
use crate::measure::function::{DatumKind, function};
use crate::measure::{Operator, Part, Scalar, Value, instant};

/// Bytes of a day as ISO 8601 writes it.
const DAY_BYTES: usize = "2026-01-31".len();

/// A function by its name, with what it is given.
pub(super) fn call(name: &str, arguments: Vec<Value>) -> Result<Value, String> {
    let Some(function) = function(name, arguments.len()) else {
        return Err(unknown(name, arguments.len()));
    };
    let only_instants = |index: usize| {
        let mut kinds = function.forms.iter().map(|form| form.argument(index));
        kinds.all(|kind| kind == Some(DatumKind::Instant))
    };
    let arguments = arguments.into_iter().enumerate();
    let arguments = arguments.map(|(index, argument)| match argument {
        Value::Literal(Scalar::Text(text)) if only_instants(index) => match instant(text.trim()) {
            Some(instant) => Ok(Value::Literal(Scalar::Instant(instant))),
            None => Err(format!(
                "uses `{name}` with `{text}`, which is no date or time of ISO 8601"
            )),
        },
        other => Ok(other),
    });
    sized(Value::Call(function, arguments.collect::<Result<_, _>>()?))
}

fn sized(value: Value) -> Result<Value, String> {
    match Part::Value(&value).size() <= NODES_MAX {
        true => Ok(value),
        false => Err(too_large()),
    }
}

/// A function that is written as one.
pub(super) fn by_name(name: &str, arguments: &[&Expr], depth: usize) -> Result<Value, String> {
    let read = |argument: &Expr| read::value(argument, depth);
    match (name, arguments) {
        ("date_part" | "datepart", [unit, time]) => part(&unit_of(unit)?, read(time)?),
        ("date_trunc" | "datetrunc", [unit, time]) => {
            of_unit("date_trunc", &unit_of(unit)?, vec![read(time)?])
        }
        ("date_diff" | "datediff", [unit, from, to]) => {
            of_unit("date_diff", &unit_of(unit)?, vec![read(from)?, read(to)?])
        }
        // Of two days, the later one first, as Spark and MySQL have it.
        ("datediff", [to, from]) => of_unit("date_diff", "day", vec![read(from)?, read(to)?]),
        ("date_add" | "date_sub", [time, Expr::Interval(_)]) => {
            let operator = match name {
                "date_add" => Operator::Add,
                _ => Operator::Subtract,
            };
            moved(
                time,
                operator,
                arguments.get(1).copied().unwrap_or(time),
                depth,
            )
        }
        ("date_add" | "dateadd", [unit, count, time]) => {
            later(&unit_of(unit)?, read(count)?, read(time)?)
        }
        (name, arguments) => {
            let arguments = arguments.iter().map(|argument| read(argument));
            call(name, arguments.collect::<Result<_, _>>()?)
        }
    }
}

/// A unit of time, as a text or as a bare word.
fn unit_of(expression: &Expr) -> Result<String, String> {
    match expression {
        Expr::Identifier(word) => Ok(singular(&word.value)),
        other => match read::value(other, 0)? {
            Value::Literal(Scalar::Text(unit)) => Ok(singular(&unit)),
            _ => Err(refused(other, "where a unit of time must stand")),
        },
    }
}

fn of_unit(name: &str, unit: &str, arguments: Vec<Value>) -> Result<Value, String> {
    let full = format!("{name}_{unit}");
    match function(&full, arguments.len()) {
        Some(_) => call(&full, arguments),
        None => Err(format!(
            "uses `{name}` with the unit `{unit}`, which is not known here"
        )),
    }
}

/// `extract(month from …)`.
fn part(unit: &str, time: Value) -> Result<Value, String> {
    const UNITS: [&str; 14] = [
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "dayofyear",
        "doy",
        "dayofweek",
        "dow",
        "isodow",
        "hour",
        "minute",
        "second",
        "epoch",
    ];
    let unit = singular(unit);
    match UNITS.contains(&unit.as_str()) {
        true => call(&unit, vec![time]),
        false => Err(format!(
            "takes the part `{unit}` of a time, which is not known here"
        )),
    }
}

/// So many units later.
fn later(unit: &str, count: Value, time: Value) -> Result<Value, String> {
    if let Some(months) = months_of(unit) {
        return call("add_months", vec![time, times(count, months)?]);
    }
    let Some(seconds) = seconds_of(unit) else {
        return Err(format!("moves a time by `{unit}`, which is not known here"));
    };
    Ok(Value::Arithmetic(
        Box::new(time),
        Operator::Add,
        Box::new(times(count, seconds)?),
    ))
}

fn times(count: Value, factor: i64) -> Result<Value, String> {
    match count {
        Value::Literal(Scalar::Integer(count)) => match count.checked_mul(factor) {
            Some(product) => Ok(Value::Literal(Scalar::Integer(product))),
            None => Err("moves a time further than the calendar goes".to_owned()),
        },
        count if factor == 1 => Ok(count),
        count => Ok(Value::Arithmetic(
            Box::new(count),
            Operator::Multiply,
            Box::new(Value::Literal(Scalar::Integer(factor))),
        )),
    }
}

/// A time moved by an interval.
fn moved(time: &Expr, operator: Operator, by: &Expr, depth: usize) -> Result<Value, String> {
    match months(time, operator, by, depth)? {
        Some(moved) => Ok(moved),
        None => Ok(Value::Arithmetic(
            Box::new(read::value(time, depth)?),
            operator,
            Box::new(read::value(by, depth)?),
        )),
    }
}

/// `a + interval '1 month'`; nothing when neither side is an interval of months.
pub(super) fn months(
    left: &Expr,
    operator: Operator,
    right: &Expr,
    depth: usize,
) -> Result<Option<Value>, String> {
    let (time, months) = match (literals::months(left), operator, literals::months(right)) {
        (None, Operator::Add, Some(months)) => (left, Some(months)),
        (None, Operator::Subtract, Some(months)) => (left, months.checked_neg()),
        (Some(months), Operator::Add, None) => (right, Some(months)),
        _ => return Ok(None),
    };
    let Some(months) = months else {
        return Err("moves a time further than the calendar goes".to_owned());
    };
    let months = Value::Literal(Scalar::Integer(months));
    call("add_months", vec![read::value(time, depth)?, months]).map(Some)
}

/// What the parser reads as a form of its own: casts, `floor(…)`, `extract(… from …)`, `position(… in …)`,
/// `substring(… from … for …)`.
pub(super) fn form(expression: &Expr, depth: usize) -> Result<Value, String> {
    let read = |part: &Expr| read::value(part, depth);
    match expression {
        Expr::Cast {
            kind,
            expr,
            data_type,
            ..
        } => cast(expression, kind, read(expr)?, data_type),
        Expr::Floor { expr, field } => rounded("floor", expression, read(expr)?, field),
        Expr::Ceil { expr, field } => rounded("ceil", expression, read(expr)?, field),
        Expr::Extract { field, expr, .. } => part(&field.to_string(), read(expr)?),
        Expr::Position { expr, r#in } => call("strpos", vec![read(r#in)?, read(expr)?]),
        Expr::Substring {
            expr,
            substring_from,
            substring_for,
            ..
        } => {
            let from = match substring_from {
                Some(from) => read(from)?,
                None => Value::Literal(Scalar::Integer(1)),
            };
            let mut arguments = vec![read(expr)?, from];
            if let Some(count) = substring_for {
                arguments.push(read(count)?);
            }
            call("substring", arguments)
        }
        _ => Err(refused(expression, "which is not a value known here")),
    }
}

fn rounded(name: &str, whole: &Expr, inner: Value, field: &CeilFloorKind) -> Result<Value, String> {
    match field {
        CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => call(name, vec![inner]),
        CeilFloorKind::DateTimeField(_) | CeilFloorKind::Scale(_) => {
            Err(refused(whole, "a form of rounding that is not known here"))
        }
    }
}

fn cast(whole: &Expr, cast: &CastKind, value: Value, kind: &DataType) -> Result<Value, String> {
    let tries = match cast {
        CastKind::Cast | CastKind::DoubleColon => "",
        CastKind::TryCast | CastKind::SafeCast => "try_",
    };
    let name = match kind {
        DataType::Text
        | DataType::String(_)
        | DataType::Varchar(None)
        | DataType::CharacterVarying(None)
        | DataType::CharVarying(None) => return Ok(Value::Text(Box::new(value))),
        DataType::Date => "date",
        kind if is_time(kind) => "timestamp",
        DataType::Int(None) | DataType::Integer(None) | DataType::Int4(None) => "integer",
        DataType::BigInt(None) | DataType::Int8(None) | DataType::Int64 => "bigint",
        DataType::Double(_) | DataType::DoublePrecision | DataType::Float64 | DataType::Float8 => {
            "double"
        }
        _ => {
            return Err(refused(
                whole,
                "a cast that means something else from engine to engine; casts to `varchar`, `integer`, `bigint`, `double`, `date` and `timestamp` are known",
            ));
        }
    };
    match (name, value) {
        ("date" | "timestamp", Value::Literal(Scalar::Text(text)))
            if tries.is_empty() && (name == "timestamp" || text.trim().len() <= DAY_BYTES) =>
        {
            literals::time(whole, &text)
        }
        (_, value) => call(&format!("{tries}cast_{name}"), vec![value]),
    }
}
