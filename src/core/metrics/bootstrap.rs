//! Resampling of rows, or of clusters of rows, paired for two models.
//!
//! Every resample draws as many rows as there are, with replacement, from a generator of its own that
//! follows from the seed and the number of the resample alone. So the numbers depend neither on the
//! count of threads nor on which other metrics are asked for. A resample is a count per row: scores
//! are sorted once, not once per resample. (Efron and Tibshirani 1993, chapter 13; generator
//! xoshiro256++ of Blackman and Vigna.)

use std::cmp::Ordering;

use rayon::prelude::*;

use super::{Chosen, Prepared, Sample, Undefined, Weights};
use crate::statistics::bootstrap::Clusters;
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
}

/// The values of one metric in every resample.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicates {
    /// Of the candidate.
    pub candidate: Result<Vec<f64>, Undefined>,
    /// Candidate less champion, when there is a champion.
    pub difference: Result<Vec<f64>, Undefined>,
}

/// Resamples the rows and returns the values of each of `metrics`, in their order. The samples must hold
/// the same rows in the same order.
#[must_use]
pub fn replicates(
    metrics: &[Chosen],
    candidate: &Sample,
    champion: Option<&Sample>,
    plan: &Plan,
) -> Vec<Replicates> {
    if metrics.is_empty() {
        return Vec::new();
    }
    let order = order(candidate, champion);
    let candidate = candidate.select(&order);
    let champion = champion.map(|champion| champion.select(&order));
    let prepare = |metric: &Chosen| Pair {
        candidate: metric.prepare(&candidate),
        champion: champion.as_ref().map(|champion| metric.prepare(champion)),
    };
    let pairs: Vec<Pair<'_>> = metrics.iter().map(prepare).collect();
    let clusters = candidate.cluster().map(|ids| {
        let ids: Vec<u64> = ids.iter().map(|id| u64::from(*id)).collect();
        Clusters::of(&ids)
    });
    let resamples = resampled(&pairs, &candidate.weights(), clusters.as_ref(), plan);
    let of = |index: usize, pick: fn(&Values) -> Option<f64>| {
        enough(
            resamples
                .iter()
                .map(|values| pick(&values[index]))
                .collect(),
        )
    };
    (0..pairs.len())
        .map(|index| Replicates {
            candidate: of(index, |values| values.candidate),
            difference: of(index, |values| values.difference),
        })
        .collect()
}

/// The values, when few enough are missing.
pub(super) fn enough(values: Vec<Option<f64>>) -> Result<Vec<f64>, Undefined> {
    let resamples = values.len();
    let values: Vec<f64> = values.into_iter().flatten().collect();
    let undefined = resamples - values.len();
    if values.is_empty() || UNDEFINED_FRACTION_MAX < undefined as f64 / resamples as f64 {
        return Err(Undefined::Resamples {
            undefined: undefined as u64,
            resamples: resamples as u64,
        });
    }
    Ok(values)
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

pub(super) fn checked(
    candidate: &Sample,
    champion: Option<&Sample>,
    plan: &Plan,
) -> Result<(), Undefined> {
    if plan.resamples == 0 {
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

fn resampled(
    pairs: &[Pair<'_>],
    weights: &Weights<'_>,
    clusters: Option<&Clusters>,
    plan: &Plan,
) -> Vec<Vec<Values>> {
    (0..plan.resamples)
        .into_par_iter()
        .map_init(
            || vec![0_u32; weights.rows()],
            |drawn, index| {
                match clusters {
                    Some(clusters) => *drawn = clusters.resample(plan.seed, index),
                    None => draw_rows(drawn, plan.seed, index),
                }
                let weights = weights.drawn(drawn);
                pairs.iter().map(|pair| pair.values(&weights)).collect()
            },
        )
        .collect()
}
