//! The skewness of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence};
use crate::measure::{Measure, Measured, Moments, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "skewness",
    summary: "The skewness of the values that are not null stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["scipy.stats.skew(bias=True)", "Deequ: hasSkewness"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; a NaN or an infinity makes the number undefined, which is not evaluated, as is a column without values. It is m3 / m2^1.5 of the values, without correction for bias; when all values are equal it is undefined.";

/// Bound on the skewness of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skewness {
    /// The bound, in the unit of the column.
    pub bound: Bound,
}

impl Check for Skewness {
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
        target.judge_moments(&REQUIREMENT, moments, Moments::skewness, self.bound)
    }
}
