//! Proper scores of probabilities: logarithmic loss and Brier score, and how much of the score of a
//! forecast without knowledge they save.

use super::confusion::indicator;
use crate::metrics::prepared::{Column, Prepared, Shape, Sums};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};

/// Logarithmic loss.
pub const LOG_LOSS: Metric = Metric {
    id: "log_loss",
    title: "Log loss",
    task: Some(Task::Binary),
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "mean of minus the natural logarithm of the probability given to the true class, clipped to [2.2e-16, 1 - 2.2e-16]",
    reference: "scikit-learn `log_loss`; undefined on a single class",
    options: &[],
    recorded: true,
    prepare: |sample, _| {
        saved(
            sample,
            row_log_loss,
            Shape::MeanWhere(|means| of_classes(means).map(|_| ())),
        )
    },
};

/// Brier score.
pub const BRIER: Metric = Metric {
    id: "brier",
    title: "Brier score",
    range: (0.0, 1.0),
    definition: "mean squared difference between the probability and the label as 0 or 1",
    reference: "scikit-learn `brier_score_loss`",
    prepare: |sample, _| Ok(Prepared::Sums(Sums::mean_of(losses(sample, row_brier)?))),
    ..LOG_LOSS
};

/// Share of the logarithmic loss saved.
pub const D2_LOG_LOSS: Metric = Metric {
    id: "d2_log_loss",
    title: "D² of log loss",
    direction: Direction::HigherIsBetter,
    range: (f64::NEG_INFINITY, 1.0),
    definition: "1 - log loss / log loss of the prevalence given to every row",
    reference: "scikit-learn `d2_log_loss_score`; undefined on a single class",
    recorded: false,
    prepare: |sample, _| {
        let shape = Shape::Function(|means| {
            explained(means, |share| {
                -share * share.ln() - (1.0 - share) * (1.0 - share).ln()
            })
        });
        saved(sample, row_log_loss, shape)
    },
    ..LOG_LOSS
};

/// Share of the Brier score saved.
pub const D2_BRIER: Metric = Metric {
    id: "d2_brier",
    title: "D² of Brier score",
    definition: "1 - Brier score / Brier score of the prevalence given to every row",
    reference: "scikit-learn `d2_brier_score`; undefined on a single class",
    prepare: |sample, _| {
        let shape = Shape::Function(|means| explained(means, |share| share * (1.0 - share)));
        saved(sample, row_brier, shape)
    },
    ..D2_LOG_LOSS
};

/// Minus the logarithm of the probability given to the true class.
///
/// scikit-learn clips after taking the complement, so that a sure mistake costs the same both ways.
fn row_log_loss(label: bool, score: f64) -> f64 {
    let probability = if label { score } else { 1.0 - score };
    -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
}

fn row_brier(label: bool, score: f64) -> f64 {
    let error = score - indicator(label);
    error * error
}

fn losses(
    sample: &Sample,
    of: impl Fn(bool, f64) -> f64 + Send + Sync + 'static,
) -> Result<Column<'_, f64>, Undefined> {
    let rows = sample.binary()?;
    let loss = move |label: &bool, score: &f64| of(*label, *score);
    Ok(Column::of(rows.label(), rows.probability()?, loss))
}

/// A function of the mean loss and the share of positives.
fn saved(
    sample: &Sample,
    loss: impl Fn(bool, f64) -> f64 + Send + Sync + 'static,
    shape: Shape,
) -> Result<Prepared<'_>, Undefined> {
    let label = sample.binary()?.label();
    let terms = vec![
        losses(sample, loss)?,
        Column::of(label, label, |label, _| indicator(*label)),
    ];
    Ok(Prepared::Sums(Sums { terms, shape }))
}

/// One minus the mean loss divided by the loss of the prevalence given to every row.
fn explained(means: &[f64], of_prevalence: fn(f64) -> f64) -> Result<f64, Undefined> {
    let (loss, share) = of_classes(means)?;
    Ok(1.0 - loss / of_prevalence(share))
}

/// The mean loss and the share of positives, where both classes are present.
fn of_classes(means: &[f64]) -> Result<(f64, f64), Undefined> {
    match means {
        [loss, share] if 0.0 < *share && *share < 1.0 => Ok((*loss, *share)),
        _ => Err(Undefined::SingleClass),
    }
}
