//! Columns as the few kinds of values that rules distinguish.

use polars::prelude::*;
use polars_arrow::array::{Array as _, BooleanArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;

use super::{decimals, read};
use crate::measure::{Decimal, LogicalType, Scalar, nearest};

/// Digits of the largest decimals.
pub(super) const DECIMAL_DIGITS_MAX: usize = 38;

/// The values of one column, or of an expression, for the rows of one batch.
#[derive(Clone, Debug)]
pub(super) enum Data {
    /// Whole numbers.
    Integer(PrimitiveArray<i64>),
    /// Whole numbers that may be too large for the others.
    Unsigned(PrimitiveArray<u64>),
    /// Floating-point numbers.
    Number(PrimitiveArray<f64>),
    /// Decimals: whole numbers, of which as many digits stand after the point.
    Decimal(PrimitiveArray<i128>, u32),
    /// True and false.
    Boolean(BooleanArray),
    /// Texts.
    Text(Utf8ViewArray),
    /// Dates and timestamps in microseconds since 1970-01-01T00:00Z.
    Instant(PrimitiveArray<i64>),
    /// Times of day in nanoseconds.
    Time(PrimitiveArray<i64>),
    /// The same value in every row; `None` is null.
    Constant(Option<Scalar>, usize),
    /// Lists, records and bytes, which have a text and nothing else.
    Other(Series),
}

impl Data {
    /// The values of a column as it stands in the file.
    pub(super) fn of(series: &Series) -> PolarsResult<Self> {
        let length = series.len();
        Ok(match series.dtype() {
            DataType::Null => Self::Constant(None, length),
            DataType::UInt64 => Self::Unsigned(primitive(series.u64()?)),
            DataType::Int64 => Self::Integer(primitive(series.i64()?)),
            dtype if dtype.is_integer() => {
                Self::Integer(primitive(series.cast(&DataType::Int64)?.i64()?))
            }
            DataType::Float64 => Self::Number(primitive(series.f64()?)),
            DataType::Decimal(_, scale) if *scale <= DECIMAL_DIGITS_MAX => {
                let unscaled = series.to_physical_repr();
                Self::Decimal(primitive(unscaled.i128()?), *scale as u32)
            }
            dtype if dtype.is_float() => {
                Self::Number(primitive(series.cast(&DataType::Float64)?.f64()?))
            }
            DataType::Boolean => {
                let array = series.bool()?.rechunk();
                Self::Boolean(array.downcast_as_array().clone())
            }
            DataType::String => Self::Text(texts(series)?),
            DataType::Categorical(..) | DataType::Enum(..) => {
                Self::Text(texts(&series.cast(&DataType::String)?)?)
            }
            DataType::Date => {
                let days = series.to_physical_repr().cast(&DataType::Int64)?;
                let days = primitive(days.i64()?);
                Self::Instant(mapped(&days, |day| day.saturating_mul(86_400_000_000)))
            }
            DataType::Datetime(unit, _) => {
                let ticks = series.to_physical_repr();
                let ticks = primitive(ticks.i64()?);
                Self::Instant(match unit {
                    TimeUnit::Microseconds => ticks,
                    TimeUnit::Milliseconds => mapped(&ticks, |tick| tick.saturating_mul(1_000)),
                    TimeUnit::Nanoseconds => mapped(&ticks, |tick| tick.div_euclid(1_000)),
                })
            }
            DataType::Time => Self::Time(primitive(series.to_physical_repr().i64()?)),
            _ => Self::Other(series.clone()),
        })
    }

    /// The values of a column, read as the type of the contract; what cannot be read is null.
    pub(super) fn read_as(self, wanted: LogicalType) -> PolarsResult<Self> {
        let fits = match (&self, wanted) {
            (Self::Integer(_) | Self::Unsigned(_), LogicalType::Integer | LogicalType::Number)
            | (Self::Number(_) | Self::Decimal(..), LogicalType::Number)
            | (Self::Boolean(_), LogicalType::Boolean)
            | (Self::Text(_), LogicalType::String)
            | (Self::Instant(_), LogicalType::Date | LogicalType::Timestamp)
            | (Self::Time(_), LogicalType::Time)
            | (Self::Constant(..), _)
            | (_, LogicalType::String | LogicalType::Object | LogicalType::Array) => true,
            (
                Self::Integer(_)
                | Self::Unsigned(_)
                | Self::Number(_)
                | Self::Decimal(..)
                | Self::Boolean(_)
                | Self::Text(_)
                | Self::Instant(_)
                | Self::Time(_)
                | Self::Other(_),
                LogicalType::Integer
                | LogicalType::Number
                | LogicalType::Boolean
                | LogicalType::Date
                | LogicalType::Timestamp
                | LogicalType::Time,
            ) => false,
        };
        if fits {
            return Ok(self);
        }
        let texts = self.texts()?;
        Ok(match wanted {
            LogicalType::Integer => Self::Integer(parsed(&texts, read::integer)),
            LogicalType::Number => Self::Number(parsed(&texts, read::number)),
            LogicalType::Boolean => Self::Boolean(
                texts
                    .iter()
                    .map(|text| text.and_then(read::boolean))
                    .collect(),
            ),
            LogicalType::Date => Self::Instant(parsed(&texts, read::date)),
            LogicalType::Timestamp => Self::Instant(parsed(&texts, read::timestamp)),
            LogicalType::Time => Self::Time(parsed(&texts, read::time)),
            LogicalType::String | LogicalType::Object | LogicalType::Array => self,
        })
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Integer(array) | Self::Instant(array) | Self::Time(array) => array.len(),
            Self::Unsigned(array) => array.len(),
            Self::Number(array) => array.len(),
            Self::Decimal(array, _) => array.len(),
            Self::Boolean(array) => array.len(),
            Self::Text(array) => array.len(),
            Self::Constant(_, length) => *length,
            Self::Other(series) => series.len(),
        }
    }

    /// The rows that are not null; `None` when all are not.
    pub(super) fn validity(&self) -> Option<Bitmap> {
        let validity = match self {
            Self::Integer(array) | Self::Instant(array) | Self::Time(array) => {
                array.validity().cloned()
            }
            Self::Unsigned(array) => array.validity().cloned(),
            Self::Number(array) => array.validity().cloned(),
            Self::Decimal(array, _) => array.validity().cloned(),
            Self::Boolean(array) => array.validity().cloned(),
            Self::Text(array) => array.validity().cloned(),
            Self::Constant(Some(_), _) => None,
            Self::Constant(None, length) => Some(Bitmap::new_zeroed(*length)),
            Self::Other(series) => (0 < series.null_count()).then(|| {
                series
                    .is_not_null()
                    .rechunk()
                    .downcast_as_array()
                    .values()
                    .clone()
            }),
        };
        validity.filter(|validity| 0 < validity.unset_bits())
    }

    /// The values as texts: numbers in their shortest form that reads back, instants as ISO 8601.
    pub(super) fn texts(&self) -> PolarsResult<Utf8ViewArray> {
        Ok(match self {
            Self::Text(array) => array.clone(),
            Self::Other(series) => texts(&read::nested_texts(series)?)?,
            _ => {
                let texts = (0..self.len()).map(|row| self.text_at(row));
                let mut array =
                    polars_arrow::array::MutableBinaryViewArray::<str>::with_capacity(self.len());
                texts.for_each(|text| array.push(text));
                array.into()
            }
        })
    }

    /// The value of one row as text.
    pub(super) fn text_at(&self, row: usize) -> Option<String> {
        if self.len() <= row {
            return None;
        }
        match self {
            Self::Integer(array) => array.get(row).map(|value| value.to_string()),
            Self::Unsigned(array) => array.get(row).map(|value| value.to_string()),
            Self::Number(array) => array.get(row).map(|value| format!("{value:?}")),
            Self::Decimal(..) => self.decimal_at(row).map(decimals::text),
            Self::Boolean(array) => array.get(row).map(|value| value.to_string()),
            Self::Text(array) => array.get(row).map(str::to_owned),
            Self::Instant(array) => array.get(row).map(read::instant_text),
            Self::Time(array) => array.get(row).map(read::time_text),
            Self::Constant(scalar, _) => scalar.as_ref().map(scalar_text),
            Self::Other(series) => {
                let one = series.slice(i64::try_from(row).ok()?, 1);
                let texts = texts(&read::nested_texts(&one).ok()?).ok()?;
                texts.get(0).map(str::to_owned)
            }
        }
    }

    /// The value of one row as JSON.
    pub(super) fn json_at(&self, row: usize) -> serde_json::Value {
        match self {
            Self::Integer(array) => array.get(row).into(),
            Self::Unsigned(array) => array.get(row).into(),
            Self::Number(array) => array.get(row).into(),
            Self::Decimal(..) => self.decimal_at(row).map(Decimal::number).into(),
            Self::Boolean(array) => array.get(row).into(),
            Self::Other(_) => {
                let text = self.text_at(row);
                let read = |text: String| {
                    serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
                };
                text.map_or(serde_json::Value::Null, read)
            }
            Self::Text(_) | Self::Instant(_) | Self::Time(_) | Self::Constant(..) => {
                self.text_at(row).into()
            }
        }
    }

    /// The value of one row; `None` for null.
    pub(super) fn scalar_at(&self, row: usize) -> Option<Scalar> {
        match self {
            Self::Integer(array) => array.get(row).map(Scalar::Integer),
            Self::Number(array) => array.get(row).map(Scalar::Number),
            Self::Decimal(..) => self.decimal_at(row).map(Scalar::from),
            Self::Boolean(array) => array.get(row).map(Scalar::Boolean),
            Self::Unsigned(array) => array.get(row).map(|value| match i64::try_from(value) {
                Ok(whole) => Scalar::Integer(whole),
                Err(_) => Scalar::Number(value as f64),
            }),
            Self::Instant(array) => array
                .get(row)
                .and_then(chrono::DateTime::from_timestamp_micros)
                .map(Scalar::Instant),
            Self::Text(_) | Self::Time(_) | Self::Constant(..) | Self::Other(_) => {
                self.text_at(row).map(Scalar::Text)
            }
        }
    }

    /// The decimal of one row; `None` for null, and for values that are no decimals or whole numbers.
    pub(super) fn decimal_at(&self, row: usize) -> Option<Decimal> {
        match self {
            Self::Decimal(array, scale) => Decimal::new(array.get(row)?, *scale),
            Self::Integer(array) => Decimal::new(array.get(row)?.into(), 0),
            Self::Unsigned(array) => Decimal::new(array.get(row)?.into(), 0),
            Self::Constant(scalar, _) => scalar.as_ref()?.as_decimal(),
            Self::Number(_)
            | Self::Boolean(_)
            | Self::Text(_)
            | Self::Instant(_)
            | Self::Time(_)
            | Self::Other(_) => None,
        }
    }

    /// The values as floating-point numbers, or the kind they are of when they are none. Instants are
    /// seconds since 1970-01-01T00:00Z, times of day seconds since midnight.
    pub(super) fn numbers(&self) -> Result<PrimitiveArray<f64>, &'static str> {
        Ok(match self {
            Self::Number(array) => array.clone(),
            Self::Decimal(array, scale) => floats(array, |value| nearest(value, *scale)),
            Self::Integer(array) => floats(array, |value| value as f64),
            Self::Unsigned(array) => floats(array, |value| value as f64),
            Self::Instant(array) => floats(array, |value| value as f64 / 1e6),
            Self::Time(array) => floats(array, |value| value as f64 / 1e9),
            Self::Boolean(array) => array
                .iter()
                .map(|value| value.map(|value| if value { 1.0 } else { 0.0 }))
                .collect(),
            Self::Constant(scalar, length) => {
                let number = match scalar {
                    None => None,
                    Some(scalar) => Some(scalar_number(scalar).ok_or("text")?),
                };
                let mut values =
                    PrimitiveArray::from_vec(vec![number.unwrap_or_default(); *length]);
                if number.is_none() {
                    values.set_validity(Some(Bitmap::new_zeroed(*length)));
                }
                values
            }
            Self::Text(_) => return Err("text"),
            Self::Other(_) => return Err("values without order"),
        })
    }

    /// The kind of values, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Integer(_) | Self::Unsigned(_) => "whole numbers",
            Self::Number(_) | Self::Decimal(..) => "numbers",
            Self::Boolean(_) => "booleans",
            Self::Text(_) => "text",
            Self::Instant(_) => "dates or timestamps",
            Self::Time(_) => "times of day",
            Self::Constant(..) => "a constant",
            Self::Other(_) => "lists, records or bytes",
        }
    }
}

/// What a scalar is, in words.
pub(super) fn scalar_kind(scalar: &Scalar) -> &'static str {
    match scalar {
        Scalar::Integer(_) | Scalar::Unsigned(_) | Scalar::Number(_) | Scalar::Decimal(_) => {
            "a number"
        }
        Scalar::Text(_) => "a text",
        Scalar::Boolean(_) => "a boolean",
        Scalar::Instant(_) => "a date or timestamp",
    }
}

/// A scalar as text.
pub(super) fn scalar_text(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Number(value) => format!("{value:?}"),
        Scalar::Decimal(value) => decimals::text(*value),
        other => other.to_string(),
    }
}

/// A scalar as a number: instants in seconds; `None` for texts that spell none.
pub(super) fn scalar_number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Integer(value) => Some(*value as f64),
        Scalar::Unsigned(value) => Some(*value as f64),
        Scalar::Number(value) => Some(*value),
        Scalar::Decimal(value) => Some(value.number()),
        Scalar::Boolean(value) => Some(if *value { 1.0 } else { 0.0 }),
        Scalar::Instant(instant) => Some(instant.timestamp_micros() as f64 / 1e6),
        Scalar::Text(text) => read::number(text),
    }
}

fn primitive<T: PolarsNumericType>(column: &ChunkedArray<T>) -> PrimitiveArray<T::Native> {
    column.rechunk().downcast_as_array().clone()
}

fn texts(series: &Series) -> PolarsResult<Utf8ViewArray> {
    Ok(series.str()?.rechunk().downcast_as_array().clone())
}

fn mapped(array: &PrimitiveArray<i64>, change: impl Fn(i64) -> i64) -> PrimitiveArray<i64> {
    let values: Vec<i64> = array.values().iter().map(|value| change(*value)).collect();
    PrimitiveArray::from_vec(values).with_validity(array.validity().cloned())
}

fn floats<T: polars_arrow::types::NativeType>(
    array: &PrimitiveArray<T>,
    change: impl Fn(T) -> f64,
) -> PrimitiveArray<f64> {
    let values: Vec<f64> = array.values().iter().map(|value| change(*value)).collect();
    PrimitiveArray::from_vec(values).with_validity(array.validity().cloned())
}

fn parsed<T: polars_arrow::types::NativeType>(
    texts: &Utf8ViewArray,
    read: impl Fn(&str) -> Option<T>,
) -> PrimitiveArray<T> {
    texts.iter().map(|text| text.and_then(&read)).collect()
}
