//! Decimals without loss: beside constants, read from texts, as keys; and the columns whose decimals have
//! more digits than the engine, which rules on single values refuse.

use std::cmp::Ordering;

use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::compare::integers;
use super::data::{Data, scalar_number};
use super::evaluate::{Evaluated, Problem, Rows, bits, holds};
use super::{half, read};
use crate::measure::{Comparison, Decimal, Place, Scalar, Value, place};

impl Rows<'_, '_> {
    /// The column a value is, when its decimals were rounded as they were read.
    pub(super) fn rounded<'v>(&self, value: &'v Value) -> Option<&'v str> {
        let (Value::Column(column) | Value::Raw(column)) = value else {
            return None;
        };
        let facts = self.table.facts().column(column)?;
        half::is_wide_decimal(facts).then_some(column)
    }

    /// Refuses a column whose decimals were rounded as they were read: they are good for statistics and
    /// may be taken for one another otherwise.
    pub(super) fn needs_all_digits(&self, column: &str) -> Evaluated<()> {
        let facts = self.table.facts().column(column);
        if facts.is_some_and(half::is_wide_decimal) {
            return Err(Problem::Unsupported(format!(
                "`{column}` holds decimals of more than 38 digits, which are not read without loss; hint: \
                 write them as text"
            )));
        }
        Ok(())
    }
}

/// Where a constant lies among decimals: a number of floating point as the decimal it is written as, a text
/// as the one it spells. `None` for NaN and what is no number.
pub(super) fn place_of(scalar: &Scalar, scale: u32) -> Option<Place> {
    let infinite = |number: f64| match number {
        f64::INFINITY => Some(Place::Above),
        f64::NEG_INFINITY => Some(Place::Below),
        _ => None,
    };
    match scalar {
        Scalar::Integer(_) | Scalar::Unsigned(_) | Scalar::Decimal(_) => {
            place(&scalar.to_string(), scale)
        }
        Scalar::Number(number) => {
            place(&format!("{number:e}"), scale).or_else(|| infinite(*number))
        }
        Scalar::Boolean(value) => place(if *value { "1" } else { "0" }, scale),
        Scalar::Text(text) => place(text, scale).or_else(|| infinite(read::number(text)?)),
        Scalar::Instant(_) => None,
    }
}

/// Decimals beside a constant; `None` when that is no number.
pub(super) fn beside(
    array: &PrimitiveArray<i128>,
    scale: u32,
    comparison: Comparison,
    scalar: &Scalar,
) -> Option<Bitmap> {
    let rows = array.len();
    let all = |order| Bitmap::new_with_value(holds(comparison, order), rows);
    let Some(place) = place_of(scalar, scale) else {
        let is_nan = scalar_number(scalar).is_some_and(f64::is_nan);
        return is_nan.then(|| all(None));
    };
    let all = |order| all(Some(order));
    Some(match (place, comparison) {
        (Place::Below, _) => all(Ordering::Greater),
        (Place::Above, _) => all(Ordering::Less),
        (Place::At(constant), _) => integers(array, comparison, constant),
        (Place::After(_), Comparison::Equal) => Bitmap::new_zeroed(rows),
        (Place::After(_), Comparison::NotEqual) => Bitmap::new_with_value(true, rows),
        (Place::After(constant), Comparison::Less | Comparison::LessOrEqual) => {
            integers(array, Comparison::LessOrEqual, constant)
        }
        (Place::After(constant), Comparison::Greater | Comparison::GreaterOrEqual) => {
            integers(array, Comparison::Greater, constant)
        }
    })
}

/// Whole numbers and decimals of any digits.
pub(super) fn row_by_row(left: &Data, comparison: Comparison, right: &Data) -> Bitmap {
    bits(left.len(), |row| {
        let pair = left.decimal_at(row).zip(right.decimal_at(row));
        holds(comparison, pair.map(|(one, other)| one.cmp(&other)))
    })
}

/// The decimals texts spell, other texts as null; `None` when they need more digits than there are.
pub(super) fn of_texts(texts: &Utf8ViewArray) -> Option<Data> {
    let mut decimals = Vec::with_capacity(texts.len());
    for text in texts {
        // A text that spells a number, but none of so few digits, is not taken for null.
        let is_beyond = |text| read::number(text).is_some_and(|number| !number.is_nan());
        decimals.push(match text {
            Some(text) => match Decimal::parse(text) {
                None if is_beyond(text) => return None,
                decimal => decimal,
            },
            None => None,
        });
    }
    of_decimals(&decimals)
}

/// Decimals with one number of digits after the point; `None` when they need more digits than there are.
pub(super) fn of_decimals(decimals: &[Option<Decimal>]) -> Option<Data> {
    let scales = decimals.iter().flatten().map(|decimal| decimal.parts().1);
    let scale = scales.max().unwrap_or_default();
    let mut unscaled = Vec::with_capacity(decimals.len());
    for decimal in decimals {
        unscaled.push(match decimal {
            Some(decimal) => Some(decimal.at_scale(scale)?),
            None => None,
        });
    }
    Some(Data::Decimal(unscaled.into_iter().collect(), scale))
}

/// A decimal as 128 bits: the same for equal ones, whatever they are written as.
pub(super) fn key(unscaled: i128, scale: u32, seeds: [u64; 2]) -> u128 {
    /// Bits that hold how many digits stand after the point.
    const SCALE_BITS: u32 = 6;
    let (unscaled, scale) = Decimal::new(unscaled, scale).map_or((unscaled, scale), Decimal::parts);
    let shifted = unscaled << SCALE_BITS;
    if shifted >> SCALE_BITS == unscaled {
        return shifted.cast_unsigned() | u128::from(scale);
    }
    let mut bytes = [0; 20];
    let (digits, places) = bytes.split_at_mut(16);
    digits.copy_from_slice(&unscaled.to_le_bytes());
    places.copy_from_slice(&scale.to_le_bytes());
    xxh3_128_with_seed(&bytes, seeds[0])
}

/// A decimal as text: with a point, as floating-point numbers are.
pub(super) fn text(decimal: Decimal) -> String {
    match decimal.whole() {
        Some(whole) => format!("{whole}.0"),
        None => decimal.to_string(),
    }
}
