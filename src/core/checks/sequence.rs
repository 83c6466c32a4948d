//! Values must follow one another in equal steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, Order, OrderRule, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "sequence",
    summary: "Every value is exactly one step after the one before it.",
    remedy: "Find the missing or repeated rows upstream.",
    references: &[
        "dbt-utils: sequential_values (rows sorted by the column itself)",
        "Frictionless: sequential-value (file order)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows whose value is null are passed over; empty data and a single row are met. NaN is out of every order. Texts are ordered by Unicode scalar value. The step is a number, or seconds between dates and timestamps; calendar months have no fixed length and are not a step.";

/// The step of a column.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// The step: 1 for running numbers; in seconds for times.
    #[serde(default = "one")]
    pub step: f64,
    /// Rows are first sorted by this column; file order when absent. Name the column itself for a set
    /// of values.
    #[serde(default)]
    pub sorted_by: Option<String>,
    /// The order is kept within each combination of these columns.
    #[serde(default)]
    pub within: Vec<String>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

fn one() -> f64 {
    1.0
}

impl Sequence {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        if !self.step.is_finite() {
            return Err(format!("the step {} is not a number", self.step));
        }
        Ok(vec![Measure::Ordered(Order {
            value: Value::column(target.column_name()),
            rule: OrderRule::Step(self.step),
            sorted_by: self.sorted_by.clone().map(Value::Column),
            within: self.within.clone(),
        })])
    }
}

impl Check for Sequence {
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
        let wrong = format!("are not {} after the one before", self.step);
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
