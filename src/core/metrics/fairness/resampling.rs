//! How sure a comparison of groups is.
//!
//! Two groups and one rate have formulas: Newcombe for the difference, Katz for the ratio. Everything else
//! is resampled within each group, so that no resample is without one; rates and everything else that
//! follows from counts by the cells of each group. Rows of one cluster are drawn together, over all groups.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::comparison::{PreparedStratum, within};
use super::named::Shape;
use super::rates::share;
use super::{Comparison, Cut, Group, Method, Reduction, StratumValue, Undefined};
use crate::evidence::Interval;
use crate::metrics::bootstrap::{Plan, enough};
use crate::metrics::{Prepared, prepared};
use crate::statistics::bootstrap::{Clusters, Ends, interval, resample_cells};
use crate::statistics::proportion::{Share, katz_ratio, newcombe};
use crate::statistics::random::{draw_rows, scrambled};

/// By what an interval was worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Newcombe's interval of the difference of two independent shares.
    Newcombe,
    /// Katz's interval of the ratio of two independent shares.
    Katz,
    /// Resampling the cells of each group.
    Cells,
    /// Resampling the rows of each group.
    Rows,
    /// Resampling clusters of rows.
    Clusters,
}

impl By {
    /// Its name, after "by".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Newcombe => "Newcombe",
            Self::Katz => "Katz",
            Self::Cells => "resampled cells of each group",
            Self::Rows => "resampled rows of each group",
            Self::Clusters => "resampled clusters",
        }
    }
}

/// An interval, and by what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sure {
    /// The two-sided interval.
    pub interval: Interval,
    /// By what it was worked out.
    pub by: By,
}

/// Cells a table of one group may have: beyond, rows are drawn, which costs no more.
const CELLS_MAX: usize = 4096;

impl Comparison {
    /// The interval of the value that the strata make, at `level`.
    ///
    /// # Errors
    /// When the rows do not tell: too many resamples have no value, or all have the same.
    pub fn sure(
        &self,
        cut: &Cut,
        strata: &[StratumValue],
        plan: &Plan,
        level: f64,
    ) -> Result<Sure, Undefined> {
        if let Some((reduction, [low, high])) = self.two_shares(cut) {
            let (found, by) = match reduction {
                Reduction::Difference => (newcombe(high, low, level)?, By::Newcombe),
                Reduction::Ratio => (katz_ratio(low, high, level)?, By::Katz),
                Reduction::GroupMin | Reduction::GroupMax => return Err(Undefined::NotResampled),
            };
            let interval = Interval {
                lower: found.lower,
                upper: found.upper,
                level,
            };
            return Ok(Sure { interval, by });
        }
        if plan.resamples == 0 {
            return Err(Undefined::InvalidPlan);
        }
        let value = self.value(strata)?;
        let (values, by) = self.resampled(cut, plan)?;
        if values.iter().all(|other| Some(other) == values.first()) {
            return Err(Undefined::Uncertainty(
                "every resample has the same value".to_owned(),
            ));
        }
        let found = interval(value, &values, Ends::Percentile, level)?;
        let interval = Interval {
            lower: found.lower,
            upper: found.upper,
            level,
        };
        Ok(Sure { interval, by })
    }

    /// The lower and the higher of two shares, when the comparison is of nothing else.
    fn two_shares(&self, cut: &Cut) -> Option<(Reduction, [Share; 2])> {
        let (Shape::Reduced(reduction), Method::BetweenGroups, [stratum], [metric], true) = (
            self.shape,
            self.method,
            cut.strata.as_slice(),
            self.of.as_slice(),
            cut.plain,
        ) else {
            return None;
        };
        let ([one, other], Reduction::Difference | Reduction::Ratio) =
            (stratum.groups.as_slice(), reduction)
        else {
            return None;
        };
        let share = |group: &Group| share(metric.metric.id, &group.counts().ok()?);
        let (one, other) = (share(one)?, share(other)?);
        let ordered = if one.value() <= other.value() {
            [one, other]
        } else {
            [other, one]
        };
        Some((reduction, ordered))
    }

    fn resampled(&self, cut: &Cut, plan: &Plan) -> Result<(Vec<f64>, By), Undefined> {
        let strata = self.prepared(cut)?;
        if cut.plain
            && let Some(tables) = tables(&strata)
        {
            let draw = |index| self.of_tables(&strata, &tables, plan.seed, index).ok();
            let values = (0..plan.resamples).into_par_iter().map(draw);
            return Ok((enough(values.collect())?, By::Cells));
        }
        let clusters = cut.cluster.as_ref().map(|cluster| {
            let ids: Vec<u64> = cluster.iter().map(|id| u64::from(*id)).collect();
            Clusters::of(&ids)
        });
        let by = match clusters {
            Some(_) => By::Clusters,
            None => By::Rows,
        };
        let values = (0..plan.resamples).into_par_iter().map_init(
            || vec![0_u32; cut.rows],
            |drawn, index| {
                match &clusters {
                    Some(clusters) => *drawn = clusters.resample(plan.seed, index),
                    None => draw_groups(drawn, cut, plan.seed, index),
                }
                let values = strata
                    .iter()
                    .map(|stratum| self.of_stratum(stratum, Some(drawn)));
                self.value(&values.collect::<Result<Vec<_>, _>>().ok()?)
                    .ok()
            },
        );
        Ok((enough(values.collect())?, by))
    }

    /// The value in one resample of the tables.
    fn of_tables(
        &self,
        strata: &[PreparedStratum<'_>],
        tables: &[Vec<Table>],
        seed: u64,
        index: u32,
    ) -> Result<f64, Undefined> {
        let mut values = Vec::with_capacity(strata.len());
        for (stratum, tables) in strata.iter().zip(tables) {
            let mut groups = Vec::with_capacity(tables.len());
            let mut weights = Vec::with_capacity(tables.len());
            let mut sums: Vec<Vec<f64>> = Vec::new();
            for (table, (group, metrics)) in tables.iter().zip(&stratum.groups) {
                let seed = seed_of(seed, group);
                let cells = table.resampled(metrics, seed, index);
                groups
                    .push(weighed(metrics, &cells).map_err(|undefined| within(group, undefined))?);
                weights.push(group.rows as f64);
                add(&mut sums, cells);
            }
            let overall = weighed(&stratum.overall, &sums)?;
            values.push(self.stratum_value(groups, &weights, overall)?);
        }
        self.value(&values)
    }
}

/// Draws the rows of each group among themselves.
fn draw_groups(drawn: &mut [u32], cut: &Cut, seed: u64, index: u32) {
    for group in cut.strata.iter().flat_map(|stratum| &stratum.groups) {
        if let Some(drawn) = drawn.get_mut(group.place.clone()) {
            draw_rows(drawn, seed_of(seed, group), index);
        }
    }
}

/// A seed of each group's own, so that groups of the same size are not drawn alike.
fn seed_of(seed: u64, group: &Group) -> u64 {
    seed ^ scrambled(group.place.start as u64)
}

/// The rows of one group by the cells they fall into, of every metric at once.
struct Table {
    cells: Vec<Vec<u32>>,
    rows: Vec<u64>,
}

/// A table for each group, when every metric follows from counts.
fn tables(strata: &[PreparedStratum<'_>]) -> Option<Vec<Vec<Table>>> {
    let of_stratum = |stratum: &PreparedStratum<'_>| {
        let groups = stratum.groups.iter();
        groups
            .map(|(group, metrics)| Table::of(metrics, group.sample.len()))
            .collect()
    };
    strata.iter().map(of_stratum).collect()
}

impl Table {
    fn of(metrics: &[Prepared<'_>], rows: usize) -> Option<Self> {
        let of_metric = |metric| cells(metric, rows);
        let columns: Vec<Vec<u32>> = metrics.iter().map(of_metric).collect::<Option<_>>()?;
        let mut counts: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        for row in 0..rows {
            let cell = |column: &Vec<u32>| column.get(row).copied();
            *counts
                .entry(columns.iter().filter_map(cell).collect())
                .or_default() += 1;
            if CELLS_MAX < counts.len() {
                return None;
            }
        }
        let (cells, rows) = counts.into_iter().unzip();
        Some(Self { cells, rows })
    }

    /// For each metric the weight in each of its cells, in one resample.
    fn resampled(&self, metrics: &[Prepared<'_>], seed: u64, index: u32) -> Vec<Vec<f64>> {
        let drawn = resample_cells(&self.rows, seed, index);
        let mut sums: Vec<Vec<f64>> = metrics.iter().map(|of| vec![0.0; cell_count(of)]).collect();
        for (cells, count) in self.cells.iter().zip(drawn) {
            for (sums, cell) in sums.iter_mut().zip(cells) {
                if let Some(sum) = sums.get_mut(*cell as usize) {
                    *sum += count as f64;
                }
            }
        }
        sums
    }
}

/// Terms of a function of sums that are taken as flags: 2^8 cells.
const FLAGS_MAX: usize = 8;

/// The cell of each row, when the metric follows from counts.
fn cells(metric: &Prepared<'_>, rows: usize) -> Option<Vec<u32>> {
    match metric {
        Prepared::Cells(cells) => {
            let mut of_row = Vec::with_capacity(rows);
            cells.cell.each(rows, |_, cell| of_row.push(cell));
            Some(of_row)
        }
        Prepared::Sums(sums) if sums.terms.len() <= FLAGS_MAX => {
            let mut cells = vec![0_u32; rows];
            let mut are_flags = !sums.terms.is_empty();
            for (bit, term) in sums.terms.iter().enumerate() {
                term.each(rows, |row, value| match (value, cells.get_mut(row)) {
                    (0.0, _) => {}
                    (1.0, Some(cell)) => *cell |= 1 << bit,
                    _ => are_flags = false,
                });
            }
            are_flags.then_some(cells)
        }
        Prepared::Sums(_) | Prepared::Auc(_) | Prepared::Linearised(_) | Prepared::Other(_) => None,
    }
}

fn cell_count(metric: &Prepared<'_>) -> usize {
    match metric {
        Prepared::Cells(cells) => cells.count,
        Prepared::Sums(sums) => 1 << sums.terms.len().min(FLAGS_MAX),
        Prepared::Auc(_) | Prepared::Linearised(_) | Prepared::Other(_) => 0,
    }
}

/// The value of each metric, of the weight in each of its cells.
fn weighed(metrics: &[Prepared<'_>], cells: &[Vec<f64>]) -> Result<Vec<f64>, Undefined> {
    metrics
        .iter()
        .zip(cells)
        .map(|(metric, cells)| of_cells(metric, cells))
        .collect()
}

fn of_cells(metric: &Prepared<'_>, counts: &[f64]) -> Result<f64, Undefined> {
    match metric {
        Prepared::Cells(cells) => (cells.value)(counts),
        Prepared::Sums(sums) => of_flags(sums, counts),
        Prepared::Auc(_) | Prepared::Linearised(_) | Prepared::Other(_) => {
            Err(Undefined::NotResampled)
        }
    }
}

fn of_flags(sums: &prepared::Sums, counts: &[f64]) -> Result<f64, Undefined> {
    let total: f64 = counts.iter().sum();
    if total <= 0.0 {
        return Err(Undefined::NoRows);
    }
    let mean = |bit: usize| {
        let with = counts
            .iter()
            .enumerate()
            .filter(|(cell, _)| cell >> bit & 1 == 1);
        with.map(|(_, count)| count).sum::<f64>() / total
    };
    let means: Vec<f64> = (0..sums.terms.len()).map(mean).collect();
    sums.shape.value(&means)
}

/// Adds the cells of a group to those of all.
fn add(sums: &mut Vec<Vec<f64>>, cells: Vec<Vec<f64>>) {
    if sums.is_empty() {
        *sums = cells;
        return;
    }
    for (sums, cells) in sums.iter_mut().zip(cells) {
        for (sum, count) in sums.iter_mut().zip(cells) {
            *sum += count;
        }
    }
}
