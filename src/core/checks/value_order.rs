//! Values must rise or fall from row to row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, Order, OrderRule, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-order",
    summary: "From row to row the value goes the demanded way.",
    remedy: "Sort the data upstream, or remove the rule when the order means nothing.",
    references: &[
        "Great Expectations: expect_column_values_to_be_increasing, _be_decreasing",
        "dbt-expectations: the same",
        "pandera: is_monotonic",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows whose value is null are passed over; empty data and a single row are met. NaN is out of every order. Texts are ordered by Unicode scalar value. A row fails when it does not follow the row before it.";

/// The order of a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueOrder {
    /// Which way.
    #[serde(default)]
    pub direction: Direction,
    /// Whether equal neighbours are out of order.
    #[serde(default)]
    pub strictly: bool,
    /// Rows are first sorted by this column; file order when absent.
    #[serde(default)]
    pub sorted_by: Option<String>,
    /// The order is kept within each combination of these columns.
    #[serde(default)]
    pub within: Vec<String>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// Which way values go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Up.
    #[default]
    Increasing,
    /// Down.
    Decreasing,
}

impl Check for ValueOrder {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let strictly = self.strictly;
        vec![Measure::Ordered(Order {
            value: Value::column(target.column_name()),
            rule: match self.direction {
                Direction::Increasing => OrderRule::Increasing { strictly },
                Direction::Decreasing => OrderRule::Decreasing { strictly },
            },
            sorted_by: self.sorted_by.clone().map(Value::Column),
            within: self.within.clone(),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = match (self.direction, self.strictly) {
            (Direction::Increasing, true) => "are not larger than the one before",
            (Direction::Increasing, false) => "are smaller than the one before",
            (Direction::Decreasing, true) => "are not smaller than the one before",
            (Direction::Decreasing, false) => "are larger than the one before",
        };
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, wrong)
    }
}
