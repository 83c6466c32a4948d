//! Wasserstein distance of order 1, also called earth mover's distance: how far values have to be moved
//! on average, in the unit of the column or in standard deviations.

use crate::drift::columns::{joint, moments};
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Statistic};
use crate::measure::NumericDistribution;

const REFERENCES: &[&str] =
    &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.wasserstein_distance.html"];

/// Wasserstein distance in the unit of the column.
pub(super) const WASSERSTEIN: Statistic = Statistic {
    id: "wasserstein",
    title: "Wasserstein distance",
    definition: "area between the two empirical distribution functions, in the unit of the column; for dates and times in seconds",
    reference: "scipy `wasserstein_distance`",
    requirement: on_statistic(
        "drift-wasserstein",
        "The Wasserstein distance of the column from the reference is within its bound.",
        REFERENCES,
    ),
    p_requirement: None,
    compute: Compute::Numeric(|reference, current| {
        Ok(Comparison::distance(wasserstein_distance(
            reference, current,
        )))
    }),
};

/// Wasserstein distance in standard deviations of the reference.
pub(super) const WASSERSTEIN_NORMALIZED: Statistic = Statistic {
    id: "wasserstein_normalized",
    title: "Normalised Wasserstein distance",
    definition: "Wasserstein distance over the standard deviation of the reference (ddof 0), or of both sides together when the reference is constant; equal constants are 0 apart. Evidently divides by at least 0.001 instead, so that a constant that has changed is 1000 apart",
    reference: "scipy `wasserstein_distance`, numpy `std`",
    requirement: on_statistic(
        "drift-wasserstein-normalized",
        "The Wasserstein distance of the column in standard deviations of the reference is within its bound.",
        REFERENCES,
    ),
    p_requirement: None,
    compute: Compute::Numeric(|reference, current| {
        let distance = wasserstein_distance(reference, current);
        if distance == 0.0 {
            return Ok(Comparison::distance(0.0));
        }
        let (count, _, squares) = match reference.points.as_slice() {
            [_] => moments(&pooled(reference, current)),
            _ => moments(reference),
        };
        Ok(Comparison::distance(distance / (squares / count).sqrt()))
    }),
};

fn pooled(reference: &NumericDistribution, current: &NumericDistribution) -> NumericDistribution {
    let points = joint(reference, current)
        .map(|point| (point.value, (point.reference + point.current) as u64))
        .collect();
    NumericDistribution {
        points,
        ..NumericDistribution::default()
    }
}

/// The distance in the unit of the column.
pub(in crate::drift) fn wasserstein_distance(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> f64 {
    area(reference, current, f64::abs)
}

/// The area under a function of the difference of the two distribution functions.
pub(super) fn area(
    reference: &NumericDistribution,
    current: &NumericDistribution,
    of: impl Fn(f64) -> f64,
) -> f64 {
    let (count, current_count) = (reference.count() as f64, current.count() as f64);
    let (mut below, mut below_current) = (0.0, 0.0);
    let mut last: Option<f64> = None;
    let mut sum = 0.0;
    for point in joint(reference, current) {
        if let Some(last) = last {
            sum += of(below / count - below_current / current_count) * (point.value - last);
        }
        below += point.reference;
        below_current += point.current;
        last = Some(point.value);
    }
    sum
}
