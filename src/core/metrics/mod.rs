//! Metrics of binary classifiers: one file per family, one table of all of them.
//!
//! A metric is a pure function of a [`Sample`] (labels, scores, predictions of the same rows). Every
//! number is that of scikit-learn or Fairlearn on the same rows; where those return a made-up value
//! with a warning (precision without predicted positives, the area under the curve of one class) the
//! metric is [`Undefined`], so that nothing passes or fails on a number that means nothing. NaN goes
//! neither in nor out. What is required of a metric, and whether it holds, is left to `gates`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod bootstrap;
pub mod calibration;
pub mod confusion;
pub mod fairness;
mod probability;
pub mod ranking;
mod sample;
pub mod text;

pub use sample::{InvalidSample, ROWS_MAX, Sample};

/// A metric of a binary classifier.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Stable snake_case name, as in configuration: `roc_auc`.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Which way is better.
    pub direction: Direction,
    /// Smallest and largest possible value; the largest may be infinite.
    pub range: (f64, f64),
    /// Whether scores must be probabilities, in [0, 1].
    pub needs_probability: bool,
    /// The formula in words.
    pub definition: &'static str,
    /// The implementation whose numbers these are.
    pub reference: &'static str,
    /// The metric of the rows repeated `weights` times each, one weight per row.
    weighted: fn(&Sample<'_>, &[u32]) -> Result<f64, Undefined>,
}

impl Metric {
    /// The metric of the sample; always finite.
    ///
    /// # Errors
    /// When it is not defined on these rows.
    pub fn compute(&self, sample: &Sample<'_>) -> Result<f64, Undefined> {
        self.compute_weighted(sample, &vec![1; sample.len()])
    }

    /// The metric of the sample with row `i` repeated `weights[i]` times.
    fn compute_weighted(&self, sample: &Sample<'_>, weights: &[u32]) -> Result<f64, Undefined> {
        if sample.is_empty() {
            return Err(Undefined::NoRows);
        }
        if self.needs_probability && 0 < sample.rows_outside_unit_interval() {
            return Err(Undefined::NotProbabilities {
                rows: sample.rows_outside_unit_interval(),
            });
        }
        let value = (self.weighted)(sample, weights)?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Undefined::NotFinite)
        }
    }
}

/// Which way a metric gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
    /// Neither: the number describes.
    Neither,
}

/// Why a metric has no value on some rows. Reads after "is not defined: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// There is nothing to compute from.
    #[error("there are no rows")]
    NoRows,
    /// All labels are positive, or all are negative.
    #[error("the rows hold a single class")]
    SingleClass,
    /// No label is positive.
    #[error("no row is labelled positive")]
    NoPositives,
    /// No label is negative.
    #[error("no row is labelled negative")]
    NoNegatives,
    /// No prediction is positive.
    #[error("no row is predicted positive")]
    NoPredictedPositives,
    /// No label and no prediction is positive.
    #[error("no row is labelled or predicted positive")]
    NoPositivesAtAll,
    /// All predictions are positive, or all are negative.
    #[error("every row has the same prediction")]
    SinglePrediction,
    /// Scores that are not probabilities, where probabilities are needed.
    #[error("{rows} of the scores lie outside 0 to 1")]
    NotProbabilities {
        /// How many.
        rows: u64,
    },
    /// The formula yields no finite number.
    #[error("the result is not a finite number")]
    NotFinite,
    /// One group lacks what a rate is divided by.
    #[error("group `{group}` has {lacks}")]
    Group {
        /// Name of the group.
        group: String,
        /// What it lacks.
        lacks: Lacks,
    },
    /// Fewer than two groups to compare.
    #[error("there are fewer than two groups to compare")]
    SingleGroup,
    /// No group has a positive prediction, so that a ratio of rates is 0 / 0.
    #[error("no group has a positive prediction")]
    NobodySelected,
    /// The rows of two models are not the same rows in the same order.
    #[error("the two models are not paired row by row")]
    NotPaired,
    /// Too many resamples of a bootstrap in which the metric has no value.
    #[error("the metric has no value in {undefined} of {resamples} resamples")]
    Resamples {
        /// Resamples without a value.
        undefined: u64,
        /// Resamples drawn.
        resamples: u64,
    },
    /// A bootstrap without resamples, or with a coverage outside (0, 1).
    #[error("the plan of the bootstrap has no resamples or no valid confidence")]
    InvalidPlan,
    /// Texts that cannot be compared.
    #[error(transparent)]
    Text(#[from] text::NotComparable),
}

/// What a group can lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacks {
    /// It has no rows at all.
    Rows,
    /// No row is labelled positive.
    Positives,
    /// No row is labelled negative.
    Negatives,
}

impl std::fmt::Display for Lacks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Rows => "no rows",
            Self::Positives => "no row that is labelled positive",
            Self::Negatives => "no row that is labelled negative",
        })
    }
}

/// Every metric, in the order reports list them.
pub const METRICS: &[Metric] = &[
    ranking::ROC_AUC,
    ranking::AVERAGE_PRECISION,
    probability::LOG_LOSS,
    probability::BRIER,
    calibration::ECE,
    confusion::ACCURACY,
    confusion::BALANCED_ACCURACY,
    confusion::PRECISION,
    confusion::RECALL,
    confusion::SPECIFICITY,
    confusion::F1,
    confusion::MCC,
    confusion::SELECTION_RATE,
    confusion::PREVALENCE,
];

/// The metric called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.id == id)
}

#[cfg(test)]
mod tests;
