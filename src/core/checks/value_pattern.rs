//! Texts must match a regular expression.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::{Evidence, Reason};
use crate::measure::{Condition, Measure, Measured, Pattern, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-pattern",
    summary: "Every text that is not null contains a match of the regular expression.",
    remedy: "Correct the values upstream, or adapt the pattern in the contract.",
    references: &[
        "Open Data Contract Standard 3.1: logicalTypeOptions `pattern` (searched, not anchored)",
        "https://docs.rs/regex syntax: linear time, no look-around, no back-references",
    ],
};

/// The regular expression of a column.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValuePattern {
    /// A regular expression; it may match anywhere, so anchor it with `^` and `$` where needed.
    pub pattern: String,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ValuePattern {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        if regex::Regex::new(&self.pattern).is_err() {
            return Vec::new();
        }
        let pattern = Pattern::search(self.pattern.clone());
        let matches = Condition::Matches(Value::column(target.column_name()), pattern);
        failing(target, matches.negated())
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            let why = format!(
                "the pattern `{}` uses syntax this program does not run",
                self.pattern
            );
            return target.failed(&REQUIREMENT, Reason::Unsupported, &why);
        };
        let wrong = format!("do not match `{}`", self.pattern);
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
