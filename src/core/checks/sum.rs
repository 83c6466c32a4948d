//! The sum of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "sum",
    summary: "The sum of the values that are not null stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &[
        "Great Expectations: expect_column_sum_to_be_between",
        "dbt-expectations: the same",
        "Soda: aggregate `sum`",
        "Deequ: hasSum",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; a NaN or an infinity makes the number undefined, which is not evaluated, as is a column without values. Numbers are added in floating point with compensation, decimals as the nearest such number each; without values the sum is not 0 but undefined, as in SQL.";

/// Bound on the sum of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sum {
    /// The bound, in the unit of the column.
    pub bound: Bound,
}

impl Check for Sum {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Moments(Value::column(target.column_name()))]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [moments] = measured else {
            return Vec::new();
        };
        target.judge_moments(
            &REQUIREMENT,
            moments,
            |moments| Some(moments.sum),
            self.bound,
        )
    }
}
