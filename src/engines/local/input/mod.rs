//! What a table is read from: files in their formats, one or many, packed or not, here or elsewhere.

pub(super) mod avro;
pub(super) mod bytes;
mod columns;
pub(super) mod csv;
pub(super) mod fetch;
pub(super) mod files;
pub(super) mod ipc;
pub(super) mod json;
pub(super) mod lake;
pub(super) mod many;
mod sequence;
mod text;

#[cfg(test)]
mod tests;

pub(super) use self::json::SEVERAL_KINDS;

use std::path::Path;

use polars::prelude::*;

use self::avro::AvroSource;
use self::bytes::ByteSource;
use self::csv::CsvSource;
use self::ipc::IpcSource;
use self::json::JsonSource;
use super::parquet::ParquetSource;
use super::parquet_layout;
use super::source::Source;
use crate::io::files as local;
use crate::measure::{Ascii, CsvOptions, InputFormat, Reading};

/// Opens a file as a table. It is there, and not empty.
pub(super) fn open(
    path: &Path,
    format: InputFormat,
    reading: &Reading,
) -> PolarsResult<Box<dyn Source>> {
    let open = || local::open(path).map_err(std::io::Error::other);
    Ok(match format {
        InputFormat::Parquet => {
            parquet_layout::check(open()?)
                .map_err(|problem| polars_err!(ComputeError: "{problem}"))?;
            Box::new(ParquetSource::open(open()?)?)
        }
        InputFormat::Csv => Box::new(csv(path, reading.csv.clone())?),
        InputFormat::Tsv => {
            let delimiter = reading.csv.delimiter.or(Some(Ascii::TAB));
            let options = CsvOptions {
                delimiter,
                ..reading.csv.clone()
            };
            Box::new(csv(path, options)?)
        }
        InputFormat::JsonLines => Box::new(JsonSource::open(ByteSource::new(path)?.text(None)?)?),
        InputFormat::ArrowIpc => Box::new(IpcSource::open(path)?),
        InputFormat::Avro => Box::new(AvroSource::open(ByteSource::new(path)?)?),
        InputFormat::Delta | InputFormat::Iceberg => {
            polars_bail!(ComputeError: "it is a directory with a log, not a file")
        }
    })
}

fn csv(path: &Path, options: CsvOptions) -> PolarsResult<CsvSource> {
    if let Some(contradiction) = options.contradiction() {
        polars_bail!(ComputeError: "{contradiction}");
    }
    let bytes = ByteSource::new(path)?.text(options.encoding.as_deref())?;
    CsvSource::open(bytes, &options)
}
