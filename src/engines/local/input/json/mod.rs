//! JSON Lines: one object a line, a column for every key (<https://jsonlines.org>).
//!
//! The file is read twice: first for what kinds of value each column holds, then for the values. So memory
//! is bounded whatever the size of the file, and no value is bent or lost because it comes late:
//!
//! - A key that is not in a line is null there.
//! - Whole numbers and others together are floating-point numbers.
//! - A column of values of several kinds, or of whole numbers beyond 64 bits with sign, is text: numbers and
//!   booleans as they are written in JSON. What the contract cannot read as its type is counted.
//! - Objects and arrays are JSON texts with sorted keys.
//! - A key that stands twice in an object, and a line that is no object, are errors.

mod cells;
mod kinds;
mod lines;

#[cfg(test)]
mod tests;

pub(in crate::engines::local) use self::kinds::SEVERAL_KINDS;

use std::sync::Mutex;

use polars::prelude::*;
use rayon::prelude::*;

use self::cells::Builder;
use self::kinds::Columns;
use self::lines::{Lines, Piece};
use super::bytes::ByteSource;
use crate::engines::local::source::{Batch, Consume, FileRows, Source};
use crate::measure::TableFacts;

/// A JSON Lines file.
pub(in crate::engines::local) struct JsonSource {
    bytes: ByteSource,
    columns: Columns,
    facts: TableFacts,
}

impl JsonSource {
    /// Opens the file and reads it for its columns.
    pub(in crate::engines::local) fn open(bytes: ByteSource) -> PolarsResult<Self> {
        let found = Mutex::new(Columns::default());
        let row_count = in_parallel(&bytes, &|piece| {
            let columns = kinds::of(piece)?;
            let mut found = found.lock().map_err(|_| gave_up())?;
            found.add(columns).map(|()| true)
        })?;
        let mut columns = found.into_inner().map_err(|_| gave_up())?;
        columns.sort();
        Ok(Self {
            bytes,
            facts: TableFacts {
                row_count,
                columns: columns.facts(),
                typed: false,
            },
            columns,
        })
    }

    fn batch(&self, piece: &Piece, columns: &[String]) -> PolarsResult<Batch> {
        let mut builders = columns
            .iter()
            .map(|name| {
                let kinds = self
                    .columns
                    .kinds(name)
                    .ok_or_else(|| polars_err!(ColumnNotFound: "there is no column `{name}`"))?;
                Ok(Builder::new(name, kinds, piece.row_count))
            })
            .collect::<PolarsResult<Vec<_>>>()?;
        cells::read(piece, columns, &mut builders)?;
        Ok(Batch {
            first_row: piece.first_row,
            file: FileRows::default(),
            row_count: piece.row_count,
            columns: builders.into_iter().map(Builder::finish).collect(),
        })
    }
}

impl Source for JsonSource {
    fn facts(&self) -> &TableFacts {
        &self.facts
    }

    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64> {
        in_parallel(&self.bytes, &|piece| {
            let mut going_on = parts.is_empty();
            for (part, columns) in parts.iter().enumerate() {
                going_on |= consume(part, self.batch(piece, columns)?)?;
            }
            Ok(going_on)
        })
    }

    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()> {
        let mut lines = Lines::open(&self.bytes)?;
        while let Some(piece) = lines.next()? {
            if !consume(self.batch(&piece, columns)?)? {
                break;
            }
        }
        Ok(())
    }
}

/// Hands pieces to all threads, until one says `false`. Gives the number of rows handed out.
fn in_parallel(
    bytes: &ByteSource,
    work: &(dyn Fn(&Piece) -> PolarsResult<bool> + Sync),
) -> PolarsResult<u64> {
    let lines = Mutex::new(Lines::open(bytes)?);
    (0..rayon::current_num_threads())
        .into_par_iter()
        .with_max_len(1)
        .try_for_each(|_| {
            loop {
                let next = lines.lock().map_err(|_| gave_up())?.next()?;
                let Some(piece) = next else {
                    return Ok::<(), PolarsError>(());
                };
                if !work(&piece)? {
                    lines.lock().map_err(|_| gave_up())?.end();
                }
            }
        })?;
    let lines = lines.into_inner().map_err(|_| gave_up())?;
    Ok(lines.row_count())
}

fn gave_up() -> PolarsError {
    polars_err!(ComputeError: "another thread gave up")
}
