//! Whole lines, in order, in pieces of bearable size.

use polars::prelude::*;

use crate::engines::local::input::bytes::{ByteSource, Bytes};
use crate::engines::local::input::text::{Position, read_up_to, valid};

/// Longest line, in bytes: far above documents that are rows of a table, far below what hurts.
pub(super) const LINE_BYTES_MAX: usize = 64 << 20;

/// Bytes read at once.
const PIECE_BYTES: usize = 2 << 20;

/// Some lines.
pub(super) struct Piece {
    /// Index of the first row in the table, from 0.
    pub(super) first_row: u64,
    /// Rows: lines that are not blank.
    pub(super) row_count: usize,
    text: String,
    position: Position,
}

impl Piece {
    /// The rows, each with the number of its line in the file.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u64, &str)> {
        let numbered = (self.position.line_number()..).zip(self.text.split('\n'));
        numbered.filter(|(_, line)| !is_blank(line.as_bytes()))
    }
}

/// Cuts pieces off a file.
pub(super) struct Lines {
    bytes: Bytes,
    /// What was read and is not cut off yet: a part of a line.
    rest: Vec<u8>,
    rows: u64,
    position: Position,
    ended: bool,
}

impl Lines {
    pub(super) fn open(source: &ByteSource) -> PolarsResult<Self> {
        Ok(Self {
            bytes: source.open()?,
            rest: Vec::new(),
            rows: 0,
            position: Position::default(),
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

    fn read_on(&mut self) -> PolarsResult<Option<Piece>> {
        let bearable = (LINE_BYTES_MAX + 1).saturating_sub(self.rest.len());
        let wanted = PIECE_BYTES.max(self.rest.len().min(bearable));
        let found = read_up_to(&mut self.bytes, &mut self.rest, wanted)?;
        self.ended = found < wanted;
        let end = match memchr::memrchr(b'\n', &self.rest) {
            _ if self.ended => self.rest.len(),
            Some(at) => at + 1,
            None if LINE_BYTES_MAX < self.rest.len() => polars_bail!(ComputeError:
                "line {} is longer than {LINE_BYTES_MAX} bytes", self.position.line_number()
            ),
            None => return Ok(None),
        };
        let rest = self.rest.split_off(end);
        let text = std::mem::replace(&mut self.rest, rest);
        let position = self.position;
        let text = valid(text, position)?;
        self.position = position.behind(text.as_bytes());
        let lines = text.split('\n');
        let row_count = lines.filter(|line| !is_blank(line.as_bytes())).count();
        let first_row = self.rows;
        self.rows += row_count as u64;
        Ok((0 < row_count).then_some(Piece {
            first_row,
            row_count,
            text,
            position,
        }))
    }
}

/// Whether a line holds nothing but white space of JSON.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}
