//! Expectations on texts. What is no text is looked at as the text it is written with, as `astype(str)`
//! of pandas does.

use serde_json::Value as Json;

use super::arguments::{Arguments, missing};
use super::python_regex::translate;
use super::rules::{Demand, RowsOf, is_missing};
use crate::checks::{
    Check, ForbiddenPatterns, Needed, PatternSyntax, TextFormat, Tolerance, ValueFormat,
    ValueLength, ValuePattern, ValuePatterns,
};
use crate::measure::{Comparison, Condition, Pattern, Scalar, Value};

/// The value as text.
fn text(column: &str) -> Value {
    Value::Text(Box::new(Value::column(column)))
}

/// A demand on the text of every value that is not missing.
fn on_text(column: String, check: impl Check + 'static, holds: Condition) -> Demand {
    let eligible = is_missing(&column).negated();
    let check = RowsOf::new(check, holds, eligible).showing(&column);
    Demand::of(column, check)
}

/// The length in code points is between the ends.
pub(super) fn lengths_between(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let ends = arguments.ends()?;
    let [strict_least, strict_most] = arguments.strict()?;
    let [least, most] = ends;
    if least.is_none() && most.is_none() {
        return Err("`min_value` and `max_value` are both missing".to_owned());
    }
    if ends
        .into_iter()
        .flatten()
        .any(|end| end < 0.0 || end.fract() != 0.0)
    {
        return Err("`min_value` and `max_value` of lengths are whole numbers".to_owned());
    }
    let check = ValueLength {
        minimum: least.map(|least| (least as u64).saturating_add(u64::from(strict_least))),
        maximum: match most {
            Some(0.0) if strict_most => return Err("no length is less than 0".to_owned()),
            most => most.map(|most| most as u64 - u64::from(strict_most)),
        },
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ValueLength::default()
    };
    Ok(length(column, check))
}

/// The length in code points is exactly this.
pub(super) fn lengths_equal(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let exactly = arguments.count("value")?.ok_or_else(|| missing("value"))?;
    let check = ValueLength {
        minimum: Some(exactly),
        maximum: Some(exactly),
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ValueLength::default()
    };
    Ok(length(column, check))
}

fn length(column: String, check: ValueLength) -> Demand {
    let length = Value::Length(Box::new(text(&column)));
    let end = |comparison, end: u64| {
        let end = i64::try_from(end).unwrap_or(i64::MAX);
        Condition::Compare(
            length.clone(),
            comparison,
            Value::Literal(Scalar::Integer(end)),
        )
    };
    let least = check
        .minimum
        .map(|least| end(Comparison::GreaterOrEqual, least));
    let most = check.maximum.map(|most| end(Comparison::LessOrEqual, most));
    let holds = Condition::All(least.into_iter().chain(most).collect());
    on_text(column, check, holds)
}

/// A pattern of Python, rewritten.
fn pattern(expression: &str) -> Result<Pattern, String> {
    match translate(expression) {
        Ok(expression) => Ok(Pattern::search(expression)),
        Err(why) => Err(format!("the pattern `{expression}` {why}")),
    }
}

fn matches(column: &str, pattern: &Pattern) -> Condition {
    Condition::Matches(text(column), pattern.clone())
}

/// The patterns of a list, and the condition that any, or every one, is found.
fn found(column: &str, patterns: &[Pattern], every: bool) -> Condition {
    let all = patterns
        .iter()
        .map(|pattern| matches(column, pattern))
        .collect();
    if every {
        Condition::All(all)
    } else {
        Condition::Any(all)
    }
}

fn expressions(patterns: &[Pattern]) -> Vec<String> {
    patterns
        .iter()
        .map(|pattern| pattern.expression.clone())
        .collect()
}

/// The pattern is found in the text.
pub(super) fn regex(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let pattern = pattern(&arguments.needed_text("regex")?)?;
    let check = ValuePattern {
        pattern: pattern.expression.clone(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ValuePattern::default()
    };
    let holds = matches(&column, &pattern);
    Ok(on_text(column, check, holds))
}

/// The pattern is not found in the text.
pub(super) fn not_regex(arguments: &mut Arguments) -> Result<Demand, String> {
    let patterns = vec![pattern(&arguments.needed_text("regex")?)?];
    forbidden(arguments, patterns)
}

/// Any, or every, pattern of the list is found in the text.
pub(super) fn regex_list(arguments: &mut Arguments) -> Result<Demand, String> {
    let patterns = patterns(arguments, "regex_list")?;
    let every = match_on(arguments)?;
    let column = arguments.needed_text("column")?;
    let check = ValuePatterns {
        patterns: expressions(&patterns),
        needed: if every { Needed::All } else { Needed::Any },
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ValuePatterns::default()
    };
    let holds = found(&column, &patterns, every);
    Ok(on_text(column, check, holds))
}

/// No pattern of the list is found in the text.
pub(super) fn not_regex_list(arguments: &mut Arguments) -> Result<Demand, String> {
    let patterns = patterns(arguments, "regex_list")?;
    forbidden(arguments, patterns)
}

fn patterns(arguments: &mut Arguments, key: &str) -> Result<Vec<Pattern>, String> {
    let texts = arguments.needed_texts(key)?;
    if texts.is_empty() {
        return Err(format!("`{key}` is empty"));
    }
    texts.iter().map(|text| pattern(text)).collect()
}

fn match_on(arguments: &mut Arguments) -> Result<bool, String> {
    match arguments.text("match_on")?.as_deref() {
        None | Some("any") => Ok(false),
        Some("all") => Ok(true),
        Some(other) => Err(format!("`match_on` is `{other}`, required `any` or `all`")),
    }
}

fn forbidden(arguments: &mut Arguments, patterns: Vec<Pattern>) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let check = ForbiddenPatterns {
        patterns: expressions(&patterns),
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ForbiddenPatterns::default()
    };
    let holds = found(&column, &patterns, false).negated();
    Ok(on_text(column, check, holds))
}

/// The patterns of SQL's `LIKE`; a backslash, or the character said, takes the next one as it is.
fn like_patterns(arguments: &mut Arguments, texts: Vec<String>) -> Result<Vec<String>, String> {
    match arguments.text("escape")?.as_deref() {
        None | Some("\\") => Ok(texts),
        Some(other) => Err(format!(
            "the `escape` character `{other}` is not supported, only `\\`"
        )),
    }
}

/// The whole text is like the pattern.
pub(super) fn like(arguments: &mut Arguments) -> Result<Demand, String> {
    let texts = vec![arguments.needed_text("like_pattern")?];
    let texts = like_patterns(arguments, texts)?;
    liked(arguments, texts, false)
}

/// The whole text is like any, or every, pattern of the list.
pub(super) fn like_list(arguments: &mut Arguments) -> Result<Demand, String> {
    let texts = arguments.needed_texts("like_pattern_list")?;
    let texts = like_patterns(arguments, texts)?;
    let every = match_on(arguments)?;
    liked(arguments, texts, every)
}

fn liked(arguments: &mut Arguments, patterns: Vec<String>, every: bool) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let read: Vec<Pattern> = patterns.iter().map(|text| Pattern::like(text)).collect();
    let holds = found(&column, &read, every);
    let check = ValuePatterns {
        patterns,
        needed: if every { Needed::All } else { Needed::Any },
        syntax: PatternSyntax::Like,
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ValuePatterns::default()
    };
    Ok(on_text(column, check, holds))
}

/// The whole text is not like the pattern.
pub(super) fn not_like(arguments: &mut Arguments) -> Result<Demand, String> {
    let texts = vec![arguments.needed_text("like_pattern")?];
    disliked(arguments, texts)
}

/// The whole text is like no pattern of the list.
pub(super) fn not_like_list(arguments: &mut Arguments) -> Result<Demand, String> {
    let texts = arguments.needed_texts("like_pattern_list")?;
    disliked(arguments, texts)
}

fn disliked(arguments: &mut Arguments, texts: Vec<String>) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let patterns = like_patterns(arguments, texts)?;
    let read: Vec<Pattern> = patterns.iter().map(|text| Pattern::like(text)).collect();
    let holds = found(&column, &read, false).negated();
    let check = ForbiddenPatterns {
        patterns,
        syntax: PatternSyntax::Like,
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ForbiddenPatterns::default()
    };
    Ok(on_text(column, check, holds))
}

fn format(arguments: &mut Arguments, format: TextFormat) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let tolerance = Tolerance::mostly(arguments.mostly()?);
    Ok(Demand::of(column, ValueFormat { format, tolerance }))
}

/// The text is a date or time written in this form of `strptime`.
pub(super) fn strftime(arguments: &mut Arguments) -> Result<Demand, String> {
    let form = arguments.needed_text("strftime_format")?;
    format(arguments, TextFormat::Strftime(form))
}

/// The text is a date or time in a common form; `dateutil` reads more forms than that.
pub(super) fn dateutil(arguments: &mut Arguments) -> Result<Demand, String> {
    Ok(format(arguments, TextFormat::DateOrTime)?.counted_its_way())
}

/// The text is JSON.
pub(super) fn json(arguments: &mut Arguments) -> Result<Demand, String> {
    format(arguments, TextFormat::Json)
}

/// The text is JSON the schema accepts. A text that is no JSON fails; Great Expectations raises there.
pub(super) fn json_schema(arguments: &mut Arguments) -> Result<Demand, String> {
    let schema = match arguments.any("json_schema") {
        Some(schema @ (Json::Object(_) | Json::Bool(_))) => schema,
        Some(other) => return Err(format!("`json_schema` is `{other}`, which is no schema")),
        None => return Err(missing("json_schema")),
    };
    if let Err(error) = jsonschema::validator_for(&schema) {
        return Err(format!("`json_schema` is no JSON Schema: {error}"));
    }
    format(arguments, TextFormat::JsonSchema(schema))
}
