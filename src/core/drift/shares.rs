//! Shares of the same bins on both sides: what divergences compare.
//!
//! Numbers: bins (edge, edge] between the distinct deciles 0.1 … 0.9 of the reference, outer bins open,
//! so that values outside the range of the reference are counted; a constant reference has the bins
//! equal and other. Categories: one bin for each value of either side, and one for values that were
//! counted together. Nulls are dropped.

use std::collections::BTreeSet;

use super::columns::quantiles;
use crate::measure::{CategoricalDistribution, NumericDistribution};

/// Bins of a numeric reference, where its values are distinct enough.
const DECILES: usize = 10;

/// How many values of each side lie in each bin; each side has at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Values of the reference in each bin.
    pub reference: Vec<f64>,
    /// Values of the current data in each bin.
    pub current: Vec<f64>,
}

impl Shares {
    /// The shares of both sides, bin by bin; each side sums to 1.
    pub fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let total: f64 = self.reference.iter().sum();
        let current_total: f64 = self.current.iter().sum();
        let bins = self.reference.iter().zip(&self.current);
        bins.map(move |(reference, current)| (reference / total, current / current_total))
    }
}

/// Bins of numbers.
pub(super) fn of_numbers(reference: &NumericDistribution, current: &NumericDistribution) -> Shares {
    let points = &reference.points;
    if let [(constant, count)] = points.as_slice() {
        // The one decile would put everything below the constant into its bin, so that a column that
        // has only fallen would not have moved.
        let equal = current.points.iter().filter(|(value, _)| value == constant);
        let equal = equal.map(|(_, count)| *count as f64).sum::<f64>();
        return Shares {
            reference: vec![*count as f64, 0.0],
            current: vec![equal, current.count() as f64 - equal],
        };
    }
    let fractions: Vec<f64> = (1..DECILES)
        .map(|decile| decile as f64 / DECILES as f64)
        .collect();
    let mut edges = quantiles(points, &fractions);
    // Rounding may swap neighbours that are almost equal.
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();
    Shares {
        reference: histogram(&edges, points),
        current: histogram(&edges, &current.points),
    }
}

/// How many values lie in each bin; bin i is (edge i-1, edge i].
fn histogram(edges: &[f64], points: &[(f64, u64)]) -> Vec<f64> {
    let mut counts = vec![0.0; edges.len() + 1];
    for (value, count) in points {
        counts[edges.partition_point(|edge| edge < value)] += *count as f64;
    }
    counts
}

/// Bins of categories.
pub(super) fn of_categories(
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Shares {
    let values: BTreeSet<&String> = reference
        .counts
        .keys()
        .chain(current.counts.keys())
        .collect();
    let counts = |side: &CategoricalDistribution| -> Vec<f64> {
        let of_value = |value: &&String| side.counts.get(*value).copied().unwrap_or(0) as f64;
        let mut counts: Vec<f64> = values.iter().map(of_value).collect();
        counts.push(side.other_count as f64);
        counts
    };
    Shares {
        reference: counts(reference),
        current: counts(current),
    }
}
