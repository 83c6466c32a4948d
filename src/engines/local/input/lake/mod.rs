//! Tables whose files a log or a manifest lists: Delta Lake and Iceberg. Both come down to Parquet files,
//! columns that hold one value in a file, and a schema that may have grown since a file was written.

mod delta;
mod iceberg;

#[cfg(test)]
mod tests;

use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;
use polars::prelude::*;

use super::super::table::{TableSource, malformed};
use super::files::Found;
use crate::engines::EngineError;
use crate::measure::InputFormat;

/// The columns of a table as its log has them.
#[derive(Clone, Debug, Default)]
pub(in crate::engines::local) struct LakeSchema {
    pub(in crate::engines::local) columns: Vec<LakeColumn>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub(in crate::engines::local) struct LakeColumn {
    pub(in crate::engines::local) name: String,
    /// Its type; absent where it is nested, which the files say.
    pub(in crate::engines::local) dtype: Option<DataType>,
}

/// The files of a directory that is a Delta or an Iceberg table; `None` when it is neither.
pub(super) fn find(source: &TableSource) -> Result<Option<Found>, EngineError> {
    let directory = &source.path;
    let is = |format| source.reading.format.is_none_or(|said| said == format);
    if is(InputFormat::Delta) && directory.join(delta::LOG).is_dir() {
        return delta::find(source).map(Some);
    }
    if is(InputFormat::Iceberg)
        && let Some(metadata) = iceberg::latest_metadata(source)?
    {
        return iceberg::find(source, &metadata).map(Some);
    }
    match source.reading.format {
        Some(format @ (InputFormat::Delta | InputFormat::Iceberg)) => Err(malformed(
            &source.locator,
            format,
            "the directory has no log of one",
        )),
        _ => Ok(None),
    }
}

/// The files of the Iceberg table whose metadata this file is.
pub(super) fn iceberg_metadata(source: &TableSource, path: &Path) -> Result<Found, EngineError> {
    crate::io::files::open(path)?;
    iceberg::find(source, path)
}

/// A file of a table by the relative path its log has. Logs are data of others: nothing outside the table
/// is read.
fn below(directory: &Path, path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let relative = Path::new(decoded.as_ref());
    let is_below = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (is_below && !decoded.is_empty()).then(|| directory.join(relative))
}

/// `decimal(10,2)` in whatever spacing.
fn decimal(text: &str) -> Option<DataType> {
    let inner = text.strip_prefix("decimal(")?.strip_suffix(')')?;
    let (precision, scale) = inner.split_once(',')?;
    Some(DataType::Decimal(
        precision.trim().parse().ok()?,
        scale.trim().parse().ok()?,
    ))
}
