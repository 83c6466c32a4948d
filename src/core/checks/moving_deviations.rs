//! The total of a period must not leave the band the periods before it set.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, DatePart, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, Slice, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "moving-deviations",
    summary: "In each of the last periods, the total changes by no more than so many standard deviations from the mean change of the periods before it.",
    remedy: "Look at what was delivered in the periods named.",
    references: &["dbt-expectations: expect_column_values_to_be_within_n_moving_stdevs"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The values are added up per period of the calendar in UTC; nulls count as nothing; only periods with rows count, in their order. Of each total the change from the one `lookback` periods before is taken (the total itself when that is 0), of natural logarithms when demanded, where a total of 0 or less is undefined and not evaluated. Each of the last `tested` changes is held against the mean and the standard deviation (ddof 1) of at most `window` changes before it, as dbt-expectations has it; a change further away fails. A change with fewer than two before it, or with a band without width, is held against nothing; when that is so for all, the rule is not evaluated. Unlike in dbt-expectations, the last periods are those of the data, not those before today, unless `as_of` is given.";

/// The band of a column over time.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MovingDeviations {
    /// The column of times.
    pub time: String,
    /// The part of the calendar that makes a period.
    #[serde(default)]
    pub part: DatePart,
    /// How many periods back the change is taken from.
    #[serde(default = "one")]
    pub lookback: usize,
    /// How many changes the band is made of.
    #[serde(default = "seven")]
    pub window: usize,
    /// How many of the last changes are tested.
    #[serde(default = "fourteen")]
    pub tested: usize,
    /// The time before whose period the last periods lie; those of the data when absent.
    #[serde(default)]
    pub as_of: Option<DateTime<Utc>>,
    /// How many standard deviations from the mean a change may lie.
    #[serde(default = "three")]
    pub deviations: f64,
    /// Whether logarithms are taken.
    #[serde(default)]
    pub logarithms: bool,
    /// How many periods may fail; none when absent.
    #[serde(default)]
    pub failing: Option<Bound>,
}

fn one() -> usize {
    1
}

fn three() -> f64 {
    3.0
}

fn seven() -> usize {
    7
}

fn fourteen() -> usize {
    14
}

impl MovingDeviations {
    /// The names of the periods that fail, and how many were tested.
    fn failing_periods(&self, slices: &[Slice]) -> Result<(Vec<String>, u64), (Reason, String)> {
        let changes = self.changes(&self.totals(slices)?);
        let mut failing = Vec::new();
        let mut tested = 0;
        for (index, (period, change)) in changes.iter().enumerate() {
            if !self.is_tested(index, *period, changes.len()) {
                continue;
            }
            let start = index.saturating_sub(self.window);
            let Some((mean, deviation)) = changes.get(start..index).and_then(band) else {
                continue;
            };
            if !(change - mean).is_finite() || !deviation.is_finite() {
                let why = format!("the band of {} is not finite", self.part.name(*period));
                return Err((Reason::Undefined, why));
            }
            tested += 1;
            if self.deviations * deviation < (change - mean).abs() {
                failing.push(self.part.name(*period));
            }
        }
        if tested == 0 {
            let why = "no period has a band of others before it".to_owned();
            return Err((Reason::TooFewRows, why));
        }
        Ok((failing, tested))
    }

    /// Whether a change is one of the last ones.
    fn is_tested(&self, index: usize, period: i64, changes: usize) -> bool {
        let today = self.as_of.and_then(|as_of| self.part.index(as_of));
        match today {
            Some(today) => {
                let tested = i64::try_from(self.tested).unwrap_or(i64::MAX);
                today.saturating_sub(tested) <= period && period < today
            }
            None => changes.saturating_sub(self.tested) <= index,
        }
    }

    /// The total of each period with rows.
    fn totals(&self, slices: &[Slice]) -> Result<BTreeMap<i64, f64>, (Reason, String)> {
        let mut totals = BTreeMap::new();
        for slice in slices {
            let Some(Some(text)) = slice.values.first() else {
                continue;
            };
            let index = super::freshness::instant(text).and_then(|time| self.part.index(time));
            let Some(index) = index else {
                let why = format!("`{}` holds what is no time", self.time);
                return Err((Reason::Unsupported, why));
            };
            match &slice.measured {
                Measured::Moments(moments) if moments.count == 0 => {}
                Measured::Moments(moments) => *totals.entry(index).or_insert(0.0) += moments.sum,
                Measured::Failed(reason, why) => return Err((*reason, why.clone())),
                _ => {
                    return Err((
                        Reason::Unsupported,
                        "the engine measured something else".to_owned(),
                    ));
                }
            }
        }
        Ok(totals)
    }

    fn changes(&self, totals: &BTreeMap<i64, f64>) -> Vec<(i64, f64)> {
        let scaled = |total: f64| if self.logarithms { total.ln() } else { total };
        let totals: Vec<(i64, f64)> = totals
            .iter()
            .map(|(period, total)| (*period, scaled(*total)))
            .collect();
        if self.lookback == 0 {
            return totals;
        }
        let later = totals.iter().skip(self.lookback);
        let pairs = later.zip(&totals);
        pairs
            .map(|((period, total), (_, before))| (*period, total - before))
            .collect()
    }
}

impl MovingDeviations {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        if self.window < 2 {
            return Err("a band needs a window of at least 2 changes".to_owned());
        }
        let sum = Measure::Moments(Value::column(target.column_name()));
        Ok(vec![Measure::By(vec![self.time.clone()], Box::new(sum))])
    }
}

/// Mean and standard deviation (ddof 1) of changes; `None` for fewer than two and for equal ones.
fn band(changes: &[(i64, f64)]) -> Option<(f64, f64)> {
    if changes.len() < 2 {
        return None;
    }
    let count = changes.len() as f64;
    let mean = changes.iter().map(|(_, change)| change).sum::<f64>() / count;
    let squares: f64 = changes
        .iter()
        .map(|(_, change)| (change - mean).powi(2))
        .sum();
    let deviation = (squares / (count - 1.0)).sqrt();
    (deviation != 0.0).then_some((mean, deviation))
}

impl Check for MovingDeviations {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        self.plan(target).err()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.plan(target).unwrap_or_default()
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let slices = match measured {
            [Measured::Slices(slices)] => slices,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let (failing, tested) = match self.failing_periods(slices) {
            Ok(failing) => failing,
            Err((reason, why)) => return target.failed(&REQUIREMENT, reason, &why),
        };
        let bound = self.failing.unwrap_or(Bound::AtMost(0.0));
        let quantity = Quantity::new(failing.len() as f64, Unit::Count).of(tested);
        let which = if failing.is_empty() {
            String::new()
        } else {
            format!(" ({})", failing.join(", "))
        };
        let message = format!(
            "{}: {} of the last {tested} periods lie more than {} standard deviations from those before{which}, required {bound}",
            target.subject(),
            failing.len(),
            self.deviations
        );
        let outcome = bound.judge(&quantity);
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, bound),
        )
    }
}
