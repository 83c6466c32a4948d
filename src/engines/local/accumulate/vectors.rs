//! Vectors, from one column of lists or from columns of numbers.

use std::sync::Mutex;

use polars::prelude::{DataType, PlSmallStr, Series};
use polars_arrow::array::{Array as _, ListArray, PrimitiveArray, StaticArray as _, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::data::Data;
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::partitions::state::{Kept, State};
use crate::engines::local::partitions::vectors::VectorsState;
use crate::engines::local::read;
use crate::engines::local::truth::count;
use crate::measure::{DIMENSION_MAX, LogicalType, Measured, VectorRow, VectorSketch, priority};

/// Rows whose lists are made floating-point numbers at once.
const BLOCK_ROWS: usize = 1_024;

/// The vectors of some columns.
pub(super) struct VectorsOf<'a> {
    columns: &'a [String],
    sketch: Mutex<VectorSketch>,
}

impl<'a> VectorsOf<'a> {
    pub(super) fn new(columns: &'a [String]) -> Self {
        Self {
            columns,
            sketch: Mutex::default(),
        }
    }
}

impl<'m> Accumulator<'m> for VectorsOf<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let mut piece = Piece {
            sketch: locked(&self.sketch).piece(),
            first_row: rows.batch.first_row,
            first_in_file: rows
                .batch
                .first_row
                .saturating_sub(rows.batch.file.first_row),
            seed: rows.batch.file.seed,
            selected,
        };
        match self.columns {
            [column] => one_column(&mut piece, rows, column)?,
            columns => several_columns(&mut piece, rows, columns)?,
        }
        let chosen = count(selected, rows.len());
        let missing = chosen.saturating_sub(piece.sketch.row_count);
        piece.sketch.add_nulls(missing);
        locked(&self.sketch).merge(piece.sketch);
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        Ok(Measured::Vectors(Box::new(locked(&self.sketch).finish())))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(VectorsOf::new(self.columns)))
    }

    fn absorb(&self, state: &State, first_row: u64) -> Evaluated<()> {
        let State::Vectors(other) = state else {
            return Err(not_its_own());
        };
        locked(&self.sketch).merge(other.sketch(first_row));
        Ok(())
    }
}

impl Portable for VectorsOf<'_> {
    fn kept(&self, first_row: u64) -> Kept {
        VectorsState::kept(&locked(&self.sketch), first_row)
    }
}

/// What is kept of a batch.
struct Piece<'a> {
    sketch: VectorSketch,
    first_row: u64,
    first_in_file: u64,
    seed: u64,
    selected: Option<&'a Bitmap>,
}

impl Piece<'_> {
    /// Adds the vector of a row of the batch, when the row is selected.
    fn add(&mut self, row: usize, numbers: &[f64], holds_null: bool) {
        if self.selected.is_some_and(|selected| !selected.get_bit(row)) {
            return;
        }
        let row = row as u64;
        self.sketch.add(&VectorRow {
            row_index: self.first_row.saturating_add(row),
            priority: priority(self.seed, self.first_in_file.saturating_add(row)),
            numbers,
            holds_null,
        });
    }
}

/// A column of lists, of texts that spell lists, or of single numbers.
fn one_column<'m>(piece: &mut Piece<'_>, rows: &Rows<'m, '_>, column: &str) -> Evaluated<()> {
    match rows.column(column)? {
        Data::Other(series) if matches!(series.dtype(), DataType::List(_)) => {
            let lists = series.list()?.rechunk();
            lists_of(piece, column, lists.downcast_as_array())
        }
        Data::Text(texts) => texts_of(piece, column, &texts),
        data => {
            let numbers = numbers(column, data)?;
            for (row, number) in numbers.iter().enumerate() {
                if let Some(number) = number {
                    piece.add(row, &[*number], false);
                }
            }
            Ok(())
        }
    }
}

fn lists_of(piece: &mut Piece<'_>, column: &str, lists: &ListArray<i64>) -> Evaluated<()> {
    for start in (0..lists.len()).step_by(BLOCK_ROWS) {
        let block = lists
            .clone()
            .sliced(start, BLOCK_ROWS.min(lists.len() - start));
        let offsets = block.offsets();
        let place = |offset: &i64| usize::try_from(*offset).unwrap_or_default();
        let first = place(offsets.first());
        let inner = block.values().sliced(first, place(offsets.last()) - first);
        let inner = Series::try_from((PlSmallStr::EMPTY, inner))?;
        let numbers = match Data::of(&inner)? {
            data @ (Data::Integer(_)
            | Data::Unsigned(_)
            | Data::Number(_)
            | Data::Decimal(..)
            | Data::Constant(..)) => numbers(column, data)?,
            other => {
                return Err(Problem::Senseless(format!(
                    "the column `{column}` holds lists of {}, not of numbers",
                    other.kind()
                )));
            }
        };
        for (row, length) in offsets.lengths().enumerate() {
            if block.is_null(row) {
                continue;
            }
            bounded(column, length)?;
            let from = offsets.get(row).map(place).unwrap_or_default() - first;
            let own = numbers.values().as_slice().get(from..from + length);
            let holds_null = numbers.validity().is_some_and(|validity| {
                (from..from + length).any(|at| !validity.get(at).unwrap_or_default())
            });
            piece.add(start + row, own.unwrap_or_default(), holds_null);
        }
    }
    Ok(())
}

fn texts_of(piece: &mut Piece<'_>, column: &str, texts: &Utf8ViewArray) -> Evaluated<()> {
    for (row, text) in texts.iter().enumerate() {
        let Some(text) = text else { continue };
        let text = text.trim();
        let list = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let parts: Vec<&str> = match list {
            Some(list) if list.trim().is_empty() => Vec::new(),
            Some(list) => list.split(',').map(str::trim).collect(),
            None => vec![text],
        };
        bounded(column, parts.len())?;
        let holds_null = parts.contains(&"null");
        let read = parts.iter().map(|part| match *part {
            "null" => Some(0.0),
            part => read::number(part),
        });
        let numbers: Option<Vec<f64>> = read.collect();
        let numbers = numbers.ok_or_else(|| {
            Problem::Senseless(format!(
                "the column `{column}` holds a text that is neither a list of numbers such as `[0.25, -1]` nor a number"
            ))
        })?;
        piece.add(row, &numbers, holds_null);
    }
    Ok(())
}

/// Columns of numbers: a row in which all are null has no vector.
fn several_columns<'m>(
    piece: &mut Piece<'_>,
    rows: &Rows<'m, '_>,
    columns: &[String],
) -> Evaluated<()> {
    if let Some(first) = columns.first() {
        bounded(first, columns.len())?;
    }
    let parts = columns
        .iter()
        .map(|column| match rows.column(column)? {
            Data::Other(_) => Err(Problem::Senseless(format!(
                "the column `{column}` holds lists, records or bytes; an embedding is one column of lists or several columns of numbers"
            ))),
            data => numbers(column, data),
        })
        .collect::<Evaluated<Vec<PrimitiveArray<f64>>>>()?;
    let mut vector = Vec::with_capacity(parts.len());
    for row in 0..rows.len() {
        vector.clear();
        let mut nulls = 0;
        for part in &parts {
            let number = part.get(row);
            nulls += usize::from(number.is_none());
            vector.push(number.unwrap_or_default());
        }
        if nulls < parts.len() {
            piece.add(row, &vector, 0 < nulls);
        }
    }
    Ok(())
}

/// The values as numbers. Texts are read, as those of a CSV file without a contract; one that is no number
/// is a mistake, not a null.
fn numbers(column: &str, data: Data) -> Evaluated<PrimitiveArray<f64>> {
    let senseless =
        |kind: &str| Problem::Senseless(format!("the column `{column}` holds {kind}, not numbers"));
    let nulls = |data: &Data| data.validity().map_or(0, |validity| validity.unset_bits());
    let known = match data {
        Data::Text(texts) => {
            let before = texts.validity().map_or(0, Bitmap::unset_bits);
            let read = Data::Text(texts).read_as(LogicalType::Number)?;
            if before < nulls(&read) {
                return Err(senseless("a text that is no number"));
            }
            read
        }
        other => other,
    };
    match known {
        Data::Integer(_)
        | Data::Unsigned(_)
        | Data::Number(_)
        | Data::Decimal(..)
        | Data::Constant(None, _) => known.numbers().map_err(senseless),
        other => Err(senseless(other.kind())),
    }
}

fn bounded(column: &str, length: usize) -> Evaluated<()> {
    if length <= DIMENSION_MAX {
        return Ok(());
    }
    Err(Problem::Unsupported(format!(
        "a vector of `{column}` holds more than {DIMENSION_MAX} numbers, the most that are compared"
    )))
}
