//! Functions of texts; positions and lengths count Unicode scalar values, from 1.

use super::datum::{text, whole};
use super::{Datum, DatumKind, Form, Function, Outcome, TEXT_BYTES_MAX};
use DatumKind::{Text, Whole, Written};

/// Positions and lengths beyond this are refused, as DuckDB does.
const OFFSET_MAX: i64 = 4_294_967_295;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("substring", "from a position on; a negative one counts from the end", &[
        Form::new(&[Text, Whole], Text, |a| part(text(a, 0)?, whole(a, 1)?, OFFSET_MAX))
            .spark("substring({0}, CAST({1} AS INT))"),
    ])
    .also(&["substr"]),
    Function::new("substring", "so many characters from a position on; those before it when negative", &[
        Form::new(&[Text, Whole, Whole], Text, |a| part(text(a, 0)?, whole(a, 1)?, whole(a, 2)?)).spark(
            "substring({0}, CAST(greatest({from} + least({2}, 0), 0) + 1 AS INT), \
             CAST(greatest({from} + greatest({2}, 0) - greatest({from} + least({2}, 0), 0), 0) AS INT))",
        ),
    ])
    .also(&["substr", "mid"]),
    Function::new("left", "the first characters; all but the last ones when negative", &[
        Form::new(&[Text, Whole], Text, |a| left(text(a, 0)?, whole(a, 1)?)).spark(
            "substring({0}, 1, CAST(CASE WHEN {1} < 0 THEN greatest(length({0}) + {1}, 0) ELSE {1} END AS INT))",
        ),
    ]),
    Function::new("right", "the last characters; all but the first ones when negative", &[
        Form::new(&[Text, Whole], Text, |a| right(text(a, 0)?, whole(a, 1)?)).spark(
            "substring({0}, CAST(CASE WHEN {1} < 0 THEN 1 - {1} ELSE greatest(length({0}) - {1}, 0) + 1 END AS INT))",
        ),
    ]),
    Function::new("replace", "every occurrence of the second replaced by the third", &[
        Form::new(&[Text, Text, Text], Text, replace)
            .everywhere("CASE WHEN {1} = '' THEN {0} ELSE replace({0}, {1}, {2}) END"),
    ]),
    Function::new("strpos", "where the second is first found in the first; 0 when nowhere", &[
        Form::new(&[Text, Text], Whole, position)
            .spark("CAST(CASE WHEN {1} = '' THEN 1 ELSE instr({0}, {1}) END AS BIGINT)")
            .trino("strpos({0}, {1})"),
    ])
    .also(&["instr"]),
    Function::new("lpad", "filled up on the left to a length, or cut to it", &[
        Form::new(&[Text, Whole, Text], Text, |a| pad(a, true)).spark(
            "CASE WHEN {2} = '' AND {1} > length({0}) OR {1} > 1048576 THEN CAST({raise} AS STRING) \
             ELSE lpad({0}, CAST(greatest({1}, 0) AS INT), {2}) END",
        ),
    ]),
    Function::new("rpad", "filled up on the right to a length, or cut to it", &[
        Form::new(&[Text, Whole, Text], Text, |a| pad(a, false)).spark(
            "CASE WHEN {2} = '' AND {1} > length({0}) OR {1} > 1048576 THEN CAST({raise} AS STRING) \
             ELSE rpad({0}, CAST(greatest({1}, 0) AS INT), {2}) END",
        ),
    ]),
    Function::new("repeat", "repeated so many times", &[
        Form::new(&[Text, Whole], Text, repeat).spark(
            "CASE WHEN {1} > 1048576 THEN CAST({raise} AS STRING) \
             ELSE repeat({0}, CAST(greatest({1}, 0) AS INT)) END",
        ),
    ]),
    Function::new("split_part", "the part between separators, counted from 1, from the end when negative", &[
        Form::new(&[Text, Text, Whole], Text, split_part).spark(
            "CASE WHEN {1} = '' THEN CAST({raise} AS STRING) WHEN {2} = 0 THEN '' \
             ELSE split_part({0}, {1}, CAST({2} AS INT)) END",
        ),
    ]),
    Function::new("||", "one text after the other", &[
        Form::new(&[Written, Written], Text, concat).everywhere("concat({0}, {1})"),
    ])
    .written("({0} || {1})"),
    Function::new("concat", "one text after the other, nulls left out", &[
        Form::new(&[Written], Text, concat).variadic().spark("concat_ws('', {*})"),
    ])
    .skipping_nulls(),
];

fn given<'a>(found: impl Into<String>) -> Outcome<'a> {
    Ok(Some(Datum::of_text(found.into())))
}

fn length(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// The characters in a range of positions from 0, whose ends may lie outside.
fn between(text: &str, start: i64, end: i64) -> &str {
    let byte = |position: i64| match usize::try_from(position) {
        Err(_) => 0,
        Ok(position) => text
            .char_indices()
            .nth(position)
            .map_or(text.len(), |(byte, _)| byte),
    };
    text.get(byte(start)..byte(end)).unwrap_or_default()
}

fn part<'a>(text: &str, position: i64, count: i64) -> Outcome<'a> {
    for offset in [position, count] {
        if !(-OFFSET_MAX..=OFFSET_MAX).contains(&offset) {
            return Err(format!("takes no position or length of {offset}"));
        }
    }
    // A negative position counts from the end, 1 is the first character, 0 lies before it.
    let start = match position < 0 {
        true => length(text) + position,
        false => position - 1,
    };
    let end = start + count;
    given(between(text, start.min(end), start.max(end)))
}

fn left<'a>(text: &str, count: i64) -> Outcome<'a> {
    let end = match count < 0 {
        true => length(text).saturating_add(count),
        false => count,
    };
    given(between(text, 0, end))
}

fn right<'a>(text: &str, count: i64) -> Outcome<'a> {
    let start = match count < 0 {
        true => count.saturating_neg(),
        false => length(text).saturating_sub(count),
    };
    given(between(text, start, i64::MAX))
}

fn replace<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let (whole, from, to) = (
        text(arguments, 0)?,
        text(arguments, 1)?,
        text(arguments, 2)?,
    );
    if from.is_empty() {
        return given(whole);
    }
    let found = whole.matches(from).count();
    room(whole.len().saturating_add(found.saturating_mul(to.len())))?;
    given(whole.replace(from, to))
}

fn position<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let (whole, part) = (text(arguments, 0)?, text(arguments, 1)?);
    let before = whole.split_once(part).map(|(before, _)| before);
    Ok(Some(Datum::Whole(
        before.map_or(0, |before| length(before) + 1),
    )))
}

fn pad<'a>(arguments: &[Datum<'a>], is_left: bool) -> Outcome<'a> {
    let (given_text, wanted, filling) = (
        text(arguments, 0)?,
        whole(arguments, 1)?,
        text(arguments, 2)?,
    );
    let missing = wanted.saturating_sub(length(given_text));
    if missing <= 0 {
        return left(given_text, wanted.max(0));
    }
    if filling.is_empty() {
        return Err("has nothing to fill a text up with".to_owned());
    }
    let missing = usize::try_from(missing).unwrap_or(usize::MAX);
    room(missing)?;
    let filling: String = filling.chars().cycle().take(missing).collect();
    given(match is_left {
        true => filling + given_text,
        false => given_text.to_owned() + &filling,
    })
}

fn repeat<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let (repeated, count) = (text(arguments, 0)?, whole(arguments, 1)?.max(0));
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    room(repeated.len().saturating_mul(count))?;
    // An empty text is not repeated, however often: that would take time alone.
    given(match repeated.is_empty() {
        true => String::new(),
        false => repeated.repeat(count),
    })
}

fn split_part<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let (whole_text, separator, place) = (
        text(arguments, 0)?,
        text(arguments, 1)?,
        whole(arguments, 2)?,
    );
    if separator.is_empty() {
        return Err("has no separator to split at".to_owned());
    }
    let parts = whole_text.split(separator).count();
    let index = match place {
        0 => None,
        1.. => usize::try_from(place - 1).ok(),
        _ => usize::try_from(place.unsigned_abs())
            .ok()
            .and_then(|back| parts.checked_sub(back)),
    };
    given(
        index
            .and_then(|index| whole_text.split(separator).nth(index))
            .unwrap_or_default(),
    )
}

fn concat<'a>(arguments: &[Datum<'a>]) -> Outcome<'a> {
    let mut joined = String::new();
    for index in 0..arguments.len() {
        joined.push_str(text(arguments, index)?);
        room(joined.len())?;
    }
    given(joined)
}

/// Refuses a text before it is made.
fn room(bytes: usize) -> Result<(), String> {
    match bytes <= TEXT_BYTES_MAX {
        true => Ok(()),
        false => Err(format!("gives a text of more than {TEXT_BYTES_MAX} bytes")),
    }
}
