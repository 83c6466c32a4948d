//! A dataset partitioned by day or hour must have every day or hour.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::listed;
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "partition-sequence",
    summary: "Every day or hour from the first partition to the newest one due has rows.",
    remedy: "Load the partitions named again.",
    references: &["dbt-expectations `expect_row_values_to_have_data_for_every_n_datepart`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Days and hours are of UTC; nulls are left out; a value that spells no time is not evaluated. Partitions after the newest one due are not looked at. The sequence begins with the first value there is, so that a lost beginning is not noticed.";

/// Partitions a sequence may have: a hundred years of days, four of hours.
const PARTITIONS_MAX: usize = 36_600;

/// Bound on the days or hours without rows, from the first that has any to the newest that is due.
///
/// Values are dates (`2026-01-31`, `20260131`), hours (`2026-01-31T14`, `2026-01-31-14`) or timestamps,
/// in UTC; each stands for the day or hour it lies in.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartitionSequence {
    /// How long a partition is.
    #[serde(default)]
    pub unit: PartitionUnit,
    /// The time it is judged at.
    pub as_of: DateTime<Utc>,
    /// How many days or hours before that the newest partition is due: 1 asks for yesterday's.
    #[serde(default = "one")]
    pub lag: u32,
    /// Values that need not be there, such as holidays, written as in the column.
    #[serde(default)]
    pub without: Vec<String>,
    /// How many may be missing; none by default.
    #[serde(default)]
    pub budget: u64,
}

/// How long a partition is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartitionUnit {
    /// A day.
    #[default]
    Day,
    /// An hour.
    Hour,
}

impl PartitionUnit {
    fn seconds(self) -> i64 {
        match self {
            Self::Day => 86_400,
            Self::Hour => 3_600,
        }
    }

    fn name(self, number: i64) -> String {
        let form = match self {
            Self::Day => "%Y-%m-%d",
            Self::Hour => "%Y-%m-%dT%H",
        };
        let instant = DateTime::from_timestamp(number.saturating_mul(self.seconds()), 0);
        instant.map_or_else(
            || number.to_string(),
            |instant| instant.format(form).to_string(),
        )
    }
}

fn one() -> u32 {
    1
}

/// The time a partition's value spells.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let date = |form: &&str| NaiveDate::parse_from_str(text, form).ok();
    // An hour alone is not enough for the parser.
    let whole = format!("{text}:00");
    let hour = |form: &&str| NaiveDateTime::parse_from_str(&whole, form).ok();
    let dates = ["%Y%m%d", "%Y/%m/%d"];
    let hours = [
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d-%H:%M",
        "%Y-%m-%d %H:%M",
        "%Y%m%d%H:%M",
    ];
    let compact = || {
        dates
            .iter()
            .find_map(date)
            .map(|date| date.and_time(NaiveTime::MIN).and_utc())
    };
    let hourly = || hours.iter().find_map(hour).map(|time| time.and_utc());
    crate::measure::instant(text)
        .or_else(compact)
        .or_else(hourly)
}

impl Check for PartitionSequence {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Frequencies {
            values: vec![Value::Text(Box::new(Value::Column(target.column_name())))],
            combinations_max: PARTITIONS_MAX,
        }]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let pairs = match measured {
            [Measured::Frequencies(pairs)] => pairs,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let number = |text: &str| Some(instant(text)?.timestamp().div_euclid(self.unit.seconds()));
        let mut found: BTreeSet<i64> = BTreeSet::new();
        let mut unread = 0;
        for (values, rows) in pairs {
            let text = values.first().and_then(Option::as_deref);
            match text.map(number) {
                Some(Some(number)) => _ = found.insert(number),
                Some(None) => unread += rows,
                // A row without a partition is in none.
                None => {}
            }
        }
        if 0 < unread {
            let why = format!("{unread} rows have a value that is no date or hour");
            return target.failed(&REQUIREMENT, Reason::Unsupported, &why);
        }
        let Some(first) = found.first().copied() else {
            return target.failed(&REQUIREMENT, Reason::Undefined, "there are no partitions");
        };
        let due = self.as_of.timestamp().div_euclid(self.unit.seconds()) - i64::from(self.lag);
        // One wrong date of long ago would make a sequence without end.
        if PARTITIONS_MAX as i64 <= due.saturating_sub(first) {
            let why = format!(
                "the first partition is {}, more than {PARTITIONS_MAX} ago",
                self.unit.name(first)
            );
            return target.failed(&REQUIREMENT, Reason::Unsupported, &why);
        }
        let without: BTreeSet<i64> = self
            .without
            .iter()
            .filter_map(|text| number(text))
            .collect();
        let wanted = (first..=due).filter(|number| !without.contains(number));
        let missing: Vec<String> = wanted
            .clone()
            .filter(|number| !found.contains(number))
            .map(|number| self.unit.name(number))
            .collect();
        self.record(target, &missing, wanted.count())
    }
}

impl PartitionSequence {
    fn record(&self, target: &Target, missing: &[String], wanted: usize) -> Vec<Evidence> {
        let (quantity, bound) = (
            Quantity::new(missing.len() as f64, Unit::Count),
            Bound::AtMost(self.budget as f64),
        );
        let message = match missing {
            [] => format!(
                "{}: all {wanted} partitions due are there",
                target.subject()
            ),
            missing => format!(
                "{}: {} of {wanted} partitions due are missing: {}, required {bound}",
                target.subject(),
                missing.len(),
                listed(missing)
            ),
        };
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                bound.judge(&quantity),
                message,
            )
            .measured(quantity, bound),
        )
    }
}
