//! Metrics of models that answer with one of two classes.

pub mod calibration;
pub mod confusion;
pub mod operating;
mod probability;
pub mod ranking;

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::sample::{InvalidSample, as_long, finite, picked};
use super::{Metric, Sample, Undefined};
use crate::statistics::order::Order;

/// Labels, scores and decisions of the same rows, checked.
#[derive(Clone, Debug)]
pub struct Binary {
    label: Vec<bool>,
    score: Option<Vec<f64>>,
    prediction: Vec<bool>,
    outside_unit_interval: u64,
    order: OnceLock<Order>,
    counts: OnceLock<[f64; 4]>,
}

impl PartialEq for Binary {
    /// The order of ranks and the counts of cells follow from the rest.
    fn eq(&self, other: &Self) -> bool {
        (&self.label, &self.score, &self.prediction)
            == (&other.label, &other.score, &other.prediction)
    }
}

impl Binary {
    /// The rows with these labels, scores (higher means more likely positive) and predictions.
    ///
    /// # Errors
    /// When the lengths differ or a score is not finite.
    pub fn new(
        label: Vec<bool>,
        score: Option<Vec<f64>>,
        prediction: Vec<bool>,
    ) -> Result<Self, InvalidSample> {
        as_long("the column of predictions", prediction.len(), label.len())?;
        if let Some(score) = &score {
            as_long("the column of scores", score.len(), label.len())?;
            finite("score", score)?;
        }
        let outside = score.iter().flatten();
        let outside = outside.filter(|score| !(0.0..=1.0).contains(*score));
        Ok(Self {
            outside_unit_interval: outside.count() as u64,
            label,
            score,
            prediction,
            order: OnceLock::new(),
            counts: OnceLock::new(),
        })
    }

    pub(super) fn select(&self, rows: &[u32]) -> Self {
        let score = self.score.as_deref().map(|score| picked(score, rows));
        let outside = score.iter().flatten();
        let outside = outside.filter(|score| !(0.0..=1.0).contains(*score));
        Self {
            outside_unit_interval: outside.count() as u64,
            label: picked(&self.label, rows),
            score,
            prediction: picked(&self.prediction, rows),
            order: OnceLock::new(),
            counts: OnceLock::new(),
        }
    }

    pub(super) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        let score = |row: usize| self.score.as_ref().map_or(0.0, |score| score[row]);
        score(left)
            .total_cmp(&score(right))
            .then(self.prediction[left].cmp(&self.prediction[right]))
            .then(self.label[left].cmp(&self.label[right]))
    }

    /// Whether each row is labelled positive.
    #[must_use]
    pub fn label(&self) -> &[bool] {
        &self.label
    }

    /// Whether each row is predicted positive.
    #[must_use]
    pub fn prediction(&self) -> &[bool] {
        &self.prediction
    }

    /// The score of every row, finite.
    ///
    /// # Errors
    /// When the model gave none.
    pub fn score(&self) -> Result<&[f64], Undefined> {
        self.score.as_deref().ok_or(Undefined::NoScores)
    }

    /// The scores as probabilities.
    ///
    /// # Errors
    /// When the model gave none, or some lie outside 0 to 1.
    pub fn probability(&self) -> Result<&[f64], Undefined> {
        let score = self.score()?;
        if 0 < self.outside_unit_interval {
            return Err(Undefined::NotProbabilities {
                rows: self.outside_unit_interval,
            });
        }
        Ok(score)
    }
}

impl Sample {
    /// The rows as answers of one of two classes.
    ///
    /// # Errors
    /// When they are something else.
    pub fn binary(&self) -> Result<&Binary, Undefined> {
        match self.answers() {
            super::Answers::Binary(binary) => Ok(binary),
            _ => Err(Undefined::OtherTask),
        }
    }
}

/// Every metric of two classes, in the order reports list them.
pub(super) const METRICS: &[Metric] = &[
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
    confusion::FBETA,
    confusion::NPV,
    confusion::FALSE_POSITIVE_RATE,
    confusion::FALSE_NEGATIVE_RATE,
    confusion::JACCARD,
    confusion::COHEN_KAPPA,
    confusion::G_MEAN,
    confusion::YOUDEN_J,
    confusion::EXPECTED_COST,
    ranking::GINI,
    operating::KS,
    operating::PARTIAL_AUC,
    operating::PRECISION_AT_RECALL,
    operating::RECALL_AT_PRECISION,
    operating::TPR_AT_FPR,
    operating::LIFT,
    operating::GAIN,
    probability::D2_LOG_LOSS,
    probability::D2_BRIER,
    calibration::MCE,
    calibration::CALIBRATION_INTERCEPT,
    calibration::CALIBRATION_SLOPE,
    super::fairness::GENERALIZED_ENTROPY_INDEX,
    super::fairness::THEIL_INDEX,
];
