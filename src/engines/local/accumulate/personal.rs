//! Personal data in the texts of a column.

use std::collections::HashMap;
use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::partitions::state::{Kept, PersonalState, State};
use crate::measure::{Measured, PersonalFound};

/// Personal data in a column, each different text of a batch looked at once.
pub(super) struct PersonalIn<'a> {
    column: &'a str,
    found: Mutex<PersonalFound>,
}

impl<'a> PersonalIn<'a> {
    pub(super) fn new(column: &'a str) -> Self {
        Self {
            column,
            found: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for PersonalIn<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let texts = rows.raw(self.column)?.texts()?;
        let mut different: HashMap<&str, (u64, u64)> = HashMap::new();
        for (row, text) in texts.iter().enumerate() {
            if let Some(text) = text
                && selected.is_none_or(|selected| selected.get_bit(row))
            {
                let row_number = rows.batch.first_row + row as u64 + 1;
                different.entry(text).or_insert((0, row_number)).0 += 1;
            }
        }
        let mut found = PersonalFound::default();
        for (text, (count, row_number)) in different {
            found.update(text, count, row_number);
        }
        locked(&self.found).merge(&found);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Personal(locked(&self.found).clone()))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(PersonalIn::new(self.column)))
    }

    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        let State::Personal(other) = state else {
            return Err(not_its_own());
        };
        locked(&self.found).merge(&other.found(first_row));
        Ok(())
    }
}

impl Portable for PersonalIn<'_> {
    fn kept(&self, first_row: u64) -> Kept {
        let found = PersonalState::of(&locked(&self.found), first_row);
        Kept::whole(State::Personal(found))
    }
}
