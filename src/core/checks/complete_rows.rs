//! Several columns must be filled, all of them or at least one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, Measure, Measured, RowRule, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "complete-rows",
    summary: "Every row has a value in all, or in any, of the columns.",
    remedy: "Fill the missing values upstream, or relax the rule in the contract.",
    references: &["Deequ: areComplete, haveCompleteness, areAnyComplete, haveAnyCompleteness"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Null is what is null when read as the contract says; an empty text is a value. All rows are eligible; empty data is met.";

/// The completeness of several columns.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteRows {
    /// The columns.
    pub columns: Vec<String>,
    /// Whether all of them must be filled, or one is enough.
    #[serde(default)]
    pub filled: Filled,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// How many of several columns must be filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Filled {
    /// Every one.
    #[default]
    All,
    /// At least one.
    Any,
}

impl Check for CompleteRows {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        let missing = |column: &String| Condition::IsNull(Value::column(column.clone()));
        let missing = self.columns.iter().map(missing).collect();
        vec![Measure::Failing(RowRule {
            fails: match self.filled {
                Filled::All => Condition::Any(missing),
                Filled::Any => Condition::All(missing),
            },
            eligible: Condition::Constant(true),
            shown: None,
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let columns = self.columns.join("`, `");
        let wrong = match self.filled {
            Filled::All => format!("lack a value in one of `{columns}`"),
            Filled::Any => format!("lack a value in all of `{columns}`"),
        };
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
