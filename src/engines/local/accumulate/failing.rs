//! The rows that break a rule.

use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::EXAMPLE_CHARACTERS_MAX;
use crate::engines::local::data::Data;
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::partitions::state::{Kept, State};
use crate::engines::local::truth::{both, count};
use crate::evidence::{FailingRows, RowExample};
use crate::measure::{Measured, RowRule};

/// Columns an example shows; a rule on more shows the first.
const SHOWN_COLUMNS_MAX: usize = 5;

/// As much of a value as an example shows.
pub(super) fn shown_text(text: &str) -> String {
    text.chars().take(EXAMPLE_CHARACTERS_MAX).collect()
}

/// The rows that break a rule, and how many it speaks of.
pub(super) struct Failing<'a> {
    rule: &'a RowRule,
    examples_max: usize,
    found: Mutex<FailingRows>,
}

impl<'a> Failing<'a> {
    pub(super) fn new(rule: &'a RowRule, examples_max: usize) -> Self {
        Self {
            rule,
            examples_max,
            found: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for Failing<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let eligible = rows.truth(&self.rule.eligible)?;
        let eligible = both(Some(eligible.yes()), selected);
        let fails = rows.within(eligible.as_ref(), || rows.truth(&self.rule.fails))?;
        let failing = both(Some(fails.yes()), eligible.as_ref());
        let examples = match &failing {
            Some(failing) if 0 < failing.set_bits() => {
                examples(rows, failing, &self.rule.shows(), self.examples_max)?
            }
            _ => Vec::new(),
        };
        let mut found = locked(&self.found);
        found.count += count(failing.as_ref(), rows.len());
        found.eligible += count(eligible.as_ref(), rows.len());
        merge_examples(&mut found.examples, examples, self.examples_max);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Failing(locked(&self.found).clone()))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(Failing::new(self.rule, self.examples_max)))
    }

    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        let State::Failing(other) = state else {
            return Err(not_its_own());
        };
        let mut examples = other.examples.clone();
        for example in &mut examples {
            example.row_number = example.row_number.saturating_add(first_row);
        }
        let mut found = locked(&self.found);
        found.count += other.count;
        found.eligible += other.eligible;
        merge_examples(&mut found.examples, examples, self.examples_max);
        Ok(())
    }
}

impl Portable for Failing<'_> {
    fn kept(&self, first_row: u64) -> Kept {
        let mut found = locked(&self.found).clone();
        for example in &mut found.examples {
            example.row_number = example.row_number.saturating_sub(first_row);
        }
        Kept::whole(State::Failing(found))
    }
}

/// The first few of these rows, with the values of the columns shown.
pub(super) fn examples(
    rows: &Rows<'_, '_>,
    failing: &Bitmap,
    shown: &[&str],
    examples_max: usize,
) -> Evaluated<Vec<RowExample>> {
    if examples_max == 0 {
        return Ok(Vec::new());
    }
    let shown = ShownColumns::of(rows, shown)?;
    Ok(failing
        .true_idx_iter()
        .take(examples_max)
        .map(|row| shown.example(rows.batch.first_row, row))
        .collect())
}

/// The columns whose values examples show.
pub(super) struct ShownColumns<'a>(Vec<(&'a str, Data)>);

impl<'a> ShownColumns<'a> {
    pub(super) fn of(rows: &Rows<'_, '_>, columns: &[&'a str]) -> Evaluated<Self> {
        let columns = columns.iter().take(SHOWN_COLUMNS_MAX);
        let data = columns.map(|column| Ok((*column, rows.raw(column)?)));
        Ok(Self(data.collect::<Evaluated<_>>()?))
    }

    /// A row of the batch that starts after `first_row` rows.
    pub(super) fn example(&self, first_row: u64, row: usize) -> RowExample {
        let text_at = |data: &Data| data.text_at(row).map(|text| shown_text(&text));
        let (value, is_null) = match self.0.as_slice() {
            [] => (None, false),
            [(_, data)] => {
                let value = text_at(data);
                let is_null = value.is_none();
                (value, is_null)
            }
            several => {
                let values = several.iter().map(|(column, data)| {
                    let value = text_at(data).unwrap_or_else(|| "null".to_owned());
                    format!("{column}={value}")
                });
                (Some(values.collect::<Vec<_>>().join(", ")), false)
            }
        };
        RowExample {
            row_number: first_row + row as u64 + 1,
            value,
            masked: false,
            is_null,
        }
    }
}

/// Keeps the first rows of the table.
pub(super) fn merge_examples(
    kept: &mut Vec<RowExample>,
    found: Vec<RowExample>,
    examples_max: usize,
) {
    kept.extend(found);
    kept.sort_by_key(|example| example.row_number);
    kept.truncate(examples_max);
}
