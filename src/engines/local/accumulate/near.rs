//! Rows that nearly repeat an earlier row, or one of another table.

use std::sync::{Arc, Mutex};

use polars_arrow::bitmap::Bitmap;

use super::failing::shown_text;
use super::{Accumulator, Surroundings, locked};
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::related::near_rows;
use crate::measure::{Measured, Near, NearFound, NearIndex, NearRow};

/// Rows kept for a search.
pub(in crate::engines::local) const ROWS_MAX: usize = 2_000_000;

/// Rows that nearly repeat another.
pub(super) struct NearOf<'a> {
    near: &'a Near,
    /// The rows of the other table; absent when it is this one.
    there: Option<Arc<NearIndex>>,
    examples_max: usize,
    rows: Mutex<Vec<(u64, NearRow)>>,
}

impl<'a> NearOf<'a> {
    pub(super) fn new(near: &'a Near, surroundings: Surroundings<'a>) -> Result<Self, Problem> {
        let there = match &near.dataset {
            Some(_) => Some(surroundings.related.near(near)?),
            None => None,
        };
        Ok(Self {
            near,
            there,
            examples_max: surroundings.examples_max,
            rows: Mutex::default(),
        })
    }
}

/// What is shown of a row: its text, or else its numbers.
fn shown(row: &NearRow) -> Option<String> {
    if !row.text.is_empty() {
        return Some(shown_text(&row.text));
    }
    let numbers = row.numbers.iter();
    let texts: Vec<String> = numbers
        .map(|number| number.map_or_else(|| "null".to_owned(), |number| number.to_string()))
        .collect();
    (!texts.is_empty()).then(|| shown_text(&texts.join(", ")))
}

impl<'m> Accumulator<'m> for NearOf<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let found = near_rows(rows, self.near, selected)?;
        let mut rows = locked(&self.rows);
        rows.extend(found);
        if ROWS_MAX < rows.len() {
            return Err(Problem::Unsupported(format!(
                "more than {ROWS_MAX} rows would have to be compared"
            )));
        }
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let mut rows = locked(&self.rows);
        rows.sort_by_key(|(row_number, _)| *row_number);
        let mut found = NearFound::default();
        match &self.there {
            Some(there) => {
                for (row_number, row) in rows.iter() {
                    let nearest = there.nearest(row);
                    found.update(*row_number, || shown(row), nearest, self.examples_max);
                }
            }
            None => {
                let mut index = NearIndex::new(self.near.clone());
                for (row_number, row) in rows.iter() {
                    let nearest = index.nearest(row);
                    found.update(*row_number, || shown(row), nearest, self.examples_max);
                    index.update(*row_number, row);
                }
            }
        }
        Ok(Measured::Near(found))
    }
}
