//! A column of text must not hold a few numbers among words, or a few words among numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::failure;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Condition, LogicalType, Measure, Measured, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "mixed-types",
    summary: "The values of a column are numbers, or are not, but not mostly the one and rarely the other.",
    remedy: "Look for placeholders such as `unknown` among numbers, or shifted columns, and correct them upstream.",
    references: &["Deepchecks 0.19 `MixedDataTypes` (rare type between 0.01 and 0.1)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Values are looked at as they stand in the file; null does not count. A number is what reads as one, also in a column of texts. A share of exactly `rare_min` or `rare_max` is accepted; a column without values is not evaluated.";

/// Bound on the share of the rarer of numbers and other texts among the values that are not null. Above
/// `rare_max` the column is a mixture on purpose; a share of 0 is always met.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MixedTypes {
    /// Shares up to this are accepted; 0 by default.
    #[serde(default)]
    pub rare_min: f64,
    /// Shares from this on are accepted; 0.1 by default.
    #[serde(default = "a_tenth")]
    pub rare_max: f64,
}

fn a_tenth() -> f64 {
    0.1
}

impl Check for MixedTypes {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = target.column_name();
        let present = Condition::IsNull(Value::Raw(column.clone())).negated();
        vec![
            Measure::Count(present),
            Measure::Count(Condition::ReadsAs(column, LogicalType::Number)),
        ]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Some((reason, why)) = failure(measured) {
            return target.failed(&REQUIREMENT, reason, why);
        }
        let [Measured::Count(present), Measured::Count(numbers)] = measured else {
            return target.something_else(&REQUIREMENT);
        };
        if *present == 0 {
            return target.failed(&REQUIREMENT, Reason::Undefined, "no row has a value");
        }
        let others = present.saturating_sub(*numbers);
        let rare = others.min(*numbers);
        let share = rare as f64 / *present as f64;
        let quantity = Quantity::new(share, Unit::Fraction).of(*present);
        // Of the two ways to be fine, the nearer one is what is required.
        let bound = if share <= self.rare_min {
            Bound::AtMost(self.rare_min)
        } else {
            Bound::AtLeast(self.rare_max)
        };
        let what = if *numbers <= others {
            "numbers"
        } else {
            "no numbers"
        };
        let message = format!(
            "{}: {rare} of {present} values are {what}, a fraction of {share:.4}, required at most {} or at least {}",
            target.subject(),
            self.rare_min,
            self.rare_max
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                bound.judge(&quantity),
                message,
            )
            .measured(quantity, bound),
        )
    }
}
