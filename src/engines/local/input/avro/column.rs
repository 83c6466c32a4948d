//! Columns out of values.

use polars::prelude::*;
use polars_arrow::array::MutableBinaryViewArray;

use super::datum::Datum;
use super::schema::{Kind, Logical, Schema};
use crate::engines::local::table::column_facts;
use crate::measure::{ColumnFacts, LogicalType};

/// A column that is being made.
pub(super) struct Builder {
    name: PlSmallStr,
    dtype: DataType,
    values: Values,
    /// What a whole number is multiplied with: times of day are nanoseconds in a column.
    factor: i64,
}

enum Values {
    Boolean(Vec<Option<bool>>),
    Integer(Vec<Option<i64>>),
    /// Unscaled decimals.
    Decimal(Vec<Option<i128>>),
    Float(Vec<Option<f32>>),
    Double(Vec<Option<f64>>),
    Bytes(MutableBinaryViewArray<[u8]>),
    Text(MutableBinaryViewArray<str>),
}

/// What is known of a column.
pub(super) fn facts(name: &str, schema: &Schema, kind: usize) -> ColumnFacts {
    let mut facts = column_facts(name, &dtype(schema.column(kind)));
    let (logical_type, physical_type) = match schema.column(kind) {
        Kind::Array(_) => (Some(LogicalType::Array), "array"),
        Kind::Map(_) | Kind::Record(_) => (Some(LogicalType::Object), "object"),
        Kind::Union(_) => (Some(LogicalType::String), "union of several types"),
        Kind::Null => (None, "null"),
        Kind::Boolean
        | Kind::Int(_)
        | Kind::Long(_)
        | Kind::Float
        | Kind::Double
        | Kind::Bytes(_)
        | Kind::String
        | Kind::Fixed(..)
        | Kind::Enum(_) => return facts,
    };
    facts.logical_type = logical_type;
    physical_type.clone_into(&mut facts.physical_type);
    facts
}

fn dtype(kind: &Kind) -> DataType {
    match kind {
        Kind::Boolean => DataType::Boolean,
        Kind::Int(logical) => integer_dtype(*logical, DataType::Int32),
        Kind::Long(logical) => integer_dtype(*logical, DataType::Int64),
        Kind::Float => DataType::Float32,
        Kind::Double => DataType::Float64,
        Kind::Bytes(logical) | Kind::Fixed(_, logical) => match logical {
            Some(Logical::Decimal { precision, scale }) => DataType::Decimal(*precision, *scale),
            _ => DataType::Binary,
        },
        Kind::Null
        | Kind::String
        | Kind::Enum(_)
        | Kind::Array(_)
        | Kind::Map(_)
        | Kind::Union(_)
        | Kind::Record(_) => DataType::String,
    }
}

fn integer_dtype(logical: Option<Logical>, plain: DataType) -> DataType {
    match logical {
        Some(Logical::Date) => DataType::Date,
        Some(Logical::TimeMillis | Logical::TimeMicros) => DataType::Time,
        Some(Logical::Timestamp(unit, utc)) => {
            DataType::Datetime(unit, utc.then_some(TimeZone::UTC))
        }
        Some(Logical::Decimal { .. }) | None => plain,
    }
}

impl Builder {
    pub(super) fn new(name: &str, schema: &Schema, kind: usize) -> Self {
        let dtype = dtype(schema.column(kind));
        let values = match &dtype {
            DataType::Boolean => Values::Boolean(Vec::new()),
            DataType::Float32 => Values::Float(Vec::new()),
            DataType::Float64 => Values::Double(Vec::new()),
            DataType::Binary => Values::Bytes(MutableBinaryViewArray::new()),
            DataType::String => Values::Text(MutableBinaryViewArray::new()),
            DataType::Decimal(..) => Values::Decimal(Vec::new()),
            _ => Values::Integer(Vec::new()),
        };
        Self {
            name: name.into(),
            factor: match schema.column(kind) {
                Kind::Int(Some(Logical::TimeMillis)) | Kind::Long(Some(Logical::TimeMillis)) => {
                    1_000_000
                }
                Kind::Int(Some(Logical::TimeMicros)) | Kind::Long(Some(Logical::TimeMicros)) => {
                    1_000
                }
                _ => 1,
            },
            dtype,
            values,
        }
    }

    pub(super) fn push(&mut self, datum: Datum<'_>) -> PolarsResult<()> {
        match (&mut self.values, datum) {
            (Values::Text(values), Datum::Null) => values.push_null(),
            (Values::Text(values), Datum::Text(text)) => values.push_value(text),
            (Values::Text(values), other) => values.push_value(other.into_json().to_string()),
            (Values::Boolean(values), Datum::Null) => values.push(None),
            (Values::Boolean(values), Datum::Boolean(value)) => values.push(Some(value)),
            (Values::Integer(values), Datum::Null) => values.push(None),
            (Values::Integer(values), Datum::Integer(value)) => {
                let value = value.checked_mul(self.factor);
                values.push(Some(value.ok_or_else(
                    || polars_err!(ComputeError: "a time of day is out of range"),
                )?));
            }
            (Values::Float(values), Datum::Null) => values.push(None),
            (Values::Float(values), Datum::Float(value)) => values.push(Some(value)),
            (Values::Double(values), Datum::Null) => values.push(None),
            (Values::Double(values), Datum::Double(value)) => values.push(Some(value)),
            (Values::Bytes(values), Datum::Null) => values.push_null(),
            (Values::Bytes(values), Datum::Bytes(bytes)) => values.push_value(bytes),
            (Values::Decimal(values), Datum::Null) => values.push(None),
            (Values::Decimal(values), Datum::Bytes(bytes)) => values.push(Some(unscaled(bytes)?)),
            (
                Values::Boolean(_)
                | Values::Integer(_)
                | Values::Decimal(_)
                | Values::Float(_)
                | Values::Double(_)
                | Values::Bytes(_),
                _,
            ) => polars_bail!(ComputeError: "a value is of another type than its column"),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> PolarsResult<Series> {
        let name = self.name;
        match self.values {
            Values::Boolean(values) => Ok(Series::new(name, values)),
            Values::Float(values) => Ok(Series::new(name, values)),
            Values::Double(values) => Ok(Series::new(name, values)),
            Values::Bytes(values) => {
                Ok(BinaryChunked::with_chunk(name, values.freeze()).into_series())
            }
            Values::Text(values) => {
                Ok(StringChunked::with_chunk(name, values.freeze()).into_series())
            }
            Values::Integer(values) => match &self.dtype {
                // A day and an `int` have 32 bits; the file may hold more all the same.
                DataType::Date => Series::new(name, values)
                    .strict_cast(&DataType::Int32)?
                    .cast(&self.dtype),
                dtype => Series::new(name, values).strict_cast(dtype),
            },
            Values::Decimal(values) => {
                let values = Int128Chunked::from_iter_options(name, values.into_iter());
                let DataType::Decimal(precision, scale) = self.dtype else {
                    polars_bail!(ComputeError: "a decimal without a scale");
                };
                Ok(values.into_decimal(precision, scale)?.into_series())
            }
        }
    }
}

/// A decimal without its point: a whole number in two's complement, the highest byte first.
fn unscaled(bytes: &[u8]) -> PolarsResult<i128> {
    const LENGTH: usize = size_of::<i128>();
    let is_negative = bytes.first().is_some_and(|byte| 0x80 <= *byte);
    let sign = if is_negative { 0xff } else { 0 };
    let (extra, digits) = bytes.split_at(bytes.len().saturating_sub(LENGTH));
    let mut whole = [sign; LENGTH];
    if let Some(end) = whole.get_mut(LENGTH - digits.len()..) {
        end.copy_from_slice(digits);
    }
    let value = i128::from_be_bytes(whole);
    if extra.iter().any(|byte| *byte != sign) || (value < 0) != is_negative {
        polars_bail!(ComputeError: "a decimal has more than 128 bits");
    }
    Ok(value)
}
