//! The correlation of two columns must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "correlation",
    summary: "Pearson's correlation of the two columns stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &[
        "Deequ: hasCorrelation",
        "DQDL: ColumnCorrelation",
        "scipy.stats.pearsonr",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Over the rows in which both are finite numbers; when either is constant there, or there are fewer than two, it is not evaluated.";

/// Bound on the correlation of two columns.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    /// The other column.
    pub other: String,
    /// The bound, in [-1, 1].
    pub bound: Bound,
}

impl Check for Correlation {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let [one, other] = [target.column_name(), self.other.clone()].map(Value::Column);
        vec![Measure::Comoments(one, other)]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let number = match measured {
            [Measured::Comoments(comoments)] => Measured::Number(comoments.correlation()),
            [other] => other.clone(),
            _ => return Vec::new(),
        };
        if number == Measured::Number(None) {
            let why = "one of the two columns does not vary";
            return target.failed(&REQUIREMENT, Reason::Undefined, why);
        }
        target.judge_number(&REQUIREMENT, &number, Unit::Number, None, self.bound)
    }
}
