//! Lists and records: what their `items`, `properties` and options demand of a value, as a JSON Schema
//! every value of the column is held against.

use serde_json::{Map, Value, json};

use super::fields::{column_name, flag, list_of, logical_type, text};
use super::planner::Planner;
use crate::checks::{Target, TextFormat, Tolerance, ValueFormat};
use crate::measure::LogicalType;

/// Levels of nesting followed.
const DEPTH_MAX: usize = 16;

/// Options that a JSON Schema calls by the same names and means the same by.
const SAME_OPTIONS: [&str; 13] = [
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

impl Planner<'_> {
    /// One check for all a list or record must be.
    pub(super) fn nested(&mut self, pointer: &str, target: &Target, property: &Map<String, Value>) {
        let nested = match logical_type(property) {
            Some(LogicalType::Array) => property.contains_key("items"),
            Some(LogicalType::Object) => property.contains_key("properties"),
            _ => return,
        };
        if !nested && !property.contains_key("logicalTypeOptions") {
            return;
        }
        let schema = schema(property, 0);
        let key = ["logicalTypeOptions", "items", "properties"]
            .into_iter()
            .find(|key| property.contains_key(*key))
            .unwrap_or("logicalType");
        let check = ValueFormat {
            format: TextFormat::JsonSchema(schema),
            tolerance: Tolerance::none(),
        };
        self.add(self.at(target, &format!("{pointer}/{key}")), check);
        self.rules_within(pointer, target, property, 0);
    }

    /// Rules inside a list or record have no column of their own to be measured on.
    fn rules_within(
        &mut self,
        pointer: &str,
        target: &Target,
        property: &Map<String, Value>,
        depth: usize,
    ) {
        if DEPTH_MAX < depth {
            return;
        }
        let items = property.get("items").and_then(Value::as_object);
        let items = items.map(|items| (format!("{pointer}/items"), items));
        let properties = list_of(property, "properties")
            .enumerate()
            .map(|(index, inner)| (format!("{pointer}/properties/{index}"), inner));
        let inner: Vec<_> = items.into_iter().chain(properties).collect();
        for (pointer, inner) in inner {
            for key in ["quality", "unique", "relationships"] {
                let demands = match inner.get(key) {
                    None | Some(Value::Bool(false)) => false,
                    Some(_) => true,
                };
                if demands {
                    let name = text(inner, "name").unwrap_or("items");
                    let why = format!("`{key}` of the nested property `{name}` is not evaluated");
                    self.unsupported(self.at(target, &format!("{pointer}/{key}")), why);
                }
            }
            self.rules_within(&pointer, target, inner, depth + 1);
        }
    }
}

/// The JSON Schema of a value that is not null.
fn schema(property: &Map<String, Value>, depth: usize) -> Value {
    let mut schema = Map::new();
    if let Some(kind) = logical_type(property) {
        schema.insert("type".to_owned(), json!(type_name(kind)));
    }
    let options = property
        .get("logicalTypeOptions")
        .and_then(Value::as_object);
    for (key, value) in options.into_iter().flatten() {
        // Ends of dates are texts, which a JSON Schema cannot order.
        let is_end = key.contains("inimum") || key.contains("aximum");
        if SAME_OPTIONS.contains(&key.as_str()) && !(is_end && !value.is_number()) {
            schema.insert(key.clone(), value.clone());
        }
        if key == "required" {
            schema.insert(key.clone(), value.clone());
        }
    }
    if DEPTH_MAX <= depth {
        return Value::Object(schema);
    }
    if let Some(items) = property.get("items").and_then(Value::as_object) {
        schema.insert("items".to_owned(), nullable(items, depth));
    }
    let mut required: Vec<Value> = match schema.get("required") {
        Some(Value::Array(names)) => names.clone(),
        _ => Vec::new(),
    };
    let mut properties = Map::new();
    for inner in list_of(property, "properties") {
        let name = column_name(inner);
        if flag(inner, "required") && !required.iter().any(|other| other == &json!(name)) {
            required.push(json!(name));
        }
        properties.insert(name, nullable(inner, depth));
    }
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(properties));
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    Value::Object(schema)
}

/// The schema of an inner value, which may be null unless it is required.
fn nullable(property: &Map<String, Value>, depth: usize) -> Value {
    let inner = schema(property, depth + 1);
    if flag(property, "required") {
        inner
    } else {
        json!({"anyOf": [inner, {"type": "null"}]})
    }
}

fn type_name(kind: LogicalType) -> &'static str {
    match kind {
        // Times within a nested value are texts.
        LogicalType::String | LogicalType::Date | LogicalType::Timestamp | LogicalType::Time => {
            "string"
        }
        LogicalType::Number => "number",
        LogicalType::Integer => "integer",
        LogicalType::Object => "object",
        LogicalType::Array => "array",
        LogicalType::Boolean => "boolean",
    }
}
