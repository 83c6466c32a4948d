//! Text inside pickles: the escapes of protocol 0, and literals as a person may be shown them.
//!
//! The escapes follow CPython's `codecs.escape_decode` (STRING) and its raw-unicode-escape codec
//! (UNICODE).

use std::fmt::Write as _;

use super::value::{Heap, Value};

/// Characters of shown arguments: enough to see what a command does.
const SHOWN_CHARACTERS_MAX: usize = 160;
/// How deep tuples are shown.
const SHOWN_DEPTH_MAX: usize = 3;

/// The bytes of a STRING line: a quoted literal with backslash escapes. Nothing when the quotes
/// or the escapes are wrong.
pub(super) fn quoted(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii_end();
    let (first, last) = (line.first()?, line.last()?);
    if line.len() < 2 || first != last || !matches!(first, b'\'' | b'"') {
        return None;
    }
    let inside = line.get(1..line.len() - 1)?;
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next()? {
            b'\n' => {}
            b'x' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push((high * 16 + low) as u8);
            }
            digit @ b'0'..=b'7' => {
                let mut code = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(next) = rest.next_if(|next| matches!(next, b'0'..=b'7')) {
                        code = code * 8 + u32::from(next - b'0');
                    }
                }
                bytes.push(code as u8);
            }
            other => match simple_escape(other) {
                Some(code) => bytes.push(code),
                None => bytes.extend([b'\\', other]),
            },
        }
    }
    Some(bytes)
}

fn simple_escape(letter: u8) -> Option<u8> {
    match letter {
        b'\\' | b'\'' | b'"' => Some(letter),
        b'a' => Some(7),
        b'b' => Some(8),
        b'f' => Some(12),
        b'n' => Some(10),
        b'r' => Some(13),
        b't' => Some(9),
        b'v' => Some(11),
        _ => None,
    }
}

/// Text of the old string opcodes, which CPython reads as ASCII unless told otherwise.
pub(super) fn ascii(bytes: &[u8]) -> Option<String> {
    bytes
        .is_ascii()
        .then(|| bytes.iter().copied().map(char::from).collect())
}

/// The text of a UNICODE line: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. Nothing when an escape is
/// not a character.
pub(super) fn raw_unicode(line: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.iter().copied().map(char::from);
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        let digits = match rest.next() {
            Some('u') => 4,
            Some('U') => 8,
            Some(other) => {
                text.extend(['\\', other]);
                continue;
            }
            None => {
                text.push('\\');
                break;
            }
        };
        let mut code = 0_u32;
        for _ in 0..digits {
            code = code.checked_mul(16)? + rest.next()?.to_digit(16)?;
        }
        text.push(char::from_u32(code)?);
    }
    Some(text)
}

/// Arguments of a call as a person may be shown them, when they are literals. Control characters,
/// and all that could deceive the eye, are escaped.
pub(super) fn shown_arguments(heap: &Heap, arguments: Value) -> Option<String> {
    let items = heap.as_tuple(arguments)?;
    if !items.iter().any(|item| is_literal(*item)) {
        return None;
    }
    let mut text = String::new();
    list(heap, items, 0, &mut text);
    Some(shorten(&text))
}

fn is_literal(value: Value) -> bool {
    match value {
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Text { .. }
        | Value::Bytes(_)
        | Value::Tuple { .. } => true,
        Value::Unknown | Value::Dictionary(_) | Value::Global(_) | Value::Object(_) => false,
    }
}

fn list(heap: &Heap, items: &[Value], depth: usize, text: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if SHOWN_CHARACTERS_MAX < text.len() {
            break;
        }
        if 0 < index {
            text.push_str(", ");
        }
        literal(heap, *item, depth, text);
    }
}

fn literal(heap: &Heap, value: Value, depth: usize, text: &mut String) {
    match value {
        Value::None => text.push_str("None"),
        Value::Bool(true) => text.push_str("True"),
        Value::Bool(false) => text.push_str("False"),
        // Writing to a string cannot fail.
        Value::Int(number) => drop(write!(text, "{number}")),
        Value::Bytes(length) => drop(write!(text, "<{length} bytes>")),
        Value::Text { .. } => {
            let (part, whole) = heap.beginning(value).unwrap_or(("", false));
            text.push('\'');
            text.push_str(&escape(part));
            text.push_str(if whole { "'" } else { "…'" });
        }
        Value::Tuple { .. } if depth < SHOWN_DEPTH_MAX => {
            text.push('(');
            list(
                heap,
                heap.as_tuple(value).unwrap_or_default(),
                depth + 1,
                text,
            );
            text.push(')');
        }
        Value::Unknown
        | Value::Tuple { .. }
        | Value::Dictionary(_)
        | Value::Global(_)
        | Value::Object(_) => text.push('…'),
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARACTERS_MAX {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    short.push('…');
    short
}

/// Text from a hostile file as it may be shown: letters, digits and visible ASCII stay, everything
/// else is escaped, backticks too because messages quote with them.
pub(in crate::scan) fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let visible = character == ' ' || character.is_ascii_graphic();
        if character == '`' {
            shown.extend(character.escape_unicode());
        } else if visible || (!character.is_ascii() && character.is_alphanumeric()) {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    shown
}
