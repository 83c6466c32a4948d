//! Tests of two proportions: for columns of two values.

use crate::drift::requirements::on_statistic;
use crate::drift::shares::{Shares, of_categories};
use crate::drift::{Comparison, Compute, Statistic, Undefined};
use crate::measure::CategoricalDistribution;
use crate::statistics::proportion::{self, Share};

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
    let (reference, current) = sides(table);
    proportion::two_proportion_z(reference, current)
}

/// Sum of the chances of all tables with the same margins that are no likelier than this one.
pub(in crate::drift) fn fisher_p_value(table: &Shares) -> f64 {
    let (reference, current) = sides(table);
    proportion::fisher_exact(reference, current)
}

/// The first value among the values of each side.
fn sides(table: &Shares) -> (Share, Share) {
    let side = |counts: &[f64]| {
        let all: f64 = counts.iter().sum();
        Share::new(counts[0] as u64, all as u64).expect("a side has at least one value")
    };
    (side(&table.reference), side(&table.current))
}
