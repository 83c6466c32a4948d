//! Data contracts of the Open Data Contract Standard v3.1: text in, planned checks out.
//!
//! `odcs-3.1.0.schema.json` is the official JSON Schema (bitol-io/open-data-contract-standard,
//! Apache-2.0). Where the standard is silent or contradicts itself: `mustBeBetween` includes its
//! ends, as datacontract-cli does; a percentage counts all rows for missing values and the rows that
//! are not null for invalid ones; `duplicateValues` counts rows that repeat an earlier one.

mod fields;
mod planner;
mod rules;
mod service_levels;
mod type_options;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use jsonschema::Validator;
use serde_json::{Map, Value};

use super::document::Document;
use super::problem::Problem;
use super::schema;
use crate::checks::PlannedCheck;
use crate::measure::LogicalType;
use fields::{list, text};

static SCHEMA: LazyLock<(Value, Validator)> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../odcs-3.1.0.schema.json"))
        .expect("the official schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the official schema is a schema");
    (schema, validator)
});

/// A data contract.
#[derive(Debug)]
pub struct Contract {
    document: Document,
}

/// The checks of one dataset and the types its columns must have.
#[derive(Debug)]
pub struct DatasetPlan {
    /// The checks, in contract order.
    pub checks: Vec<PlannedCheck>,
    /// Columns with the logical type the contract gives them, for files that have no types.
    pub types: Vec<(String, LogicalType)>,
}

/// Which dataset to plan for.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// Name of the dataset.
    pub dataset: &'a str,
    /// Object of the contract's `schema`; `None` when there is one only.
    pub object: Option<&'a str>,
    /// The time freshness is taken at.
    pub as_of: DateTime<Utc>,
}

impl Contract {
    /// Reads a contract and holds it against the official schema.
    ///
    /// # Errors
    /// All problems of the file, each with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let document = Document::parse(file, text)?;
        let (schema, validator) = &*SCHEMA;
        let problems = schema::problems(&document, schema, validator);
        if problems.is_empty() {
            Ok(Self { document })
        } else {
            Err(problems)
        }
    }

    /// The text of the contract.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.document.text
    }

    /// The checks the contract demands of a dataset.
    ///
    /// # Errors
    /// All problems the official schema does not see: no such object, a rule without parameters, a
    /// value of the wrong kind.
    pub fn plan(&self, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
        let (index, object) = self.object(request).map_err(|problem| vec![problem])?;
        planner::plan(&self.document, request, index, object)
    }

    fn object(&self, request: &PlanRequest<'_>) -> Result<(usize, &Map<String, Value>), Problem> {
        let objects: Vec<_> = list(&self.document.value, "schema").collect();
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
            None if objects.is_empty() => Err(self.document.problem(
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
                Err(self
                    .document
                    .problem("/schema", message)
                    .hint(format!("set `object` of the dataset to one of {listed}")))
            }
        }
    }
}
