//! Whether a text has a form: addresses, identifiers, JSON, dates.

use std::net::{Ipv4Addr, Ipv6Addr};

use chrono::format::{Parsed, StrftimeItems, parse};

use super::read;
use crate::measure::Format;

/// A test of texts.
pub(super) type Tester = Box<dyn Fn(&str) -> bool>;

/// Longest label of a host name (RFC 1035).
const LABEL_BYTES_MAX: usize = 63;

/// Longest host name (RFC 1035).
const HOSTNAME_BYTES_MAX: usize = 253;

/// The test of a form.
///
/// # Errors
/// When the form itself makes no sense.
pub(super) fn tester(format: &Format) -> Result<Tester, String> {
    Ok(match format {
        Format::Email => Box::new(is_email),
        Format::Uuid => Box::new(is_uuid),
        Format::Uri => Box::new(is_uri),
        Format::Hostname => Box::new(is_hostname),
        Format::Ipv4 => Box::new(|text| text.parse::<Ipv4Addr>().is_ok()),
        Format::Ipv6 => Box::new(|text| text.parse::<Ipv6Addr>().is_ok()),
        Format::Json => {
            Box::new(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
        }
        Format::JsonSchema(schema) => {
            let validator = jsonschema::validator_for(schema)
                .map_err(|error| format!("the JSON Schema is none: {error}"))?;
            Box::new(move |text| {
                serde_json::from_str(text).is_ok_and(|value| validator.is_valid(&value))
            })
        }
        Format::Strftime(form) => {
            let items: Vec<_> = StrftimeItems::new(form)
                .parse_to_owned()
                .map_err(|_| format!("`{form}` is no strftime form"))?;
            Box::new(move |text| parse(&mut Parsed::new(), text, items.iter()).is_ok())
        }
        Format::DateOrTime => Box::new(is_date_or_time),
        Format::PaymentCard => Box::new(is_payment_card),
        Format::LowerCase => Box::new(|text| !text.chars().any(char::is_uppercase)),
        Format::UpperCase => Box::new(|text| !text.chars().any(char::is_lowercase)),
        Format::Ascii => Box::new(str::is_ascii),
    })
}

/// <https://html.spec.whatwg.org/#valid-e-mail-address>
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !local.is_empty() && local.bytes().all(fits) && is_hostname(domain)
}

fn is_hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        bytes.len() <= LABEL_BYTES_MAX
            && ends
                .iter()
                .all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    text.len() <= HOSTNAME_BYTES_MAX && text.split('.').all(is_label)
}

fn is_uuid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == groups.len()
        && parts.iter().zip(groups).all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// A scheme, a colon and something after it, of the characters RFC 3986 allows.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut letters = scheme.bytes();
    let scheme_fits = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    scheme_fits && !rest.is_empty() && rest.bytes().all(allowed)
}

/// 12 to 19 digits, with single spaces or hyphens between them, that pass Luhn's test (ISO/IEC 7812-1).
fn is_payment_card(text: &str) -> bool {
    let mut digits = Vec::with_capacity(19);
    let mut separated = true;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                digits.push(u32::from(byte - b'0'));
                separated = false;
            }
            b' ' | b'-' if !separated => separated = true,
            _ => return false,
        }
    }
    if separated || !(12..=19).contains(&digits.len()) {
        return false;
    }
    let doubled = |digit: u32| if 4 < digit { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 1 {
                doubled(*digit)
            } else {
                *digit
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Forms of dates and times that are common besides ISO 8601.
const DATE_FORMS: [&str; 14] = [
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y%m%d",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%Y-%m",
    "%Y",
];

/// Forms of the time of day after a date.
const TIME_FORMS: [&str; 4] = ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f", "%I:%M %p"];

fn is_date_or_time(text: &str) -> bool {
    let text = text.trim();
    let reads = |form: &str| parse(&mut Parsed::new(), text, StrftimeItems::new(form)).is_ok();
    read::timestamp(text).is_some()
        || read::time(text).is_some()
        || chrono::DateTime::parse_from_rfc2822(text).is_ok()
        || TIME_FORMS.into_iter().any(reads)
        || DATE_FORMS.iter().any(|date| {
            reads(date)
                || TIME_FORMS
                    .iter()
                    .any(|time| reads(&format!("{date} {time}")))
        })
}
