//! Two-sample Kolmogorov-Smirnov statistic and test.

use crate::drift::columns::joint;
use crate::drift::kolmogorov::two_sample_upper;
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Statistic};
use crate::measure::NumericDistribution;

const REFERENCES: &[&str] =
    &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.ks_2samp.html"];

/// Two-sample Kolmogorov-Smirnov statistic.
pub(in crate::drift) const KS: Statistic = Statistic {
    id: "ks",
    title: "Kolmogorov-Smirnov statistic",
    definition: "largest distance between the two empirical distribution functions, 0 to 1; nulls dropped; p-value exact up to 10,000 values a side, else that of one sample of the effective size",
    reference: "scipy `ks_2samp`",
    requirement: on_statistic(
        "drift-ks",
        "The Kolmogorov-Smirnov statistic of the column against the reference is within its bound.",
        REFERENCES,
    ),
    p_requirement: Some(on_statistic(
        "drift-ks-p-value",
        "The Kolmogorov-Smirnov test does not tell the column from the reference.",
        REFERENCES,
    )),
    compute: Compute::Numeric(|reference, current| {
        let (value, p_value) = kolmogorov_smirnov(reference, current);
        Ok(Comparison::test(value, p_value))
    }),
};

/// The statistic and its p-value.
pub(in crate::drift) fn kolmogorov_smirnov(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> (f64, f64) {
    let (count, current_count) = (reference.count(), current.count());
    let largest = largest_distance(reference, current);
    (largest, two_sample_upper(largest, count, current_count))
}

/// Values that are equal are passed on both sides before the distance is taken.
fn largest_distance(reference: &NumericDistribution, current: &NumericDistribution) -> f64 {
    let (count, current_count) = (reference.count() as f64, current.count() as f64);
    let (mut below, mut below_current) = (0.0, 0.0);
    let mut largest = 0.0_f64;
    for point in joint(reference, current) {
        below += point.reference;
        below_current += point.current;
        largest = largest.max((below / count - below_current / current_count).abs());
    }
    largest
}
