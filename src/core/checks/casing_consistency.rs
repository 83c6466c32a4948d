//! The same word must be written in one casing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Grouping, Measure, Measured, NullKeys, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "casing-consistency",
    summary: "No two values differ in upper and lower case only.",
    remedy: "Agree on one spelling upstream, and normalise the others.",
    references: &[
        "dbt-expectations: expect_column_values_to_have_consistent_casing",
        "Deepchecks: string_mismatch",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met. Lower case is that of Unicode, without regard to language. What is counted is the spellings beyond the first of each word, not rows.";

/// The spellings of a column.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CasingConsistency {
    /// How many spellings more than words there may be; none when absent.
    #[serde(default)]
    pub spellings: Option<Bound>,
}

impl Check for CasingConsistency {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = Value::column(target.column_name());
        let groups = |part: Value| {
            Measure::Groups(Grouping {
                key: vec![part],
                nulls: NullKeys::SkipAny,
                shows_first: false,
            })
        };
        vec![
            groups(column.clone()),
            groups(Value::Lower(Box::new(column))),
        ]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let number = match measured {
            [Measured::Groups(spellings), Measured::Groups(words)] => {
                Measured::Count(spellings.distinct.saturating_sub(words.distinct))
            }
            [failed @ Measured::Failed(..), _] | [_, failed @ Measured::Failed(..)] => {
                failed.clone()
            }
            _ => return target.something_else(&REQUIREMENT),
        };
        let bound = self.spellings.unwrap_or(Bound::AtMost(0.0));
        target.judge_number(&REQUIREMENT, &number, Unit::Count, None, bound)
    }
}
