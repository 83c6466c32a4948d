//! Population stability index.

use crate::drift::requirements::on_statistic;
use crate::drift::shares::{self, Shares};
use crate::drift::{Comparison, Compute, Side, Statistic, Undefined, statistic};
use crate::measure::Distribution;

/// Population stability index.
pub(in crate::drift) const PSI: Statistic = Statistic {
    id: "psi",
    title: "Population stability index",
    definition: "sum over bins of (current share - reference share) times ln(current share / reference share); numbers: bins (edge, edge] between the distinct deciles 0.1 … 0.9 of the reference, outer bins open, nulls dropped, a constant reference has the bins equal and other; categories: one bin per value of either side, null one of them; shares below 0.0001 are raised to it",
    reference: "Siddiqi 2006, Credit Risk Scorecards; numpy `quantile` and `searchsorted(side=\"left\")`",
    requirement: on_statistic(
        "drift-psi",
        "The population stability index of the column against the reference is within its bound.",
        &["Siddiqi 2006, Credit Risk Scorecards"],
    ),
    p_requirement: None,
    compute: Compute::Rows(compute),
};

/// Smallest share a bin counts with, so that an empty one does not make the index infinite. Shares are
/// not renormalised after it.
const SHARE_MIN: f64 = 1e-4;

fn compute(reference: &Distribution, current: &Distribution) -> Result<Comparison, Undefined> {
    let bins = match (reference, current) {
        (Distribution::Numeric(before), Distribution::Numeric(now)) => {
            statistic::finite(before, now)?;
            shares::of_numbers(before, now)
        }
        (Distribution::Categorical(before), Distribution::Categorical(now)) => {
            let mut bins = shares::of_categories(before, now);
            bins.reference.push(before.null_count as f64);
            bins.current.push(now.null_count as f64);
            bins
        }
        (Distribution::Numeric(_), Distribution::Categorical(_))
        | (Distribution::Categorical(_), Distribution::Numeric(_)) => {
            return Err(Undefined::between(reference, current));
        }
    };
    for (counts, side) in [
        (&bins.reference, Side::Reference),
        (&bins.current, Side::Current),
    ] {
        if counts.iter().all(|count| *count == 0.0) {
            return Err(Undefined::NoValues(side));
        }
    }
    Ok(Comparison::distance(index(&bins)))
}

/// Bins that are empty on both sides add nothing.
fn index(bins: &Shares) -> f64 {
    bins.pairs()
        .map(|(reference, current)| {
            let (reference, current) = (reference.max(SHARE_MIN), current.max(SHARE_MIN));
            (current - reference) * (current / reference).ln()
        })
        .sum()
}
