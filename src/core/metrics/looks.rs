//! How sure a mean is however often one looks: by the sequences of `statistics::running`, for metrics that
//! are means of independent rows.

use super::estimate::{Compared, Method, Spread, Uncertain};
use super::options::Options;
use super::{Answers, Binary, Chosen, Multiclass, Multilabel, Ranking, Regression, Text};
use super::{Sample, Task, Undefined};
use crate::statistics;
use crate::statistics::proportion::{PairedShares, Share};
use crate::statistics::running::RunningMean;

/// The metric of both models as `estimate::compare` gives it, by sequences; the difference is candidate less
/// champion.
pub(super) fn compared(metric: &Chosen, candidate: &Sample, champion: Option<&Sample>) -> Compared {
    let (value, rows) = looked(metric, candidate);
    let theirs = champion.map(|champion| looked(metric, champion));
    let gain = theirs.as_ref().map(|(_, theirs)| {
        let (ours, theirs) = (rows.as_ref(), theirs.as_ref());
        let both = ours.and_then(|ours| Ok((ours, theirs?)));
        let (ours, theirs) = both.map_err(Undefined::clone)?;
        Ok(Uncertain::of_difference_at_every_look(ours, theirs)?)
    });
    Compared {
        candidate: rows.and_then(|rows| Ok(Uncertain::of_mean_at_every_look(&rows)?)),
        champion: theirs.map(|(value, _)| value),
        value,
        gain,
    }
}

/// The metric of a model, and what each row contributes.
fn looked(
    metric: &Chosen,
    sample: &Sample,
) -> (Result<f64, Undefined>, Result<Vec<f64>, Undefined>) {
    let prepared = match metric.prepare(sample) {
        Ok(prepared) => prepared,
        Err(undefined) => return (Err(undefined.clone()), Err(undefined)),
    };
    let value = prepared.value(&sample.weights());
    if sample.is_weighted() || sample.cluster().is_some() {
        return (value, Err(Undefined::NoSequence(NOT_INDEPENDENT)));
    }
    let of_rows = || {
        let rows = prepared.mean_of_rows(sample.len());
        rows.ok_or(Undefined::NoSequence("it is no mean of rows here"))
    };
    let rows = value.clone().and_then(|_| of_rows());
    (value, rows)
}

/// Why rows with weights or clusters have no sequence.
pub const NOT_INDEPENDENT: &str =
    "rows have weights or clusters, and sequences are known of independent rows";

impl Uncertain {
    /// The mean of these rows, as sure as it is at any number of looks.
    ///
    /// # Errors
    /// When there are too few.
    pub fn of_mean_at_every_look(rows: &[f64]) -> Result<Self, statistics::Undefined> {
        let (value, spread) = match flags(rows) {
            Some(flags) => {
                let right = flags.iter().filter(|flag| **flag).count() as u64;
                let share = Share::new(right, flags.len() as u64)?;
                (share.value(), Spread::RunningShare(share))
            }
            None => {
                let mean = RunningMean::of(rows)?;
                (mean.mean(), Spread::Running(mean))
            }
        };
        Ok(Self {
            value,
            method: Method::Sequence,
            spread,
        })
    }

    /// The mean of `first` - `second` on the same rows, as sure as it is at any number of looks.
    ///
    /// # Errors
    /// When there are too few, or not as many of both.
    pub fn of_difference_at_every_look(
        first: &[f64],
        second: &[f64],
    ) -> Result<Self, statistics::Undefined> {
        if let (Some(first), Some(second)) = (flags(first), flags(second)) {
            let pairs = PairedShares::of(&first, &second)?;
            return Ok(Self {
                value: pairs.difference(),
                method: Method::Sequence,
                spread: Spread::RunningShares(pairs),
            });
        }
        let mean = RunningMean::of_differences(first, second)?;
        Ok(Self {
            value: mean.mean(),
            method: Method::Sequence,
            spread: Spread::Running(mean),
        })
    }

    /// The mean of rows so far, where this is one at repeated looks and its variance is known.
    #[must_use]
    pub fn running(&self) -> Option<RunningMean> {
        match &self.spread {
            Spread::Running(mean) => Some(*mean),
            Spread::RunningShares(pairs) => RunningMean::of_shares(*pairs).ok(),
            Spread::Estimate(_)
            | Spread::Area(..)
            | Spread::Share(_)
            | Spread::Shares(_)
            | Spread::RunningShare(_)
            | Spread::Resampled(_) => None,
        }
    }
}

/// The numbers as flags, when each is 0 or 1.
fn flags(values: &[f64]) -> Option<Vec<bool>> {
    let flag = |value: &f64| (*value == 0.0 || *value == 1.0).then_some(*value == 1.0);
    values.iter().map(flag).collect()
}

impl Chosen {
    /// Whether the metric is a mean of rows, as far as two made-up rows tell: what needs more, such as a
    /// class of its own, is taken to be one until there are rows.
    #[must_use]
    pub fn may_be_mean(&self, task: Task) -> bool {
        let Some(answers) = made_up(task) else {
            return false;
        };
        let sample = Sample::new(answers).ok();
        let sample = sample.and_then(|sample| match self.column() {
            Some(column) => sample.with_column(column, vec![0.0, 1.0]).ok(),
            None => Some(sample),
        });
        let is_mean = |metric: &Self| {
            let prepared = metric.prepare(sample.as_ref()?).ok()?;
            Some(prepared.mean_of_rows(2).is_some())
        };
        let plain = || is_mean(&self.metric.with(&Options::default()).ok()?);
        is_mean(self).or_else(plain).unwrap_or(true)
    }
}

/// Two rows of a task, on which most of its metrics are defined; `None` where rows are never independent or
/// no metric is a mean.
fn made_up(task: Task) -> Option<Answers> {
    let binary = || Binary::new(vec![true, false], Some(vec![0.75, 0.25]), vec![true, false]);
    Some(match task {
        Task::Binary => binary().ok()?.into(),
        Task::Multiclass => {
            let classes = vec!["0".to_owned(), "1".to_owned()];
            let score = vec![vec![0.75, 0.25], vec![0.25, 0.75]];
            let answers = Multiclass::new(classes, vec![0, 1], vec![0, 1], Some(score));
            answers.ok()?.into()
        }
        Task::Regression => Regression::new(vec![1.0, 2.0], vec![1.5, 2.0]).ok()?.into(),
        Task::Multilabel => Multilabel::new(vec![
            ("0".to_owned(), binary().ok()?),
            ("1".to_owned(), binary().ok()?),
        ])
        .ok()?
        .into(),
        Task::Text => Text::new([(vec!["a"], "a"), (vec!["a"], "b")]).into(),
        Task::Ranking => {
            let label = vec![1.0, 0.0, 1.0, 0.0];
            let ranking = Ranking::new(&[0, 0, 1, 1], label, vec![0.9, 0.1, 0.8, 0.2]);
            ranking.ok()?.into()
        }
        Task::Forecasting | Task::Detection => return None,
    })
}

#[cfg(test)]
mod tests;
