//! Human text on its way into a rendering: blocks instead of markup, nothing hidden, only links that
//! go where they say.

use serde::Serialize;

use crate::template::{escape_markdown, is_hidden};

/// Characters an address may have when it becomes a link: no quotes, brackets, spaces or
/// backslashes, so that it means the same in HTML and in Markdown.
const ADDRESS_CHARACTERS: &str = "-._~:/?#@!$&*+,;=%";

/// A paragraph or a list, in every form the templates need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// True for a list.
    pub is_list: bool,
    /// The items of a list; the one paragraph otherwise.
    pub items: Vec<String>,
    /// The same, escaped for Markdown.
    pub markdown: Vec<String>,
}

/// Parts text at blank lines; lines that begin with `- ` or `* ` are list items.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<(bool, Vec<String>)> = Vec::new();
    let mut starts_new = true;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            starts_new = true;
            continue;
        }
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        match (item, blocks.last_mut()) {
            (Some(item), Some((true, items))) => items.push(item.to_owned()),
            (Some(item), _) => blocks.push((true, vec![item.to_owned()])),
            // A line under an item goes on with it; a line after a blank one does not.
            (None, Some((_, items))) if !starts_new => continue_last(items, line),
            (None, _) => blocks.push((false, vec![line.to_owned()])),
        }
        starts_new = false;
    }
    blocks
        .into_iter()
        .map(|(is_list, items)| Block {
            is_list,
            markdown: items.iter().map(|item| paragraph_markdown(item)).collect(),
            items: items.iter().map(|item| visible(item)).collect(),
        })
        .collect()
}

fn continue_last(items: &mut [String], line: &str) {
    if let Some(last) = items.last_mut() {
        last.push(' ');
        last.push_str(line);
    }
}

/// Escapes one paragraph, also what means something only at the beginning of a line.
fn paragraph_markdown(text: &str) -> String {
    let escaped = escape_markdown(text);
    if escaped.starts_with(['-', '=']) {
        return format!("\\{escaped}");
    }
    let digits = escaped.chars().take_while(char::is_ascii_digit).count();
    let (number, rest) = escaped.split_at(digits);
    if 0 < digits && rest.starts_with('.') {
        return format!("{number}\\{rest}");
    }
    escaped
}

/// One line in which characters that hide or reorder others are spelt out.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // The last two are line ends to YAML 1.1 and to JavaScript.
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => shown.push(' '),
            hidden if is_hidden(hidden) => {
                shown.push_str(&format!("[U+{:04X}]", u32::from(hidden)));
            }
            plain => shown.push(plain),
        }
    }
    shown
}

/// The address as something to link to, when it is `https`, `http`, `mailto` or a bare mail address
/// and has no character with a meaning of its own in HTML or Markdown.
#[must_use]
pub fn link(address: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || ADDRESS_CHARACTERS.contains(c);
    if address.is_empty() || !address.chars().all(plain) {
        return None;
    }
    let lower = address.to_ascii_lowercase();
    let rest = |scheme: &str| {
        lower
            .strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    };
    if rest("https://") || rest("http://") || rest("mailto:") {
        return Some(address.to_owned());
    }
    let (name, host) = address.split_once('@')?;
    let is_mail = !name.is_empty() && host.contains('.') && !address.contains([':', '/', '?', '#']);
    is_mail.then(|| format!("mailto:{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<(bool, Vec<String>)> {
        blocks(text)
            .into_iter()
            .map(|block| (block.is_list, block.items))
            .collect()
    }

    #[test]
    fn blank_lines_part_paragraphs_and_dashes_make_lists() {
        let text = "One\nline.\n\nTwo:\n- a\n  more\n- b\n\nThree.";
        let expected = [
            (false, vec!["One line.".to_owned()]),
            (false, vec!["Two:".to_owned()]),
            (true, vec!["a more".to_owned(), "b".to_owned()]),
            (false, vec!["Three.".to_owned()]),
        ];
        assert_eq!(shape(text), expected);
    }

    #[test]
    fn markdown_at_the_beginning_of_a_line_stays_text() {
        let markdown = |text: &str| blocks(text)[0].markdown[0].clone();
        assert_eq!(markdown("--- not a rule"), "\\--- not a rule");
        assert_eq!(markdown("1. not a list"), "1\\. not a list");
        assert_eq!(markdown("# not a heading"), "\\# not a heading");
        assert_eq!(markdown("=== no"), "\\=== no");
    }

    #[test]
    fn only_plain_addresses_become_links() {
        assert_eq!(
            link("https://example.com/a?b=c").as_deref(),
            Some("https://example.com/a?b=c")
        );
        assert_eq!(
            link("risk@example.com").as_deref(),
            Some("mailto:risk@example.com")
        );
        for bad in [
            "javascript:alert(1)",
            "JavaScript:x@example.com",
            "data:text/html,x",
            "https://",
            "https://a.example/\"onload",
            "https://a.example/ b",
            "https://a.example/)[x](y",
            "//example.com",
            "",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }

    #[test]
    fn hidden_characters_are_spelt_out() {
        assert_eq!(visible("a\u{202e}b\u{200b}"), "a[U+202E]b[U+200B]");
    }
}
