//! The `format` of a logical type: forms of texts, widths of numbers, patterns of dates.

use serde_json::{Value, json};

use super::planner::Planner;
use crate::checks::{Target, TextFormat, ValueFormat, ValuePattern, ValueRange};
use crate::measure::{Anchor, LogicalType};

/// Base64 with padding (RFC 4648), as OpenAPI's format `byte`.
const BASE64: &str = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?";

impl Planner<'_> {
    pub(super) fn format(&mut self, at: Target, kind: Option<LogicalType>, format: &str) {
        match kind {
            // A date is held against its pattern where its type is.
            Some(LogicalType::Date | LogicalType::Timestamp | LogicalType::Time) => {}
            Some(LogicalType::Integer) => self.whole_number(at, format),
            Some(LogicalType::Number) => match format {
                "f64" => {}
                "f32" => {
                    let largest = Some(json!(f64::from(f32::MAX)));
                    let check = ValueRange {
                        minimum: Some(json!(f64::from(f32::MIN))),
                        maximum: largest,
                        ..ValueRange::default()
                    };
                    self.add(at, check);
                }
                other => self.unknown_format(at, other),
            },
            Some(
                LogicalType::String
                | LogicalType::Object
                | LogicalType::Array
                | LogicalType::Boolean,
            )
            | None => self.text_format(at, format),
        }
    }

    fn whole_number(&mut self, at: Target, format: &str) {
        let (minimum, maximum) = match format {
            "i8" => (json!(i8::MIN), json!(i8::MAX)),
            "i16" => (json!(i16::MIN), json!(i16::MAX)),
            "i32" => (json!(i32::MIN), json!(i32::MAX)),
            "i64" => (json!(i64::MIN), json!(i64::MAX)),
            "u8" => (json!(0), json!(u8::MAX)),
            "u16" => (json!(0), json!(u16::MAX)),
            "u32" => (json!(0), json!(u32::MAX)),
            "u64" => (json!(0), json!(u64::MAX)),
            // Wider than any number that is read.
            "u128" => (json!(0), Value::Null),
            "i128" => return,
            other => return self.unknown_format(at, other),
        };
        let check = ValueRange {
            minimum: Some(minimum),
            maximum: Some(maximum).filter(|maximum| !maximum.is_null()),
            ..ValueRange::default()
        };
        self.add(at, check);
    }

    fn text_format(&mut self, at: Target, format: &str) {
        let format = match format {
            "email" => TextFormat::Email,
            "uuid" => TextFormat::Uuid,
            "uri" => TextFormat::Uri,
            "hostname" => TextFormat::Hostname,
            "ipv4" => TextFormat::Ipv4,
            "ipv6" => TextFormat::Ipv6,
            // Base64 of bytes.
            "byte" => {
                let check = ValuePattern {
                    pattern: BASE64.to_owned(),
                    anchor: Anchor::Whole,
                    ..ValuePattern::default()
                };
                return self.add(at, check);
            }
            // Says how a text is shown or what its bytes are, and demands nothing of it.
            "password" | "binary" => return,
            other => return self.unknown_format(at, other),
        };
        let check = ValueFormat {
            format,
            tolerance: Default::default(),
        };
        self.add(at, check);
    }

    fn unknown_format(&mut self, at: Target, format: &str) {
        self.unsupported(at, format!("the format `{format}` is not known"));
    }
}

/// A pattern of Java's `DateTimeFormatter` as a form of `strftime`; `None` where it has no equal.
pub(super) fn strftime(pattern: &str) -> Option<String> {
    let mut form = String::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted(&mut characters, &mut form)?,
            letter if letter.is_ascii_alphabetic() => {
                let mut count = 1;
                while characters.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                form.push_str(specifier(letter, count)?);
            }
            // Optional parts, and what Java keeps for later.
            '[' | ']' | '{' | '}' | '#' => return None,
            '%' => form.push_str("%%"),
            other => form.push(other),
        }
    }
    Some(form)
}

fn quoted(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    form: &mut String,
) -> Option<()> {
    if characters.next_if_eq(&'\'').is_some() {
        form.push('\'');
        return Some(());
    }
    loop {
        match characters.next()? {
            '\'' if characters.next_if_eq(&'\'').is_some() => form.push('\''),
            '\'' => return Some(()),
            '%' => form.push_str("%%"),
            other => form.push(other),
        }
    }
}

fn specifier(letter: char, count: usize) -> Option<&'static str> {
    Some(match (letter, count) {
        ('y' | 'u', 4) => "%Y",
        ('y' | 'u', 2) => "%y",
        ('M' | 'L', 1) => "%-m",
        ('M' | 'L', 2) => "%m",
        ('M' | 'L', 3) => "%b",
        ('M' | 'L', 4) => "%B",
        ('d', 1) => "%-d",
        ('d', 2) => "%d",
        ('D', 3) => "%j",
        ('E', 1..=3) => "%a",
        ('E', 4) => "%A",
        ('H', 1) => "%-H",
        ('H', 2) => "%H",
        ('h', 1) => "%-I",
        ('h', 2) => "%I",
        ('m', 2) => "%M",
        ('s', 2) => "%S",
        ('S', 3) => "%3f",
        ('S', 6) => "%6f",
        ('S', 9) => "%9f",
        ('a', 1) => "%p",
        ('x', 3) | ('X', 3) => "%:z",
        ('x', 2) | ('X', 2) | ('Z', 1) => "%z",
        _ => return None,
    })
}
