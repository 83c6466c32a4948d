//! Distributions, for comparisons.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::data::Data;
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::memory::Memory;
use crate::engines::local::partitions::state::{DistributionState, Kept, State as KeptState};
use crate::engines::local::truth::{both, count};
use crate::engines::local::values::Values;
use crate::measure::{CategoricalDistribution, Distribution, Measured, NumericDistribution};

/// Different texts counted in a column; beyond it the column is an identifier and the rest is one.
const CATEGORIES_MAX: usize = 100_000;

/// The distribution of a column.
pub(super) struct DistributionOf<'a> {
    column: &'a str,
    values: Arc<Values<'a>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    nulls: u64,
    is_categorical: bool,
    categories: BTreeMap<String, u64>,
    others: u64,
}

impl State {
    fn count(&mut self, text: &str, count: u64) {
        if let Some(total) = self.categories.get_mut(text) {
            *total += count;
        } else if self.categories.len() < CATEGORIES_MAX {
            self.categories.insert(text.to_owned(), count);
        } else {
            self.others += count;
        }
    }
}

impl<'a> DistributionOf<'a> {
    pub(super) fn new(column: &'a str, memory: &'a Memory) -> Self {
        Self {
            column,
            values: Arc::new(Values::new(memory)),
            state: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for DistributionOf<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let data = rows.column(self.column)?;
        let present = both(data.validity().as_ref(), selected);
        let nulls = count(selected, rows.len()) - count(present.as_ref(), rows.len());
        let categorical = match &data {
            Data::Text(_) | Data::Boolean(_) | Data::Other(_) | Data::Constant(..) => true,
            Data::Integer(_)
            | Data::Unsigned(_)
            | Data::Number(_)
            | Data::Decimal(..)
            | Data::Instant(_)
            | Data::Time(_) => false,
        };
        let mut counts: HashMap<&str, u64> = HashMap::new();
        let texts = if categorical {
            Some(data.texts()?)
        } else {
            None
        };
        match &texts {
            Some(texts) => {
                for (row, text) in texts.iter().enumerate() {
                    if let Some(text) = text
                        && selected.is_none_or(|selected| selected.get_bit(row))
                    {
                        *counts.entry(text).or_default() += 1;
                    }
                }
            }
            None => {
                if let Ok(numbers) = data.numbers() {
                    self.values.add(&numbers, selected)?;
                }
            }
        }
        let mut state = locked(&self.state);
        state.nulls += nulls;
        state.is_categorical |= categorical;
        for (text, count) in counts {
            state.count(text, count);
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let state = locked(&self.state);
        if state.is_categorical {
            return Ok(Measured::Distribution(Distribution::Categorical(
                CategoricalDistribution {
                    counts: state.categories.clone(),
                    null_count: state.nulls,
                    other_count: state.others,
                },
            )));
        }
        let (finite, infinite): (Vec<_>, Vec<_>) = self
            .values
            .points()?
            .into_iter()
            .partition(|(value, _)| value.is_finite());
        Ok(Measured::Distribution(Distribution::Numeric(
            NumericDistribution {
                points: finite,
                null_count: state.nulls,
                nan_count: self.values.nan_count(),
                infinite_count: infinite.iter().map(|(_, count)| count).sum(),
                rank_error: 0.0,
            },
        )))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(DistributionOf {
            column: self.column,
            values: Arc::new(Values::of_file(&self.values)),
            state: Mutex::default(),
        }))
    }

    fn absorb(&self, state: &KeptState, _: u64) -> Evaluated<()> {
        let KeptState::Distribution(other) = state else {
            return Err(not_its_own());
        };
        self.values.absorb(&other.numbers)?;
        let mut state = locked(&self.state);
        state.nulls += other.nulls;
        state.is_categorical |= other.is_categorical;
        state.others += other.others;
        for (text, count) in &other.categories {
            state.count(text, *count);
        }
        Ok(())
    }
}

impl Portable for DistributionOf<'_> {
    fn kept(&self, _: u64) -> Kept {
        let state = locked(&self.state);
        let (numbers, is_whole) = self.values.kept();
        Kept {
            // Which texts are the others is not known any more.
            is_whole: is_whole && state.others == 0,
            state: KeptState::Distribution(DistributionState {
                nulls: state.nulls,
                is_categorical: state.is_categorical,
                categories: state.categories.clone(),
                others: state.others,
                numbers,
            }),
        }
    }
}
