//! Holds the layout of a Parquet file against its own size before the engine sees it: the engine
//! trusts offsets, sizes and counts, and a damaged or hostile file would make it read or allocate
//! what is not there.
//!
//! Follows `parquet.thrift` and the Thrift compact protocol: every column chunk lies inside the file,
//! every page inside its chunk, sizes and counts are not negative, and pages hold as many values as
//! their chunk says. What is encoded inside a page is left to the engine.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

use polars::io::SerReader as _;
use polars::prelude::ParquetReader;

/// Longest page header: statistics in it may carry long texts, as far as other readers accept.
const HEADER_BYTES_MAX: u64 = 16 << 20;

/// Largest page, uncompressed. Writers aim at 1 MiB; a single long value may make one larger.
const PAGE_BYTES_MAX: i64 = 512 << 20;

/// Deepest nesting of structs in a page header; the format has three.
const NESTING_MAX: u32 = 8;

/// A column chunk as the footer describes it.
struct Chunk {
    range: Range<u64>,
    value_count: u64,
}

/// Checks the layout of a Parquet file.
///
/// # Errors
/// When the footer cannot be read, or says what cannot be.
pub(super) fn check(file: File) -> Result<(), String> {
    let size = file.metadata().map_err(|error| error.to_string())?.len();
    let mut reader = BufReader::new(file);
    for chunk in chunks(&mut reader, size)? {
        check_pages(&mut reader, &chunk)?;
    }
    Ok(())
}

/// The column chunks of the footer, each found to lie inside the file.
fn chunks(reader: &mut BufReader<File>, size: u64) -> Result<Vec<Chunk>, String> {
    let mut footer = ParquetReader::new(reader);
    let metadata = footer.get_metadata().map_err(|error| error.to_string())?;
    let mut rows: u64 = 0;
    let mut chunks = Vec::new();
    for group in &metadata.row_groups {
        rows = rows.saturating_add(group.num_rows() as u64);
        for column in group.parquet_columns() {
            let parts = [
                column.data_page_offset(),
                column.compressed_size(),
                column.uncompressed_size(),
                column.dictionary_page_offset().unwrap_or(0),
                column.num_values(),
            ];
            let value_count = u64::try_from(column.num_values());
            let (Ok(value_count), true) = (value_count, parts.iter().all(|part| 0 <= *part)) else {
                return Err("the footer holds a negative size or count".to_owned());
            };
            let start = column
                .data_page_offset()
                .min(match column.dictionary_page_offset() {
                    Some(offset) if 0 < offset => offset,
                    _ => i64::MAX,
                });
            let range =
                start as u64..(start as u64).saturating_add(column.compressed_size() as u64);
            if size < range.end || size < column.byte_range().end {
                return Err("a column lies outside the file".to_owned());
            }
            let flat = column.descriptor().descriptor.max_rep_level == 0;
            if flat && value_count != group.num_rows() as u64 {
                return Err("a column has another number of values than rows".to_owned());
            }
            chunks.push(Chunk { range, value_count });
        }
    }
    if rows != metadata.num_rows as u64 {
        return Err("the footer contradicts itself about the number of rows".to_owned());
    }
    Ok(chunks)
}

/// Walks the pages of a chunk by their headers.
fn check_pages(reader: &mut BufReader<File>, chunk: &Chunk) -> Result<(), String> {
    let mut position = chunk.range.start;
    let mut values: u64 = 0;
    while values < chunk.value_count && position < chunk.range.end {
        let (page, header_bytes) = read_header(reader, position, chunk.range.end)?;
        let body = page.check(chunk.value_count - values)?;
        if page.holds_data() {
            values += page.value_count.unwrap_or(0) as u64;
        }
        position = position.saturating_add(header_bytes).saturating_add(body);
        if chunk.range.end < position {
            return Err("a page reaches beyond its column".to_owned());
        }
    }
    if values == chunk.value_count {
        Ok(())
    } else {
        Err("the pages of a column hold fewer values than the footer says".to_owned())
    }
}

fn read_header(
    reader: &mut BufReader<File>,
    position: u64,
    end: u64,
) -> Result<(Page, u64), String> {
    reader
        .seek(SeekFrom::Start(position))
        .map_err(|error| error.to_string())?;
    let limit = (end - position).min(HEADER_BYTES_MAX);
    let mut compact = Compact {
        reader: reader.take(limit),
        read: 0,
    };
    let mut page = Page::default();
    compact.fields(0, &mut |path, value| page.take(path, value))?;
    Ok((page, compact.read))
}

/// What a page header says. Field numbers are those of `PageHeader` in `parquet.thrift`.
#[derive(Default)]
struct Page {
    kind: Option<i64>,
    uncompressed_bytes: Option<i64>,
    compressed_bytes: Option<i64>,
    value_count: Option<i64>,
    null_count: i64,
    row_count: i64,
    level_bytes: [i64; 2],
}

impl Page {
    fn take(&mut self, path: &[i16], value: i64) {
        match path {
            [1] => self.kind = Some(value),
            [2] => self.uncompressed_bytes = Some(value),
            [3] => self.compressed_bytes = Some(value),
            // data_page_header, dictionary_page_header, data_page_header_v2: num_values.
            [5 | 7 | 8, 1] => self.value_count = Some(value),
            [8, 2] => self.null_count = value,
            [8, 3] => self.row_count = value,
            [8, 5] => self.level_bytes[0] = value,
            [8, 6] => self.level_bytes[1] = value,
            _ => {}
        }
    }

    /// DATA_PAGE and DATA_PAGE_V2.
    fn holds_data(&self) -> bool {
        matches!(self.kind, Some(0 | 3))
    }

    /// The size of the body in bytes, when the header can be true.
    fn check(&self, values_left: u64) -> Result<u64, String> {
        let (Some(_), Some(uncompressed), Some(compressed)) =
            (self.kind, self.uncompressed_bytes, self.compressed_bytes)
        else {
            return Err("a page has no size".to_owned());
        };
        let counts = [
            uncompressed,
            compressed,
            self.value_count.unwrap_or(0),
            self.null_count,
            self.row_count,
            self.level_bytes[0],
            self.level_bytes[1],
        ];
        if counts.iter().any(|count| *count < 0) {
            return Err("a page has a negative size or count".to_owned());
        }
        if PAGE_BYTES_MAX < uncompressed || PAGE_BYTES_MAX < compressed {
            return Err(format!("a page is larger than {PAGE_BYTES_MAX} bytes"));
        }
        let levels = self.level_bytes[0].saturating_add(self.level_bytes[1]);
        let values = self.value_count.unwrap_or(0);
        let excessive = if self.holds_data() {
            values_left < values as u64 || values < self.null_count || values < self.row_count
        } else {
            // A dictionary entry takes at least a bit.
            uncompressed.saturating_mul(8) < values
        };
        if excessive || uncompressed < levels || compressed < levels {
            return Err("a page says it holds more than it can".to_owned());
        }
        Ok(compressed as u64)
    }
}

/// A reader of the Thrift compact protocol that keeps nothing but integers.
struct Compact<R> {
    reader: R,
    read: u64,
}

impl<R: Read> Compact<R> {
    fn byte(&mut self) -> Result<u8, String> {
        let mut byte = [0];
        self.reader
            .read_exact(&mut byte)
            .map_err(|_| "a page header is cut off".to_owned())?;
        self.read += 1;
        Ok(byte[0])
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number in a page header is too long".to_owned())
    }

    /// A signed integer in zigzag form.
    fn integer(&mut self) -> Result<i64, String> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn skip(&mut self, bytes: u64) -> Result<(), String> {
        let skipped = std::io::copy(&mut self.reader.by_ref().take(bytes), &mut std::io::sink());
        self.read = self.read.saturating_add(bytes);
        match skipped {
            Ok(skipped) if skipped == bytes => Ok(()),
            _ => Err("a page header is cut off".to_owned()),
        }
    }

    /// Reads the fields of a struct; `take` gets every integer with its path of field numbers.
    fn fields(&mut self, nesting: u32, take: &mut dyn FnMut(&[i16], i64)) -> Result<(), String> {
        self.fields_below(&mut Vec::new(), nesting, take)
    }

    fn fields_below(
        &mut self,
        path: &mut Vec<i16>,
        nesting: u32,
        take: &mut dyn FnMut(&[i16], i64),
    ) -> Result<(), String> {
        if NESTING_MAX < nesting {
            return Err("a page header is nested too deep".to_owned());
        }
        let mut field: i16 = 0;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Ok(());
            }
            field = match header >> 4 {
                0 => self.integer()? as i16,
                delta => field.wrapping_add(i16::from(delta)),
            };
            path.push(field);
            self.value(header & 0x0f, path, nesting, take)?;
            path.pop();
        }
    }

    fn value(
        &mut self,
        kind: u8,
        path: &mut Vec<i16>,
        nesting: u32,
        take: &mut dyn FnMut(&[i16], i64),
    ) -> Result<(), String> {
        match kind {
            // Booleans are in the type itself.
            1 | 2 => Ok(()),
            3 => self.skip(1),
            4..=6 => {
                let value = self.integer()?;
                take(path, value);
                Ok(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(length)
            }
            12 => self.fields_below(path, nesting + 1, take),
            // Lists, sets and maps do not occur in a page header.
            _ => Err("a page header holds what none does".to_owned()),
        }
    }
}
