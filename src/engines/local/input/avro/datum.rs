//! Values as they are written in a block.

use polars::prelude::*;
use serde_json::{Map, Value};

use super::schema::{Kind, Schema};

/// Values nested in one another.
const DEPTH_MAX: usize = 64;

/// Items of arrays and maps that take no bytes.
const EMPTY_ITEMS_MAX: usize = 1 << 20;

/// One value of a column.
#[derive(Debug, PartialEq)]
pub(super) enum Datum<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f32),
    Double(f64),
    Bytes(&'a [u8]),
    Text(&'a str),
    /// A record, map or array.
    Nested(Value),
}

/// Reads the values of a block.
pub(super) struct Reader<'a> {
    schema: &'a Schema,
    bytes: &'a [u8],
    empty_items: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(schema: &'a Schema, bytes: &'a [u8]) -> Self {
        Self {
            schema,
            bytes,
            empty_items: 0,
        }
    }

    /// Whether every byte has been read.
    pub(super) fn end(&self) -> PolarsResult<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        polars_bail!(ComputeError: "a block has bytes behind its last record")
    }

    /// Reads a whole record.
    pub(super) fn record(&mut self) -> PolarsResult<Value> {
        let schema = self.schema;
        let mut record = Map::new();
        for field in schema.fields() {
            record.insert(field.name.clone(), self.json(field.kind, 1)?);
        }
        Ok(Value::Object(record))
    }

    /// Reads a value of the type with this number.
    pub(super) fn datum(&mut self, kind: usize) -> PolarsResult<Datum<'a>> {
        let schema = self.schema;
        Ok(match schema.kind(kind) {
            Kind::Null => Datum::Null,
            Kind::Boolean => match self.take(1)? {
                [0] => Datum::Boolean(false),
                [1] => Datum::Boolean(true),
                _ => polars_bail!(ComputeError: "a boolean is neither 0 nor 1"),
            },
            Kind::Int(_) | Kind::Long(_) => Datum::Integer(self.long()?),
            Kind::Float => Datum::Float(f32::from_le_bytes(self.array()?)),
            Kind::Double => Datum::Double(f64::from_le_bytes(self.array()?)),
            Kind::Bytes(_) => Datum::Bytes(self.long_bytes()?),
            Kind::String => Datum::Text(self.text()?),
            Kind::Fixed(size, _) => Datum::Bytes(self.take(*size)?),
            Kind::Enum(symbols) => {
                let symbol = usize::try_from(self.long()?).ok();
                let symbol = symbol.and_then(|index| symbols.get(index));
                Datum::Text(symbol.ok_or_else(
                    || polars_err!(ComputeError: "a value of an enum is none of its symbols"),
                )?)
            }
            Kind::Union(branches) => {
                let branch = self.branch(branches)?;
                self.datum(branch)?
            }
            Kind::Array(_) | Kind::Map(_) | Kind::Record(_) => Datum::Nested(self.json(kind, 1)?),
        })
    }

    fn branch(&mut self, branches: &[usize]) -> PolarsResult<usize> {
        let index = usize::try_from(self.long()?).ok();
        let branch = index.and_then(|index| branches.get(index));
        branch
            .copied()
            .ok_or_else(|| polars_err!(ComputeError: "a value is of none of the types it may have"))
    }

    fn json(&mut self, kind: usize, depth: usize) -> PolarsResult<Value> {
        if DEPTH_MAX < depth {
            polars_bail!(ComputeError: "values are nested more than {DEPTH_MAX} deep");
        }
        let schema = self.schema;
        match schema.kind(kind) {
            Kind::Union(branches) => {
                let branch = self.branch(branches)?;
                self.json(branch, depth + 1)
            }
            Kind::Record(fields) => {
                let mut record = Map::new();
                for field in fields {
                    record.insert(field.name.clone(), self.json(field.kind, depth + 1)?);
                }
                Ok(Value::Object(record))
            }
            Kind::Array(items) => {
                let mut array = Vec::new();
                self.blocks(|reader| {
                    array.push(reader.json(*items, depth + 1)?);
                    Ok(())
                })?;
                Ok(Value::Array(array))
            }
            Kind::Map(values) => {
                let mut map = Map::new();
                self.blocks(|reader| {
                    let key = reader.text()?.to_owned();
                    map.insert(key, reader.json(*values, depth + 1)?);
                    Ok(())
                })?;
                Ok(Value::Object(map))
            }
            Kind::Null
            | Kind::Boolean
            | Kind::Int(_)
            | Kind::Long(_)
            | Kind::Float
            | Kind::Double
            | Kind::Bytes(_)
            | Kind::String
            | Kind::Fixed(..)
            | Kind::Enum(_) => Ok(self.datum(kind)?.into_json()),
        }
    }

    /// The items of an array or map, which come in blocks.
    fn blocks(&mut self, mut item: impl FnMut(&mut Self) -> PolarsResult<()>) -> PolarsResult<()> {
        loop {
            let count = self.long()?;
            if count == 0 {
                return Ok(());
            }
            // A negative count is followed by the length of the block, for those who skip it.
            if count < 0 {
                self.long()?;
            }
            for _ in 0..count.unsigned_abs() {
                let before = self.bytes.len();
                item(self)?;
                if self.bytes.len() == before {
                    self.empty_items += 1;
                    if EMPTY_ITEMS_MAX < self.empty_items {
                        polars_bail!(ComputeError: "a block has more than {EMPTY_ITEMS_MAX} empty items");
                    }
                }
            }
        }
    }

    fn take(&mut self, length: usize) -> PolarsResult<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| polars_err!(ComputeError: "a block ends within a record"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> PolarsResult<[u8; N]> {
        let (taken, rest) = self
            .bytes
            .split_first_chunk::<N>()
            .ok_or_else(|| polars_err!(ComputeError: "a block ends within a record"))?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn long(&mut self) -> PolarsResult<i64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        polars_bail!(ComputeError: "a number is longer than 64 bits")
    }

    fn long_bytes(&mut self) -> PolarsResult<&'a [u8]> {
        let length = self.long()?;
        let length = usize::try_from(length)
            .map_err(|_| polars_err!(ComputeError: "a length is negative"))?;
        self.take(length)
    }

    fn text(&mut self) -> PolarsResult<&'a str> {
        std::str::from_utf8(self.long_bytes()?)
            .map_err(|_| polars_err!(ComputeError: "a string is not UTF-8"))
    }
}

impl Datum<'_> {
    /// The value as JSON. Bytes are the characters with their numbers, as in the JSON encoding of the
    /// specification; numbers that are none in JSON are texts.
    pub(super) fn into_json(self) -> Value {
        let number = |value: f64| {
            serde_json::Number::from_f64(value)
                .map_or_else(|| Value::String(value.to_string()), Value::Number)
        };
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(value),
            Self::Integer(value) => Value::from(value),
            Self::Float(value) => number(f64::from(value)),
            Self::Double(value) => number(value),
            Self::Bytes(bytes) => {
                Value::String(bytes.iter().map(|byte| char::from(*byte)).collect())
            }
            Self::Text(text) => Value::String(text.to_owned()),
            Self::Nested(value) => value,
        }
    }
}
