//! Few values may lie far outside the middle half.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::{Bound, Evidence, Reason};
use crate::measure::{
    Comparison, Condition, Measure, Measured, Operator, Statistic, TableFacts, Value,
};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "outliers",
    summary: "Few values lie far outside the middle half of the column.",
    remedy: "Look at the extreme values: wrong units, placeholders such as 999, sums among single values.",
    references: &["Tukey 1977, Exploratory data analysis"],
};

/// Bound on the values further than `fences` interquartile ranges below the first or above the third
/// quartile (linear interpolation). Where the quartiles are equal, every other value is outside.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outliers {
    /// Interquartile ranges; 3 by default, Tukey's "far out".
    #[serde(default = "far_out")]
    pub fences: f64,
    /// How many rows may be outside; a fraction of 0.01 by default.
    #[serde(default = "few")]
    pub tolerance: Tolerance,
}

fn far_out() -> f64 {
    3.0
}

fn few() -> Tolerance {
    Tolerance {
        fraction: Some(Bound::AtMost(0.01)),
        ..Tolerance::none()
    }
}

impl Check for Outliers {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        if !(0.0 <= self.fences && self.fences.is_finite()) {
            return Vec::new();
        }
        let value = Value::Column(target.column_name());
        let quartile =
            |fraction| Value::Statistic(Statistic::Quantile(fraction), Box::new(value.clone()));
        let arithmetic =
            |left, operator, right| Value::Arithmetic(Box::new(left), operator, Box::new(right));
        let range = arithmetic(quartile(0.75), Operator::Subtract, quartile(0.25));
        let reach = arithmetic(Value::number(self.fences), Operator::Multiply, range);
        let lower = arithmetic(quartile(0.25), Operator::Subtract, reach.clone());
        let upper = arithmetic(quartile(0.75), Operator::Add, reach);
        let below = Condition::Compare(value.clone(), Comparison::Less, lower);
        let above = Condition::Compare(value.clone(), Comparison::Greater, upper);
        failing(target, Condition::Any(vec![below, above]))
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [found] = measured else {
            return target.failed(
                &REQUIREMENT,
                Reason::Unsupported,
                "`fences` is not a number of at least 0",
            );
        };
        let wrong = format!(
            "are more than {} interquartile ranges outside the quartiles",
            self.fences
        );
        target.judge_failing(&REQUIREMENT, facts, found, self.tolerance, &wrong)
    }
}
