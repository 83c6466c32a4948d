//! Opening a file as a table, whatever its format.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::lazy::LazySource;
use super::parquet::ParquetSource;
use super::parquet_layout;
use super::source::Source;
use crate::engines::EngineError;
use crate::io::files;
use crate::measure::{ColumnFacts, LogicalType, TableFacts};

/// A file and the types its columns have, where the file itself does not say.
#[derive(Clone, Debug)]
pub struct TableSource {
    /// The file.
    pub path: PathBuf,
    /// How messages call it.
    pub locator: String,
    /// Column and logical type, for CSV and JSON Lines.
    pub types: Vec<(String, LogicalType)>,
}

/// The formats that can be read, by the ending of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileFormat {
    Parquet,
    Csv,
    JsonLines,
}

/// An open table: nothing but its schema has been read.
pub(super) struct Table {
    pub(super) reader: Box<dyn Source>,
    pub(super) source: TableSource,
    format: FileFormat,
}

impl FileFormat {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "parquet" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
            Self::Csv => "CSV",
            Self::JsonLines => "JSON Lines",
        }
    }

    /// Whether the file says what type its columns have.
    pub(super) fn is_typed(self) -> bool {
        match self {
            Self::Parquet => true,
            Self::Csv | Self::JsonLines => false,
        }
    }
}

impl Table {
    /// Opens the file and reads its schema.
    pub(super) fn open(source: &TableSource) -> Result<Self, EngineError> {
        let format = FileFormat::of(&source.path)
            .ok_or_else(|| EngineError::UnknownFormat(source.locator.clone()))?;
        // Missing files and pipes get our message, not the engine's.
        let size = files::open(&source.path)?
            .metadata()
            .map(|metadata| metadata.len())
            .unwrap_or_default();
        if size == 0 {
            return Err(malformed(source, format, "the file is empty"));
        }
        let reader: Box<dyn Source> = match format {
            FileFormat::Parquet => {
                let file = files::open(&source.path)?;
                guard(source, format, || {
                    parquet_layout::check(file)
                        .map_err(|problem| polars_err!(ComputeError: "{}", problem))
                })?;
                let file = files::open(&source.path)?;
                guard(source, format, || Ok(Box::new(ParquetSource::open(file)?)))?
            }
            FileFormat::Csv | FileFormat::JsonLines => guard(source, format, || {
                Ok(Box::new(LazySource::open(&source.path, format)?))
            })?,
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
        guard(&self.source, self.format, run)
    }

    /// The table as a plan of the engine, for whole columns.
    pub(super) fn frame(&self) -> Result<LazyFrame, EngineError> {
        self.guard(|| super::lazy::frame(&self.source.path, self.format))
    }
}

fn guard<T>(
    source: &TableSource,
    format: FileFormat,
    run: impl FnOnce() -> PolarsResult<T>,
) -> Result<T, EngineError> {
    let problem = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the file is damaged".to_owned(),
    };
    Err(malformed(source, format, &problem))
}

fn malformed(source: &TableSource, format: FileFormat, problem: &str) -> EngineError {
    /// Characters of the engine's message that are kept; it may quote the whole file.
    const PROBLEM_CHARACTERS_MAX: usize = 300;
    let first = problem.lines().next().unwrap_or_default();
    EngineError::Malformed {
        path: source.locator.clone(),
        format: format.name(),
        problem: first.chars().take(PROBLEM_CHARACTERS_MAX).collect(),
    }
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
