//! Exact quantiles.

use std::sync::Arc;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::partitions::state::{Kept, State};
use crate::engines::local::values::Values;
use crate::measure::{Interpolation, Measured, Value};

/// A quantile of a value. Several quantiles of one value share what is kept of it; the first fills it.
pub(super) struct Quantile<'a> {
    value: &'a Value,
    fraction: f64,
    interpolation: Interpolation,
    values: Arc<Values<'a>>,
    fills: bool,
}

impl<'a> Quantile<'a> {
    pub(super) fn new(
        value: &'a Value,
        fraction: f64,
        interpolation: Interpolation,
        (values, fills): (Arc<Values<'a>>, bool),
    ) -> Self {
        Self {
            value,
            fraction,
            interpolation,
            values,
            fills,
        }
    }
}

impl<'m> Accumulator<'m> for Quantile<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        if self.fills {
            self.values.add(&rows.numbers(self.value)?, selected)?;
        } else {
            // Says so when the value is no number.
            rows.numbers(self.value)?;
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let count = self.values.count();
        let Some(last) = count.checked_sub(1) else {
            return Ok(Measured::Number(None));
        };
        let position = self.fraction.clamp(0.0, 1.0) * last as f64;
        let (lower, upper) = (position.floor(), position.ceil());
        let rank = |position: f64| (position as u64).min(last);
        let at = |ranks: &[u64]| self.values.at_ranks(ranks);
        let quantile = match self.interpolation {
            Interpolation::Lower => at(&[rank(lower)])?.into_iter().next(),
            Interpolation::Higher => at(&[rank(upper)])?.into_iter().next(),
            Interpolation::Nearest => at(&[rank(position.round_ties_even())])?.into_iter().next(),
            Interpolation::Inverted => {
                let reached = (self.fraction.clamp(0.0, 1.0) * count as f64).ceil() - 1.0;
                at(&[rank(reached.max(0.0))])?.into_iter().next()
            }
            Interpolation::Linear | Interpolation::Midpoint => {
                match at(&[rank(lower), rank(upper)])?.as_slice() {
                    [low, high] if low == high => Some(*low),
                    [low, high] if self.interpolation == Interpolation::Midpoint => {
                        Some(low + (high - low) / 2.0)
                    }
                    [low, high] => Some(between(*low, *high, position - lower)),
                    _ => None,
                }
            }
        };
        Ok(Measured::Number(quantile))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(Quantile {
            values: Arc::new(Values::of_file(&self.values)),
            ..*self
        }))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Numbers(numbers) = state else {
            return Err(not_its_own());
        };
        if self.fills {
            self.values.absorb(numbers)?;
        }
        Ok(())
    }
}

impl Portable for Quantile<'_> {
    fn kept(&self, _: u64) -> Kept {
        let (numbers, is_whole) = self.values.kept();
        Kept {
            state: State::Numbers(numbers),
            is_whole,
        }
    }
}

/// The point between two numbers, as numpy finds it: from the nearer end.
fn between(low: f64, high: f64, share: f64) -> f64 {
    let difference = high - low;
    if 0.5 <= share {
        high - difference * (1.0 - share)
    } else {
        low + difference * share
    }
}
