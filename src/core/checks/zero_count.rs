//! The number of zeros must stay within its bound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "zero-count",
    summary: "The number of values that are 0 stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["Deequ: hasZerosCount", "DQDL: ZerosCount"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Nulls and NaN are no zeros; minus zero is one; empty data has none.";

/// Bound on the zeros of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZeroCount {
    /// The bound on the number of rows.
    pub bound: Bound,
}

impl Check for ZeroCount {
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
        let number = match measured {
            [Measured::Moments(moments)] => Measured::Count(moments.zeros),
            [other] => other.clone(),
            _ => return Vec::new(),
        };
        target.judge_number(&REQUIREMENT, &number, Unit::Rows, None, self.bound)
    }
}
