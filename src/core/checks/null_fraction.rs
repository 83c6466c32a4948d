//! How much of a column may be null.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "null-fraction",
    summary: "The fraction of rows in which a column is null stays within its bound.",
    remedy: "Fill or drop the null values upstream, or relax the bound in the contract.",
    references: &["Open Data Contract Standard 3.1: property `required`, metric `nullValues`"],
};

/// Bound on the null values of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NullFraction {
    /// Bound on nulls / rows, in [0, 1].
    #[serde(default)]
    pub fraction: Option<Bound>,
    /// Bound on the number of nulls, instead of the fraction.
    #[serde(default)]
    pub rows: Option<Bound>,
}

impl Check for NullFraction {
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
        if let Some(bound) = self.rows {
            return target.judge_number(&REQUIREMENT, nulls, Unit::Rows, rows, bound);
        }
        let bound = self.fraction.unwrap_or(Bound::AtMost(0.0));
        let fraction = match nulls {
            // An empty table has no null value; whether it may be empty is `row-count`'s question.
            Measured::Count(0) => Measured::Number(Some(0.0)),
            Measured::Count(count) => Measured::Number(Some(*count as f64 / rows as f64)),
            other => other.clone(),
        };
        target.judge_number(&REQUIREMENT, &fraction, Unit::Fraction, rows.max(1), bound)
    }
}
