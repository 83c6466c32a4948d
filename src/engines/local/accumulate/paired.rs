//! Rows whose value differs from the one in another table, joined by key.

use std::sync::{Arc, Mutex};

use polars_arrow::bitmap::Bitmap;

use super::failing::{examples, merge_examples};
use super::{Accumulator, Surroundings, locked};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::keys::parts;
use crate::engines::local::related::ValuesThere;
use crate::engines::local::truth::count;
use crate::evidence::FailingRows;
use crate::measure::{Measured, Paired, Pairing, Value};

/// Rows whose value differs from the one in another table.
pub(super) struct PairedWith<'a> {
    pairing: &'a Pairing,
    there: Arc<ValuesThere>,
    examples_max: usize,
    found: Mutex<(FailingRows, u64)>,
}

impl<'a> PairedWith<'a> {
    pub(super) fn new(
        pairing: &'a Pairing,
        surroundings: Surroundings<'a>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            pairing,
            there: surroundings.related.values(pairing)?,
            examples_max: surroundings.examples_max,
            found: Mutex::default(),
        })
    }
}

impl<'m> Accumulator<'m> for PairedWith<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let (keys, present) = self
            .there
            .keys_of(parts(rows, &self.pairing.key)?, rows.len())?;
        let here = rows.value(&self.pairing.here)?;
        let (mut only_here, mut eligible) = (0, 0);
        let failing = super::super::evaluate::bits(rows.len(), |row| {
            if selected.is_some_and(|selected| !selected.get_bit(row)) {
                return false;
            }
            let joined = present.as_ref().is_none_or(|present| present.get_bit(row));
            let there = keys
                .get(row)
                .filter(|_| joined)
                .and_then(|key| self.there.get(*key));
            let Some(there) = there else {
                only_here += 1;
                return false;
            };
            eligible += 1;
            let here = here.scalar_at(row);
            let agrees =
                |there: &Option<_>| self.pairing.tolerance.agree(here.as_ref(), there.as_ref());
            !there.iter().any(agrees)
        });
        let shown = match &self.pairing.here {
            Value::Column(column) | Value::Raw(column) => Some(column.as_str()),
            _ => None,
        };
        let found_rows = examples(rows, &failing, shown, self.examples_max)?;
        let mut found = locked(&self.found);
        found.0.count += count(Some(&failing), rows.len());
        found.0.eligible += eligible;
        found.1 += only_here;
        merge_examples(&mut found.0.examples, found_rows, self.examples_max);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let found = locked(&self.found);
        Ok(Measured::Paired(Paired {
            failing: found.0.clone(),
            only_here: found.1,
            ambiguous_keys: self.there.ambiguous_keys(),
        }))
    }
}
