//! A quantile of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Reason, Unit};
use crate::measure::{Interpolation, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "quantile",
    summary: "A quantile of the values that are not null, linearly interpolated unless said otherwise, stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["numpy.quantile(method=\"linear\"); Hyndman and Fan 1996, type 7"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls and NaN do not count; a column without values is not evaluated. Between two values it is interpolated linearly (type 7) unless said otherwise; decimals are converted to floating point. With `approximate` it is met when every number between the two ends satisfies the bound, not met when none does, and not evaluated otherwise.";

/// Bound on a quantile of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quantile {
    /// Which quantile, in [0, 1]: 0.5 is the median.
    pub fraction: f64,
    /// How a quantile between two values is found.
    #[serde(default)]
    pub interpolation: Interpolation,
    /// Whether it is enough to know between which two numbers the quantile lies: certain whatever the
    /// data, apart by at most 1/256 of the value, in a few megabytes of memory. Exact by default.
    #[serde(default)]
    pub approximate: bool,
    /// The bound, in the unit of the column.
    pub bound: Bound,
}

impl Check for Quantile {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        if !(0.0..=1.0).contains(&self.fraction) {
            return Vec::new();
        }
        let column = Value::column(target.column_name());
        vec![match self.approximate {
            true => Measure::ApproximateQuantile(column, self.fraction),
            false => Measure::Quantile(column, self.fraction, self.interpolation),
        }]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [quantile] = measured else {
            let why = format!("the fraction {} is not between 0 and 1", self.fraction);
            return target.failed(&REQUIREMENT, Reason::Unsupported, &why);
        };
        let rows = Some(facts.row_count);
        let mut evidence = match quantile {
            Measured::Between(Some(ends)) => {
                target.judge_between(&REQUIREMENT, *ends, rows, self.bound)
            }
            Measured::Between(None) => {
                target.failed(&REQUIREMENT, Reason::Undefined, "no row has a value")
            }
            exact => target.judge_number(&REQUIREMENT, exact, Unit::Number, rows, self.bound),
        };
        for record in &mut evidence {
            record.message =
                record
                    .message
                    .replacen("quantile", &format!("quantile {}", self.fraction), 1);
        }
        evidence
    }
}
