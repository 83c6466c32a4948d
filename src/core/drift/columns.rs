//! Two columns walked together, and what is read off one: the arithmetic all statistics share.

use crate::measure::NumericDistribution;

/// A value with how often it occurs on either side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Joint {
    pub(super) value: f64,
    pub(super) reference: f64,
    pub(super) current: f64,
}

/// The different values of both sides, ascending.
pub(super) fn joint<'a>(
    reference: &'a NumericDistribution,
    current: &'a NumericDistribution,
) -> impl Iterator<Item = Joint> + 'a {
    let (mut before, mut now) = (
        reference.points.iter().peekable(),
        current.points.iter().peekable(),
    );
    std::iter::from_fn(move || {
        let value = match (before.peek(), now.peek()) {
            (Some((first, _)), Some((second, _))) => first.min(*second),
            (Some((value, _)), None) | (None, Some((value, _))) => *value,
            (None, None) => return None,
        };
        let reference = before.next_if(|(point, _)| *point == value);
        let current = now.next_if(|(point, _)| *point == value);
        Some(Joint {
            value,
            reference: reference.map_or(0.0, |(_, count)| *count as f64),
            current: current.map_or(0.0, |(_, count)| *count as f64),
        })
    })
}

/// Number of values, mean, and sum of squared differences from the mean.
pub(super) fn moments(numbers: &NumericDistribution) -> (f64, f64, f64) {
    let count = numbers.count() as f64;
    let mean = weighted_sum(numbers, |value| value) / count;
    // One more pass takes the rounding of the mean away.
    let mean = mean + weighted_sum(numbers, |value| value - mean) / count;
    let squares = weighted_sum(numbers, |value| (value - mean).powi(2));
    (count, mean, squares)
}

/// Sum over the values, compensated (Neumaier 1974).
pub(super) fn weighted_sum(numbers: &NumericDistribution, of: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for (value, count) in &numbers.points {
        let term = of(*value) * *count as f64;
        let next = sum + term;
        lost += if term.abs() <= sum.abs() {
            (sum - next) + term
        } else {
            (term - next) + sum
        };
        sum = next;
    }
    if lost.is_finite() { sum + lost } else { sum }
}

/// Whether all values of both sides are one value.
pub(super) fn all_equal(reference: &NumericDistribution, current: &NumericDistribution) -> bool {
    joint(reference, current).nth(1).is_none()
}

/// The values at fractions of sorted values, computed as numpy does (linear interpolation, from
/// whichever end is nearer): values lie on the edges, where the last bit decides the bin.
pub(super) fn quantiles(points: &[(f64, u64)], fractions: &[f64]) -> Vec<f64> {
    let mut ends = Vec::with_capacity(points.len());
    let mut below = 0_u64;
    for (_, count) in points {
        below = below.saturating_add(*count);
        ends.push(below);
    }
    let at = |rank: u64| {
        points[ends
            .partition_point(|end| *end <= rank)
            .min(points.len() - 1)]
        .0
    };
    let last = below.saturating_sub(1);
    fractions
        .iter()
        .map(|fraction| {
            let position = last as f64 * fraction;
            let lower = (position.floor() as u64).min(last);
            let upper = (lower + 1).min(last);
            interpolated(at(lower), at(upper), position - lower as f64)
        })
        .collect()
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
