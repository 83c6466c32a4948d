//! Mann-Whitney U test.

use crate::drift::columns::{all_equal, joint};
use crate::drift::requirements::on_statistic;
use crate::drift::{Comparison, Compute, Statistic};
use crate::measure::NumericDistribution;
use crate::statistics::special::normal_upper;

const REFERENCES: &[&str] = &[
    "Mann and Whitney 1947",
    "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.mannwhitneyu.html",
];

/// Mann-Whitney U test.
pub(super) const MANN_WHITNEY: Statistic = Statistic {
    id: "mann_whitney",
    title: "Mann-Whitney U test",
    definition: "absolute rank-biserial correlation |1 - 2U/(nm)|, 0 to 1: how much likelier a value of one side is to be above one of the other than below; p-value two-sided, exact when a side has at most 8 values and none is tied, else normal with corrections for ties and continuity; equal constants have p = 1; nulls dropped",
    reference: "scipy `mannwhitneyu`; Evidently tests one side only and misses falls",
    requirement: on_statistic(
        "drift-mann-whitney",
        "The rank-biserial correlation of the column with its side is within its bound.",
        REFERENCES,
    ),
    p_requirement: Some(on_statistic(
        "drift-mann-whitney-p-value",
        "The Mann-Whitney test does not tell the column from the reference.",
        REFERENCES,
    )),
    compute: Compute::Numeric(|reference, current| {
        if all_equal(reference, current) {
            return Ok(Comparison::test(0.0, 1.0));
        }
        let (u, p_value) = mann_whitney(reference, current, Alternative::TwoSided);
        let product = reference.count() as f64 * current.count() as f64;
        Ok(Comparison::test((1.0 - 2.0 * u / product).abs(), p_value))
    }),
};

/// What the test looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::drift) enum Alternative {
    /// A difference either way.
    TwoSided,
    /// The reference lies below the current data.
    Less,
}

/// Values of the smaller side up to which the p-value is exact, without ties; as in scipy.
const EXACT_MAX: f64 = 8.0;

/// Largest U that is counted exactly: 32 megabytes. Beyond, the normal tail is as good, and scipy, which
/// has no such limit, takes minutes.
const EXACT_U_MAX: f64 = 4e6;

/// U of the reference, and the p-value as scipy. NaN when all values are one value and the test is
/// two-sided; callers look.
pub(in crate::drift) fn mann_whitney(
    reference: &NumericDistribution,
    current: &NumericDistribution,
    alternative: Alternative,
) -> (f64, f64) {
    let (n, m) = (reference.count() as f64, current.count() as f64);
    let (mut below, mut ranks, mut ties) = (0.0, 0.0, 0.0);
    for point in joint(reference, current) {
        let both = point.reference + point.current;
        ranks += point.reference * (below + (both + 1.0) / 2.0);
        ties += both * both * both - both;
        below += both;
    }
    let u = ranks - n * (n + 1.0) / 2.0;
    let other = n * m - u;
    let (tested, sides) = match alternative {
        Alternative::TwoSided => (u.max(other), 2.0),
        Alternative::Less => (other, 1.0),
    };
    let tail = if n.min(m) <= EXACT_MAX && ties == 0.0 && n * m <= EXACT_U_MAX {
        exact_upper(tested, n as usize, m as usize)
    } else {
        let total = n + m;
        let deviation = (n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)))).sqrt();
        normal_upper((tested - n * m / 2.0 - 0.5) / deviation)
    };
    (u, (sides * tail).clamp(0.0, 1.0))
}

/// The share of all orders of `n` and `m` different values with a U of at least `u`.
///
/// U is a sum of the smaller count of independent steps: dividing the generating function
/// (1 - x^(m+1)) … (1 - x^(m+n)) / ((1 - x) … (1 - x^n)) out term by term keeps shares, not counts.
fn exact_upper(u: f64, n: usize, m: usize) -> f64 {
    let (n, m) = (n.min(m), n.max(m));
    let most = n * m;
    let mut share = vec![0.0_f64; most + 1];
    share[0] = 1.0;
    for step in 1..=n {
        for index in (m + step..=most).rev() {
            share[index] -= share[index - m - step];
        }
        for index in step..=most {
            share[index] += share[index - step];
        }
        let scale = step as f64 / (m + step) as f64;
        share.iter_mut().for_each(|share| *share *= scale);
    }
    // Symmetric: the sum from the far end is one from the near end, where shares are exact.
    let reach = most - (u.ceil().max(0.0) as usize).min(most);
    share[..=reach].iter().sum()
}
