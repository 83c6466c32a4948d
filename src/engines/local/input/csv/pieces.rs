//! A CSV file in pieces: whole records, in order, of bearable size.

use std::io::Read as _;

use polars::prelude::*;

use super::header::Header;
use super::split::{self, Problem, Records};
use crate::engines::local::input::bytes::{ByteSource, Bytes};
use crate::engines::local::input::text::{Position, read_up_to, valid};

/// Longest record, in bytes: far above texts that are columns of a table, far below what hurts.
pub(super) const RECORD_BYTES_MAX: usize = 64 << 20;

const _: () = assert!(2 * RECORD_BYTES_MAX < split::TEXT_BYTES_MAX);

/// Bytes read at once: enough records to make overheads small, few enough to stay in the caches.
const PIECE_BYTES: usize = 2 << 20;

/// Some records.
pub(super) struct Piece {
    /// Index of the first record in the table, from 0.
    pub(super) first_row: u64,
    pub(super) text: String,
    pub(super) records: Records,
}

/// Cuts pieces off a file.
pub(super) struct Pieces<'a> {
    header: &'a Header,
    bytes: Bytes,
    /// What was read and is not cut off yet: a part of a record.
    rest: Vec<u8>,
    /// Rows cut off.
    rows: u64,
    /// Where `rest` starts.
    position: Position,
    /// Nothing more is to be read.
    ended: bool,
}

impl<'a> Pieces<'a> {
    /// Opens the file and skips its header.
    pub(super) fn open(source: &ByteSource, header: &'a Header) -> PolarsResult<Self> {
        let mut bytes = source.open()?;
        std::io::copy(
            &mut (&mut bytes).take(header.end.bytes),
            &mut std::io::sink(),
        )?;
        Ok(Self {
            header,
            bytes,
            rest: Vec::new(),
            rows: 0,
            position: header.end,
            ended: false,
        })
    }

    /// Rows handed out.
    pub(super) fn row_count(&self) -> u64 {
        self.rows
    }

    /// Hands out no more.
    pub(super) fn end(&mut self) {
        self.ended = true;
        self.rest.clear();
    }

    /// The next piece. After an error there is none.
    pub(super) fn next(&mut self) -> PolarsResult<Option<Piece>> {
        while !self.ended {
            let next = self.read_on();
            if next.is_err() {
                self.end();
            }
            if let Some(piece) = next? {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// Reads once more and cuts off what is whole.
    fn read_on(&mut self) -> PolarsResult<Option<Piece>> {
        let header = self.header;
        // A record that is longer than a piece is looked at again each time there is twice as much.
        let bearable = (RECORD_BYTES_MAX + 1).saturating_sub(self.rest.len());
        let wanted = PIECE_BYTES.max(self.rest.len().min(bearable));
        let found = read_up_to(&mut self.bytes, &mut self.rest, wanted)?;
        self.ended = found < wanted;
        let records = split::split(&header.dialect, &self.rest, header.names.len(), self.ended)
            .map_err(|problem| self.explain(problem))?;
        if records.count == 0 && !self.ended && RECORD_BYTES_MAX < self.rest.len() {
            return Err(too_long(self.position));
        }
        let rest = self.rest.split_off(records.bytes);
        let text = std::mem::replace(&mut self.rest, rest);
        let text = valid(text, self.position)?;
        let first_row = self.rows;
        self.rows += records.count as u64;
        self.position = self.position.behind(text.as_bytes());
        Ok((0 < records.count).then_some(Piece {
            first_row,
            text,
            records,
        }))
    }

    fn explain(&self, problem: Problem) -> PolarsError {
        explain(problem, &self.rest, self.position, self.header.names.len())
    }
}

pub(super) fn too_long(position: Position) -> PolarsError {
    polars_err!(ComputeError:
        "the record in line {} is longer than {RECORD_BYTES_MAX} bytes; hint: is a closing quote missing?",
        position.line_number()
    )
}

/// Says what is wrong in the words of the one who has the file before him.
pub(super) fn explain(
    problem: Problem,
    bytes: &[u8],
    position: Position,
    columns: usize,
) -> PolarsError {
    let line = |at: usize| {
        let before = bytes.get(..at).unwrap_or(bytes);
        position.behind(before).line_number()
    };
    match problem {
        Problem::TooFew { at, found } => polars_err!(ComputeError:
            "line {} has {found} fields, required {columns}, as in the first line", line(at)
        ),
        Problem::TooMany { at } => polars_err!(ComputeError:
            "line {} has more than the {columns} fields of the first line; hint: is a field with a delimiter not quoted?",
            line(at)
        ),
        Problem::Unclosed { at } => polars_err!(ComputeError:
            "the quote opened in line {} is never closed", line(at)
        ),
        Problem::AfterQuote { at } => polars_err!(ComputeError:
            "in line {} something follows a closing quote; hint: a quote in a quoted field is written twice",
            line(at)
        ),
    }
}
