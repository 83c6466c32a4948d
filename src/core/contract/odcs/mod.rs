//! Data contracts of the Open Data Contract Standard v3.0 and v3.1: text in, planned checks out.
//!
//! `odcs-3.1.0.schema.json` and `odcs-3.0.2.schema.json` are the official JSON Schemas
//! (bitol-io/open-data-contract-standard, Apache-2.0). A contract of a version 3.0 is held against the
//! older one, and against the newer one when it uses what came later; they differ in `rule` instead of
//! `metric`, in `exclusiveMinimum` and its like being booleans, in relationships and in types of time. Where the standard is silent or contradicts itself: `mustBeBetween` includes its
//! ends, as datacontract-cli does; a percentage counts all rows for missing values and the rows that
//! are not null for invalid ones; `duplicateValues` counts rows that repeat an earlier one.

pub(super) mod fields;
mod formats;
mod nested;
mod notes;
mod own_rules;
mod planner;
mod queries;
mod ranges;
mod relationships;
pub(super) mod rules;
pub(super) mod service_levels;
mod type_options;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::document::{Document, escape};
use super::problem::Problem;
use super::schema;
use super::suite::{DatasetPlan, PlanRequest, SuiteFormat};
use fields::{list, text};

static SCHEMA: LazyLock<(Value, Validator)> =
    LazyLock::new(|| compiled(include_str!("../odcs-3.1.0.schema.json")));

static SCHEMA_3_0: LazyLock<(Value, Validator)> =
    LazyLock::new(|| compiled(include_str!("../odcs-3.0.2.schema.json")));

fn compiled(text: &str) -> (Value, Validator) {
    let schema = serde_json::from_str(text).expect("the official schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the official schema is a schema");
    (schema, validator)
}

/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "odcs",
    title: "Open Data Contract Standard 3.0 and 3.1",
    recognises: |suite| {
        let document = suite.document.as_ref();
        document.is_some_and(|document| text_of(&document.value, "kind") == Some("DataContract"))
    },
    plan: |suite, request| {
        let document = suite.document()?;
        let (index, object) = object(document, request).map_err(|problem| vec![problem])?;
        planner::plan(document, request, index, object)
    },
};

/// Holds a contract against the official schema of its version.
pub(super) fn validate(document: &Document) -> Result<(), Vec<Problem>> {
    let version = text_of(&document.value, "apiVersion").unwrap_or_default();
    let older = version.starts_with("v3.0.");
    if older && SCHEMA.1.is_valid(&document.value) {
        return Ok(());
    }
    let (schema, validator) = if older { &*SCHEMA_3_0 } else { &*SCHEMA };
    let problems = schema::problems(document, schema, validator);
    let problems = options_without_type(document, problems);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// Which options a property has depends on its type: without one, the standard's schema refuses an option
/// once for each type that does not have it.
fn options_without_type(document: &Document, mut problems: Vec<Problem>) -> Vec<Problem> {
    let mut untyped = Vec::new();
    options_below(&document.value, String::new(), &mut untyped);
    for (pointer, keys) in untyped {
        let places = keys.iter().map(|key| document.position(key));
        let places: Vec<_> = places.collect();
        let before = problems.len();
        problems.retain(|problem| !places.contains(&problem.position));
        if problems.len() < before {
            let message = "`logicalTypeOptions` needs `logicalType` beside it: it decides which options there are";
            problems.push(document.problem(&pointer, message));
        }
    }
    problems
}

/// The options below `value` that stand beside no type, each with the pointers of its keys.
fn options_below(value: &Value, pointer: String, found: &mut Vec<(String, Vec<String>)>) {
    match value {
        Value::Object(members) => {
            if let (Some(options), None) = (
                members.get("logicalTypeOptions").and_then(Value::as_object),
                members.get("logicalType"),
            ) {
                let at = format!("{pointer}/logicalTypeOptions");
                let keys = options.keys().map(|key| format!("{at}/{}", escape(key)));
                let keys = keys.collect();
                found.push((at, keys));
            }
            for (key, inner) in members {
                options_below(inner, format!("{pointer}/{}", escape(key)), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                options_below(inner, format!("{pointer}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn text_of<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn object<'a>(
    document: &'a Document,
    request: &PlanRequest<'_>,
) -> Result<(usize, &'a Map<String, Value>), Problem> {
    let objects: Vec<_> = list(&document.value, "schema").collect();
    let names: Vec<_> = objects
        .iter()
        .filter_map(|object| text(object, "name"))
        .collect();
    let found = match request.object {
        Some(wanted) => names.iter().position(|name| *name == wanted),
        None if objects.len() == 1 => Some(0),
        None => None,
    };
    let listed = names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match found.and_then(|index| Some((index, *objects.get(index)?))) {
        Some(found) => Ok(found),
        None if objects.is_empty() => Err(document.problem(
            "/schema",
            "the contract describes no object; `schema` is missing or empty",
        )),
        None => {
            let message = match request.object {
                Some(wanted) => format!("the contract has no object `{wanted}`"),
                None => format!(
                    "the contract has several objects and dataset `{}` names none",
                    request.dataset
                ),
            };
            Err(document
                .problem("/schema", message)
                .hint(format!("set `object` of the dataset to one of {listed}")))
        }
    }
}
