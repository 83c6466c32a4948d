//! minijinja as everything that renders text uses it: strict, escaping by default, bounded, with the
//! filters that print numbers the same way everywhere.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use minijinja::syntax::{SyntaxConfig, SyntaxConfigBuilder};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use crate::evidence::{Quantity, Unit};

/// Instructions a template may run: thousands of rows of evidence, never an endless loop. User
/// templates may come from a pull request.
const FUEL_MAX: u64 = 50_000_000;

/// Renders `source` with `context`. `name` chooses the escaping by its ending: `.html` and `.svg`
/// escape for HTML, `.md` for Markdown, `.txt` not at all; everything else as HTML.
///
/// # Errors
/// When the template is malformed, uses an unknown variable or runs too long.
pub fn render(name: &str, source: &str, context: impl Serialize) -> Result<String, Error> {
    let mut syntax = SyntaxConfig::builder();
    render_as(name, source, context, tidy(&mut syntax).build()?)
}

/// Renders text that holds braces of its own, such as workflows and scripts: `<{ value }>`,
/// `<% block %>`, `<# comment #>`. Nothing is escaped; the caller quotes what it puts in.
///
/// # Errors
/// As [`render`].
pub fn render_code(source: &str, context: impl Serialize) -> Result<String, Error> {
    let mut syntax = SyntaxConfig::builder();
    syntax
        .variable_delimiters("<{", "}>")
        .block_delimiters("<%", "%>")
        .comment_delimiters("<#", "#>");
    render_as("code.txt", source, context, tidy(&mut syntax).build()?)
}

fn tidy(syntax: &mut SyntaxConfigBuilder) -> &mut SyntaxConfigBuilder {
    syntax
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
}

fn render_as(
    name: &str,
    source: &str,
    context: impl Serialize,
    syntax: SyntaxConfig,
) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(escaping_of);
    environment.set_formatter(format_value);
    environment.set_fuel(Some(FUEL_MAX));
    environment.set_syntax(syntax);
    environment.add_filter("num", num);
    environment.add_filter("percent", percent);
    environment.render_named_str(name, source, Serde(context))
}

fn escaping_of(name: &str) -> AutoEscape {
    if name.ends_with(".txt") {
        AutoEscape::None
    } else if name.ends_with(".md") {
        AutoEscape::Custom("markdown".into())
    } else {
        AutoEscape::Html
    }
}

fn format_value(
    output: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    if let AutoEscape::Custom(name) = state.auto_escape()
        && name == "markdown"
    {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let text = value.to_string();
        let safe = if value.is_safe() {
            text
        } else {
            escape_markdown(&text)
        };
        return output.write_str(&safe).map_err(Error::from);
    }
    minijinja::escape_formatter(output, state, value)
}

/// Text that stays text in CommonMark and GitHub Markdown: no markup, no HTML, no mention, no link,
/// no reference to an issue, one line. Control characters and bidirectional overrides become visible.
///
/// GitHub makes links of bare addresses and mentions of `@name` after escapes are undone. Entities
/// keep the first from being recognised, a zero-width space the second.
#[must_use]
pub fn escape_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;&#8203;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' => {
                safe.push('\\');
                safe.push(character);
            }
            hidden if is_hidden(hidden) => {
                safe.push_str(&format!("\\[U+{:04X}\\]", u32::from(hidden)));
            }
            plain => safe.push(plain),
        }
    }
    let safe = safe.replace("://", "&#58;//").replace("www.", "www&#46;");
    without_references(&safe)
}

/// Keeps `#12`, `GH-12` (GitHub) and `!12` (GitLab) from becoming references, which would leave a note
/// at the issue they name. Both systems look for them after escapes are undone, so a zero-width space
/// has to stand between sign and number.
fn without_references(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        safe.push(character);
        let before_number = characters.peek().is_some_and(char::is_ascii_digit);
        let signs = ["\\#", "\\!", "GH-", "gh-"];
        if before_number && signs.iter().any(|sign| safe.ends_with(sign)) {
            safe.push_str("&#8203;");
        }
    }
    safe
}

/// Whether a character changes how others are shown without being seen itself: controls, zero-width
/// characters, bidirectional overrides, separators of lines, annotations, tags, noncharacters.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// `0.123456` → `0.1235`: the digits that matter, as [`Quantity`] prints them.
fn num(value: f64) -> String {
    Quantity::new(value, Unit::Number).to_string()
}

/// `0.0314` → `3.1 %`.
fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}
