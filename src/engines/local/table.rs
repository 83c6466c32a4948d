//! Opening a file as a lazy table whose columns are read as the types a contract gives them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::parquet_layout;
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
enum FileFormat {
    Parquet,
    Csv,
    JsonLines,
}

/// An open table: nothing but its schema has been read.
pub(super) struct Table {
    pub(super) frame: LazyFrame,
    pub(super) facts: TableFacts,
    pub(super) source: TableSource,
    format: FileFormat,
}

/// Name of the column that numbers the rows from 0; no file of ours has it.
pub(super) const ROW_INDEX: &str = "__proofmark_row_index";

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
}

impl Table {
    /// Opens the file and reads its schema. The number of rows is not known yet and is 0.
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
        let mut table = Self {
            frame: LazyFrame::default(),
            facts: TableFacts {
                row_count: 0,
                columns: Vec::new(),
                typed: format == FileFormat::Parquet,
            },
            source: source.clone(),
            format,
        };
        if format == FileFormat::Parquet {
            let file = files::open(&source.path)?;
            table.guard(|| {
                parquet_layout::check(file)
                    .map_err(|problem| polars_err!(ComputeError: "{}", problem))
            })?;
        }
        let (frame, schema) = table.guard(|| {
            let mut frame = scan(&source.path, format)?;
            let schema = frame.collect_schema()?;
            Ok((frame, schema))
        })?;
        table.facts.columns = schema
            .iter()
            .map(|(name, dtype)| column_facts(name, dtype))
            .collect();
        table.frame = frame.with_row_index(ROW_INDEX, None);
        Ok(table)
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
        let problem = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the file is damaged".to_owned(),
        };
        Err(malformed(&self.source, self.format, &problem))
    }
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

fn scan(path: &Path, format: FileFormat) -> PolarsResult<LazyFrame> {
    let absolute = std::path::absolute(path)?;
    let text = absolute
        .to_str()
        .ok_or_else(|| polars_err!(ComputeError: "the path is not UTF-8"))?;
    let path = PlRefPath::new(text);
    match format {
        FileFormat::Parquet => LazyFrame::scan_parquet(
            path,
            // A `*` in a path is a `*`.
            ScanArgsParquet {
                glob: false,
                ..Default::default()
            },
        ),
        // Every column as text: the contract says what it is, and what cannot be read as that is
        // counted, not guessed away.
        FileFormat::Csv => LazyCsvReader::new(path)
            .with_glob(false)
            .with_infer_schema_length(Some(0))
            .finish(),
        FileFormat::JsonLines => LazyJsonLineReader::new(path)
            .with_infer_schema_length(None)
            .finish(),
    }
}

fn column_facts(name: &PlSmallStr, dtype: &DataType) -> ColumnFacts {
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
        name: name.to_string(),
        logical_type,
        physical_type: dtype.to_string(),
    }
}

/// A column of texts as a literal list, for membership tests.
pub(super) fn text_list(values: &[String]) -> Expr {
    let series = Series::new(PlSmallStr::EMPTY, values);
    lit(Scalar::new_list(series))
}

/// The value of a one-row result.
pub(super) fn cell<'a>(frame: &'a DataFrame, name: &str) -> PolarsResult<AnyValue<'a>> {
    frame.column(name)?.get(0)
}

/// The list in a one-row result.
pub(super) fn list(frame: &DataFrame, name: &str) -> PolarsResult<Series> {
    match cell(frame, name)? {
        AnyValue::List(series) => Ok(series),
        other => Err(polars_err!(ComputeError: "expected a list, found {}", other.dtype())),
    }
}

/// Shared by everything that collects: the streaming engine.
pub(super) fn collect(frame: LazyFrame) -> PolarsResult<DataFrame> {
    Ok(frame
        .collect_with_engine(Engine::Streaming)?
        .unwrap_single())
}
