//! There must be data for every hour, day, week, month or year.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, DatePart, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Distribution, Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "period-coverage",
    summary: "Every period between the first and the last has at least one row.",
    remedy: "Deliver what is missing for the periods named.",
    references: &["dbt-expectations: expect_row_values_to_have_data_for_every_n_datepart"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at. Periods are of the calendar in UTC, weeks from Monday; several parts together are counted from the first period. Without `first` and `last` they run from the smallest to the largest value; then empty data is not evaluated, because there is no period. The values must be listed exactly; a sketch is not evaluated.";

/// The periods a column of times must cover.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodCoverage {
    /// The part of the calendar.
    pub part: DatePart,
    /// How many of them make one period.
    #[serde(default = "one")]
    pub every: u32,
    /// The first time that must be covered, as ISO 8601; the smallest value when absent.
    #[serde(default)]
    pub first: Option<String>,
    /// The time before which everything must be covered, as ISO 8601; the period of the largest value
    /// is the last one when absent.
    #[serde(default)]
    pub before: Option<String>,
    /// How many periods may be empty; none when absent.
    #[serde(default)]
    pub empty: Option<Bound>,
}

/// Periods looked at: a century of hours.
const PERIODS_MAX: i64 = 900_000;

/// Empty periods named in a message.
const SHOWN_MAX: usize = 5;

fn one() -> u32 {
    1
}

impl PeriodCoverage {
    /// The empty periods by name, and how many periods there are.
    fn missing(&self, seconds: impl Iterator<Item = f64>) -> Result<(Vec<String>, u64), String> {
        let indices: BTreeSet<i64> = seconds
            .filter_map(|seconds| {
                self.part
                    .index(DateTime::from_timestamp(seconds.floor() as i64, 0)?)
            })
            .collect();
        let end = |text: &Option<String>| text.as_deref().map(time).transpose();
        let first = match end(&self.first)? {
            Some(first) => self.part.index(first),
            None => indices.first().copied(),
        };
        let beyond = match end(&self.before)? {
            Some(before) => self.part.index(before - TimeDelta::nanoseconds(1)),
            None => indices.last().copied(),
        };
        let (Some(first), Some(last)) = (first, beyond) else {
            return Err("no row has a value".to_owned());
        };
        let every = i64::from(self.every.max(1));
        let periods = (last - first).div_euclid(every) + 1;
        if PERIODS_MAX < periods {
            return Err(format!("there are more than {PERIODS_MAX} periods"));
        }
        let covered: BTreeSet<i64> = indices
            .range(first..)
            .map(|index| (index - first).div_euclid(every))
            .collect();
        let missing = (0..periods)
            .filter(|period| !covered.contains(period))
            .map(|period| self.part.name(first + period * every))
            .collect();
        Ok((missing, periods.max(0) as u64))
    }
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    super::freshness::instant(text).ok_or_else(|| format!("`{text}` is not an ISO 8601 date"))
}

impl PeriodCoverage {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        for end in [&self.first, &self.before].into_iter().flatten() {
            time(end)?;
        }
        if self.every == 0 {
            return Err("a period of 0 parts covers nothing".to_owned());
        }
        Ok(vec![Measure::Distribution(target.column_name())])
    }
}

impl Check for PeriodCoverage {
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
        let distribution = match measured {
            [Measured::Distribution(Distribution::Numeric(distribution))] => distribution,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.unsupported(&REQUIREMENT, "the column does not hold times"),
        };
        if 0.0 < distribution.rank_error {
            return target.unsupported(&REQUIREMENT, "there are too many different values to list");
        }
        let seconds = distribution.points.iter().map(|(seconds, _)| *seconds);
        match self.missing(seconds) {
            Err(why) => target.failed(&REQUIREMENT, Reason::Undefined, &why),
            Ok((missing, periods)) => {
                let bound = self.empty.unwrap_or(Bound::AtMost(0.0));
                let quantity = Quantity::new(missing.len() as f64, Unit::Count).of(periods);
                let shown: Vec<&str> = missing.iter().take(SHOWN_MAX).map(String::as_str).collect();
                let which = if shown.is_empty() {
                    String::new()
                } else {
                    format!(", the first of them {}", shown.join(", "))
                };
                let message = format!(
                    "{}: {} of {periods} periods are empty{which}, required {bound}",
                    target.subject(),
                    missing.len()
                );
                let outcome = bound.judge(&quantity);
                target.finish(
                    Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                        .measured(quantity, bound),
                )
            }
        }
    }
}
