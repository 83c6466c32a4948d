//! Texts that come from data, as YAML scalars that mean exactly that text, whatever is in it.

use crate::template::is_hidden;

/// Words that YAML readers take for something else than text, in any case.
const RESERVED: [&str; 11] = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
];

/// `text` as a YAML scalar on one line: plain where that is safe for every reader, else in double
/// quotes with everything hidden escaped. Safe inside `[…]` too.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            hidden if is_hidden(hidden) && u32::from(hidden) <= 0xffff => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(hidden)));
            }
            hidden if is_hidden(hidden) => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(hidden)));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    // GitHub's runner takes this for a command wherever it stands, also in a draft that is printed.
    quoted.replace("##[", "#\\x23[")
}

/// A list on one line.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let items: Vec<String> = texts.into_iter().map(scalar).collect();
    format!("[{}]", items.join(", "))
}

/// A number as YAML and JSON write it: whole ones without a fraction.
pub(super) fn number(value: f64) -> String {
    /// Whole numbers up to here are exact.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    // Minus zero is zero.
    let value = value + 0.0;
    if value.fract() == 0.0 && value.abs() <= EXACT_MAX {
        format!("{value:.0}")
    } else {
        serde_json::Number::from_f64(value).map_or_else(|| "null".to_owned(), |n| n.to_string())
    }
}

/// Text inside a comment or a log: one line, nothing hidden, no command to a build system.
pub(super) fn comment(text: &str) -> String {
    let one_line: String = text
        .chars()
        .map(|character| if is_hidden(character) { ' ' } else { character })
        .collect();
    one_line.replace("##[", "## [")
}

fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let starts = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    starts
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}
