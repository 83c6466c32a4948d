//! How many columns a dataset must have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "column-count",
    summary: "The number of columns stays within its bound.",
    remedy: "Restore the schema upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_table_column_count_to_be_between, _to_equal",
        "dbt-expectations: the same",
        "Deequ: hasColumnCount",
        "Frictionless: table-dimensions",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Needs no data; nested columns count as one.";

/// Bound on the number of columns.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnCount {
    /// The bound.
    pub bound: Bound,
}

impl Check for ColumnCount {
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
        let quantity = Quantity::new(facts.columns.len() as f64, Unit::Count);
        let message = format!(
            "{} has {} columns, required {}",
            target.subject(),
            facts.columns.len(),
            self.bound
        );
        let outcome = self.bound.judge(&quantity);
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, self.bound),
        )
    }
}
