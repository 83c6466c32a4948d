//! What a kernel found in each row, and the metric of some rows as a function of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::answers::AllRows;
use super::{ReferenceCount, Statistics, Text, TextKernel, TextMetric, find};
use crate::metrics::prepared::{Prepared, Sums, Weights};
use crate::metrics::{Chosen, Options, Sample, Undefined};

/// The statistics of every row, side by side, and the rows that have none.
pub(super) struct Scores {
    /// As many terms for every row.
    terms: Vec<f64>,
    per_row: usize,
    undefined: BTreeMap<u32, Undefined>,
}

impl Scores {
    fn of(kernel: &TextKernel, rows: &AllRows<'_>) -> Self {
        let each = (0..rows.len()).into_par_iter();
        let found: Vec<Result<Statistics, Undefined>> = each
            .map(|row| kernel.row(&rows.references(row), rows.hypothesis(row)))
            .collect();
        let counts = found.iter().flatten().map(|row| row.terms().len());
        let per_row = counts.max().unwrap_or_default();
        let mut terms = Vec::with_capacity(found.len() * per_row);
        let mut undefined = BTreeMap::new();
        for (row, statistics) in found.into_iter().enumerate() {
            match statistics {
                Ok(statistics) => terms.extend(statistics.terms()),
                Err(why) => {
                    undefined.insert(row as u32, why);
                }
            }
            terms.resize((row + 1) * per_row, 0.0);
        }
        Self {
            terms,
            per_row,
            undefined,
        }
    }

    fn row(&self, row: u32) -> &[f64] {
        let start = row as usize * self.per_row;
        let terms = self.terms.get(start..start + self.per_row);
        terms.unwrap_or_default()
    }

    /// Why the metric is not defined on these rows: what is wrong with the first of them that has no value.
    fn check(&self, rows: &[u32]) -> Result<(), Undefined> {
        if self.undefined.is_empty() {
            return Ok(());
        }
        match rows.iter().find_map(|row| self.undefined.get(row)) {
            Some(undefined) => Err(undefined.clone()),
            None => Ok(()),
        }
    }
}

/// The metric on the texts of the sample, ready to be weighed.
pub(super) fn prepared<'a>(
    metric: &TextMetric,
    sample: &'a Sample,
    options: &Options,
) -> Result<Prepared<'a>, Undefined> {
    let text = sample.text()?;
    let (kernel, scores) = scored(metric, text, options)?;
    let first = |row: &u32| scores.row(*row).first().copied().unwrap_or_default();
    if kernel.is_mean() {
        let values = text.chosen().iter().map(first).collect();
        return Ok(Prepared::Sums(Sums::mean(values)));
    }
    Ok(Prepared::Other(Box::new(move |weights| {
        of_corpus(&kernel, &scores, text.chosen(), weights)
    })))
}

/// The kernel, and what it found in every row, all of which have a value.
fn scored(
    metric: &TextMetric,
    text: &Text,
    options: &Options,
) -> Result<(TextKernel, Arc<Scores>), Undefined> {
    let kernel = metric.with(options);
    let kernel = kernel.map_err(|_| Undefined::Option("its parameters are not valid"))?;
    let name = format!("{} {options:?}", metric.id);
    let scores = text.scores(&name, |rows| Scores::of(&kernel, rows));
    scores.check(text.chosen())?;
    Ok((kernel, scores))
}

/// The metric of the weighted sum of statistics.
fn of_corpus(
    kernel: &TextKernel,
    scores: &Scores,
    rows: &[u32],
    weights: &Weights<'_>,
) -> Result<f64, Undefined> {
    let mut sum = vec![0.0; scores.per_row];
    let mut total = 0.0;
    for (row, weight) in rows.iter().zip(weights.iter()) {
        if weight == 0.0 {
            continue;
        }
        total += weight;
        for (sum, term) in sum.iter_mut().zip(scores.row(*row)) {
            *sum += weight * term;
        }
    }
    if total <= 0.0 {
        return Err(Undefined::NoRows);
    }
    kernel.value(&Statistics::from_terms(sum))
}

/// Checks resolved options of a metric of the task `text`.
///
/// # Errors
/// A sentence when a pattern or a schema is none.
pub(in crate::metrics) fn check(id: &str, options: &Options) -> Result<(), String> {
    match find(id) {
        Some(metric) => metric
            .with(options)
            .map(drop)
            .map_err(|error| error.to_string()),
        None => Ok(()),
    }
}

/// The value of each row on its own, `None` where it has none; nothing for metrics that are not of texts
/// or not defined.
#[must_use]
pub fn row_values(metric: &Chosen, sample: &Sample) -> Option<Vec<Option<f64>>> {
    let text = sample.text().ok()?;
    let (kernel, scores) = scored(find(metric.metric.id)?, text, metric.options()).ok()?;
    let value = |row: &u32| {
        let terms = scores.row(*row).to_vec();
        kernel.row_value(&Statistics::from_terms(terms)).ok()
    };
    Some(text.chosen().iter().map(value).collect())
}

/// What makes numbers comparable between programs, as sacrebleu prints it, for the metrics it defines.
#[must_use]
pub fn signature(metric: &Chosen, sample: &Sample) -> Option<String> {
    let text = sample.text().ok()?;
    let kernel = find(metric.metric.id)?.with(metric.options()).ok()?;
    kernel.signature(match text.references_each() {
        Some(count) => ReferenceCount::Every(count),
        None => ReferenceCount::Varying,
    })
}
