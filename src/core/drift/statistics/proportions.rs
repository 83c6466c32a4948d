//! Tests of two proportions: for columns of two values.

use crate::drift::requirements::on_statistic;
use crate::drift::shares::{Shares, of_categories};
use crate::drift::special::{ln_choose, normal_upper};
use crate::drift::{Comparison, Compute, Statistic, Undefined};
use crate::measure::CategoricalDistribution;

/// Two-proportion z-test.
pub(super) const TWO_PROPORTION_Z: Statistic = Statistic {
    id: "two_proportion_z",
    title: "Two-proportion z-test",
    definition: "difference of the shares of a value over its standard error under equal shares, in absolute terms, p-value two-sided; for columns of at most two values, a single one is 0 with p = 1; nulls dropped",
    reference: "numpy and scipy `norm`",
    requirement: on_statistic(
        "drift-two-proportion-z",
        "The z statistic of the share of a value against the reference is within its bound.",
        &["Newcombe 1998, Interval estimation for the difference between independent proportions"],
    ),
    p_requirement: Some(on_statistic(
        "drift-two-proportion-z-p-value",
        "The z-test of two proportions does not tell the column from the reference.",
        &["Newcombe 1998, Interval estimation for the difference between independent proportions"],
    )),
    compute: Compute::Categorical(|reference, current| {
        let Some(table) = binary(reference, current)? else {
            return Ok(Comparison::test(0.0, 1.0));
        };
        let (z, p_value) = two_proportion_z(&table);
        Ok(Comparison::test(z.abs(), p_value))
    }),
};

/// Fisher's exact test.
pub(super) const FISHER_EXACT: Statistic = Statistic {
    id: "fisher_exact",
    title: "Fisher's exact test",
    definition: "absolute difference of the shares of a value, 0 to 1; p-value: chance, given the margins of the 2 × 2 table, of a table no likelier than the one seen; for columns of at most two values, a single one is 0 with p = 1; nulls dropped",
    reference: "scipy `fisher_exact`, two-sided",
    requirement: on_statistic(
        "drift-fisher-exact",
        "The difference of the share of a value from the reference is within its bound.",
        &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.fisher_exact.html"],
    ),
    p_requirement: Some(on_statistic(
        "drift-fisher-exact-p-value",
        "Fisher's exact test does not tell the column from the reference.",
        &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.fisher_exact.html"],
    )),
    compute: Compute::Categorical(|reference, current| {
        let Some(table) = binary(reference, current)? else {
            return Ok(Comparison::test(0.0, 1.0));
        };
        let difference = table.pairs().map(|(before, now)| (before - now).abs());
        let value = difference.fold(0.0, f64::max);
        Ok(Comparison::test(value, fisher_p_value(&table)))
    }),
};

/// The table of the two values; `None` when there is one.
fn binary(
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Result<Option<Shares>, Undefined> {
    let mut table = of_categories(reference, current);
    let seen: Vec<(f64, f64)> = table
        .reference
        .iter()
        .zip(&table.current)
        .map(|(before, now)| (*before, *now))
        .filter(|pair| *pair != (0.0, 0.0))
        .collect();
    (table.reference, table.current) = seen.into_iter().unzip();
    match table.reference.len() {
        0 | 1 => Ok(None),
        2 => Ok(Some(table)),
        more => Err(Undefined::NotBinary(more)),
    }
}

/// z of the share of the first value, pooled, and its two-sided p-value.
pub(in crate::drift) fn two_proportion_z(table: &Shares) -> (f64, f64) {
    let reference: f64 = table.reference.iter().sum();
    let current: f64 = table.current.iter().sum();
    let (first, first_current) = (table.reference[0], table.current[0]);
    let pooled = (first + first_current) / (reference + current);
    let error = (pooled * (1.0 - pooled) * (1.0 / reference + 1.0 / current)).sqrt();
    let z = (first / reference - first_current / current) / error;
    (z, (2.0 * normal_upper(z.abs())).min(1.0))
}

/// Sum of the chances of all tables with the same margins that are no likelier than this one.
pub(in crate::drift) fn fisher_p_value(table: &Shares) -> f64 {
    /// Tables this little likelier count as equally likely, as in scipy.
    const SLACK: f64 = 1.0 + 1e-14;
    /// What a logarithm of a chance may be off by rounding, relative to the size of its terms.
    const ROUNDING: f64 = 1e-13;
    /// Standard deviations, and tables, looked at on either side.
    const REACH: f64 = 60.0;
    let reference: f64 = table.reference.iter().sum();
    let current: f64 = table.current.iter().sum();
    let first = table.reference[0] + table.current[0];
    let total = reference + current;
    if first == 0.0 || first == total {
        return 1.0;
    }
    let all = ln_choose(total, first);
    let ln_chance = |cell: f64| ln_choose(reference, cell) + ln_choose(current, first - cell) - all;
    // Farther from the middle than this a table has a chance below the smallest double.
    let middle = first * reference / total;
    let reach = REACH * (middle * current / total * (total - first) / total).sqrt() + REACH;
    let least = (first - current).max(0.0).max((middle - reach).floor());
    let most = first.min(reference).min((middle + reach).ceil());
    let seen = ln_chance(table.reference[0]) + SLACK.ln() + ROUNDING * total.max(1.0).ln();
    let mut sum = 0.0;
    let mut cell = least;
    while cell <= most {
        let ln_chance = ln_chance(cell);
        if ln_chance <= seen + ROUNDING * all.abs() {
            sum += ln_chance.exp();
        }
        cell += 1.0;
    }
    sum.min(1.0)
}
