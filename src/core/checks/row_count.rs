//! How many rows a dataset must have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "row-count",
    summary: "The number of rows stays within its bound.",
    remedy: "Look for a truncated or doubled delivery upstream, or adapt the bound in the contract.",
    references: &["Open Data Contract Standard 3.1: metric `rowCount`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "The rows of the data, or those the rule speaks of; exact. An empty dataset has 0.";

/// Bound on the number of rows.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowCount {
    /// The bound.
    pub rows: Bound,
}

impl Check for RowCount {
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
        let quantity = Quantity::rows(facts.row_count);
        let message = format!(
            "{} has {quantity}, required {}",
            target.subject(),
            self.rows
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                self.rows.judge(&quantity),
                message,
            )
            .measured(quantity, self.rows),
        )
    }
}
