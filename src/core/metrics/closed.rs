//! What formulas say of how sure a metric is, in time linear in the rows and without keeping anything for
//! each of them: a metric of both models, and their difference, from one reading of the rows.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::bootstrap::{self, Plan};
use super::estimate::{Compared, Method, Spread, Uncertain};
use super::linearised;
use super::prepared::{Cells, Column, Prepared, Shape, Sums, blocks};
use super::{Sample, Undefined, Weights};
use crate::statistics::bootstrap::resample_cells;
use crate::statistics::moments::Moments;
use crate::statistics::proportion::{PairedShares, Share};
use crate::statistics::{self, Estimate, delong, mean};

/// What is wanted of a metric besides its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// How sure the value of the candidate is.
    pub(super) interval: bool,
    /// How sure the difference to the champion is.
    pub(super) gain: bool,
}

/// The metric of the candidate, and of the champion, whose rows are the same. `gain` is candidate less
/// champion here; [`Undefined::NotResampled`] is what no formula gives.
pub(super) fn closed(
    candidate: &Result<Prepared<'_>, Undefined>,
    champion: Option<&Result<Prepared<'_>, Undefined>>,
    sample: &Sample,
    plan: &Plan,
    wanted: Wanted,
) -> Compared {
    let rows = &Rows::of(sample, plan, wanted.interval);
    if let (Ok(candidate), Some(Ok(champion)), true) = (candidate, champion, wanted.gain)
        && let Some(compared) = rows.pair(candidate, champion)
    {
        return compared;
    }
    let value = |prepared: &Result<Prepared<'_>, Undefined>| match prepared {
        Ok(prepared) => prepared.value(&rows.weights),
        Err(undefined) => Err(undefined.clone()),
    };
    let found = value(candidate);
    let theirs = champion.map(value);
    let single = match (candidate, &found) {
        (_, Err(undefined)) => Err(undefined.clone()),
        (Ok(prepared), Ok(value)) if wanted.interval => rows.single(prepared, *value),
        (_, Ok(_)) => Err(Undefined::NotResampled),
    };
    let gain = theirs.as_ref().map(|theirs| match (&found, theirs) {
        (Ok(_), Ok(_)) => Err(Undefined::NotResampled),
        (Err(undefined), _) | (Ok(_), Err(undefined)) => Err(undefined.clone()),
    });
    Compared {
        value: found,
        champion: theirs,
        candidate: single,
        gain,
    }
}

/// The rows of both models, with how they count.
struct Rows<'a> {
    sample: &'a Sample,
    weights: Weights<'a>,
    plan: &'a Plan,
    /// Whether it is wanted how sure the candidate is, where that is work of its own.
    interval: bool,
}

impl<'a> Rows<'a> {
    fn of(sample: &'a Sample, plan: &'a Plan, interval: bool) -> Self {
        Self {
            sample,
            weights: sample.weights(),
            plan,
            interval,
        }
    }

    /// Whether rows are independent and count one each.
    fn are_plain(&self) -> bool {
        !self.sample.is_weighted() && self.sample.cluster().is_none()
    }

    fn count(&self) -> usize {
        self.sample.len()
    }

    fn importance(&self) -> delong::Weights<'a> {
        match self.sample.sampling() {
            Some(weights) => delong::Weights::Importance(weights),
            None => delong::Weights::Equal,
        }
    }

    /// How sure the metric of one model is.
    fn single(&self, prepared: &Prepared<'_>, value: f64) -> Result<Uncertain, Undefined> {
        let uncertain = |method, spread| Uncertain {
            value,
            method,
            spread,
        };
        match prepared {
            Prepared::Sums(sums) if self.are_plain() => {
                if let Some(share) = shares(sums, sums, self.count()) {
                    let share = Share::new(share.both, share.rows())?;
                    return Ok(uncertain(Method::Wilson, Spread::Share(share)));
                }
                let moments = moments(sums, None, self.count());
                let slopes = sums.shape.gradient(&moments.means())?;
                Ok(student(value, &moments, &slopes)?)
            }
            Prepared::Sums(sums) => {
                let around = Around::of(self.sample);
                let (contributions, size) = contributions(sums, &self.weights)?;
                let error = mean::mean(&around.with(&contributions))?;
                let estimate = Estimate { value, ..error };
                varying(estimate.standard_error, size)?;
                Ok(uncertain(Method::Student, Spread::Estimate(estimate)))
            }
            Prepared::Auc(auc) if self.sample.cluster().is_none() => {
                let area = delong::auc_of(auc.label(), auc.scored(), self.importance())?;
                Ok(uncertain(Method::DeLong, Spread::Area(area, auc.as_gini)))
            }
            Prepared::Cells(cells) if self.are_plain() => {
                let table = Table::of(cells, cells, self.count());
                let values = table.resampled(self.plan, |counts| table.first(cells, counts))?;
                Ok(uncertain(Method::Cells, Spread::Resampled(values)))
            }
            Prepared::Linearised(metric) => linearised::single(metric, value, self.sample),
            Prepared::Auc(_) | Prepared::Cells(_) | Prepared::Other(_) => {
                Err(Undefined::NotResampled)
            }
        }
    }

    /// Both models from one reading of the rows; `None` where there is no formula for two.
    fn pair(&self, candidate: &Prepared<'_>, champion: &Prepared<'_>) -> Option<Compared> {
        match (candidate, champion) {
            (Prepared::Sums(one), Prepared::Sums(other)) if self.are_plain() => {
                Some(match shares(one, other, self.count()) {
                    Some(pairs) => of_shares(pairs),
                    None => self.of_moments(one, other),
                })
            }
            (Prepared::Sums(one), Prepared::Sums(other)) => {
                Some(self.with_difference(candidate, champion, |value| {
                    let around = Around::of(self.sample);
                    let (one, _) = contributions(one, &self.weights)?;
                    let (other, _) = contributions(other, &self.weights)?;
                    let error = mean::paired(&one, &other, &around.with(&one))?;
                    let spread = Spread::Estimate(Estimate { value, ..error });
                    Ok((Method::Student, spread))
                }))
            }
            (Prepared::Auc(one), Prepared::Auc(other)) if self.sample.cluster().is_none() => {
                let (label, weights) = (one.label(), self.importance());
                match delong::paired_of(label, one.scored(), other.scored(), weights) {
                    Ok(areas) => Some(of_areas(&areas, one.as_gini)),
                    Err(undefined) => {
                        Some(self.with_difference(candidate, champion, |_| Err(undefined.into())))
                    }
                }
            }
            (Prepared::Linearised(one), Prepared::Linearised(other)) => {
                Some(self.with_difference(candidate, champion, |value| {
                    linearised::difference(one, other, value, self.sample)
                }))
            }
            (Prepared::Cells(one), Prepared::Cells(other)) if self.are_plain() => {
                let table = Table::of(one, other, self.count());
                Some(self.with_difference(candidate, champion, |_| {
                    let values = table.resampled(self.plan, |counts| {
                        Ok(table.first(one, counts)? - table.second(other, counts)?)
                    })?;
                    Ok((Method::Cells, Spread::Resampled(values)))
                }))
            }
            (_, _) => None,
        }
    }

    /// The values of both, how sure the candidate's is, and the difference as `spread` says.
    fn with_difference(
        &self,
        candidate: &Prepared<'_>,
        champion: &Prepared<'_>,
        spread: impl FnOnce(f64) -> Result<(Method, Spread), Undefined>,
    ) -> Compared {
        let value = candidate.value(&self.weights);
        let theirs = champion.value(&self.weights);
        let single = value.clone().and_then(|value| match self.interval {
            true => self.single(candidate, value),
            false => Err(Undefined::NotResampled),
        });
        let both = value.clone().and_then(|value| Ok(value - theirs.clone()?));
        let gain = both.and_then(|value| {
            let (method, spread) = spread(value)?;
            Ok(Uncertain {
                value,
                method,
                spread,
            })
        });
        Compared {
            value,
            champion: Some(theirs),
            candidate: single,
            gain: Some(gain),
        }
    }

    fn of_moments(&self, candidate: &Sums<'_>, champion: &Sums<'_>) -> Compared {
        let moments = moments(candidate, Some(champion), self.count());
        let means = moments.means();
        let (ours, differences) = means.split_at(candidate.terms.len());
        let pairs = ours.iter().zip(differences);
        let theirs: Vec<f64> = pairs.map(|(ours, difference)| ours - difference).collect();
        let value = finite(candidate.shape.value(ours));
        let their_value = finite(champion.shape.value(&theirs));
        let slopes = candidate.shape.gradient(ours);
        let single = match (&value, &slopes) {
            (Ok(value), Ok(slopes)) => student(*value, &moments, slopes),
            (Err(undefined), _) | (Ok(_), Err(undefined)) => Err(undefined.clone()),
        };
        let gain = || {
            let value = value.clone()? - their_value.clone()?;
            let (ours, theirs) = (slopes.clone()?, champion.shape.gradient(&theirs)?);
            // ours · a - theirs · b = (ours - theirs) · a + theirs · (a - b): models that are nearly
            // alike keep the digits of their differences.
            let of_ours = ours.iter().zip(&theirs).map(|(ours, theirs)| ours - theirs);
            let slopes: Vec<f64> = of_ours.chain(theirs.iter().copied()).collect();
            match student(value, &moments, &slopes) {
                // A model against itself.
                Err(Undefined::Uncertainty(_)) if differences.iter().all(|mean| *mean == 0.0) => {
                    let estimate = Estimate::student(0.0, 0.0, moments.count() - 1.0);
                    Ok(Uncertain {
                        value,
                        method: Method::Student,
                        spread: Spread::Estimate(estimate),
                    })
                }
                found => found,
            }
        };
        let gain = Some(gain());
        Compared {
            value,
            champion: Some(their_value),
            candidate: single,
            gain,
        }
    }
}

fn finite(value: Result<f64, Undefined>) -> Result<f64, Undefined> {
    value.and_then(|value| match value.is_finite() {
        true => Ok(value),
        false => Err(Undefined::NotFinite),
    })
}

/// Student's t for a sum of means times `slopes`.
fn student(value: f64, moments: &Moments, slopes: &[f64]) -> Result<Uncertain, Undefined> {
    let count = moments.count();
    if count < 2.0 {
        return Err(statistics::Undefined::TooFew {
            of: "values",
            count: count as u64,
            needed: 2,
        }
        .into());
    }
    let error = (moments.variance(slopes) / count).sqrt();
    let parts = moments.means();
    let parts = parts.iter().zip(slopes);
    varying(error, parts.map(|(mean, slope)| (mean * slope).abs()).sum())?;
    let estimate = Estimate::student(value, error, count - 1.0).checked()?;
    Ok(Uncertain {
        value,
        method: Method::Student,
        spread: Spread::Estimate(estimate),
    })
}

/// That an error is more than the rounding of what it is the error of, which is of this size.
pub(super) fn varying(error: f64, size: f64) -> Result<(), Undefined> {
    if mean::varies(error, size) {
        Ok(())
    } else {
        Err(statistics::Undefined::NoVariation.into())
    }
}

fn of_shares(pairs: PairedShares) -> Compared {
    let all = pairs.rows();
    let share = |part: u64| Share::new(part, all).map_err(Undefined::from);
    let ours = share(pairs.both + pairs.first_only);
    let theirs = share(pairs.both + pairs.second_only);
    Compared {
        value: ours.clone().map(|share| share.value()),
        champion: Some(theirs.clone().map(|share| share.value())),
        gain: Some(ours.clone().and_then(|ours| {
            Ok(Uncertain {
                value: ours.value() - theirs?.value(),
                method: Method::Newcombe,
                spread: Spread::Shares(pairs),
            })
        })),
        candidate: ours.map(|share| Uncertain {
            value: share.value(),
            method: Method::Wilson,
            spread: Spread::Share(share),
        }),
    }
}

fn of_areas(areas: &delong::PairedAuc, as_gini: bool) -> Compared {
    let stretched = |area: f64| if as_gini { 2.0 * area - 1.0 } else { area };
    let (value, theirs) = (stretched(areas.first.value), stretched(areas.second.value));
    let stretch = if as_gini { 2.0 } else { 1.0 };
    let gain = areas.difference().map(|found| Uncertain {
        value: value - theirs,
        method: Method::DeLong,
        spread: Spread::Estimate(Estimate::normal(
            value - theirs,
            stretch * found.standard_error,
        )),
    });
    Compared {
        value: Ok(value),
        champion: Some(Ok(theirs)),
        candidate: Ok(Uncertain {
            value,
            method: Method::DeLong,
            spread: Spread::Area(areas.first, as_gini),
        }),
        gain: Some(gain.map_err(Undefined::from)),
    }
}

/// The terms of one model, and less those of another one.
fn moments(ours: &Sums<'_>, theirs: Option<&Sums<'_>>, rows: usize) -> Moments {
    let width = ours.terms.len();
    let both = if theirs.is_some() { 2 * width } else { width };
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); both];
    let mut moments = Moments::new(both);
    for rows in blocks(rows) {
        let (own, differences) = columns.split_at_mut(width);
        for (term, column) in ours.terms.iter().zip(own.iter_mut()) {
            term.read(rows.clone(), column);
        }
        let terms = theirs.into_iter().flat_map(|theirs| &theirs.terms);
        for ((term, column), own) in terms.zip(differences).zip(own) {
            term.read(rows.clone(), column);
            for (value, own) in column.iter_mut().zip(own.iter()) {
                *value = own - *value;
            }
        }
        moments.add(&mut columns);
    }
    moments
}

/// How often rows have a flag of either, when both metrics are the share of rows that have one.
fn shares(first: &Sums<'_>, second: &Sums<'_>, rows: usize) -> Option<PairedShares> {
    let (first, second) = (only_term(first)?, only_term(second)?);
    let (mut one, mut other) = (Vec::new(), Vec::new());
    let mut counts = [0_u64; 4];
    for rows in blocks(rows) {
        first.read(rows.clone(), &mut one);
        second.read(rows, &mut other);
        let flag = |value: f64| value == 0.0 || value == 1.0;
        if !one.iter().chain(&other).all(|value| flag(*value)) {
            return None;
        }
        for (one, other) in one.iter().zip(&other) {
            counts[2 * usize::from(*one == 1.0) + usize::from(*other == 1.0)] += 1;
        }
    }
    Some(PairedShares {
        both: counts[3],
        first_only: counts[2],
        second_only: counts[1],
        neither: counts[0],
    })
}

/// The term of which the metric is the mean.
fn only_term<'s, 'a>(sums: &'s Sums<'a>) -> Option<&'s Column<'a, f64>> {
    match (sums.shape, sums.terms.as_slice()) {
        (Shape::Mean, [term]) => Some(term),
        (_, _) => None,
    }
}

/// How often two cells meet in a row, for those that do.
struct Table {
    pairs: Vec<(u32, u32)>,
    counts: Vec<u64>,
}

impl Table {
    fn of(first: &Cells<'_>, second: &Cells<'_>, rows: usize) -> Self {
        /// Largest table that is counted in place; above it most pairs do not occur.
        const CELLS_MAX: usize = 1 << 16;
        let (mut one, mut other) = (Vec::new(), Vec::new());
        let wide = second.count;
        let small = first.count.saturating_mul(wide) <= CELLS_MAX;
        let mut dense = vec![0_u64; if small { first.count * wide } else { 0 }];
        let mut sparse: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        for rows in blocks(rows) {
            first.cell.read(rows.clone(), &mut one);
            second.cell.read(rows, &mut other);
            for (one, other) in one.iter().zip(&other) {
                match dense.get_mut(*one as usize * wide + *other as usize) {
                    Some(count) => *count += 1,
                    None => *sparse.entry((*one, *other)).or_default() += 1,
                }
            }
        }
        let place = |place: usize| ((place / wide) as u32, (place % wide) as u32);
        let dense = dense.into_iter().enumerate();
        let dense = dense.map(|(index, count)| (place(index), count));
        let found = dense.chain(sparse).filter(|(_, count)| 0 < *count);
        let (pairs, counts) = found.unzip();
        Self { pairs, counts }
    }

    /// The first metric of the counts of a resample.
    fn first(&self, cells: &Cells<'_>, counts: &[u64]) -> Result<f64, Undefined> {
        self.of_counts(cells, counts, |pair| pair.0)
    }

    /// The second metric of the counts of a resample.
    fn second(&self, cells: &Cells<'_>, counts: &[u64]) -> Result<f64, Undefined> {
        self.of_counts(cells, counts, |pair| pair.1)
    }

    fn of_counts(
        &self,
        cells: &Cells<'_>,
        counts: &[u64],
        pick: fn(&(u32, u32)) -> u32,
    ) -> Result<f64, Undefined> {
        let mut sums = vec![0.0; cells.count];
        for (pair, count) in self.pairs.iter().zip(counts) {
            if let Some(sum) = sums.get_mut(pick(pair) as usize) {
                *sum += *count as f64;
            }
        }
        (cells.value)(&sums)
    }

    /// The value in each resample of the counts.
    fn resampled(
        &self,
        plan: &Plan,
        value: impl Fn(&[u64]) -> Result<f64, Undefined> + Sync,
    ) -> Result<Vec<f64>, Undefined> {
        let values: Vec<Option<f64>> = (0..plan.resamples)
            .into_par_iter()
            .map(|index| value(&resample_cells(&self.counts, plan.seed, index)).ok())
            .collect();
        bootstrap::enough(values)
    }
}

/// What is known of the rows besides their values.
pub(super) struct Around {
    weights: Option<Vec<f64>>,
    clusters: Option<Vec<u64>>,
}

impl Around {
    pub(super) fn of(sample: &Sample) -> Self {
        let clusters = sample.cluster();
        Self {
            weights: sample.sampling().map(<[f64]>::to_vec),
            clusters: clusters.map(|ids| ids.iter().map(|id| u64::from(*id)).collect()),
        }
    }

    pub(super) fn with<'a>(&'a self, values: &'a [f64]) -> mean::Rows<'a> {
        mean::Rows {
            values,
            weights: self.weights.as_deref(),
            clusters: self.clusters.as_deref(),
        }
    }
}

/// How far each row moves the metric: its influence, by the delta method. Their weighted mean is zero.
/// And the size of what was subtracted from each other in them.
fn contributions(sums: &Sums<'_>, weights: &Weights<'_>) -> Result<(Vec<f64>, f64), Undefined> {
    let means = sums.means(weights)?;
    let gradient = sums.shape.gradient(&means)?;
    let mut contributions = vec![0.0; weights.rows()];
    for ((terms, mean), slope) in sums.terms.iter().zip(&means).zip(&gradient) {
        terms.each(weights.rows(), |row, term| {
            contributions[row] += slope * (term - mean);
        });
    }
    let parts = means.iter().zip(&gradient);
    let size = parts.map(|(mean, slope)| (mean * slope).abs()).sum();
    Ok((contributions, size))
}
