//! Values of the flat columns of a Parquet file, page by page: a batch is decoded when it is asked for, and
//! the memory of a page serves the next. Whole column chunks of values never lie in memory, which would have
//! to be cleared for each of them.
//!
//! Numbers, dates, timestamps and texts, plain or by dictionary, are what most columns are; all else is left
//! to the engine's own decoder, which makes the same of these.

use std::io::Cursor;

use polars::prelude::*;
use polars_arrow::Either;
use polars_arrow::array::Array;
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_buffer::Buffer;
use polars_parquet::parquet::encoding::Encoding;
use polars_parquet::parquet::encoding::hybrid_rle::{HybridRleChunk, HybridRleDecoder};
use polars_parquet::parquet::page::{CompressedPage, DataPage, DictPage, split_buffer};
use polars_parquet::read::{
    BasicDecompressor, ColumnChunkMetadata, PageReader, ParquetTimeUnit, PhysicalType,
    PrimitiveLogicalType,
};

use super::parquet_shortcuts::PAGE_BYTES_MAX;
use super::parquet_values::{Numbers, Texts};

/// Rows of the largest page that is read here. Few bytes can say any number of rows, and the indices of a page
/// are unpacked together.
const PAGE_ROWS_MAX: usize = 1 << 22;

/// The values of a column chunk, from a row on.
pub(super) trait ColumnReader {
    /// The values of so many more rows.
    ///
    /// # Errors
    /// When the column is damaged or holds fewer.
    fn next(&mut self, rows: usize) -> PolarsResult<Box<dyn Array>>;
}

/// A reader of a column chunk from a row on; `None` when its type or an encoding in it is left to the engine.
pub(super) fn open(
    field: &ArrowField,
    chunk: &ColumnChunkMetadata,
    bytes: &Buffer<u8>,
    first_row: usize,
) -> PolarsResult<Option<Box<dyn ColumnReader>>> {
    let described = &chunk.descriptor().descriptor;
    let is_flat = described.max_rep_level == 0 && described.max_def_level <= 1;
    if !is_flat || !is_readable(chunk, bytes)? {
        return Ok(None);
    }
    let opened = || Pages::open(chunk, bytes, first_row);
    let dtype = field.dtype.clone();
    let reader: Box<dyn ColumnReader> = match (chunk.physical_type(), &field.dtype) {
        (PhysicalType::Int32, ArrowDataType::Int32 | ArrowDataType::Date32) => {
            Box::new(Numbers::<i32>::open(opened()?, dtype)?)
        }
        (PhysicalType::Int64, ArrowDataType::Int64) => {
            Box::new(Numbers::<i64>::open(opened()?, dtype)?)
        }
        (PhysicalType::Int64, ArrowDataType::Timestamp(unit, _))
            if is_in_unit(described.primitive_type.logical_type, *unit) =>
        {
            Box::new(Numbers::<i64>::open(opened()?, dtype)?)
        }
        (PhysicalType::Float, ArrowDataType::Float32) => {
            Box::new(Numbers::<f32>::open(opened()?, dtype)?)
        }
        (PhysicalType::Double, ArrowDataType::Float64) => {
            Box::new(Numbers::<f64>::open(opened()?, dtype)?)
        }
        (PhysicalType::ByteArray, ArrowDataType::Utf8View) => Box::new(Texts::open(opened()?)?),
        _ => return Ok(None),
    };
    Ok(Some(reader))
}

/// Whether the file holds timestamps in the unit they are wanted in.
fn is_in_unit(of_file: Option<PrimitiveLogicalType>, wanted: ArrowTimeUnit) -> bool {
    let Some(PrimitiveLogicalType::Timestamp { unit, .. }) = of_file else {
        return false;
    };
    matches!(
        (unit, wanted),
        (ParquetTimeUnit::Milliseconds, ArrowTimeUnit::Millisecond)
            | (ParquetTimeUnit::Microseconds, ArrowTimeUnit::Microsecond)
            | (ParquetTimeUnit::Nanoseconds, ArrowTimeUnit::Nanosecond)
    )
}

fn pages(chunk: &ColumnChunkMetadata, bytes: &Buffer<u8>) -> PageReader {
    let reader = Cursor::new(bytes.clone());
    PageReader::new(reader, chunk, Vec::new(), PAGE_BYTES_MAX)
}

/// Whether every page is encoded plainly or by a dictionary and of bearable size: told by their headers alone.
fn is_readable(chunk: &ColumnChunkMetadata, bytes: &Buffer<u8>) -> PolarsResult<bool> {
    let mut has_dictionary = false;
    for (place, page) in pages(chunk, bytes).enumerate() {
        match page? {
            CompressedPage::Dict(_) if place == 0 => has_dictionary = true,
            CompressedPage::Dict(_) => return Ok(false),
            CompressedPage::Data(page) if PAGE_ROWS_MAX < page.num_values() => return Ok(false),
            CompressedPage::Data(page) => match Encoding::try_from(page.header().encoding()) {
                Ok(Encoding::Plain) => {}
                Ok(Encoding::PlainDictionary | Encoding::RleDictionary) if has_dictionary => {}
                _ => return Ok(false),
            },
        }
    }
    Ok(true)
}

pub(super) fn damaged() -> PolarsError {
    polars_err!(ComputeError: "a page of a column is damaged")
}

/// The pages of a column chunk, one at a time.
pub(super) struct Pages {
    decompressor: BasicDecompressor,
    page: Option<Page>,
    /// Entries of the dictionary, which no index may reach.
    entries: usize,
    /// Rows to leave out.
    skipped: usize,
    /// Memory of indices.
    spare: Vec<u32>,
}

/// One page, and how far it has been read.
pub(super) struct Page {
    /// Its header; the bytes have been taken out.
    data: DataPage,
    pub(super) bytes: Buffer<u8>,
    /// Where in the bytes the next plain value starts.
    pub(super) at: usize,
    /// The entries of the dictionary that its values are, and the place of the next of them.
    indices: Option<(Vec<u32>, usize)>,
    validity: Option<Bitmap>,
    rows: usize,
    row: usize,
}

impl Pages {
    fn open(
        chunk: &ColumnChunkMetadata,
        bytes: &Buffer<u8>,
        first_row: usize,
    ) -> PolarsResult<Self> {
        Ok(Self {
            decompressor: BasicDecompressor::new(pages(chunk, bytes), Vec::new()),
            page: None,
            entries: 0,
            skipped: first_row,
            spare: Vec::new(),
        })
    }

    /// The dictionary, which stands before all else.
    pub(super) fn dictionary(&mut self) -> PolarsResult<Option<DictPage>> {
        let page = self.decompressor.read_dict_page()?;
        self.entries = page.as_ref().map_or(0, |page| page.num_values);
        Ok(page)
    }

    /// Leaves out whole pages before the first row wanted. Gives how many rows of the page after them are
    /// to be left out.
    pub(super) fn skip_pages(&mut self) -> PolarsResult<usize> {
        while 0 < self.skipped {
            let page = self.decompressor.next().ok_or_else(damaged)??;
            if self.skipped < page.num_values() {
                let page = page.decompress(&mut self.decompressor)?;
                self.turn_to(page)?;
                break;
            }
            self.skipped -= page.num_values();
        }
        Ok(std::mem::take(&mut self.skipped))
    }

    /// The page with the next row.
    pub(super) fn page(&mut self) -> PolarsResult<&mut Page> {
        while self.page.as_ref().is_none_or(|page| page.row == page.rows) {
            self.put_back();
            let page = self.decompressor.next().ok_or_else(damaged)??;
            let page = page.decompress(&mut self.decompressor)?;
            self.turn_to(page)?;
        }
        self.page.as_mut().ok_or_else(damaged)
    }

    /// Gives the memory of a page that is done with to the next.
    fn put_back(&mut self) {
        let Some(page) = self.page.take() else {
            return;
        };
        if let Some((indices, _)) = page.indices {
            self.spare = indices;
        }
        if let Either::Right(bytes) = page.bytes.into_mut() {
            let mut data = page.data;
            *data.buffer_mut() = bytes;
            self.decompressor.reuse_page_buffer(data);
        }
    }

    fn turn_to(&mut self, mut data: DataPage) -> PolarsResult<()> {
        let rows = data.num_values();
        let parts = split_buffer(&data)?;
        let validity = match data.descriptor.max_def_level {
            0 => None,
            _ => validity(parts.def, rows)?,
        };
        let at = data.buffer().len() - parts.values.len();
        let indices = match data.encoding() {
            Encoding::Plain => None,
            _ => {
                let present = validity.as_ref().map_or(rows, Bitmap::set_bits);
                let spare = std::mem::take(&mut self.spare);
                Some((indices(parts.values, present, self.entries, spare)?, 0))
            }
        };
        let bytes = std::mem::take(data.buffer_mut());
        self.page = Some(Page {
            data,
            bytes: Buffer::from(bytes),
            at,
            indices,
            validity,
            rows,
            row: 0,
        });
        Ok(())
    }
}

impl Page {
    /// Takes as many rows as are left, at most so many: gives how many, and which of them are not null when
    /// some are.
    pub(super) fn take_rows(&mut self, rows_max: usize) -> (usize, Option<Bitmap>) {
        let rows = rows_max.min(self.rows - self.row);
        let validity = self.validity.clone();
        let validity = validity.map(|validity| validity.sliced(self.row, rows));
        self.row += rows;
        (rows, validity.filter(|validity| 0 < validity.unset_bits()))
    }

    /// Whether its values stand in its bytes, and not in the dictionary.
    pub(super) fn is_plain(&self) -> bool {
        self.indices.is_none()
    }

    /// Takes the entries of the dictionary that the next values are; `None` when they are plain.
    pub(super) fn take_indices(&mut self, values: usize) -> PolarsResult<Option<&[u32]>> {
        let Some((indices, next)) = &mut self.indices else {
            return Ok(None);
        };
        let taken = indices.get(*next..*next + values).ok_or_else(damaged)?;
        *next += values;
        Ok(Some(taken))
    }
}

/// The rows of a page that are not null; `None` when that is all of them.
fn validity(levels: &[u8], rows: usize) -> PolarsResult<Option<Bitmap>> {
    let mut decoder = HybridRleDecoder::new(levels, 1, rows);
    let mut bits = MutableBitmap::new();
    while let Some(run) = decoder.next_chunk()? {
        match run {
            HybridRleChunk::Rle(level, length) if length == rows && level != 0 => return Ok(None),
            HybridRleChunk::Rle(level, length) => bits.extend_constant(length, level != 0),
            HybridRleChunk::Bitpacked(packed) => {
                bits.extend_from_slice(packed.as_slice(), 0, packed.len());
            }
        }
    }
    if bits.len() != rows {
        return Err(damaged());
    }
    let bits = Bitmap::from(bits);
    Ok((0 < bits.unset_bits()).then_some(bits))
}

/// The entries of the dictionary that so many values are.
fn indices(
    bytes: &[u8],
    values: usize,
    entries: usize,
    mut indices: Vec<u32>,
) -> PolarsResult<Vec<u32>> {
    indices.clear();
    if values == 0 {
        return Ok(indices);
    }
    let (width, packed) = bytes.split_first().ok_or_else(damaged)?;
    if u32::BITS < u32::from(*width) {
        return Err(damaged());
    }
    let mut decoder = HybridRleDecoder::new(packed, u32::from(*width), values);
    indices.reserve(values);
    while let Some(run) = decoder.next_chunk()? {
        match run {
            HybridRleChunk::Rle(index, length) => indices.resize(indices.len() + length, index),
            HybridRleChunk::Bitpacked(mut packed) => {
                let mut packed = packed.chunked();
                while let Some((unpacked, length)) = packed.next_inexact() {
                    indices.extend_from_slice(unpacked.get(..length).ok_or_else(damaged)?);
                }
            }
        }
    }
    let last = indices.iter().copied().max().unwrap_or_default();
    if indices.len() != values || entries <= last as usize {
        return Err(damaged());
    }
    Ok(indices)
}
