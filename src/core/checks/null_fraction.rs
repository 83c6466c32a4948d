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

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Null is what the file says is null: the empty field of CSV, null of JSON and Parquet; an empty text in quotes and NaN are values. The fraction is of all rows. Without rows nothing is null: the fraction is 0.";

/// Bound on the null values of a column.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
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
            let mut evidence = target.judge_number(&REQUIREMENT, nulls, Unit::Rows, None, bound);
            for record in &mut evidence {
                record.message = record
                    .message
                    .replacen("null fraction", "number of nulls", 1);
            }
            return evidence;
        }
        let fraction = match nulls {
            // An empty table has no null value; whether it may be empty is `row-count`'s question.
            Measured::Count(count) => Measured::Number(Some(*count as f64 / rows.max(1) as f64)),
            other => other.clone(),
        };
        let bound = self.fraction.unwrap_or(Bound::AtMost(0.0));
        target.judge_number(
            &REQUIREMENT,
            &fraction,
            Unit::Fraction,
            Some(rows.max(1)),
            bound,
        )
    }
}
