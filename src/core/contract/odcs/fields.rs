//! What the fields of a contract say: texts, lists and flags, and what a property is called.

use serde_json::{Map, Value};

use crate::measure::LogicalType;

/// Classifications whose values are never shown. The standard leaves the words to the organisation;
/// these are the ones in use.
const PERSONAL: [&str; 7] = [
    "personal",
    "pii",
    "sensitive",
    "confidential",
    "restricted",
    "secret",
    "phi",
];

/// Classifications that say that anybody may see the values, whatever they look like.
const PUBLIC: [&str; 4] = ["public", "open", "unclassified", "unrestricted"];

/// The name the column has in the file.
pub(in crate::contract) fn column_name(property: &Map<String, Value>) -> String {
    text(property, "physicalName")
        .or_else(|| text(property, "name"))
        .unwrap_or_default()
        .to_owned()
}

pub(super) fn logical_type(property: &Map<String, Value>) -> Option<LogicalType> {
    serde_json::from_value(property.get("logicalType")?.clone()).ok()
}

/// Whether the values must not be shown: by the classification, by a tag with one of its words, or because
/// an encrypted copy is named.
pub(in crate::contract) fn is_personal(property: &Map<String, Value>) -> bool {
    let tags = texts(property, "tags");
    let mut words = text(property, "classification")
        .into_iter()
        .chain(tags.iter().map(String::as_str));
    words.any(|word| PERSONAL.contains(&word.trim().to_lowercase().as_str()))
        || text(property, "encryptedName").is_some()
}

/// Whether the classification says that anybody may see the values.
pub(super) fn is_public(property: &Map<String, Value>) -> bool {
    text(property, "classification")
        .is_some_and(|word| PUBLIC.contains(&word.trim().to_lowercase().as_str()))
}

/// Whether the values must not be shown because they, or a part of a list or record, are personal.
pub(super) fn holds_personal(property: &Map<String, Value>) -> bool {
    let items = property.get("items").and_then(Value::as_object);
    is_personal(property)
        || items.is_some_and(holds_personal)
        || list_of(property, "properties").any(holds_personal)
}

pub(super) fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(false)
}

pub(in crate::contract) fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

/// The scalars of a list as the texts they are written with.
pub(super) fn texts(map: &Map<String, Value>, key: &str) -> Vec<String> {
    let items = map
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    items
        .iter()
        .map(|item| match item {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect()
}

pub(super) fn list<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}

pub(in crate::contract) fn list_of<'a>(
    map: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
    map.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
}
