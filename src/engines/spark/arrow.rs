//! Batches of Arrow IPC, as a Spark Connect server sends them, to [`Rows`]. They are decoded by the
//! arrays the local engine is built on; nothing is linked for them.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::DateTime;
use polars::prelude::{AnyValue, PlSmallStr, PolarsResult, Series, TimeUnit};
use polars_arrow::datatypes::ArrowDataType;
use polars_arrow::io::ipc::read::{StreamReader, StreamState, read_stream_metadata};

use crate::engines::sql::{Cell, Field, Kind, Rows};

/// Why a batch cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BatchError {
    /// Two columns have the same name.
    SameName,
    /// The bytes are no stream of Arrow IPC.
    Damaged(String),
}

/// Adds the rows of one stream to `rows`; the columns are those of the first.
pub(super) fn add(rows: &mut Rows, data: &[u8]) -> Result<(), BatchError> {
    // The decoder panics on some damaged bytes.
    match catch_unwind(AssertUnwindSafe(|| decode(rows, data))) {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(BatchError::SameName),
        Ok(Err(error)) => Err(BatchError::Damaged(error.to_string())),
        Err(_) => Err(BatchError::Damaged("the bytes are damaged".to_owned())),
    }
}

/// `false` when two columns have the same name, which the decoder cannot have.
fn decode(rows: &mut Rows, data: &[u8]) -> PolarsResult<bool> {
    let mut cursor = Cursor::new(data);
    let metadata = read_stream_metadata(&mut cursor)?;
    if metadata.schema.len() != metadata.ipc_schema.fields.len() {
        return Ok(false);
    }
    if rows.fields.is_empty() {
        rows.fields = metadata
            .schema
            .iter_values()
            .map(|field| Field {
                name: field.name.to_string(),
                kind: kind(&field.dtype),
                physical_type: physical(&field.dtype),
            })
            .collect();
    }
    for state in StreamReader::new(cursor, metadata, None) {
        let StreamState::Some(batch) = state? else {
            break;
        };
        let first = rows.rows.len();
        let width = rows.fields.len();
        rows.rows
            .extend((0..batch.len()).map(|_| Vec::with_capacity(width)));
        for (field, array) in rows.fields.iter().zip(batch.into_arrays()) {
            if !is_read(field.kind) {
                rows.rows[first..]
                    .iter_mut()
                    .for_each(|row| row.push(Cell::Unread));
                continue;
            }
            let series = Series::try_from((PlSmallStr::from(field.name.as_str()), array))?;
            for (row, value) in rows.rows[first..].iter_mut().zip(series.iter()) {
                row.push(cell(&value));
            }
        }
    }
    Ok(true)
}

fn is_read(kind: Kind) -> bool {
    match kind {
        Kind::Whole
        | Kind::Number
        | Kind::Text
        | Kind::Boolean
        | Kind::Date
        | Kind::Instant
        | Kind::Null => true,
        Kind::List | Kind::Record | Kind::Other => false,
    }
}

fn kind(dtype: &ArrowDataType) -> Kind {
    match dtype {
        ArrowDataType::Int8
        | ArrowDataType::Int16
        | ArrowDataType::Int32
        | ArrowDataType::Int64
        | ArrowDataType::UInt8
        | ArrowDataType::UInt16
        | ArrowDataType::UInt32
        | ArrowDataType::UInt64 => Kind::Whole,
        ArrowDataType::Float32 | ArrowDataType::Float64 | ArrowDataType::Decimal(..) => {
            Kind::Number
        }
        ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View => Kind::Text,
        ArrowDataType::Boolean => Kind::Boolean,
        ArrowDataType::Date32 => Kind::Date,
        ArrowDataType::Timestamp(..) => Kind::Instant,
        ArrowDataType::Null => Kind::Null,
        ArrowDataType::List(_) | ArrowDataType::LargeList(_) | ArrowDataType::FixedSizeList(..) => {
            Kind::List
        }
        ArrowDataType::Struct(_) | ArrowDataType::Map(..) => Kind::Record,
        _ => Kind::Other,
    }
}

/// The type as Spark writes it.
fn physical(dtype: &ArrowDataType) -> String {
    match dtype {
        ArrowDataType::Int8 => "tinyint".to_owned(),
        ArrowDataType::Int16 => "smallint".to_owned(),
        ArrowDataType::Int32 => "int".to_owned(),
        ArrowDataType::Int64 => "bigint".to_owned(),
        ArrowDataType::Float32 => "float".to_owned(),
        ArrowDataType::Float64 => "double".to_owned(),
        ArrowDataType::Decimal(precision, scale) => format!("decimal({precision},{scale})"),
        ArrowDataType::Utf8 | ArrowDataType::LargeUtf8 | ArrowDataType::Utf8View => {
            "string".to_owned()
        }
        ArrowDataType::Boolean => "boolean".to_owned(),
        ArrowDataType::Date32 => "date".to_owned(),
        ArrowDataType::Timestamp(_, Some(_)) => "timestamp".to_owned(),
        ArrowDataType::Timestamp(_, None) => "timestamp_ntz".to_owned(),
        ArrowDataType::Binary | ArrowDataType::LargeBinary | ArrowDataType::BinaryView => {
            "binary".to_owned()
        }
        ArrowDataType::List(_) | ArrowDataType::LargeList(_) => "array".to_owned(),
        ArrowDataType::Struct(_) => "struct".to_owned(),
        ArrowDataType::Map(..) => "map".to_owned(),
        other => format!("{other:?}"),
    }
}

fn cell(value: &AnyValue<'_>) -> Cell {
    let whole = |value: Option<i64>| value.map_or(Cell::Unread, Cell::Whole);
    match value {
        AnyValue::Null => Cell::Null,
        AnyValue::Boolean(value) => Cell::Boolean(*value),
        AnyValue::String(text) => Cell::Text((*text).to_owned()),
        AnyValue::StringOwned(text) => Cell::Text(text.to_string()),
        AnyValue::UInt64(value) => whole(i64::try_from(*value).ok()),
        AnyValue::Float32(value) => Cell::Number(f64::from(*value)),
        AnyValue::Float64(value) => Cell::Number(*value),
        AnyValue::Decimal(unscaled, _, scale) => {
            // By its text, which is rounded once.
            let text = format!("{unscaled}e-{scale}");
            text.parse().map_or(Cell::Unread, Cell::Number)
        }
        AnyValue::Date(days) => {
            let seconds = i64::from(*days) * 86_400;
            DateTime::from_timestamp(seconds, 0).map_or(Cell::Unread, Cell::Instant)
        }
        AnyValue::Datetime(ticks, unit, _) => instant(*ticks, *unit),
        AnyValue::DatetimeOwned(ticks, unit, _) => instant(*ticks, *unit),
        other if other.dtype().is_integer() => whole(other.extract::<i64>()),
        _ => Cell::Unread,
    }
}

fn instant(ticks: i64, unit: TimeUnit) -> Cell {
    let instant = match unit {
        TimeUnit::Nanoseconds => Some(DateTime::from_timestamp_nanos(ticks)),
        TimeUnit::Microseconds => DateTime::from_timestamp_micros(ticks),
        TimeUnit::Milliseconds => DateTime::from_timestamp_millis(ticks),
    };
    instant.map_or(Cell::Unread, Cell::Instant)
}

#[cfg(test)]
mod tests {
    use super::add;
    use crate::engines::sql::Rows;

    #[test]
    fn damaged_bytes_are_an_error() {
        for data in [&b""[..], b"\xff\xff\xff\xff", &[0xff; 64], &[0; 64]] {
            let mut rows = Rows::default();
            let outcome = add(&mut rows, data);
            assert!(outcome.is_err() || rows.rows.is_empty(), "{data:?}");
        }
    }
}
