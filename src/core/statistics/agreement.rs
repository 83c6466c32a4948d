//! How far raters agree, what a judge with known errors says of a rate, and rates of repeated answers.

use std::collections::BTreeMap;

use super::estimate::{checked_values, same_length};
use super::mean::{Rows, mean};
use super::paired::mcnemar_exact;
use super::proportion::Share;
use super::special::ln_choose;
use super::{Estimate, Undefined};

/// How much a disagreement between two ordered categories counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Distance {
    /// Every disagreement alike.
    #[default]
    Nominal,
    /// By how many categories they are apart.
    Linear,
    /// By the square of that.
    Quadratic,
}

impl Distance {
    fn between(self, left: usize, right: usize) -> f64 {
        let apart = left.abs_diff(right) as f64;
        match self {
            Self::Nominal => f64::from(u8::from(left != right)),
            Self::Linear => apart,
            Self::Quadratic => apart * apart,
        }
    }
}

/// Cohen's kappa of a square table of counts, the first rater in rows: 1 less the disagreement seen over
/// the one expected by chance (Cohen 1960 and 1968), with its large-sample standard error (Fleiss, Cohen
/// and Everitt 1969).
///
/// # Errors
/// [`Undefined::TooFew`] without counts; [`Undefined::LengthsDiffer`] for a table that is not square;
/// [`Undefined::NoVariation`] when both raters only ever give one and the same category.
pub fn cohen_kappa(table: &[Vec<u64>], distance: Distance) -> Result<Estimate, Undefined> {
    let size = table.len();
    for row in table {
        same_length(row.len(), size)?;
    }
    let total: f64 = table.iter().flatten().map(|count| *count as f64).sum();
    if total == 0.0 {
        return Err(too_few("rated items", 0, 1));
    }
    let share = |row: usize, column: usize| table[row][column] as f64 / total;
    let rows: Vec<f64> = (0..size)
        .map(|row| (0..size).map(|column| share(row, column)).sum())
        .collect();
    let columns: Vec<f64> = (0..size)
        .map(|column| (0..size).map(|row| share(row, column)).sum())
        .collect();
    let cells = || (0..size).flat_map(|row| (0..size).map(move |column| (row, column)));
    // Agreement is one less the distance over the largest one.
    let most = distance.between(0, size.saturating_sub(1)).max(1.0);
    let weight = |row: usize, column: usize| 1.0 - distance.between(row, column) / most;
    let seen: f64 = cells()
        .map(|(row, column)| weight(row, column) * share(row, column))
        .sum();
    let chance: f64 = cells()
        .map(|(row, column)| weight(row, column) * rows[row] * columns[column])
        .sum();
    if 1.0 - chance <= f64::EPSILON {
        return Err(Undefined::NoVariation);
    }
    let kappa = (seen - chance) / (1.0 - chance);
    let by_row: Vec<f64> = (0..size)
        .map(|row| {
            (0..size)
                .map(|column| weight(row, column) * columns[column])
                .sum()
        })
        .collect();
    let by_column: Vec<f64> = (0..size)
        .map(|column| (0..size).map(|row| weight(row, column) * rows[row]).sum())
        .collect();
    let sum: f64 = cells()
        .map(|(row, column)| {
            let expected = by_row[row] + by_column[column];
            let part = weight(row, column) * (1.0 - chance) - expected * (1.0 - seen);
            share(row, column) * part * part
        })
        .sum();
    let less = seen * chance - 2.0 * chance + seen;
    let variance = (sum - less * less) / (total * (1.0 - chance).powi(4));
    Estimate::normal(kappa, variance.max(0.0).sqrt()).checked()
}

fn too_few(of: &'static str, count: u64, needed: u64) -> Undefined {
    Undefined::TooFew { of, count, needed }
}

/// Scale of the ratings Krippendorff's alpha compares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Ratings are equal or not.
    #[default]
    Nominal,
    /// Ratings differ by the square of their difference.
    Interval,
}

/// Krippendorff's alpha: 1 less the disagreement within items over that among all ratings (Krippendorff
/// 2004). Each item has the ratings it was given, of any number of raters; items with fewer than two say
/// nothing and are left out.
///
/// # Errors
/// [`Undefined::TooFew`] without an item of two ratings; [`Undefined::NoVariation`] when all ratings are
/// one; [`Undefined::NotFinite`].
pub fn krippendorff_alpha(items: &[Vec<f64>], scale: Scale) -> Result<f64, Undefined> {
    let pairable = || items.iter().filter(|ratings| 2 <= ratings.len());
    let mut all: Vec<f64> = pairable().flatten().copied().collect();
    if all.is_empty() {
        return Err(too_few("items rated twice", 0, 1));
    }
    checked_values(&all, 2)?;
    all.sort_unstable_by(f64::total_cmp);
    let within: f64 = pairable()
        .map(|ratings| {
            let mut sorted = ratings.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            disagreement(&sorted, scale) / (ratings.len() - 1) as f64
        })
        .sum();
    let among = disagreement(&all, scale) / (all.len() - 1) as f64;
    if among == 0.0 {
        return Err(Undefined::NoVariation);
    }
    let alpha = 1.0 - within / among;
    if alpha.is_finite() {
        Ok(alpha)
    } else {
        Err(Undefined::NotFinite)
    }
}

/// The sum over all ordered pairs of what they differ by, of sorted values.
fn disagreement(sorted: &[f64], scale: Scale) -> f64 {
    let count = sorted.len() as f64;
    match scale {
        Scale::Nominal => {
            let equal = sorted.chunk_by(|left, right| left == right);
            count * count
                - equal
                    .map(|equal| (equal.len() * equal.len()) as f64)
                    .sum::<f64>()
        }
        Scale::Interval => {
            let mean =
                sorted[0] + sorted.iter().map(|value| value - sorted[0]).sum::<f64>() / count;
            2.0 * count
                * sorted
                    .iter()
                    .map(|value| (value - mean) * (value - mean))
                    .sum::<f64>()
        }
    }
}

/// What a judge is worth, measured against people's labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judge {
    /// Positive items that it calls positive.
    pub sensitivity: Share,
    /// Negative items that it calls negative.
    pub specificity: Share,
}

/// The true rate behind the rate a judge finds: (p + specificity - 1) / (sensitivity + specificity - 1),
/// within 0 and 1 (Rogan and Gladen 1978), with the standard error of all three shares by the delta
/// method. Two failures and two successes are added to each share for the error alone (as Agresti and
/// Coull 1998 do for one share), so that a judge never seen wrong is not taken to be never wrong.
///
/// # Errors
/// [`Undefined::NoVariation`] for a judge no better than chance.
pub fn rogan_gladen(found: Share, judge: Judge) -> Result<Estimate, Undefined> {
    let informed = judge.sensitivity.value() + judge.specificity.value() - 1.0;
    if informed <= 0.0 {
        return Err(Undefined::NoVariation);
    }
    let rate = ((found.value() + judge.specificity.value() - 1.0) / informed).clamp(0.0, 1.0);
    let part = |share: Share| {
        let trials = share.trials() as f64 + 4.0;
        let value = (share.successes() as f64 + 2.0) / trials;
        value * (1.0 - value) / trials
    };
    let variance = part(found)
        + rate * rate * part(judge.sensitivity)
        + (1.0 - rate) * (1.0 - rate) * part(judge.specificity);
    Estimate::normal(rate, variance.sqrt() / informed).checked()
}

/// Chance that at least one of `k` answers is right, unbiased from `right` of `answers` (Chen and others
/// 2021): 1 - C(n - c, k) / C(n, k).
///
/// # Errors
/// [`Undefined::TooFew`] with fewer than `k` answers; [`Undefined::MoreThanTrials`];
/// [`Undefined::Setting`] for `k` of 0.
pub fn pass_at_k(right: u64, answers: u64, k: u64) -> Result<f64, Undefined> {
    checked_pass(right, answers, k)?;
    Ok(1.0 - chance_of_only(answers - right, answers, k))
}

/// Chance that all of `k` answers are right, unbiased: C(c, k) / C(n, k).
///
/// # Errors
/// As [`pass_at_k`].
pub fn pass_power_k(right: u64, answers: u64, k: u64) -> Result<f64, Undefined> {
    checked_pass(right, answers, k)?;
    Ok(chance_of_only(right, answers, k))
}

fn checked_pass(right: u64, answers: u64, k: u64) -> Result<(), Undefined> {
    Share::new(right, answers)?;
    if k == 0 {
        return Err(Undefined::Setting {
            name: "k",
            value: 0.0,
            required: "at least 1",
        });
    }
    if answers < k {
        return Err(too_few("answers", answers, k));
    }
    Ok(())
}

/// Chance that `k` drawn from `all` without replacement are all of `kind`.
fn chance_of_only(kind: u64, all: u64, k: u64) -> f64 {
    /// Factors up to which they are multiplied one by one, without rounding of logarithms.
    const FACTORS_MAX: u64 = 1_000;
    if kind < k {
        return 0.0;
    }
    if k <= FACTORS_MAX {
        return (0..k)
            .map(|drawn| (kind - drawn) as f64 / (all - drawn) as f64)
            .product();
    }
    let ln = ln_choose(kind as f64, k as f64) - ln_choose(all as f64, k as f64);
    ln.exp().min(1.0)
}

/// Who wins, item by item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WinRate {
    /// Wins and half the ties, over items, 0 to 1; with Student's t interval, by item.
    pub rate: Estimate,
    /// Items won.
    pub wins: u64,
    /// Items lost.
    pub losses: u64,
    /// Sign test of wins against losses, ties left out.
    pub p_value: f64,
}

/// Win rate from a score for each item: above one half won, below lost. An item judged twice, with the
/// positions of the answers swapped, has the mean of both: a judge that prefers a position makes ties.
///
/// # Errors
/// [`Undefined::TooFew`] with fewer than two items; [`Undefined::NoVariation`] when all have one score;
/// [`Undefined::NotFinite`]; [`Undefined::Setting`] for a score not from 0 to 1.
pub fn win_rate(scores: &[f64]) -> Result<WinRate, Undefined> {
    checked_values(scores, 2)?;
    if let Some(score) = scores.iter().find(|score| !(0.0..=1.0).contains(*score)) {
        return Err(Undefined::Setting {
            name: "the score of an item",
            value: *score,
            required: "from 0 for lost to 1 for won",
        });
    }
    let wins = scores.iter().filter(|score| 0.5 < **score).count() as u64;
    let losses = scores.iter().filter(|score| **score < 0.5).count() as u64;
    Ok(WinRate {
        rate: mean(&Rows::of(scores))?,
        wins,
        losses,
        p_value: mcnemar_exact(wins, losses),
    })
}

/// The table of two raters' categories, in the order of the categories.
///
/// # Errors
/// [`Undefined::LengthsDiffer`].
pub fn rating_table<T: Ord>(first: &[T], second: &[T]) -> Result<Vec<Vec<u64>>, Undefined> {
    same_length(first.len(), second.len())?;
    let mut numbers: BTreeMap<&T, usize> = first
        .iter()
        .chain(second)
        .map(|rating| (rating, 0))
        .collect();
    numbers
        .values_mut()
        .enumerate()
        .for_each(|(index, number)| *number = index);
    let mut table = vec![vec![0; numbers.len()]; numbers.len()];
    for (first, second) in first.iter().zip(second) {
        table[numbers[first]][numbers[second]] += 1;
    }
    Ok(table)
}
