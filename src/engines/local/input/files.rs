//! The files of a table: one, those of a directory, or those a pattern names, in the order of their names.
//!
//! Directories called `key=value` (as Hive, Spark and Delta write them) add a column to the files below
//! them. Names that start with `.` or `_` are not data, as these tools have it.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use percent_encoding::percent_decode_str;

use super::super::table::TableSource;
use crate::engines::EngineError;
use crate::io::files::{self, FileError, FileProblem};
use crate::measure::InputFormat;

/// Most files of a table; a table of more is small files that should be one.
const FILES_MAX: usize = 100_000;

/// Directories below each other that are entered.
const DEPTH_MAX: usize = 16;

/// What a directory of this name says is null, as Hive writes it.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// One file of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engines::local) struct DataFile {
    pub(in crate::engines::local) path: PathBuf,
    /// How messages call it.
    pub(in crate::engines::local) locator: String,
    /// Its name below the directory or the pattern's fixed part.
    pub(in crate::engines::local) name: String,
    /// Columns that hold one value in the whole file.
    pub(in crate::engines::local) keys: Vec<(String, Option<String>)>,
}

/// The files of a table.
#[derive(Clone, Debug)]
pub(in crate::engines::local) struct Found {
    pub(in crate::engines::local) format: InputFormat,
    pub(in crate::engines::local) files: Vec<DataFile>,
    /// The columns of the table, when something other than its files says so.
    pub(in crate::engines::local) schema: Option<super::lake::LakeSchema>,
}

/// Finds the files of a table.
pub(in crate::engines::local) fn find(source: &TableSource) -> Result<Found, EngineError> {
    let path = &source.path;
    if path.is_dir() {
        if let Some(found) = super::lake::find(source)? {
            return Ok(found);
        }
        return many(source, path, None);
    }
    let text = path.to_string_lossy();
    if !path.exists() && text.contains(['*', '?']) {
        let (directory, pattern) = split_pattern(&text);
        let pattern = Pattern::new(pattern)
            .map_err(|error| problem(source, format!("the pattern is none: {error}")))?;
        return many(source, Path::new(directory), Some(&pattern));
    }
    let name = path.file_name().map(|name| name.to_string_lossy());
    let name = name.unwrap_or_default().into_owned();
    if source.reading.format == Some(InputFormat::Iceberg) {
        return super::lake::iceberg_metadata(source, path);
    }
    let format = source
        .reading
        .format
        .or_else(|| InputFormat::of_name(&name))
        .ok_or_else(|| EngineError::UnknownFormat(source.locator.clone()))?;
    Ok(Found {
        format,
        files: vec![DataFile {
            path: path.clone(),
            locator: source.locator.clone(),
            name,
            keys: Vec::new(),
        }],
        schema: None,
    })
}

fn many(
    source: &TableSource,
    directory: &Path,
    pattern: Option<&Pattern>,
) -> Result<Found, EngineError> {
    let mut names = Vec::new();
    collect(source, directory, "", 0, &mut names)?;
    // A `*` does not reach over a `/`, but `**` does.
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    names.retain(|name| match pattern {
        Some(pattern) => pattern.matches_with(name, options),
        None => source.reading.format.is_some() || InputFormat::of_name(name).is_some(),
    });
    names.sort_unstable();
    let Some(first) = names.first() else {
        return Err(match pattern {
            Some(_) => FileError::because("read", &source.path, FileProblem::NotFound).into(),
            None => problem(source, "the directory holds no files of data".to_owned()),
        });
    };
    let format = source
        .reading
        .format
        .or_else(|| InputFormat::of_name(first))
        .ok_or_else(|| EngineError::UnknownFormat(first.clone()))?;
    if source.reading.format.is_none()
        && let Some(other) = names
            .iter()
            .find(|name| InputFormat::of_name(name) != Some(format))
    {
        return Err(problem(
            source,
            format!(
                "`{first}` and `{other}` are of different formats; hint: name the files by a pattern"
            ),
        ));
    }
    let files = names.into_iter().map(|name| DataFile {
        path: directory.join(&name),
        locator: directory.join(&name).display().to_string(),
        keys: keys(&name),
        name,
    });
    Ok(Found {
        format,
        files: files.collect(),
        schema: None,
    })
}

/// The fixed directory of a pattern and what is below it.
fn split_pattern(text: &str) -> (&str, &str) {
    let special = text.find(['*', '?']).unwrap_or(text.len());
    match text.get(..special).and_then(|fixed| fixed.rfind('/')) {
        Some(0) => ("/", text.get(1..).unwrap_or_default()),
        Some(at) => text
            .split_at_checked(at)
            .map_or((".", text), |(directory, rest)| {
                (directory, rest.trim_start_matches('/'))
            }),
        None => (".", text),
    }
}

/// Adds the regular files below a directory, links followed.
fn collect(
    source: &TableSource,
    directory: &Path,
    prefix: &str,
    depth: usize,
    found: &mut Vec<String>,
) -> Result<(), EngineError> {
    if DEPTH_MAX < depth {
        return Err(problem(
            source,
            format!("directories are nested more than {DEPTH_MAX} deep"),
        ));
    }
    for name in files::names(directory)? {
        // `key=value` with a key that starts with `_` is a partition all the same.
        if name.starts_with('.') || (name.starts_with('_') && !name.contains('=')) {
            continue;
        }
        let path = directory.join(&name);
        if path.is_dir() {
            collect(source, &path, &format!("{prefix}{name}/"), depth + 1, found)?;
        } else if path.is_file() {
            if FILES_MAX <= found.len() {
                return Err(problem(
                    source,
                    format!("there are more than {FILES_MAX} files"),
                ));
            }
            found.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}

/// The columns that the directories of a file stand for.
fn keys(name: &str) -> Vec<(String, Option<String>)> {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    parts
        .into_iter()
        .filter_map(|part| part.split_once('='))
        .map(|(key, value)| (decoded(key), partition_value(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn partition_value(value: &str) -> Option<String> {
    (value != NULL_PARTITION).then(|| decoded(value))
}

fn problem(source: &TableSource, problem: String) -> EngineError {
    EngineError::Column {
        path: source.locator.clone(),
        problem,
    }
}
