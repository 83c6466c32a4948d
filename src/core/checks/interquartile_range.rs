//! The interquartile range of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Interpolation, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "interquartile-range",
    summary: "The third quartile less the first stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &[
        "Deequ: hasInterquartileRange",
        "DQDL: InterquartileRange",
        "scipy.stats.iqr",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; a NaN or an infinity makes the number undefined, which is not evaluated, as is a column without values. NaN does not count here. Quartiles between two values are found as the parameter says; linearly unless said otherwise.";

/// Bound on the interquartile range of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterquartileRange {
    /// How a quartile between two values is found.
    #[serde(default)]
    pub interpolation: Interpolation,
    /// The bound, in the unit of the column.
    pub bound: Bound,
}

impl Check for InterquartileRange {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        [0.25, 0.75]
            .map(|fraction| {
                let column = Value::column(target.column_name());
                Measure::Quantile(column, fraction, self.interpolation)
            })
            .to_vec()
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let number = match measured {
            [Measured::Number(Some(first)), Measured::Number(Some(third))] => {
                Measured::Number(Some(third - first))
            }
            [failed @ Measured::Failed(..), _] | [_, failed @ Measured::Failed(..)] => {
                failed.clone()
            }
            [Measured::Number(_), Measured::Number(_)] => Measured::Number(None),
            _ => return target.something_else(&REQUIREMENT),
        };
        target.judge_number(&REQUIREMENT, &number, Unit::Number, None, self.bound)
    }
}
