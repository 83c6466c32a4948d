//! Tests of two answers to the same rows: McNemar's for right and wrong, the sign test and Wilcoxon's for
//! the direction of differences, and a permutation test for their mean.
//!
//! Rows are taken to be independent. Wilcoxon's test asks whether differences are symmetric around 0, not
//! whether their mean is: for metrics that are means, the t interval of [`mean`](super::mean::paired) or the
//! permutation test answer the question, and Wilcoxon's is for skewed data like latencies.

use rand_xoshiro::rand_core::Rng as _;
use rayon::prelude::*;

use super::Undefined;
use super::estimate::checked_values;
use super::random::generator;
use super::special::{binomial_half, binomial_lower, chi_square_upper, normal_upper};

/// Discordant rows from which McNemar's test is by chi-square, as good and as cheap there.
pub const MCNEMAR_EXACT_MAX: u64 = 10_000;

/// Differences up to which Wilcoxon's p-value is exact, as scipy's default.
pub const WILCOXON_EXACT_MAX: usize = 50;

/// Differences up to which every change of signs is looked at: 65,536.
pub const PERMUTATION_EXACT_MAX: usize = 16;

/// McNemar's test of equal shares, two-sided: exact below [`MCNEMAR_EXACT_MAX`] discordant rows, by
/// chi-square with continuity correction from there. 1 without discordant rows.
#[must_use]
pub fn mcnemar(first_only: u64, second_only: u64) -> f64 {
    if first_only.saturating_add(second_only) < MCNEMAR_EXACT_MAX {
        mcnemar_exact(first_only, second_only)
    } else {
        mcnemar_chi_square(first_only, second_only).1
    }
}

/// McNemar's exact test: the binomial chance of a split of the discordant rows at least this uneven
/// (McNemar 1947).
#[must_use]
pub fn mcnemar_exact(first_only: u64, second_only: u64) -> f64 {
    let discordant = first_only.saturating_add(second_only);
    (2.0 * binomial_lower(first_only.min(second_only), discordant, 0.5)).min(1.0)
}

/// The exact test less half the chance of the split seen: closer to its level than the exact test, which
/// stays below it, at the price of a little above at times (Fagerland, Lydersen and Laake 2013).
#[must_use]
pub fn mcnemar_mid_p(first_only: u64, second_only: u64) -> f64 {
    let discordant = first_only.saturating_add(second_only);
    let less = first_only.min(second_only);
    let p_value = 2.0 * binomial_lower(less, discordant, 0.5) - binomial_half(less, discordant);
    p_value.clamp(0.0, 1.0)
}

/// (|b - c| - 1)² / (b + c) and its chi-square tail of one degree (Edwards 1948). An even split is 0 with
/// p = 1, as in R; statsmodels gives 1 / (b + c).
#[must_use]
pub fn mcnemar_chi_square(first_only: u64, second_only: u64) -> (f64, f64) {
    let uneven = first_only.abs_diff(second_only);
    if uneven == 0 {
        return (0.0, 1.0);
    }
    let reach = uneven as f64 - 1.0;
    let statistic = reach * reach / (first_only as f64 + second_only as f64);
    (statistic, chi_square_upper(statistic, 1.0))
}

/// Sign test: whether differences are as often above 0 as below, two-sided, exact; zeros say nothing
/// either way and are left out. 1 when all are 0.
///
/// # Errors
/// [`Undefined::NotFinite`]; [`Undefined::TooFew`] without differences.
pub fn sign_test(differences: &[f64]) -> Result<f64, Undefined> {
    checked_values(differences, 1)?;
    let above = differences.iter().filter(|value| 0.0 < **value).count() as u64;
    let below = differences.iter().filter(|value| **value < 0.0).count() as u64;
    Ok(mcnemar_exact(above, below))
}

/// What becomes of differences that are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zeros {
    /// Left out before ranking (Wilcoxon 1945); scipy's `wilcox`.
    #[default]
    Dropped,
    /// Ranked, and their ranks left out (Pratt 1959); scipy's `pratt`.
    Ranked,
    /// Ranked, and their ranks split between both signs; scipy's `zsplit`.
    Split,
}

/// How the tail of the signed-rank sum is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tail {
    /// Exact up to [`WILCOXON_EXACT_MAX`] ranked differences, normal beyond.
    #[default]
    Auto,
    /// Normal, with the variance of tied ranks and without continuity correction.
    Normal,
}

/// Wilcoxon's signed-rank test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// Sum of the ranks of differences above 0.
    pub above: f64,
    /// Sum of the ranks of differences below 0.
    pub below: f64,
    /// Two-sided p-value; 1 when no difference is left.
    pub p_value: f64,
}

/// Wilcoxon's signed-rank test, two-sided. Ties have their mean rank. Exact means exact: over all signs of
/// the ranks as they are, tied or not, where scipy turns to the normal tail at ties among more than 13.
///
/// # Errors
/// [`Undefined::NotFinite`]; [`Undefined::TooFew`] without differences.
pub fn wilcoxon(differences: &[f64], zeros: Zeros, tail: Tail) -> Result<SignedRank, Undefined> {
    checked_values(differences, 1)?;
    let mut ranked: Vec<f64> = match zeros {
        Zeros::Dropped => differences
            .iter()
            .copied()
            .filter(|value| *value != 0.0)
            .collect(),
        Zeros::Ranked | Zeros::Split => differences.to_vec(),
    };
    ranked.sort_unstable_by(|left, right| left.abs().total_cmp(&right.abs()));
    let (mut above, mut below, mut at_zero, mut squares) = (0.0, 0.0, 0.0, 0.0);
    // Twice the ranks, which are whole numbers.
    let mut doubled = Vec::new();
    let mut start = 0;
    for tied in ranked.chunk_by(|left, right| left.abs() == right.abs()) {
        let twice = 2 * start + tied.len() + 1;
        let rank = twice as f64 / 2.0;
        for value in tied {
            if *value == 0.0 {
                at_zero += rank;
                continue;
            }
            if 0.0 < *value {
                above += rank;
            } else {
                below += rank;
            }
            squares += rank * rank;
            doubled.push(twice);
        }
        if tied[0] == 0.0 && zeros == Zeros::Split {
            squares += rank * rank * tied.len() as f64;
        }
        start += tied.len();
    }
    let less = above.min(below);
    let p_value = if doubled.is_empty() {
        1.0
    } else if tail == Tail::Auto && ranked.len() <= WILCOXON_EXACT_MAX {
        2.0 * exact_lower(&doubled, (2.0 * less).round() as usize)
    } else {
        // The sum of ranks with random signs has mean Σr/2 and variance Σr²/4.
        2.0 * normal_upper((above - below).abs() / squares.sqrt())
    };
    let split = match zeros {
        Zeros::Dropped | Zeros::Ranked => 0.0,
        Zeros::Split => at_zero / 2.0,
    };
    Ok(SignedRank {
        above: above + split,
        below: below + split,
        p_value: p_value.min(1.0),
    })
}

/// Chance that the sum of a random half of `parts`, each in or out, is at most `sum`.
fn exact_lower(parts: &[usize], sum: usize) -> f64 {
    let mut chance = vec![0.0; sum + 1];
    chance[0] = 1.0;
    for part in parts {
        for index in (0..=sum).rev() {
            let with = index
                .checked_sub(*part)
                .map_or(0.0, |without| chance[without]);
            chance[index] = (chance[index] + with) / 2.0;
        }
    }
    chance.iter().sum()
}

/// Permutation test of the mean difference, two-sided: the share of changes of signs whose mean is at
/// least as far from 0 (Fisher 1935). All of them up to [`PERMUTATION_EXACT_MAX`] differences other than
/// 0; beyond, `resamples` random ones and the one seen, (1 + extreme) / (1 + resamples), which keeps its
/// level (Phipson and Smyth 2010). 1 when no row differs.
///
/// # Errors
/// [`Undefined::NotFinite`]; [`Undefined::TooFew`] without differences.
pub fn permutation(differences: &[f64], resamples: u32, seed: u64) -> Result<f64, Undefined> {
    checked_values(differences, 1)?;
    // In an order of their own, so that the order of rows does not change the result.
    let mut differences: Vec<f64> = differences
        .iter()
        .copied()
        .filter(|value| *value != 0.0)
        .collect();
    differences.sort_unstable_by(f64::total_cmp);
    let size: f64 = differences.iter().map(|value| value.abs()).sum();
    if !size.is_finite() {
        return Err(Undefined::NotFinite);
    }
    let seen = differences.iter().sum::<f64>().abs() - 1e-14 * size;
    if differences.len() <= PERMUTATION_EXACT_MAX {
        let all = 1_u64 << differences.len();
        let extreme = (0..all).filter(|signs| seen <= signed_sum(&differences, || *signs).abs());
        return Ok(extreme.count() as f64 / all as f64);
    }
    let extreme = (0..resamples).into_par_iter().filter(|index| {
        let mut random = generator(seed, *index);
        seen <= signed_sum(&differences, || random.next_u64()).abs()
    });
    Ok((1.0 + extreme.count() as f64) / (1.0 + f64::from(resamples)))
}

/// The sum with signs from the bits of the words that `signs` gives.
fn signed_sum(differences: &[f64], mut signs: impl FnMut() -> u64) -> f64 {
    let mut sum = 0.0;
    for word in differences.chunks(64) {
        let bits = signs();
        for (index, value) in word.iter().enumerate() {
            sum += if bits >> index & 1 == 1 {
                -value
            } else {
                *value
            };
        }
    }
    sum
}
