//! The variance of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "variance",
    summary: "The variance of the values that are not null stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["DQDL: Variance", "Deequ: variance", "numpy.var"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; a NaN or an infinity makes the number undefined, which is not evaluated, as is a column without values. The denominator is the number of values less `ddof`; with no more values than that it is undefined.";

/// Bound on the variance of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variance {
    /// Delta degrees of freedom: 1 for a sample, 0 for a population.
    #[serde(default = "sample")]
    pub ddof: u8,
    /// The bound, in the unit of the column.
    pub bound: Bound,
}

fn sample() -> u8 {
    1
}

impl Check for Variance {
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
            |moments| moments.variance(self.ddof),
            self.bound,
        )
    }
}
