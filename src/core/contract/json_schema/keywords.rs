//! The keywords of a property that say something of single values.

use serde_json::{Map, Value};

use super::Planner;
use crate::checks::{
    AcceptedValues, Target, TextFormat, Tolerance, ValueFormat, ValueLength, ValueMultiple,
    ValuePattern, ValueRange, ValueType,
};
use crate::contract::document::escape;
use crate::evidence::Severity;
use crate::measure::LogicalType;

/// Keywords that become checks of the column; the others are left to whole rows.
pub(super) const OF_COLUMNS: [&str; 11] = [
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
];

/// Whether the keyword can be a check of the column as it is written here.
pub(super) fn is_of_column(key: &str, value: &Value) -> bool {
    match key {
        "enum" => value
            .as_array()
            .is_some_and(|values| !values.is_empty() && values.iter().all(is_scalar)),
        "const" => is_scalar(value),
        // Draft 4 writes `exclusiveMinimum: true` beside `minimum`.
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "multipleOf" => value.is_number(),
        key => OF_COLUMNS.contains(&key),
    }
}

/// Whether a property may be null where it is required.
pub(super) fn accepts_null(property: &Value) -> bool {
    let accepts = |kind: &Value| kind == "null";
    match property.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(accepts),
        Some(kind) => accepts(kind),
        // Without a type, only whole rows can tell.
        None => match property.get("enum").and_then(Value::as_array) {
            Some(values) => values.iter().any(Value::is_null),
            None => property.get("const").is_none_or(Value::is_null),
        },
    }
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}

impl Planner<'_> {
    pub(super) fn keywords(&mut self, name: &str, pointer: &str, property: &Value) {
        let Some(members) = property.as_object() else {
            return;
        };
        self.value_type(name, pointer, members);
        for (key, value) in members {
            if !is_of_column(key, value) {
                continue;
            }
            let at = format!("{pointer}/{}", escape(key));
            let target = self.draft.target(self.document.position(&at), Some(name));
            self.keyword(target, key, value);
        }
    }

    fn keyword(&mut self, target: Target, key: &str, value: &Value) {
        let end = |name: &str| Some(value.clone()).filter(|_| key == name);
        let count = |name: &str| {
            value
                .as_f64()
                .filter(|_| key == name)
                .map(|limit| limit as u64)
        };
        match key {
            "enum" | "const" => {
                let values = match value {
                    Value::Array(values) => values.clone(),
                    value => vec![value.clone()],
                };
                let check = AcceptedValues {
                    values,
                    ..AcceptedValues::default()
                };
                self.draft.add(target, check);
            }
            "minLength" | "maxLength" => {
                let check = ValueLength {
                    minimum: count("minLength"),
                    maximum: count("maxLength"),
                    ..ValueLength::default()
                };
                self.draft.add(target, check);
            }
            "pattern" => {
                let check = ValuePattern {
                    pattern: value.as_str().unwrap_or_default().to_owned(),
                    ..ValuePattern::default()
                };
                self.draft.add(target, check);
            }
            "multipleOf" => {
                let check = ValueMultiple {
                    step: value.as_f64().unwrap_or(1.0),
                    tolerance: Tolerance::none(),
                };
                self.draft.add(target, check);
            }
            "format" => self.format(target, value.as_str().unwrap_or_default()),
            _ => {
                let check = ValueRange {
                    minimum: end("minimum"),
                    maximum: end("maximum"),
                    exclusive_minimum: end("exclusiveMinimum"),
                    exclusive_maximum: end("exclusiveMaximum"),
                    tolerance: Tolerance::none(),
                };
                self.draft.add(target, check);
            }
        }
    }

    fn value_type(&mut self, name: &str, pointer: &str, members: &Map<String, Value>) {
        let kinds = match members.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(kind)) => vec![kind.as_str()],
            _ => return,
        };
        let types: Vec<LogicalType> = kinds.into_iter().filter_map(logical_type).collect();
        if let [only] = types.as_slice() {
            self.draft.give_type(name, *only);
        }
        if !types.is_empty() {
            let at = format!("{pointer}/type");
            let target = self.draft.target(self.document.position(&at), Some(name));
            let tolerance = Tolerance::none();
            self.draft.add(target, ValueType { types, tolerance });
        }
    }

    /// A format is an annotation unless an application says otherwise (JSON Schema 2020-12, validation
    /// §7.2), so it warns.
    fn format(&mut self, target: Target, format: &str) {
        let format = match format {
            "email" | "idn-email" => TextFormat::Email,
            "uuid" => TextFormat::Uuid,
            "uri" => TextFormat::Uri,
            "hostname" => TextFormat::Hostname,
            "ipv4" => TextFormat::Ipv4,
            "ipv6" => TextFormat::Ipv6,
            "date" => TextFormat::Strftime("%Y-%m-%d".to_owned()),
            "date-time" | "time" => TextFormat::DateOrTime,
            // An unknown format accepts everything.
            _ => return,
        };
        let target = Target {
            severity: Severity::Warning,
            ..target
        };
        let tolerance = Tolerance::none();
        self.draft.add(target, ValueFormat { format, tolerance });
    }
}

fn logical_type(kind: &str) -> Option<LogicalType> {
    Some(match kind {
        "string" => LogicalType::String,
        "integer" => LogicalType::Integer,
        "number" => LogicalType::Number,
        "boolean" => LogicalType::Boolean,
        "object" => LogicalType::Object,
        "array" => LogicalType::Array,
        _ => return None,
    })
}
