//! Batches that can only be read one after the other, handed to all threads.

use std::sync::Mutex;

use polars::prelude::*;
use rayon::prelude::*;

use super::super::source::{Batch, Consume, FileRows};

/// Rows of the columns asked for, in the order asked for.
pub(super) struct Rows {
    pub(super) count: usize,
    pub(super) columns: Vec<Series>,
}

impl Rows {
    fn from(self, first_row: u64) -> Batch {
        Batch {
            first_row,
            file: FileRows::default(),
            row_count: self.count,
            columns: self.columns,
        }
    }
}

/// Gives the next rows, until there are none.
pub(super) type Next = Box<dyn FnMut() -> PolarsResult<Option<Rows>> + Send>;

/// Every column of the parts, once.
pub(super) fn all_columns(parts: &[Vec<String>]) -> Vec<String> {
    let mut all: Vec<String> = parts.iter().flatten().cloned().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Hands out rows of `columns` as batches of the parts. Gives the number of rows.
pub(super) fn scan(
    next: Next,
    columns: &[String],
    parts: &[Vec<String>],
    consume: &Consume<'_>,
) -> PolarsResult<u64> {
    let gave_up = |_| polars_err!(ComputeError: "another thread gave up");
    let reading = Mutex::new(Reading {
        next,
        rows: 0,
        ended: false,
    });
    (0..rayon::current_num_threads())
        .into_par_iter()
        .with_max_len(1)
        .try_for_each(|_| {
            loop {
                let piece = reading.lock().map_err(|_| gave_up(()))?.next()?;
                let Some(rows) = piece else {
                    return Ok::<(), PolarsError>(());
                };
                let mut going_on = parts.is_empty();
                for piece in rows.cut() {
                    for (part, wanted) in parts.iter().enumerate() {
                        going_on |= consume(part, pick(&piece, columns, wanted)?)?;
                    }
                }
                if !going_on {
                    reading.lock().map_err(|_| gave_up(()))?.ended = true;
                }
            }
        })?;
    let reading = reading.into_inner().map_err(|_| gave_up(()))?;
    Ok(reading.rows)
}

/// Hands out rows in order.
pub(super) fn scan_in_order(
    mut next: Next,
    consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
) -> PolarsResult<()> {
    let mut first_row = 0;
    while let Some(rows) = next()? {
        let rows = rows.from(first_row);
        first_row += rows.row_count as u64;
        for piece in rows.cut() {
            if !consume(piece)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

struct Reading {
    next: Next,
    rows: u64,
    ended: bool,
}

impl Reading {
    fn next(&mut self) -> PolarsResult<Option<Batch>> {
        if self.ended {
            return Ok(None);
        }
        let next = (self.next)();
        self.ended = !matches!(next, Ok(Some(_)));
        Ok(next?.map(|rows| {
            let first_row = self.rows;
            self.rows += rows.count as u64;
            rows.from(first_row)
        }))
    }
}

fn pick(batch: &Batch, columns: &[String], wanted: &[String]) -> PolarsResult<Batch> {
    let picked = wanted.iter().map(|name| {
        let index = columns.binary_search(name).ok();
        index
            .and_then(|index| batch.columns.get(index))
            .cloned()
            .ok_or_else(|| polars_err!(ColumnNotFound: "there is no column `{name}`"))
    });
    Ok(Batch {
        first_row: batch.first_row,
        file: batch.file,
        row_count: batch.row_count,
        columns: picked.collect::<PolarsResult<_>>()?,
    })
}
