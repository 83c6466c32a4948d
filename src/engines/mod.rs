//! Engines turn measures into numbers. `local` reads files on this machine with polars and is the
//! only module that names it.

mod local;
pub mod spark;
pub mod sql;

use std::collections::BTreeMap;

pub use local::{
    Columns, DetectionColumns, FileDigest, ImageTruth, PartitionCache, PredictionColumns,
    PredictionRows, SeriesColumns, TableSource, load_columns, load_predictions,
};

use crate::evidence::Reason;
use crate::io::files::FileError;
use crate::io::remote::RemoteError;
use crate::measure::{Measure, Measured, TableFacts};

/// Characters of a value that are shown of it.
const EXAMPLE_CHARACTERS_MAX: usize = 80;

/// What to measure, and on what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The table.
    pub source: &'a TableSource,
    /// The measures.
    pub measures: &'a [Measure],
    /// The other datasets that look-ups may name.
    pub others: &'a BTreeMap<String, TableSource>,
    /// How to go about it.
    pub options: Options,
}

/// How measuring goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Failing rows given for each measure.
    pub examples_max: u64,
    /// Whether statistics in the footer of a Parquet file are believed. They are written by whoever
    /// wrote the file.
    pub trust_statistics: bool,
    /// Bytes of keys and values held in memory before they go to a temporary file.
    pub state_bytes_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            examples_max: 5,
            trust_statistics: true,
            state_bytes_max: 96 << 20,
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The table.
    pub facts: TableFacts,
    /// The values, in the order of the measures.
    pub measured: Vec<Measured>,
    /// For each measure, the columns that the footer or the dictionaries of the file answered, without
    /// their values being decoded; `dataset.column` where it is of another dataset.
    pub answered_by_statistics: Vec<Vec<String>>,
    /// For each measure, whether it was taken on the rows of all files where results of single files
    /// are kept.
    pub needs_all_files: Vec<bool>,
    /// What was reused, where results of single files are kept.
    pub partitions: Option<PartitionUse>,
}

/// How many files of a table were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionUse {
    /// Files of the table.
    pub files: u64,
    /// Those of which results of an earlier run were taken for every measure that does not need all files.
    pub reused: u64,
}

/// Measures a table. A measure that makes no sense on it is a [`Measured::Failed`] and the others go on.
///
/// # Errors
/// When the table cannot be read at all.
pub fn measure(request: Request<'_>) -> Result<Measurement, EngineError> {
    local::measure(request, None)
}

/// Measures a table of several files, whose digests are given in the order of their rows, and reads only
/// those the cache does not know. The outcome is that of [`measure`], bit by bit.
///
/// # Errors
/// As [`measure`].
pub fn measure_incrementally(
    request: Request<'_>,
    cache: &PartitionCache,
    files: &[FileDigest],
) -> Result<Measurement, EngineError> {
    let partitions = local::Partitions::new(cache, files);
    local::measure(request, Some(&partitions))
}

/// Measures a table that names no other, with default options.
///
/// # Errors
/// As [`measure`].
pub fn measure_alone(
    source: &TableSource,
    measures: &[Measure],
    examples_max: u64,
) -> Result<(TableFacts, Vec<Measured>), EngineError> {
    let measurement = measure(Request {
        source,
        measures,
        others: &BTreeMap::new(),
        options: Options {
            examples_max,
            ..Options::default()
        },
    })?;
    Ok((measurement.facts, measurement.measured))
}

/// A dataset could not be measured at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is elsewhere, and was not to be had.
    #[error("failed to fetch {0}")]
    Remote(#[from] RemoteError),
    /// A table on a Spark could not be measured.
    #[error(transparent)]
    Spark(Box<spark::SparkError>),
    /// The name of the file does not tell its format.
    #[error(
        "failed to read `{0}`: the format is told by the ending, which must be one of `.parquet`, `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.arrow`, `.feather`, `.avro`; hint: or say it, `format: csv`"
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

impl EngineError {
    /// Why a requirement on the dataset is not evaluated.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::File(error) if error.is_not_found() => Reason::MissingInput,
            Self::Remote(error) => error.problem.reason(),
            Self::Spark(error) => error
                .remote()
                .map_or(Reason::UnreadableInput, |error| error.problem.reason()),
            Self::File(_)
            | Self::UnknownFormat(_)
            | Self::Malformed { .. }
            | Self::Column { .. } => Reason::UnreadableInput,
        }
    }
}
