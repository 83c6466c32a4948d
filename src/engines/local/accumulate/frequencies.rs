//! How often each combination of values occurs.

use std::collections::HashMap;
use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, locked};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
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
        let mut counts = locked(&self.counts);
        for (combination, count) in found {
            let combination: Vec<Option<String>> = combination
                .into_iter()
                .map(|part| part.map(str::to_owned))
                .collect();
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

    fn finish(&self) -> Evaluated<Measured> {
        let mut counts: Vec<_> = locked(&self.counts).clone().into_iter().collect();
        counts.sort_by(|(one, more), (other, fewer)| fewer.cmp(more).then_with(|| one.cmp(other)));
        Ok(Measured::Frequencies(counts))
    }
}
