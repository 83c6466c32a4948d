//! Proper scores and calibration of probabilities over several classes.

use super::Multiclass;
use super::decisions::ACCURACY;
use crate::metrics::options::{OptionKind, OptionSpec};
use crate::metrics::prepared::{Prepared, Sums};
use crate::metrics::{Direction, Metric, Sample, Undefined};

/// Logarithmic loss.
pub const LOG_LOSS: Metric = Metric {
    id: "log_loss",
    title: "Log loss",
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "mean of minus the natural logarithm of the probability given to the true class, clipped to [2.2e-16, 1 - 2.2e-16]",
    reference: "scikit-learn `log_loss`",
    prepare: |sample, _| {
        each(sample, |rows, probability, row| {
            let given = probability[rows.label()[row] as usize][row];
            -given.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
        })
    },
    ..ACCURACY
};

/// Brier score.
pub const BRIER: Metric = Metric {
    id: "brier",
    title: "Brier score",
    range: (0.0, 2.0),
    definition: "mean over rows of the sum over classes of the squared difference between the probability and 1 for the true class, 0 for others; from 0 to 2",
    reference: "scikit-learn `brier_score_loss` with `scale_by_half=False`",
    prepare: |sample, _| {
        each(sample, |rows, probability, row| {
            let label = rows.label()[row] as usize;
            let classes = probability.iter().enumerate();
            let error = |(class, column): (usize, &Vec<f64>)| {
                column[row] - f64::from(u8::from(class == label))
            };
            classes.map(error).map(|error| error * error).sum()
        })
    },
    ..LOG_LOSS
};

/// Share of rows whose class is among the best.
pub const TOP_K_ACCURACY: Metric = Metric {
    id: "top_k_accuracy",
    title: "Top-k accuracy",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "share of rows whose true class is among the k with the highest scores; of tied classes the later in the list comes first",
    reference: "scikit-learn `top_k_accuracy_score`",
    options: &[OptionSpec {
        name: "k",
        kind: OptionKind::Whole {
            default: 2,
            least: 1,
            most: 1000,
        },
        doc: "how many classes count",
    }],
    recorded: false,
    prepare: |sample, options| {
        let k = options.whole("k");
        let rows = sample.multiclass()?;
        let score = rows.score()?;
        let hit = |row: usize| {
            let label = rows.label()[row] as usize;
            let own = score[label][row];
            let ahead = score.iter().enumerate().filter(|(class, column)| {
                own < column[row] || (own == column[row] && label < *class)
            });
            f64::from(u8::from(ahead.count() < k))
        };
        Ok(Prepared::Sums(Sums::mean(
            (0..rows.label().len()).map(hit).collect(),
        )))
    },
    ..LOG_LOSS
};

/// Expected calibration error of the class with the highest probability.
pub const ECE: Metric = Metric {
    id: "ece",
    title: "Expected calibration error",
    range: (0.0, 1.0),
    definition: "15 bins of equal width over the highest probability of each row; sum over the bins of their share of rows times |share of rows whose most probable class is the true one - mean highest probability|",
    reference: "Guo et al. 2017, On Calibration of Modern Neural Networks, with numpy; biased upward on few rows",
    options: &[OptionSpec {
        name: "bins",
        kind: OptionKind::Whole {
            default: 15,
            least: 1,
            most: 1000,
        },
        doc: "how many bins",
    }],
    prepare: |sample, options| {
        let count = options.whole("bins").max(1);
        let rows = sample.multiclass()?;
        let probability = rows.probability()?;
        let top = |row: usize| {
            let (mut best, mut highest) = (0, f64::NEG_INFINITY);
            for (class, column) in probability.iter().enumerate() {
                if highest < column[row] {
                    (best, highest) = (class, column[row]);
                }
            }
            let bin = ((highest * count as f64) as usize).min(count - 1);
            let right = f64::from(u8::from(best == rows.label()[row] as usize));
            (bin, right - highest)
        };
        let gaps: Vec<(usize, f64)> = (0..rows.label().len()).map(top).collect();
        Ok(Prepared::Other(Box::new(move |weights| {
            let total = weights.total();
            if total <= 0.0 {
                return Err(Undefined::NoRows);
            }
            let mut bins = vec![0.0; count];
            for ((bin, gap), weight) in gaps.iter().zip(weights.iter()) {
                bins[*bin] += gap * weight;
            }
            Ok(bins.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / total)
        })))
    },
    ..LOG_LOSS
};

fn each(
    sample: &Sample,
    of: impl Fn(&Multiclass, &[Vec<f64>], usize) -> f64,
) -> Result<Prepared<'_>, Undefined> {
    let rows = sample.multiclass()?;
    let probability = rows.probability()?;
    let values = (0..rows.label().len()).map(|row| of(rows, probability, row));
    Ok(Prepared::Sums(Sums::mean(values.collect())))
}
