//! Population stability index.

use std::collections::{BTreeMap, BTreeSet};

use super::{AppliesTo, Column, Side, Statistic, Undefined, checked, sorted};

/// Population stability index.
pub(super) const PSI: Statistic = Statistic {
    id: "psi",
    title: "Population stability index",
    definition: "sum over bins of (current share - reference share) times ln(current share / reference share); numbers: bins (edge, edge] between the distinct deciles 0.1 … 0.9 of the reference, outer bins open, nulls dropped, a constant reference has the bins equal and other; categories: one bin per value of either side, null one of them; shares below 0.0001 are raised to it",
    reference: "Siddiqi 2006, Credit Risk Scorecards; numpy `quantile` and `searchsorted(side=\"left\")`",
    applies_to: AppliesTo::Any,
    compute,
};

/// Bins of a numeric reference, where its values are distinct enough.
const DECILES: usize = 10;

/// Smallest share a bin counts with, so that an empty one does not make the index infinite. Shares are
/// not renormalised after it.
const SHARE_MIN: f64 = 1e-4;

fn compute(reference: &Column<'_>, current: &Column<'_>) -> Result<f64, Undefined> {
    match (reference, current) {
        (Column::Numeric { values, .. }, Column::Numeric { values: others, .. }) => {
            numeric(values, others)
        }
        (
            Column::Categorical { counts, null_count },
            Column::Categorical {
                counts: others,
                null_count: other_nulls,
            },
        ) => categorical((counts, *null_count), (others, *other_nulls)),
        (Column::Numeric { .. }, Column::Categorical { .. })
        | (Column::Categorical { .. }, Column::Numeric { .. }) => Err(Undefined::KindsDiffer),
    }
}

fn numeric(reference: &[f64], current: &[f64]) -> Result<f64, Undefined> {
    let reference = sorted(reference, Side::Reference)?;
    checked(current, Side::Current)?;
    let (first, last) = (reference[0], reference[reference.len() - 1]);
    if first == last {
        // The one decile would put everything below the constant into its bin, so that a column that
        // has only fallen would not have moved.
        let equal = current.iter().filter(|value| **value == first).count();
        let counts = [equal as u64, (current.len() - equal) as u64];
        return Ok(index(&[reference.len() as u64, 0], &counts));
    }
    let edges = deciles(&reference);
    Ok(index(
        &histogram(&edges, &reference),
        &histogram(&edges, current),
    ))
}

/// The distinct deciles 0.1 … 0.9 of sorted values, computed as numpy does (linear interpolation, from
/// whichever end is nearer): values lie on the edges, where the last bit decides the bin.
fn deciles(sorted: &[f64]) -> Vec<f64> {
    let last = sorted.len() - 1;
    let mut edges: Vec<f64> = (1..DECILES)
        .map(|decile| {
            let position = last as f64 * (decile as f64 / DECILES as f64);
            let below = (position.floor() as usize).min(last);
            let above = (below + 1).min(last);
            interpolated(sorted[below], sorted[above], position - below as f64)
        })
        .collect();
    // Rounding may swap neighbours that are almost equal.
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();
    edges
}

fn interpolated(below: f64, above: f64, fraction: f64) -> f64 {
    // The difference of two finite numbers can be infinite; then halves are exact enough.
    let step = above - below;
    if !step.is_finite() {
        return below * (1.0 - fraction) + above * fraction;
    }
    if fraction < 0.5 {
        below + step * fraction
    } else {
        above - step * (1.0 - fraction)
    }
}

/// How many values lie in each bin; bin i is (edge i-1, edge i].
fn histogram(edges: &[f64], values: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; edges.len() + 1];
    for value in values {
        counts[edges.partition_point(|edge| edge < value)] += 1;
    }
    counts
}

type Categories<'a> = (&'a BTreeMap<String, u64>, u64);

fn categorical(reference: Categories<'_>, current: Categories<'_>) -> Result<f64, Undefined> {
    let values: BTreeSet<&String> = reference.0.keys().chain(current.0.keys()).collect();
    let count = |side: Categories<'_>| -> Vec<u64> {
        let of_value = |value: &&String| side.0.get(*value).copied().unwrap_or(0);
        values.iter().map(of_value).chain([side.1]).collect()
    };
    let (reference, current) = (count(reference), count(current));
    for (counts, side) in [(&reference, Side::Reference), (&current, Side::Current)] {
        if counts.iter().all(|count| *count == 0) {
            return Err(Undefined::NoValues(side));
        }
    }
    Ok(index(&reference, &current))
}

/// The index of two histograms over the same bins, each with at least one value. Bins that are empty
/// on both sides add nothing.
fn index(reference: &[u64], current: &[u64]) -> f64 {
    let total = |counts: &[u64]| counts.iter().map(|count| *count as f64).sum::<f64>();
    let (reference_total, current_total) = (total(reference), total(current));
    let bins = reference.iter().zip(current);
    bins.map(|(reference, current)| {
        let reference = (*reference as f64 / reference_total).max(SHARE_MIN);
        let current = (*current as f64 / current_total).max(SHARE_MIN);
        (current - reference) * (current / reference).ln()
    })
    .sum()
}
