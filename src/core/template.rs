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

/// Text that stays text in CommonMark and in the Markdown of GitHub and GitLab: no markup, no HTML, no
/// formula, no mention, no link, no emoji, no reference, one line. Control characters and bidirectional
/// overrides become visible.
///
/// Formulas and links of bare addresses are looked for in the text as it is written: entities keep them
/// from being recognised. Mentions, emoji and references are looked for after escapes are undone: there
/// a zero-width space has to stand between the sign and the name.
#[must_use]
pub fn escape_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '$' => safe.push_str("&#36;"),
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
        if begins_a_reference(character, rest.as_str()) || begins_an_issue(&safe, rest.as_str()) {
            safe.push_str(ZERO_WIDTH_SPACE);
        }
    }
    safe.replace("://", "&#58;//").replace("www.", "www&#46;")
}

const ZERO_WIDTH_SPACE: &str = "&#8203;";

/// Whether `sign` and the text after it would be a mention (`@ann`), a reference that leaves a note at
/// what it names (`#12` on GitHub and GitLab; `!12`, `&12`, `$12`, `~bug`, `%1.0` on GitLab) or an emoji
/// (`:tada:`), which forges the looks of a report.
fn begins_a_reference(sign: char, after: &str) -> bool {
    let next = after.chars().next();
    let before_digit = next.is_some_and(|next| next.is_ascii_digit());
    let before_name = next.is_some_and(|next| next.is_alphanumeric() || "\"_".contains(next));
    match sign {
        '@' => true,
        '#' | '!' | '&' | '$' => before_digit,
        '~' | '%' => before_name,
        ':' => is_emoji_name(after),
        _ => false,
    }
}

/// Whether `GH-` stands before a number, which is a reference on GitHub.
fn begins_an_issue(before: &str, after: &str) -> bool {
    let sign = before
        .len()
        .checked_sub(3)
        .and_then(|start| before.get(start..));
    sign.is_some_and(|sign| sign.eq_ignore_ascii_case("gh-"))
        && after.starts_with(|next: char| next.is_ascii_digit())
}

/// Whether `after` begins with the name of an emoji and the colon that ends it. Numbers between colons
/// are lines of a file.
fn is_emoji_name(after: &str) -> bool {
    /// Longer than any name of an emoji.
    const BYTES_MAX: usize = 64;
    let end = after.bytes().take(BYTES_MAX).position(|byte| byte == b':');
    let Some(name) = end.and_then(|end| after.get(..end)) else {
        return false;
    };
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte);
    name.bytes().all(of_name) && name.bytes().any(|byte| !byte.is_ascii_digit())
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

#[cfg(test)]
mod tests {
    use super::escape_markdown;

    #[test]
    fn markdown_has_nothing_that_means_something() {
        // `~` stands for the zero-width space.
        let cases = [
            ("a < b & c", "a &lt; b &amp; c"),
            ("*a* _b_", "\\*a\\* \\_b\\_"),
            ("@ann", "&#64;~ann"),
            ("#12 #a", "\\#~12 \\#a"),
            ("!12 !", "\\!~12 \\!"),
            ("&12 &a", "&amp;~12 &amp;a"),
            ("$12 $x$", "&#36;~12 &#36;x&#36;"),
            ("%1.0 %\"a b\" 5 %", "%~1.0 %~\"a b\" 5 %"),
            ("GH-1 gh-2 GH-a", "GH-~1 gh-~2 GH-a"),
            (
                ":tada: :+1: a.yaml:100:9 a:b c:d",
                ":~tada: :~\\+1: a.yaml:100:9 a:b c:d",
            ),
            ("https://a www.b", "https&#58;//a www&#46;b"),
            ("a\nb\u{202e}", "a b\\[U+202E\\]"),
        ];
        for (text, expected) in cases {
            assert_eq!(
                escape_markdown(text),
                expected.replace('~', "&#8203;"),
                "{text}"
            );
        }
        assert_eq!(escape_markdown("~bug ~"), "\\~&#8203;bug \\~");
    }
}
