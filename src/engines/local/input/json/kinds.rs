//! What kinds of value each column holds: the first of the two readings.

use std::fmt;

use polars::prelude::*;
use serde::de::{Deserializer as _, MapAccess, Visitor};

use super::cells::{Cell, bad_line};
use super::lines::Piece;
use crate::measure::{ColumnFacts, LogicalType};

/// Most columns of a table; a file with more keys than this uses them as values.
const COLUMNS_MAX: usize = 100_000;

/// Kinds of value, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const BOOLEAN: Self = Self(1);
    pub(super) const INTEGER: Self = Self(2);
    /// A whole number beyond 64 bits with sign.
    pub(super) const BIG: Self = Self(4);
    pub(super) const FLOAT: Self = Self(8);
    pub(super) const TEXT: Self = Self(16);
    pub(super) const OBJECT: Self = Self(32);
    pub(super) const ARRAY: Self = Self(64);

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// What a column of these kinds is made of.
    pub(super) fn column_type(self) -> ColumnType {
        match self {
            Self::NONE => ColumnType::Nothing,
            Self::BOOLEAN => ColumnType::Boolean,
            Self::INTEGER => ColumnType::Integer,
            Self::FLOAT => ColumnType::Float,
            Self::TEXT => ColumnType::Text,
            Self::OBJECT => ColumnType::Object,
            Self::ARRAY => ColumnType::Array,
            Self(bits) if bits == Self::INTEGER.0 | Self::FLOAT.0 => ColumnType::Float,
            Self(_) => ColumnType::Mixed,
        }
    }
}

/// What a column is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    /// Every value is null.
    Nothing,
    Boolean,
    Integer,
    Float,
    Text,
    /// JSON texts.
    Object,
    /// JSON texts.
    Array,
    /// Texts.
    Mixed,
}

/// The physical type of a column whose values are of several kinds.
pub(in crate::engines::local) const SEVERAL_KINDS: &str = "values of several kinds";

/// The columns of a table or of a part of it.
#[derive(Debug, Default)]
pub(super) struct Columns {
    names: PlHashMap<String, usize>,
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    kinds: Kinds,
    /// The row it is first seen in, and at which place there.
    first: (u64, usize),
    /// The row it was last seen in.
    last: u64,
}

impl Columns {
    /// Adds the columns of another part.
    pub(super) fn add(&mut self, other: Self) -> PolarsResult<()> {
        for column in other.columns {
            let known = self.named(&column.name, column.first)?;
            known.kinds.add(column.kinds);
            known.first = known.first.min(column.first);
        }
        Ok(())
    }

    /// Puts the columns in the order in which the file names them first.
    pub(super) fn sort(&mut self) {
        self.columns.sort_by_key(|column| column.first);
        let names = self.columns.iter().enumerate();
        self.names = names
            .map(|(index, column)| (column.name.clone(), index))
            .collect();
    }

    pub(super) fn kinds(&self, name: &str) -> Option<Kinds> {
        let column = self.columns.get(*self.names.get(name)?)?;
        Some(column.kinds)
    }

    pub(super) fn facts(&self) -> Vec<ColumnFacts> {
        let facts = self.columns.iter().map(|column| {
            let (logical_type, physical_type) = match column.kinds.column_type() {
                ColumnType::Nothing => (None, "null"),
                ColumnType::Boolean => (Some(LogicalType::Boolean), "boolean"),
                ColumnType::Integer => (Some(LogicalType::Integer), "integer"),
                ColumnType::Float => (Some(LogicalType::Number), "number"),
                ColumnType::Text => (Some(LogicalType::String), "string"),
                ColumnType::Object => (Some(LogicalType::Object), "object"),
                ColumnType::Array => (Some(LogicalType::Array), "array"),
                ColumnType::Mixed => (Some(LogicalType::String), SEVERAL_KINDS),
            };
            ColumnFacts {
                name: column.name.clone(),
                logical_type,
                physical_type: physical_type.to_owned(),
            }
        });
        facts.collect()
    }

    fn named(&mut self, name: &str, first: (u64, usize)) -> PolarsResult<&mut Column> {
        let index = match self.names.get(name) {
            Some(index) => *index,
            None => {
                let index = self.columns.len();
                if COLUMNS_MAX <= index {
                    polars_bail!(ComputeError: "there are more than {COLUMNS_MAX} different keys");
                }
                self.names.insert(name.to_owned(), index);
                self.columns.push(Column {
                    name: name.to_owned(),
                    kinds: Kinds::NONE,
                    first,
                    last: u64::MAX,
                });
                index
            }
        };
        self.columns
            .get_mut(index)
            .ok_or_else(|| polars_err!(ComputeError: "a column is missing"))
    }
}

/// The columns of a piece.
pub(super) fn of(piece: &Piece) -> PolarsResult<Columns> {
    let mut columns = Columns::default();
    for (row, (line_number, line)) in (piece.first_row..).zip(piece.rows()) {
        let mut reader = serde_json::Deserializer::from_str(line);
        let visitor = Looking {
            columns: &mut columns,
            row,
        };
        (&mut reader)
            .deserialize_map(visitor)
            .and_then(|()| reader.end())
            .map_err(|error| bad_line(line_number, &error))?;
    }
    Ok(columns)
}

struct Looking<'a> {
    columns: &'a mut Columns,
    row: u64,
}

impl<'de> Visitor<'de> for Looking<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        use serde::de::Error as _;
        let mut place = 0;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let column = self
                .columns
                .named(&key, (self.row, place))
                .map_err(A::Error::custom)?;
            if column.last == self.row {
                return Err(A::Error::custom(format!("the key `{key}` stands twice")));
            }
            column.last = self.row;
            let cell: Cell<'de> = map.next_value()?;
            column.kinds.add(cell.kind());
            place += 1;
        }
        Ok(())
    }
}
