//! JSON as other systems write it: with bare `NaN` and `Infinity`, which RFC 8259 has no words for.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::recorded::RecordedMetric;

/// Numbers taken from one file; a file with more is not a file of metrics.
const NUMBERS_MAX: usize = 100_000;

/// How deep values may be nested, as in files of JSON.
const DEPTH_MAX: usize = 100;

/// A file as JSON of this shape, a byte order mark or not. `NaN`, `Infinity` and `-Infinity` that stand
/// where a value may stand are taken as the texts Python's and JavaScript's words for them.
///
/// # Errors
/// A sentence with the line and the column.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to() + 1))?;
    serde_json::from_str(&quoted(text))
        .map_err(|error| format!("it is not the JSON expected: {error}"))
}

/// Each line as JSON of this shape; empty lines are left out.
///
/// # Errors
/// A sentence with the line.
pub fn parse_lines<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, String> {
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(index, line)| {
            parse(line.trim_ascii()).map_err(|problem| format!("line {}: {problem}", index + 1))
        })
        .collect()
}

/// The number a value is, also when it is one of the words for what is not finite. Anything else is none.
#[must_use]
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" | "nan" | ".nan" => Some(f64::NAN),
            "Infinity" | "inf" | ".inf" => Some(f64::INFINITY),
            "-Infinity" | "-inf" | "-.inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Every number in a value with the path that leads to it, its parts joined by `.`, in the order of the
/// keys; true and false are 1 and 0, null and texts are left out.
///
/// # Errors
/// When there are more than anybody's metrics, or values are nested too deeply.
pub fn numbers(value: &Value) -> Result<Vec<(String, f64)>, String> {
    let mut found = Vec::new();
    collect(value, String::new(), 0, &mut found)?;
    Ok(found)
}

/// The same numbers as metrics.
///
/// # Errors
/// As [`numbers`].
pub fn metrics(value: &Value) -> Result<Vec<RecordedMetric>, String> {
    let numbers = numbers(value)?.into_iter();
    Ok(numbers
        .map(|(path, number)| RecordedMetric::new(path, number))
        .collect())
}

fn collect(
    value: &Value,
    path: String,
    depth: usize,
    found: &mut Vec<(String, f64)>,
) -> Result<(), String> {
    if DEPTH_MAX < depth {
        return Err(format!("values are nested deeper than {DEPTH_MAX}"));
    }
    let below = |key: &str| match path.as_str() {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                collect(value, below(key), depth + 1, found)?;
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(value, below(&index.to_string()), depth + 1, found)?;
            }
        }
        Value::Bool(flag) => found.push((path, f64::from(u8::from(*flag)))),
        Value::Null => {}
        Value::Number(_) | Value::String(_) => {
            if let Some(number) = number(value) {
                found.push((path, number));
            }
        }
    }
    if NUMBERS_MAX < found.len() {
        return Err(format!("there are more than {NUMBERS_MAX} numbers in it"));
    }
    Ok(())
}

/// The text with bare words for what is not finite put in quotes.
fn quoted(text: &str) -> Cow<'_, str> {
    const WORDS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    if !WORDS.iter().any(|word| text.contains(word)) {
        return Cow::Borrowed(text);
    }
    let mut quoted = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let end = end_of_string(rest);
            quoted.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(word) = WORDS.iter().find(|word| rest.starts_with(**word)) {
            quoted.push('"');
            quoted.push_str(word);
            quoted.push('"');
            rest = &rest[word.len()..];
        } else {
            quoted.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Cow::Owned(quoted)
}

/// Where the string that begins the text ends.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{number, parse, parse_lines};

    #[test]
    fn words_for_what_is_not_finite_are_taken_where_values_stand() {
        let text = br#"{"a": NaN, "NaN": [Infinity, -Infinity], "b": "it is NaN \" NaN"}"#;
        let value: Value = parse(text).expect("JSON");
        assert_eq!(
            value,
            json!({"a": "NaN", "NaN": ["Infinity", "-Infinity"], "b": "it is NaN \" NaN"})
        );
        assert!(number(&value["a"]).is_some_and(f64::is_nan));
        assert_eq!(number(&value["NaN"][1]), Some(f64::NEG_INFINITY));
        assert_eq!(number(&value["b"]), None);
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        for text in [
            &b"{"[..],
            b"",
            b"NaN x",
            b"\"open NaN",
            b"\xff",
            b"{\"a\": NaN",
        ] {
            assert!(parse::<Value>(text).is_err(), "{text:?}");
        }
        let problem = parse_lines::<Value>(b"{}\n\n{").expect_err("no JSON");
        assert!(problem.starts_with("line 3: "), "{problem}");
    }
}
