//! The local engine: files on this machine, every measure of a table in one scan.
//!
//! ```text
//! source input parquet    rows in batches, from whatever holds them; what a file answers without them
//! data read half coded    columns as the kinds of values that rules distinguish
//! evaluate compare …      values and conditions over a batch; decimals
//! accumulate keys values  what is kept of the rows seen, one file per kind of measure
//! partitions              what is kept of single files from one run to the next
//! parts                   which measures are fed with the same batches
//! plan statistics related which measures go together, what comes first and what after
//! ```

mod accumulate;
mod automaton;
mod coded;
mod columns;
mod compare;
mod data;
mod decimals;
mod evaluate;
mod formats;
mod half;
mod input;
mod keys;
mod membership;
mod memory;
mod numbers;
mod parquet;
mod parquet_layout;
mod parquet_pages;
mod parquet_shortcuts;
mod parquet_values;
mod partitions;
mod parts;
mod patterns;
mod plan;
mod predictions;
mod queries;
mod read;
mod related;
mod source;
mod statistics;
mod table;
mod text;
mod truth;
mod values;

pub use columns::{Columns, load_columns};
pub(super) use partitions::Partitions;
pub use partitions::{FileDigest, PartitionCache};
pub(super) use plan::measure;
pub use predictions::{
    DetectionColumns, ImageTruth, PredictionColumns, PredictionRows, SeriesColumns,
    load_predictions,
};
pub use table::TableSource;

#[cfg(test)]
mod tests;
