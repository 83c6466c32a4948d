//! The part of a schema that is held against whole rows, rewritten for rows in which what is absent is
//! null.

use serde_json::{Map, Value, json};

use super::keywords::{accepts_null, is_of_column};
use crate::contract::document::escape;

/// Nesting followed; deeper than a document can be.
const DEPTH_MAX: usize = 64;

/// Keywords that count or name the members an object has.
const OF_MEMBERS: [&str; 8] = [
    "minProperties",
    "maxProperties",
    "propertyNames",
    "unevaluatedProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "$dynamicRef",
];

/// A reference to another document.
pub(super) struct Reference {
    pub(super) pointer: String,
    pub(super) to: String,
}

/// The references that leave the document.
pub(super) fn foreign_references(schema: &Value) -> Vec<Reference> {
    let mut found = Vec::new();
    find_references(schema, "", 0, &mut found);
    found
}

fn find_references(value: &Value, pointer: &str, depth: usize, found: &mut Vec<Reference>) {
    if DEPTH_MAX < depth {
        return;
    }
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let pointer = format!("{pointer}/{}", escape(key));
                match value.as_str() {
                    Some(to) if key == "$ref" && !to.starts_with('#') => found.push(Reference {
                        pointer,
                        to: to.to_owned(),
                    }),
                    // What is in these is data.
                    _ if matches!(key.as_str(), "enum" | "const" | "default" | "examples") => {}
                    _ => find_references(value, &pointer, depth + 1, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_references(item, &format!("{pointer}/{index}"), depth + 1, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The schema without what became checks of columns.
///
/// # Errors
/// The keyword that asks for members a row has or has not.
pub(super) fn remainder(document: &Value, pointer: &str) -> Result<Value, String> {
    let mut document = document.clone();
    if let Some(Value::Object(schema)) = document.pointer_mut(pointer) {
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for property in properties.values_mut().filter_map(Value::as_object_mut) {
                property.retain(|key, value| !is_of_column(key, value));
            }
        }
        if !schema.contains_key("patternProperties")
            && schema.get("additionalProperties") == Some(&Value::Bool(false))
        {
            schema.remove("additionalProperties");
        }
    }
    let mut rows = without_absence(&document, 0)?;
    if pointer == "/items" {
        // Definitions stay where references look for them.
        let mut items = rows.get("items").cloned().unwrap_or(Value::Bool(true));
        if let (Some(items), Some(whole)) = (items.as_object_mut(), rows.as_object_mut()) {
            for key in ["$schema", "$defs", "definitions"] {
                if let Some(value) = whole.remove(key) {
                    items.entry(key).or_insert(value);
                }
            }
        }
        rows = items;
    }
    Ok(rows)
}

/// The schema for rows in which an absent member is null.
fn without_absence(schema: &Value, depth: usize) -> Result<Value, String> {
    if DEPTH_MAX < depth {
        return Err("more than 64 levels".to_owned());
    }
    let Value::Object(members) = schema else {
        return Ok(schema.clone());
    };
    let mut rewritten = Map::new();
    for (key, value) in members {
        if OF_MEMBERS.contains(&key.as_str()) {
            return Err(key.clone());
        }
        let value = match key.as_str() {
            "properties" => Value::Object(properties(members, value, depth)?),
            "patternProperties" => Value::Object(each(value, depth, true)?),
            "additionalProperties" => or_null(without_absence(value, depth + 1)?),
            "$defs" | "definitions" => Value::Object(each(value, depth, false)?),
            "items" | "prefixItems" | "allOf" | "anyOf" | "oneOf" if value.is_array() => {
                let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                let items: Result<Vec<_>, _> = items
                    .iter()
                    .map(|item| without_absence(item, depth + 1))
                    .collect();
                Value::Array(items?)
            }
            "items" | "additionalItems" | "contains" | "not" | "if" | "then" | "else" => {
                without_absence(value, depth + 1)?
            }
            _ => value.clone(),
        };
        rewritten.insert(key.clone(), value);
    }
    require_values(members, &mut rewritten);
    Ok(rewritten.into())
}

fn properties(
    schema: &Map<String, Value>,
    value: &Value,
    depth: usize,
) -> Result<Map<String, Value>, String> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|required| required.iter().any(|one| one == name));
    let mut rewritten = Map::new();
    for (name, property) in value.as_object().into_iter().flatten() {
        let inner = without_absence(property, depth + 1)?;
        let inner = if is_required(name) {
            inner
        } else {
            or_null(inner)
        };
        rewritten.insert(name.clone(), inner);
    }
    Ok(rewritten)
}

/// Members that are required, and of which the schema says nothing else, have a value.
fn require_values(schema: &Map<String, Value>, rewritten: &mut Map<String, Value>) {
    let Some(required) = schema.get("required").and_then(Value::as_array) else {
        return;
    };
    let members = rewritten
        .entry("properties")
        .or_insert_with(|| Value::Object(Map::new()));
    let Some(members) = members.as_object_mut() else {
        return;
    };
    for name in required.iter().filter_map(Value::as_str) {
        members
            .entry(name)
            .or_insert_with(|| json!({"not": {"type": "null"}}));
    }
}

fn each(value: &Value, depth: usize, nullable: bool) -> Result<Map<String, Value>, String> {
    let mut rewritten = Map::new();
    for (name, schema) in value.as_object().into_iter().flatten() {
        let schema = without_absence(schema, depth + 1)?;
        let schema = if nullable { or_null(schema) } else { schema };
        rewritten.insert(name.clone(), schema);
    }
    Ok(rewritten)
}

fn or_null(schema: Value) -> Value {
    match &schema {
        Value::Bool(true) => schema,
        // Absent is what such a member must be.
        Value::Bool(false) => json!({"type": "null"}),
        other if other.as_object().is_some_and(Map::is_empty) => schema,
        other if other.get("type").is_some() && accepts_null(other) => schema,
        _ => json!({"anyOf": [{"type": "null"}, schema]}),
    }
}
