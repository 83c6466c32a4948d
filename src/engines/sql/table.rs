//! A table as a remote engine knows it.

use super::rows::{Field, Kind};
use crate::measure::{ColumnFacts, LogicalType, TableFacts};

/// A table, and what is known of it without looking at its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What stands after `FROM`.
    pub relation: String,
    /// The name its own queries call it by.
    pub name: String,
    /// Its columns.
    pub fields: Vec<Field>,
    /// Column and logical type, by which columns are read where the table is not typed.
    pub types: Vec<(String, LogicalType)>,
    /// Whether the table says what its columns hold. Files of JSON do not: a text there may be a date.
    pub typed: bool,
    /// What gives the number of a row from 1, where rows have one.
    pub row_number: Option<String>,
}

impl Table {
    /// The column called `name`.
    pub(super) fn field(&self, name: &str) -> Result<&Field, String> {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .ok_or_else(|| format!("there is no column `{name}`"))
    }

    /// The type a column is read as, where the table does not say what it holds.
    pub(super) fn type_to_read(&self, name: &str) -> Option<LogicalType> {
        if self.typed {
            return None;
        }
        self.types
            .iter()
            .find(|(column, _)| column == name)
            .map(|(_, logical_type)| *logical_type)
    }

    /// What a column holds as its contract reads it.
    pub(super) fn kind(&self, name: &str) -> Result<Kind, String> {
        let kind = self.field(name)?.kind;
        Ok(match (kind, self.type_to_read(name)) {
            (Kind::Text, Some(LogicalType::Integer)) => Kind::Whole,
            (Kind::Text, Some(LogicalType::Number)) => Kind::Number,
            (Kind::Text, Some(LogicalType::Boolean)) => Kind::Boolean,
            (Kind::Text, Some(LogicalType::Date)) => Kind::Date,
            (Kind::Text, Some(LogicalType::Timestamp)) => Kind::Instant,
            (kind, _) => kind,
        })
    }

    /// The facts of a table with so many rows.
    #[must_use]
    pub fn facts(&self, row_count: u64) -> TableFacts {
        TableFacts {
            row_count,
            columns: self
                .fields
                .iter()
                .map(|field| ColumnFacts {
                    name: field.name.clone(),
                    logical_type: field.kind.logical_type(),
                    physical_type: field.physical_type.clone(),
                })
                .collect(),
            typed: self.typed,
        }
    }
}
