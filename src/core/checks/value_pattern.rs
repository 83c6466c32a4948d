//! Texts must match a regular expression.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Requirement, Target, Tolerance, failing};
use crate::evidence::{Evidence, Reason};
use crate::measure::{Measure, Measured, RowPredicate, TableFacts};

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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValuePattern {
    /// A regular expression; it may match anywhere, so anchor it with `^` and `$` where needed.
    pub pattern: String,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ValuePattern {
    fn measures(&self, target: &Target) -> Vec<Measure> {
        if regex::Regex::new(&self.pattern).is_err() {
            return Vec::new();
        }
        failing(RowPredicate::NotMatching(
            target.column_name(),
            self.pattern.clone(),
        ))
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            let why = format!(
                "the pattern `{}` uses syntax this program does not run",
                self.pattern
            );
            return target.failed(&REQUIREMENT, Reason::Unsupported, &why);
        };
        let wrong = format!("do not match `{}`", self.pattern);
        target.judge_failing(&REQUIREMENT, failing, self.tolerance, &wrong)
    }
}
