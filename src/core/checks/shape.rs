//! What the parameters of a check look like in a contract, from their JSON Schema: the shape of each,
//! such as `{deviations: {minimum?: number, maximum?: number}}`, where `?` marks what may be left out, and
//! an example of the whole.

use serde_json::{Map, Value, json};

use super::CheckKind;

/// Types that are explained once for all rules.
const EXPLAINED: [(&str, &str); 3] = [
    ("Bound", "bound"),
    ("ScalarBound", "bound on values"),
    ("Tolerance", "tolerance"),
];

/// How deep a shape is followed.
const DEPTH_MAX: usize = 6;

/// A parameter of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its key.
    pub name: String,
    /// What it may be.
    pub shape: String,
    /// Whether it must be given.
    pub required: bool,
    /// What holds when it is not given, where that is one value.
    pub default: Option<String>,
    /// What it means.
    pub meaning: String,
}

impl CheckKind {
    /// Its parameters, in the order of their names.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let schema = (self.schema)().to_value();
        let properties = schema["properties"].as_object();
        let parameter = |(name, property): (&String, &Value)| Parameter {
            name: name.clone(),
            shape: shape(&schema, property, 0),
            required: is_required(&schema, name),
            default: match &property["default"] {
                Value::Null | Value::Object(_) => None,
                default => Some(default.to_string()),
            },
            meaning: property["description"]
                .as_str()
                .unwrap_or_default()
                .replace('\n', " "),
        };
        properties.into_iter().flatten().map(parameter).collect()
    }

    /// The check with what it needs, as it stands under `implementation`; `None` when it needs nothing.
    #[must_use]
    pub fn example(&self) -> Option<Value> {
        let schema = (self.schema)().to_value();
        schema["required"]
            .as_array()
            .filter(|keys| !keys.is_empty())?;
        let Value::Object(parameters) = sample(&schema, &schema, 0) else {
            return None;
        };
        let mut example = Map::new();
        example.insert("check".to_owned(), self.requirement.id.into());
        example.extend(parameters);
        Some(Value::Object(example))
    }
}

fn is_required(node: &Value, name: &str) -> bool {
    let required = node["required"].as_array();
    required.is_some_and(|names| names.iter().any(|other| other == name))
}

fn target<'s>(schema: &'s Value, node: &'s Value) -> Option<(&'s str, &'s Value)> {
    let reference = node["$ref"].as_str()?;
    let name = reference.rsplit('/').next().unwrap_or(reference);
    Some((name, &schema["$defs"][name]))
}

/// The alternatives of a node that are not "nothing".
fn alternatives(node: &Value) -> Option<impl Iterator<Item = &Value>> {
    let list = node["anyOf"]
        .as_array()
        .or_else(|| node["oneOf"].as_array())?;
    Some(list.iter().filter(|one| one["type"] != "null"))
}

/// What a node of the schema may be, in words.
fn shape(schema: &Value, node: &Value, depth: usize) -> String {
    if DEPTH_MAX < depth {
        return "…".to_owned();
    }
    if let Some((name, definition)) = target(schema, node) {
        let explained = EXPLAINED.iter().find(|(known, _)| *known == name);
        return match explained {
            Some((_, word)) => (*word).to_owned(),
            None => shape(schema, definition, depth + 1),
        };
    }
    if !node["const"].is_null() {
        return format!("`{}`", flow(&node["const"]));
    }
    if let Some(words) = node["enum"].as_array() {
        let words = words.iter().filter(|word| !word.is_null());
        let words: Vec<String> = words.map(|word| format!("`{}`", flow(word))).collect();
        return words.join(", ");
    }
    if let Some(alternatives) = alternatives(node) {
        let shapes: Vec<String> = alternatives
            .map(|one| shape(schema, one, depth + 1))
            .collect();
        return shapes.join(" or ");
    }
    match &node["type"] {
        Value::String(kind) if kind == "array" => match &node["items"] {
            items @ Value::Object(_) => format!("list of {}", shape(schema, items, depth + 1)),
            _ => "list".to_owned(),
        },
        Value::String(kind) if kind == "object" => object(schema, node, depth),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => {
            let kinds = kinds.iter().filter_map(Value::as_str);
            let kinds: Vec<&str> = kinds.filter(|kind| *kind != "null").collect();
            kinds.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

fn object(schema: &Value, node: &Value, depth: usize) -> String {
    let Some(properties) = node["properties"].as_object() else {
        return "mapping".to_owned();
    };
    let members = properties.iter().map(|(name, property)| {
        let mark = if is_required(node, name) { "" } else { "?" };
        // Back ticks around words within a shape would end the one around a cell.
        let inner = shape(schema, property, depth + 1).replace('`', "");
        format!("{name}{mark}: {inner}")
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// A value of that shape with nothing that may be left out.
fn sample(schema: &Value, node: &Value, depth: usize) -> Value {
    if DEPTH_MAX < depth {
        return Value::Null;
    }
    if let Some((name, definition)) = target(schema, node) {
        return match name {
            "Bound" | "ScalarBound" => json!({"at_least": 0.5}),
            _ => sample(schema, definition, depth + 1),
        };
    }
    if !node["const"].is_null() {
        return node["const"].clone();
    }
    if let Some(first) = node["enum"].as_array().and_then(|words| words.first()) {
        return first.clone();
    }
    if let Some(first) = alternatives(node).and_then(|mut all| all.next()) {
        return sample(schema, first, depth + 1);
    }
    let kind = match &node["type"] {
        Value::Array(kinds) => kinds.first().unwrap_or(&Value::Null),
        kind => kind,
    };
    match kind.as_str() {
        Some("array") => match &node["items"] {
            items @ Value::Object(_) => json!([sample(schema, items, depth + 1)]),
            _ => json!(["a", "b"]),
        },
        Some("object") => {
            let properties = node["properties"].as_object().into_iter().flatten();
            let needed = properties.filter(|(name, _)| is_required(node, name));
            let members =
                needed.map(|(name, property)| (name.clone(), sample(schema, property, depth + 1)));
            Value::Object(members.collect())
        }
        Some("integer") => json!(1),
        Some("number") => json!(0.5),
        Some("boolean") => json!(true),
        Some("string") if node["format"] == "date-time" => json!("2026-01-01T00:00:00Z"),
        _ => json!("a"),
    }
}

/// A value on one line of YAML.
#[must_use]
pub fn flow(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("{key}: {}", flow(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
