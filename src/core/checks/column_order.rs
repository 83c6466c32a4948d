//! In which order the columns of a dataset must stand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "column-order",
    summary: "The columns stand in the order of the list.",
    remedy: "Restore the schema upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_table_columns_to_match_ordered_list",
        "dbt-expectations: the same",
        "Soda: schema `allow_other_column_order`",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Names are compared by Unicode scalar value, case and all, unless the parameter says otherwise. Needs no data. A list with repeated names is never met.";

/// The order of the columns.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnOrder {
    /// The names in order.
    pub columns: Vec<String>,
    /// Whether there may be other columns among them.
    #[serde(default)]
    pub others_allowed: bool,
    /// Whether upper and lower case are the same.
    #[serde(default)]
    pub ignore_case: bool,
}

impl Check for ColumnOrder {
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
        let name = |name: &str| {
            if self.ignore_case {
                name.to_lowercase()
            } else {
                name.to_owned()
            }
        };
        let wanted: Vec<String> = self.columns.iter().map(|column| name(column)).collect();
        let found: Vec<String> = facts
            .columns
            .iter()
            .map(|column| name(&column.name))
            .filter(|name| !self.others_allowed || wanted.contains(name))
            .collect();
        let quoted =
            |name: Option<&String>| name.map_or("nothing".to_owned(), |name| format!("`{name}`"));
        let length = wanted.len().max(found.len());
        let message = match (0..length).find(|index| wanted.get(*index) != found.get(*index)) {
            Some(index) => format!(
                "column {} of {} is {}, required {}",
                index + 1,
                target.subject(),
                quoted(found.get(index)),
                quoted(wanted.get(index))
            ),
            None => format!("columns of {} are in order", target.subject()),
        };
        target.verdict(&REQUIREMENT, wanted == found, message)
    }
}
