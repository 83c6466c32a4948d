//! Reading columns whole, for those who take tables as they are: results of other systems.

use polars::prelude::*;

use super::predictions::{number_values, text_values};
use super::table::{Table, TableSource};
use crate::engines::EngineError;

/// Most values held at once: 256 MiB of numbers.
const VALUES_MAX: usize = 1 << 25;

/// Columns of a table, in memory.
pub struct Columns {
    table: Table,
    frame: DataFrame,
    names: Vec<String>,
}

/// Reads the named columns of a file, or all.
///
/// # Errors
/// When the file cannot be read, lacks a column, or holds more values than fit.
pub fn load_columns(source: &TableSource, names: Option<&[&str]>) -> Result<Columns, EngineError> {
    let table = Table::open(source)?;
    let known: Vec<String> = table
        .facts()
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let names: Vec<String> = match names {
        Some(names) => names.iter().map(|name| (*name).to_owned()).collect(),
        None => known.clone(),
    };
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        return Err(problem(source, format!("there is no column `{name}`")));
    }
    let rows_max = VALUES_MAX / names.len().max(1);
    let mut rows = 0;
    let mut whole: Option<DataFrame> = None;
    table.guard(|| {
        table.reader.scan_in_order(&names, &mut |batch| {
            rows += batch.row_count;
            if rows_max < rows {
                return Ok(false);
            }
            let columns = batch.columns.into_iter().map(Series::into_column).collect();
            let frame = DataFrame::new(batch.row_count, columns)?;
            match &mut whole {
                Some(whole) => {
                    whole.vstack_mut(&frame)?;
                }
                None => whole = Some(frame),
            }
            Ok(true)
        })
    })?;
    if rows_max < rows {
        return Err(problem(
            source,
            format!(
                "it has more than {rows_max} rows of {} columns",
                names.len()
            ),
        ));
    }
    Ok(Columns {
        frame: whole.unwrap_or_default(),
        table,
        names,
    })
}

impl Columns {
    /// The names of the columns, in the order of the file.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.frame.height()
    }

    /// The values of a column as texts.
    ///
    /// # Errors
    /// When it holds what no text stands for.
    pub fn texts(&self, column: &str) -> Result<Vec<Option<String>>, EngineError> {
        if self.rows() == 0 {
            return Ok(Vec::new());
        }
        self.table
            .guard(|| text_values(self.frame.column(column)?.as_materialized_series()))
    }

    /// The values of a column as numbers, NaN where there is none.
    ///
    /// # Errors
    /// When it holds text that is no number.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, EngineError> {
        if self.rows() == 0 {
            return Ok(Vec::new());
        }
        let numbers = self
            .table
            .guard(|| number_values(self.frame.column(column)?.as_materialized_series()))?;
        let texts = self.texts(column)?;
        let number = |(row, (number, text)): (usize, (Option<f64>, Option<String>))| match (
            number,
            text.as_deref(),
        ) {
            (Some(number), _) => Ok(number),
            (None, None | Some("")) => Ok(f64::NAN),
            (None, Some(_)) => Err(problem(
                &self.table.source,
                format!("column `{column}` is not a number in row {}", row + 1),
            )),
        };
        let values = numbers.into_iter().zip(texts);
        values.enumerate().map(number).collect()
    }
}

fn problem(source: &TableSource, problem: String) -> EngineError {
    EngineError::Column {
        path: source.locator.clone(),
        problem,
    }
}
