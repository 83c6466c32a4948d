//! Texts must hold a letter or a digit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, Measure, Measured, Pattern, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "special-characters",
    summary: "No text is made of special characters only.",
    remedy: "Read placeholders such as `?` or `--` as null.",
    references: &["Deepchecks 0.19 `SpecialCharacters` (fraction below 0.001)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls, empty texts and white space alone are not counted. Letters and digits are those of Unicode, so that no script is special.";

/// Bound on the texts without any letter or digit (Unicode). Empty texts and white space alone are not
/// counted: they are missing values, another requirement.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialCharacters {
    /// How many rows may fail; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// At least one character that is not white space, none that is a letter or a digit.
const PATTERN: &str = r"\A\s*(?:[^\p{L}\p{N}\s]\s*)+\z";

impl Check for SpecialCharacters {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let text = Value::Text(Box::new(Value::Column(target.column_name())));
        failing(target, Condition::Matches(text, Pattern::search(PATTERN)))
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [found] = measured else {
            return target.something_else(&REQUIREMENT);
        };
        target.judge_failing(
            &REQUIREMENT,
            facts,
            found,
            self.tolerance,
            "hold no letter and no digit",
        )
    }
}
