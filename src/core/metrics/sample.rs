//! The rows a metric is computed from, and what several metrics need of them, worked out once.

use std::sync::OnceLock;

use super::probability;

/// Rows a sample may hold: they are numbered in 32 bits, one of which is kept free.
pub const ROWS_MAX: usize = 1 << 31;

/// Labels, scores and predictions of the same rows, checked.
#[derive(Debug)]
pub struct Sample<'a> {
    label: &'a [bool],
    score: &'a [f64],
    prediction: &'a [bool],
    outside_unit_interval: u64,
    ranking: OnceLock<Vec<Ranked>>,
    log_losses: OnceLock<Vec<f64>>,
}

/// A row in the order of falling scores.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    /// Index of the row, from 0.
    pub(super) row: u32,
    /// Its label.
    pub(super) label: bool,
    /// Whether the next row has a lower score, or there is none.
    pub(super) ends_tie: bool,
}

/// Why some rows are not a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSample {
    /// The columns are not equally long.
    #[error(
        "{labels} labels, {scores} scores and {predictions} predictions are not of the same rows"
    )]
    LengthsDiffer {
        /// How many labels.
        labels: usize,
        /// How many scores.
        scores: usize,
        /// How many predictions.
        predictions: usize,
    },
    /// A score is NaN or infinite.
    #[error("the score of row {row_number} is not a finite number")]
    NotFinite {
        /// Number of the row, from 1.
        row_number: u64,
    },
    /// More than [`ROWS_MAX`] rows.
    #[error("{rows} rows are more than the {ROWS_MAX} that can be ranked")]
    TooManyRows {
        /// How many.
        rows: usize,
    },
}

impl<'a> Sample<'a> {
    /// The rows with these labels, scores (higher means more likely positive) and predictions.
    ///
    /// # Errors
    /// When the lengths differ, a score is not finite or there are too many rows.
    pub fn new(
        label: &'a [bool],
        score: &'a [f64],
        prediction: &'a [bool],
    ) -> Result<Self, InvalidSample> {
        if label.len() != score.len() || label.len() != prediction.len() {
            return Err(InvalidSample::LengthsDiffer {
                labels: label.len(),
                scores: score.len(),
                predictions: prediction.len(),
            });
        }
        if ROWS_MAX < label.len() {
            return Err(InvalidSample::TooManyRows { rows: label.len() });
        }
        if let Some(row) = score.iter().position(|score| !score.is_finite()) {
            return Err(InvalidSample::NotFinite {
                row_number: row as u64 + 1,
            });
        }
        let outside = score.iter().filter(|score| !(0.0..=1.0).contains(*score));
        Ok(Self {
            label,
            score,
            prediction,
            outside_unit_interval: outside.count() as u64,
            ranking: OnceLock::new(),
            log_losses: OnceLock::new(),
        })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.label.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.label.is_empty()
    }

    /// The label of every row.
    #[must_use]
    pub fn label(&self) -> &'a [bool] {
        self.label
    }

    /// The score of every row, finite.
    #[must_use]
    pub fn score(&self) -> &'a [f64] {
        self.score
    }

    /// The prediction of every row.
    #[must_use]
    pub fn prediction(&self) -> &'a [bool] {
        self.prediction
    }

    /// How many scores cannot be probabilities.
    pub(super) fn rows_outside_unit_interval(&self) -> u64 {
        self.outside_unit_interval
    }

    /// The rows by falling score, sorted once however many resamples ask.
    pub(super) fn ranking(&self) -> &[Ranked] {
        self.ranking.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.len() as u32).collect();
            let score = |row: u32| self.score[row as usize];
            order.sort_unstable_by(|left, right| {
                score(*right).total_cmp(&score(*left)).then(left.cmp(right))
            });
            let next = order.iter().skip(1).map(|row| Some(score(*row)));
            order
                .iter()
                .zip(next.chain([None]))
                .map(|(row, next)| Ranked {
                    row: *row,
                    label: self.label[*row as usize],
                    ends_tie: next != Some(score(*row)),
                })
                .collect()
        })
    }

    /// The logarithmic loss of every row, for scores that are probabilities.
    pub(super) fn log_losses(&self) -> &[f64] {
        self.log_losses.get_or_init(|| {
            let rows = self.label.iter().zip(self.score);
            rows.map(|(label, score)| probability::row_log_loss(*label, *score))
                .collect()
        })
    }
}
