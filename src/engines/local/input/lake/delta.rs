//! Delta Lake: the newest state of a table from its log
//! (<https://github.com/delta-io/delta/blob/master/PROTOCOL.md>).
//!
//! The newest checkpoint, then the commits behind it, in order. What this program cannot follow to the
//! right rows is refused by name, never passed over: deletion vectors on a file, mapped columns, checkpoints
//! of version 2, features it does not know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::*;
use serde_json::{Map, Value};

use super::super::super::source::Source as _;
use super::super::super::table::{self, TableSource, malformed};
use super::super::files::{DataFile, Found};
use super::{LakeColumn, LakeSchema, below, decimal};
use crate::engines::EngineError;
use crate::engines::local::parquet::ParquetSource;
use crate::engines::local::parquet_layout;
use crate::io::files;
use crate::measure::InputFormat;

/// The directory of the log.
pub(super) const LOG: &str = "_delta_log";

/// Largest commit, in bytes: hundreds of thousands of files.
const COMMIT_BYTES_MAX: u64 = 256 << 20;

/// Features of a reader that change nothing for one who only looks, or are refused where they are used.
const FEATURES: [&str; 6] = [
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "typeWidening",
    "v2Checkpoint",
    "vacuumProtocolCheck",
];

/// The state of a table as far as the log has been read.
#[derive(Default)]
struct State {
    schema: LakeSchema,
    partition_columns: Vec<String>,
    /// The files, by their path as the log has it.
    files: BTreeMap<String, Added>,
}

struct Added {
    partition: Map<String, Value>,
    has_deletions: bool,
}

/// What the names in the log say.
#[derive(Default)]
struct Log {
    commits: BTreeMap<u64, String>,
    /// Parts of each checkpoint.
    checkpoints: BTreeMap<u64, Vec<String>>,
}

/// The files of the table in a directory.
pub(super) fn find(source: &TableSource) -> Result<Found, EngineError> {
    let failed = |problem: String| malformed(&source.locator, InputFormat::Delta, &problem);
    let directory = source.path.join(LOG);
    let log = list(&directory)?;
    let mut state = State::default();
    let mut next = 0;
    if let Some((version, parts)) = log.checkpoints.last_key_value() {
        for part in parts {
            let path = directory.join(part);
            let actions = checkpoint_actions(&path)?;
            for action in actions {
                state.apply(&action).map_err(failed)?;
            }
        }
        next = version + 1;
    }
    let commits: Vec<(&u64, &String)> = log.commits.range(next..).collect();
    if commits.is_empty() && next == 0 {
        return Err(failed("the log is empty".to_owned()));
    }
    for (version, name) in commits {
        if *version != next {
            return Err(failed(format!("version {next} is missing in the log")));
        }
        next += 1;
        let path = directory.join(name);
        let text = files::read(&path, COMMIT_BYTES_MAX)?;
        for line in text.split(|byte| *byte == b'\n') {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let action = serde_json::from_slice(line)
                .map_err(|error| failed(format!("`{name}` is not JSON: {error}")))?;
            state.apply(&action).map_err(failed)?;
        }
    }
    state.found(source).map_err(failed)
}

fn list(directory: &Path) -> Result<Log, EngineError> {
    let mut log = Log::default();
    let mut parts: BTreeMap<u64, (u64, Vec<String>)> = BTreeMap::new();
    for name in files::names(directory)? {
        let pieces: Vec<&str> = name.split('.').collect();
        let version = |text: &str| {
            (text.len() == 20)
                .then(|| text.parse::<u64>().ok())
                .flatten()
        };
        match pieces.as_slice() {
            [number, "json"] => {
                if let Some(version) = version(number) {
                    log.commits.insert(version, name);
                }
            }
            [number, "checkpoint", "parquet"] => {
                if let Some(version) = version(number) {
                    log.checkpoints.insert(version, vec![name]);
                }
            }
            [number, "checkpoint", _, of, "parquet"] => {
                if let (Some(version), Ok(of)) = (version(number), of.parse()) {
                    parts
                        .entry(version)
                        .or_insert((of, Vec::new()))
                        .1
                        .push(name);
                }
            }
            _ => {}
        }
    }
    // A checkpoint of which a part is missing is none.
    for (version, (of, names)) in parts {
        if of == names.len() as u64 {
            log.checkpoints.entry(version).or_insert(names);
        }
    }
    Ok(log)
}

/// The rows of a checkpoint as the lines of a commit.
fn checkpoint_actions(path: &Path) -> Result<Vec<Value>, EngineError> {
    let locator = path.display().to_string();
    let file = files::open(path)?;
    let layout = files::open(path)?;
    table::guard(&locator, InputFormat::Parquet, || {
        parquet_layout::check(layout).map_err(|problem| polars_err!(ComputeError: "{problem}"))?;
        let reader = ParquetSource::open(file)?;
        let mut columns: Vec<String> = Vec::new();
        for column in &reader.facts().columns {
            match column.name.as_str() {
                "add" | "metaData" | "protocol" | "sidecar" => columns.push(column.name.clone()),
                _ => {}
            }
        }
        let mut actions = Vec::new();
        reader.scan_in_order(&columns, &mut |batch| {
            for (name, column) in columns.iter().zip(&batch.columns) {
                for value in column.iter() {
                    let value = json(&value);
                    if is_nothing(&value) {
                        continue;
                    }
                    if name == "sidecar" {
                        polars_bail!(ComputeError:
                            "it is a checkpoint of version 2 with sidecars, which is not supported"
                        );
                    }
                    actions.push(Value::Object(Map::from_iter([(name.clone(), value)])));
                }
            }
            Ok(true)
        })?;
        // Files are judged by the schema, so the schema comes first.
        actions.sort_by_key(|action| action.get("add").is_some());
        Ok(actions)
    })
}

/// Whether there is no action in this row: null, or an object of nulls, as some readers have it.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(object) => object.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
    }
}

/// A value of a checkpoint as JSON; maps are lists of pairs in Parquet.
fn json(value: &AnyValue<'_>) -> Value {
    match value {
        AnyValue::String(text) => Value::from(*text),
        AnyValue::StringOwned(text) => Value::from(text.as_str()),
        AnyValue::Boolean(value) => Value::from(*value),
        AnyValue::Int32(value) => Value::from(*value),
        AnyValue::Int64(value) => Value::from(*value),
        AnyValue::List(items) => {
            let items: Vec<Value> = items.iter().map(|item| json(&item)).collect();
            let pairs: Option<Map<String, Value>> = items.iter().map(pair).collect();
            match pairs {
                Some(pairs) if !items.is_empty() => Value::Object(pairs),
                _ => Value::Array(items),
            }
        }
        AnyValue::Struct(_, _, fields) => {
            let values = value._iter_struct_av();
            let named = fields.iter().zip(values);
            Value::Object(
                named
                    .map(|(field, value)| (field.name().to_string(), json(&value)))
                    .collect(),
            )
        }
        AnyValue::StructOwned(owned) => {
            let (values, fields) = owned.as_ref();
            let named = fields.iter().zip(values);
            Value::Object(
                named
                    .map(|(field, value)| (field.name().to_string(), json(value)))
                    .collect(),
            )
        }
        _ => Value::Null,
    }
}

fn pair(item: &Value) -> Option<(String, Value)> {
    let item = item.as_object().filter(|item| item.len() == 2)?;
    Some((
        item.get("key")?.as_str()?.to_owned(),
        item.get("value")?.clone(),
    ))
}

impl State {
    /// Takes one line of the log in.
    fn apply(&mut self, action: &Value) -> Result<(), String> {
        if let Some(protocol) = action.get("protocol") {
            check_protocol(protocol)?;
        }
        if let Some(metadata) = action.get("metaData") {
            self.take_metadata(metadata)?;
        }
        let path = |action: &Value| {
            let path = action.get("path").and_then(Value::as_str);
            path.map(str::to_owned)
                .ok_or_else(|| "an entry of the log names no file".to_owned())
        };
        if let Some(removed) = action.get("remove") {
            self.files.remove(&path(removed)?);
        }
        if let Some(added) = action.get("add") {
            let partition = added.get("partitionValues").and_then(Value::as_object);
            let deletions = added.get("deletionVector");
            let added_file = Added {
                partition: partition.cloned().unwrap_or_default(),
                has_deletions: deletions.is_some_and(|deletions| !is_nothing(deletions)),
            };
            self.files.insert(path(added)?, added_file);
        }
        Ok(())
    }

    fn take_metadata(&mut self, metadata: &Value) -> Result<(), String> {
        let mode = metadata.pointer("/configuration/delta.columnMapping.mode");
        if let Some(mode) = mode.and_then(Value::as_str)
            && mode != "none"
        {
            return Err(format!("column mapping by {mode} is not supported"));
        }
        let schema = metadata.get("schemaString").and_then(Value::as_str);
        let schema: Value = serde_json::from_str(schema.unwrap_or_default())
            .map_err(|error| format!("the schema is not JSON: {error}"))?;
        let fields = schema.get("fields").and_then(Value::as_array);
        let fields = fields.ok_or("the schema has no fields")?;
        self.schema.columns = fields
            .iter()
            .filter_map(|field| {
                Some(LakeColumn {
                    name: field.get("name")?.as_str()?.to_owned(),
                    dtype: field.get("type")?.as_str().and_then(dtype),
                })
            })
            .collect();
        let columns = metadata.get("partitionColumns").and_then(Value::as_array);
        self.partition_columns = columns
            .into_iter()
            .flatten()
            .filter_map(|column| Some(column.as_str()?.to_owned()))
            .collect();
        Ok(())
    }

    fn found(self, source: &TableSource) -> Result<Found, String> {
        if self.schema.columns.is_empty() {
            return Err("the log has no schema".to_owned());
        }
        let mut files = Vec::with_capacity(self.files.len());
        for (path, added) in self.files {
            if added.has_deletions {
                return Err(format!(
                    "rows of `{path}` are deleted by a deletion vector, which is not supported; hint: `REORG TABLE … APPLY (PURGE)` writes the files anew"
                ));
            }
            let below = below(&source.path, &path).ok_or_else(|| {
                format!("`{path}` is not in the directory of the table, which is not supported")
            })?;
            let keys = self.partition_columns.iter().map(|column| {
                let value = added.partition.get(column).and_then(Value::as_str);
                // The protocol writes null as the empty text.
                let value = value.filter(|value| !value.is_empty());
                (column.clone(), value.map(str::to_owned))
            });
            files.push(DataFile {
                locator: below.display().to_string(),
                path: below,
                keys: keys.collect(),
                name: path,
            });
        }
        Ok(Found {
            format: InputFormat::Parquet,
            files,
            schema: Some(self.schema),
        })
    }
}

fn check_protocol(protocol: &Value) -> Result<(), String> {
    /// The version from which on features are named one by one.
    const VERSION_MAX: u64 = 3;
    let version = protocol.get("minReaderVersion").and_then(Value::as_u64);
    if version.is_none_or(|version| VERSION_MAX < version) {
        return Err(format!(
            "the table needs a reader of version {}, supported are versions up to {VERSION_MAX}",
            version.unwrap_or_default()
        ));
    }
    let features = protocol.get("readerFeatures").and_then(Value::as_array);
    let unknown: BTreeSet<&str> = features
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|feature| !FEATURES.contains(feature))
        .collect();
    match unknown.first() {
        Some(feature) => Err(format!(
            "the table needs `{feature}`, which is not supported"
        )),
        None => Ok(()),
    }
}

/// A type that is not nested.
fn dtype(name: &str) -> Option<DataType> {
    Some(match name {
        "string" => DataType::String,
        "long" => DataType::Int64,
        "integer" => DataType::Int32,
        "short" => DataType::Int16,
        "byte" => DataType::Int8,
        "float" => DataType::Float32,
        "double" => DataType::Float64,
        "boolean" => DataType::Boolean,
        "binary" => DataType::Binary,
        "date" => DataType::Date,
        "timestamp" => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
        "timestamp_ntz" => DataType::Datetime(TimeUnit::Microseconds, None),
        other => return decimal(other),
    })
}
