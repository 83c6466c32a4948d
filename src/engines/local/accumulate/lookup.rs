//! Rows whose key is, or is not, in another table.

use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::failing::{examples, merge_examples};
use super::{Accumulator, Surroundings, locked};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::keys::parts;
use crate::engines::local::related::KeySet;
use crate::engines::local::truth::{both, count};
use crate::evidence::FailingRows;
use crate::measure::{Lookup, Measured, Presence};

/// Rows whose key is, or is not, in another table.
pub(super) struct LookupIn<'a> {
    lookup: &'a Lookup,
    keys: KeySet,
    examples_max: usize,
    found: Mutex<FailingRows>,
}

impl<'a> LookupIn<'a> {
    pub(super) fn new(lookup: &'a Lookup, surroundings: Surroundings<'a>) -> Result<Self, Problem> {
        Ok(Self {
            lookup,
            keys: surroundings.related.keys(lookup)?,
            examples_max: surroundings.examples_max,
            found: Mutex::default(),
        })
    }
}

impl<'m> Accumulator<'m> for LookupIn<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let (there, counted) = self
            .keys
            .are_there(parts(rows, &self.lookup.key)?, rows.len())?;
        let eligible = both(counted.as_ref(), selected);
        let outcome = match self.lookup.fails {
            Presence::Found => there,
            Presence::Absent => !&there,
        };
        let failing = both(Some(&outcome), eligible.as_ref());
        let mut columns = Vec::new();
        self.lookup
            .key
            .iter()
            .for_each(|part| part.add_columns(&mut columns));
        let shown = match &failing {
            Some(failing) if 0 < failing.set_bits() => {
                examples(rows, failing, &columns, self.examples_max)?
            }
            _ => Vec::new(),
        };
        let mut found = locked(&self.found);
        found.count += count(failing.as_ref(), rows.len());
        found.eligible += count(eligible.as_ref(), rows.len());
        merge_examples(&mut found.examples, shown, self.examples_max);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Failing(locked(&self.found).clone()))
    }
}
