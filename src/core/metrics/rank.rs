//! Ranks, rank correlations and quantiles of weighted rows.

use super::Undefined;
use super::prepared::Weights;
use crate::statistics::order::Order;

/// The rank of each row, from half the weight of the lowest tie; ties share their mean.
pub(super) fn ranks(order: &Order, weights: &Weights<'_>) -> Vec<f64> {
    let mut ranks = vec![0.0; order.len()];
    let mut before = 0.0;
    for tie in order.rising() {
        let tied: f64 = tie.iter().map(|placed| weights.get(placed.row())).sum();
        for placed in tie {
            ranks[placed.row()] = before + 0.5 * tied;
        }
        before += tied;
    }
    ranks
}

/// Pearson correlation of weighted rows, in two passes.
pub(super) fn correlation(
    left: &[f64],
    right: &[f64],
    weights: &Weights<'_>,
) -> Result<f64, Undefined> {
    let total = weights.total();
    if total <= 0.0 {
        return Err(Undefined::NoRows);
    }
    let mean = |values: &[f64]| -> f64 {
        let weighted = values.iter().zip(weights.iter());
        weighted.map(|(value, weight)| value * weight).sum::<f64>() / total
    };
    let centres = (mean(left), mean(right));
    let mut sums = [0.0; 3];
    for ((x, y), weight) in left.iter().zip(right).zip(weights.iter()) {
        let (x, y) = (x - centres.0, y - centres.1);
        sums[0] += weight * x * x;
        sums[1] += weight * y * y;
        sums[2] += weight * x * y;
    }
    if sums[0] <= 0.0 || sums[1] <= 0.0 {
        return Err(Undefined::ConstantLabel);
    }
    Ok((sums[2] / (sums[0].sqrt() * sums[1].sqrt())).clamp(-1.0, 1.0))
}

/// Spearman's rank correlation of pairs: scipy's `spearmanr`.
///
/// # Errors
/// When a side is constant, or there are no pairs.
pub fn spearman(left: &[f64], right: &[f64]) -> Result<f64, Undefined> {
    let weights = Weights::of(left.len().min(right.len()), None);
    let ranks = |values: &[f64]| ranks(&Order::of(values), &weights);
    correlation(&ranks(left), &ranks(right), &weights)
}

/// Kendall's tau-b of rows repeated a whole number of times, in O(n log n) (Knight 1966).
pub(super) fn kendall(
    left: &[f64],
    right: &[f64],
    weights: &Weights<'_>,
) -> Result<f64, Undefined> {
    let mut pairs: Vec<(f64, f64)> = Vec::with_capacity(left.len());
    for (row, (x, y)) in left.iter().zip(right).enumerate() {
        // Weights are counts of draws here.
        for _ in 0..weights.get(row) as u64 {
            pairs.push((*x, *y));
        }
    }
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let count = pairs.len() as u64;
    let all = choose_two(count);
    let tied_left = tied_pairs(pairs.iter().map(|pair| pair.0));
    let tied_both = tied_pairs(pairs.iter().copied());
    let mut values: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let swaps = sort_counting(&mut values);
    let tied_right = tied_pairs(values.iter().copied());
    if all == tied_left || all == tied_right {
        return Err(Undefined::ConstantLabel);
    }
    let balance =
        all as f64 - tied_left as f64 - tied_right as f64 + tied_both as f64 - 2.0 * swaps as f64;
    let scale = ((all - tied_left) as f64).sqrt() * ((all - tied_right) as f64).sqrt();
    Ok((balance / scale).clamp(-1.0, 1.0))
}

fn choose_two(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

/// Pairs of equal neighbours in a sorted sequence.
fn tied_pairs<T: PartialEq>(values: impl Iterator<Item = T>) -> u64 {
    let (mut pairs, mut run) = (0, 0);
    let mut last = None;
    for value in values {
        run = if last.as_ref() == Some(&value) {
            run + 1
        } else {
            1
        };
        pairs += run - 1;
        last = Some(value);
    }
    pairs
}

/// Sorts by merging from below, and counts how many exchanges of neighbours that stands for.
fn sort_counting(values: &mut Vec<f64>) -> u64 {
    let mut swaps = 0;
    let mut merged = Vec::with_capacity(values.len());
    let mut width = 1;
    while width < values.len() {
        merged.clear();
        for chunk in values.chunks(2 * width) {
            let (left, right) = chunk.split_at(width.min(chunk.len()));
            let (mut i, mut j) = (0, 0);
            while i < left.len() || j < right.len() {
                let from_left = match (left.get(i), right.get(j)) {
                    (Some(a), Some(b)) => a <= b,
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                if from_left {
                    merged.push(left[i]);
                    i += 1;
                } else {
                    merged.push(right[j]);
                    swaps += (left.len() - i) as u64;
                    j += 1;
                }
            }
        }
        std::mem::swap(values, &mut merged);
        width *= 2;
    }
    swaps
}

/// The quantile of the weighted values: interpolated between neighbours where weights are equal
/// (numpy's `quantile`), otherwise the mean of the lower and the upper one, as scikit-learn does.
pub(super) fn quantile(
    values: &[f64],
    weights: &Weights<'_>,
    fraction: f64,
) -> Result<f64, Undefined> {
    let mut order: Vec<usize> = (0..values.len())
        .filter(|row| 0.0 < weights.get(*row))
        .collect();
    let Some(equal) = order.first().map(|row| weights.get(*row)) else {
        return Err(Undefined::NoRows);
    };
    order.sort_unstable_by(|left, right| values[*left].total_cmp(&values[*right]));
    if order.iter().all(|row| weights.get(*row) == equal) {
        let position = fraction * (order.len() - 1) as f64;
        let below = position.floor() as usize;
        let above = (below + 1).min(order.len() - 1);
        let (below_value, above_value) = (values[order[below]], values[order[above]]);
        return Ok(below_value + (above_value - below_value) * (position - below as f64));
    }
    let wanted = fraction * weights.total();
    let mut reached = 0.0;
    for (place, row) in order.iter().enumerate() {
        reached += weights.get(*row);
        if wanted < reached {
            return Ok(values[*row]);
        }
        if wanted == reached {
            let next = order.get(place + 1).unwrap_or(row);
            return Ok(0.5 * (values[*row] + values[*next]));
        }
    }
    order
        .last()
        .map(|row| values[*row])
        .ok_or(Undefined::NoRows)
}
