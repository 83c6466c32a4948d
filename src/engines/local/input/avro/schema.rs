//! Schemas: types by number, so that a type may hold itself.

use polars::prelude::*;
use serde_json::Value;

/// Most types in a schema.
const TYPES_MAX: usize = 200_000;

/// Types nested in one another in the text of a schema.
const DEPTH_MAX: usize = 64;

/// A schema: a record.
#[derive(Debug)]
pub(super) struct Schema {
    types: Vec<Kind>,
    fields: Vec<Field>,
}

/// A field of a record.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// The number of its type.
    pub(super) kind: usize,
}

/// A type; numbers stand for other types.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Boolean,
    Int(Option<Logical>),
    Long(Option<Logical>),
    Float,
    Double,
    Bytes(Option<Logical>),
    String,
    Fixed(usize, Option<Logical>),
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record(Vec<Field>),
}

/// What values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logical {
    Date,
    TimeMillis,
    TimeMicros,
    /// A point in time, in ticks of this unit; whether it is in UTC.
    Timestamp(TimeUnit, bool),
    Decimal {
        precision: usize,
        scale: usize,
    },
}

impl Schema {
    /// The schema that this JSON is.
    pub(super) fn parse(json: &Value) -> PolarsResult<Self> {
        let mut parser = Parser {
            types: Vec::new(),
            names: PlHashMap::new(),
        };
        let root = parser.parse(json, "", 0)?;
        match parser.types.get(root) {
            Some(Kind::Record(fields)) => Ok(Self {
                fields: fields.clone(),
                types: parser.types,
            }),
            _ => polars_bail!(ComputeError: "the schema is not a record"),
        }
    }

    pub(super) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The type with a number.
    pub(super) fn kind(&self, index: usize) -> &Kind {
        self.types.get(index).unwrap_or(&Kind::Null)
    }

    /// The type of a column: without the null it may be instead.
    pub(super) fn column(&self, index: usize) -> &Kind {
        let Kind::Union(branches) = self.kind(index) else {
            return self.kind(index);
        };
        let mut others = branches
            .iter()
            .map(|branch| self.kind(*branch))
            .filter(|kind| !matches!(kind, Kind::Null));
        match (others.next(), others.next()) {
            (None, _) => &Kind::Null,
            (Some(one), None) => one,
            (Some(_), Some(_)) => self.kind(index),
        }
    }
}

struct Parser {
    types: Vec<Kind>,
    names: PlHashMap<String, usize>,
}

impl Parser {
    fn add(&mut self, kind: Kind) -> PolarsResult<usize> {
        if TYPES_MAX <= self.types.len() {
            polars_bail!(ComputeError: "the schema has more than {TYPES_MAX} types");
        }
        self.types.push(kind);
        Ok(self.types.len() - 1)
    }

    fn parse(&mut self, json: &Value, space: &str, depth: usize) -> PolarsResult<usize> {
        if DEPTH_MAX < depth {
            polars_bail!(ComputeError: "the schema is nested more than {DEPTH_MAX} deep");
        }
        match json {
            Value::String(name) => self.named(name, space),
            Value::Array(branches) => {
                let branches = branches
                    .iter()
                    .map(|branch| self.parse(branch, space, depth + 1))
                    .collect::<PolarsResult<_>>()?;
                self.add(Kind::Union(branches))
            }
            Value::Object(object) => match object.get("type") {
                Some(Value::String(name)) => self.complex(name, json, space, depth),
                Some(inner) => self.parse(inner, space, depth + 1),
                None => Err(unknown(json)),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => Err(unknown(json)),
        }
    }

    /// A primitive type, or one defined before.
    fn named(&mut self, name: &str, space: &str) -> PolarsResult<usize> {
        if let Some(kind) = primitive(name, None) {
            return self.add(kind);
        }
        let found = self
            .names
            .get(&full_name(name, space))
            .or_else(|| self.names.get(name));
        found
            .copied()
            .ok_or_else(|| polars_err!(ComputeError: "the schema has no type `{name}`"))
    }

    fn complex(
        &mut self,
        name: &str,
        json: &Value,
        space: &str,
        depth: usize,
    ) -> PolarsResult<usize> {
        let item = |key: &str| json.get(key).ok_or_else(|| unknown(json));
        match name {
            "array" => {
                let items = self.parse(item("items")?, space, depth + 1)?;
                self.add(Kind::Array(items))
            }
            "map" => {
                let values = self.parse(item("values")?, space, depth + 1)?;
                self.add(Kind::Map(values))
            }
            "fixed" => {
                let size = item("size")?
                    .as_u64()
                    .and_then(|size| usize::try_from(size).ok());
                let size = size.ok_or_else(|| unknown(json))?;
                let index = self.add(Kind::Fixed(size, logical(json)))?;
                self.define(json, space, index)?;
                Ok(index)
            }
            "enum" => {
                let symbols = item("symbols")?.as_array().ok_or_else(|| unknown(json))?;
                let symbols = symbols.iter().filter_map(Value::as_str);
                let index = self.add(Kind::Enum(symbols.map(str::to_owned).collect()))?;
                self.define(json, space, index)?;
                Ok(index)
            }
            "record" | "error" => {
                // The name is known before the fields are: a record may hold itself.
                let index = self.add(Kind::Record(Vec::new()))?;
                let space = self.define(json, space, index)?;
                let fields = item("fields")?.as_array().ok_or_else(|| unknown(json))?;
                let fields = fields
                    .iter()
                    .map(|field| self.field(field, &space, depth))
                    .collect::<PolarsResult<Vec<_>>>()?;
                if let Some(kind) = self.types.get_mut(index) {
                    *kind = Kind::Record(fields);
                }
                Ok(index)
            }
            other => match primitive(other, logical(json)) {
                Some(kind) => self.add(kind),
                None => self.named(other, space),
            },
        }
    }

    fn field(&mut self, field: &Value, space: &str, depth: usize) -> PolarsResult<Field> {
        let (Some(Value::String(name)), Some(kind)) = (field.get("name"), field.get("type")) else {
            return Err(unknown(field));
        };
        Ok(Field {
            name: name.clone(),
            kind: self.parse(kind, space, depth + 1)?,
        })
    }

    /// Gives a type its name; returns the namespace of what is in it.
    fn define(&mut self, json: &Value, space: &str, index: usize) -> PolarsResult<String> {
        let name = json.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| unknown(json))?;
        let space = json
            .get("namespace")
            .and_then(Value::as_str)
            .unwrap_or(space);
        let full = full_name(name, space);
        let inner = full
            .rsplit_once('.')
            .map_or("", |(space, _)| space)
            .to_owned();
        self.names.insert(full, index);
        Ok(inner)
    }
}

fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() {
        name.to_owned()
    } else {
        format!("{space}.{name}")
    }
}

fn primitive(name: &str, logical: Option<Logical>) -> Option<Kind> {
    Some(match name {
        "null" => Kind::Null,
        "boolean" => Kind::Boolean,
        "int" => Kind::Int(logical),
        "long" => Kind::Long(logical),
        "float" => Kind::Float,
        "double" => Kind::Double,
        "bytes" => Kind::Bytes(logical),
        "string" => Kind::String,
        _ => return None,
    })
}

/// What the values of a type mean; one that is not known means nothing, as the specification has it.
fn logical(json: &Value) -> Option<Logical> {
    /// Digits of a 128-bit integer.
    const PRECISION_MAX: usize = 38;
    let number = |key: &str| {
        let value = json.get(key).and_then(Value::as_u64);
        value.and_then(|value| usize::try_from(value).ok())
    };
    Some(match json.get("logicalType")?.as_str()? {
        "date" => Logical::Date,
        "time-millis" => Logical::TimeMillis,
        "time-micros" => Logical::TimeMicros,
        "timestamp-millis" => Logical::Timestamp(TimeUnit::Milliseconds, true),
        "timestamp-micros" => Logical::Timestamp(TimeUnit::Microseconds, true),
        "timestamp-nanos" => Logical::Timestamp(TimeUnit::Nanoseconds, true),
        "local-timestamp-millis" => Logical::Timestamp(TimeUnit::Milliseconds, false),
        "local-timestamp-micros" => Logical::Timestamp(TimeUnit::Microseconds, false),
        "local-timestamp-nanos" => Logical::Timestamp(TimeUnit::Nanoseconds, false),
        "decimal" => {
            let (precision, scale) = (number("precision")?, number("scale").unwrap_or(0));
            if precision == 0 || PRECISION_MAX < precision || precision < scale {
                return None;
            }
            Logical::Decimal { precision, scale }
        }
        _ => return None,
    })
}

fn unknown(json: &Value) -> PolarsError {
    /// Characters of a schema that are shown.
    const SHOWN_MAX: usize = 80;
    let text: String = json.to_string().chars().take(SHOWN_MAX).collect();
    polars_err!(ComputeError: "the schema has a part that is none: {text}")
}
