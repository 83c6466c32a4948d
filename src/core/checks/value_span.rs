//! The span of a column, from its smallest to its largest value, must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-span",
    summary: "The largest value less the smallest stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["Deequ: hasRange", "DQDL: Range"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls and NaN do not count, infinities do; a column without values is not evaluated. Numbers are compared as numbers, texts by Unicode scalar value, times as instants in UTC. The span of times is in seconds; texts have none.";

/// Bound on the span of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueSpan {
    /// The bound, in the unit of the column; in seconds for times.
    pub bound: Bound,
}

impl Check for ValueSpan {
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
        let number = match measured {
            [Measured::Extremes(Some((smallest, largest)))] => {
                match (smallest.as_number(), largest.as_number()) {
                    (Some(smallest), Some(largest)) => Measured::Number(Some(largest - smallest)),
                    _ => return target.unsupported(&REQUIREMENT, "the column holds no numbers"),
                }
            }
            [Measured::Extremes(None)] => Measured::Number(None),
            [other] => other.clone(),
            _ => return Vec::new(),
        };
        target.judge_number(&REQUIREMENT, &number, Unit::Number, None, self.bound)
    }
}
