//! Rows whose key occurs with more than one value.

use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::failing::{ShownColumns, merge_examples};
use super::{Accumulator, Surroundings, locked};
use crate::engines::local::data::Data;
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::keys::{keys, parts, wide_keys};
use crate::engines::local::memory::Memory;
use crate::evidence::{FailingRows, RowExample};
use crate::measure::{Dependency, DependencyState, Measured, NullKeys};

/// Keys kept in memory.
const KEYS_MAX: usize = 50_000_000;

/// Rows whose key occurs with more than one value.
pub(super) struct DependencyOf<'a> {
    dependency: &'a Dependency,
    examples_max: usize,
    memory: &'a Memory,
    state: Mutex<DependencyState>,
    examples: Mutex<Vec<RowExample>>,
}

/// The hashes of key and value of the rows that count.
struct Hashed {
    key: Vec<u128>,
    value: Vec<u128>,
    counts: Box<dyn Fn(usize) -> bool>,
}

impl<'a> DependencyOf<'a> {
    pub(super) fn new(dependency: &'a Dependency, surroundings: Surroundings<'a>) -> Self {
        Self {
            dependency,
            examples_max: surroundings.examples_max,
            memory: surroundings.memory,
            state: Mutex::default(),
            examples: Mutex::default(),
        }
    }

    fn hashed(&self, rows: &Rows<'a, '_>, selected: Option<&Bitmap>) -> Evaluated<Hashed> {
        let value = rows.value(&self.dependency.value)?;
        let validity = value.validity();
        let key_parts: Vec<Data> = parts(rows, &self.dependency.key)?;
        let seeds = self.memory.seeds;
        let key = keys(
            &key_parts,
            self.dependency.nulls,
            selected,
            seeds,
            rows.len(),
        )?;
        let value = keys(&[value], NullKeys::SkipAny, None, seeds, rows.len())?;
        let (eligible, nulls) = (key.eligible.clone(), key.nulls.clone());
        let counts = move |row: usize| {
            let has = |rows: &Option<Bitmap>, otherwise| {
                rows.as_ref()
                    .map_or(otherwise, |rows: &Bitmap| rows.get_bit(row))
            };
            has(&validity, true) && (has(&eligible, true) || has(&nulls, false))
        };
        // The one null of a key is a key unlike any other.
        let null_key = u128::MAX;
        let null_rows = key.nulls.clone();
        let mut key = wide_keys(key);
        if let Some(nulls) = null_rows {
            for (row, key) in key.iter_mut().enumerate() {
                if nulls.get_bit(row) {
                    *key = null_key;
                }
            }
        }
        Ok(Hashed {
            key,
            value: wide_keys(value),
            counts: Box::new(counts),
        })
    }
}

impl<'m> Accumulator<'m> for DependencyOf<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let hashed = self.hashed(rows, selected)?;
        let mut state = locked(&self.state);
        for (row, (key, value)) in hashed.key.iter().zip(&hashed.value).enumerate() {
            if (hashed.counts)(row) {
                state.update(*key, *value);
            }
        }
        if (KEYS_MAX as u64) < state.rows() {
            return Err(Problem::Unsupported(format!(
                "more than {KEYS_MAX} rows would have to be kept"
            )));
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let state = locked(&self.state);
        Ok(Measured::Failing(FailingRows {
            count: state.failing(),
            eligible: state.rows(),
            examples: locked(&self.examples).clone(),
        }))
    }

    fn wants_rows_in_order(&self) -> bool {
        0 < self.examples_max && 0 < locked(&self.state).failing()
    }

    fn revisit(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<bool> {
        let hashed = self.hashed(rows, selected)?;
        let mut columns = Vec::new();
        let parts = self.dependency.key.iter().chain([&self.dependency.value]);
        parts.for_each(|part| part.add_columns(&mut columns));
        let shown = ShownColumns::of(rows, &columns)?;
        let state = locked(&self.state);
        let mut examples = locked(&self.examples);
        let missing = self.examples_max.saturating_sub(examples.len());
        let found = hashed
            .key
            .iter()
            .enumerate()
            .filter(|(row, key)| (hashed.counts)(*row) && state.fails(**key))
            .take(missing)
            .map(|(row, _)| shown.example(rows.batch.first_row, row))
            .collect();
        merge_examples(&mut examples, found, self.examples_max);
        Ok(examples.len() < self.examples_max)
    }
}
