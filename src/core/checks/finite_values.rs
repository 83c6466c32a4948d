//! Numbers must be finite.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Comparison, Condition, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "finite-values",
    summary: "No number is NaN or infinite, but for those allowed.",
    remedy: "Find the division by zero or the overflow upstream, or write null for what is unknown.",
    references: &["TensorFlow Data Validation: float_domain `disallow_nan`, `disallow_inf`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Nulls are not looked at; whole numbers are always finite; empty data is met.";

/// Numbers that are none.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FiniteValues {
    /// Whether NaN is accepted.
    #[serde(default)]
    pub nan_allowed: bool,
    /// Whether infinities are accepted.
    #[serde(default)]
    pub infinite_allowed: bool,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for FiniteValues {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = Value::column(target.column_name());
        let infinite = Condition::Compare(
            Value::Absolute(Box::new(column.clone())),
            Comparison::Greater,
            Value::number(f64::MAX),
        );
        let nan = (!self.nan_allowed).then(|| Condition::IsNan(column));
        let infinite = (!self.infinite_allowed).then_some(infinite);
        failing(
            target,
            Condition::Any(nan.into_iter().chain(infinite).collect()),
        )
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = match (self.nan_allowed, self.infinite_allowed) {
            (false, false) => "are not finite",
            (false, true) => "are NaN",
            (true, false) => "are infinite",
            (true, true) => "are anything",
        };
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, wrong)
    }
}
