//! Metrics of models that answer with one of several classes.

mod decisions;
mod probability;
mod ranking;

use std::cmp::Ordering;

use super::sample::{InvalidSample, as_long, finite, picked};
use super::{Metric, Sample, Undefined};

/// Labels, decisions and, where the model gave them, the probability of every class, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Multiclass {
    classes: Vec<String>,
    label: Vec<u32>,
    prediction: Vec<u32>,
    /// One column a class.
    score: Option<Vec<Vec<f64>>>,
}

impl Multiclass {
    /// The rows with these labels and predictions, as places in the list of classes, and the score of
    /// each class.
    ///
    /// # Errors
    /// When the lengths differ, a class is none of the list or a score is not finite.
    pub fn new(
        classes: Vec<String>,
        label: Vec<u32>,
        prediction: Vec<u32>,
        score: Option<Vec<Vec<f64>>>,
    ) -> Result<Self, InvalidSample> {
        as_long("the column of predictions", prediction.len(), label.len())?;
        for (what, values) in [("label", &label), ("prediction", &prediction)] {
            let strange = values
                .iter()
                .position(|class| classes.len() <= *class as usize);
            if let Some(row) = strange {
                return Err(InvalidSample::Class {
                    what,
                    row_number: row as u64 + 1,
                    classes: classes.len(),
                });
            }
        }
        if let Some(score) = &score {
            as_long("the list of columns of scores", score.len(), classes.len())?;
            for column in score {
                as_long("a column of scores", column.len(), label.len())?;
                finite("score", column)?;
            }
        }
        Ok(Self {
            classes,
            label,
            prediction,
            score,
        })
    }

    pub(super) fn select(&self, rows: &[u32]) -> Self {
        let score = self.score.as_ref();
        Self {
            classes: self.classes.clone(),
            label: picked(&self.label, rows),
            prediction: picked(&self.prediction, rows),
            score: score.map(|score| score.iter().map(|column| picked(column, rows)).collect()),
        }
    }

    pub(super) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        let scores = |row: usize| self.score.iter().flatten().map(move |column| column[row]);
        let by_scores = scores(left).partial_cmp(scores(right));
        let by_label = self.label[left].cmp(&self.label[right]);
        by_label
            .then(self.prediction[left].cmp(&self.prediction[right]))
            .then(by_scores.unwrap_or(Ordering::Equal))
    }

    /// The names of the classes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The true class of each row.
    #[must_use]
    pub fn label(&self) -> &[u32] {
        &self.label
    }

    /// The predicted class of each row.
    #[must_use]
    pub fn prediction(&self) -> &[u32] {
        &self.prediction
    }

    /// The scores of each class, one column a class.
    ///
    /// # Errors
    /// When the model gave none.
    pub fn score(&self) -> Result<&[Vec<f64>], Undefined> {
        self.score.as_deref().ok_or(Undefined::NoScores)
    }

    /// The scores as probabilities that sum to one.
    ///
    /// # Errors
    /// When the model gave none, or in some rows they are none.
    pub fn probability(&self) -> Result<&[Vec<f64>], Undefined> {
        /// scikit-learn warns beyond the square root of the precision of a double.
        const TOLERANCE: f64 = 1.5e-8;
        let score = self.score()?;
        let wrong = (0..self.label.len()).filter(|row| {
            let mut of_row = score.iter().map(|column| column[*row]);
            let sum: f64 = of_row.clone().sum();
            TOLERANCE < (sum - 1.0).abs() || of_row.any(|score| !(0.0..=1.0).contains(&score))
        });
        match wrong.count() as u64 {
            0 => Ok(score),
            rows => Err(Undefined::NotDistributions { rows }),
        }
    }

    /// The place of a class in the list.
    fn class(&self, name: &str) -> Result<usize, Undefined> {
        let place = self.classes.iter().position(|class| class == name);
        place.ok_or_else(|| Undefined::NoClass {
            class: name.to_owned(),
        })
    }
}

impl Sample {
    /// The rows as answers of one of several classes.
    ///
    /// # Errors
    /// When they are something else.
    pub fn multiclass(&self) -> Result<&Multiclass, Undefined> {
        match self.answers() {
            super::Answers::Multiclass(multiclass) => Ok(multiclass),
            _ => Err(Undefined::OtherTask),
        }
    }
}

/// Every metric of several classes, in the order reports list them.
pub(super) const METRICS: &[Metric] = &[
    decisions::ACCURACY,
    decisions::BALANCED_ACCURACY,
    decisions::F1,
    decisions::PRECISION,
    decisions::RECALL,
    decisions::MCC,
    decisions::COHEN_KAPPA,
    probability::LOG_LOSS,
    probability::BRIER,
    ranking::ROC_AUC,
    probability::ECE,
    probability::TOP_K_ACCURACY,
];
