//! Comparing two columns, or a column with a constant.

use std::cmp::Ordering;

use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;

use super::data::{Data, scalar_kind, scalar_text};
use super::evaluate::{bits, booleans, holds};
use super::truth::Truth;
use super::{decimals, read};
use crate::measure::{Comparison, LogicalType, Scalar};

/// What two sides that cannot be compared hold.
pub(super) type Incomparable = (&'static str, &'static str);

/// Texts beside decimals that are not read as ones without loss.
const LONG_TEXTS: &str = "texts with numbers of more than 38 digits";

/// Compares row by row.
pub(super) fn compare(
    left: &Data,
    comparison: Comparison,
    right: &Data,
) -> Result<Truth, Incomparable> {
    match (left, right) {
        (Data::Constant(None, rows), _) | (_, Data::Constant(None, rows)) => {
            Ok(Truth::constant(None, *rows))
        }
        (Data::Constant(Some(one), rows), Data::Constant(Some(other), _)) => {
            Ok(Truth::constant(constants(one, comparison, other), *rows))
        }
        (column, Data::Constant(Some(scalar), _)) => with_constant(column, comparison, scalar),
        (Data::Constant(Some(scalar), _), column) => {
            with_constant(column, comparison.mirrored(), scalar)
        }
        _ => columns(left, comparison, right),
    }
}

fn constants(one: &Scalar, comparison: Comparison, other: &Scalar) -> Option<bool> {
    let order = match (one, other) {
        (Scalar::Decimal(_), other_number) | (other_number, Scalar::Decimal(_))
            if other_number.as_decimal().is_some() =>
        {
            one.as_decimal().partial_cmp(&other.as_decimal())
        }
        (Scalar::Text(one), Scalar::Text(other)) => Some(one.cmp(other)),
        (Scalar::Integer(one), Scalar::Integer(other)) => Some(one.cmp(other)),
        (Scalar::Instant(one), Scalar::Instant(other)) => Some(one.cmp(other)),
        _ => {
            let number = super::data::scalar_number;
            number(one)?.partial_cmp(&number(other)?)
        }
    };
    Some(holds(comparison, order))
}

/// A column beside a constant.
fn with_constant(
    column: &Data,
    comparison: Comparison,
    scalar: &Scalar,
) -> Result<Truth, Incomparable> {
    let rows = column.len();
    let unreadable = || Ok(Truth::constant(None, rows));
    let yes = match (column, scalar) {
        (Data::Decimal(array, scale), scalar) => {
            match decimals::beside(array, *scale, comparison, scalar) {
                Some(yes) => yes,
                None if matches!(scalar, Scalar::Text(_)) => return unreadable(),
                None => return Err((column.kind(), scalar_kind(scalar))),
            }
        }
        (Data::Integer(_) | Data::Unsigned(_), Scalar::Decimal(_) | Scalar::Unsigned(_)) => {
            let constant = Data::Constant(Some(scalar.clone()), rows);
            decimals::row_by_row(column, comparison, &constant)
        }
        (Data::Integer(array), scalar) => match number_of(scalar) {
            Some(Exact::Whole(whole)) => integers(array, comparison, whole),
            Some(Exact::Float(float)) => beside_float(array, comparison, float),
            None if matches!(scalar, Scalar::Text(_)) => return unreadable(),
            None => return Err((column.kind(), scalar_kind(scalar))),
        },
        (Data::Unsigned(array), scalar) => match number_of(scalar) {
            Some(exact) => {
                let order = |value: u64| match exact {
                    Exact::Whole(whole) => Some(i128::from(value).cmp(&i128::from(whole))),
                    Exact::Float(float) => (value as f64).partial_cmp(&float),
                };
                array
                    .values()
                    .iter()
                    .map(|value| holds(comparison, order(*value)))
                    .collect()
            }
            None if matches!(scalar, Scalar::Text(_)) => return unreadable(),
            None => return Err((column.kind(), scalar_kind(scalar))),
        },
        (Data::Number(array), scalar) => match number_of(scalar) {
            Some(Exact::Whole(whole)) => floats(array, comparison, whole as f64),
            Some(Exact::Float(float)) => floats(array, comparison, float),
            None if matches!(scalar, Scalar::Text(_)) => return unreadable(),
            None => return Err((column.kind(), scalar_kind(scalar))),
        },
        (Data::Instant(array), Scalar::Instant(instant)) => {
            integers(array, comparison, instant.timestamp_micros())
        }
        (Data::Instant(array), Scalar::Text(text)) => match read::timestamp(text) {
            Some(instant) => integers(array, comparison, instant),
            None => return unreadable(),
        },
        (Data::Time(array), Scalar::Text(text)) => match read::time(text) {
            Some(time) => integers(array, comparison, time),
            None => return unreadable(),
        },
        (Data::Boolean(array), scalar) => {
            let value = match scalar {
                Scalar::Boolean(value) => Some(*value),
                Scalar::Text(text) => read::boolean(text),
                Scalar::Integer(0) => Some(false),
                Scalar::Integer(1) => Some(true),
                Scalar::Integer(_)
                | Scalar::Unsigned(_)
                | Scalar::Number(_)
                | Scalar::Decimal(_)
                | Scalar::Instant(_) => {
                    return Err((column.kind(), scalar_kind(scalar)));
                }
            };
            let Some(value) = value else {
                return unreadable();
            };
            let truths = booleans(array);
            bits(rows, |row| {
                holds(comparison, Some(truths.get_bit(row).cmp(&value)))
            })
        }
        (Data::Text(array), Scalar::Text(text)) => {
            let wanted = text.as_str();
            array
                .values_iter()
                .map(|value| holds(comparison, Some(value.cmp(wanted))))
                .collect()
        }
        (Data::Text(texts), Scalar::Decimal(_)) => {
            let read = decimals::of_texts(texts).ok_or((LONG_TEXTS, scalar_kind(scalar)))?;
            return with_constant(&read, comparison, scalar);
        }
        // A text beside a number is read as one.
        (Data::Text(_), Scalar::Integer(_) | Scalar::Unsigned(_) | Scalar::Number(_)) => {
            return read_then(column, LogicalType::Number, comparison, scalar);
        }
        (Data::Text(_), Scalar::Instant(_)) => {
            return read_then(column, LogicalType::Timestamp, comparison, scalar);
        }
        (Data::Text(array), Scalar::Boolean(_)) => {
            // A text that is neither true nor false is no condition.
            if array
                .iter()
                .flatten()
                .any(|text| read::boolean(text).is_none())
            {
                return Err((column.kind(), scalar_kind(scalar)));
            }
            return read_then(column, LogicalType::Boolean, comparison, scalar);
        }
        (Data::Other(_), Scalar::Text(text)) => {
            let texts = column.texts().map_err(|_| (column.kind(), "text"))?;
            bits(rows, |row| {
                holds(
                    comparison,
                    texts.get(row).map(|value| value.cmp(text.as_str())),
                )
            })
        }
        (Data::Instant(_) | Data::Time(_) | Data::Other(_) | Data::Constant(..), scalar) => {
            return Err((column.kind(), scalar_kind(scalar)));
        }
    };
    Ok(Truth::new(yes, column.validity()))
}

fn read_then(
    column: &Data,
    wanted: LogicalType,
    comparison: Comparison,
    scalar: &Scalar,
) -> Result<Truth, Incomparable> {
    let column = column
        .clone()
        .read_as(wanted)
        .map_err(|_| ("text", scalar_kind(scalar)))?;
    with_constant(&column, comparison, scalar)
}

/// A number without loss.
#[derive(Clone, Copy)]
enum Exact {
    Whole(i64),
    Float(f64),
}

fn number_of(scalar: &Scalar) -> Option<Exact> {
    match scalar {
        Scalar::Integer(whole) => Some(Exact::Whole(*whole)),
        Scalar::Unsigned(whole) => Some(Exact::Float(*whole as f64)),
        Scalar::Number(float) => Some(Exact::Float(*float)),
        Scalar::Decimal(decimal) => Some(Exact::Float(decimal.number())),
        Scalar::Boolean(value) => Some(Exact::Whole(i64::from(*value))),
        Scalar::Text(text) => match read::integer(text) {
            Some(whole) => Some(Exact::Whole(whole)),
            None => read::number(text).map(Exact::Float),
        },
        Scalar::Instant(_) => None,
    }
}

/// Integers beside an integer, decimals beside a decimal, or instants beside an instant.
pub(super) fn integers<T: NativeType + PartialOrd>(
    array: &PrimitiveArray<T>,
    comparison: Comparison,
    constant: T,
) -> Bitmap {
    let values = array.values().iter();
    match comparison {
        Comparison::Equal => values.map(|value| *value == constant).collect(),
        Comparison::NotEqual => values.map(|value| *value != constant).collect(),
        Comparison::Less => values.map(|value| *value < constant).collect(),
        Comparison::LessOrEqual => values.map(|value| *value <= constant).collect(),
        Comparison::Greater => values.map(|value| *value > constant).collect(),
        Comparison::GreaterOrEqual => values.map(|value| *value >= constant).collect(),
    }
}

/// Integers beside a floating-point number, exactly: the number is rounded to the integer that splits
/// the integers the same way.
fn beside_float(array: &PrimitiveArray<i64>, comparison: Comparison, constant: f64) -> Bitmap {
    /// 2^63, the first float no `i64` reaches.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    let rows = array.len();
    if constant.is_nan() {
        return Bitmap::new_with_value(comparison == Comparison::NotEqual, rows);
    }
    if !(-BEYOND..BEYOND).contains(&constant) {
        let order = if constant < 0.0 {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        return Bitmap::new_with_value(holds(comparison, Some(order)), rows);
    }
    let floor = constant.floor();
    let whole = floor as i64;
    if floor == constant {
        return integers(array, comparison, whole);
    }
    match comparison {
        Comparison::Equal => Bitmap::new_zeroed(rows),
        Comparison::NotEqual => Bitmap::new_with_value(true, rows),
        Comparison::Less | Comparison::LessOrEqual => {
            integers(array, Comparison::LessOrEqual, whole)
        }
        Comparison::Greater | Comparison::GreaterOrEqual => {
            integers(array, Comparison::Greater, whole)
        }
    }
}

fn floats(array: &PrimitiveArray<f64>, comparison: Comparison, constant: f64) -> Bitmap {
    let values = array.values().iter();
    match comparison {
        Comparison::Equal => values.map(|value| *value == constant).collect(),
        Comparison::NotEqual => values.map(|value| *value != constant).collect(),
        Comparison::Less => values.map(|value| *value < constant).collect(),
        Comparison::LessOrEqual => values.map(|value| *value <= constant).collect(),
        Comparison::Greater => values.map(|value| *value > constant).collect(),
        Comparison::GreaterOrEqual => values.map(|value| *value >= constant).collect(),
    }
}

/// Two columns.
fn columns(left: &Data, comparison: Comparison, right: &Data) -> Result<Truth, Incomparable> {
    let incomparable = (left.kind(), right.kind());
    let rows = left.len();
    let validity = super::truth::both(left.validity().as_ref(), right.validity().as_ref());
    let yes = match (left, right) {
        (Data::Integer(one), Data::Integer(other))
        | (Data::Instant(one), Data::Instant(other))
        | (Data::Time(one), Data::Time(other)) => pairs(one, other, comparison),
        (Data::Number(one), Data::Number(other)) => pairs(one, other, comparison),
        (Data::Unsigned(one), Data::Unsigned(other)) => pairs(one, other, comparison),
        (Data::Decimal(one, scale), Data::Decimal(other, other_scale)) if scale == other_scale => {
            pairs(one, other, comparison)
        }
        (Data::Decimal(..), Data::Decimal(..) | Data::Integer(_) | Data::Unsigned(_))
        | (Data::Integer(_) | Data::Unsigned(_), Data::Decimal(..)) => {
            decimals::row_by_row(left, comparison, right)
        }
        (Data::Text(texts), Data::Decimal(..)) => {
            let read = decimals::of_texts(texts).ok_or((LONG_TEXTS, right.kind()))?;
            return columns(&read, comparison, right);
        }
        (Data::Boolean(one), Data::Boolean(other)) => {
            let (one, other) = (booleans(one), booleans(other));
            bits(rows, |row| {
                holds(comparison, Some(one.get_bit(row).cmp(&other.get_bit(row))))
            })
        }
        (Data::Text(one), Data::Text(other)) => one
            .values_iter()
            .zip(other.values_iter())
            .map(|(one, other)| holds(comparison, Some(one.cmp(other))))
            .collect(),
        (Data::Integer(one), Data::Unsigned(other)) => bits(rows, |row| {
            let order = i128::from(one.value(row)).cmp(&i128::from(other.value(row)));
            holds(comparison, Some(order))
        }),
        (Data::Unsigned(_), Data::Integer(_)) => {
            return columns(right, comparison.mirrored(), left);
        }
        (Data::Integer(one), Data::Number(other)) => bits(rows, |row| {
            holds(
                comparison,
                whole_and_float(one.value(row), other.value(row)),
            )
        }),
        (Data::Number(_), Data::Integer(_)) => {
            return columns(right, comparison.mirrored(), left);
        }
        // As in SQL, a decimal beside a floating-point number is taken as one.
        (Data::Unsigned(_) | Data::Decimal(..), Data::Number(_))
        | (Data::Number(_), Data::Unsigned(_) | Data::Decimal(..)) => {
            let one = left.numbers().map_err(|_| incomparable)?;
            let other = right.numbers().map_err(|_| incomparable)?;
            pairs(&one, &other, comparison)
        }
        (Data::Text(_), other) if !matches!(other, Data::Other(_)) => {
            let wanted = match other {
                Data::Integer(_) | Data::Unsigned(_) | Data::Number(_) => LogicalType::Number,
                Data::Instant(_) => LogicalType::Timestamp,
                Data::Time(_) => LogicalType::Time,
                Data::Boolean(_) => LogicalType::Boolean,
                Data::Decimal(..) | Data::Text(_) | Data::Constant(..) | Data::Other(_) => {
                    return Err(incomparable);
                }
            };
            let read = left.clone().read_as(wanted).map_err(|_| incomparable)?;
            return columns(&read, comparison, right);
        }
        (other, Data::Text(_)) if !matches!(other, Data::Other(_)) => {
            return columns(right, comparison.mirrored(), left);
        }
        (Data::Other(_), Data::Other(_)) => {
            let one = left.texts().map_err(|_| incomparable)?;
            let other = right.texts().map_err(|_| incomparable)?;
            bits(rows, |row| {
                holds(comparison, Some(one.get(row).cmp(&other.get(row))))
            })
        }
        _ => return Err(incomparable),
    };
    Ok(Truth::new(yes, validity))
}

/// An integer beside a float, exactly.
fn whole_and_float(whole: i64, float: f64) -> Option<Ordering> {
    let rough = (whole as f64).partial_cmp(&float)?;
    if rough.is_ne() || float.abs() < 9_007_199_254_740_992.0 {
        return Some(rough);
    }
    // Both are whole numbers here; a float of this size fits an `i128`.
    Some(i128::from(whole).cmp(&(float as i128)))
}

fn pairs<T: NativeType + PartialOrd>(
    left: &PrimitiveArray<T>,
    right: &PrimitiveArray<T>,
    comparison: Comparison,
) -> Bitmap {
    let pairs = left.values().iter().zip(right.values().iter());
    match comparison {
        Comparison::Equal => pairs.map(|(one, other)| one == other).collect(),
        Comparison::NotEqual => pairs.map(|(one, other)| one != other).collect(),
        Comparison::Less => pairs.map(|(one, other)| one < other).collect(),
        Comparison::LessOrEqual => pairs.map(|(one, other)| one <= other).collect(),
        Comparison::Greater => pairs.map(|(one, other)| one > other).collect(),
        Comparison::GreaterOrEqual => pairs.map(|(one, other)| one >= other).collect(),
    }
}

/// A scalar as the text a text column would hold.
pub(super) fn as_text(scalar: &Scalar) -> String {
    scalar_text(scalar)
}
