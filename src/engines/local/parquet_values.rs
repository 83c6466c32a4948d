//! What the pages of a Parquet file hold, as the arrays of the engine: numbers and texts, plain or by
//! dictionary.

use polars::prelude::*;
use polars_arrow::array::{Array, BinaryViewArray, PrimitiveArray, View};
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::types::NativeType;
use polars_buffer::Buffer;

use super::parquet_pages::{ColumnReader, Page, Pages, damaged};

/// A column of numbers of one width.
pub(super) struct Numbers<T> {
    pages: Pages,
    dtype: ArrowDataType,
    dictionary: Vec<T>,
}

impl<T: NativeType> Numbers<T> {
    pub(super) fn open(mut pages: Pages, dtype: ArrowDataType) -> PolarsResult<Self> {
        let mut dictionary = Vec::new();
        if let Some(page) = pages.dictionary()? {
            let bytes = page.num_values.checked_mul(size_of::<T>());
            let bytes = bytes.and_then(|bytes| page.buffer.get(..bytes));
            dictionary.extend(plain::<T>(bytes.ok_or_else(damaged)?));
        }
        let mut opened = Self {
            pages,
            dtype,
            dictionary,
        };
        let rows = opened.pages.skip_pages()?;
        opened.next(rows)?;
        Ok(opened)
    }

    /// Adds the next values of a page.
    fn add(dictionary: &[T], page: &mut Page, count: usize, to: &mut Vec<T>) -> PolarsResult<()> {
        if let Some(indices) = page.take_indices(count)? {
            let entry = |index: &u32| dictionary.get(*index as usize).copied();
            to.extend(indices.iter().map(|index| entry(index).unwrap_or_default()));
            return Ok(());
        }
        let end = page.at + count * size_of::<T>();
        let bytes = page.bytes.get(page.at..end).ok_or_else(damaged)?;
        to.extend(plain::<T>(bytes));
        page.at = end;
        Ok(())
    }
}

/// Numbers as Parquet's plain encoding has them: one after the other, the low byte first.
fn plain<T: NativeType>(bytes: &[u8]) -> impl Iterator<Item = T> {
    let items = bytes.chunks_exact(size_of::<T>());
    items.map(|item| T::Bytes::try_from(item).map_or_else(|_| T::default(), T::from_le_bytes))
}

impl<T: NativeType> ColumnReader for Numbers<T> {
    fn next(&mut self, rows: usize) -> PolarsResult<Box<dyn Array>> {
        let mut values: Vec<T> = Vec::with_capacity(rows);
        let mut validity = Validity::default();
        while values.len() < rows {
            let page = self.pages.page()?;
            let (taken, present) = page.take_rows(rows - values.len());
            match &present {
                None => Self::add(&self.dictionary, page, taken, &mut values)?,
                Some(present) => {
                    let mut packed = Vec::with_capacity(taken);
                    Self::add(&self.dictionary, page, present.set_bits(), &mut packed)?;
                    spread(present, packed, &mut values);
                }
            }
            validity.add(present, taken);
        }
        let validity = validity.bits();
        let array = PrimitiveArray::try_new(self.dtype.clone(), values.into(), validity)?;
        Ok(Box::new(array))
    }
}

/// A column of texts.
pub(super) struct Texts {
    pages: Pages,
    /// The page of the dictionary, and where its texts lie in it.
    dictionary: (Buffer<u8>, Vec<View>),
}

/// The place of the dictionary among the pages of a batch.
const DICTIONARY: u32 = 0;

impl Texts {
    pub(super) fn open(mut pages: Pages) -> PolarsResult<Self> {
        let mut dictionary = (Buffer::default(), Vec::new());
        if let Some(page) = pages.dictionary()? {
            let mut views = Vec::new();
            let bytes = page.buffer.into_vec();
            views_of(&bytes, page.num_values, DICTIONARY, &mut views)?;
            dictionary = (Buffer::from(bytes), views);
        }
        let mut opened = Self { pages, dictionary };
        let rows = opened.pages.skip_pages()?;
        opened.next(rows)?;
        Ok(opened)
    }

    /// Adds where the next texts of a page lie.
    fn add(
        dictionary: &[View],
        page: &mut Page,
        place: u32,
        count: usize,
        to: &mut Vec<View>,
    ) -> PolarsResult<()> {
        if let Some(indices) = page.take_indices(count)? {
            let entry = |index: &u32| dictionary.get(*index as usize).copied();
            to.extend(indices.iter().map(|index| entry(index).unwrap_or_default()));
            return Ok(());
        }
        let bytes = page.bytes.get(page.at..).ok_or_else(damaged)?;
        page.at += views_of(bytes, count, place, to)?;
        Ok(())
    }
}

/// Texts as Parquet's plain encoding has them: a length of four bytes before each. Gives where they end.
fn views_of(bytes: &[u8], count: usize, place: u32, to: &mut Vec<View>) -> PolarsResult<usize> {
    // Each takes four bytes at least, whatever the file says.
    to.reserve(count.min(bytes.len() / 4));
    let mut at = 0;
    let mut rest = bytes;
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (text, after) = after.split_at_checked(length).ok_or_else(damaged)?;
        to.push(View::new_from_bytes(text, place, at as u32 + 4));
        at += 4 + length;
        rest = after;
    }
    Ok(at)
}

impl ColumnReader for Texts {
    fn next(&mut self, rows: usize) -> PolarsResult<Box<dyn Array>> {
        let mut views: Vec<View> = Vec::with_capacity(rows);
        let mut buffers = vec![self.dictionary.0.clone()];
        let mut validity = Validity::default();
        while views.len() < rows {
            let page = self.pages.page()?;
            let start = page.at;
            let (taken, present) = page.take_rows(rows - views.len());
            let place = buffers.len() as u32;
            let dictionary = &self.dictionary.1;
            match &present {
                None => Self::add(dictionary, page, place, taken, &mut views)?,
                Some(present) => {
                    let mut packed = Vec::with_capacity(taken);
                    Self::add(dictionary, page, place, present.set_bits(), &mut packed)?;
                    spread(present, packed, &mut views);
                }
            }
            validity.add(present, taken);
            if page.is_plain() {
                // No more than these texts: what is ASCII throughout is known to be UTF-8 at a glance.
                buffers.push(page.bytes.clone().sliced(start..page.at));
            }
        }
        let array = BinaryViewArray::try_new(
            ArrowDataType::BinaryView,
            views.into(),
            buffers.into(),
            validity.bits(),
        )?;
        Ok(Box::new(array.to_utf8view()?))
    }
}

/// Puts values where they are not null, and nothing elsewhere.
fn spread<T: Copy + Default>(present: &Bitmap, packed: Vec<T>, to: &mut Vec<T>) {
    let mut packed = packed.into_iter();
    let value = |is_present: bool| match is_present {
        true => packed.next().unwrap_or_default(),
        false => T::default(),
    };
    to.extend(present.iter().map(value));
}

/// The rows that are not null, of as many pages as a batch takes.
#[derive(Default)]
struct Validity {
    bits: Option<MutableBitmap>,
    rows: usize,
}

impl Validity {
    /// Adds rows; all of them when `present` is `None`.
    fn add(&mut self, present: Option<Bitmap>, rows: usize) {
        let before = self.rows;
        self.rows += rows;
        match (present, &mut self.bits) {
            (None, None) => {}
            (None, Some(bits)) => bits.extend_constant(rows, true),
            (Some(present), bits) => bits
                .get_or_insert_with(|| MutableBitmap::from_len_set(before))
                .extend_from_bitmap(&present),
        }
    }

    fn bits(self) -> Option<Bitmap> {
        self.bits.map(Bitmap::from)
    }
}
