//! A column of few different values, as a number for each row: labels, decisions, groups and clusters are
//! compared and counted as numbers, and turned into text once for each value instead of once for each row.

use polars::prelude::*;
use polars_arrow::array::{Array as _, Utf8ViewArray};

/// Different numbers that are remembered; a column with more is turned into text row by row.
const REMEMBERED_MAX: usize = 1 << 12;

/// The different texts of a column, and which of them each row holds.
#[derive(Debug, Default)]
pub(super) struct Coded {
    /// The different texts; `None` when a value is missing.
    pub(super) texts: Vec<Option<String>>,
    /// The index of each row's text.
    pub(super) of_row: Vec<u32>,
}

impl Coded {
    /// What becomes of the text of each row; of a missing one, of the empty text.
    pub(super) fn map<T: Copy>(&self, of: impl Fn(&str) -> T) -> Vec<T> {
        let texts = self.texts.iter();
        let values: Vec<T> = texts
            .map(|text| of(text.as_deref().unwrap_or_default()))
            .collect();
        let value = |text: &u32| values.get(*text as usize).copied();
        let mut mapped = Vec::with_capacity(self.of_row.len());
        mapped.extend(self.of_row.iter().filter_map(value));
        mapped
    }
}

/// Whether values of a type are whole numbers of 64 bits with a sign.
pub(super) fn is_whole(dtype: &DataType) -> bool {
    dtype.is_integer()
        && !matches!(
            dtype,
            DataType::UInt64 | DataType::UInt128 | DataType::Int128
        )
}

/// Turns a column into codes, piece by piece.
#[derive(Default)]
pub(super) struct Coder {
    pub(super) coded: Coded,
    places: PlHashMap<String, u32>,
    missing: Option<u32>,
    /// The place of a number, by its bits.
    numbers: PlHashMap<u64, u32>,
}

impl Coder {
    /// With room for so many rows.
    pub(super) fn of(rows: usize) -> Self {
        let mut coder = Self::default();
        coder.coded.of_row.reserve(rows);
        coder
    }

    /// Adds the rows of a piece.
    pub(super) fn add(&mut self, piece: &Series) -> PolarsResult<()> {
        if self.numbers.len() <= REMEMBERED_MAX {
            match piece.dtype() {
                DataType::Boolean => {
                    let values = piece.bool()?.downcast_iter().flatten();
                    return self.add_numbers(piece, values.map(|value| value.map(u64::from)));
                }
                DataType::Float64 => {
                    let values = piece.f64()?.downcast_iter().flatten();
                    return self.add_numbers(
                        piece,
                        values.map(|value| value.map(|value| value.to_bits())),
                    );
                }
                dtype if is_whole(dtype) => {
                    let whole = piece.cast(&DataType::Int64)?;
                    let values = whole.i64()?.downcast_iter().flatten();
                    let values = values.map(|value| value.map(|value| value.cast_unsigned()));
                    return self.add_numbers(piece, values);
                }
                _ => {}
            }
        }
        let texts = piece.cast(&DataType::String)?;
        for texts in texts.str()?.downcast_iter() {
            self.add_texts(texts);
        }
        Ok(())
    }

    fn add_texts(&mut self, texts: &Utf8ViewArray) {
        // Where a text stands says which one it is, within an array; short ones stand in the view itself.
        let mut recent = Recent::default();
        let views = texts.views().iter();
        for (row, view) in views.enumerate() {
            let view = view.as_u128();
            let place = match texts.is_valid(row) {
                true => recent.place(view, || self.place(Some(texts.value(row)))),
                false => self.place(None),
            };
            self.coded.of_row.push(place);
        }
    }

    fn add_numbers(
        &mut self,
        piece: &Series,
        values: impl Iterator<Item = Option<u64>>,
    ) -> PolarsResult<()> {
        let mut recent = Recent::default();
        for (row, value) in values.enumerate() {
            let place = match value {
                Some(bits) => match recent.get(u128::from(bits)) {
                    Some(place) => place,
                    None => {
                        let place = self.place_of_number(piece, row, bits)?;
                        recent.put(u128::from(bits), place);
                        place
                    }
                },
                None => self.place(None),
            };
            self.coded.of_row.push(place);
        }
        Ok(())
    }

    fn place_of_number(&mut self, piece: &Series, row: usize, bits: u64) -> PolarsResult<u32> {
        if let Some(place) = self.numbers.get(&bits) {
            return Ok(*place);
        }
        let text = piece.slice(row as i64, 1).cast(&DataType::String)?;
        let place = self.place(text.str()?.get(0));
        self.numbers.insert(bits, place);
        Ok(place)
    }

    fn place(&mut self, text: Option<&str>) -> u32 {
        let next = self.coded.texts.len() as u32;
        let Some(text) = text else {
            let place = *self.missing.get_or_insert(next);
            if place == next {
                self.coded.texts.push(None);
            }
            return place;
        };
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.places.insert(text.to_owned(), next);
        self.coded.texts.push(Some(text.to_owned()));
        next
    }
}

/// The places of values seen not long ago, found without a table of all: most columns hold few values.
struct Recent {
    entries: [(u128, u32); Self::ENTRIES],
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            entries: [(0, u32::MAX); Self::ENTRIES],
        }
    }
}

impl Recent {
    const ENTRIES: usize = 1 << Self::BITS;
    const BITS: u32 = 8;

    fn slot(value: u128) -> usize {
        /// The golden ratio in 64 bits, whose products spread over the highest bits (Knuth 6.4).
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let folded = value as u64 ^ ((value >> 64) as u64).rotate_left(32);
        (folded.wrapping_mul(SPREAD) >> (64 - Self::BITS)) as usize
    }

    fn get(&self, value: u128) -> Option<u32> {
        let (held, place) = self.entries[Self::slot(value)];
        (held == value && place != u32::MAX).then_some(place)
    }

    fn put(&mut self, value: u128, place: u32) {
        self.entries[Self::slot(value)] = (value, place);
    }

    fn place(&mut self, value: u128, find: impl FnOnce() -> u32) -> u32 {
        self.get(value).unwrap_or_else(|| {
            let place = find();
            self.put(value, place);
            place
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row gets its text back, whatever was remembered on the way.
    #[track_caller]
    fn check(pieces: &[Series]) {
        let mut coder = Coder::of(0);
        let mut expected = Vec::new();
        for piece in pieces {
            coder.add(piece).expect("a column of values");
            let texts = piece.cast(&DataType::String).expect("texts");
            let texts = texts.str().expect("texts");
            expected.extend(texts.iter().map(|text| text.map(str::to_owned)));
        }
        let Coded { texts, of_row } = coder.coded;
        let found = of_row.iter().map(|text| texts[*text as usize].clone());
        assert_eq!(found.collect::<Vec<_>>(), expected);
        let mut different = texts.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), texts.len(), "no text is there twice");
    }

    #[test]
    fn texts_of_any_length_and_missing_ones_keep_their_rows() {
        let text = |row: usize| match row % 7 {
            0 => None,
            1 => Some(String::new()),
            2 => Some(format!("short {}", row % 5)),
            // Equal in all that a view holds of a long text but where it stands.
            3 => Some(format!("the same beginning, {}", row % 1000)),
            _ => Some(format!("a{}", row % 3000)),
        };
        let piece = |rows: std::ops::Range<usize>| {
            Series::new("x".into(), rows.map(text).collect::<Vec<_>>())
        };
        check(&[piece(0..5000), piece(100..9000)]);
        check(&[piece(0..0)]);
    }

    #[test]
    fn numbers_few_or_many_keep_their_rows() {
        let few = (0..4000_i64).map(|row| (row % 11 != 0).then_some(row % 3 - 1));
        check(&[Series::new("x".into(), few.collect::<Vec<_>>())]);
        let many: Vec<i64> = (0..9000).map(|row| row % 4500).collect();
        check(&[
            Series::new("x".into(), many.clone()),
            Series::new("x".into(), many),
        ]);
        let floats = [0.0, -0.0, 0.5, f64::NAN, 1.0].repeat(3);
        check(&[Series::new("x".into(), floats)]);
        let flags = [Some(true), None, Some(false), Some(true)];
        check(&[Series::new("x".into(), flags.to_vec())]);
    }
}
