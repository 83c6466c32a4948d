//! Two-sample Kolmogorov-Smirnov statistic.

use super::{AppliesTo, Column, Side, Statistic, Undefined, sorted};

/// Two-sample Kolmogorov-Smirnov statistic.
pub(super) const KS: Statistic = Statistic {
    id: "ks",
    title: "Kolmogorov-Smirnov statistic",
    definition: "largest distance between the two empirical distribution functions, 0 to 1; nulls dropped",
    reference: "scipy `ks_2samp`, the statistic, not the p-value",
    applies_to: AppliesTo::Numeric,
    compute,
};

fn compute(reference: &Column<'_>, current: &Column<'_>) -> Result<f64, Undefined> {
    match (reference, current) {
        (Column::Numeric { values, .. }, Column::Numeric { values: others, .. }) => {
            let reference = sorted(values, Side::Reference)?;
            let current = sorted(others, Side::Current)?;
            Ok(largest_distance(&reference, &current))
        }
        (Column::Categorical { .. }, Column::Categorical { .. }) => Err(Undefined::NotNumeric),
        (Column::Numeric { .. }, Column::Categorical { .. })
        | (Column::Categorical { .. }, Column::Numeric { .. }) => Err(Undefined::KindsDiffer),
    }
}

/// Walks both sorted columns together; values that are equal are passed on both sides before the
/// distance is taken.
fn largest_distance(reference: &[f64], current: &[f64]) -> f64 {
    let (mut below, mut below_current) = (0, 0);
    let mut largest = 0.0_f64;
    while let (Some(first), Some(second)) = (reference.get(below), current.get(below_current)) {
        let value = first.min(*second);
        below += run(&reference[below..], value);
        below_current += run(&current[below_current..], value);
        let share = below as f64 / reference.len() as f64;
        let share_current = below_current as f64 / current.len() as f64;
        largest = largest.max((share - share_current).abs());
    }
    largest
}

/// How many values at the front are `value`; none is smaller.
fn run(sorted: &[f64], value: f64) -> usize {
    sorted.iter().take_while(|other| **other <= value).count()
}
