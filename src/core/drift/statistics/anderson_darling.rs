//! Two-sample Anderson-Darling test.

use crate::drift::columns::{all_equal, joint};
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Side, Statistic, Undefined};
use crate::measure::NumericDistribution;

const REFERENCES: &[&str] = &[
    "Scholz and Stephens 1987, K-sample Anderson-Darling tests, JASA 82",
    "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.anderson_ksamp.html",
];

/// Anderson-Darling test.
pub(super) const ANDERSON_DARLING: Statistic = Statistic {
    id: "anderson_darling",
    title: "Anderson-Darling test",
    definition: "squared differences of the two empirical distribution functions, weighted so that the tails count, standardised: about 0 for equal distributions and negative for samples closer than chance; equal values share a rank; p-value interpolated in a table and therefore between 0.001 and 0.25 only; equal constants are 0 with p = 1; nulls dropped",
    reference: "scipy `anderson_ksamp(midrank=True)`",
    requirement: on_statistic(
        "drift-anderson-darling",
        "The Anderson-Darling statistic of the column against the reference is within its bound.",
        REFERENCES,
    ),
    p_requirement: Some(on_statistic(
        "drift-anderson-darling-p-value",
        "The Anderson-Darling test does not tell the column from the reference.",
        REFERENCES,
    )),
    compute: Compute::Numeric(|reference, current| {
        if all_equal(reference, current) {
            return Ok(Comparison::test(0.0, 1.0));
        }
        anderson_darling(reference, current)
    }),
};

/// Critical values for one degree of freedom, b0 + b1 + b2 of the paper's table 2, and their levels.
const CRITICAL: [(f64, f64); 7] = [
    (0.675 - 0.245 - 0.105, 0.25),
    (1.281 + 0.25 - 0.305, 0.1),
    (1.645 + 0.678 - 0.362, 0.05),
    (1.96 + 1.149 - 0.391, 0.025),
    (2.326 + 1.822 - 0.396, 0.01),
    (2.573 + 2.364 - 0.345, 0.005),
    (3.085 + 3.615 - 0.154, 0.001),
];

/// The statistic and its p-value, as scipy; not for columns of one value.
pub(in crate::drift) fn anderson_darling(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> Result<Comparison, Undefined> {
    let (n, m) = (reference.count() as f64, current.count() as f64);
    let total = n + m;
    if total < 4.0 {
        let (side, count) = if n <= m {
            (Side::Reference, n as u64)
        } else {
            (Side::Current, m as u64)
        };
        return Err(Undefined::TooFewValues {
            side,
            count,
            needed: 2,
        });
    }
    let (mut before, mut now) = (0.0, 0.0);
    let (mut sum, mut current_sum) = (0.0, 0.0);
    for point in joint(reference, current) {
        let ties = point.reference + point.current;
        let rank = before + now + ties / 2.0;
        let weight = ties / total / (rank * (total - rank) - total * ties / 4.0);
        sum += weight * (total * (before + point.reference / 2.0) - rank * n).powi(2);
        current_sum += weight * (total * (now + point.current / 2.0) - rank * m).powi(2);
        before += point.reference;
        now += point.current;
    }
    let raw = (sum / n + current_sum / m) * (total - 1.0) / total;
    let value = (raw - 1.0) / variance(n, m).sqrt();
    Ok(Comparison::test(value, p_value(value)))
}

/// Variance of the raw statistic of two samples (Scholz and Stephens, equation 4).
fn variance(n: f64, m: f64) -> f64 {
    const K: f64 = 2.0;
    let total = n + m;
    let inverse = 1.0 / n + 1.0 / m;
    let (mut h, mut g) = (0.0, 0.0);
    let mut i = total - 1.0;
    // sum over i of 1/i from the top, and of those sums over the complement.
    let mut place = 2.0;
    while 1.0 < i {
        h += 1.0 / i;
        g += h / place;
        i -= 1.0;
        place += 1.0;
    }
    let h = h + 1.0;
    let a = (4.0 * g - 6.0) * (K - 1.0) + (10.0 - 6.0 * g) * inverse;
    let b = (2.0 * g - 4.0) * K * K + 8.0 * h * K + (2.0 * g - 14.0 * h - 4.0) * inverse - 8.0 * h
        + 4.0 * g
        - 6.0;
    let c = (6.0 * h + 2.0 * g - 2.0) * K * K
        + (4.0 * h - 4.0 * g + 6.0) * K
        + (2.0 * h - 6.0) * inverse
        + 4.0 * h;
    let d = (2.0 * h + 6.0) * K * K - 4.0 * h * K;
    (a * total.powi(3) + b * total * total + c * total + d)
        / ((total - 1.0) * (total - 2.0) * (total - 3.0))
}

/// By a parabola through the logarithms of the levels, fitted by least squares; outside the table its
/// ends.
fn p_value(value: f64) -> f64 {
    let (first, last) = (CRITICAL[0], CRITICAL[CRITICAL.len() - 1]);
    if value < first.0 {
        return first.1;
    }
    if last.0 < value {
        return last.1;
    }
    // Orthogonal polynomials over the critical values, so that nothing cancels.
    let count = CRITICAL.len() as f64;
    let mean = CRITICAL.iter().map(|(x, _)| x).sum::<f64>() / count;
    let square = |x: f64| (x - mean) * (x - mean);
    let spread = CRITICAL.iter().map(|(x, _)| square(*x)).sum::<f64>();
    let skew = CRITICAL
        .iter()
        .map(|(x, _)| square(*x) * (x - mean))
        .sum::<f64>()
        / spread;
    let quadratic = |x: f64| square(x) - skew * (x - mean) - spread / count;
    let norm = CRITICAL
        .iter()
        .map(|(x, _)| quadratic(*x).powi(2))
        .sum::<f64>();
    let level = |of: &dyn Fn(f64) -> f64| {
        CRITICAL
            .iter()
            .map(|(x, level)| of(*x) * level.ln())
            .sum::<f64>()
    };
    let fitted = level(&|_| 1.0) / count
        + level(&|x| x - mean) / spread * (value - mean)
        + level(&quadratic) / norm * quadratic(value);
    fitted.exp()
}
