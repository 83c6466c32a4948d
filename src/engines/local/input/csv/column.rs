//! Columns of text out of the places where fields stand.

use polars::prelude::*;
use polars_arrow::array::MutableBinaryViewArray;

use super::header::Header;
use super::pieces::Piece;
use super::split::unescape;

/// Which fields are null besides the empty ones. A quoted field never is.
pub(super) struct Nulls(Vec<String>);

impl Nulls {
    pub(super) fn new(values: &[String]) -> Self {
        Self(values.to_vec())
    }

    fn contains(&self, text: &str) -> bool {
        text.is_empty() || (!self.0.is_empty() && self.0.iter().any(|null| null == text))
    }
}

/// A column of a piece.
pub(super) fn series(piece: &Piece, header: &Header, nulls: &Nulls, index: usize) -> Series {
    let mut array = MutableBinaryViewArray::<str>::with_capacity(piece.records.count);
    let mut unescaped = String::new();
    for field in piece.records.fields(&piece.text, index, header.names.len()) {
        if field.escaped {
            unescaped.clear();
            unescape(&header.dialect, field.text, &mut unescaped);
            array.push_value(&unescaped);
        } else if !field.quoted && nulls.contains(field.text) {
            array.push_null();
        } else {
            array.push_value(field.text);
        }
    }
    let name = header.names.get(index).map(String::as_str);
    StringChunked::with_chunk(name.unwrap_or_default().into(), array.freeze()).into_series()
}
