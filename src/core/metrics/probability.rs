//! Proper scores of probabilities: logarithmic loss and Brier score.

use super::ranking::classes;
use super::sample::Sample;
use super::{Direction, Metric, Undefined};

/// Logarithmic loss.
pub const LOG_LOSS: Metric = Metric {
    id: "log_loss",
    title: "Log loss",
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    needs_probability: true,
    definition: "mean of minus the natural logarithm of the probability given to the true class, clipped to [2.2e-16, 1 - 2.2e-16]",
    reference: "scikit-learn `log_loss`; undefined on a single class",
    weighted: log_loss,
};

/// Brier score.
pub const BRIER: Metric = Metric {
    id: "brier",
    title: "Brier score",
    direction: Direction::LowerIsBetter,
    range: (0.0, 1.0),
    needs_probability: true,
    definition: "mean squared difference between the probability and the label as 0 or 1",
    reference: "scikit-learn `brier_score_loss`",
    weighted: brier,
};

/// Minus the logarithm of the probability given to the true class.
///
/// scikit-learn clips after taking the complement, so that a sure mistake costs the same both ways.
pub(super) fn row_log_loss(label: bool, score: f64) -> f64 {
    let probability = if label { score } else { 1.0 - score };
    -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

fn log_loss(sample: &Sample<'_>, weights: &[u32]) -> Result<f64, Undefined> {
    let (positives, negatives) = classes(sample, weights)?;
    let rows = sample.log_losses().iter().zip(weights);
    let sum: f64 = rows.map(|(loss, weight)| loss * f64::from(*weight)).sum();
    Ok(sum / (positives + negatives) as f64)
}

fn brier(sample: &Sample<'_>, weights: &[u32]) -> Result<f64, Undefined> {
    let (mut sum, mut total) = (0.0, 0_u64);
    let rows = sample.label().iter().zip(sample.score()).zip(weights);
    for ((label, score), weight) in rows {
        let error = score - f64::from(u8::from(*label));
        sum += error * error * f64::from(*weight);
        total += u64::from(*weight);
    }
    if total == 0 {
        return Err(Undefined::NoRows);
    }
    Ok(sum / total as f64)
}
