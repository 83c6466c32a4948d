//! Text of a figure: numbers, names that fit, and what makes untrusted text harmless.

use crate::evidence::{Quantity, Unit};
use crate::template::is_hidden;

/// Characters of a name before it is cut.
const NAME_CHARACTERS_MAX: usize = 28;
/// Estimated width of one character of the small text.
const CHARACTER_WIDTH: f64 = 6.0;

pub(super) fn number(value: f64) -> String {
    Quantity::new(value, Unit::Number).to_string()
}

pub(super) fn cut(text: &str) -> String {
    cut_to(text, NAME_CHARACTERS_MAX)
}

pub(super) fn cut_to(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters_max - 1).collect();
    format!("{}…", kept.trim_end())
}

pub(super) fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|character| if character.is_ascii() { 1.0 } else { 1.8 })
        .sum::<f64>()
        * CHARACTER_WIDTH
}

/// Text that stays text; characters that hide or reorder others are spelt out.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            hidden if is_hidden(hidden) => {
                safe.push_str(&format!("[U+{:04X}]", u32::from(hidden)));
            }
            plain => safe.push(plain),
        }
    }
    safe
}

/// Letters, digits, `-` and `_`, beginning with a letter.
pub(super) fn identifier(text: &str) -> String {
    let mut id: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    if !id.starts_with(|c: char| c.is_ascii_alphabetic()) {
        id.insert(0, 'f');
    }
    id
}
