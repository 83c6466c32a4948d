//! Metrics of models that answer with a number.

mod deviance;
mod errors;
mod explained;
pub mod residuals;

use std::cmp::Ordering;

use super::sample::{InvalidSample, as_long, finite, picked};
use super::{Metric, Sample, Undefined};

pub(super) use errors::pinball;

/// True and predicted numbers of the same rows, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Regression {
    label: Vec<f64>,
    prediction: Vec<f64>,
    bounds: Option<(Vec<f64>, Vec<f64>)>,
}

impl Regression {
    /// The rows with these true and predicted numbers.
    ///
    /// # Errors
    /// When the lengths differ or a number is not finite.
    pub fn new(label: Vec<f64>, prediction: Vec<f64>) -> Result<Self, InvalidSample> {
        as_long("the column of predictions", prediction.len(), label.len())?;
        finite("label", &label)?;
        finite("prediction", &prediction)?;
        Ok(Self {
            label,
            prediction,
            bounds: None,
        })
    }

    /// The same rows with the interval the model predicted for each.
    ///
    /// # Errors
    /// When the lengths differ or an end is not finite.
    pub fn within(self, lower: Vec<f64>, upper: Vec<f64>) -> Result<Self, InvalidSample> {
        as_long("the column of lower ends", lower.len(), self.label.len())?;
        as_long("the column of upper ends", upper.len(), self.label.len())?;
        finite("lower end", &lower)?;
        finite("upper end", &upper)?;
        Ok(Self {
            bounds: Some((lower, upper)),
            ..self
        })
    }

    pub(super) fn select(&self, rows: &[u32]) -> Self {
        let bounds = self.bounds.as_ref();
        Self {
            label: picked(&self.label, rows),
            prediction: picked(&self.prediction, rows),
            bounds: bounds.map(|(lower, upper)| (picked(lower, rows), picked(upper, rows))),
        }
    }

    pub(super) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        let of = |row: usize| (self.prediction[row], self.label[row]);
        let (left, right) = (of(left), of(right));
        left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1))
    }

    /// The true number of each row.
    #[must_use]
    pub fn label(&self) -> &[f64] {
        &self.label
    }

    /// The predicted number of each row.
    #[must_use]
    pub fn prediction(&self) -> &[f64] {
        &self.prediction
    }

    /// Lower and upper ends of the predicted intervals.
    ///
    /// # Errors
    /// When the model gave none.
    pub fn bounds(&self) -> Result<(&[f64], &[f64]), Undefined> {
        let bounds = self.bounds.as_ref();
        bounds
            .map(|(lower, upper)| (lower.as_slice(), upper.as_slice()))
            .ok_or(Undefined::NoIntervals)
    }

    /// Some number of each row.
    fn each(&self, of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let pairs = self.label.iter().zip(&self.prediction);
        pairs
            .map(|(label, prediction)| of(*label, *prediction))
            .collect()
    }
}

impl Sample {
    /// The rows as numbers.
    ///
    /// # Errors
    /// When they are something else.
    pub fn regression(&self) -> Result<&Regression, Undefined> {
        match self.answers() {
            super::Answers::Regression(regression) => Ok(regression),
            super::Answers::Forecasting(forecast) => Ok(forecast.numbers()),
            _ => Err(Undefined::OtherTask),
        }
    }
}

/// Every metric of numbers, in the order reports list them.
pub(super) const METRICS: &[Metric] = &[
    errors::MAE,
    errors::RMSE,
    errors::MSE,
    explained::R2,
    explained::EXPLAINED_VARIANCE,
    errors::MEAN_ERROR,
    errors::MEDIAN_ABSOLUTE_ERROR,
    errors::MAX_ERROR,
    errors::MAPE,
    errors::SMAPE,
    errors::WAPE,
    errors::MSLE,
    errors::RMSLE,
    errors::PINBALL,
    errors::HUBER,
    errors::COVERAGE,
    errors::INTERVAL_WIDTH,
    errors::WINKLER,
    deviance::TWEEDIE,
    deviance::POISSON,
    deviance::GAMMA,
    explained::D2_PINBALL,
    explained::D2_TWEEDIE,
    explained::PEARSON,
    explained::SPEARMAN,
    explained::KENDALL,
];
