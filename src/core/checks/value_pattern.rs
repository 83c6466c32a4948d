//! Texts must match a regular expression.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Anchor, Condition, Measure, Measured, Pattern, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-pattern",
    summary: "Every text that is not null contains a match of the regular expression.",
    remedy: "Correct the values upstream, or adapt the pattern in the contract.",
    references: &[
        "Open Data Contract Standard 3.1: logicalTypeOptions `pattern` (searched, not anchored)",
        "Great Expectations: expect_column_values_to_match_regex, _match_like_pattern",
        "pandera: str_matches (start), str_contains, str_startswith, str_endswith",
        "Deequ: hasPattern",
        "Frictionless: pattern (whole)",
        "https://docs.rs/regex syntax; https://docs.rs/fancy-regex for look-around and back-references",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met; the empty text is a text like any other. The dialect is that of the `regex` crate, run in linear time over Unicode; a pattern with look-around or back-references is run by `fancy-regex`. Differences to Python: `\\Z` is written `\\z`, possessive quantifiers are not known, and `\\d`, `\\w`, `\\s` mean Unicode.";

/// The regular expression of a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValuePattern {
    /// A regular expression; it may match anywhere unless `anchor` says otherwise.
    pub pattern: String,
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

/// How a pattern is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternSyntax {
    /// A regular expression.
    #[default]
    Regex,
    /// A pattern of SQL's `LIKE`: `%` is any text, `_` any character.
    Like,
}

/// Bytes of a pattern. The regular expressions people write by hand are far shorter.
const PATTERN_BYTES_MAX: usize = 16 * 1024;

/// One condition for each pattern: the target's column matches it.
///
/// # Errors
/// Names the pattern that cannot be run, and says why.
pub(super) fn matching(
    target: &Target,
    patterns: &[String],
    syntax: PatternSyntax,
    anchor: Anchor,
    ignore_case: bool,
) -> Result<Vec<Condition>, String> {
    let matches = |text: &String| {
        let mut pattern = match syntax {
            PatternSyntax::Regex => Pattern {
                expression: text.clone(),
                anchor,
            },
            PatternSyntax::Like => Pattern::like(text),
        };
        if ignore_case {
            pattern.expression = format!("(?i){}", pattern.expression);
        }
        match problem(&pattern) {
            Some(why) => Err(format!("the pattern `{text}` cannot be run: {why}")),
            None => Ok(Condition::Matches(
                Value::column(target.column_name()),
                pattern,
            )),
        }
    };
    patterns.iter().map(matches).collect()
}

/// Why neither engine of regular expressions runs the pattern, if neither does.
fn problem(pattern: &Pattern) -> Option<String> {
    if PATTERN_BYTES_MAX < pattern.expression.len() {
        return Some(format!("it is longer than {PATTERN_BYTES_MAX} bytes"));
    }
    let anchored = pattern.anchored();
    if regex::Regex::new(&anchored).is_ok() {
        return None;
    }
    let error = fancy_regex::Regex::new(&anchored).err()?;
    // The first line says what is wrong; the rest draws the pattern.
    error.to_string().lines().next().map(str::to_owned)
}

impl ValuePattern {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let pattern = std::slice::from_ref(&self.pattern);
        let matches = matching(target, pattern, self.syntax, self.anchor, self.ignore_case)?;
        Ok(failing(target, Condition::All(matches).negated()))
    }
}

impl Check for ValuePattern {
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
        let wrong = format!("do not match `{}`", self.pattern);
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
