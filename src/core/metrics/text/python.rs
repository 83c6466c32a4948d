//! Text as Python sees it, because the references are written in Python. The properties of characters
//! are those of the Unicode version this binary was built with; Python 3.11 knows Unicode 14.

use std::sync::LazyLock;

use regex::Regex;

/// A run of what `\w` matches: `str.isalnum` or an underscore, which is letters and numbers by general
/// category. Rust's own `\w` also holds marks, as in Devanagari.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]+").expect("a valid pattern"));

/// `str.isspace` and `\s`: Unicode white space and the four separators of ASCII.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// `str.split()`.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|part| !part.is_empty())
}

/// `str.rstrip()`.
pub(super) fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// The runs of `\w`.
pub(super) fn words() -> &'static Regex {
    &WORD
}
