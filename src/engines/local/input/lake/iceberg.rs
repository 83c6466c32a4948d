//! Iceberg: the current snapshot of a table from its metadata (<https://iceberg.apache.org/spec/>).
//!
//! Refused by name, never passed over: delete files, columns that were renamed or dropped and made again
//! (files know columns by number, this reader by name), files that are not Parquet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use serde_json::Value;

use super::super::super::table::{self, TableSource, malformed};
use super::super::avro;
use super::super::files::{DataFile, Found};
use super::{LakeColumn, LakeSchema, below, decimal};
use crate::engines::EngineError;
use crate::io::files;
use crate::measure::InputFormat;

/// Largest metadata file, in bytes.
const METADATA_BYTES_MAX: u64 = 256 << 20;

/// The newest metadata file in the directory of a table; `None` when there is none.
pub(super) fn latest_metadata(source: &TableSource) -> Result<Option<PathBuf>, EngineError> {
    let directory = source.path.join("metadata");
    if !directory.is_dir() {
        return Ok(None);
    }
    let mut newest: Option<(u64, String)> = None;
    for name in files::names(&directory)? {
        let Some(stem) = name.strip_suffix(".metadata.json") else {
            continue;
        };
        // `v7.metadata.json`, or `00007-<uuid>.metadata.json`.
        let digits = stem.trim_start_matches('v').split('-').next();
        let Some(version) = digits.and_then(|digits| digits.parse().ok()) else {
            continue;
        };
        match &newest {
            Some((known, other)) if *known == version => {
                return Err(malformed(
                    &source.locator,
                    InputFormat::Iceberg,
                    &format!(
                        "`{other}` and `{name}` are both the newest metadata; hint: give the path of the one the catalogue names"
                    ),
                ));
            }
            Some((known, _)) if version < *known => {}
            _ => newest = Some((version, name)),
        }
    }
    Ok(newest.map(|(_, name)| directory.join(name)))
}

/// The files of the table whose metadata this is.
pub(super) fn find(source: &TableSource, metadata: &Path) -> Result<Found, EngineError> {
    let failed = |problem: String| malformed(&source.locator, InputFormat::Iceberg, &problem);
    let bytes = files::read(metadata, METADATA_BYTES_MAX)?;
    let metadata_json: Value = serde_json::from_slice(&bytes)
        .map_err(|error| failed(format!("the metadata is not JSON: {error}")))?;
    let table = Table::parse(&metadata_json, metadata).map_err(failed)?;
    let mut data = Vec::new();
    if let Some(list) = table.manifest_list(&metadata_json).map_err(failed)? {
        for manifest in records(&list)? {
            let path = text(&manifest, "/manifest_path").map_err(failed)?;
            let has_deletes = manifest.get("content").and_then(Value::as_i64) == Some(1);
            for entry in records(&table.local(path).map_err(failed)?)? {
                if let Some(file) = table.data_file(&entry, has_deletes).map_err(failed)? {
                    data.push(file);
                }
            }
        }
    }
    data.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Found {
        format: InputFormat::Parquet,
        files: data,
        schema: Some(table.schema),
    })
}

fn records(path: &Path) -> Result<Vec<Value>, EngineError> {
    files::open(path)?;
    let locator = path.display().to_string();
    table::guard(&locator, InputFormat::Avro, || avro::records(path))
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| format!("`{pointer}` is missing"))
}

/// What the metadata says.
struct Table {
    /// Where the table thinks it is.
    location: String,
    /// Where it is.
    directory: PathBuf,
    schema: LakeSchema,
}

impl Table {
    fn parse(metadata: &Value, path: &Path) -> Result<Self, String> {
        /// Newest version of the format read.
        const VERSION_MAX: u64 = 2;
        let version = metadata.get("format-version").and_then(Value::as_u64);
        if version.is_none_or(|version| VERSION_MAX < version) {
            return Err(format!(
                "it is of format version {}, supported are versions up to {VERSION_MAX}",
                version.unwrap_or_default()
            ));
        }
        let directory = path.parent().and_then(Path::parent);
        Ok(Self {
            location: text(metadata, "/location")?
                .trim_end_matches('/')
                .to_owned(),
            directory: directory.unwrap_or(Path::new("")).to_owned(),
            schema: schema(metadata)?,
        })
    }

    /// A file of the table on this machine: tables are moved and fetched, their paths are not rewritten.
    fn local(&self, path: &str) -> Result<PathBuf, String> {
        self.name(path)
            .and_then(|name| below(&self.directory, name))
            .ok_or_else(|| {
                format!("`{path}` is not in the directory of the table, which is not supported")
            })
    }

    fn name<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(&self.location)?.strip_prefix('/')
    }

    /// The list of manifests of the current snapshot; `None` when there is no snapshot yet.
    fn manifest_list(&self, metadata: &Value) -> Result<Option<PathBuf>, String> {
        let current = metadata.get("current-snapshot-id").and_then(Value::as_i64);
        let Some(current) = current.filter(|id| *id != -1) else {
            return Ok(None);
        };
        let snapshots = metadata.get("snapshots").and_then(Value::as_array);
        let snapshot = snapshots
            .into_iter()
            .flatten()
            .find(|one| one.get("snapshot-id").and_then(Value::as_i64) == Some(current));
        let snapshot = snapshot.ok_or("the current snapshot is missing")?;
        self.local(text(snapshot, "/manifest-list")?).map(Some)
    }

    /// The data file of an entry of a manifest; `None` when it is not in the snapshot any more.
    fn data_file(&self, entry: &Value, has_deletes: bool) -> Result<Option<DataFile>, String> {
        /// The status of an entry whose file was deleted.
        const DELETED: i64 = 2;
        if entry.get("status").and_then(Value::as_i64) == Some(DELETED) {
            return Ok(None);
        }
        let content = entry.pointer("/data_file/content").and_then(Value::as_i64);
        if has_deletes || content.is_some_and(|content| content != 0) {
            return Err("rows are deleted by delete files, which are not supported; hint: rewrite the data files".to_owned());
        }
        let format = text(entry, "/data_file/file_format")?;
        if !format.eq_ignore_ascii_case("parquet") {
            return Err(format!("data files in {format} are not supported"));
        }
        let path = text(entry, "/data_file/file_path")?;
        let local = self.local(path)?;
        Ok(Some(DataFile {
            locator: local.display().to_string(),
            path: local,
            name: self.name(path).unwrap_or(path).to_owned(),
            keys: Vec::new(),
        }))
    }
}

fn schema(metadata: &Value) -> Result<LakeSchema, String> {
    let schemas = metadata.get("schemas").and_then(Value::as_array);
    let all: Vec<&Value> = match schemas {
        Some(schemas) => schemas.iter().collect(),
        None => metadata.get("schema").into_iter().collect(),
    };
    let current = metadata.get("current-schema-id").and_then(Value::as_i64);
    let mut names: BTreeMap<i64, &str> = BTreeMap::new();
    let mut numbers: BTreeMap<&str, i64> = BTreeMap::new();
    for field in all.iter().flat_map(|schema| fields(schema)) {
        let (Some(number), Some(name)) = (
            field.get("id").and_then(Value::as_i64),
            field.get("name").and_then(Value::as_str),
        ) else {
            return Err("a column has no name".to_owned());
        };
        let other = names.insert(number, name).filter(|other| *other != name);
        let reused = numbers
            .insert(name, number)
            .filter(|other| *other != number);
        if other.is_some() || reused.is_some() {
            return Err(format!(
                "`{name}` was renamed or made anew, which is not supported"
            ));
        }
    }
    let is_current = |schema: &&&Value| {
        current.is_none() || schema.get("schema-id").and_then(Value::as_i64) == current
    };
    let schema = all
        .iter()
        .find(is_current)
        .ok_or("the current schema is missing")?;
    Ok(LakeSchema {
        columns: fields(schema)
            .filter_map(|field| {
                Some(LakeColumn {
                    name: field.get("name")?.as_str()?.to_owned(),
                    dtype: field.get("type")?.as_str().and_then(dtype),
                })
            })
            .collect(),
    })
}

fn fields(schema: &Value) -> impl Iterator<Item = &Value> {
    let fields = schema.get("fields").and_then(Value::as_array);
    fields.into_iter().flatten()
}

/// A type that is not nested.
fn dtype(name: &str) -> Option<DataType> {
    Some(match name {
        "string" | "uuid" => DataType::String,
        "long" => DataType::Int64,
        "int" => DataType::Int32,
        "float" => DataType::Float32,
        "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "binary" => DataType::Binary,
        "date" => DataType::Date,
        "time" => DataType::Time,
        "timestamp" => DataType::Datetime(TimeUnit::Microseconds, None),
        "timestamptz" => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
        other if other.starts_with("fixed") => DataType::Binary,
        other => return decimal(other),
    })
}
