//! The columns of this dataset must be those of the one the model was trained on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::listed;
use crate::evidence::{Bound, Evidence, Quantity, Unit};
use crate::measure::{LogicalType, Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "schema-skew",
    summary: "Every column the model was trained on is here, with the same type.",
    remedy: "Make the pipeline that serves give the columns the pipeline that trains gives, in name and type.",
    references: &["TensorFlow Data Validation: schema environments and `SCHEMA_MISSING_COLUMN`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Names are compared exactly, case and all; the order does not matter. Types are compared only where both datasets say what they are: a CSV is held to its names.";

/// The columns of the other dataset, as far as they must be here.
///
/// Data without types of its own (CSV, JSON Lines) is held to the names only.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaSkew {
    /// The other dataset, by name.
    pub reference: String,
    /// Its columns.
    pub columns: Vec<ExpectedColumn>,
    /// Columns that need not be here, such as the label when serving.
    #[serde(default)]
    pub without: Vec<String>,
    /// Whether there may be columns that are not there.
    #[serde(default = "yes")]
    pub may_have_more: bool,
}

/// A column of the other dataset.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedColumn {
    /// Name.
    pub name: String,
    /// Type; not held to one when absent.
    #[serde(default)]
    pub logical_type: Option<LogicalType>,
}

fn yes() -> bool {
    true
}

impl Check for SchemaSkew {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        Vec::new()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, _: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("columns of {}", self.reference));
        let expected: Vec<&ExpectedColumn> = self
            .columns
            .iter()
            .filter(|column| !self.without.contains(&column.name))
            .collect();
        let mut missing = Vec::new();
        let mut different = Vec::new();
        for column in &expected {
            match facts.column(&column.name) {
                None => missing.push(column.name.clone()),
                Some(found) if facts.typed && differs(column.logical_type, found.logical_type) => {
                    different.push(column.name.clone());
                }
                Some(_) => {}
            }
        }
        let known = |name: &String| self.columns.iter().any(|column| column.name == *name);
        let more: Vec<String> = facts
            .columns
            .iter()
            .map(|column| column.name.clone())
            .filter(|name| !self.may_have_more && !known(name))
            .collect();
        let wrong = missing.len() + different.len() + more.len();
        let parts: Vec<String> = [
            ("missing", &missing),
            ("of another type", &different),
            ("not there", &more),
        ]
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{} {what}", listed(names)))
        .collect();
        let message = match parts.as_slice() {
            [] => format!(
                "{}: all {} are here with their types",
                target.subject(),
                expected.len()
            ),
            parts => format!("{}: {}, required none", target.subject(), parts.join("; ")),
        };
        let (quantity, bound) = (Quantity::new(wrong as f64, Unit::Count), Bound::AtMost(0.0));
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                bound.judge(&quantity),
                message,
            )
            .measured(quantity, bound),
        )
    }
}

/// Whether two types differ as far as both are known.
fn differs(expected: Option<LogicalType>, found: Option<LogicalType>) -> bool {
    expected.is_some() && found.is_some() && expected != found
}
