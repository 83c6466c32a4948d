//! Uncertainty of metrics by the percentile bootstrap over rows, paired for two models.
//!
//! Every resample draws as many rows as there are, with replacement, from a generator of its own that
//! follows from the seed and the number of the resample alone. So the numbers depend neither on the
//! count of threads nor on which other metrics are asked for. A resample is a count per row: scores
//! are sorted once, not once per resample. (Efron and Tibshirani 1993, chapter 13; generator
//! xoshiro256++ of Blackman and Vigna.)

use std::cmp::Ordering;

use rayon::prelude::*;

use super::{Chosen, Prepared, Sample, Undefined, Weights};
use crate::evidence::Interval;
use crate::statistics::bootstrap::quantile;
use crate::statistics::random::draw_rows;

/// Largest share of resamples in which a metric may have no value. Beyond it the remaining ones speak
/// of other data than ours.
pub const UNDEFINED_FRACTION_MAX: f64 = 0.05;

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// How many resamples to draw, at least 1.
    pub resamples: u32,
    /// Seed of the generators.
    pub seed: u64,
    /// Two-sided coverage, a fraction in (0, 1).
    pub confidence: f64,
}

/// The uncertainty of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Interval of the metric of the candidate.
    pub candidate: Result<Interval, Undefined>,
    /// Interval of candidate minus champion, when there is a champion.
    pub difference: Option<Result<Interval, Undefined>>,
}

/// Resamples the rows and returns the uncertainty of each of `metrics`, in their order. The samples
/// must hold the same rows in the same order.
#[must_use]
pub fn estimate(
    metrics: &[Chosen],
    candidate: &Sample,
    champion: Option<&Sample>,
    plan: &Plan,
) -> Vec<Estimate> {
    if let Err(undefined) = checked(candidate, champion, plan) {
        let estimate = Estimate {
            candidate: Err(undefined.clone()),
            difference: champion.map(|_| Err(undefined)),
        };
        return vec![estimate; metrics.len()];
    }
    let order = order(candidate, champion);
    let candidate = candidate.select(&order);
    let champion = champion.map(|champion| champion.select(&order));
    let prepare = |metric: &Chosen| Pair {
        candidate: metric.prepare(&candidate),
        champion: champion.as_ref().map(|champion| metric.prepare(champion)),
    };
    let pairs: Vec<Pair<'_>> = metrics.iter().map(prepare).collect();
    let resamples = resampled(&pairs, &candidate.weights(), plan);
    pairs
        .iter()
        .enumerate()
        .map(|(index, pair)| pair.estimate(&resamples, plan, index))
        .collect()
}

/// A metric of both models, ready to be weighed.
struct Pair<'a> {
    candidate: Result<Prepared<'a>, Undefined>,
    champion: Option<Result<Prepared<'a>, Undefined>>,
}

impl Pair<'_> {
    fn values(&self, weights: &Weights<'_>) -> Values {
        let value = |prepared: &Result<Prepared<'_>, Undefined>| {
            prepared.as_ref().ok()?.value(weights).ok()
        };
        let candidate = value(&self.candidate);
        let champion = self.champion.as_ref().and_then(value);
        let both = candidate.zip(champion);
        Values {
            candidate,
            difference: both.map(|(candidate, champion)| candidate - champion),
        }
    }

    fn estimate(&self, resamples: &[Vec<Values>], plan: &Plan, index: usize) -> Estimate {
        let defined = |prepared: &Result<Prepared<'_>, Undefined>| match prepared {
            Ok(_) => Ok(()),
            Err(undefined) => Err(undefined.clone()),
        };
        let of_candidate = defined(&self.candidate);
        let candidate = of_candidate
            .clone()
            .and_then(|()| interval(resamples, plan, |values| values[index].candidate));
        let difference = self.champion.as_ref().map(|champion| {
            of_candidate
                .and_then(|()| defined(champion))
                .and_then(|()| interval(resamples, plan, |values| values[index].difference))
        });
        Estimate {
            candidate,
            difference,
        }
    }
}

/// The rows from the lowest answer of the candidate to the highest.
///
/// So the counts of a resample are read from front to back where metrics rank rows, which halves the
/// time on a million rows; and the order of a file does not change an interval.
fn order(candidate: &Sample, champion: Option<&Sample>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..candidate.len() as u32).collect();
    order.sort_unstable_by(|left, right| {
        let (left, right) = (*left as usize, *right as usize);
        let by_champion = champion.map(|champion| champion.compare_rows(left, right));
        candidate
            .compare_rows(left, right)
            .then(by_champion.unwrap_or(Ordering::Equal))
            .then(left.cmp(&right))
    });
    order
}

fn checked(candidate: &Sample, champion: Option<&Sample>, plan: &Plan) -> Result<(), Undefined> {
    if plan.resamples == 0 || !(0.0 < plan.confidence && plan.confidence < 1.0) {
        return Err(Undefined::InvalidPlan);
    }
    if candidate.is_empty() {
        return Err(Undefined::NoRows);
    }
    let paired = |champion: &Sample| {
        champion.len() == candidate.len()
            && champion.answers().labels_differing(candidate.answers()) == 0
    };
    if champion.is_some_and(|champion| !paired(champion)) {
        return Err(Undefined::NotPaired);
    }
    Ok(())
}

/// What one resample says of one metric; `None` where it has no value.
#[derive(Clone, Copy)]
struct Values {
    candidate: Option<f64>,
    difference: Option<f64>,
}

fn resampled(pairs: &[Pair<'_>], weights: &Weights<'_>, plan: &Plan) -> Vec<Vec<Values>> {
    (0..plan.resamples)
        .into_par_iter()
        .map_init(
            || vec![0_u32; weights.rows()],
            |drawn, index| {
                draw_rows(drawn, plan.seed, index);
                let weights = weights.drawn(drawn);
                pairs.iter().map(|pair| pair.values(&weights)).collect()
            },
        )
        .collect()
}

fn interval(
    resamples: &[Vec<Values>],
    plan: &Plan,
    of: impl Fn(&[Values]) -> Option<f64>,
) -> Result<Interval, Undefined> {
    let mut values: Vec<f64> = resamples.iter().filter_map(|values| of(values)).collect();
    let undefined = resamples.len() - values.len();
    if values.is_empty() || UNDEFINED_FRACTION_MAX < undefined as f64 / resamples.len() as f64 {
        return Err(Undefined::Resamples {
            undefined: undefined as u64,
            resamples: resamples.len() as u64,
        });
    }
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - plan.confidence) / 2.0;
    Ok(Interval {
        lower: quantile(&values, tail),
        upper: quantile(&values, 1.0 - tail),
        level: plan.confidence,
    })
}
