//! How sure a metric is, and how sure the difference of two models is on the same rows.
//!
//! The shape of a metric decides the method: shares by Wilson and Newcombe, means and smooth functions
//! of means by Student's t on what each row contributes (by cluster where rows are not independent),
//! areas by DeLong, metrics of a confusion matrix by resampling its cells, and whatever is left by
//! resampling rows or clusters.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::bootstrap::{self, Plan, Replicates};
use super::prepared::{Cells, Prepared, Shape, Sums};
use super::{Chosen, Direction, Sample, Undefined, Weights};
use crate::evidence::Interval;
use crate::statistics::bootstrap::{Ends, resample_cells};
use crate::statistics::decision::{Claim, Decision, decide, decide_by_interval};
use crate::statistics::proportion::{PairedShares, Share, newcombe_paired, wilson};
use crate::statistics::{self, Estimate, delong, mean};

/// By what an uncertainty was worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Wilson's score interval of a share.
    Wilson,
    /// Newcombe's interval of the difference of two shares of the same rows.
    Newcombe,
    /// Student's t on what each row, or cluster, contributes.
    Student,
    /// DeLong's variance of areas under ROC curves.
    DeLong,
    /// Resampling the cells of the confusion matrix.
    Cells,
    /// Resampling rows.
    Rows,
    /// Resampling clusters of rows.
    Clusters,
    /// Student's t on the difference in each case.
    Cases,
    /// Standard errors another system recorded, of two runs that are taken as independent.
    Recorded,
}

impl Method {
    /// Its name, after "by".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::Newcombe => "Newcombe, paired",
            Self::Student => "Student's t of the contribution of each row",
            Self::DeLong => "DeLong",
            Self::Cells => "resampled cells of the confusion matrix",
            Self::Rows => "resampled rows",
            Self::Clusters => "resampled clusters",
            Self::Cases => "Student's t of the difference in each case",
            Self::Recorded => "the standard errors recorded, not paired",
        }
    }
}

/// A number with its uncertainty.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertain {
    /// The number.
    pub value: f64,
    /// By what its uncertainty was worked out.
    pub method: Method,
    spread: Spread,
}

/// What intervals are made from.
#[derive(Clone, Debug, PartialEq)]
enum Spread {
    Estimate(Estimate),
    /// An area: intervals on the scale of its log odds, stretched to [-1, 1] for a Gini coefficient.
    Area(delong::Auc, bool),
    Share(Share),
    Shares(PairedShares),
    /// Values in resamples.
    Resampled(Vec<f64>),
}

impl Uncertain {
    /// An estimate worked out elsewhere.
    #[must_use]
    pub fn estimated(method: Method, estimate: Estimate) -> Self {
        Self {
            value: estimate.value,
            method,
            spread: Spread::Estimate(estimate),
        }
    }

    /// The difference of two shares of the same rows.
    #[must_use]
    pub fn of_shares(pairs: PairedShares) -> Self {
        Self {
            value: pairs.difference(),
            method: Method::Newcombe,
            spread: Spread::Shares(pairs),
        }
    }

    /// The two-sided interval.
    ///
    /// # Errors
    /// When the rows do not tell, or `level` is not within (0, 1).
    pub fn interval(&self, level: f64) -> Result<Interval, Undefined> {
        let found = self.ends(level)?;
        Ok(Interval {
            lower: found.lower,
            upper: found.upper,
            level,
        })
    }

    fn ends(&self, level: f64) -> Result<statistics::Interval, statistics::Undefined> {
        match &self.spread {
            Spread::Estimate(estimate) => estimate.interval(level),
            Spread::Area(area, false) => area.logit_interval(level),
            Spread::Area(area, true) => {
                let found = area.logit_interval(level)?;
                Ok(statistics::Interval {
                    lower: 2.0 * found.lower - 1.0,
                    upper: 2.0 * found.upper - 1.0,
                    level,
                })
            }
            Spread::Share(share) => wilson(*share, level),
            Spread::Shares(pairs) => newcombe_paired(*pairs, level),
            Spread::Resampled(values) => {
                statistics::bootstrap::interval(self.value, values, Ends::Percentile, level)
            }
        }
    }

    /// Decides a claim at the error rate `alpha` for each of met and not met.
    ///
    /// # Errors
    /// When the rows do not tell, or the claim is none.
    pub fn decide(&self, claim: Claim, alpha: f64) -> Result<Decision, Undefined> {
        Ok(match &self.spread {
            Spread::Estimate(estimate) => decide(estimate, claim, alpha)?,
            _ => decide_by_interval(claim, alpha, |level| self.ends(level))?,
        })
    }

    /// The value with a standard error, for planning: half of a two-sided 68 % interval where there is
    /// no other.
    ///
    /// # Errors
    /// When the rows do not tell.
    pub fn estimate(&self) -> Result<Estimate, Undefined> {
        /// Coverage of one standard error on either side of a normal mean.
        const ONE_ERROR: f64 = 0.682_689_492_137_085_9;
        if let Spread::Estimate(estimate) = &self.spread {
            return Ok(*estimate);
        }
        let found = self.ends(ONE_ERROR)?;
        let error = 0.5 * (found.upper - found.lower);
        Ok(Estimate::normal(self.value, error))
    }
}

impl From<statistics::Undefined> for Undefined {
    fn from(undefined: statistics::Undefined) -> Self {
        match undefined {
            statistics::Undefined::TooFew { .. } => Self::TooFew(undefined.to_string()),
            _ => Self::Uncertainty(undefined.to_string()),
        }
    }
}

/// How sure a metric of a model is, and the difference to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The metric of the candidate.
    pub candidate: Result<Uncertain, Undefined>,
    /// Candidate less champion, turned so that above zero is better where one way is; `None` without a
    /// champion.
    pub gain: Option<Result<Uncertain, Undefined>>,
}

/// Works out how sure each of `metrics` is, in their order. The samples must hold the same rows in the
/// same order.
#[must_use]
pub fn compare(
    metrics: &[Chosen],
    candidate: &Sample,
    champion: Option<&Sample>,
    plan: &Plan,
) -> Vec<Compared> {
    if let Err(undefined) = bootstrap::checked(candidate, champion, plan) {
        let compared = Compared {
            candidate: Err(undefined.clone()),
            gain: champion.map(|_| Err(undefined)),
        };
        return vec![compared; metrics.len()];
    }
    let work = |metric: &Chosen| Work {
        metric: metric.clone(),
        candidate: metric.prepare(candidate),
        champion: champion.map(|champion| metric.prepare(champion)),
    };
    let works: Vec<Work<'_>> = metrics.iter().map(work).collect();
    let closed: Vec<Compared> = works
        .iter()
        .map(|work| work.closed(candidate, plan))
        .collect();
    // What no formula covers is resampled in one go.
    let open: Vec<Chosen> = works
        .iter()
        .zip(&closed)
        .filter(|(_, compared)| compared.needs_resamples())
        .map(|(work, _)| work.metric.clone())
        .collect();
    let mut replicates = bootstrap::replicates(&open, candidate, champion, plan).into_iter();
    works
        .iter()
        .zip(closed)
        .map(|(work, compared)| match compared.needs_resamples() {
            false => compared,
            true => match replicates.next() {
                Some(replicates) => work.filled_in(compared, &replicates, candidate),
                None => compared,
            },
        })
        .collect()
}

/// A metric of both models, ready to be weighed.
struct Work<'a> {
    metric: Chosen,
    candidate: Result<Prepared<'a>, Undefined>,
    champion: Option<Result<Prepared<'a>, Undefined>>,
}

impl Compared {
    fn needs_resamples(&self) -> bool {
        let open = |found: &Result<Uncertain, Undefined>| found == &Err(Undefined::NotResampled);
        open(&self.candidate) || self.gain.as_ref().is_some_and(open)
    }
}

impl Work<'_> {
    /// What formulas give; [`Undefined::NotResampled`] where there is none.
    fn closed(&self, sample: &Sample, plan: &Plan) -> Compared {
        let candidate = self.candidate.as_ref().map_err(Clone::clone);
        let gain = self.champion.as_ref().map(|champion| {
            let (better, worse) = match self.metric.metric.direction {
                Direction::HigherIsBetter | Direction::Neither => (&self.candidate, champion),
                Direction::LowerIsBetter => (champion, &self.candidate),
            };
            both(better, worse).and_then(|(better, worse)| difference(better, worse, sample, plan))
        });
        Compared {
            candidate: candidate.and_then(|prepared| single(prepared, sample, plan)),
            gain,
        }
    }

    /// Fills in what was resampled.
    fn filled_in(&self, compared: Compared, replicates: &Replicates, sample: &Sample) -> Compared {
        let method = match sample.cluster() {
            Some(_) => Method::Clusters,
            None => Method::Rows,
        };
        let weights = sample.weights();
        let value = |prepared: &Result<Prepared<'_>, Undefined>| match prepared {
            Ok(prepared) => prepared.value(&weights),
            Err(undefined) => Err(undefined.clone()),
        };
        let resampled = |value: f64, replicates: &Result<Vec<f64>, Undefined>| {
            Ok(Uncertain {
                value,
                method,
                spread: Spread::Resampled(replicates.clone()?),
            })
        };
        let turned = |found: Result<Vec<f64>, Undefined>| {
            found.map(|values| values.into_iter().map(|value| -value).collect())
        };
        let lower = self.metric.metric.direction == Direction::LowerIsBetter;
        let candidate = match compared.candidate {
            Err(Undefined::NotResampled) => {
                value(&self.candidate).and_then(|value| resampled(value, &replicates.candidate))
            }
            found => found,
        };
        let gain = match (compared.gain, &self.champion) {
            (Some(Err(Undefined::NotResampled)), Some(champion)) => {
                let difference = || Ok(value(&self.candidate)? - value(champion)?);
                Some(difference().and_then(|difference: f64| match lower {
                    true => resampled(-difference, &turned(replicates.difference.clone())),
                    false => resampled(difference, &replicates.difference),
                }))
            }
            (found, _) => found,
        };
        Compared { candidate, gain }
    }
}

fn both<'p, 'a>(
    better: &'p Result<Prepared<'a>, Undefined>,
    worse: &'p Result<Prepared<'a>, Undefined>,
) -> Result<(&'p Prepared<'a>, &'p Prepared<'a>), Undefined> {
    let better = better.as_ref().map_err(Clone::clone)?;
    Ok((better, worse.as_ref().map_err(Clone::clone)?))
}

/// The uncertainty of one metric of one model.
fn single(prepared: &Prepared<'_>, sample: &Sample, plan: &Plan) -> Result<Uncertain, Undefined> {
    let weights = sample.weights();
    let value = prepared.value(&weights)?;
    let plain = !sample.is_weighted() && sample.cluster().is_none();
    let uncertain = |method, spread| Uncertain {
        value,
        method,
        spread,
    };
    match prepared {
        Prepared::Sums(sums) => {
            if let (true, Some(flags)) = (plain, flags(sums)) {
                let right = flags.iter().filter(|flag| **flag).count() as u64;
                let share = Share::new(right, flags.len() as u64)?;
                return Ok(uncertain(Method::Wilson, Spread::Share(share)));
            }
            let rows = Around::of(sample);
            let contributions = contributions(sums, &weights)?;
            let error = mean::mean(&rows.with(&contributions))?;
            let estimate = Estimate { value, ..error };
            Ok(uncertain(Method::Student, Spread::Estimate(estimate)))
        }
        Prepared::Auc(auc) if sample.cluster().is_none() => {
            let area = delong::auc(auc.label(), auc.score(), importance(sample))?;
            Ok(uncertain(Method::DeLong, Spread::Area(area, auc.as_gini)))
        }
        Prepared::Cells(cells) if plain => {
            let values = resampled_cells(&counted(cells), plan, |counts| {
                (cells.value)(&of_cells(cells, counts))
            })?;
            Ok(uncertain(Method::Cells, Spread::Resampled(values)))
        }
        Prepared::Auc(_) | Prepared::Cells(_) | Prepared::Other(_) => Err(Undefined::NotResampled),
    }
}

/// The uncertainty of the better model's metric less the other's.
fn difference(
    better: &Prepared<'_>,
    worse: &Prepared<'_>,
    sample: &Sample,
    plan: &Plan,
) -> Result<Uncertain, Undefined> {
    let weights = sample.weights();
    let value = better.value(&weights)? - worse.value(&weights)?;
    let plain = !sample.is_weighted() && sample.cluster().is_none();
    let uncertain = |method, spread| Uncertain {
        value,
        method,
        spread,
    };
    match (better, worse) {
        (Prepared::Sums(better), Prepared::Sums(worse)) => {
            if let (true, Some(better), Some(worse)) = (plain, flags(better), flags(worse)) {
                let pairs = PairedShares::of(&better, &worse)?;
                return Ok(uncertain(Method::Newcombe, Spread::Shares(pairs)));
            }
            let rows = Around::of(sample);
            let better = contributions(better, &weights)?;
            let worse = contributions(worse, &weights)?;
            let error = mean::paired(&better, &worse, &rows.with(&better))?;
            let estimate = Estimate { value, ..error };
            Ok(uncertain(Method::Student, Spread::Estimate(estimate)))
        }
        (Prepared::Auc(better), Prepared::Auc(worse)) if sample.cluster().is_none() => {
            let (label, importance) = (better.label(), importance(sample));
            let areas = delong::paired(label, better.score(), worse.score(), importance)?;
            let found = areas.difference()?;
            let stretch = if better.as_gini { 2.0 } else { 1.0 };
            let estimate = Estimate::normal(value, stretch * found.standard_error);
            Ok(uncertain(Method::DeLong, Spread::Estimate(estimate)))
        }
        (Prepared::Cells(better), Prepared::Cells(worse)) if plain => {
            let joint = counted_pairs(better, worse);
            let values = resampled_cells(&joint, plan, |counts| {
                let of = |cells: &Cells, pick: fn(&(u32, u32)) -> u32| {
                    let mut sums = vec![0.0; cells.count];
                    for ((pair, _), count) in joint.iter().zip(counts) {
                        sums[pick(pair) as usize] += *count as f64;
                    }
                    (cells.value)(&sums)
                };
                Ok(of(better, |pair| pair.0)? - of(worse, |pair| pair.1)?)
            })?;
            Ok(uncertain(Method::Cells, Spread::Resampled(values)))
        }
        (_, _) => Err(Undefined::NotResampled),
    }
}

/// What is known of the rows besides their values.
struct Around {
    weights: Option<Vec<f64>>,
    clusters: Option<Vec<u64>>,
}

impl Around {
    fn of(sample: &Sample) -> Self {
        let clusters = sample.cluster();
        Self {
            weights: sample
                .is_weighted()
                .then(|| sample.weights().iter().collect()),
            clusters: clusters.map(|ids| ids.iter().map(|id| u64::from(*id)).collect()),
        }
    }

    fn with<'a>(&'a self, values: &'a [f64]) -> mean::Rows<'a> {
        mean::Rows {
            values,
            weights: self.weights.as_deref(),
            clusters: self.clusters.as_deref(),
        }
    }
}

fn importance(sample: &Sample) -> delong::Weights<'_> {
    match sample.sampling() {
        Some(weights) => delong::Weights::Importance(weights),
        None => delong::Weights::Equal,
    }
}

/// The terms as flags, when the metric is the share of rows that have one.
fn flags(sums: &Sums) -> Option<Vec<bool>> {
    let (Shape::Mean, [terms]) = (sums.shape, sums.terms.as_slice()) else {
        return None;
    };
    let flag = |value: &f64| (*value == 0.0 || *value == 1.0).then_some(*value == 1.0);
    terms.iter().map(flag).collect()
}

/// How far each row moves the metric: its influence, by the delta method. Their weighted mean is zero.
fn contributions(sums: &Sums, weights: &Weights<'_>) -> Result<Vec<f64>, Undefined> {
    let means = sums.means(weights)?;
    let gradient = sums.shape.gradient(&means)?;
    let mut contributions = vec![0.0; weights.rows()];
    for ((terms, mean), slope) in sums.terms.iter().zip(&means).zip(&gradient) {
        for (contribution, term) in contributions.iter_mut().zip(terms) {
            *contribution += slope * (term - mean);
        }
    }
    Ok(contributions)
}

/// The cells that hold rows, with how many; in their order.
fn counted(cells: &Cells) -> Vec<((u32, u32), u64)> {
    counted_pairs(cells, cells)
}

fn counted_pairs(first: &Cells, second: &Cells) -> Vec<((u32, u32), u64)> {
    let mut counts: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for (one, other) in first.cell.iter().zip(&second.cell) {
        *counts.entry((*one, *other)).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// The counts of a resample, where they belong in the table.
fn of_cells(cells: &Cells, drawn: &[u64]) -> Vec<f64> {
    let mut sums = vec![0.0; cells.count];
    for (((cell, _), _), count) in counted(cells).iter().zip(drawn) {
        sums[*cell as usize] += *count as f64;
    }
    sums
}

/// The value in each resample of the counts.
fn resampled_cells(
    counted: &[((u32, u32), u64)],
    plan: &Plan,
    value: impl Fn(&[u64]) -> Result<f64, Undefined> + Sync,
) -> Result<Vec<f64>, Undefined> {
    let counts: Vec<u64> = counted.iter().map(|(_, count)| *count).collect();
    let values: Vec<Option<f64>> = (0..plan.resamples)
        .into_par_iter()
        .map(|index| value(&resample_cells(&counts, plan.seed, index)).ok())
        .collect();
    bootstrap::enough(values)
}
