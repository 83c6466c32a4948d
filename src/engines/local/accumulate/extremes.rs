//! Smallest, largest and newest values.

use std::sync::Mutex;

use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::data::Data;
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::numbers::for_each;
use crate::engines::local::partitions::state::{Kept, ScalarBits, State};
use crate::measure::{Decimal, Measured, Scalar, Value};

/// Smallest and largest value.
pub(super) struct Extremes<'a> {
    value: &'a Value,
    found: Mutex<Option<(Scalar, Scalar)>>,
}

impl<'a> Extremes<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self {
            value,
            found: Mutex::default(),
        }
    }

    fn add(&self, (low, high): (Scalar, Scalar)) {
        let mut found = locked(&self.found);
        *found = Some(match found.take() {
            Some((lowest, highest)) => (smaller(lowest, low), larger(highest, high)),
            None => (low, high),
        });
    }
}

impl<'m> Accumulator<'m> for Extremes<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        if let Some(ends) = extremes(&rows.value(self.value)?, selected, self.value)? {
            self.add(ends);
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Extremes(locked(&self.found).clone()))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(Extremes::new(self.value)))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Extremes(ends) = state else {
            return Err(not_its_own());
        };
        if let Some((low, high)) = ends {
            let end = |bits: &ScalarBits| bits.scalar().ok_or_else(not_its_own);
            self.add((end(low)?, end(high)?));
        }
        Ok(())
    }
}

impl Portable for Extremes<'_> {
    fn kept(&self, _: u64) -> Kept {
        let found = locked(&self.found);
        let ends = found.as_ref().map(|(low, high)| (low.into(), high.into()));
        Kept::whole(State::Extremes(ends))
    }
}

fn extremes(
    data: &Data,
    selected: Option<&Bitmap>,
    value: &Value,
) -> Evaluated<Option<(Scalar, Scalar)>> {
    Ok(match data {
        Data::Integer(array) => {
            ends(array, selected).map(|(low, high)| (Scalar::Integer(low), Scalar::Integer(high)))
        }
        Data::Unsigned(array) => ends(array, selected).map(|(low, high)| (whole(low), whole(high))),
        Data::Decimal(array, scale) => ends(array, selected).and_then(|(low, high)| {
            let scalar = |value| Decimal::new(value, *scale).map(Scalar::from);
            Some((scalar(low)?, scalar(high)?))
        }),
        Data::Instant(array) => ends(array, selected).and_then(|(low, high)| {
            let instant = |at| chrono::DateTime::from_timestamp_micros(at).map(Scalar::Instant);
            Some((instant(low)?, instant(high)?))
        }),
        Data::Text(array) => {
            let mut found: Option<(&str, &str)> = None;
            for (row, text) in array.iter().enumerate() {
                let Some(text) = text.filter(|_| selected.is_none_or(|rows| rows.get_bit(row)))
                else {
                    continue;
                };
                found = Some(match found {
                    Some((low, high)) => (low.min(text), high.max(text)),
                    None => (text, text),
                });
            }
            found.map(|(low, high)| (Scalar::Text(low.to_owned()), Scalar::Text(high.to_owned())))
        }
        Data::Number(_)
        | Data::Boolean(_)
        | Data::Time(_)
        | Data::Constant(..)
        | Data::Other(_) => {
            let numbers = data.numbers().map_err(|kind| {
                Problem::Senseless(format!("{value} holds {kind}, which have no smallest"))
            })?;
            let mut found: Option<(f64, f64)> = None;
            for_each(&numbers, selected, |x| {
                if !x.is_nan() {
                    found = Some(match found {
                        Some((low, high)) => (low.min(x), high.max(x)),
                        None => (x, x),
                    });
                }
            });
            found.map(|(low, high)| (Scalar::Number(low), Scalar::Number(high)))
        }
    })
}

/// The whole number, exactly.
fn whole(value: u64) -> Scalar {
    i64::try_from(value).map_or(Scalar::Unsigned(value), Scalar::Integer)
}

fn ends<T: NativeType + Ord>(
    array: &PrimitiveArray<T>,
    selected: Option<&Bitmap>,
) -> Option<(T, T)> {
    let mut found: Option<(T, T)> = None;
    for_each(array, selected, |value| {
        found = Some(match found {
            Some((low, high)) => (low.min(value), high.max(value)),
            None => (value, value),
        });
    });
    found
}

/// Whether two scalars of one kind are in order. Others keep the order they came in.
fn in_order(one: &Scalar, other: &Scalar) -> bool {
    match (one, other) {
        (Scalar::Integer(one), Scalar::Integer(other)) => one <= other,
        (Scalar::Unsigned(one), Scalar::Unsigned(other)) => one <= other,
        (Scalar::Integer(_), Scalar::Unsigned(_)) => true,
        (Scalar::Unsigned(_), Scalar::Integer(_)) => false,
        (Scalar::Number(one), Scalar::Number(other)) => one <= other,
        (Scalar::Decimal(_), Scalar::Decimal(_) | Scalar::Number(_))
        | (Scalar::Number(_), Scalar::Decimal(_)) => one.as_decimal() <= other.as_decimal(),
        (Scalar::Text(one), Scalar::Text(other)) => one <= other,
        (Scalar::Instant(one), Scalar::Instant(other)) => one <= other,
        _ => true,
    }
}

fn smaller(one: Scalar, other: Scalar) -> Scalar {
    if in_order(&one, &other) { one } else { other }
}

fn larger(one: Scalar, other: Scalar) -> Scalar {
    if in_order(&one, &other) { other } else { one }
}

/// The newest date or timestamp of a column.
pub(super) struct Newest<'a> {
    column: &'a str,
    found: Mutex<Option<i64>>,
}

impl<'a> Newest<'a> {
    pub(super) fn new(column: &'a str) -> Self {
        Self {
            column,
            found: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for Newest<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let data = rows.column(self.column)?;
        let Data::Instant(array) = &data else {
            return Err(Problem::Senseless(format!(
                "the column holds {}, not dates or timestamps",
                data.kind()
            )));
        };
        if let Some((_, newest)) = ends(array, selected) {
            let mut found = locked(&self.found);
            *found = Some(found.map_or(newest, |before| before.max(newest)));
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let newest = locked(&self.found).and_then(chrono::DateTime::from_timestamp_micros);
        Ok(Measured::Newest(newest))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(Newest::new(self.column)))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Newest(newest) = state else {
            return Err(not_its_own());
        };
        let mut found = locked(&self.found);
        *found = (*found).max(*newest);
        Ok(())
    }
}

impl Portable for Newest<'_> {
    fn kept(&self, _: u64) -> Kept {
        Kept::whole(State::Newest(*locked(&self.found)))
    }
}
