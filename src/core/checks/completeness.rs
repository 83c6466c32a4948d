//! How much of a column must be there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "completeness",
    summary: "The share of rows in which a column has a value stays within its bound.",
    remedy: "Fill the missing values upstream, or relax the bound in the contract.",
    references: &[
        "Great Expectations: `expect_column_values_to_not_be_null` with `mostly`",
        "TensorFlow Data Validation: `presence.min_fraction`",
        "Deequ: `hasCompleteness`",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "What is null is as in `null-fraction`. The share is of all rows, and decided on itself and not on the share of nulls: `1 - 0.9` is not `0.1` in binary. Without rows nothing is missing: the share is 1.";

/// Bound on the values of a column that are there.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Completeness {
    /// Bound on values that are not null / rows, in [0, 1]; 1 when absent.
    #[serde(default)]
    pub fraction: Option<Bound>,
}

impl Check for Completeness {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::NullCount(target.column_name())]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [nulls] = measured else { return Vec::new() };
        let rows = facts.row_count;
        let share = match nulls {
            Measured::Count(_) if rows == 0 => Measured::Number(Some(1.0)),
            Measured::Count(nulls) => {
                let there = rows.saturating_sub(*nulls);
                Measured::Number(Some(there as f64 / rows as f64))
            }
            other => other.clone(),
        };
        let bound = self.fraction.unwrap_or(Bound::AtLeast(1.0));
        let of = Some(rows.max(1));
        target.judge_number(&REQUIREMENT, &share, Unit::Fraction, of, bound)
    }
}
