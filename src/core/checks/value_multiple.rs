//! Numbers must be multiples of a step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{
    Comparison, Condition, Measure, Measured, Operator, Scalar, TableFacts, Value,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-multiple",
    summary: "Every number that is not null is a whole multiple of the step.",
    remedy: "Correct the values upstream, or adapt the rule in the contract.",
    references: &[
        "Open Data Contract Standard 3.1: logicalTypeOptions `multipleOf`",
        "JSON Schema 2020-12 validation, section 6.2.1",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met. Whole numbers and steps are divided exactly. Fractions are compared within a billionth of the step, because 0.3 is no multiple of 0.1 in binary. NaN and infinities are no multiples.";

/// The step of a column of numbers.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueMultiple {
    /// The step, larger than 0.
    pub step: f64,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// How far from a multiple a number with a fraction may lie, in steps.
const STEPS_OFF_MAX: f64 = 1e-9;

/// The largest whole number up to which every one is a double.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

impl ValueMultiple {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        if !(self.step.is_finite() && 0.0 < self.step) {
            return Err(format!(
                "the step {} is not a number larger than 0",
                self.step
            ));
        }
        let exact = self.step.fract() == 0.0 && self.step <= EXACT_MAX;
        let step = if exact {
            Scalar::Integer(self.step as i64)
        } else {
            Scalar::Number(self.step)
        };
        let column = Value::Absolute(Box::new(Value::column(target.column_name())));
        let rest = Value::Arithmetic(
            Box::new(column),
            Operator::Remainder,
            Box::new(Value::Literal(step)),
        );
        let is = |comparison, threshold| {
            Condition::Compare(rest.clone(), comparison, Value::number(threshold))
        };
        let multiple = if exact {
            is(Comparison::Equal, 0.0)
        } else {
            let off = STEPS_OFF_MAX * self.step;
            Condition::Any(vec![
                is(Comparison::LessOrEqual, off),
                is(Comparison::GreaterOrEqual, self.step - off),
            ])
        };
        // The remainder of an infinity is NaN or null; neither is a multiple.
        Ok(failing(target, multiple.is_true().negated()))
    }
}

impl Check for ValueMultiple {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        self.plan(target).err()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.plan(target).unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!("are no multiple of {}", self.step);
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
