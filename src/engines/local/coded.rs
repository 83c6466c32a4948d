//! A column of few different values, as a number for each row: labels, decisions, groups and clusters are
//! compared and counted as numbers, and turned into text once for each value instead of once for each row.

use polars::prelude::*;

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
    /// The texts of the values of a column.
    pub(super) fn of(column: &Series) -> PolarsResult<Self> {
        let mut coder = Coder::default();
        coder.coded.of_row.reserve(column.len());
        for piece in 0..column.n_chunks() {
            coder.add(&column.select_chunk(piece))?;
        }
        Ok(coder.coded)
    }

    /// What becomes of the text of each row; of a missing one, of the empty text.
    pub(super) fn map<T: Copy>(&self, of: impl Fn(&str) -> T) -> Vec<T> {
        let texts = self.texts.iter();
        let values: Vec<T> = texts
            .map(|text| of(text.as_deref().unwrap_or_default()))
            .collect();
        let value = |text: &u32| values.get(*text as usize).copied();
        self.of_row.iter().filter_map(value).collect()
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

#[derive(Default)]
struct Coder {
    coded: Coded,
    places: PlHashMap<String, u32>,
    missing: Option<u32>,
    /// The place of a number, by its bits.
    numbers: PlHashMap<u64, u32>,
}

impl Coder {
    fn add(&mut self, piece: &Series) -> PolarsResult<()> {
        if self.numbers.len() <= REMEMBERED_MAX {
            match piece.dtype() {
                DataType::Boolean => {
                    let values = piece.bool()?.iter();
                    return self.add_numbers(piece, values.map(|value| value.map(u64::from)));
                }
                DataType::Float64 => {
                    let values = piece.f64()?.iter();
                    return self.add_numbers(piece, values.map(|value| value.map(f64::to_bits)));
                }
                dtype if is_whole(dtype) => {
                    let whole = piece.cast(&DataType::Int64)?;
                    let values = whole.i64()?.iter();
                    let values = values.map(|value| value.map(i64::cast_unsigned));
                    return self.add_numbers(piece, values);
                }
                _ => {}
            }
        }
        let texts = piece.cast(&DataType::String)?;
        for text in texts.str()?.iter() {
            let place = self.place(text);
            self.coded.of_row.push(place);
        }
        Ok(())
    }

    fn add_numbers(
        &mut self,
        piece: &Series,
        values: impl Iterator<Item = Option<u64>>,
    ) -> PolarsResult<()> {
        // Most columns hold few numbers, and often the same one as the row before.
        let mut last = None;
        for (row, value) in values.enumerate() {
            let place = match (last, value) {
                (Some((before, place)), value) if before == value => place,
                (_, Some(bits)) => match self.numbers.get(&bits) {
                    Some(place) => *place,
                    None => {
                        let text = piece.slice(row as i64, 1).cast(&DataType::String)?;
                        let place = self.place(text.str()?.get(0));
                        self.numbers.insert(bits, place);
                        place
                    }
                },
                (_, None) => self.place(None),
            };
            last = Some((value, place));
            self.coded.of_row.push(place);
        }
        Ok(())
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
