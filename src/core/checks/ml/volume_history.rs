//! Rows, and nulls of a column, must be as many as they were before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::failure;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "volume-history",
    summary: "The number of rows, or the null fraction of a column, is in line with earlier runs.",
    remedy: "Find out which deliveries are missing or came twice; accept the change by letting it into the history.",
    references: &[
        "Iglewicz and Hoaglin 1993, How to detect and handle outliers (modified z-score, 3.5)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Values of the history that are no finite numbers are left out. The median of an even number of values is the mean of the middle two. A history shorter than `history_min` is not evaluated.";

/// Bound on the modified z-score `(value - median) / scale` against the values of earlier runs, where
/// `scale` is 1.4826 times the median absolute deviation, but at least `change_min` of the median, so
/// that a history that never varied does not make every change an alarm.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolumeHistory {
    /// What is compared.
    #[serde(default)]
    pub of: VolumeOf,
    /// The values of earlier runs, in any order. Read from earlier evidence by the command.
    pub history: Vec<f64>,
    /// Values the history must have; 7 by default.
    #[serde(default = "a_week")]
    pub history_min: usize,
    /// What the score must be; within 3.5 by default.
    #[serde(default = "usual")]
    pub score: Bound,
    /// Least scale: as a fraction of the median for rows, as a fraction of the rows for nulls.
    #[serde(default = "one_in_a_hundred")]
    pub change_min: f64,
}

/// What is compared with its history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VolumeOf {
    /// The number of rows.
    #[default]
    RowCount,
    /// The fraction of rows in which the target's column is null.
    NullFraction,
}

fn a_week() -> usize {
    7
}

fn usual() -> Bound {
    Bound::Between(-3.5, 3.5)
}

fn one_in_a_hundred() -> f64 {
    0.01
}

/// Makes the median absolute deviation of normal values their standard deviation: 1 / Φ⁻¹(3/4).
const NORMAL: f64 = 1.482_602_218_505_602;

/// The median; `None` of no values.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(lower + (upper - lower) / 2.0)
}

/// The median of a history and the scale of its values.
pub(super) fn centre(history: &[f64]) -> Option<(f64, f64)> {
    let centre = median(history)?;
    let deviations: Vec<f64> = history.iter().map(|value| (value - centre).abs()).collect();
    Some((centre, NORMAL * median(&deviations)?))
}

impl Check for VolumeHistory {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        match self.of {
            VolumeOf::RowCount => vec![Measure::RowCount],
            VolumeOf::NullFraction => vec![Measure::NullCount(target.column_name())],
        }
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Some((reason, why)) = failure(measured) {
            return target.failed(&REQUIREMENT, reason, why);
        }
        let [Measured::Count(count)] = measured else {
            return target.something_else(&REQUIREMENT);
        };
        let (value, what) = match self.of {
            VolumeOf::RowCount => (*count as f64, "row count"),
            VolumeOf::NullFraction if facts.row_count == 0 => {
                return target.failed(&REQUIREMENT, Reason::Undefined, "there are no rows");
            }
            VolumeOf::NullFraction => (*count as f64 / facts.row_count as f64, "null fraction"),
        };
        let history: Vec<f64> = self
            .history
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        if history.len() < self.history_min.max(1) {
            let why = format!(
                "there are {} earlier values, required at least {}",
                history.len(),
                self.history_min
            );
            return target.failed(&REQUIREMENT, Reason::TooFewRows, &why);
        }
        let Some((centre, scale)) = centre(&history) else {
            return target.something_else(&REQUIREMENT);
        };
        let least = match self.of {
            VolumeOf::RowCount => self.change_min * centre.abs(),
            VolumeOf::NullFraction => self.change_min,
        };
        let scale = scale.max(least);
        let score = if value == centre {
            0.0
        } else {
            (value - centre) / scale
        };
        if !score.is_finite() {
            return target.failed(
                &REQUIREMENT,
                Reason::Undefined,
                "the history never varied and `change_min` is 0",
            );
        }
        let quantity = Quantity::new(score, Unit::Number);
        let message = format!(
            "{what} of {} is {value}, the median of {} earlier ones is {centre}: a modified z-score of {}, required {}",
            target.subject(),
            history.len(),
            self.score.beside(score),
            self.score
        );
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                self.score.judge(&quantity),
                message,
            )
            .measured(quantity, self.score),
        )
    }
}
