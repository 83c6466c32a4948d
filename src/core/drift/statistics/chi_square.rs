//! Tests of independence of value and side: Pearson's chi-square, the G-test, and Cramér's V, the size of
//! the effect they test.
//!
//! They compare two samples. Evidently and others test the current counts against expected ones made of
//! the reference, as if the reference had no error of its own; then one row of a new category among ten
//! thousand has p = 0.

use crate::drift::requirements::on_statistic;
use crate::drift::shares::of_categories;
use crate::drift::{Comparison, Compute, Statistic, shares::Shares};
use crate::statistics::special::chi_square_upper;

const CONTINGENCY: &[&str] =
    &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.chi2_contingency.html"];

/// Pearson's test of homogeneity.
pub(super) const CHI_SQUARE: Statistic = Statistic {
    id: "chi_square",
    title: "Chi-square test",
    definition: "sum over the values and both sides of (observed - expected)² / expected with the counts expected if both sides had the same shares, without correction for continuity; one degree of freedom fewer than there are values; a single value on both sides is 0 with p = 1; nulls dropped",
    reference: "scipy `chi2_contingency(correction=False)`",
    requirement: on_statistic(
        "drift-chi-square",
        "The chi-square statistic of the column against the reference is within its bound.",
        CONTINGENCY,
    ),
    p_requirement: Some(on_statistic(
        "drift-chi-square-p-value",
        "The chi-square test does not tell the column from the reference.",
        CONTINGENCY,
    )),
    compute: Compute::Categorical(|reference, current| {
        let (value, p_value, _) = table_test(&of_categories(reference, current), pearson);
        Ok(Comparison::test(value, p_value))
    }),
};

/// Size of the effect the chi-square test tests.
pub(super) const CRAMERS_V: Statistic = Statistic {
    id: "cramers_v",
    title: "Cramér's V",
    definition: "square root of the chi-square statistic over the number of values of both sides, 0 (same shares) to 1 (nothing in common); nulls dropped",
    reference: "scipy `contingency.association(method=\"cramer\")`",
    requirement: on_statistic(
        "drift-cramers-v",
        "Cramér's V of the column against the reference is within its bound.",
        &["Cramér 1946, Mathematical Methods of Statistics"],
    ),
    p_requirement: None,
    compute: Compute::Categorical(|reference, current| {
        let (value, _, total) = table_test(&of_categories(reference, current), pearson);
        Ok(Comparison::distance((value / total).sqrt().min(1.0)))
    }),
};

/// Likelihood-ratio test of homogeneity.
pub(super) const G_TEST: Statistic = Statistic {
    id: "g_test",
    title: "G-test",
    definition: "twice the sum over the values and both sides of observed times ln(observed / expected), expected as in the chi-square test, same degrees of freedom; nulls dropped",
    reference: "scipy `chi2_contingency(lambda_=\"log-likelihood\", correction=False)`",
    requirement: on_statistic(
        "drift-g-test",
        "The G statistic of the column against the reference is within its bound.",
        CONTINGENCY,
    ),
    p_requirement: Some(on_statistic(
        "drift-g-test-p-value",
        "The G-test does not tell the column from the reference.",
        CONTINGENCY,
    )),
    compute: Compute::Categorical(|reference, current| {
        let (value, p_value, _) = table_test(&of_categories(reference, current), likelihood);
        Ok(Comparison::test(value.max(0.0), p_value))
    }),
};

fn pearson(observed: f64, expected: f64) -> f64 {
    (observed - expected).powi(2) / expected
}

fn likelihood(observed: f64, expected: f64) -> f64 {
    if observed == 0.0 {
        return 0.0;
    }
    2.0 * observed * (observed / expected).ln()
}

/// The sum over all cells of a table of two rows, its p-value, and the number of values.
fn table_test(table: &Shares, cell: fn(observed: f64, expected: f64) -> f64) -> (f64, f64, f64) {
    let reference: f64 = table.reference.iter().sum();
    let current: f64 = table.current.iter().sum();
    let total = reference + current;
    let (mut sum, mut values) = (0.0, 0_u64);
    for (before, now) in table.reference.iter().zip(&table.current) {
        let both = before + now;
        if both == 0.0 {
            continue;
        }
        values += 1;
        sum += cell(*before, both * reference / total) + cell(*now, both * current / total);
    }
    let degrees = values.saturating_sub(1) as f64;
    if degrees == 0.0 {
        return (0.0, 1.0, total);
    }
    (sum, chi_square_upper(sum.max(0.0), degrees), total)
}
