//! Text inside pickles: the escapes of protocol 0, and literals as a person may be shown them.
//!
//! The escapes follow CPython's `codecs.escape_decode` (STRING) and its raw-unicode-escape codec
//! (UNICODE).

use std::fmt::Write as _;

use super::value::{Heap, Value};
use crate::measure::{PersonalKind, detect_personal};
use crate::scan::Global;

/// Characters of shown arguments: enough to see what a command does.
const SHOWN_CHARACTERS_MAX: usize = 160;
/// How deep tuples, and calls in calls, are shown.
const SHOWN_DEPTH_MAX: usize = 4;

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

/// What values stand for, for people.
pub(super) struct Values<'v> {
    pub(super) heap: &'v Heap,
    pub(super) globals: &'v [Global],
}

impl Values<'_> {
    /// Arguments of a call as a person may be shown them, when anything of them is known. Control
    /// characters, and all that could deceive the eye, are escaped; secrets are not shown.
    pub(super) fn shown_arguments(&self, arguments: Value) -> Option<String> {
        let items = self.heap.as_tuple(arguments)?;
        if !items.iter().any(|item| is_known(*item)) {
            return None;
        }
        let mut text = String::new();
        self.list(items, 0, &mut text);
        Some(shorten(&text))
    }

    /// A value as a person may be shown it.
    pub(super) fn shown(&self, value: Value) -> String {
        let mut text = String::new();
        self.value(value, 0, &mut text);
        shorten(&text)
    }

    fn list(&self, items: &[Value], depth: usize, text: &mut String) {
        for (index, item) in items.iter().enumerate() {
            if SHOWN_CHARACTERS_MAX < text.len() {
                break;
            }
            if 0 < index {
                text.push_str(", ");
            }
            self.value(*item, depth, text);
        }
    }

    fn value(&self, value: Value, depth: usize, text: &mut String) {
        match value {
            Value::None => text.push_str("None"),
            Value::Bool(true) => text.push_str("True"),
            Value::Bool(false) => text.push_str("False"),
            // Writing to a string cannot fail.
            Value::Int(number) => drop(write!(text, "{number}")),
            Value::Bytes(length) => drop(write!(text, "<{length} bytes>")),
            Value::Text { .. } => self.text(value, text),
            Value::Global(number) => match self.globals.get(number as usize) {
                Some(global) => text.push_str(&global.path()),
                None => text.push('…'),
            },
            Value::Tuple { .. } if depth < SHOWN_DEPTH_MAX => {
                self.arguments(value, depth, text);
            }
            Value::Object(_) if depth < SHOWN_DEPTH_MAX => self.call(value, depth, text),
            Value::Unknown | Value::Tuple { .. } | Value::Dictionary(_) | Value::Object(_) => {
                text.push('…');
            }
        }
    }

    fn text(&self, value: Value, text: &mut String) {
        let (part, whole) = self.heap.beginning(value).unwrap_or(("", false));
        let detected = detect_personal(part).map(|detection| detection.kind);
        if matches!(
            detected,
            Some(PersonalKind::ApiKey | PersonalKind::PrivateKey)
        ) {
            text.push_str("'*** (a secret)'");
            return;
        }
        text.push('\'');
        text.push_str(&escape(part));
        text.push_str(if whole { "'" } else { "…'" });
    }

    fn arguments(&self, tuple: Value, depth: usize, text: &mut String) {
        text.push('(');
        let items = self.heap.as_tuple(tuple).unwrap_or_default();
        self.list(items, depth + 1, text);
        text.push(')');
    }

    /// An object as the call that made it.
    fn call(&self, object: Value, depth: usize, text: &mut String) {
        let Some(object) = self.heap.as_object(object) else {
            text.push('…');
            return;
        };
        match object.class {
            Some(class) => self.value(Value::Global(class), depth, text),
            None => text.push('…'),
        }
        self.arguments(object.arguments, depth, text);
    }
}

fn is_known(value: Value) -> bool {
    match value {
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Text { .. }
        | Value::Bytes(_)
        | Value::Global(_)
        | Value::Object(_)
        | Value::Tuple { .. } => true,
        Value::Unknown | Value::Dictionary(_) => false,
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

/// Whether text looks like a dotted path of Python names.
pub(super) fn is_path(text: &str) -> bool {
    text.split('.').all(|part| {
        let mut characters = part.chars();
        characters
            .next()
            .is_some_and(|first| first == '_' || first.is_alphabetic())
            && characters.all(|other| other == '_' || other.is_alphanumeric())
    })
}
