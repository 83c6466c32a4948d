//! The sum of several columns must stay within its bound in every row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, NullRows, Requirement, Target, Tolerance, demanded_of, parameters_of};
use crate::evidence::{Bound, Evidence};
use crate::measure::{
    Comparison, Condition, Measure, Measured, Operator, Scalar, TableFacts, Value,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "row-sum",
    summary: "In every row the sum of the columns stays within its bound.",
    remedy: "Correct the rows upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_multicolumn_sum_to_equal",
        "dbt-expectations: the same",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Whole numbers are added exactly unless they overflow; fractions in the order of the columns, in floating point. A null makes the sum null, unless it counts as 0; NaN is within no bound. Empty data is met.";

/// The sums of the rows of a dataset.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowSum {
    /// The columns.
    pub columns: Vec<String>,
    /// The bound on the sum of each row.
    pub bound: Bound,
    /// Whether a null counts as 0, as pandas has it.
    #[serde(default)]
    pub null_is_zero: bool,
    /// What a null in the columns means.
    #[serde(default)]
    pub nulls: NullRows,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// What a bound demands of a value of each row.
pub(super) fn within(value: &Value, bound: Bound) -> Condition {
    let is = |comparison, threshold: f64| {
        Condition::Compare(value.clone(), comparison, Value::number(threshold))
    };
    match bound {
        Bound::AtLeast(threshold) => is(Comparison::GreaterOrEqual, threshold),
        Bound::AtMost(threshold) => is(Comparison::LessOrEqual, threshold),
        Bound::MoreThan(threshold) => is(Comparison::Greater, threshold),
        Bound::LessThan(threshold) => is(Comparison::Less, threshold),
        Bound::Exactly(threshold) => is(Comparison::Equal, threshold),
        Bound::Not(threshold) => is(Comparison::NotEqual, threshold),
        Bound::Between(lower, upper) => Condition::All(vec![
            is(Comparison::GreaterOrEqual, lower),
            is(Comparison::LessOrEqual, upper),
        ]),
        Bound::Outside(lower, upper) => Condition::Any(vec![
            is(Comparison::Less, lower),
            is(Comparison::Greater, upper),
        ]),
    }
}

impl RowSum {
    fn plan(&self) -> Result<Vec<Measure>, String> {
        let (lower, upper) = self.bound.thresholds();
        if !lower.is_finite() || upper.is_some_and(|upper| !upper.is_finite()) {
            return Err(format!("the bound `{}` is not finite", self.bound));
        }
        let part = |column: &String| {
            let column = Value::column(column.clone());
            if self.null_is_zero {
                Value::Coalesce(vec![column, Value::Literal(Scalar::Integer(0))])
            } else {
                column
            }
        };
        let sum =
            self.columns.iter().map(part).reduce(|sum, part| {
                Value::Arithmetic(Box::new(sum), Operator::Add, Box::new(part))
            });
        let Some(sum) = sum else {
            return Err("there are no columns to add up".to_owned());
        };
        Ok(vec![demanded_of(
            &self.columns,
            within(&sum, self.bound),
            self.nulls,
        )])
    }
}

impl Check for RowSum {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, _target: &Target) -> Option<String> {
        self.plan().err()
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        self.plan().unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan() {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!(
            "have a sum of `{}` that is not {}",
            self.columns.join("`, `"),
            self.bound
        );
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
