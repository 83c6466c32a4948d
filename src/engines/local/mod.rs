//! The local engine: polars' streaming engine over one file, every measure of a table in one pass.

mod expression;
mod measure;
mod parquet_layout;
mod predictions;
mod table;

pub use measure::measure;
pub use predictions::{PredictionColumns, load_predictions};
pub use table::TableSource;

#[cfg(test)]
mod tests;
