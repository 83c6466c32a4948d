//! Tables whose files a log lists: Delta Lake and Iceberg.

use super::super::table::TableSource;
use super::files::Found;
use crate::engines::EngineError;
use std::path::Path;

#[derive(Clone, Debug)]
pub(in crate::engines::local) struct LakeSchema;

pub(super) fn find(_source: &TableSource) -> Result<Option<Found>, EngineError> {
    Ok(None)
}

pub(super) fn iceberg_metadata(source: &TableSource, _path: &Path) -> Result<Found, EngineError> {
    Err(EngineError::UnknownFormat(source.locator.clone()))
}
