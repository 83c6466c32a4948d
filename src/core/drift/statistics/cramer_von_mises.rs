//! Two-sample Cramér-von Mises test.
//!
//! Equal values share their mean rank. The p-value is exact up to 20 values a side (the recursion of
//! Xiao, Gordon and Yakovlev 2006), which with ties is that of scipy: the table without ties is looked
//! up. Above, the statistic is brought to the mean and variance of the limit, whose series stops at a
//! term below 1e-7 as scipy's does: p-values below that are not to be trusted.

use std::collections::BTreeMap;

use crate::drift::columns::{all_equal, joint};
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Side, Statistic, Undefined};
use crate::measure::NumericDistribution;
use crate::statistics::special::{ln_choose, ln_gamma};

const REFERENCES: &[&str] =
    &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.cramervonmises_2samp.html"];

/// Cramér-von Mises test.
pub(super) const CRAMER_VON_MISES: Statistic = Statistic {
    id: "cramer_von_mises",
    title: "Cramér-von Mises test",
    definition: "sum over all values of the squared difference of the two empirical distribution functions, times nm/(n+m)²; equal constants are 0 with p = 1; nulls dropped",
    reference: "Anderson 1962; scipy `cramervonmises_2samp`",
    requirement: on_statistic(
        "drift-cramer-von-mises",
        "The Cramér-von Mises statistic of the column against the reference is within its bound.",
        REFERENCES,
    ),
    p_requirement: Some(on_statistic(
        "drift-cramer-von-mises-p-value",
        "The Cramér-von Mises test does not tell the column from the reference.",
        REFERENCES,
    )),
    compute: Compute::Numeric(|reference, current| {
        if all_equal(reference, current) {
            return Ok(Comparison::test(0.0, 1.0));
        }
        cramer_von_mises(reference, current)
    }),
};

/// Values of the larger side up to which the p-value is exact, as in scipy.
const EXACT_MAX: u64 = 20;

/// The statistic and its p-value, as scipy.
pub(in crate::drift) fn cramer_von_mises(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> Result<Comparison, Undefined> {
    let (count, current_count) = (reference.count(), current.count());
    for (count, side) in [(count, Side::Reference), (current_count, Side::Current)] {
        if count < 2 {
            return Err(Undefined::TooFewValues {
                side,
                count,
                needed: 2,
            });
        }
    }
    let (n, m) = (count as f64, current_count as f64);
    let (mut before, mut now) = (0.0, 0.0);
    let (mut squares, mut current_squares) = (0.0, 0.0);
    for point in joint(reference, current) {
        let rank = before + now + (point.reference + point.current + 1.0) / 2.0;
        squares += squares_of(rank, before, point.reference);
        current_squares += squares_of(rank, now, point.current);
        before += point.reference;
        now += point.current;
    }
    let (u, product, total) = (n * squares + m * current_squares, n * m, n + m);
    let statistic = u / (product * total) - (4.0 * product - 1.0) / (6.0 * total);
    let p_value = if count.max(current_count) <= EXACT_MAX {
        exact_upper(u, count, current_count)
    } else {
        let mean = (1.0 + 1.0 / total) / 6.0;
        let variance = (total + 1.0)
            * (4.0 * product * total - 3.0 * (n * n + m * m) - 2.0 * product)
            / (45.0 * total * total * 4.0 * product);
        let scaled = 1.0 / 6.0 + (statistic - mean) / (45.0 * variance).sqrt();
        // Below it the limit is 0 to 18 digits.
        if scaled < 0.003 {
            1.0
        } else {
            (1.0 - limit_below(scaled)).clamp(0.0, 1.0)
        }
    };
    Ok(Comparison::test(statistic, p_value))
}

/// Sum of the squared differences of a shared rank from the ranks within the side of `count` values
/// after `before` others.
fn squares_of(rank: f64, before: f64, count: f64) -> f64 {
    let difference = rank - (before + (count + 1.0) / 2.0);
    count * difference * difference + count * (count * count - 1.0) / 12.0
}

/// The share of all orders of `n` and `m` values with a statistic of at least that of `u`.
fn exact_upper(u: f64, n: u64, m: u64) -> f64 {
    let divisor = {
        let (mut left, mut right) = (n, m);
        while right != 0 {
            (left, right) = (right, left % right);
        }
        left
    };
    let multiple = n / divisor * m;
    let (step, other_step) = ((multiple / n) as i64, (multiple / m) as i64);
    let (product, total) = ((n * m) as f64, (n + m) as f64);
    let least =
        ((multiple * multiple) as f64 * total * (6.0 * u - product * (4.0 * product - 1.0))
            / (6.0 * product * product))
            .floor();
    // How many ways lead to each value of the statistic, for every count of the reference so far.
    let mut ways: Vec<BTreeMap<u64, f64>> = vec![BTreeMap::new(); n as usize + 1];
    ways[0].insert(0, 1.0);
    for passed in 0..=m as i64 {
        let mut coming: BTreeMap<u64, f64> = BTreeMap::new();
        for (taken, found) in ways.iter_mut().enumerate() {
            for (value, count) in std::mem::take(found) {
                *coming.entry(value).or_default() += count;
            }
            let distance = (step * taken as i64 - other_step * passed).unsigned_abs();
            coming = coming
                .into_iter()
                .map(|(value, count)| (value + distance * distance, count))
                .collect();
            found.clone_from(&coming);
        }
    }
    let at_least = ways[n as usize]
        .iter()
        .filter(|(value, _)| least <= **value as f64);
    let count: f64 = at_least.map(|(_, count)| count).sum();
    (count / ln_choose(total, n as f64).exp()).min(1.0)
}

/// The limit distribution (Anderson and Darling 1952, 1.3), up to the first term below 1e-7.
pub(super) fn limit_below(x: f64) -> f64 {
    let mut sum = 0.0;
    for k in 0..10_000 {
        let k = f64::from(k);
        let weight = (ln_gamma(k + 0.5) - ln_gamma(k + 1.0)).exp()
            / (std::f64::consts::PI.powf(1.5) * x.sqrt());
        let y = 4.0 * k + 1.0;
        let q = y * y / (16.0 * x);
        let term = weight * y.sqrt() * scaled_bessel(q);
        sum += term;
        if term.abs() < 1e-7 {
            break;
        }
    }
    sum
}

/// exp(-q) times the modified Bessel function of the second kind of order 1/4: the integral over t of
/// exp(-q (cosh t + 1)) cosh(t/4), by the trapezoidal rule, which is exact to rounding here.
fn scaled_bessel(q: f64) -> f64 {
    const STEP: f64 = 1.0 / 32.0;
    let integrand = |t: f64| (-q * (t.cosh() + 1.0)).exp() * (t / 4.0).cosh();
    let mut sum = integrand(0.0) / 2.0;
    for index in 1..20_000 {
        let t = f64::from(index) * STEP;
        let term = integrand(t);
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
    }
    sum * STEP
}
