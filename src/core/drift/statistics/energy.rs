//! Energy distance.

use super::wasserstein::area;
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Statistic};
use crate::measure::NumericDistribution;

/// Energy distance.
pub(super) const ENERGY_DISTANCE: Statistic = Statistic {
    id: "energy_distance",
    title: "Energy distance",
    definition: "square root of twice the area under the squared difference of the two empirical distribution functions; in the square root of the unit of the column",
    reference: "Szekely 2002; scipy `energy_distance`",
    requirement: on_statistic(
        "drift-energy-distance",
        "The energy distance of the column from the reference is within its bound.",
        &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.energy_distance.html"],
    ),
    p_requirement: None,
    compute: Compute::Numeric(|reference, current| {
        Ok(Comparison::distance(energy_distance(reference, current)))
    }),
};

/// The distance.
pub(in crate::drift) fn energy_distance(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> f64 {
    (2.0 * area(reference, current, |difference| difference * difference)).sqrt()
}
