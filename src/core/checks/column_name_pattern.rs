//! The names of columns must match a pattern.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value_pattern::{PatternSyntax, matching};
use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Anchor, Condition, Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "column-name-pattern",
    summary: "The name of every column matches the regular expression.",
    remedy: "Rename the columns upstream, or adapt the pattern in the contract.",
    references: &["DQDL: ColumnNamesMatchPattern"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Names are matched as the values of `value-pattern` are. Needs no data.";

/// The names of the columns.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnNamePattern {
    /// The pattern.
    pub pattern: String,
    /// How it is written.
    #[serde(default)]
    pub syntax: PatternSyntax,
    /// Where a match must lie; the whole name unless said otherwise.
    #[serde(default = "whole")]
    pub anchor: Anchor,
    /// Whether upper and lower case are the same.
    #[serde(default)]
    pub ignore_case: bool,
}

fn whole() -> Anchor {
    Anchor::Whole
}

impl Check for ColumnNamePattern {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        let pattern = std::slice::from_ref(&self.pattern);
        matching(target, pattern, self.syntax, self.anchor, self.ignore_case).err()
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        Vec::new()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, _: &[Measured]) -> Vec<Evidence> {
        let pattern = std::slice::from_ref(&self.pattern);
        let matches = match matching(target, pattern, self.syntax, self.anchor, self.ignore_case) {
            Ok(matches) => matches,
            Err(why) => return target.unsupported(&REQUIREMENT, &why),
        };
        let runs = matches.iter().filter_map(|condition| match condition {
            Condition::Matches(_, pattern) => fancy_regex::Regex::new(&pattern.anchored()).ok(),
            _ => None,
        });
        let runs: Vec<fancy_regex::Regex> = runs.collect();
        let differs = |name: &&str| !runs.iter().all(|run| run.is_match(name).unwrap_or(false));
        let names = facts.columns.iter().map(|column| column.name.as_str());
        let wrong: Vec<String> = names
            .filter(differs)
            .map(|name| format!("`{name}`"))
            .collect();
        let message = if wrong.is_empty() {
            format!(
                "the names of all columns of {} match `{}`",
                target.subject(),
                self.pattern
            )
        } else {
            let listed = wrong.join(", ");
            format!(
                "columns of {} do not match `{}`: {listed}",
                target.subject(),
                self.pattern
            )
        };
        target.verdict(&REQUIREMENT, wrong.is_empty(), message)
    }
}
