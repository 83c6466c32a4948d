//! Text files in pieces: where one is, and that what was read is UTF-8.

use std::io::Read as _;

use polars::prelude::*;

use super::bytes::Bytes;

/// A place in the text of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Position {
    /// Lines before it.
    pub(super) lines: u64,
    /// Bytes before it.
    pub(super) bytes: u64,
}

impl Position {
    /// The place behind these bytes.
    pub(super) fn behind(self, bytes: &[u8]) -> Self {
        Self {
            lines: self.lines + memchr::memchr_iter(b'\n', bytes).count() as u64,
            bytes: self.bytes + bytes.len() as u64,
        }
    }

    /// The line it is in, from 1.
    pub(super) fn line_number(self) -> u64 {
        self.lines + 1
    }
}

/// Reads at most `wanted` bytes more; fewer only at the end.
pub(super) fn read_up_to(
    bytes: &mut Bytes,
    into: &mut Vec<u8>,
    wanted: usize,
) -> std::io::Result<usize> {
    into.reserve(wanted);
    bytes.take(wanted as u64).read_to_end(into)
}

/// The text of these bytes.
pub(super) fn valid(bytes: Vec<u8>, position: Position) -> PolarsResult<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        let line = position.behind(before).line_number();
        let start_of_line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let byte = before.len() - start_of_line + 1;
        polars_err!(ComputeError:
            "line {line} is not UTF-8 text (byte {byte} of the line); hint: CSV in another encoding says so: `encoding: windows-1252`"
        )
    })
}
