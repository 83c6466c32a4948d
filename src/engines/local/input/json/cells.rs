//! Values out of lines, and columns out of values: the second of the two readings.

use std::borrow::Cow;
use std::fmt;

use polars::prelude::*;
use polars_arrow::array::MutableBinaryViewArray;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::kinds::{ColumnType, Kinds};
use super::lines::Piece;

/// One value.
pub(super) enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Big(u64),
    Float(f64),
    Text(Cow<'a, str>),
    Object(Value),
    Array(Value),
}

impl Cell<'_> {
    pub(super) fn kind(&self) -> Kinds {
        match self {
            Self::Null => Kinds::NONE,
            Self::Boolean(_) => Kinds::BOOLEAN,
            Self::Integer(_) => Kinds::INTEGER,
            Self::Big(_) => Kinds::BIG,
            Self::Float(_) => Kinds::FLOAT,
            Self::Text(_) => Kinds::TEXT,
            Self::Object(_) => Kinds::OBJECT,
            Self::Array(_) => Kinds::ARRAY,
        }
    }

    /// The value as text; nothing for null.
    fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Integer(value) => Cow::Owned(value.to_string()),
            Self::Big(value) => Cow::Owned(value.to_string()),
            Self::Float(value) => Cow::Owned(Value::from(*value).to_string()),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Object(value) | Self::Array(value) => Cow::Owned(value.to_string()),
        })
    }
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Cell::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Cell::Big(value), Cell::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Cell::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let reader = serde::de::value::MapAccessDeserializer::new(map);
        Value::deserialize(reader).map(Cell::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Self::Value, A::Error> {
        let reader = serde::de::value::SeqAccessDeserializer::new(sequence);
        Value::deserialize(reader).map(Cell::Array)
    }
}

/// A column that is being made.
pub(super) struct Builder {
    name: PlSmallStr,
    values: Values,
}

enum Values {
    Boolean(Vec<Option<bool>>),
    Integer(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Text(MutableBinaryViewArray<str>),
}

impl Builder {
    pub(super) fn new(name: &str, kinds: Kinds, rows: usize) -> Self {
        let values = match kinds.column_type() {
            ColumnType::Boolean => Values::Boolean(Vec::with_capacity(rows)),
            ColumnType::Integer => Values::Integer(Vec::with_capacity(rows)),
            ColumnType::Float => Values::Float(Vec::with_capacity(rows)),
            ColumnType::Nothing
            | ColumnType::Text
            | ColumnType::Object
            | ColumnType::Array
            | ColumnType::Mixed => Values::Text(MutableBinaryViewArray::with_capacity(rows)),
        };
        Self {
            name: name.into(),
            values,
        }
    }

    fn push(&mut self, cell: &Cell<'_>) -> PolarsResult<()> {
        match (&mut self.values, cell) {
            (Values::Text(values), cell) => values.push(cell.text()),
            (Values::Boolean(values), Cell::Boolean(value)) => values.push(Some(*value)),
            (Values::Boolean(values), Cell::Null) => values.push(None),
            (Values::Integer(values), Cell::Integer(value)) => values.push(Some(*value)),
            (Values::Integer(values), Cell::Null) => values.push(None),
            (Values::Float(values), Cell::Float(value)) => values.push(Some(*value)),
            (Values::Float(values), Cell::Integer(value)) => values.push(Some(*value as f64)),
            (Values::Float(values), Cell::Null) => values.push(None),
            (
                Values::Boolean(_) | Values::Integer(_) | Values::Float(_),
                Cell::Boolean(_)
                | Cell::Integer(_)
                | Cell::Big(_)
                | Cell::Float(_)
                | Cell::Text(_)
                | Cell::Object(_)
                | Cell::Array(_),
            ) => polars_bail!(ComputeError: "it changed while it was being read"),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Series {
        match self.values {
            Values::Boolean(values) => Series::new(self.name, values),
            Values::Integer(values) => Series::new(self.name, values),
            Values::Float(values) => Series::new(self.name, values),
            Values::Text(values) => {
                StringChunked::with_chunk(self.name, values.freeze()).into_series()
            }
        }
    }
}

/// Reads the values of these columns in every row of a piece.
pub(super) fn read(
    piece: &Piece,
    columns: &[String],
    builders: &mut [Builder],
) -> PolarsResult<()> {
    let indexes: PlHashMap<&str, usize> = columns
        .iter()
        .enumerate()
        .map(|(index, name)| (name.as_str(), index))
        .collect();
    for (line_number, line) in piece.rows() {
        let mut cells: Vec<Cell<'_>> = columns.iter().map(|_| Cell::Null).collect();
        let mut reader = serde_json::Deserializer::from_str(line);
        (&mut reader)
            .deserialize_map(Picking {
                indexes: &indexes,
                cells: &mut cells,
            })
            .and_then(|()| reader.end())
            .map_err(|error| bad_line(line_number, &error))?;
        for (builder, cell) in builders.iter_mut().zip(&cells) {
            builder.push(cell)?;
        }
    }
    Ok(())
}

struct Picking<'a, 'de> {
    indexes: &'a PlHashMap<&'a str, usize>,
    cells: &'a mut [Cell<'de>],
}

impl<'de> Visitor<'de> for Picking<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let index = self.indexes.get(key.as_ref());
            match index.and_then(|index| self.cells.get_mut(*index)) {
                Some(cell) => *cell = map.next_value()?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A line that is not one JSON object.
pub(super) fn bad_line(line_number: u64, error: &serde_json::Error) -> PolarsError {
    let text = error.to_string();
    // The parser was given one line and calls it the first.
    let problem = text.replace(" at line 1 column ", " at byte ");
    polars_err!(ComputeError: "line {line_number} is not a JSON object: {problem}")
}
