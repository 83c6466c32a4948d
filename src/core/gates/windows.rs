//! Windows of time: the rows of a day, a week, a month, judged one by one as slices are.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slices::{NotSliced, RowsBySlice};
use super::{Groups, VALUES_MAX};
use crate::evidence::Reason;
use crate::measure::instant;
use crate::metrics::groups::MISSING;

/// Windows of time that divide the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowSpec {
    /// Column with the time of each row: ISO 8601, UTC where there is no offset, or seconds since 1970
    /// (milli-, micro- and nanoseconds are told by their size).
    pub by: String,
    /// Length of a window: `day`, `week`, `month`, or a number of hours, days or weeks as `6h`, `7d`, `2w`.
    /// Windows of hours, days and weeks are counted from Monday, 1970-01-05, in UTC.
    #[schemars(with = "String")]
    pub every: Every,
}

/// Length of a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Every {
    /// A number of hours, at least 1.
    Hours(u16),
    /// A number of days, at least 1.
    Days(u16),
    /// A month of the calendar.
    Month,
}

impl TryFrom<String> for Every {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        /// Longest window, in its unit: about ten years of days.
        const LONGEST: u16 = 3660;
        let wrong = || {
            format!(
                "`every` is `{text}`, must be `day`, `week`, `month`, or a number of hours, days or weeks up to {LONGEST} of them, as `6h`, `7d` or `2w`"
            )
        };
        match text.as_str() {
            "day" => return Ok(Self::Days(1)),
            "week" => return Ok(Self::Days(7)),
            "month" => return Ok(Self::Month),
            _ => {}
        }
        let unit = text.chars().last().ok_or_else(wrong)?;
        let digits = &text[..text.len() - unit.len_utf8()];
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse::<u16>().ok().filter(|_| is_number);
        let number = number
            .filter(|number| (1..=LONGEST).contains(number))
            .ok_or_else(wrong)?;
        match unit {
            'h' => Ok(Self::Hours(number)),
            'd' => Ok(Self::Days(number)),
            'w' => Ok(Self::Days(number.saturating_mul(7))),
            _ => Err(wrong()),
        }
    }
}

impl From<Every> for String {
    fn from(every: Every) -> Self {
        match every {
            Every::Hours(hours) => format!("{hours}h"),
            Every::Days(days) => format!("{days}d"),
            Every::Month => "month".to_owned(),
        }
    }
}

impl Every {
    /// The start of the window that holds `instant`, and of the one after it. `None` beyond the calendar.
    fn window(self, instant: DateTime<Utc>) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let length = match self {
            Self::Hours(hours) => TimeDelta::try_hours(i64::from(hours))?,
            Self::Days(days) => TimeDelta::try_days(i64::from(days))?,
            Self::Month => {
                let first = instant.date_naive().with_day(1)?;
                let next = first.checked_add_months(Months::new(1))?;
                return Some((
                    first.and_time(NaiveTime::MIN),
                    next.and_time(NaiveTime::MIN),
                ));
            }
        };
        // A Monday, so that windows of seven days are weeks.
        let origin = NaiveDate::from_ymd_opt(1970, 1, 5)?.and_time(NaiveTime::MIN);
        let seconds = instant.timestamp() - origin.and_utc().timestamp();
        let index = seconds.div_euclid(length.num_seconds());
        let passed = index.checked_mul(length.num_seconds())?;
        let start = origin.checked_add_signed(TimeDelta::try_seconds(passed)?)?;
        Some((start, start.checked_add_signed(length)?))
    }

    /// `2026-11-16..2026-11-23`; the end is not part of it.
    fn name(self, start: NaiveDateTime, end: NaiveDateTime) -> String {
        let form = match self {
            Self::Hours(_) => "%Y-%m-%dT%H:%M",
            Self::Days(_) | Self::Month => "%Y-%m-%d",
        };
        format!("{}..{}", start.format(form), end.format(form))
    }
}

/// Where a window begins and ends.
type Window = (NaiveDateTime, NaiveDateTime);

impl WindowSpec {
    /// The window of a time, or that it is none.
    fn window(&self, text: &str) -> Option<Window> {
        self.every.window(time(text)?)
    }

    /// The windows with rows, in the order of time, and last the rows without a time.
    pub(super) fn rows_by_window(&self, times: &Groups) -> Result<RowsBySlice, NotSliced> {
        let (values, of_row) = times.codes();
        let window = |value: &Option<&str>| value.map(|text| self.window(text));
        let of_value: Vec<Option<Option<Window>>> = values.iter().map(window).collect();
        let mut windows: BTreeMap<Window, Vec<u32>> = BTreeMap::new();
        let mut without = Vec::new();
        for (row, value) in (0_u32..).zip(of_row) {
            match of_value.get(value as usize).copied().flatten() {
                None => without.push(row),
                Some(Some(window)) => windows.entry(window).or_default().push(row),
                Some(None) => {
                    let text = values.get(value as usize).copied().flatten();
                    let message = format!(
                        "column `{}` is `{}` in row {}, which is no time: ISO 8601 or seconds since 1970 are",
                        self.by,
                        text.unwrap_or_default(),
                        row + 1
                    );
                    return Err((Reason::UnreadableInput, message));
                }
            }
        }
        if VALUES_MAX < windows.len() {
            let message = format!(
                "column `{}` falls into {} windows of `{}`, at most {VALUES_MAX} can be judged; use longer ones in `gate.windows.every`",
                self.by,
                windows.len(),
                String::from(self.every)
            );
            return Err((Reason::Unsupported, message));
        }
        let named = windows.into_iter().map(|((start, end), rows)| {
            (format!("{}={}", self.by, self.every.name(start, end)), rows)
        });
        let mut named: RowsBySlice = named.collect();
        if !without.is_empty() {
            named.push((format!("{}={MISSING}", self.by), without));
        }
        Ok(named)
    }
}

/// A time as people and programs write it: ISO 8601, `20261116`, or a count since 1970 whose unit its size
/// tells. Years from 1 to 9999.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let found = match text.parse::<f64>() {
        Ok(number) => basic_date(text).or_else(|| since_1970(number)),
        Err(_) => instant(text).or_else(|| spaced(text)),
    };
    found.filter(|instant| (1..=9999).contains(&instant.year()))
}

/// `20261116`: as seconds since 1970 such a number would be a day in August of that year.
fn basic_date(text: &str) -> Option<DateTime<Utc>> {
    let eight = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    let date = date.filter(|date| eight && (1900..=2199).contains(&date.year()))?;
    Some(date.and_time(NaiveTime::MIN).and_utc())
}

fn since_1970(number: f64) -> Option<DateTime<Utc>> {
    // 1e11 seconds are the year 5138, and 1e11 milliseconds are 1973.
    let seconds = match number.abs() {
        size if size < 1e11 => number,
        size if size < 1e14 => number / 1e3,
        size if size < 1e17 => number / 1e6,
        size if size < 1e20 => number / 1e9,
        _ => return None,
    };
    let whole = seconds.floor();
    DateTime::from_timestamp(whole as i64, ((seconds - whole) * 1e9) as u32)
}

/// A timestamp as data frames print it: `2026-11-16 08:00:00.000000 UTC`, `… +0100`, `… 08:00`.
fn spaced(text: &str) -> Option<DateTime<Utc>> {
    let plain = text.strip_suffix("UTC").map_or(text, str::trim_end);
    if plain.len() < text.len() {
        return instant(plain);
    }
    let with_offset = ["%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M:%S%.f%z"];
    let parsed = with_offset
        .iter()
        .find_map(|form| DateTime::parse_from_str(text, form).ok());
    let to_the_minute = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let to_the_minute = || {
        let parse = |form: &&str| NaiveDateTime::parse_from_str(text, form).ok();
        to_the_minute.iter().find_map(parse)
    };
    match parsed {
        Some(instant) => Some(instant.with_timezone(&Utc)),
        None => to_the_minute().map(|naive| naive.and_utc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(every: &str, text: &str) -> String {
        let every = Every::try_from(every.to_owned()).expect("a length");
        let (start, end) = every
            .window(time(text).expect("a time"))
            .expect("on the calendar");
        every.name(start, end)
    }

    #[test]
    fn times_of_all_spellings_fall_into_the_window_that_holds_them() {
        let week = "2026-11-16..2026-11-23";
        let inside = [
            "2026-11-16",
            "20261116",
            "2026-11-16T00:00:00Z",
            "2026-11-22 23:59:59.999999",
            "2026-11-22 23:59:59.999999 UTC",
            "2026-11-22T23:59:59.5",
            "2026-11-22 23:59",
            "2026-11-23T00:30:00+01:00",
            "2026-11-23 00:30:00 +0100",
            "1794787200",
            "1794787200.25",
            "1.7947872e9",
            "1794787200000",
            "1794787200000000",
            "1794787200000000000",
        ];
        for text in inside {
            assert_eq!(window("7d", text), week, "{text}");
            assert_eq!(window("week", text), week, "{text}");
        }
        let cases = [
            ("day", "2026-11-16T23:59:59Z", "2026-11-16..2026-11-17"),
            ("month", "2026-12-31", "2026-12-01..2027-01-01"),
            ("month", "2028-02-29", "2028-02-01..2028-03-01"),
            (
                "6h",
                "2026-11-16T07:30:00Z",
                "2026-11-16T06:00..2026-11-16T12:00",
            ),
            ("2w", "2026-11-16", "2026-11-09..2026-11-23"),
            // Before 1970, and before the origin by less than a second.
            ("7d", "1969-12-31", "1969-12-29..1970-01-05"),
            ("7d", "1970-01-04T23:59:59.5Z", "1969-12-29..1970-01-05"),
            ("day", "-0.5", "1969-12-31..1970-01-01"),
        ];
        for (every, text, expected) in cases {
            assert_eq!(window(every, text), expected, "{every} {text}");
        }
    }

    #[test]
    fn what_is_no_time_or_no_length_is_refused() {
        for text in [
            "",
            "soon",
            "NaN",
            "inf",
            "1e30",
            "2026-13-01",
            "10000-01-01",
            "16.11.2026",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
        for text in [
            "", "d", "0d", "-1d", "+1d", "1y", "7", "99999d", "1.5d", "７d", "日",
        ] {
            let error = Every::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains("must be `day`"), "{error}");
        }
        for text in ["7d", "6h", "month"] {
            let every = Every::try_from(text.to_owned()).expect("a length");
            assert_eq!(String::from(every), text);
        }
    }
}
