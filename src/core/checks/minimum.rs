//! The smallest value of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, ScalarBound, Target, parameters_of};
use crate::evidence::{Evidence, Reason};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "minimum",
    summary: "The smallest value stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &[
        "Great Expectations: expect_column_min_to_be_between",
        "dbt-expectations: the same",
        "Soda: aggregate `min`",
        "Deequ: hasMin",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls and NaN do not count, infinities do; a column without values is not evaluated. Numbers are compared as numbers, texts by Unicode scalar value, times as instants in UTC.";

/// Bound on the smallest value of a column.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// The bound, in the unit of the column: a number, an ISO 8601 date or timestamp, or a text.
    pub bound: ScalarBound,
}

impl Check for Minimum {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Extremes(Value::column(target.column_name()))]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        match measured {
            [Measured::Extremes(Some((smallest, _)))] => {
                target.judge_scalar(&REQUIREMENT, smallest, &self.bound)
            }
            [Measured::Extremes(None)] => {
                target.failed(&REQUIREMENT, Reason::Undefined, "no row has a value")
            }
            [Measured::Failed(reason, why)] => target.failed(&REQUIREMENT, *reason, why),
            _ => target.something_else(&REQUIREMENT),
        }
    }
}
