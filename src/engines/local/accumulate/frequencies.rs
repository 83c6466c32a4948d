//! How often each combination of values occurs.

use std::collections::HashMap;
use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::partitions::state::{Kept, State};
use crate::measure::{Measured, Value};

/// The frequencies of combinations.
pub(super) struct Frequencies<'a> {
    values: &'a [Value],
    combinations_max: usize,
    counts: Mutex<HashMap<Vec<Option<String>>, u64>>,
}

impl<'a> Frequencies<'a> {
    pub(super) fn new(values: &'a [Value], combinations_max: usize) -> Self {
        Self {
            values,
            combinations_max,
            counts: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for Frequencies<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let columns = self
            .values
            .iter()
            .map(|value| Ok(rows.value(value)?.texts()?))
            .collect::<Evaluated<Vec<_>>>()?;
        let mut found: HashMap<Vec<Option<&str>>, u64> = HashMap::new();
        for row in 0..rows.len() {
            if selected.is_some_and(|selected| !selected.get_bit(row)) {
                continue;
            }
            let combination: Vec<Option<&str>> =
                columns.iter().map(|column| column.get(row)).collect();
            *found.entry(combination).or_default() += 1;
        }
        let owned = |parts: Vec<Option<&str>>| -> Vec<Option<String>> {
            let parts = parts.into_iter();
            parts.map(|part| part.map(str::to_owned)).collect()
        };
        self.add(
            found
                .into_iter()
                .map(|(parts, count)| (owned(parts), count)),
        )
    }

    fn finish(&self) -> Evaluated<Measured> {
        let mut counts: Vec<_> = locked(&self.counts).clone().into_iter().collect();
        counts.sort_by(|(one, more), (other, fewer)| fewer.cmp(more).then_with(|| one.cmp(other)));
        Ok(Measured::Frequencies(counts))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(Frequencies::new(
            self.values,
            self.combinations_max,
        )))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Frequencies(others) = state else {
            return Err(not_its_own());
        };
        self.add(others.iter().cloned())
    }
}

impl Portable for Frequencies<'_> {
    fn kept(&self, _: u64) -> Kept {
        let mut counts: Vec<_> = locked(&self.counts).clone().into_iter().collect();
        counts.sort_unstable();
        Kept::whole(State::Frequencies(counts))
    }
}

impl Frequencies<'_> {
    fn add(&self, found: impl Iterator<Item = (Vec<Option<String>>, u64)>) -> Evaluated<()> {
        let mut counts = locked(&self.counts);
        for (combination, count) in found {
            *counts.entry(combination).or_default() += count;
            if self.combinations_max < counts.len() {
                return Err(Problem::Unsupported(format!(
                    "there are more than {} different values",
                    self.combinations_max
                )));
            }
        }
        Ok(())
    }
}
