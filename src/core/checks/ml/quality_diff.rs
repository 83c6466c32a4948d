//! What has become of the data since another run: the base branch beside the head, yesterday beside
//! today. Pure: two reports, or two sets of profiles, in; evidence out.
//!
//! How a report looks beside an earlier one is shown by `report` (`--baseline`); here changes are
//! requirements of their own, which can warn, block and be waived: a column that is gone, a row count
//! that fell, a bound that was loosened so that the verdict holds. [`profiles`] is what `data diff` says of
//! two datasets, [`reports`] what `data validate --baseline` says of two reports.

mod bounds;
mod profiles;
mod reports;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Requirement, Severity};

pub use profiles::{Profile, profiles};
pub use reports::{Since, reports};

const QUALITY_REGRESSION: &str = "quality-regression";
const SCHEMA_CHANGE: &str = "schema-change";
const VOLUME_CHANGE: &str = "volume-change";
const DISTRIBUTION_CHANGE: &str = "distribution-change";
const LOOSENED_RULE: &str = "loosened-rule";
const CONTRACT_CHANGE: &str = "contract-change";
/// Rows that came, went or changed, told apart by a key.
pub const ROW_CHANGE: &str = "row-change";

/// Every requirement on changes.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: QUALITY_REGRESSION,
        summary: "What was met before is met now with room left, and no null fraction has grown by more than the bound.",
        remedy: "Look at what the change did to the data; mend it, or say why in the pull request.",
        references: &[],
    },
    Requirement {
        id: SCHEMA_CHANGE,
        summary: "No column is gone or has another type; new columns are recorded.",
        remedy: "Bring the column back, or change those who read it first.",
        references: &[],
    },
    Requirement {
        id: VOLUME_CHANGE,
        summary: "The number of rows changed by no more than the bound.",
        remedy: "Find out which rows are gone or came twice.",
        references: &[],
    },
    Requirement {
        id: DISTRIBUTION_CHANGE,
        summary: "No category came or went, and no quantile moved by more than the bound.",
        remedy: "Look at the distribution of the column before and after.",
        references: &[],
    },
    Requirement {
        id: ROW_CHANGE,
        summary: "No row was added, removed or changed, by the columns that identify a row.",
        remedy: "Look at the rows of both datasets by their key.",
        references: &[],
    },
    Requirement {
        id: LOOSENED_RULE,
        summary: "No rule is gone, asks for less or weighs less than before.",
        remedy: "Tighten the rule again, or have the change of the contract approved for itself.",
        references: &[],
    },
    Requirement {
        id: CONTRACT_CHANGE,
        summary: "The contract is the one the baseline was judged by.",
        remedy: "Read what has changed in it; `proofmark data compatibility BEFORE AFTER` says what each change demands of readers and writers.",
        references: &[],
    },
];

/// What may change, and how much each change matters.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QualityDiffSpec {
    /// Largest relative change of the number of rows, as a fraction of before.
    pub rows_change_max: f64,
    /// Largest growth of a null fraction.
    pub null_fraction_growth_max: f64,
    /// Largest move of the quantiles 0.05, 0.25, 0.5, 0.75 and 0.95, as a fraction of the range between
    /// the first and the last of them before.
    pub quantile_shift_max: f64,
    /// Largest share of the room a rule had before it would not be met any more that its value may use up.
    pub room_lost_max: f64,
    /// How much a change of data or of its schema matters.
    pub severity: Severity,
    /// How much a loosened rule and another contract matter.
    pub loosened: Severity,
}

impl Default for QualityDiffSpec {
    fn default() -> Self {
        Self {
            rows_change_max: 0.1,
            null_fraction_growth_max: 0.01,
            quantile_shift_max: 0.1,
            room_lost_max: 0.5,
            severity: Severity::Warning,
            loosened: Severity::Warning,
        }
    }
}

impl QualityDiffSpec {
    /// Everything wrong with the section that can be known without data: the key and a sentence.
    #[must_use]
    pub fn check(&self) -> Vec<(String, String)> {
        let numbers = [
            ("rows_change_max", self.rows_change_max),
            ("null_fraction_growth_max", self.null_fraction_growth_max),
            ("quantile_shift_max", self.quantile_shift_max),
            ("room_lost_max", self.room_lost_max),
        ];
        let wrong = numbers
            .into_iter()
            .filter(|(_, value)| !(value.is_finite() && 0.0 <= *value))
            .map(|(key, value)| {
                (
                    key,
                    format!("`{key}` is {value}, must be a number of at least 0"),
                )
            });
        let severities = [("severity", self.severity), ("loosened", self.loosened)];
        let kept = severities
            .into_iter()
            .filter(|(_, severity)| *severity == Severity::Integrity)
            .map(|(key, _)| {
                let message =
                    "severity `integrity` is kept for signatures and digests; use `error`";
                (key, message.to_owned())
            });
        wrong
            .chain(kept)
            .map(|(key, message)| (key.to_owned(), message))
            .collect()
    }
}

#[cfg(test)]
mod tests;
