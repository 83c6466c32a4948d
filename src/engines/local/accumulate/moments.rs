//! Count, mean and central moments, in one pass.
//!
//! Each batch is worked out with two looks at its values, which keeps rounding small; batches are joined
//! by the formulas of Chan, Golub and LeVeque (1979) and Pébay (2008).

use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::numbers::for_each;
use crate::engines::local::partitions::state::{Kept, State};
use crate::measure::{Measured, Moments, Value};

/// The moments of a value, by the batch they come from.
pub(super) struct MomentsOf<'a> {
    value: &'a Value,
    /// Kept apart until the end, so that the order in which threads come by changes no digit.
    batches: Mutex<Vec<(u64, Moments)>>,
}

impl<'a> MomentsOf<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self {
            value,
            batches: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for MomentsOf<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let numbers = rows.numbers(self.value)?;
        let mut moments = Moments::default();
        let mut correction = 0.0;
        for_each(&numbers, selected, |x| {
            moments.count += 1;
            moments.zeros += u64::from(x == 0.0);
            moments.nan += u64::from(x.is_nan());
            moments.infinite += u64::from(x.is_infinite());
            // Neumaier's compensated sum.
            let sum = moments.sum + x;
            correction += if x.abs() <= moments.sum.abs() {
                (moments.sum - sum) + x
            } else {
                (x - sum) + moments.sum
            };
            moments.sum = sum;
        });
        if correction.is_finite() {
            moments.sum += correction;
        }
        if 0 < moments.count {
            moments.mean = moments.sum / moments.count as f64;
            for_each(&numbers, selected, |x| {
                let difference = x - moments.mean;
                let square = difference * difference;
                moments.m2 += square;
                moments.m3 += square * difference;
                moments.m4 += square * square;
            });
        }
        locked(&self.batches).push((rows.batch.first_row, moments));
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let mut batches = locked(&self.batches);
        batches.sort_by_key(|(first_row, _)| *first_row);
        let joined = batches
            .iter()
            .map(|(_, moments)| *moments)
            .reduce(|one, other| join(&one, &other));
        let mut moments = joined.unwrap_or_default();
        if moments.count == 0 {
            moments.mean = f64::NAN;
        }
        Ok(Measured::Moments(moments))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(MomentsOf::new(self.value)))
    }

    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        let State::Moments(others) = state else {
            return Err(not_its_own());
        };
        let others = others.iter();
        let others = others.map(|(row, bits)| (row.saturating_add(first_row), (*bits).into()));
        locked(&self.batches).extend(others);
        Ok(())
    }
}

impl Portable for MomentsOf<'_> {
    fn kept(&self, first_row: u64) -> Kept {
        let mut batches = locked(&self.batches);
        batches.sort_by_key(|(row, _)| *row);
        let batches = batches.iter();
        let batches =
            batches.map(|(row, moments)| (row.saturating_sub(first_row), (*moments).into()));
        Kept::whole(State::Moments(batches.collect()))
    }
}

/// The moments of both sets of values.
fn join(one: &Moments, other: &Moments) -> Moments {
    if one.count == 0 {
        return *other;
    }
    if other.count == 0 {
        return *one;
    }
    let (a, b) = (one.count as f64, other.count as f64);
    let n = a + b;
    let delta = other.mean - one.mean;
    let m2 = one.m2 + other.m2 + delta.powi(2) * a * b / n;
    let m3 = one.m3
        + other.m3
        + delta.powi(3) * a * b * (a - b) / n.powi(2)
        + 3.0 * delta * (a * other.m2 - b * one.m2) / n;
    let m4 = one.m4
        + other.m4
        + delta.powi(4) * a * b * (a * a - a * b + b * b) / n.powi(3)
        + 6.0 * delta.powi(2) * (a * a * other.m2 + b * b * one.m2) / n.powi(2)
        + 4.0 * delta * (a * other.m3 - b * one.m3) / n;
    let sum = one.sum + other.sum;
    Moments {
        count: one.count + other.count,
        mean: sum / n,
        sum,
        m2,
        m3,
        m4,
        nan: one.nan + other.nan,
        infinite: one.infinite + other.infinite,
        zeros: one.zeros + other.zeros,
    }
}
