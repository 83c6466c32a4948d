//! Counts of rows, and rows that are left out.

use std::sync::atomic::{AtomicU64, Ordering};

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::partitions::state::{Kept, State};
use crate::engines::local::truth::{both, count};
use crate::measure::{Condition, Measured};

/// How many rows there are.
#[derive(Default)]
pub(super) struct RowCount {
    rows: AtomicU64,
}

impl<'m> Accumulator<'m> for RowCount {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        self.rows
            .fetch_add(count(selected, rows.len()), Ordering::Relaxed);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Count(self.rows.load(Ordering::Relaxed)))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(RowCount::default()))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Count(count) = state else {
            return Err(not_its_own());
        };
        self.rows.fetch_add(*count, Ordering::Relaxed);
        Ok(())
    }
}

impl Portable for RowCount {
    fn kept(&self, _: u64) -> Kept {
        Kept::whole(State::Count(self.rows.load(Ordering::Relaxed)))
    }
}

/// How many rows a condition is true for.
pub(super) struct Count<'a> {
    condition: &'a Condition,
    rows: AtomicU64,
}

impl<'a> Count<'a> {
    pub(super) fn new(condition: &'a Condition) -> Self {
        Self {
            condition,
            rows: AtomicU64::new(0),
        }
    }
}

impl<'m> Accumulator<'m> for Count<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let truth = rows.truth(self.condition)?;
        let true_rows = both(Some(truth.yes()), selected);
        self.rows
            .fetch_add(count(true_rows.as_ref(), rows.len()), Ordering::Relaxed);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Count(self.rows.load(Ordering::Relaxed)))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(Count::new(self.condition)))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Count(count) = state else {
            return Err(not_its_own());
        };
        self.rows.fetch_add(*count, Ordering::Relaxed);
        Ok(())
    }
}

impl Portable for Count<'_> {
    fn kept(&self, _: u64) -> Kept {
        Kept::whole(State::Count(self.rows.load(Ordering::Relaxed)))
    }
}

/// How many rows a column is null in.
pub(super) struct NullCount<'a> {
    column: &'a str,
    nulls: AtomicU64,
}

impl<'a> NullCount<'a> {
    pub(super) fn new(column: &'a str) -> Self {
        Self {
            column,
            nulls: AtomicU64::new(0),
        }
    }
}

impl<'m> Accumulator<'m> for NullCount<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let present = rows.raw(self.column)?.validity();
        let present = count(both(present.as_ref(), selected).as_ref(), rows.len());
        let nulls = count(selected, rows.len()) - present;
        self.nulls.fetch_add(nulls, Ordering::Relaxed);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Count(self.nulls.load(Ordering::Relaxed)))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(NullCount::new(self.column)))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Count(count) = state else {
            return Err(not_its_own());
        };
        self.nulls.fetch_add(*count, Ordering::Relaxed);
        Ok(())
    }
}

impl Portable for NullCount<'_> {
    fn kept(&self, _: u64) -> Kept {
        Kept::whole(State::Count(self.nulls.load(Ordering::Relaxed)))
    }
}

/// The rows a condition is true for, and what is measured on them.
pub(super) struct Where<'a> {
    condition: &'a Condition,
    inner: Box<dyn Accumulator<'a> + 'a>,
}

impl<'a> Where<'a> {
    pub(super) fn new(condition: &'a Condition, inner: Box<dyn Accumulator<'a> + 'a>) -> Self {
        Self { condition, inner }
    }
}

impl<'m> Accumulator<'m> for Where<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let selected = self::selected(self.condition, rows, selected)?;
        rows.within(selected.as_ref(), || {
            self.inner.update(rows, selected.as_ref())
        })
    }

    fn finish(&self) -> Evaluated<Measured> {
        self.inner.finish()
    }

    fn wants_rows_in_order(&self) -> bool {
        self.inner.wants_rows_in_order()
    }

    fn revisit(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<bool> {
        let selected = self::selected(self.condition, rows, selected)?;
        rows.within(selected.as_ref(), || {
            self.inner.revisit(rows, selected.as_ref())
        })
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(WhereOfFile {
            condition: self.condition,
            inner: self.inner.of_file()?,
        }))
    }

    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        self.inner.absorb(state, first_row)
    }
}

/// The same in one file.
struct WhereOfFile<'a> {
    condition: &'a Condition,
    inner: Box<dyn OfFile<'a> + 'a>,
}

impl<'m> OfFile<'m> for WhereOfFile<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let selected = self::selected(self.condition, rows, selected)?;
        rows.within(selected.as_ref(), || {
            self.inner.update(rows, selected.as_ref())
        })
    }

    fn state(&self, first_row: u64) -> Kept {
        self.inner.state(first_row)
    }
}

/// The selected rows the condition is true for.
fn selected<'m>(
    condition: &'m Condition,
    rows: &Rows<'m, '_>,
    selected: Option<&Bitmap>,
) -> Evaluated<Option<Bitmap>> {
    let truth = rows.truth(condition)?;
    Ok(both(Some(truth.yes()), selected))
}
