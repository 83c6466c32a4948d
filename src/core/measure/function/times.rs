//! Functions of days and points in time, in UTC and the Gregorian calendar.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::datum::{instant, whole};
use super::{Datum, DatumKind, Form, Function, Outcome};
use DatumKind::{Instant, Number, Whole};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "year",
        "the year",
        &[part(
            |a| of_day(a, |day| day.year().into()),
            "CAST(year({0}) AS BIGINT)",
        )
        .trino("year({0})")],
    ),
    Function::new(
        "quarter",
        "the quarter, 1 to 4",
        &[part(
            |a| of_day(a, |day| day.quarter().into()),
            "CAST(quarter({0}) AS BIGINT)",
        )
        .trino("quarter({0})")],
    ),
    Function::new(
        "month",
        "the month, 1 to 12",
        &[part(
            |a| of_day(a, |day| day.month().into()),
            "CAST(month({0}) AS BIGINT)",
        )
        .trino("month({0})")],
    ),
    Function::new(
        "week",
        "the week of ISO 8601, 1 to 53",
        &[part(
            |a| of_day(a, |day| day.iso_week().week().into()),
            "CAST(weekofyear({0}) AS BIGINT)",
        )
        .trino("week({0})")],
    )
    .also(&["weekofyear"]),
    Function::new(
        "day",
        "the day of the month",
        &[part(
            |a| of_day(a, |day| day.day().into()),
            "CAST(day({0}) AS BIGINT)",
        )
        .trino("day({0})")],
    )
    .also(&["dayofmonth"]),
    Function::new(
        "dayofyear",
        "the day of the year, 1 to 366",
        &[part(
            |a| of_day(a, |day| day.ordinal().into()),
            "CAST(dayofyear({0}) AS BIGINT)",
        )
        .trino("day_of_year({0})")],
    )
    .also(&["doy"]),
    Function::new(
        "dayofweek",
        "the day of the week, 0 on Sunday to 6 on Saturday",
        &[part(
            |a| of_day(a, |day| day.weekday().num_days_from_sunday().into()),
            "CAST(dayofweek({0}) - 1 AS BIGINT)",
        )
        .trino("day_of_week({0}) % 7")],
    )
    .also(&["dow"]),
    Function::new(
        "isodow",
        "the day of the week, 1 on Monday to 7 on Sunday",
        &[part(
            |a| of_day(a, |day| day.weekday().number_from_monday().into()),
            "CAST((dayofweek({0}) + 5) % 7 + 1 AS BIGINT)",
        )
        .trino("day_of_week({0})")],
    ),
    Function::new(
        "hour",
        "the hour, 0 to 23",
        &[part(|a| within(a, DAY, HOUR), "CAST(hour({0}) AS BIGINT)").trino("hour({0})")],
    ),
    Function::new(
        "minute",
        "the minute, 0 to 59",
        &[part(|a| within(a, HOUR, MINUTE), "CAST(minute({0}) AS BIGINT)").trino("minute({0})")],
    ),
    Function::new(
        "second",
        "the whole second, 0 to 59",
        &[part(|a| within(a, MINUTE, SECOND), "CAST(second({0}) AS BIGINT)").trino("second({0})")],
    ),
    Function::new(
        "epoch",
        "seconds since 1970-01-01T00:00Z",
        &[Form::new(&[Instant], Number, |a| {
            Ok(Some(Datum::Number(instant(a, 0)? as f64 / 1e6)))
        })
        .spark("(CAST(unix_micros({0}) AS DOUBLE) / 1000000D)")],
    ),
    truncated(
        "date_trunc_year",
        "date_trunc('year', {0})",
        &[trunc(|a| to_months(a, 12), "date_trunc('YEAR', {0})").trino("date_trunc('year', {0})")],
    ),
    truncated(
        "date_trunc_quarter",
        "date_trunc('quarter', {0})",
        &[trunc(|a| to_months(a, 3), "date_trunc('QUARTER', {0})")
            .trino("date_trunc('quarter', {0})")],
    ),
    truncated(
        "date_trunc_month",
        "date_trunc('month', {0})",
        &[
            trunc(|a| to_months(a, 1), "date_trunc('MONTH', {0})")
                .trino("date_trunc('month', {0})"),
        ],
    ),
    truncated(
        "date_trunc_week",
        "date_trunc('week', {0})",
        &[trunc(to_monday, "date_trunc('WEEK', {0})").trino("date_trunc('week', {0})")],
    ),
    truncated(
        "date_trunc_day",
        "date_trunc('day', {0})",
        &[
            trunc(|a| to_multiple(a, DAY), "date_trunc('DAY', {0})")
                .trino("date_trunc('day', {0})"),
        ],
    ),
    truncated(
        "date_trunc_hour",
        "date_trunc('hour', {0})",
        &[trunc(|a| to_multiple(a, HOUR), "date_trunc('HOUR', {0})")
            .trino("date_trunc('hour', {0})")],
    ),
    truncated(
        "date_trunc_minute",
        "date_trunc('minute', {0})",
        &[
            trunc(|a| to_multiple(a, MINUTE), "date_trunc('MINUTE', {0})")
                .trino("date_trunc('minute', {0})"),
        ],
    ),
    truncated(
        "date_trunc_second",
        "date_trunc('second', {0})",
        &[
            trunc(|a| to_multiple(a, SECOND), "date_trunc('SECOND', {0})")
                .trino("date_trunc('second', {0})"),
        ],
    ),
    apart(
        "date_diff_year",
        "date_diff('year', {0}, {1})",
        &[diff(
            |a| months_apart(a, 12),
            "CAST(year({1}) - year({0}) AS BIGINT)",
        )],
    ),
    apart(
        "date_diff_quarter",
        "date_diff('quarter', {0}, {1})",
        &[diff(
            |a| months_apart(a, 3),
            "CAST((year({1}) - year({0})) * 4 + quarter({1}) - quarter({0}) AS BIGINT)",
        )],
    ),
    apart(
        "date_diff_month",
        "date_diff('month', {0}, {1})",
        &[diff(
            |a| months_apart(a, 1),
            "CAST((year({1}) - year({0})) * 12 + month({1}) - month({0}) AS BIGINT)",
        )],
    ),
    apart(
        "date_diff_day",
        "date_diff('day', {0}, {1})",
        &[diff(
            |a| apart_by(a, DAY),
            "CAST(datediff({1}, {0}) AS BIGINT)",
        )],
    ),
    apart(
        "date_diff_hour",
        "date_diff('hour', {0}, {1})",
        &[diff(
            |a| apart_by(a, HOUR),
            "CAST((unix_micros(date_trunc('HOUR', {1})) - unix_micros(date_trunc('HOUR', {0}))) / 3600000000 AS BIGINT)",
        )],
    ),
    apart(
        "date_diff_minute",
        "date_diff('minute', {0}, {1})",
        &[diff(
            |a| apart_by(a, MINUTE),
            "CAST((unix_micros(date_trunc('MINUTE', {1})) - unix_micros(date_trunc('MINUTE', {0}))) / 60000000 AS BIGINT)",
        )],
    ),
    apart(
        "date_diff_second",
        "date_diff('second', {0}, {1})",
        &[diff(
            |a| apart_by(a, SECOND),
            "CAST((unix_micros(date_trunc('SECOND', {1})) - unix_micros(date_trunc('SECOND', {0}))) / 1000000 AS BIGINT)",
        )],
    ),
    Function::new(
        "add_months",
        "so many months later, on the last day of the month where it has no such day; also `+ interval '1 month'`, `- interval '1 year'`, `date_add('month', 1, …)`",
        &[Form::new(&[Instant, Whole], Instant, add_months)
            .spark("({0} + make_ym_interval(0, CAST({1} AS INT)))")
            .trino("date_add('month', {1}, {0})")],
    ),
];

/// A part of a point in time.
const fn part(evaluate: for<'a> fn(&[Datum<'a>]) -> Outcome<'a>, spark: &'static str) -> Form {
    Form::new(&[Instant], Whole, evaluate).spark(spark)
}

const fn trunc(evaluate: for<'a> fn(&[Datum<'a>]) -> Outcome<'a>, spark: &'static str) -> Form {
    Form::new(&[Instant], Instant, evaluate).spark(spark)
}

const fn diff(evaluate: for<'a> fn(&[Datum<'a>]) -> Outcome<'a>, spark: &'static str) -> Form {
    Form::new(&[Instant, Instant], Whole, evaluate).spark(spark)
}

const fn truncated(name: &'static str, written: &'static str, forms: &'static [Form]) -> Function {
    Function::new(
        name,
        "the start of the unit it lies in, weeks from Monday",
        forms,
    )
    .written(written)
}

const fn apart(name: &'static str, written: &'static str, forms: &'static [Form]) -> Function {
    Function::new(
        name,
        "how many units start after the first time, up to the second",
        forms,
    )
    .written(written)
}

fn moment(micros: i64) -> Result<NaiveDateTime, String> {
    match DateTime::from_timestamp_micros(micros) {
        Some(moment) => Ok(moment.naive_utc()),
        None => Err("was given a time beyond the calendar".to_owned()),
    }
}

fn given<'a>(moment: NaiveDateTime) -> Outcome<'a> {
    Ok(Some(Datum::Instant(moment.and_utc().timestamp_micros())))
}

fn of_day<'a>(arguments: &[Datum<'a>], part: fn(NaiveDate) -> i64) -> Outcome<'a> {
    let day = moment(instant(arguments, 0)?)?.date();
    Ok(Some(Datum::Whole(part(day))))
}

/// How many of a unit have passed since the start of a larger one.
fn within<'a>(arguments: &[Datum<'a>], larger: i64, unit: i64) -> Outcome<'a> {
    let passed = instant(arguments, 0)?.rem_euclid(larger);
    Ok(Some(Datum::Whole(passed.div_euclid(unit))))
}

fn to_multiple<'a>(arguments: &[Datum<'a>], unit: i64) -> Outcome<'a> {
    let start = instant(arguments, 0)?.div_euclid(unit).checked_mul(unit);
    match start {
        Some(start) => Ok(Some(Datum::Instant(start))),
        None => Err("gives a time beyond the calendar".to_owned()),
    }
}

fn to_monday<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let day = moment(instant(arguments, 0)?)?.date();
    let since = chrono::Days::new(day.weekday().num_days_from_monday().into());
    match day.checked_sub_days(since) {
        Some(monday) => given(monday.and_time(NaiveTime::MIN)),
        None => Err("gives a time beyond the calendar".to_owned()),
    }
}

/// The start of the group of months it lies in, counted from January.
fn to_months<'a>(arguments: &[Datum<'a>], group: u32) -> Outcome<'a> {
    let day = moment(instant(arguments, 0)?)?.date();
    let month = day.month0() / group * group + 1;
    match NaiveDate::from_ymd_opt(day.year(), month, 1) {
        Some(first) => given(first.and_time(NaiveTime::MIN)),
        None => Err("gives a time beyond the calendar".to_owned()),
    }
}

/// How many groups of months lie between the starts of those the two times are in.
fn months_apart<'a>(arguments: &[Datum<'a>], group: i64) -> Outcome<'a> {
    let place = |index| -> Result<i64, String> {
        let day = moment(instant(arguments, index)?)?.date();
        Ok((i64::from(day.year()) * 12 + i64::from(day.month0())).div_euclid(group))
    };
    Ok(Some(Datum::Whole(place(1)? - place(0)?)))
}

fn apart_by<'a>(arguments: &[Datum<'a>], unit: i64) -> Outcome<'a> {
    let place = |index| -> Result<i64, String> { Ok(instant(arguments, index)?.div_euclid(unit)) };
    Ok(Some(Datum::Whole(place(1)? - place(0)?)))
}

fn add_months<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let (moment, months) = (moment(instant(arguments, 0)?)?, whole(arguments, 1)?);
    let count = u32::try_from(months.unsigned_abs()).map(Months::new);
    let moved = count.ok().and_then(|count| match months < 0 {
        true => moment.checked_sub_months(count),
        false => moment.checked_add_months(count),
    });
    let in_range = moved.filter(|moved| is_of_duckdb(*moved));
    match in_range {
        Some(moved) => given(moved),
        None => Err(format!(
            "gives a time beyond the calendar: {months} months away"
        )),
    }
}

/// Whether a point in time is one for DuckDB, whose timestamps are microseconds in 64 bits.
fn is_of_duckdb(moment: NaiveDateTime) -> bool {
    let span = |micros| DateTime::<Utc>::from_timestamp_micros(micros).map(|end| end.naive_utc());
    let least = span(i64::MIN).unwrap_or(NaiveDateTime::MIN);
    let most = span(i64::MAX).unwrap_or(NaiveDateTime::MAX);
    least <= moment && moment <= most
}
