//! Texts must match some or all of several patterns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value_pattern::{PatternSyntax, matching};
use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Anchor, Condition, Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-patterns",
    summary: "Every text that is not null matches any, or all, of the patterns.",
    remedy: "Correct the values upstream, or adapt the patterns in the contract.",
    references: &[
        "Great Expectations: expect_column_values_to_match_regex_list, _match_like_pattern_list",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met; the empty text is a text like any other. The dialect is that of the `regex` crate, run in linear time over Unicode; a pattern with look-around or back-references is run by `fancy-regex`. Differences to Python: `\\Z` is written `\\z`, possessive quantifiers are not known, and `\\d`, `\\w`, `\\s` mean Unicode.";

/// The patterns of a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValuePatterns {
    /// The patterns.
    pub patterns: Vec<String>,
    /// Whether one match is enough.
    #[serde(default)]
    pub needed: Needed,
    /// How the patterns are written.
    #[serde(default)]
    pub syntax: PatternSyntax,
    /// Where a match must lie; a pattern of SQL always speaks of the whole text.
    #[serde(default)]
    pub anchor: Anchor,
    /// Whether upper and lower case are the same.
    #[serde(default)]
    pub ignore_case: bool,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// How many patterns must match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Needed {
    /// At least one.
    #[default]
    Any,
    /// Every one.
    All,
}

impl ValuePatterns {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let matches = matching(
            target,
            &self.patterns,
            self.syntax,
            self.anchor,
            self.ignore_case,
        )?;
        let holds = match self.needed {
            Needed::Any => Condition::Any(matches),
            Needed::All => Condition::All(matches),
        };
        Ok(failing(target, holds.negated()))
    }
}

impl Check for ValuePatterns {
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
        let which = match self.needed {
            Needed::Any => "any",
            Needed::All => "all",
        };
        let wrong = format!("do not match {which} of `{}`", self.patterns.join("`, `"));
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
