//! The largest length of texts must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "maximum-length",
    summary: "The largest length, in Unicode scalar values, of the texts that are not null stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["Soda: aggregate `maxLength`", "Deequ: hasMaxLength"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Nulls do not count; the empty text has length 0; a column without values is not evaluated.";

/// Bound on the largest length of the texts of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaximumLength {
    /// The bound, in Unicode scalar values.
    pub bound: Bound,
}

impl Check for MaximumLength {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Extremes(Value::Length(Box::new(Value::column(
            target.column_name(),
        ))))]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let number = match measured {
            [Measured::Extremes(ends)] => {
                Measured::Number(ends.as_ref().and_then(|(_, largest)| largest.as_number()))
            }
            [other] => other.clone(),
            _ => return Vec::new(),
        };
        target.judge_number(&REQUIREMENT, &number, Unit::Characters, None, self.bound)
    }
}
