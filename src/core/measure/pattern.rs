//! Patterns and forms of texts.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A regular expression and how it is applied.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The expression, in the syntax of the `regex` crate; with look-around or back-references it is run
    /// by `fancy-regex`.
    pub expression: String,
    /// Where a match must lie.
    pub anchor: Anchor,
}

/// Where a match must lie in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// Anywhere, as `re.search`.
    #[default]
    Anywhere,
    /// At the start, as `re.match`.
    Start,
    /// From the start to the end, as `re.fullmatch`.
    Whole,
}

/// The form of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    /// An e-mail address, as the HTML standard has it.
    Email,
    /// A UUID: 8-4-4-4-12 hexadecimal digits in any case.
    Uuid,
    /// An absolute URI with a scheme (RFC 3986).
    Uri,
    /// A host name (RFC 1123).
    Hostname,
    /// An IPv4 address in dotted decimal.
    Ipv4,
    /// An IPv6 address (RFC 4291).
    Ipv6,
    /// A JSON text (RFC 8259).
    Json,
    /// A JSON text that a JSON Schema accepts; the schema has been found to be one.
    JsonSchema(serde_json::Value),
    /// A date or time in this `strftime` form, the whole text.
    Strftime(String),
    /// A date or time in any of the common written forms (ISO 8601, RFC 2822, `1 Jan 2026`, `01/02/2026`).
    DateOrTime,
    /// A number of a payment card: 12 to 19 digits, spaces and hyphens between them, that pass Luhn's
    /// test.
    PaymentCard,
    /// Letters of one case only: lower.
    LowerCase,
    /// Letters of one case only: upper.
    UpperCase,
    /// ASCII only.
    Ascii,
}

impl Pattern {
    /// A pattern that may match anywhere.
    #[must_use]
    pub fn search(expression: impl Into<String>) -> Self {
        Self {
            expression: expression.into(),
            anchor: Anchor::Anywhere,
        }
    }

    /// SQL's `LIKE`: `%` is any text, `_` any character, and the whole text must match. A backslash
    /// takes the next character as it is.
    #[must_use]
    pub fn like(pattern: &str) -> Self {
        let mut expression = String::from("(?s)");
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            match character {
                '%' => expression.push_str(".*"),
                '_' => expression.push('.'),
                '\\' => {
                    let taken = characters.next().unwrap_or('\\');
                    expression.push_str(&regex::escape(taken.encode_utf8(&mut [0; 4])));
                }
                other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
        }
        Self {
            expression,
            anchor: Anchor::Whole,
        }
    }

    /// The expression with its anchors written out.
    #[must_use]
    pub fn anchored(&self) -> String {
        match self.anchor {
            Anchor::Anywhere => self.expression.clone(),
            Anchor::Start => format!(r"\A(?:{})", self.expression),
            Anchor::Whole => format!(r"\A(?:{})\z", self.expression),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Email => "an e-mail address",
            Self::Uuid => "a UUID",
            Self::Uri => "a URI",
            Self::Hostname => "a host name",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Json => "JSON",
            Self::JsonSchema(_) => "JSON the schema accepts",
            Self::Strftime(form) => return write!(formatter, "a time written as `{form}`"),
            Self::DateOrTime => "a date or time",
            Self::PaymentCard => "the number of a payment card",
            Self::LowerCase => "in lower case",
            Self::UpperCase => "in upper case",
            Self::Ascii => "ASCII",
        })
    }
}
