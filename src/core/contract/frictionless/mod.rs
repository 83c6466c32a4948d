//! Frictionless Table Schemas, on their own or in the resources of a Data Package.
//!
//! Follows Data Package v2 (datapackage.org) as frictionless-py 5.21 reads it, where the two differ;
//! `docs/suites/frictionless.md` has the table and the differences.

mod constraints;
mod fields;
mod keys;
mod values;

use serde_json::{Map, Value};

use super::document::Document;
use super::draft::Draft;
use super::problem::Problem;
use super::suite::{DatasetPlan, PlanRequest, SuiteFormat};
use crate::checks::RowCount;
use crate::evidence::Bound;

/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "frictionless",
    title: "Frictionless Table Schema and Data Package v1 and v2",
    recognises: |suite| {
        let value = suite.document.as_ref().map(|document| &document.value);
        value.is_some_and(|value| is_table_schema(value) || is_package(value))
    },
    plan: |suite, request| plan(suite.document()?, request),
};

fn is_table_schema(value: &Value) -> bool {
    let fields = value.get("fields").and_then(Value::as_array);
    fields.is_some_and(|fields| {
        !fields.is_empty() && fields.iter().all(|field| field.get("name").is_some())
    })
}

fn is_package(value: &Value) -> bool {
    let resources = value.get("resources").and_then(Value::as_array);
    resources.is_some_and(|resources| {
        !resources.is_empty()
            && resources
                .iter()
                .all(|resource| resource.get("path").is_some() || resource.get("schema").is_some())
    })
}

fn plan(document: &Document, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
    let (pointer, schema) = if document.value.get("resources").is_some() {
        resource(document, request).map_err(|problem| vec![problem])?
    } else {
        (String::new(), &document.value)
    };
    let schema_pointer = if document.value.get("resources").is_some() {
        format!("{pointer}/schema")
    } else {
        pointer.clone()
    };
    let table = if schema_pointer.is_empty() {
        schema
    } else {
        schema.get("schema").unwrap_or(&Value::Null)
    };
    let Some(table) = table.as_object() else {
        let problem = document.problem(
            &schema_pointer,
            "the schema must be written here: one in another file is not read",
        );
        return Err(vec![problem.hint(
            "put the Table Schema itself under `schema`, or validate with its own file",
        )]);
    };
    let mut planner = Planner {
        document,
        draft: Draft::new(&document.file, request, Some("Frictionless")),
        schema: table,
        pointer: schema_pointer.clone(),
    };
    if !schema_pointer.is_empty() {
        planner.resource(&pointer, schema);
    }
    planner.schema();
    planner.draft.finish()
}

/// The resource that describes the dataset.
fn resource<'a>(
    document: &'a Document,
    request: &PlanRequest<'_>,
) -> Result<(String, &'a Value), Problem> {
    let resources = document.value.get("resources").and_then(Value::as_array);
    let resources = resources.map(Vec::as_slice).unwrap_or_default();
    let name = |resource: &Value| {
        let name = resource.get("name").and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    let found = match request.object {
        Some(wanted) => resources.iter().position(|one| name(one) == wanted),
        None if resources.len() == 1 => Some(0),
        None => None,
    };
    match found.and_then(|index| Some((index, resources.get(index)?))) {
        Some((index, resource)) => Ok((format!("/resources/{index}"), resource)),
        None => {
            let listed: Vec<_> = resources
                .iter()
                .map(|one| format!("`{}`", name(one)))
                .collect();
            let message = match request.object {
                Some(wanted) => format!("the package has no resource `{wanted}`"),
                None => format!(
                    "the package has several resources and dataset `{}` names none",
                    request.dataset
                ),
            };
            Err(document.problem("/resources", message).hint(format!(
                "set `object` of the dataset to one of {}",
                listed.join(", ")
            )))
        }
    }
}

struct Planner<'a> {
    document: &'a Document,
    draft: Draft<'a>,
    schema: &'a Map<String, Value>,
    /// JSON pointer of the schema.
    pointer: String,
}

/// Keys of a schema without a rule of their own.
const KEYS_WITHOUT_RULE: [&str; 9] = [
    "$schema",
    "name",
    "type",
    "title",
    "description",
    "missingValues",
    "fieldsMatch",
    "profile",
    "fields",
];

impl Planner<'_> {
    /// What a resource says of its file besides the schema.
    fn resource(&mut self, pointer: &str, resource: &Value) {
        for key in ["rows", "fields", "hash", "bytes", "checklist"] {
            let Some(value) = resource.get(key) else {
                continue;
            };
            let at = format!("{pointer}/{key}");
            let target = self.draft.target(self.document.position(&at), None);
            match (key, value.as_f64()) {
                ("rows", Some(rows)) => self.draft.add(
                    target,
                    RowCount {
                        rows: Bound::Exactly(rows),
                    },
                ),
                (key, _) => {
                    let why = format!("`{key}` of a resource is not evaluated");
                    self.draft.unsupported(target, why);
                }
            }
        }
    }

    fn schema(&mut self) {
        let fields: Vec<Value> = match self.schema.get("fields").and_then(Value::as_array) {
            Some(fields) => fields.clone(),
            None => {
                let position = self.document.position(&self.pointer);
                return self
                    .draft
                    .problem_at(position, "the schema has no list of `fields`");
            }
        };
        self.header(&fields);
        for (index, field) in fields.iter().enumerate() {
            let pointer = format!("{}/fields/{index}", self.pointer);
            self.field(&pointer, field);
        }
        for (key, value) in self.schema {
            let pointer = format!("{}/{key}", self.pointer);
            match key.as_str() {
                "primaryKey" => self.primary_key(&pointer, value),
                "uniqueKeys" => self.unique_keys(&pointer, value),
                "foreignKeys" => self.foreign_keys(&pointer, value),
                key if KEYS_WITHOUT_RULE.contains(&key) => {}
                key => {
                    let target = self.draft.target(self.document.position(&pointer), None);
                    let why = format!("the key `{key}` of a Table Schema is not known");
                    self.draft.unsupported(target, why);
                }
            }
        }
    }
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

/// One name or a list of names.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}
