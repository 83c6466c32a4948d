//! A condition must hold for each row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, NullCondition, Requirement, Target, Tolerance, demanded, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, TableFacts, sql};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "row-condition",
    summary: "The condition, an SQL expression, is true for every row it speaks of.",
    remedy: "Correct the rows upstream, or adapt the rule in the contract.",
    references: &[
        "dbt-utils: expression_is_true",
        "dbt-expectations: expression_is_true, expression_between",
        "Soda: failed_rows `expression`",
        "Deequ: satisfies",
        "Frictionless: row-constraint",
        "Great Expectations: UnexpectedRowsExpectation",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The expression is SQL of the common ground of DuckDB, Spark and PostgreSQL, with three-valued logic; names of columns are case-sensitive; texts are compared by Unicode scalar value; a text beside a number or a date is read as one; division is floating-point, and by zero null; times are in UTC; the clock is not known. What a null result means is a parameter; empty data is met.";

/// The condition of a dataset.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowCondition {
    /// The condition: `amount >= 0 and status in ('paid', 'open')`.
    pub condition: String,
    /// What it means when the condition is null.
    #[serde(default)]
    pub nulls: NullCondition,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// Reads a parameter that is an SQL expression.
pub(super) fn expression<T>(
    text: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    read(text).map_err(|why| format!("the expression `{text}` {why}"))
}

impl RowCondition {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let condition = expression(&self.condition, sql::condition)?;
        Ok(vec![demanded(condition, self.nulls, target.column.clone())])
    }
}

impl Check for RowCondition {
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
        let wrong = format!("do not have `{}`", self.condition);
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
