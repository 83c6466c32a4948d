//! Casts: of what cannot be read as the type there is no value, and `try_cast` gives null.

use super::datum::{boolean, instant, number, text, whole};
use super::{Datum, DatumKind, Form, Function, Outcome};
use crate::measure::instant as read_instant;
use DatumKind::{Boolean, Instant, Number, Text, Whole};

const DAY: i64 = 86_400_000_000;

/// 2^63, the first floating-point number that no 64-bit whole number reaches.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("cast_integer", "a whole number of 32 bits: halves of numbers go to the even one, those spelt by texts away from zero", &[
        Form::new(&[Whole], Whole, |a| strict(small(whole(a, 0)?), "integer")).spark(
            "CASE WHEN {0} NOT BETWEEN -2147483648 AND 2147483647 THEN CAST({raise} AS BIGINT) ELSE {0} END",
        ),
        Form::new(&[Number], Whole, |a| strict(nearest(number(a, 0)?).and_then(small), "integer")).spark(
            "CASE WHEN {0} IS NULL THEN CAST(NULL AS BIGINT) \
             WHEN {nearest} >= -2147483648D AND {nearest} < 2147483648D THEN CAST({nearest} AS BIGINT) \
             ELSE CAST({raise} AS BIGINT) END",
        ),
        Form::new(&[Text], Whole, |a| strict(spelt(text(a, 0)?)?.and_then(small), "integer")),
        Form::new(&[Boolean], Whole, |a| Ok(Some(Datum::Whole(boolean(a, 0)?.into()))))
            .everywhere("CASE WHEN {0} THEN CAST(1 AS BIGINT) WHEN NOT {0} THEN CAST(0 AS BIGINT) END"),
    ])
    .written("cast({0} as integer)"),
    Function::new("cast_bigint", "the same with 64 bits", &[
        Form::new(&[Whole], Whole, |a| Ok(a.first().cloned())).everywhere("{0}"),
        Form::new(&[Number], Whole, |a| strict(nearest(number(a, 0)?), "bigint")).spark(
            "CASE WHEN {0} IS NULL THEN CAST(NULL AS BIGINT) \
             WHEN {nearest} >= -9223372036854775808D AND {nearest} < 9223372036854775808D THEN CAST({nearest} AS BIGINT) \
             ELSE CAST({raise} AS BIGINT) END",
        ),
        Form::new(&[Text], Whole, |a| strict(spelt(text(a, 0)?)?, "bigint"))
            .spark("CASE WHEN {0} IS NOT NULL THEN coalesce({whole}, CAST({raise} AS BIGINT)) END"),
        Form::new(&[Boolean], Whole, |a| Ok(Some(Datum::Whole(boolean(a, 0)?.into()))))
            .everywhere("CASE WHEN {0} THEN CAST(1 AS BIGINT) WHEN NOT {0} THEN CAST(0 AS BIGINT) END"),
    ])
    .written("cast({0} as bigint)"),
    Function::new("cast_double", "a floating-point number", &[
        Form::new(&[Number], Number, |a| Ok(a.first().cloned())).everywhere("{0}"),
        Form::new(&[Text], Number, |a| strict_number(read_number(text(a, 0)?)?))
            .spark("CASE WHEN {0} IS NOT NULL THEN coalesce({number}, CAST({raise} AS DOUBLE)) END"),
        Form::new(&[Boolean], Number, |a| Ok(Some(Datum::Number(if boolean(a, 0)? { 1.0 } else { 0.0 }))))
            .everywhere("CASE WHEN {0} THEN CAST(1 AS DOUBLE) WHEN NOT {0} THEN CAST(0 AS DOUBLE) END"),
    ])
    .written("cast({0} as double)"),
    Function::new("cast_date", "the day, of texts of ISO 8601", &[
        Form::new(&[Instant], Instant, |a| day(Some(instant(a, 0)?)))
            .spark("date_trunc('DAY', {0})"),
        Form::new(&[Text], Instant, |a| strict_time(day(read_time(text(a, 0)?)?)?, "date")),
    ])
    .written("cast({0} as date)"),
    Function::new("cast_timestamp", "the point in time, of texts of ISO 8601", &[
        Form::new(&[Instant], Instant, |a| Ok(a.first().cloned())).everywhere("{0}"),
        Form::new(&[Text], Instant, |a| strict_time(read_time(text(a, 0)?)?.map(Datum::Instant), "timestamp"))
            .spark("CASE WHEN {0} IS NOT NULL THEN coalesce({instant}, CAST({raise} AS TIMESTAMP)) END"),
    ])
    .written("cast({0} as timestamp)"),
    Function::new("try_cast_integer", "as the cast, and null where that has no value", &[
        Form::new(&[Whole], Whole, |a| Ok(small(whole(a, 0)?).map(Datum::Whole)))
            .spark("CASE WHEN {0} BETWEEN -2147483648 AND 2147483647 THEN {0} END"),
        Form::new(&[Number], Whole, |a| Ok(nearest(number(a, 0)?).and_then(small).map(Datum::Whole))).spark(
            "CASE WHEN {nearest} >= -2147483648D AND {nearest} < 2147483648D THEN CAST({nearest} AS BIGINT) END",
        ),
        Form::new(&[Text], Whole, |a| Ok(spelt(text(a, 0)?)?.and_then(small).map(Datum::Whole))),
    ])
    .written("try_cast({0} as integer)"),
    Function::new("try_cast_bigint", "as the cast, and null where that has no value", &[
        Form::new(&[Whole], Whole, |a| Ok(a.first().cloned())).everywhere("{0}"),
        Form::new(&[Number], Whole, |a| Ok(nearest(number(a, 0)?).map(Datum::Whole))).spark(
            "CASE WHEN {nearest} >= -9223372036854775808D AND {nearest} < 9223372036854775808D THEN CAST({nearest} AS BIGINT) END",
        ),
        Form::new(&[Text], Whole, |a| Ok(spelt(text(a, 0)?)?.map(Datum::Whole))),
    ])
    .written("try_cast({0} as bigint)"),
    Function::new("try_cast_double", "as the cast, and null where that has no value", &[
        Form::new(&[Number], Number, |a| Ok(a.first().cloned())).everywhere("{0}"),
        Form::new(&[Text], Number, |a| Ok(read_number(text(a, 0)?)?.map(Datum::Number))),
    ])
    .written("try_cast({0} as double)"),
    Function::new("try_cast_date", "as the cast, and null where that has no value", &[
        Form::new(&[Instant], Instant, |a| day(Some(instant(a, 0)?))).spark("date_trunc('DAY', {0})"),
        Form::new(&[Text], Instant, |a| day(read_time(text(a, 0)?)?)),
    ])
    .written("try_cast({0} as date)"),
    Function::new("try_cast_timestamp", "as the cast, and null where that has no value", &[
        Form::new(&[Instant], Instant, |a| Ok(a.first().cloned())).everywhere("{0}"),
        Form::new(&[Text], Instant, |a| Ok(read_time(text(a, 0)?)?.map(Datum::Instant))),
    ])
    .written("try_cast({0} as timestamp)"),
];

fn strict<'a>(found: Option<i64>, kind: &str) -> Outcome<'a> {
    match found {
        Some(whole) => Ok(Some(Datum::Whole(whole))),
        None => Err(format!("was given what is no {kind}")),
    }
}

fn strict_number<'a>(found: Option<f64>) -> Outcome<'a> {
    match found {
        Some(number) => Ok(Some(Datum::Number(number))),
        None => Err("was given a text that spells no number".to_owned()),
    }
}

fn strict_time<'a>(found: Option<Datum<'a>>, kind: &str) -> Outcome<'a> {
    match found {
        Some(time) => Ok(Some(time)),
        None => Err(format!("was given a text that is no {kind}")),
    }
}

fn small(whole: i64) -> Option<i64> {
    i32::try_from(whole).ok().map(i64::from)
}

/// The nearest whole number, the even one of two as near.
fn nearest(number: f64) -> Option<i64> {
    let rounded = number.round_ties_even();
    (-BEYOND..BEYOND)
        .contains(&rounded)
        .then_some(rounded as i64)
}

/// The whole number nearest to what a text spells, halves away from zero; `None` where it spells none.
///
/// # Errors
/// When engines read it differently.
fn spelt(text: &str) -> Result<Option<i64>, String> {
    let trimmed = text.trim_matches(|character: char| character.is_ascii_whitespace());
    let (sign, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => ("-", trimmed.get(1..).unwrap_or_default()),
        Some(b'+') => ("", trimmed.get(1..).unwrap_or_default()),
        _ => ("", trimmed),
    };
    if differs(digits) {
        return Err(format!(
            "was given `{}`, which engines read differently",
            shown(text)
        ));
    }
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all(before) || !all(after) || before.is_empty() && after.is_empty() {
        return Ok(None);
    }
    let zero_or_more = if before.is_empty() { "0" } else { before };
    let rounds_up = after.bytes().next().is_some_and(|digit| b'5' <= digit);
    let whole = format!("{sign}{zero_or_more}").parse::<i64>().ok();
    Ok(whole.and_then(|whole| match (rounds_up, sign) {
        (false, _) => Some(whole),
        (true, "-") => whole.checked_sub(1),
        (true, _) => whole.checked_add(1),
    }))
}

/// Exponents, underscores and other bases of digits.
fn differs(digits: &str) -> bool {
    let starts_with_digit =
        digits.starts_with(|character: char| character.is_ascii_digit() || character == '.');
    let other = |byte: u8| {
        matches!(
            byte,
            b'_' | b'e' | b'E' | b'x' | b'X' | b'b' | b'B' | b'o' | b'O'
        )
    };
    starts_with_digit && digits.bytes().any(other)
}

fn read_number(text: &str) -> Result<Option<f64>, String> {
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => {
            let trimmed = text.trim_matches(|character: char| character.is_ascii_whitespace());
            let unsure = trimmed.contains('_') || trimmed.len() < text.len() && !trimmed.is_empty();
            match unsure {
                true => Err(format!(
                    "was given `{}`, which engines read differently",
                    shown(text)
                )),
                false => Ok(None),
            }
        }
    }
}

/// The point in time a text spells; `None` where no engine sees one in it.
///
/// # Errors
/// When engines read it differently.
fn read_time(text: &str) -> Result<Option<i64>, String> {
    let unsure = || {
        Err(format!(
            "was given `{}`, which engines read differently",
            shown(text)
        ))
    };
    let bytes = text.as_bytes();
    let is_digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let has_day = [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(is_digit)
        && [4, 7]
            .into_iter()
            .all(|index| bytes.get(index) == Some(&b'-'));
    if !has_day {
        let first = text.trim_start().bytes().next();
        // `infinity`, `epoch`, other orders and signs of years.
        return match first {
            None => Ok(None),
            Some(first) if first.is_ascii_digit() || b"+-iIeE".contains(&first) => unsure(),
            Some(_) => Ok(None),
        };
    }
    let clock = bytes.get(10..).unwrap_or_default();
    let clock = clock.strip_suffix(b"Z").unwrap_or(clock);
    let is_clock = match clock {
        [] => true,
        [
            b' ' | b'T',
            h1,
            h2,
            b':',
            m1,
            m2,
            b':',
            s1,
            s2,
            fraction @ ..,
        ] => {
            let digits = [h1, h2, m1, m2, s1, s2].into_iter().all(u8::is_ascii_digit);
            let fraction = match fraction {
                [] => true,
                [b'.', rest @ ..] => {
                    (1..=6).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit)
                }
                _ => false,
            };
            // A sixtieth second is one for some.
            digits && fraction && (*s1, *s2) != (b'6', b'0')
        }
        _ => false,
    };
    match is_clock {
        true => Ok(read_instant(text).map(|instant| instant.timestamp_micros())),
        false => unsure(),
    }
}

fn day<'a>(micros: Option<i64>) -> Outcome<'a> {
    let start = micros.map(|micros| micros.div_euclid(DAY).saturating_mul(DAY));
    Ok(start.map(Datum::Instant))
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
