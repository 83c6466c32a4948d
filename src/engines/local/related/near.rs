//! The rows of another table for a search of near duplicates.

use std::sync::Mutex;

use polars_arrow::array::StaticArray as _;
use polars_arrow::bitmap::Bitmap;

use super::{columns_of, read_there};
use crate::engines::local::accumulate::locked;
use crate::engines::local::accumulate::near::ROWS_MAX;
use crate::engines::local::evaluate::{Evaluated, Problem, Rows};
use crate::engines::local::patterns::Patterns;
use crate::engines::local::table::Table;
use crate::measure::{Near, NearIndex, NearRow, Value};

/// The selected rows of a batch as a search of near duplicates wants them, with their numbers.
pub(in crate::engines::local) fn near_rows<'m>(
    rows: &Rows<'m, '_>,
    near: &'m Near,
    selected: Option<&Bitmap>,
) -> Evaluated<Vec<(u64, NearRow)>> {
    let texts = |values: &'m [Value]| -> Evaluated<Vec<_>> {
        values
            .iter()
            .map(|value| Ok(rows.value(value)?.texts()?))
            .collect()
    };
    let (joined, equal) = (texts(&near.texts)?, texts(&near.equal)?);
    let numbers = near
        .numbers
        .iter()
        .map(|(value, _)| rows.numbers(value))
        .collect::<Evaluated<Vec<_>>>()?;
    let chosen = (0..rows.len()).filter(|row| selected.is_none_or(|rows| rows.get_bit(*row)));
    Ok(chosen
        .map(|row| {
            let texts: Vec<&str> = joined.iter().filter_map(|texts| texts.get(row)).collect();
            let found = NearRow {
                text: texts.join(" "),
                numbers: numbers
                    .iter()
                    .map(|numbers| numbers.get(row).filter(|number| !number.is_nan()))
                    .collect(),
                equal: equal
                    .iter()
                    .map(|texts| texts.get(row).map(str::to_owned))
                    .collect(),
            };
            (rows.batch.first_row + row as u64 + 1, found)
        })
        .collect())
}

/// Reads the rows of the other dataset.
pub(super) fn read(near: &Near, dataset: &str, there: &Table) -> Result<NearIndex, Problem> {
    let numbers = near.numbers.iter().map(|(value, _)| value);
    let columns = columns_of(near.texts.iter().chain(&near.equal).chain(numbers));
    let patterns = Patterns::default();
    let found: Mutex<Vec<(u64, NearRow)>> = Mutex::default();
    read_there(there, dataset, columns, |batch| {
        let rows = Rows::new(there, batch, &patterns);
        let read = near_rows(&rows, near, None)?;
        let mut found = locked(&found);
        found.extend(read);
        if ROWS_MAX < found.len() {
            return Err(Problem::Unsupported(format!(
                "`{dataset}` has more than {ROWS_MAX} rows"
            )));
        }
        Ok(())
    })?;
    let mut rows = std::mem::take(&mut *locked(&found));
    rows.sort_by_key(|(row_number, _)| *row_number);
    let mut index = NearIndex::new(near.clone());
    rows.iter()
        .for_each(|(row_number, row)| index.update(*row_number, row));
    Ok(index)
}
