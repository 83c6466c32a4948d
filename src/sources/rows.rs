//! Rows with named values, from CSV, JSON Lines or JSON: what data frames are written as.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Content, json};

/// Columns of a frame; more is not one of results.
const COLUMNS_MAX: usize = 10_000;

/// One row.
pub(super) type Row = BTreeMap<String, Value>;

/// The rows of a file: CSV when it is called so, else JSON Lines or a JSON array of objects.
///
/// # Errors
/// A sentence with the line, or that says what was expected.
pub(super) fn read(content: &Content<'_>) -> Result<Vec<Row>, String> {
    let rows: Vec<Row> = if content.name.ends_with(".csv") {
        csv(content.bytes)?
    } else if content.bytes.trim_ascii_start().starts_with(b"[") {
        json::parse(content.bytes)?
    } else {
        json::parse_lines(content.bytes)?
    };
    match rows.is_empty() {
        true => Err("there are no rows in it".to_owned()),
        false => Ok(rows),
    }
}

/// CSV as RFC 4180 has it, with one header. An empty field is no value; a field that reads as a number, or
/// as `True` or `False`, is one.
fn csv(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to() + 1))?;
    let mut rest = text;
    let header = match record(&mut rest)? {
        Some(header) if header.len() <= COLUMNS_MAX => header,
        Some(_) => return Err(format!("it has more than {COLUMNS_MAX} columns")),
        None => return Err("it is empty".to_owned()),
    };
    let mut rows = Vec::new();
    while let Some(fields) = record(&mut rest)? {
        if fields.len() != header.len() {
            return Err(format!(
                "row {} has {} fields, the header has {}",
                rows.len() + 1,
                fields.len(),
                header.len()
            ));
        }
        let values = fields.iter().map(|field| value(field));
        rows.push(header.iter().cloned().zip(values).collect());
    }
    Ok(rows)
}

/// The next record of a text, taken from it; `None` at its end.
fn record(rest: &mut &str) -> Result<Option<Vec<String>>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    let mut fields = Vec::new();
    loop {
        fields.push(match rest.strip_prefix('"') {
            Some(quoted) => {
                *rest = quoted;
                quoted_field(rest)?
            }
            None => {
                let end = rest.find([',', '\n', '\r']).unwrap_or(rest.len());
                let (field, after) = rest.split_at(end);
                *rest = after;
                field.to_owned()
            }
        });
        if let Some(after) = rest.strip_prefix(',') {
            *rest = after;
        } else {
            let line_end = ["\r\n", "\n", "\r"];
            let after = line_end.iter().find_map(|end| rest.strip_prefix(end));
            match after {
                Some(after) => *rest = after,
                None if rest.is_empty() => {}
                None => return Err("something follows a closing quote".to_owned()),
            }
            return Ok(Some(fields));
        }
    }
}

/// A field after its opening quote, which two quotes stand for inside.
fn quoted_field(rest: &mut &str) -> Result<String, String> {
    let mut field = String::new();
    loop {
        let Some((before, after)) = rest.split_once('"') else {
            return Err("a quote is not closed".to_owned());
        };
        field.push_str(before);
        *rest = after;
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                *rest = after;
            }
            None => return Ok(field),
        }
    }
}

fn value(field: &str) -> Value {
    match field {
        "" => Value::Null,
        "True" | "true" => Value::Bool(true),
        "False" | "false" => Value::Bool(false),
        text => match text.parse::<f64>() {
            Ok(number) => serde_json::Number::from_f64(number)
                .map_or_else(|| Value::String(text.to_owned()), Value::Number),
            Err(_) => Value::String(text.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Content, Row, read};

    fn of(name: &str, text: &str) -> Result<Vec<Row>, String> {
        read(&Content {
            name,
            bytes: text.as_bytes(),
        })
    }

    #[test]
    fn all_forms_hold_the_same_rows() {
        let csv = of("a.csv", "q,s\r\n\"a \"\"b\"\",\nc\",0.5\nx,\n").expect("CSV");
        let lines = "{\"q\": \"a \\\"b\\\",\\nc\", \"s\": 0.5}\n{\"q\": \"x\", \"s\": null}\n";
        assert_eq!(csv, of("a.jsonl", lines).expect("lines"));
        let array = format!("[{}]", lines.trim_end().replace("}\n{", "},{"));
        assert_eq!(csv, of("a.json", &array).expect("JSON"));
        assert_eq!(csv[0]["s"], json!(0.5));
    }

    #[test]
    fn broken_rows_are_refused() {
        for text in ["", "a,b\n", "a,b\n1\n", "a\n\"x", "a\n\"x\"y\n"] {
            assert!(of("a.csv", text).is_err(), "{text:?}");
        }
        for text in ["", "[]", "[1]", "1", "null"] {
            assert!(of("a.json", text).is_err(), "{text:?}");
        }
    }
}
