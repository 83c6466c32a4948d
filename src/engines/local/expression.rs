//! Measures as expressions of the engine.

use chrono::{DateTime, Utc};
use polars::prelude::*;

use super::table::{ROW_INDEX, Table, text_list};
use crate::measure::{Limit, LogicalType, Range, RowPredicate, Scalar as Value};

/// A column as it stands in the file.
pub(super) fn raw(column: &str) -> Expr {
    col(PlSmallStr::from_str(column))
}

/// A column read as the type of the contract. What cannot be read becomes null.
pub(super) fn typed(table: &Table, column: &str) -> Expr {
    if table.facts.typed {
        return raw(column);
    }
    let Some(wanted) = table.contract_type(column) else {
        return raw(column);
    };
    let found = table
        .facts
        .column(column)
        .and_then(|facts| facts.logical_type);
    if found == Some(wanted)
        || (wanted == LogicalType::Number && found == Some(LogicalType::Integer))
    {
        return raw(column);
    }
    let text = raw(column).cast(DataType::String);
    match wanted {
        LogicalType::String | LogicalType::Object | LogicalType::Array => raw(column),
        LogicalType::Integer => text.cast(DataType::Int64),
        LogicalType::Number => text.cast(DataType::Float64),
        LogicalType::Boolean => boolean(text),
        LogicalType::Date => text.str().to_date(format("%Y-%m-%d")),
        LogicalType::Time => text.str().to_time(format("%H:%M:%S%.f")),
        LogicalType::Timestamp => timestamp(text),
    }
}

/// `true` and `false` in any case.
fn boolean(text: Expr) -> Expr {
    let lower = text.str().to_lowercase();
    when(lower.clone().eq(lit("true")))
        .then(lit(true))
        .when(lower.eq(lit("false")))
        .then(lit(false))
        .otherwise(lit(NULL).cast(DataType::Boolean))
}

/// ISO 8601 with `T` or a space, with or without a fraction, UTC when no offset is written.
fn timestamp(text: Expr) -> Expr {
    let unit = Some(TimeUnit::Microseconds);
    let read = |pattern| {
        text.clone()
            .str()
            .to_datetime(unit, None, format(pattern), lit("null"))
    };
    coalesce(&[
        read("%Y-%m-%dT%H:%M:%S%.f"),
        read("%Y-%m-%d %H:%M:%S%.f"),
        read("%Y-%m-%dT%H:%M:%S%.fZ"),
        read("%Y-%m-%d %H:%M:%S%.fZ"),
    ])
}

fn format(pattern: &str) -> StrptimeOptions {
    StrptimeOptions {
        format: Some(PlSmallStr::from_str(pattern)),
        strict: false,
        exact: true,
        cache: true,
    }
}

/// The failing rows of a predicate: a boolean per row, never null; and how many rows are eligible.
pub(super) struct Failing {
    pub(super) fails: Expr,
    pub(super) eligible: Expr,
    /// The column whose values are shown as examples.
    pub(super) shown: Expr,
}

/// A predicate as expressions, or why it makes no sense on this table.
pub(super) fn failing(table: &Table, predicate: &RowPredicate) -> Result<Failing, String> {
    let simple = |column: &str, fails: Expr| {
        let value = typed(table, column);
        Failing {
            fails: fails.fill_null(lit(false)),
            eligible: value.is_not_null().sum(),
            shown: raw(column),
        }
    };
    Ok(match predicate {
        RowPredicate::NotOfType(column, _) if table.facts.typed => simple(column, lit(false)),
        RowPredicate::NotOfType(column, _) => Failing {
            fails: raw(column)
                .is_not_null()
                .and(typed(table, column).is_null()),
            eligible: raw(column).is_not_null().sum(),
            shown: raw(column),
        },
        RowPredicate::NotIn(column, values) => {
            let text = typed(table, column).cast(DataType::String);
            simple(column, text.is_in(text_list(values), false).not())
        }
        RowPredicate::Missing(column, values) => {
            let text = raw(column).cast(DataType::String);
            let named = text.is_in(text_list(values), false).fill_null(lit(false));
            Failing {
                fails: raw(column).is_null().or(named),
                eligible: len(),
                shown: raw(column),
            }
        }
        RowPredicate::OutOfRange(column, range) => {
            simple(column, out_of_range(table, column, range)?)
        }
        RowPredicate::NotMatching(column, pattern) => {
            let text = text_column(table, column)?;
            simple(
                column,
                text.str().contains(lit(pattern.as_str()), true).not(),
            )
        }
        RowPredicate::LengthOutside(column, minimum, maximum) => {
            let length = text_column(table, column)?.str().len_chars();
            let short = minimum.map(|minimum| length.clone().lt(lit(minimum)));
            let long = maximum.map(|maximum| length.clone().gt(lit(maximum)));
            simple(column, any([short, long]))
        }
        RowPredicate::Repeated {
            columns,
            nulls_count,
        } => repeated(table, columns, *nulls_count),
    })
}

fn text_column(table: &Table, column: &str) -> Result<Expr, String> {
    match kind(table, column) {
        Some(LogicalType::String) => Ok(typed(table, column).cast(DataType::String)),
        other => Err(format!("the column holds {}, not text", named(other))),
    }
}

/// The type of the column after it has been read as the contract says.
pub(super) fn kind(table: &Table, column: &str) -> Option<LogicalType> {
    let found = table.facts.column(column)?.logical_type;
    if table.facts.typed {
        found
    } else {
        table.contract_type(column).or(found)
    }
}

fn named(kind: Option<LogicalType>) -> String {
    match kind {
        Some(kind) => format!("`{}`", kind.as_str()),
        None => "a type no contract can name".to_owned(),
    }
}

fn out_of_range(table: &Table, column: &str, range: &Range) -> Result<Expr, String> {
    let kind = kind(table, column);
    let below = range
        .minimum
        .as_ref()
        .map(|limit| {
            comparable(table, column, kind, limit).map(|(value, end)| match limit.exclusive {
                true => value.lt_eq(end),
                false => value.lt(end),
            })
        })
        .transpose()?;
    let above = range
        .maximum
        .as_ref()
        .map(|limit| {
            comparable(table, column, kind, limit).map(|(value, end)| match limit.exclusive {
                true => value.gt_eq(end),
                false => value.gt(end),
            })
        })
        .transpose()?;
    let not_a_number = (kind == Some(LogicalType::Number))
        .then(|| typed(table, column).cast(DataType::Float64).is_nan());
    Ok(any([below, above, not_a_number]))
}

/// Column and end of a range in a type both can be compared in.
fn comparable(
    table: &Table,
    column: &str,
    kind: Option<LogicalType>,
    limit: &Limit,
) -> Result<(Expr, Expr), String> {
    let value = typed(table, column);
    match (&limit.value, kind) {
        (Value::Number(number), Some(LogicalType::Integer | LogicalType::Number)) => {
            Ok((value.cast(DataType::Float64), lit(*number)))
        }
        (Value::Instant(instant), Some(LogicalType::Date | LogicalType::Timestamp)) => {
            Ok((microseconds(value), lit(instant.timestamp_micros())))
        }
        (Value::Number(_), kind) => Err(format!("the column holds {}, not numbers", named(kind))),
        (Value::Instant(_), kind) => Err(format!("the column holds {}, not dates", named(kind))),
    }
}

/// A date or timestamp as microseconds since 1970-01-01T00:00Z.
pub(super) fn microseconds(value: Expr) -> Expr {
    value
        .cast(DataType::Datetime(TimeUnit::Microseconds, None))
        .cast(DataType::Int64)
}

/// The reverse of [`microseconds`].
pub(super) fn instant(microseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(microseconds)
}

fn repeated(table: &Table, columns: &[String], nulls_count: bool) -> Failing {
    let columns: Vec<&str> = if columns.is_empty() {
        table
            .facts
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect()
    } else {
        columns.iter().map(String::as_str).collect()
    };
    let key = match columns.as_slice() {
        [column] => typed(table, column),
        many => as_struct(many.iter().map(|column| typed(table, column)).collect()),
    };
    let repeats = key.is_first_distinct().not();
    let complete = columns
        .iter()
        .map(|column| typed(table, column).is_not_null())
        .reduce(Expr::and)
        .unwrap_or_else(|| lit(true));
    let shown = match columns.as_slice() {
        [column] => raw(column),
        // The row number says which row; many values side by side would say nothing.
        _ => lit(NULL),
    };
    if nulls_count {
        Failing {
            fails: repeats,
            eligible: len(),
            shown,
        }
    } else {
        Failing {
            fails: repeats.and(complete.clone()),
            eligible: complete.sum(),
            shown,
        }
    }
}

fn any<const N: usize>(conditions: [Option<Expr>; N]) -> Expr {
    conditions
        .into_iter()
        .flatten()
        .reduce(Expr::or)
        .unwrap_or_else(|| lit(false))
}

/// The first `count` values of `shown` and their row numbers, where `fails`.
pub(super) fn examples(failing: &Failing, count: u64) -> (Expr, Expr) {
    let count = usize::try_from(count).ok();
    let rows = raw(ROW_INDEX)
        .filter(failing.fails.clone())
        .head(count)
        .implode(true);
    let values = failing
        .shown
        .clone()
        .cast(DataType::String)
        .filter(failing.fails.clone())
        .head(count)
        .implode(true);
    (rows, values)
}
