//! The columns of a file of predictions, each as what it is wanted as.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::{Coded, EngineError, Keys, Table, TableSource, canonical, listed, problem};
use crate::engines::local::coded::{Coder, is_whole};

/// Rows for which there is room before any are read: the file may say that it holds more than it does.
const ROWS_EXPECTED_MAX: u64 = 1 << 24;

/// The columns of a file.
pub(super) struct Frame<'a> {
    pub(super) source: &'a TableSource,
    pub(super) table: &'a Table,
    /// The columns, where all are read at once; they are read one by one when they are asked for where each
    /// stands for itself in the file, so that none is in memory twice.
    frame: Option<DataFrame>,
}

impl<'a> Frame<'a> {
    /// These columns, all of which must be there.
    pub(super) fn of(
        source: &'a TableSource,
        table: &'a Table,
        wanted: &BTreeSet<&str>,
    ) -> Result<Self, EngineError> {
        require(source, table, wanted)?;
        let names: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let frame = match table.reader.reads_columns_apart() {
            true => None,
            false => Some(table.columns(&names)?),
        };
        Ok(Self {
            source,
            table,
            frame,
        })
    }
}

/// That all of these columns are there.
pub(super) fn require<'c>(
    source: &TableSource,
    table: &Table,
    columns: impl IntoIterator<Item = &'c &'c str>,
) -> Result<(), EngineError> {
    let missing = |column: &&&str| table.facts().column(column).is_none();
    match columns.into_iter().find(missing) {
        None => Ok(()),
        Some(column) => {
            let message = format!("there is no column `{column}`; {}", listed(table));
            Err(problem(source, message))
        }
    }
}

impl Frame<'_> {
    /// The texts of a column without nulls.
    pub(super) fn coded(&self, column: &str) -> Result<Coded, EngineError> {
        let coded = self.optional_coded(column)?;
        let null = coded.texts.iter().position(Option::is_none);
        let row = null.and_then(|null| {
            let mut rows = coded.of_row.iter();
            rows.position(|text| *text as usize == null)
        });
        match row {
            Some(row) => Err(self.null(column, row)),
            None => Ok(coded),
        }
    }

    /// The texts of a column without nulls, each as the one spelling of its label.
    pub(super) fn canonical(&self, column: &str) -> Result<Coded, EngineError> {
        let mut coded = self.coded(column)?;
        for text in coded.texts.iter_mut().flatten() {
            *text = canonical(text);
        }
        Ok(coded)
    }

    pub(super) fn optional_coded(&self, column: &str) -> Result<Coded, EngineError> {
        self.table.guard(|| {
            let mut coder = Coder::of(self.rows_expected());
            self.pieces(column, &mut |piece| coder.add(piece))?;
            Ok(coder.coded)
        })
    }

    /// The texts of a column without nulls.
    pub(super) fn texts(&self, column: &str) -> Result<Vec<String>, EngineError> {
        let values = self.optional_texts(column)?;
        match values.iter().position(Option::is_none) {
            Some(row) => Err(self.null(column, row)),
            None => Ok(values.into_iter().flatten().collect()),
        }
    }

    pub(super) fn optional_texts(&self, column: &str) -> Result<Vec<Option<String>>, EngineError> {
        self.table.guard(|| text_values(&self.series(column)?))
    }

    /// A whole column.
    pub(super) fn series(&self, column: &str) -> PolarsResult<Series> {
        if let Some(frame) = &self.frame {
            let column = frame.column(column)?;
            return Ok(column.as_materialized_series().clone());
        }
        let mut whole: Option<Series> = None;
        self.pieces(column, &mut |piece| {
            match &mut whole {
                Some(whole) => {
                    whole.append(piece)?;
                }
                None => whole = Some(piece.clone()),
            }
            Ok(())
        })?;
        let empty = || Series::new_empty(column.into(), &DataType::String);
        Ok(whole.unwrap_or_else(empty))
    }

    /// The pieces of a column, in the order of their rows.
    fn pieces(
        &self,
        column: &str,
        each: &mut dyn FnMut(&Series) -> PolarsResult<()>,
    ) -> PolarsResult<()> {
        let Some(frame) = &self.frame else {
            return self
                .table
                .reader
                .scan_in_order(&[column.to_owned()], &mut |batch| {
                    batch.columns.iter().try_for_each(&mut *each)?;
                    Ok(true)
                });
        };
        let series = frame.column(column)?.as_materialized_series();
        (0..series.n_chunks()).try_for_each(|piece| each(&series.select_chunk(piece)))
    }

    /// How many rows to make room for.
    fn rows_expected(&self) -> usize {
        let expected = match &self.frame {
            Some(frame) => frame.height() as u64,
            None => self.table.facts().row_count.min(ROWS_EXPECTED_MAX),
        };
        expected as usize
    }

    pub(super) fn keys(&self, column: &str) -> Result<Keys, EngineError> {
        let keys = self.table.guard(|| {
            if let Some(numbers) = self.whole_numbers(column)? {
                return Ok(Ok(Keys::numbers(numbers)));
            }
            let texts = text_values(&self.series(column)?)?;
            let null = texts.iter().position(Option::is_none);
            Ok(match null {
                Some(row) => Err(row),
                None => Ok(texts.into_iter().flatten().collect::<Vec<String>>().into()),
            })
        })?;
        keys.map_err(|row| self.null(column, row))
    }

    /// The values of a column of whole numbers, none of them missing; `None` when it is something else.
    fn whole_numbers(&self, column: &str) -> PolarsResult<Option<Vec<i64>>> {
        let mut numbers = Some(Vec::with_capacity(self.rows_expected()));
        self.pieces(column, &mut |piece| {
            if piece.null_count() != 0 || !is_whole(piece.dtype()) {
                numbers = None;
            }
            if let Some(numbers) = &mut numbers {
                for values in piece.cast(&DataType::Int64)?.i64()?.downcast_iter() {
                    numbers.extend_from_slice(values.values());
                }
            }
            Ok(())
        })?;
        Ok(numbers)
    }

    pub(super) fn null(&self, column: &str, row: usize) -> EngineError {
        let message = format!("column `{column}` is null in row {}", row + 1);
        problem(self.source, message)
    }

    pub(super) fn numbers(&self, column: &str) -> Result<Vec<f64>, EngineError> {
        let numbers = self.table.guard(|| {
            let mut numbers: Vec<f64> = Vec::with_capacity(self.rows_expected());
            self.pieces(column, &mut |piece| {
                for values in piece.cast(&DataType::Float64)?.f64()?.downcast_iter() {
                    match values.validity() {
                        None => numbers.extend_from_slice(values.values()),
                        Some(_) => {
                            numbers.extend(values.iter().map(|value| *value.unwrap_or(&f64::NAN)))
                        }
                    }
                }
                Ok(())
            })?;
            Ok(numbers)
        })?;
        match numbers.iter().position(|number| !number.is_finite()) {
            None => Ok(numbers),
            Some(row) => {
                let row = row + 1;
                let message = format!("column `{column}` is not a finite number in row {row}");
                Err(problem(self.source, message))
            }
        }
    }

    /// Numbers, NaN where there is none. Text that is no number is refused, not dropped.
    pub(super) fn optional_numbers(&self, column: &str) -> Result<Vec<f64>, EngineError> {
        let series = self.table.guard(|| self.series(column))?;
        let values = self.table.guard(|| number_values(&series))?;
        let nulls = self.table.guard(|| text_values(&series))?;
        let number = |(row, (value, text)): (usize, (Option<f64>, Option<String>))| match value {
            Some(value) if value.is_infinite() => Err(row),
            Some(value) => Ok(value),
            None if text.is_none() => Ok(f64::NAN),
            None => Err(row),
        };
        let values = values.into_iter().zip(nulls).enumerate().map(number);
        values.collect::<Result<Vec<f64>, usize>>().map_err(|row| {
            problem(
                self.source,
                format!("column `{column}` is not a number in row {}", row + 1),
            )
        })
    }
}

pub(in crate::engines::local) fn text_values(series: &Series) -> PolarsResult<Vec<Option<String>>> {
    let series = series.cast(&DataType::String)?;
    let texts = series.str()?.iter();
    Ok(texts.map(|text| text.map(str::to_owned)).collect())
}

pub(in crate::engines::local) fn number_values(series: &Series) -> PolarsResult<Vec<Option<f64>>> {
    Ok(series.cast(&DataType::Float64)?.f64()?.iter().collect())
}
