//! Metrics of the order of scores: area under the receiver operating characteristic, average
//! precision, and the curve itself. Ties are exact: tied rows move together.

use super::sample::Sample;
use super::{Direction, Metric, Undefined};

/// Area under the receiver operating characteristic.
pub const ROC_AUC: Metric = Metric {
    id: "roc_auc",
    title: "Area under the ROC curve",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    needs_probability: false,
    definition: "probability that a random positive row scores above a random negative one, a tie counting half",
    reference: "scikit-learn `roc_auc_score`; undefined on a single class",
    weighted: roc_auc,
};

/// Average precision.
pub const AVERAGE_PRECISION: Metric = Metric {
    id: "average_precision",
    title: "Average precision",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    needs_probability: false,
    definition: "sum over the distinct scores, from the highest, of the gain in recall times the precision there; not interpolated",
    reference: "scikit-learn `average_precision_score`; undefined on a single class",
    weighted: average_precision,
};

/// One point of the curve: false positive rate, true positive rate.
pub type RocPoint = [f64; 2];

/// The receiver operating characteristic from (0, 0) to (1, 1), thinned to at most `points_max`
/// points (but never fewer than the two ends).
///
/// # Errors
/// When the rows hold a single class.
pub fn roc_curve(sample: &Sample<'_>, points_max: usize) -> Result<Vec<RocPoint>, Undefined> {
    let weights = vec![1; sample.len()];
    let (positives, negatives) = classes(sample, &weights)?;
    let mut points = vec![[0.0, 0.0]];
    let (mut true_positives, mut false_positives) = (0_u64, 0_u64);
    for tie in ties(sample, &weights) {
        true_positives += tie.positives;
        false_positives += tie.negatives;
        points.push([
            false_positives as f64 / negatives as f64,
            true_positives as f64 / positives as f64,
        ]);
    }
    Ok(thinned(&points, points_max.max(2)))
}

/// At most `points_max` ≥ 2 of the points, evenly spread by their order, first and last kept.
fn thinned(points: &[RocPoint], points_max: usize) -> Vec<RocPoint> {
    let last = points.len().saturating_sub(1);
    if points.len() <= points_max {
        return points.to_vec();
    }
    (0..points_max)
        .filter_map(|step| points.get(step * last / (points_max - 1)))
        .copied()
        .collect()
}

fn roc_auc(sample: &Sample<'_>, weights: &[u32]) -> Result<f64, Undefined> {
    // Counted in halves of a pair, so that ties stay whole numbers: with weights that sum to at most
    // 2^32, twice the number of pairs is below 2^63.
    let (mut half_pairs, mut positives, mut negatives) = (0_u64, 0_u64, 0_u64);
    for tie in ties(sample, weights) {
        half_pairs += tie.negatives * (2 * positives + tie.positives);
        positives += tie.positives;
        negatives += tie.negatives;
    }
    let (positives, negatives) = both(positives, negatives)?;
    Ok(half_pairs as f64 / (2.0 * positives as f64 * negatives as f64))
}

fn average_precision(sample: &Sample<'_>, weights: &[u32]) -> Result<f64, Undefined> {
    let (mut positives, mut predicted, mut sum) = (0_u64, 0_u64, 0.0);
    for tie in ties(sample, weights) {
        positives += tie.positives;
        predicted += tie.positives + tie.negatives;
        if 0 < tie.positives {
            sum += tie.positives as f64 * (positives as f64 / predicted as f64);
        }
    }
    let (positives, _) = both(positives, predicted - positives)?;
    Ok(sum / positives as f64)
}

/// Weighted counts of positive and negative rows, both above zero.
pub(super) fn classes(sample: &Sample<'_>, weights: &[u32]) -> Result<(u64, u64), Undefined> {
    let (mut positives, mut total) = (0_u64, 0_u64);
    for (label, weight) in sample.label().iter().zip(weights) {
        positives += u64::from(*label) * u64::from(*weight);
        total += u64::from(*weight);
    }
    both(positives, total - positives)
}

/// The two counts, when both are above zero.
fn both(positives: u64, negatives: u64) -> Result<(u64, u64), Undefined> {
    match (positives, negatives) {
        (0, 0) => Err(Undefined::NoRows),
        (0, _) | (_, 0) => Err(Undefined::SingleClass),
        (positives, negatives) => Ok((positives, negatives)),
    }
}

/// Rows of equal score, weighted.
struct Tie {
    positives: u64,
    negatives: u64,
}

/// The ties from the highest score to the lowest. Some may be empty in a resample.
fn ties<'a>(sample: &'a Sample<'_>, weights: &'a [u32]) -> impl Iterator<Item = Tie> + 'a {
    let mut ranking = sample.ranking().iter();
    std::iter::from_fn(move || {
        let mut counts = [0_u64; 2];
        for ranked in ranking.by_ref() {
            let weight = weights.get(ranked.row as usize).copied().unwrap_or(0);
            counts[usize::from(ranked.label)] += u64::from(weight);
            if ranked.ends_tie {
                return Some(Tie {
                    positives: counts[1],
                    negatives: counts[0],
                });
            }
        }
        None
    })
}
