//! The mean length of texts must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "mean-length",
    summary: "The mean length, in Unicode scalar values, of the texts that are not null stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["Soda: aggregate `avgLength`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Nulls do not count; the empty text has length 0; a column without values is not evaluated.";

/// Bound on the mean length of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanLength {
    /// The bound, in the unit of the column.
    pub bound: Bound,
}

impl Check for MeanLength {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Moments(Value::Length(Box::new(Value::column(
            target.column_name(),
        ))))]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [moments] = measured else {
            return Vec::new();
        };
        target.judge_moments(
            &REQUIREMENT,
            moments,
            |moments| Some(moments.mean),
            self.bound,
        )
    }
}
