//! Whether values are of a list.

use std::collections::HashSet;

use polars_arrow::array::Utf8ViewArray;
use polars_arrow::bitmap::Bitmap;

use super::compare::{as_text, compare};
use super::data::{Data, scalar_number};
use super::evaluate::{Evaluated, Problem};
use super::truth::Truth;
use super::{decimals, read, text};
use crate::measure::{Comparison, Decimal, LogicalType, Place, Scalar};

/// Lists up to this long are looked through; longer ones are hashed.
const LOOKED_THROUGH_MAX: usize = 8;

/// Whether the value equals one of the scalars; null for null.
pub(super) fn is_in(column: &Data, scalars: &[Scalar]) -> Truth {
    match column {
        Data::Integer(array) => {
            let wanted = whole_numbers(scalars);
            let values = array.values().iter();
            let yes = if wanted.len() <= LOOKED_THROUGH_MAX {
                values.map(|value| wanted.contains(value)).collect()
            } else if let Some(table) = Table::of(&wanted) {
                values.map(|value| table.contains(*value)).collect()
            } else {
                let wanted: HashSet<i64> = wanted.into_iter().collect();
                values.map(|value| wanted.contains(value)).collect()
            };
            Truth::new(yes, column.validity())
        }
        Data::Text(array) => {
            let texts: HashSet<&str> = scalars
                .iter()
                .filter_map(|scalar| match scalar {
                    Scalar::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            let others: Vec<&Scalar> = scalars
                .iter()
                .filter(|scalar| !matches!(scalar, Scalar::Text(_)))
                .collect();
            let few: Option<Vec<&str>> = (texts.len() <= LOOKED_THROUGH_MAX && others.is_empty())
                .then(|| texts.iter().copied().collect());
            text::tested(array, |value| match &few {
                Some(few) => few.contains(&value),
                None => texts.contains(value) || others.iter().any(|scalar| spells(value, scalar)),
            })
        }
        Data::Decimal(array, scale) => {
            let place = |scalar| match decimals::place_of(scalar, *scale) {
                Some(Place::At(unscaled)) => Some(unscaled),
                Some(Place::Below | Place::After(_) | Place::Above) | None => None,
            };
            let wanted: HashSet<i128> = scalars.iter().filter_map(place).collect();
            let yes = array.values().iter().map(|value| wanted.contains(value));
            Truth::new(yes.collect(), column.validity())
        }
        Data::Unsigned(_)
        | Data::Number(_)
        | Data::Boolean(_)
        | Data::Instant(_)
        | Data::Time(_)
        | Data::Constant(..)
        | Data::Other(_) => equal_to_any(column, scalars),
    }
}

/// One comparison for each scalar: for the kinds of values whose lists are short.
fn equal_to_any(column: &Data, scalars: &[Scalar]) -> Truth {
    let rows = column.len();
    let mut found = Bitmap::new_zeroed(rows);
    for scalar in scalars {
        let constant = Data::Constant(Some(scalar.clone()), rows);
        // What cannot be compared is not equal.
        if let Ok(truth) = compare(column, Comparison::Equal, &constant) {
            found = &found | truth.yes();
        }
    }
    Truth::new(found, column.validity())
}

/// Whether a text spells a scalar.
fn spells(text: &str, scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Integer(_) | Scalar::Unsigned(_) | Scalar::Number(_) => {
            text == as_text(scalar)
                || read::number(text).is_some_and(|number| scalar_number(scalar) == Some(number))
        }
        Scalar::Decimal(decimal) => Decimal::parse(text) == Some(*decimal),
        Scalar::Boolean(value) => read::boolean(text) == Some(*value),
        Scalar::Instant(instant) => read::timestamp(text) == Some(instant.timestamp_micros()),
        Scalar::Text(other) => text == other,
    }
}

/// The scalars an integer can equal.
fn whole_numbers(scalars: &[Scalar]) -> Vec<i64> {
    let whole = |scalar: &Scalar| match scalar {
        Scalar::Integer(value) => Some(*value),
        Scalar::Boolean(value) => Some(i64::from(*value)),
        Scalar::Text(text) => read::integer(text).or_else(|| exact(read::number(text)?)),
        Scalar::Number(value) => exact(*value),
        Scalar::Unsigned(_) | Scalar::Decimal(_) | Scalar::Instant(_) => None,
    };
    scalars.iter().filter_map(whole).collect()
}

/// The integer a float is, exactly.
fn exact(float: f64) -> Option<i64> {
    let whole = float as i64;
    (float.fract() == 0.0 && whole as f64 == float && float.abs() < 9.2e18).then_some(whole)
}

/// Integers that lie close together, one bit each.
struct Table {
    first: i64,
    bits: Vec<bool>,
}

impl Table {
    fn of(wanted: &[i64]) -> Option<Self> {
        /// Widest table.
        const WIDTH_MAX: i64 = 1 << 16;
        let (first, last) = (*wanted.iter().min()?, *wanted.iter().max()?);
        let width = last.checked_sub(first).filter(|width| *width < WIDTH_MAX)?;
        let mut bits = vec![false; usize::try_from(width).ok()? + 1];
        for value in wanted {
            let place = usize::try_from(value - first).ok()?;
            if let Some(bit) = bits.get_mut(place) {
                *bit = true;
            }
        }
        Some(Self { first, bits })
    }

    fn contains(&self, value: i64) -> bool {
        let place = value
            .checked_sub(self.first)
            .and_then(|place| usize::try_from(place).ok());
        place
            .and_then(|place| self.bits.get(place))
            .copied()
            .unwrap_or(false)
    }
}

/// What a text must be read as to equal a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// A value of a type.
    Type(LogicalType),
    /// A decimal, without loss.
    Decimal,
}

impl Beside {
    /// Reads texts; what cannot be read is null.
    pub(super) fn read(self, texts: Utf8ViewArray) -> Evaluated<Data> {
        match self {
            Self::Type(wanted) => Ok(Data::Text(texts).read_as(wanted)?),
            Self::Decimal => decimals::of_texts(&texts).ok_or_else(|| {
                Problem::Unsupported(
                    "texts beside decimals spell numbers of more than 38 digits, or infinite ones"
                        .to_owned(),
                )
            }),
        }
    }
}

/// What a text must be read as to equal a value of this kind.
pub(super) fn type_beside(data: &Data) -> Option<Beside> {
    let logical_type = match data {
        Data::Decimal(..) => return Some(Beside::Decimal),
        Data::Integer(_) | Data::Unsigned(_) => LogicalType::Integer,
        Data::Number(_) => LogicalType::Number,
        Data::Boolean(_) => LogicalType::Boolean,
        Data::Instant(_) => LogicalType::Timestamp,
        Data::Time(_) => LogicalType::Time,
        Data::Text(_) | Data::Constant(..) | Data::Other(_) => return None,
    };
    Some(Beside::Type(logical_type))
}
