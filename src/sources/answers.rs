//! Numbers of single answers as they come: a case, a metric, a number.
//!
//! Systems that evaluate language models write one row for each answer, with the numbers that were asked
//! for of it. Each metric is about the cases it was asked for of; repetitions of a case share its identity.

use std::collections::BTreeMap;

use crate::evidence::{Sha256, Unit};
use crate::metrics::Direction;
use crate::recorded::{RecordedMetric, Recording};
use crate::statistics::mean;

/// Numbers of all answers together; 16 bytes and an identity each.
const NUMBERS_MAX: usize = 5_000_000;

/// Metrics of one recording.
const METRICS_MAX: usize = 10_000;

/// Characters of a digest that make an identity: 64 bits, no two cases of a million share it by chance.
const IDENTITY_CHARACTERS: usize = 16;

/// Numbers of single answers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    columns: BTreeMap<String, Answered>,
    numbers: usize,
}

/// The numbers of one metric.
#[derive(Debug, Default)]
struct Answered {
    ids: Vec<String>,
    values: Vec<f64>,
    direction: Option<Direction>,
    unit: Unit,
}

impl Answers {
    /// Adds the number of one answer to the case `id`; NaN where it should have one and has none.
    ///
    /// # Errors
    /// When there are more than results have.
    pub(super) fn add(&mut self, metric: &str, id: &str, value: f64) -> Result<(), String> {
        self.numbers += 1;
        if NUMBERS_MAX < self.numbers {
            return Err(format!("there are more than {NUMBERS_MAX} numbers in it"));
        }
        if !self.columns.contains_key(metric) {
            if self.columns.len() == METRICS_MAX {
                return Err(format!("there are more than {METRICS_MAX} metrics in it"));
            }
            self.columns.insert(metric.to_owned(), Answered::default());
        }
        if let Some(column) = self.columns.get_mut(metric) {
            column.ids.push(id.to_owned());
            column.values.push(value);
        }
        Ok(())
    }

    /// Says which way a metric is better, and in what it is counted.
    pub(super) fn describe(&mut self, metric: &str, direction: Direction, unit: Unit) {
        if let Some(column) = self.columns.get_mut(metric) {
            column.direction = Some(direction);
            column.unit = unit;
        }
    }

    /// Puts the numbers into a recording: case by case, and their mean where every case has a number and
    /// the system itself recorded none.
    ///
    /// # Errors
    /// Never; as [`with_own`](crate::recorded::Cases::with_own).
    pub(super) fn record(self, recording: &mut Recording) -> Result<(), String> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let mut cases = recording.cases.take().unwrap_or_default();
        for (name, column) in self.columns {
            let direction = column.direction;
            let unit = column.unit;
            let own = cases.with_own(name.clone(), &column.ids, column.values);
            cases = own.map_err(|error| error.to_string())?;
            let known = recording.metric(&name, None).is_some();
            if let (false, Some(column)) = (known, cases.column(&name)) {
                let values: Vec<f64> = column.of_case().values().copied().collect();
                if column.without() == 0 && !values.is_empty() {
                    let metric = mean_of(name, &values).unit(unit);
                    let metric = RecordedMetric {
                        direction,
                        ..metric
                    };
                    recording.metrics.push(metric);
                }
            }
        }
        recording.cases = Some(cases);
        Ok(())
    }
}

/// Refuses tables of more numbers than results have, before anybody walks over them.
///
/// # Errors
/// When there are.
pub(super) fn check_size(rows: usize, columns: usize) -> Result<(), String> {
    match rows.saturating_mul(columns) <= NUMBERS_MAX {
        true => Ok(()),
        false => Err(format!("there are more than {NUMBERS_MAX} numbers in it")),
    }
}

/// The mean over cases, with its standard error where there is one.
fn mean_of(name: String, values: &[f64]) -> RecordedMetric {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let metric = RecordedMetric::new(name, mean).of(values.len() as u64);
    match mean::mean(&mean::Rows::of(values)) {
        Ok(estimate) => metric.standard_error(estimate.standard_error),
        Err(_) => metric,
    }
}

/// An identity of a case that says nothing of what is in it, and is the same in every run.
pub(super) fn identity(of: &str) -> String {
    let digest = Sha256::of(of.as_bytes()).to_string();
    digest.chars().take(IDENTITY_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::{Answers, identity};
    use crate::recorded::Recording;

    #[test]
    fn means_are_of_cases_all_of_which_have_a_number() {
        let mut answers = Answers::default();
        for (metric, id, value) in [
            ("a", "1", 1.0),
            ("a", "1", 0.0),
            ("a", "2", 1.0),
            ("b", "2", 1.0),
            ("b", "3", f64::NAN),
        ] {
            answers.add(metric, id, value).expect("few numbers");
        }
        let mut recording = Recording::by("Test");
        answers.record(&mut recording).expect("columns");
        let mean = recording.metric("a", None).expect("a mean");
        assert_eq!((mean.value, mean.rows), (0.75, Some(2)));
        assert_eq!(recording.metric("b", None), None);
        let cases = recording.cases.expect("cases");
        assert_eq!(cases.column("b").expect("a column").without(), 1);
    }

    #[test]
    fn identities_are_short_digests() {
        assert_eq!(identity(""), "e3b0c44298fc1c14");
    }
}
