//! Uncertainty of metrics by the percentile bootstrap over rows, paired for two models.
//!
//! Every resample draws as many rows as there are, with replacement, from a generator of its own that
//! follows from the seed and the number of the resample alone. So the numbers depend neither on the
//! count of threads nor on which other metrics are asked for. A resample is a count per row: scores
//! are sorted once, not once per resample. (Efron and Tibshirani 1993, chapter 13; generator
//! xoshiro256++ of Blackman and Vigna.)

use rayon::prelude::*;

use super::{Metric, Sample, Undefined};
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
    metrics: &[&Metric],
    candidate: &Sample<'_>,
    champion: Option<&Sample<'_>>,
    plan: &Plan,
) -> Vec<Estimate> {
    if let Err(undefined) = checked(candidate, champion, plan) {
        let estimate = Estimate {
            candidate: Err(undefined.clone()),
            difference: champion.map(|_| Err(undefined)),
        };
        return vec![estimate; metrics.len()];
    }
    let rows = Rows::sorted(candidate, champion);
    let candidate = rows.candidate.sample(&rows.label);
    let compared = rows.champion.as_ref();
    let compared = compared.map(|champion| champion.sample(&rows.label));
    let resamples = resampled(metrics, &candidate, compared.as_ref(), plan);
    (0..metrics.len())
        .map(|index| Estimate {
            candidate: interval(&resamples, plan, |values| values[index].candidate),
            difference: champion
                .map(|_| interval(&resamples, plan, |values| values[index].difference)),
        })
        .collect()
}

/// The rows of both models, from the lowest score of the candidate to the highest.
///
/// So the counts of a resample are read from front to back where metrics rank rows, which halves the
/// time on a million rows; and the order of a file does not change an interval.
struct Rows {
    label: Vec<bool>,
    candidate: Answers,
    champion: Option<Answers>,
}

/// What one model says of the rows.
struct Answers {
    score: Vec<f64>,
    prediction: Vec<bool>,
}

impl Answers {
    fn of(sample: &Sample<'_>, order: &[usize]) -> Self {
        Self {
            score: order.iter().map(|row| sample.score()[*row]).collect(),
            prediction: order.iter().map(|row| sample.prediction()[*row]).collect(),
        }
    }

    fn sample<'a>(&'a self, label: &'a [bool]) -> Sample<'a> {
        Sample::new(label, &self.score, &self.prediction)
            .expect("rows of a checked sample in another order")
    }
}

impl Rows {
    fn sorted(candidate: &Sample<'_>, champion: Option<&Sample<'_>>) -> Self {
        let key = |sample: &Sample<'_>, row: usize| (sample.score()[row], sample.prediction()[row]);
        let compared = |sample: &Sample<'_>, left: usize, right: usize| {
            let (left, right) = (key(sample, left), key(sample, right));
            left.0.total_cmp(&right.0).then(left.1.cmp(&right.1))
        };
        let mut order: Vec<usize> = (0..candidate.len()).collect();
        order.sort_unstable_by(|left, right| {
            let by_champion = champion.map(|champion| compared(champion, *left, *right));
            compared(candidate, *left, *right)
                .then(by_champion.unwrap_or(std::cmp::Ordering::Equal))
                .then_with(|| candidate.label()[*left].cmp(&candidate.label()[*right]))
        });
        Self {
            label: order.iter().map(|row| candidate.label()[*row]).collect(),
            candidate: Answers::of(candidate, &order),
            champion: champion.map(|champion| Answers::of(champion, &order)),
        }
    }
}

fn checked(
    candidate: &Sample<'_>,
    champion: Option<&Sample<'_>>,
    plan: &Plan,
) -> Result<(), Undefined> {
    if plan.resamples == 0 || !(0.0 < plan.confidence && plan.confidence < 1.0) {
        return Err(Undefined::InvalidPlan);
    }
    if candidate.is_empty() {
        return Err(Undefined::NoRows);
    }
    if champion.is_some_and(|champion| champion.label() != candidate.label()) {
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
    metrics: &[&Metric],
    candidate: &Sample<'_>,
    champion: Option<&Sample<'_>>,
    plan: &Plan,
) -> Vec<Vec<Values>> {
    (0..plan.resamples)
        .into_par_iter()
        .map_init(
            || vec![0_u32; candidate.len()],
            |weights, index| {
                draw_rows(weights, plan.seed, index);
                let of = |metric: &&Metric| values(metric, candidate, champion, weights);
                metrics.iter().map(of).collect()
            },
        )
        .collect()
}

fn values(
    metric: &Metric,
    candidate: &Sample<'_>,
    champion: Option<&Sample<'_>>,
    weights: &[u32],
) -> Values {
    let candidate = metric.compute_weighted(candidate, weights).ok();
    let champion = champion.and_then(|champion| metric.compute_weighted(champion, weights).ok());
    Values {
        candidate,
        difference: candidate
            .zip(champion)
            .map(|(candidate, champion)| candidate - champion),
    }
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
