//! Engines turn measures into numbers. `local` reads files on this machine with polars and is the
//! only module that names it.

mod local;

pub use local::{PredictionColumns, TableSource, load_predictions, measure};

use crate::io::files::FileError;

/// A dataset could not be measured at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The name of the file does not tell its format.
    #[error(
        "failed to read `{0}`: the format is told by the ending, which must be one of `.parquet`, `.csv`, `.jsonl`, `.ndjson`"
    )]
    UnknownFormat(String),
    /// The file is damaged or is not what its ending says.
    #[error("failed to read `{path}` as {format}: {problem}")]
    Malformed {
        /// The file.
        path: String,
        /// The format it was read as.
        format: &'static str,
        /// What the reader says.
        problem: String,
    },
    /// A column that is needed is not there or holds something else.
    #[error("failed to read `{path}`: {problem}")]
    Column {
        /// The file.
        path: String,
        /// Which column and what is wrong with it.
        problem: String,
    },
}
