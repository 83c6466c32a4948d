//! The first record of a CSV file, and what it tells: the delimiter and the names of the columns.

use polars::prelude::*;

use super::pieces::{self, RECORD_BYTES_MAX};
use super::split::{self, Dialect, Problem, Records};
use crate::engines::local::input::bytes::ByteSource;
use crate::engines::local::input::text::{Position, read_up_to, valid};
use crate::measure::{Ascii, CsvOptions};

/// Most columns of a table: wider ones are sparse matrices, and no contract names their columns.
pub(super) const COLUMNS_MAX: usize = 100_000;

/// Delimiters looked for when none is given; of equally frequent ones the first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Bytes read for the header at first.
const HEADER_BYTES: usize = 1 << 16;

/// What the start of a file says.
pub(super) struct Header {
    pub(super) dialect: Dialect,
    pub(super) names: Vec<String>,
    /// Where the first row starts.
    pub(super) end: Position,
}

/// Reads the header.
pub(super) fn read(source: &ByteSource, options: &CsvOptions) -> PolarsResult<Header> {
    let mut bytes = source.open()?;
    let mut text = Vec::new();
    let start = Position::default();
    loop {
        let wanted = HEADER_BYTES.max(text.len());
        let last = read_up_to(&mut bytes, &mut text, wanted)? < wanted;
        let dialect = dialect(options, &text);
        let records = split::split_first(&dialect, &text, COLUMNS_MAX, last).map_err(
            |problem| match problem {
                Problem::TooMany { .. } => polars_err!(ComputeError:
                    "the first line has more than {COLUMNS_MAX} fields"
                ),
                other => pieces::explain(other, &text, start, COLUMNS_MAX),
            },
        )?;
        if records.count == 1 {
            return header(options, dialect, text, &records);
        }
        if last {
            polars_bail!(ComputeError: "the file is empty");
        }
        if RECORD_BYTES_MAX < text.len() {
            return Err(pieces::too_long(start));
        }
    }
}

fn header(
    options: &CsvOptions,
    dialect: Dialect,
    mut text: Vec<u8>,
    records: &Records,
) -> PolarsResult<Header> {
    text.truncate(records.bytes);
    if text.contains(&0) {
        polars_bail!(ComputeError:
            "the first line holds NUL bytes; hint: if it is UTF-16, say so: `encoding: utf-16`"
        );
    }
    let text = valid(text, Position::default())?;
    let columns = records.width_of_first();
    if !options.header {
        return Ok(Header {
            dialect,
            names: (1..=columns)
                .map(|number| format!("column_{number}"))
                .collect(),
            end: Position::default(),
        });
    }
    let names: Vec<String> = (0..columns)
        .filter_map(|column| records.fields(&text, column, columns).next())
        .map(|field| {
            let mut name = String::new();
            if field.escaped {
                split::unescape(&dialect, field.text, &mut name);
            } else {
                name.push_str(field.text);
            }
            name
        })
        .collect();
    check_names(&names)?;
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
    Ok(Header {
        dialect,
        names,
        end: Position {
            lines,
            bytes: text.len() as u64,
        },
    })
}

/// A name says which column is meant: two columns of one name are none.
fn check_names(names: &[String]) -> PolarsResult<()> {
    let mut seen = PlHashMap::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name.as_str(), index) {
            polars_bail!(ComputeError:
                "columns {} and {} of the first line have the same name `{name}`", first + 1, index + 1
            );
        }
    }
    Ok(())
}

fn dialect(options: &CsvOptions, text: &[u8]) -> Dialect {
    let quote = options.quote.map(Ascii::byte);
    let comment = options.comment.map(Ascii::byte);
    Dialect {
        delimiter: match options.delimiter {
            Some(delimiter) => delimiter.byte(),
            None => most_frequent(text, quote, comment),
        },
        quote,
        escape: options.escape.map(Ascii::byte),
        comment,
    }
}

/// The delimiter that stands most often in the first line, outside quotes.
fn most_frequent(text: &[u8], quote: Option<u8>, comment: Option<u8>) -> u8 {
    let line = text
        .split(|byte| *byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty() && line.first().copied() != comment)
        .unwrap_or_default();
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in line {
        quoted ^= Some(*byte) == quote;
        if let (false, Some(index)) = (quoted, DELIMITERS.iter().position(|one| one == byte)) {
            counts[index] += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let index = counts.iter().position(|count| *count == most);
    index
        .and_then(|index| DELIMITERS.get(index))
        .copied()
        .unwrap_or(b',')
}
