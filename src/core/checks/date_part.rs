//! Parts of the calendar: hours, days, weeks, months, years, numbered so that neighbours differ by one.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const SECONDS_PER_DAY: i64 = 86_400;

/// 1970-01-01 was a Thursday: days from the Monday before it.
const DAYS_FROM_MONDAY: i64 = 3;

/// A part of the calendar, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// A week from Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// A year.
    Year,
}

impl DatePart {
    /// The number of the part an instant lies in.
    pub(super) fn index(self, instant: DateTime<Utc>) -> Option<i64> {
        let seconds = instant.timestamp();
        let months = || i64::from(instant.year()) * 12 + i64::from(instant.month0());
        Some(match self {
            Self::Minute => seconds.div_euclid(60),
            Self::Hour => seconds.div_euclid(3_600),
            Self::Day => seconds.div_euclid(SECONDS_PER_DAY),
            Self::Week => (seconds.div_euclid(SECONDS_PER_DAY) + DAYS_FROM_MONDAY).div_euclid(7),
            Self::Month => months(),
            Self::Quarter => months().div_euclid(3),
            Self::Year => i64::from(instant.year()),
        })
    }

    /// What a part is called: the ISO 8601 text of its start.
    pub(super) fn name(self, index: i64) -> String {
        let start = |seconds: Option<i64>| {
            let seconds = TimeDelta::try_seconds(seconds?)?;
            DateTime::UNIX_EPOCH.checked_add_signed(seconds)
        };
        let text = |form: &str, seconds| start(seconds).map(|start| start.format(form).to_string());
        let text = match self {
            Self::Minute => text("%Y-%m-%dT%H:%M", index.checked_mul(60)),
            Self::Hour => text("%Y-%m-%dT%H:00", index.checked_mul(3_600)),
            Self::Day => text("%Y-%m-%d", index.checked_mul(SECONDS_PER_DAY)),
            Self::Week => {
                let day = index.checked_mul(7).map(|day| day - DAYS_FROM_MONDAY);
                text(
                    "%G-W%V",
                    day.and_then(|day| day.checked_mul(SECONDS_PER_DAY)),
                )
            }
            Self::Month => Some(format!(
                "{:04}-{:02}",
                index.div_euclid(12),
                index.rem_euclid(12) + 1
            )),
            Self::Quarter => Some(format!(
                "{:04}-Q{}",
                index.div_euclid(4),
                index.rem_euclid(4) + 1
            )),
            Self::Year => Some(format!("{index:04}")),
        };
        text.unwrap_or_else(|| index.to_string())
    }
}
