//! Nothing may be missing for long in a series of times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, Order, OrderRule, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "time-gap",
    summary: "No value comes later after the one before it than allowed, in the order of the values.",
    remedy: "Find out what was not recorded in the gap, and deliver it.",
    references: &[
        "dbt-expectations: expect_row_values_to_have_data_for_every_n_datepart (see also `period-coverage`)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows whose value is null are passed over; empty data and a single row are met. NaN is out of every order. Texts are ordered by Unicode scalar value. Times are compared as instants in UTC. The time before the first and after the last value is no gap.";

/// The longest gap in a column of times.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeGap {
    /// The longest gap, in seconds; in the unit of the column for numbers.
    pub seconds_max: f64,
    /// The order is kept within each combination of these columns.
    #[serde(default)]
    pub within: Vec<String>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl TimeGap {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        if !(0.0 <= self.seconds_max && self.seconds_max.is_finite()) {
            return Err(format!(
                "the gap {} is not a number of seconds",
                self.seconds_max
            ));
        }
        let column = Value::column(target.column_name());
        Ok(vec![Measure::Ordered(Order {
            value: column.clone(),
            rule: OrderRule::GapAtMost(self.seconds_max),
            sorted_by: Some(column),
            within: self.within.clone(),
        })])
    }
}

impl Check for TimeGap {
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
        let wrong = format!(
            "come more than {} seconds after the one before",
            self.seconds_max
        );
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
