//! Ranges must not overlap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::{Evidence, FailingRows};
use crate::measure::{
    Comparison, Condition, Measure, Measured, Order, OrderRule, RowRule, TableFacts, Value,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "range-overlap",
    summary: "Every range starts before it ends, and none starts before the one before it has ended.",
    remedy: "Close the earlier range upstream before the next one starts.",
    references: &["dbt-utils: mutually_exclusive_ranges"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows whose start is null are passed over, as are pairs whose earlier end is null. Ranges are sorted by their start; equal starts overlap unless the first is empty. Times are instants in UTC.";

/// Ranges from one column to another.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RangeOverlap {
    /// The column with the start of the range.
    pub start: String,
    /// The column with its end.
    pub end: String,
    /// What may lie between one range and the next.
    #[serde(default)]
    pub gaps: Gaps,
    /// Whether a range may end where it starts.
    #[serde(default)]
    pub empty_allowed: bool,
    /// Ranges are compared within each combination of these columns.
    #[serde(default)]
    pub within: Vec<String>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// What may lie between one range and the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gaps {
    /// A gap may.
    #[default]
    Allowed,
    /// A gap must: ranges may not even touch.
    Required,
    /// A gap may not: each range starts where the one before ends.
    Forbidden,
}

impl Check for RangeOverlap {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        let [start, end] = [&self.start, &self.end].map(|name| Value::column(name.clone()));
        let backwards = if self.empty_allowed {
            Comparison::Greater
        } else {
            Comparison::GreaterOrEqual
        };
        let rule = match self.gaps {
            Gaps::Allowed => OrderRule::RangesApart {
                end: end.clone(),
                may_touch: true,
            },
            Gaps::Required => OrderRule::RangesApart {
                end: end.clone(),
                may_touch: false,
            },
            Gaps::Forbidden => OrderRule::RangesMeet { end: end.clone() },
        };
        let backwards = Condition::Compare(start.clone(), backwards, end);
        vec![
            Measure::Failing(RowRule {
                eligible: backwards.clone().is_null().negated(),
                fails: backwards,
                shown: Some(self.start.clone()),
            }),
            Measure::Ordered(Order {
                value: start.clone(),
                rule,
                sorted_by: Some(start),
                within: self.within.clone(),
            }),
        ]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let failing = match measured {
            [Measured::Failing(backwards), Measured::Failing(overlapping)] => {
                let mut examples = backwards.examples.clone();
                examples.extend(overlapping.examples.iter().cloned());
                Measured::Failing(FailingRows {
                    count: backwards.count.saturating_add(overlapping.count),
                    eligible: backwards.eligible.max(overlapping.eligible),
                    examples,
                })
            }
            [failed @ Measured::Failed(..), _] | [_, failed @ Measured::Failed(..)] => {
                failed.clone()
            }
            _ => return target.something_else(&REQUIREMENT),
        };
        let wrong = format!(
            "from `{}` to `{}` end before they start or overlap",
            self.start, self.end
        );
        target.judge_failing(&REQUIREMENT, facts, &failing, self.tolerance, &wrong)
    }
}
