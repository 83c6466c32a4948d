//! What a model of numbers leaves over, by what it predicts: the bins of the figure of residuals.

use crate::metrics::{Sample, Undefined};
use crate::statistics::bootstrap::quantile;

/// Bins at most: a picture shows no more.
const BINS_MAX: usize = 20;

/// Rows that a bin should hold, so that its quantiles say something.
const BIN_ROWS: usize = 10;

/// Between these shares of the rows of a bin its residuals are shown.
pub const SPREAD: (f64, f64) = (0.1, 0.9);

/// Rows with close predictions. A residual is the true number less the predicted one.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualBin {
    /// Mean predicted number.
    pub prediction_mean: f64,
    /// Mean residual; 0 where the model is right on average.
    pub residual_mean: f64,
    /// Quantiles of the residuals at both ends of [`SPREAD`], of type 7.
    pub residual_spread: (f64, f64),
    /// How many rows it holds.
    pub rows: u64,
}

/// Bins of equally many rows by prediction, equal predictions in one, as pandas' `qcut` makes them. Rows
/// count alike, whatever their weights; a bin whose numbers are not finite is left out.
///
/// # Errors
/// When there are no rows, or the task has no residuals.
pub fn residual_bins(sample: &Sample) -> Result<Vec<ResidualBin>, Undefined> {
    let numbers = sample.regression()?;
    let residuals = numbers.each(|label, prediction| label - prediction);
    let mut rows: Vec<(f64, f64)> = numbers
        .prediction()
        .iter()
        .copied()
        .zip(residuals)
        .collect();
    if rows.is_empty() {
        return Err(Undefined::NoRows);
    }
    rows.sort_by(|left, right| left.0.total_cmp(&right.0));
    let predictions: Vec<f64> = rows.iter().map(|(prediction, _)| *prediction).collect();
    let count = (rows.len() / BIN_ROWS).clamp(1, BINS_MAX);
    let mut bins = Vec::with_capacity(count);
    let mut from = 0;
    for index in 1..=count {
        let to = if index == count {
            rows.len()
        } else {
            let edge = quantile(&predictions, index as f64 / count as f64);
            predictions.partition_point(|prediction| *prediction <= edge)
        };
        if from < to {
            bins.push(bin(&rows[from..to]));
            from = to;
        }
    }
    bins.retain(ResidualBin::is_finite);
    Ok(bins)
}

fn bin(rows: &[(f64, f64)]) -> ResidualBin {
    let mut residuals: Vec<f64> = rows.iter().map(|(_, residual)| *residual).collect();
    residuals.sort_by(f64::total_cmp);
    let count = rows.len() as f64;
    ResidualBin {
        prediction_mean: rows.iter().map(|(prediction, _)| prediction).sum::<f64>() / count,
        residual_mean: residuals.iter().sum::<f64>() / count,
        residual_spread: (
            quantile(&residuals, SPREAD.0),
            quantile(&residuals, SPREAD.1),
        ),
        rows: rows.len() as u64,
    }
}

impl ResidualBin {
    fn is_finite(&self) -> bool {
        let (low, high) = self.residual_spread;
        let numbers = [self.prediction_mean, self.residual_mean, low, high];
        numbers.iter().all(|number| number.is_finite())
    }
}

#[cfg(test)]
mod tests {
    //! Against pandas 2.3.3 (`fixtures/metrics/residuals.py`).

    use serde::Deserialize;

    use super::*;
    use crate::metrics::regression::Regression;

    const GOLDEN: &str = include_str!("../../../../fixtures/metrics/residuals.json");

    #[derive(Deserialize)]
    struct Golden {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        prediction: Vec<f64>,
        label: Vec<f64>,
        bins: Vec<[f64; 5]>,
    }

    fn sample(label: Vec<f64>, prediction: Vec<f64>) -> Sample {
        let numbers = Regression::new(label, prediction).expect("numbers");
        Sample::new(numbers).expect("a sample")
    }

    #[test]
    fn bins_equal_pandas() {
        let golden: Golden = serde_json::from_str(GOLDEN).expect("golden values");
        assert_eq!(golden.cases.len(), 4);
        for case in golden.cases {
            let bins = residual_bins(&sample(case.label, case.prediction)).expect("bins");
            assert_eq!(bins.len(), case.bins.len(), "{}", case.name);
            for (bin, expected) in bins.iter().zip(&case.bins) {
                let (low, high) = bin.residual_spread;
                let found = [
                    bin.prediction_mean,
                    bin.residual_mean,
                    low,
                    high,
                    bin.rows as f64,
                ];
                for (found, expected) in found.iter().zip(expected) {
                    let tolerance = 1e-9 * expected.abs().max(1e-3);
                    assert!(
                        (found - expected).abs() <= tolerance,
                        "{}: {bin:?}",
                        case.name
                    );
                }
            }
        }
    }

    #[test]
    fn residuals_that_overflow_make_no_bin() {
        let bins = residual_bins(&sample(vec![f64::MAX, 1.0], vec![f64::MIN, 2.0]));
        assert_eq!(bins, Ok(Vec::new()));
    }
}
