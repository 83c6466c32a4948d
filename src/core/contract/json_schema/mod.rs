//! A JSON Schema of the rows: each row, as an object, must be accepted.
//!
//! What a schema says of single properties becomes checks of columns, so that evidence names the column
//! and the line; everything else, and the types as JSON has them, is held against whole rows by the crate
//! `jsonschema`. In a table an absent member and a null cannot be told apart: both mean that there is no
//! value. Other documents are not fetched. `docs/suites/json-schema.md` has the table.

mod keywords;
mod rows;

use serde_json::{Map, Value};

use super::document::{Document, escape};
use super::draft::Draft;
use super::problem::Problem;
use super::suite::{DatasetPlan, PlanRequest, SuiteFormat};
use crate::checks::{ColumnPresence, ColumnRelation, ColumnSet, JsonSchemaRows, Tolerance};

/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "json-schema",
    title: "JSON Schema drafts 4 to 2020-12, of the rows",
    recognises: |suite| {
        let value = suite.document.as_ref().map(|document| &document.value);
        value.is_some_and(is_schema)
    },
    plan: |suite, request| plan(suite.document()?, request),
};

fn is_schema(value: &Value) -> bool {
    let names_a_draft = value
        .get("$schema")
        .and_then(Value::as_str)
        .is_some_and(|draft| draft.contains("json-schema.org"));
    let is_object = value.get("type").is_some_and(|kind| kind == "object");
    names_a_draft || (is_object && value.get("properties").is_some_and(Value::is_object))
}

fn plan(document: &Document, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
    let mut draft = Draft::new(&document.file, request, Some("JSON Schema"));
    // A schema of a list is a schema of its rows.
    let is_list = document
        .value
        .get("type")
        .is_some_and(|kind| kind == "array");
    let (pointer, schema) = match document.value.get("items") {
        Some(items) if is_list => ("/items", items),
        _ => ("", &document.value),
    };
    let Some(schema) = schema.as_object() else {
        return Err(vec![
            document.problem(pointer, "a schema of rows must be a mapping"),
        ]);
    };
    if let Err(error) = jsonschema::meta::validate(&document.value) {
        let at = error.instance_path().as_str();
        let message = format!("not a JSON Schema: {}", error.masked());
        return Err(vec![document.problem(at, message)]);
    }
    for reference in rows::foreign_references(&document.value) {
        let target = draft.target(document.position(&reference.pointer), None);
        let why = format!(
            "`$ref: {}` is another document, which is not fetched; put it under `$defs`",
            reference.to
        );
        draft.unsupported(target, why);
    }
    if !draft.plan.checks.is_empty() {
        return draft.finish();
    }
    let mut planner = Planner {
        document,
        draft,
        schema,
        pointer,
    };
    planner.schema();
    planner.draft.finish()
}

struct Planner<'a> {
    document: &'a Document,
    draft: Draft<'a>,
    schema: &'a Map<String, Value>,
    /// JSON pointer of the schema of a row.
    pointer: &'static str,
}

impl Planner<'_> {
    fn schema(&mut self) {
        let empty = Map::new();
        let properties = self
            .schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let mut in_order: Vec<_> = properties.iter().collect();
        in_order.sort_by_key(|(name, _)| {
            let pointer = format!("{}/properties/{}", self.pointer, escape(name));
            let position = self.document.position(&pointer);
            (position.line, position.column)
        });
        for (name, property) in in_order {
            self.property(name, property);
        }
        self.required(properties);
        self.no_others(properties);
        self.rows();
    }

    fn property(&mut self, name: &str, property: &Value) {
        let pointer = format!("{}/properties/{}", self.pointer, escape(name));
        let is_required = self.is_required(name);
        if is_required {
            let target = self
                .draft
                .target(self.document.position(&pointer), Some(name));
            self.draft.add(target, ColumnPresence {});
        }
        let first = self.draft.plan.checks.len();
        self.keywords(name, &pointer, property);
        if !is_required {
            self.draft.make_optional(first);
        }
    }

    fn is_required(&self, name: &str) -> bool {
        let required = self.schema.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|one| one == name))
    }

    /// A required property has a value in every row, unless null is one.
    fn required(&mut self, properties: &Map<String, Value>) {
        let required = self.schema.get("required").and_then(Value::as_array);
        let required = required.map(Vec::as_slice).unwrap_or_default();
        for (index, name) in required.iter().enumerate() {
            let Some(name) = name.as_str() else { continue };
            let pointer = format!("{}/required/{index}", self.pointer);
            let target = self
                .draft
                .target(self.document.position(&pointer), Some(name));
            let property = properties.get(name);
            if property.is_none() {
                self.draft.add(target.clone(), ColumnPresence {});
            }
            if !property.is_some_and(keywords::accepts_null) {
                self.draft.add_not_null(target);
            }
        }
    }

    fn no_others(&mut self, properties: &Map<String, Value>) {
        let closed = self.schema.get("additionalProperties") == Some(&Value::Bool(false));
        if closed && !self.schema.contains_key("patternProperties") {
            let pointer = format!("{}/additionalProperties", self.pointer);
            let target = self.draft.target(self.document.position(&pointer), None);
            let check = ColumnSet {
                columns: properties.keys().cloned().collect(),
                relation: ColumnRelation::Within,
                ignore_case: false,
            };
            self.draft.add(target, check);
        }
    }

    /// What is left for whole rows.
    fn rows(&mut self) {
        let target = self
            .draft
            .target(self.document.position(self.pointer), None);
        match rows::remainder(&self.document.value, self.pointer) {
            Ok(schema) => {
                let tolerance = Tolerance::none();
                self.draft.add(target, JsonSchemaRows { schema, tolerance });
            }
            Err(keyword) => {
                let why = format!(
                    "`{keyword}` asks which members a row has, which a table does not tell: every row has every column"
                );
                self.draft.unsupported(target, why);
            }
        }
    }
}
