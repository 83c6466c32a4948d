//! CSV, TSV and their relatives: every column as text, in pieces of the file.
//!
//! The contract says what type a column has, and what cannot be read as that is counted, not guessed
//! away: so this reader makes texts only. An empty field is null; a quoted empty field is an empty
//! text. What a record and a field are says [`split`].
//!
//! Limits: a record of [`pieces::RECORD_BYTES_MAX`] bytes and a table of [`header::COLUMNS_MAX`] columns.

mod column;
mod header;
mod pieces;
mod split;

#[cfg(test)]
mod tests;

use std::sync::Mutex;

use polars::prelude::*;
use rayon::prelude::*;

use self::column::Nulls;
use self::header::Header;
use self::pieces::{Piece, Pieces};
use super::bytes::ByteSource;
use crate::engines::local::source::{Batch, Consume, FileRows, Source};
use crate::engines::local::table::column_facts;
use crate::measure::CsvOptions;
use crate::measure::TableFacts;

/// A CSV file.
pub(in crate::engines::local) struct CsvSource {
    bytes: ByteSource,
    header: Header,
    nulls: Nulls,
    facts: TableFacts,
}

impl CsvSource {
    /// Opens the file and reads its header.
    pub(in crate::engines::local) fn open(
        bytes: ByteSource,
        options: &CsvOptions,
    ) -> PolarsResult<Self> {
        let header = header::read(&bytes, options)?;
        let columns = header
            .names
            .iter()
            .map(|name| column_facts(name, &DataType::String))
            .collect();
        Ok(Self {
            bytes,
            header,
            nulls: Nulls::new(&options.null_values),
            facts: TableFacts {
                row_count: 0,
                columns,
                typed: false,
            },
        })
    }

    fn batch(&self, piece: &Piece, columns: &[usize]) -> Batch {
        let columns = columns
            .iter()
            .map(|index| column::series(piece, &self.header, &self.nulls, *index))
            .collect();
        Batch {
            first_row: piece.first_row,
            file: FileRows::default(),
            row_count: piece.records.count,
            columns,
        }
    }

    fn indexes(&self, columns: &[String]) -> PolarsResult<Vec<usize>> {
        columns
            .iter()
            .map(|column| {
                let index = self.header.names.iter().position(|name| name == column);
                index.ok_or_else(|| polars_err!(ColumnNotFound: "there is no column `{column}`"))
            })
            .collect()
    }
}

impl Source for CsvSource {
    fn facts(&self) -> &TableFacts {
        &self.facts
    }

    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64> {
        let parts = parts
            .iter()
            .map(|columns| self.indexes(columns))
            .collect::<PolarsResult<Vec<_>>>()?;
        let pieces = Mutex::new(Pieces::open(&self.bytes, &self.header)?);
        let next = || {
            let mut pieces = pieces
                .lock()
                .map_err(|_| polars_err!(ComputeError: "another thread gave up"))?;
            pieces.next()
        };
        // Each thread cuts a piece off the file while the others wait, and works on it while they cut
        // theirs: in memory is never more than a piece for each.
        (0..rayon::current_num_threads())
            .into_par_iter()
            .with_max_len(1)
            .try_for_each(|_| {
                while let Some(piece) = next()? {
                    let mut going_on = parts.is_empty();
                    for (part, columns) in parts.iter().enumerate() {
                        going_on |= consume(part, self.batch(&piece, columns))?;
                    }
                    if !going_on && let Ok(mut pieces) = pieces.lock() {
                        pieces.end();
                    }
                }
                Ok::<(), PolarsError>(())
            })?;
        pieces
            .into_inner()
            .map(|pieces| pieces.row_count())
            .map_err(|_| polars_err!(ComputeError: "another thread gave up"))
    }

    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()> {
        let columns = self.indexes(columns)?;
        let mut pieces = Pieces::open(&self.bytes, &self.header)?;
        while let Some(piece) = pieces.next()? {
            if !consume(self.batch(&piece, &columns))? {
                break;
            }
        }
        Ok(())
    }
}
