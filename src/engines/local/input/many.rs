//! Many files that are one table: the rows of the first, then those of the second, and so on.

use std::sync::Mutex;

use polars::prelude::*;

use super::super::source::{Batch, Consume, FileRows, Files, Source};
use super::super::table::{self, TableSource, column_facts};
use super::columns::{columns_of, difference, widen, widens};
use super::files::{DataFile, Found};
use super::lake::LakeSchema;
use crate::engines::EngineError;
use crate::evidence::Sha256;
use crate::io::files;
use crate::measure::{ColumnFacts, InputFormat, TableFacts};

/// Bytes at the end of a file that tell it from others.
const END_BYTES: u64 = 1 << 16;

/// Many files.
pub(in crate::engines::local) struct ManySource {
    source: TableSource,
    format: InputFormat,
    files: Vec<DataFile>,
    /// The columns of the table, when its log says what they are.
    schema: Option<LakeSchema>,
    /// Columns that hold one value in a file, with their type.
    keys: Vec<(String, DataType)>,
    /// Decimals whose files differ in their digits, with the type that holds all of them.
    widest: Vec<(String, DataType)>,
    facts: TableFacts,
}

impl ManySource {
    /// Opens every file once: they must be of one schema.
    pub(in crate::engines::local) fn open(
        source: TableSource,
        found: Found,
    ) -> Result<Self, EngineError> {
        let (mut columns, mut typed): (Option<Vec<ColumnFacts>>, bool) = (None, true);
        let mut rows = Vec::new();
        let mut lake_columns = Vec::new();
        let mut widest = Vec::new();
        for file in &found.files {
            let facts = table::open_file(&source, found.format, file)?
                .facts()
                .clone();
            typed = facts.typed;
            rows.push((0 < facts.row_count).then_some(facts.row_count));
            if found.schema.is_some() {
                lake_columns.push(facts.columns);
                continue;
            }
            match &mut columns {
                None => columns = Some(facts.columns),
                Some(columns) => {
                    widen(columns, &facts.columns, &mut widest);
                    if let Some(difference) = difference(columns, &facts.columns) {
                        return Err(EngineError::Column {
                            path: file.locator.clone(),
                            problem: format!(
                                "{difference}, unlike in `{}`; the files of a table have the same columns",
                                found.files.first().map_or("", |file| &file.name)
                            ),
                        });
                    }
                }
            }
        }
        let mut columns = columns.unwrap_or_default();
        let mut keys = key_types(&found.files, typed, &source)?;
        if let Some(schema) = &found.schema {
            for (key, dtype) in &mut keys {
                let column = schema.columns.iter().find(|column| column.name == *key);
                if let Some(said) = column.and_then(|column| column.dtype.clone()) {
                    *dtype = said;
                }
            }
            columns = columns_of(schema, &lake_columns);
        } else {
            for (name, dtype) in &keys {
                // Where a file holds the column too, the directory says what it is.
                columns.retain(|column| column.name != *name);
                columns.push(column_facts(name, dtype));
            }
        }
        Ok(Self {
            facts: TableFacts {
                row_count: rows.iter().flatten().sum(),
                columns,
                typed,
            },
            source,
            format: found.format,
            files: found.files,
            schema: found.schema,
            keys,
            widest,
        })
    }

    fn open_file(&self, file: &DataFile) -> PolarsResult<Box<dyn Source>> {
        table::open_file(&self.source, self.format, file)
            .map_err(|error| polars_err!(ComputeError: "{error}"))
    }

    /// Says which file a problem is in.
    fn in_file<T>(file: &DataFile, result: PolarsResult<T>) -> PolarsResult<T> {
        result.map_err(|error| polars_err!(ComputeError: "`{}`: {error}", file.name))
    }

    /// Which of the columns are in the file itself.
    fn stored(&self, reader: &dyn Source, columns: &[String]) -> Vec<String> {
        let is_key = |column: &str| self.keys.iter().any(|(key, _)| key == column);
        // A file that was written before the column was added has none.
        let is_missing =
            |column: &str| self.schema.is_some() && reader.facts().column(column).is_none();
        let stored = columns.iter();
        stored
            .filter(|column| !is_key(column) && !is_missing(column))
            .cloned()
            .collect()
    }

    fn said_type(&self, column: &str) -> Option<&DataType> {
        let columns = self.schema.iter().flat_map(|schema| &schema.columns);
        let mut widest = self.widest.iter().filter(|(name, _)| name == column);
        columns
            .filter(|one| one.name == column)
            .find_map(|one| one.dtype.as_ref())
            .or_else(|| widest.next().map(|(_, dtype)| dtype))
    }

    /// A batch of a file as one of the table.
    fn complete(
        &self,
        file: &DataFile,
        rows: FileRows,
        batch: Batch,
        columns: &[String],
    ) -> PolarsResult<Batch> {
        let mut stored = batch.columns.into_iter().peekable();
        let mut complete = Vec::with_capacity(columns.len());
        for column in columns {
            match self.keys.iter().find(|(key, _)| key == column) {
                Some((_, dtype)) => {
                    let value = file.keys.iter().find(|(key, _)| key == column);
                    let value = value.and_then(|(_, value)| value.as_deref());
                    complete.push(constant(column, value, dtype, batch.row_count)?);
                }
                None => {
                    let said = self.said_type(column);
                    let found = stored.next_if(|one| one.name().as_str() == column);
                    complete.push(match (found, said) {
                        (Some(found), Some(said)) if widens(found.dtype(), said) => {
                            found.strict_cast(said)?
                        }
                        (Some(found), _) => found,
                        (None, said) if self.schema.is_some() => Series::full_null(
                            column.as_str().into(),
                            batch.row_count,
                            said.unwrap_or(&DataType::String),
                        ),
                        (None, _) => polars_bail!(ComputeError: "the column `{column}` is missing"),
                    });
                }
            }
        }
        Ok(Batch {
            first_row: rows.first_row + batch.first_row,
            file: rows,
            row_count: batch.row_count,
            columns: complete,
        })
    }
}

impl Source for ManySource {
    fn facts(&self) -> &TableFacts {
        &self.facts
    }

    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64> {
        let mut first_row = 0_u64;
        for index in 0..self.files.len() {
            let stopped = Mutex::new(false);
            first_row += self.scan_file(index, first_row, parts, &|part, batch| {
                let going_on = consume(part, batch)?;
                if !going_on
                    && parts.len() == 1
                    && let Ok(mut stopped) = stopped.lock()
                {
                    *stopped = true;
                }
                Ok(going_on)
            })?;
            if stopped.into_inner().unwrap_or(true) {
                break;
            }
        }
        Ok(first_row)
    }

    fn files(&self) -> Option<&dyn Files> {
        Some(self)
    }

    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()> {
        let mut first_row = 0_u64;
        for file in &self.files {
            let reader = self.open_file(file)?;
            let stored = self.stored(reader.as_ref(), columns);
            let rows = file_rows(file, first_row)?;
            let (mut count, mut going_on) = (0, true);
            let read = reader.scan_in_order(&stored, &mut |batch| {
                count += batch.row_count as u64;
                going_on = consume(self.complete(file, rows, batch, columns)?)?;
                Ok(going_on)
            });
            Self::in_file(file, read)?;
            if !going_on {
                return Ok(());
            }
            first_row += count;
        }
        Ok(())
    }
}

impl Files for ManySource {
    fn count(&self) -> usize {
        self.files.len()
    }

    fn surroundings(&self, index: usize) -> String {
        let keys = self.files.get(index).map(|file| &file.keys);
        format!(
            "{keys:?} {:?} {:?} {:?}",
            self.keys, self.schema, self.widest
        )
    }

    fn scan_file(
        &self,
        index: usize,
        first_row: u64,
        parts: &[Vec<String>],
        consume: &Consume<'_>,
    ) -> PolarsResult<u64> {
        let missing = || polars_err!(ComputeError: "there is no such file");
        let file = self.files.get(index).ok_or_else(missing)?;
        let reader = self.open_file(file)?;
        let stored: Vec<Vec<String>> = parts
            .iter()
            .map(|part| self.stored(reader.as_ref(), part))
            .collect();
        let rows = file_rows(file, first_row)?;
        let count = reader.scan(&stored, &|part, batch| {
            let columns = parts.get(part).map(Vec::as_slice).unwrap_or_default();
            consume(part, self.complete(file, rows, batch, columns)?)
        });
        Self::in_file(file, count)
    }
}

/// A file among others: what tells it from them is how long it is and how it ends, which is where a
/// Parquet file says what is in it. Two files alike in that are sampled alike, and nothing else.
fn file_rows(file: &DataFile, first_row: u64) -> PolarsResult<FileRows> {
    let (length, end) = files::end(&file.path, END_BYTES)
        .map_err(|error| polars_err!(ComputeError: "`{}`: {error}", file.name))?;
    let digest = Sha256::of(&[length.to_le_bytes().as_slice(), &end].concat());
    let seed = digest.as_bytes().iter().take(8);
    Ok(FileRows {
        first_row,
        seed: seed.fold(0, |seed, byte| seed << 8 | u64::from(*byte)),
    })
}

/// The columns that directories stand for. Their values are texts; in a table whose other columns have
/// types, they are whole numbers or dates when every one of them is.
fn key_types(
    files: &[DataFile],
    typed: bool,
    source: &TableSource,
) -> Result<Vec<(String, DataType)>, EngineError> {
    let names: Vec<String> = files
        .first()
        .map(|file| file.keys.iter().map(|(key, _)| key.clone()).collect())
        .unwrap_or_default();
    if let Some(file) = files
        .iter()
        .find(|file| !file.keys.iter().map(|(key, _)| key).eq(names.iter()))
    {
        return Err(EngineError::Column {
            path: source.locator.clone(),
            problem: format!(
                "`{}` is not below the same directories as the other files",
                file.name
            ),
        });
    }
    Ok(names
        .into_iter()
        .map(|name| {
            let values = || {
                let keys = files.iter().flat_map(|file| &file.keys);
                keys.filter(|(key, _)| *key == name)
                    .filter_map(|(_, value)| value.as_deref())
            };
            let dtype = if !typed || values().next().is_none() {
                DataType::String
            } else if values().all(|value| value.parse::<i64>().is_ok()) {
                DataType::Int64
            } else if values().all(|value| value.parse::<chrono::NaiveDate>().is_ok()) {
                DataType::Date
            } else {
                DataType::String
            };
            (name, dtype)
        })
        .collect())
}

fn constant(
    name: &str,
    value: Option<&str>,
    dtype: &DataType,
    rows: usize,
) -> PolarsResult<Series> {
    let text = Series::new(name.into(), [value]);
    let one = match dtype {
        DataType::Date => {
            let epoch = chrono::NaiveDate::default();
            let days = value
                .and_then(|value| value.parse::<chrono::NaiveDate>().ok())
                .and_then(|date| i32::try_from((date - epoch).num_days()).ok());
            Series::new(name.into(), [days]).cast(dtype)?
        }
        dtype => text.strict_cast(dtype)?,
    };
    Ok(one.new_from_index(0, rows).rechunk())
}
