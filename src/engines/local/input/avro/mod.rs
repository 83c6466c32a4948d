//! Avro object container files, block by block (<https://avro.apache.org/docs/1.12.0/specification/>).
//!
//! The schema must be a record; its fields are the columns. Records, maps and arrays are JSON texts, and so
//! are values of unions of several types. Codecs: null, deflate, snappy, zstandard.
//!
//! The reader is our own because the file is hostile until proven otherwise: every length is held
//! against what is left of the block, and every count, depth and block has a limit.

mod column;
mod container;
mod datum;
mod schema;

#[cfg(test)]
mod tests;

use std::path::Path;

use polars::prelude::*;
use serde_json::Value;

use self::column::Builder;
use self::container::Container;
use self::datum::Reader;
use self::schema::Schema;
use super::bytes::ByteSource;
use super::sequence::{self, Next, Rows};
use crate::engines::local::source::{Batch, Consume, Source};
use crate::measure::TableFacts;

/// An Avro file.
pub(in crate::engines::local) struct AvroSource {
    bytes: ByteSource,
    schema: Arc<Schema>,
    facts: TableFacts,
}

impl AvroSource {
    /// Opens the file and reads its schema.
    pub(in crate::engines::local) fn open(bytes: ByteSource) -> PolarsResult<Self> {
        let schema = Container::open(&bytes)?.schema()?;
        let columns = schema
            .fields()
            .iter()
            .map(|field| column::facts(&field.name, &schema, field.kind))
            .collect();
        Ok(Self {
            bytes,
            schema: Arc::new(schema),
            facts: TableFacts {
                row_count: 0,
                columns,
                typed: true,
            },
        })
    }

    /// Reads these columns.
    fn rows(&self, columns: &[String]) -> PolarsResult<Next> {
        let fields = self.schema.fields();
        // For each field where among the columns it stands.
        let places: Vec<Option<usize>> = fields
            .iter()
            .map(|field| columns.iter().position(|name| *name == field.name))
            .collect();
        if let Some(name) = columns
            .iter()
            .find(|name| fields.iter().all(|field| field.name != **name))
        {
            polars_bail!(ColumnNotFound: "there is no column `{name}`");
        }
        let kinds: Vec<usize> = columns
            .iter()
            .filter_map(|name| fields.iter().find(|field| field.name == *name))
            .map(|field| field.kind)
            .collect();
        let schema = Arc::clone(&self.schema);
        let columns = columns.to_vec();
        let mut container = Container::open(&self.bytes)?;
        Ok(Box::new(move || {
            let Some(block) = container.next_block()? else {
                return Ok(None);
            };
            let mut builders: Vec<Builder> = columns
                .iter()
                .zip(&kinds)
                .map(|(name, kind)| Builder::new(name, &schema, *kind))
                .collect();
            let mut reader = Reader::new(&schema, &block.bytes);
            for _ in 0..block.count {
                for (field, place) in schema.fields().iter().zip(&places) {
                    let datum = reader.datum(field.kind)?;
                    if let Some(builder) = place.and_then(|place| builders.get_mut(place)) {
                        builder.push(datum)?;
                    }
                }
            }
            reader.end()?;
            let columns = builders.into_iter().map(Builder::finish);
            Ok(Some(Rows {
                count: block.count,
                columns: columns.collect::<PolarsResult<_>>()?,
            }))
        }))
    }
}

impl Source for AvroSource {
    fn facts(&self) -> &TableFacts {
        &self.facts
    }

    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64> {
        let columns = sequence::all_columns(parts);
        sequence::scan(self.rows(&columns)?, &columns, parts, consume)
    }

    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()> {
        sequence::scan_in_order(self.rows(columns)?, consume)
    }
}

/// All records of a small file as JSON, for formats that keep lists in Avro.
pub(in crate::engines::local) fn records(path: &Path) -> PolarsResult<Vec<Value>> {
    /// Records read: each is a data file of a table.
    const RECORDS_MAX: usize = 1_000_000;
    let mut container = Container::open(&ByteSource::new(path)?)?;
    let schema = container.schema()?;
    let mut records = Vec::new();
    while let Some(block) = container.next_block()? {
        if RECORDS_MAX < records.len() + block.count {
            polars_bail!(ComputeError: "there are more than {RECORDS_MAX} records");
        }
        let mut reader = Reader::new(&schema, &block.bytes);
        for _ in 0..block.count {
            records.push(reader.record()?);
        }
        reader.end()?;
    }
    Ok(records)
}
