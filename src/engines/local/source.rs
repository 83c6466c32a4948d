//! Where rows come from: whatever can hand out columns in batches.

use polars::prelude::{PolarsResult, Series};

use super::table::Table;
use crate::measure::{Measure, Measured, TableFacts};

/// Most rows of a batch: what is made of them on the way is small, and stays in the caches.
pub(super) const BATCH_ROWS_MAX: usize = 1 << 16;

/// The file rows come from, among those of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FileRows {
    /// Index of its first row in the table, from 0.
    pub(super) first_row: u64,
    /// A number that follows from what is in the file, to tell it from others; 0 when it is the only one.
    pub(super) seed: u64,
}

/// Some rows of some columns.
pub(super) struct Batch {
    /// Index of the first row in the table, from 0.
    pub(super) first_row: u64,
    /// The file they come from.
    pub(super) file: FileRows,
    /// Number of rows; also right when there are no columns.
    pub(super) row_count: usize,
    /// The columns asked for, each of one chunk and `row_count` long.
    pub(super) columns: Vec<Series>,
}

impl Batch {
    /// The same rows in batches of bearable size.
    pub(super) fn cut(&self) -> impl Iterator<Item = Batch> {
        (0..self.row_count)
            .step_by(BATCH_ROWS_MAX)
            .map(move |start| {
                let count = BATCH_ROWS_MAX.min(self.row_count - start);
                let columns = self.columns.iter();
                Batch {
                    first_row: self.first_row + start as u64,
                    file: self.file,
                    row_count: count,
                    columns: columns
                        .map(|column| column.slice(start as i64, count))
                        .collect(),
                }
            })
    }
}

/// Takes one batch; `false` ends the scan early. Called from several threads at once.
pub(super) type Consume<'a> = dyn Fn(usize, Batch) -> PolarsResult<bool> + Sync + 'a;

/// An open table.
pub(super) trait Source: Send + Sync {
    /// What is known before rows are read. The number of rows may be 0 until they have been.
    fn facts(&self) -> &TableFacts;

    /// The answer to a measure that the table has without its rows being read.
    fn answer(&self, measure: &Measure, table: &Table) -> Option<Measured> {
        let _ = (measure, table);
        None
    }

    /// Reads the table once. `parts` are sets of columns that must come together; a source may hand out
    /// one batch per part and piece of the table, or batches that hold all of them: `consume` is told
    /// the part, and gets every row of every part exactly once, pieces in any order.
    ///
    /// Gives the number of rows.
    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64>;

    /// The files the table is made of; `None` when it is one.
    fn files(&self) -> Option<&dyn Files> {
        None
    }

    /// Whether columns read one after the other cost no more than all of them at once.
    fn reads_columns_apart(&self) -> bool {
        false
    }

    /// Reads pieces in row order, one after the other, until `consume` says `false`.
    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()>;
}

/// The files of a table, in the order of their rows.
pub(super) trait Files {
    /// How many there are.
    fn count(&self) -> usize;

    /// What rows of a file depend on besides its bytes: the values its directories stand for.
    fn surroundings(&self, index: usize) -> String;

    /// Reads one file, as [`Source::scan`] reads all; `first_row` is the number of rows before it.
    fn scan_file(
        &self,
        index: usize,
        first_row: u64,
        parts: &[Vec<String>],
        consume: &Consume<'_>,
    ) -> PolarsResult<u64>;
}
