//! The search itself: every part and every pair of parts, each tested against all other rows.

use rayon::prelude::*;

use super::super::slices::NotSliced;
use super::searched::Searched;
use crate::evidence::Reason;
use crate::statistics::Correction;
use crate::statistics::mean::{Moments, welch};
use crate::statistics::proportion::{Share, fisher_exact, two_proportion_z};

/// Slices tested: what is left of the error rate for each of more finds nothing.
const TESTED_MAX: usize = 100_000;

/// Rows of the rarer kind, right or wrong, that the smaller part must be expected to hold for the normal
/// distribution. Cochran's 5 is for an error rate of 5 %; shared among many slices only far tails count,
/// where the distribution of few rows is skewed and a normal one cries wolf.
const EXPECTED_MIN: f64 = 100.0;

/// What each row contributes to a share or a mean.
pub(super) struct Terms {
    /// Less `centre`, so that squares keep their digits.
    values: Vec<f64>,
    centre: f64,
    are_flags: bool,
}

impl Terms {
    /// `None` when they, or their squares, are not finite.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let are_flags = values.iter().all(|value| *value == 0.0 || *value == 1.0);
        let centre = match are_flags {
            true => 0.0,
            false => values.iter().sum::<f64>() / values.len() as f64,
        };
        let values: Vec<f64> = values.iter().map(|value| value - centre).collect();
        let squares: f64 = values.iter().map(|value| value * value).sum();
        squares.is_finite().then_some(Self {
            values,
            centre,
            are_flags,
        })
    }

    /// The two-sided p-value that two parts differ, and by which test.
    fn test(&self, first: Moments, second: Moments) -> (f64, &'static str) {
        if !self.are_flags {
            return (welch_p_value(first, second), "Welch's t-test");
        }
        let share = |part: Moments| Share::new(part.sum().round() as u64, part.count());
        let (Ok(first), Ok(second)) = (share(first), share(second)) else {
            return (1.0, "no test");
        };
        let all = (first.trials() + second.trials()) as f64;
        let right = (first.successes() + second.successes()) as f64;
        let fewer = first.trials().min(second.trials()) as f64;
        if fewer * right.min(all - right) / all < EXPECTED_MIN {
            (fisher_exact(first, second), "Fisher's exact test")
        } else {
            (two_proportion_z(first, second).1, "two-proportion z-test")
        }
    }
}

/// Without any variation there is nothing that chance could have done.
fn welch_p_value(first: Moments, second: Moments) -> f64 {
    match welch(first, second) {
        Ok(difference) => difference.p_value(0.0),
        Err(_) if first.mean() == second.mean() => 1.0,
        Err(_) => 0.0,
    }
}

/// What is searched, and how.
pub(super) struct Search<'a> {
    pub(super) columns: &'a [Searched],
    pub(super) terms: &'a Terms,
    pub(super) lower_is_better: bool,
    pub(super) depth: u8,
    pub(super) rows_min: u64,
    pub(super) correction: Correction,
    /// Error rate of all tests together, two-sided.
    pub(super) rate: f64,
}

/// What a search found.
pub(super) struct Found {
    /// The slices that are significantly worse than the rest, the worst first.
    pub(super) weak: Vec<Weak>,
    /// How many were tested.
    pub(super) tested: usize,
    /// How many have rows, but too few.
    pub(super) too_small: usize,
}

/// A slice that is significantly worse than the rest.
pub(super) struct Weak {
    /// `column=value`, or two of them.
    pub(super) slice: String,
    /// The metric on it.
    pub(super) value: f64,
    /// Its rows.
    pub(super) rows: u64,
    /// The metric on all other rows.
    pub(super) rest: f64,
    /// All other rows.
    pub(super) rest_rows: u64,
    /// The p-value, adjusted for all slices tested.
    pub(super) adjusted: f64,
    /// Name of the test.
    pub(super) test: &'static str,
}

/// A part of a column: its place among the columns, and the code.
type Part = (usize, u32);

/// A slice that is tested.
struct Tested {
    parts: (Part, Option<Part>),
    moments: Moments,
    p_value: f64,
    test: &'static str,
}

impl Search<'_> {
    /// # Errors
    /// When nothing can be tested, or more than [`TESTED_MAX`].
    pub(super) fn run(&self) -> Result<Found, NotSliced> {
        let all = self.moments(1, |_| 0).first().copied().unwrap_or_default();
        let singles: Vec<Vec<Moments>> = self
            .columns
            .par_iter()
            .map(|column| self.moments(column.names.len(), |row| column.codes[row] as usize))
            .collect();
        let mut tested = Vec::new();
        let mut too_small = 0;
        for (place, parts) in singles.iter().enumerate() {
            for (code, moments) in (0..).zip(parts) {
                self.take(
                    ((place, code), None),
                    *moments,
                    all,
                    &mut tested,
                    &mut too_small,
                );
            }
        }
        if self.depth == 2 {
            let count = self.columns.len();
            for first in 0..count {
                let crossed: Vec<Vec<Moments>> = (first + 1..count)
                    .into_par_iter()
                    .map(|second| self.crossed(first, second))
                    .collect();
                for (second, cells) in (first + 1..).zip(crossed) {
                    let width = self.columns[second].names.len().max(1);
                    for (cell, moments) in cells.into_iter().enumerate() {
                        let (one, other) = (cell / width, cell % width);
                        // The same rows as one of the two alone.
                        let rows = moments.count();
                        if [singles[first][one], singles[second][other]]
                            .iter()
                            .any(|part| part.count() == rows)
                        {
                            continue;
                        }
                        let parts = ((first, one as u32), Some((second, other as u32)));
                        self.take(parts, moments, all, &mut tested, &mut too_small);
                    }
                    if TESTED_MAX < tested.len() {
                        let why = format!(
                            "there are more than {TESTED_MAX} slices; search fewer columns, `depth: 1` or a larger `rows_min`"
                        );
                        return Err((Reason::Unsupported, why));
                    }
                }
            }
        }
        if tested.is_empty() {
            let why = format!("no slice holds {} rows and leaves as many", self.rows_min);
            return Err((Reason::TooFewRows, why));
        }
        let p_values: Vec<f64> = tested.iter().map(|slice| slice.p_value).collect();
        let adjusted = self.correction.adjusted(&p_values);
        let weak: Vec<(&Tested, f64)> = tested
            .iter()
            .zip(adjusted)
            .filter(|(slice, adjusted)| {
                *adjusted <= self.rate && self.is_worse(slice.moments, all.without(slice.moments))
            })
            .collect();
        Ok(Found {
            weak: self.worst_first(&weak, &singles, all),
            tested: tested.len(),
            too_small,
        })
    }

    /// Sums over the rows of each of `count` parts.
    fn moments(&self, count: usize, part: impl Fn(usize) -> usize) -> Vec<Moments> {
        let mut moments = vec![Moments::default(); count];
        for (row, value) in self.terms.values.iter().enumerate() {
            if let Some(moments) = moments.get_mut(part(row)) {
                moments.add(*value);
            }
        }
        moments
    }

    fn crossed(&self, first: usize, second: usize) -> Vec<Moments> {
        let (first, second) = (&self.columns[first], &self.columns[second]);
        let width = second.names.len();
        self.moments(first.names.len() * width, |row| {
            first.codes[row] as usize * width + second.codes[row] as usize
        })
    }

    fn take(
        &self,
        parts: (Part, Option<Part>),
        moments: Moments,
        all: Moments,
        tested: &mut Vec<Tested>,
        too_small: &mut usize,
    ) {
        let rest = all.without(moments);
        if moments.count() == 0 || rest.count() == 0 {
            return;
        }
        if moments.count().min(rest.count()) < self.rows_min {
            *too_small += 1;
            return;
        }
        let (p_value, test) = self.terms.test(moments, rest);
        tested.push(Tested {
            parts,
            moments,
            p_value,
            test,
        });
    }

    fn is_worse(&self, slice: Moments, rest: Moments) -> bool {
        match self.lower_is_better {
            true => rest.mean() < slice.mean(),
            false => slice.mean() < rest.mean(),
        }
    }

    /// Leaves out pairs that are weak only because one of their two parts is, which is found itself: those
    /// that are not significantly worse than the rest of that part.
    fn worst_first(
        &self,
        weak: &[(&Tested, f64)],
        singles: &[Vec<Moments>],
        all: Moments,
    ) -> Vec<Weak> {
        let found: std::collections::BTreeSet<Part> = weak
            .iter()
            .filter(|(slice, _)| slice.parts.1.is_none())
            .map(|(slice, _)| slice.parts.0)
            .collect();
        // The chance that a pair differs from what is left of its part by luck; the largest of both parts.
        let within = |slice: &Tested| {
            let (first, second) = slice.parts;
            let parts = [first, second?].into_iter();
            let parts = parts.filter(|part| found.contains(part));
            let chance = |(place, code): Part| {
                let left = singles[place][code as usize].without(slice.moments);
                match self.is_worse(slice.moments, left) {
                    true => self.terms.test(slice.moments, left).0,
                    false => 1.0,
                }
            };
            parts.map(chance).max_by(f64::total_cmp)
        };
        let chances: Vec<Option<f64>> = weak.iter().map(|(slice, _)| within(slice)).collect();
        let of_pairs: Vec<f64> = chances.iter().flatten().copied().collect();
        let mut adjusted = Correction::Holm.adjusted(&of_pairs).into_iter();
        let mut kept: Vec<Weak> = weak
            .iter()
            .zip(chances)
            .filter(|(_, chance)| {
                chance.is_none() || adjusted.next().is_some_and(|chance| chance <= self.rate)
            })
            .map(|((slice, adjusted), _)| self.named(slice, *adjusted, all))
            .collect();
        // Stable, so that of equals the one with fewer conditions stands first.
        let size = |weak: &Weak| (weak.value - weak.rest).abs();
        kept.sort_by(|left, right| size(right).total_cmp(&size(left)));
        kept
    }

    fn named(&self, slice: &Tested, adjusted: f64, all: Moments) -> Weak {
        let name = |(place, code): Part| self.columns[place].names[code as usize].as_str();
        let (first, second) = slice.parts;
        let rest = all.without(slice.moments);
        Weak {
            slice: match second {
                Some(second) => format!("{},{}", name(first), name(second)),
                None => name(first).to_owned(),
            },
            value: slice.moments.mean() + self.terms.centre,
            rows: slice.moments.count(),
            rest: rest.mean() + self.terms.centre,
            rest_rows: rest.count(),
            adjusted,
            test: slice.test,
        }
    }
}
