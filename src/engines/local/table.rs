//! Opening what a locator names as a table, whatever its format.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use polars::prelude::*;
use tempfile::TempDir;

use super::input;
use super::input::files::DataFile;
use super::input::many::ManySource;
use super::source::Source;
use crate::engines::EngineError;
use crate::measure::{ColumnFacts, InputFormat, LogicalType, Reading, TableFacts};

/// A table and how it is read: a file, a directory or a pattern of files.
#[derive(Clone, Debug, Default)]
pub struct TableSource {
    /// The file, the directory, or files by a pattern with `*` and `?`.
    pub path: PathBuf,
    /// How messages call it.
    pub locator: String,
    /// What queries call it; none can be answered when there is no name.
    pub names: Vec<String>,
    /// Column and logical type, for CSV and JSON Lines.
    pub types: Vec<(String, LogicalType)>,
    /// What the files do not say of themselves.
    pub reading: Reading,
    /// The directory the file was fetched into, when it was; it goes when nobody needs it any more.
    pub fetched: Option<Arc<TempDir>>,
}

/// An open table: nothing but its schema has been read.
pub(super) struct Table {
    pub(super) reader: Box<dyn Source>,
    pub(super) source: TableSource,
    format: InputFormat,
}

impl Table {
    /// Opens the file or files and reads their schema.
    pub(super) fn open(source: &TableSource) -> Result<Self, EngineError> {
        let found = input::files::find(source)?;
        let format = found.format;
        let single = match found.files.as_slice() {
            [file] if file.keys.is_empty() && found.schema.is_none() => Some(file),
            _ => None,
        };
        let reader: Box<dyn Source> = match single {
            Some(file) => open_file(source, format, file)?,
            None => Box::new(ManySource::open(source.clone(), found)?),
        };
        Ok(Self {
            reader,
            source: source.clone(),
            format,
        })
    }

    /// What is known of the table.
    pub(super) fn facts(&self) -> &TableFacts {
        self.reader.facts()
    }

    /// The logical type the contract gives a column.
    pub(super) fn contract_type(&self, column: &str) -> Option<LogicalType> {
        self.source
            .types
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, logical_type)| *logical_type)
    }

    /// Runs the engine. It panics on some damaged files; that is an error of the file, not ours.
    pub(super) fn guard<T>(&self, run: impl FnOnce() -> PolarsResult<T>) -> Result<T, EngineError> {
        guard(&self.source.locator, self.format, run)
    }

    /// Whole columns in memory.
    pub(super) fn columns(&self, names: &[String]) -> Result<DataFrame, EngineError> {
        self.guard(|| {
            let mut whole: Option<DataFrame> = None;
            self.reader.scan_in_order(names, &mut |batch| {
                let columns = batch.columns.into_iter().map(Series::into_column).collect();
                let frame = DataFrame::new(batch.row_count, columns)?;
                match &mut whole {
                    Some(whole) => {
                        whole.vstack_mut(&frame)?;
                    }
                    None => whole = Some(frame),
                }
                Ok(true)
            })?;
            match whole {
                Some(whole) => Ok(whole),
                // No rows make no batch; the columns are there all the same.
                None => DataFrame::new(
                    0,
                    names
                        .iter()
                        .map(|name| Column::new_empty(name.as_str().into(), &DataType::String))
                        .collect(),
                ),
            }
        })
    }
}

/// Opens one file.
pub(super) fn open_file(
    source: &TableSource,
    format: InputFormat,
    file: &DataFile,
) -> Result<Box<dyn Source>, EngineError> {
    // Missing files and pipes get our message, not the engine's.
    let size = crate::io::files::open(&file.path)?
        .metadata()
        .map(|metadata| metadata.len())
        .unwrap_or_default();
    if size == 0 {
        return Err(malformed(&file.locator, format, "the file is empty"));
    }
    guard(&file.locator, format, || {
        input::open(&file.path, format, &source.reading)
    })
}

pub(super) fn guard<T>(
    locator: &str,
    format: InputFormat,
    run: impl FnOnce() -> PolarsResult<T>,
) -> Result<T, EngineError> {
    let problem = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the file is damaged".to_owned(),
    };
    Err(malformed(locator, format, &problem))
}

pub(super) fn malformed(locator: &str, format: InputFormat, problem: &str) -> EngineError {
    /// Characters of the engine's message that are kept; it may quote the whole file.
    const PROBLEM_CHARACTERS_MAX: usize = 300;
    let first = problem.lines().next().unwrap_or_default();
    EngineError::Malformed {
        path: locator.to_owned(),
        format: format.title(),
        problem: first.chars().take(PROBLEM_CHARACTERS_MAX).collect(),
    }
}

/// Digits of a column of decimals, and how many of them stand after the point; `None` for other columns.
pub(super) fn decimal(column: &ColumnFacts) -> Option<(usize, usize)> {
    let inner = column.physical_type.strip_prefix("decimal[")?;
    let (digits, scale) = inner.strip_suffix(']')?.split_once(',')?;
    Some((digits.trim().parse().ok()?, scale.trim().parse().ok()?))
}

/// What the type of a column means to a contract.
pub(super) fn column_facts(name: &str, dtype: &DataType) -> ColumnFacts {
    let logical_type = match dtype {
        DataType::Boolean => Some(LogicalType::Boolean),
        dtype if dtype.is_integer() => Some(LogicalType::Integer),
        dtype if dtype.is_float() || dtype.is_decimal() => Some(LogicalType::Number),
        DataType::String => Some(LogicalType::String),
        DataType::Categorical(..) | DataType::Enum(..) => Some(LogicalType::String),
        DataType::Date => Some(LogicalType::Date),
        DataType::Datetime(..) => Some(LogicalType::Timestamp),
        DataType::Time => Some(LogicalType::Time),
        DataType::List(_) => Some(LogicalType::Array),
        DataType::Struct(_) => Some(LogicalType::Object),
        _ => None,
    };
    ColumnFacts {
        name: name.to_owned(),
        logical_type,
        physical_type: dtype.to_string(),
    }
}
