//! Text that may come from data, made safe to show: nothing hidden, one line, of bounded length.

use std::fmt::Write as _;

use serde::Serialize;

use super::RenderProblem;
use crate::evidence::{Evidence, FailingRows, Location, RowExample};
use crate::template::is_hidden;

/// Longest sentence shown, in characters. Messages are one sentence; 1,024 is what GitHub shows of
/// a rule's text, and a longer one comes from data, not from a person.
pub(super) const TEXT_CHARACTERS_MAX: usize = 1_000;

/// Longest name or value shown, in characters: more than any column or category is called.
pub(super) const NAME_CHARACTERS_MAX: usize = 120;

/// Failing rows named for one record: enough to recognise a pattern, few enough to read.
pub(super) const EXAMPLES_MAX: usize = 5;

/// `text` on one line, where every character that would be hidden or would change its neighbours
/// is written as `[U+202E]`.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => shown.push(' '),
            hidden if is_hidden(hidden) => {
                let _ = write!(shown, "[U+{:04X}]", u32::from(hidden));
            }
            plain => shown.push(plain),
        }
    }
    shown
}

/// At most `characters_max` characters of `text`, saying how many more there are.
pub(super) fn clip(text: &str, characters_max: usize) -> String {
    match text.char_indices().nth(characters_max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{} … ({more} more characters)", &text[..end])
        }
    }
}

/// `text` in one line of at most `characters_max` characters, cut after a word where that is possible.
pub(super) fn shorten(text: &str, characters_max: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= characters_max {
        return text;
    }
    let mut kept: String = text
        .chars()
        .take(characters_max.saturating_sub(1))
        .collect();
    if let Some((words, _)) = kept.rsplit_once(' ')
        && kept.len() / 2 < words.len()
    {
        kept.truncate(words.len());
    }
    kept.truncate(kept.trim_end_matches([' ', ',', ';', ':']).len());
    kept.push('…');
    kept
}

/// A sentence as it is shown.
pub(super) fn sentence(text: &str) -> String {
    visible(&clip(text, TEXT_CHARACTERS_MAX))
}

/// A name or value as it is shown; a name of nothing is shown too.
pub(super) fn name(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    visible(&clip(text, NAME_CHARACTERS_MAX))
}

/// What a waiver would name: `null-fraction` on `current/age`.
pub(super) fn requirement_and_subject(record: &Evidence) -> (String, String) {
    (
        name(record.requirement.as_str()),
        name(&record.subject.name()),
    )
}

/// `contract.yaml:12:5`
pub(super) fn place(location: &Location) -> String {
    format!(
        "{}:{}:{}",
        visible(&location.file),
        location.line,
        location.column
    )
}

/// "31 of 1000 rows fail: row 17 (null), row 42 (`-3`)"
pub(super) fn failing_rows(failing: &FailingRows) -> String {
    let text = format!("{} of {} rows fail", failing.count, failing.eligible);
    match examples(failing) {
        Some(examples) => format!("{text}: {examples}"),
        None => text,
    }
}

/// "First: row 17 (null), row 42 (`-3`)." as a sentence, for places that say the counts already.
pub(super) fn first_rows(failing: &FailingRows) -> Option<String> {
    let examples = examples(failing)?;
    let end = if examples.ends_with('…') { "" } else { "." };
    Some(format!("First: {examples}{end}"))
}

/// "row 17 (null), row 42 (`-3`) …"
fn examples(failing: &FailingRows) -> Option<String> {
    let shown: Vec<String> = failing
        .examples
        .iter()
        .take(EXAMPLES_MAX)
        .map(example)
        .collect();
    let more = if (shown.len() as u64) < failing.count {
        " …"
    } else {
        ""
    };
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}

fn example(example: &RowExample) -> String {
    let row = match example.row_number {
        0 => "a row".to_owned(),
        number => format!("row {number}"),
    };
    match &example.value {
        _ if example.masked => format!("{row} (masked)"),
        Some(value) => format!("{row} (`{}`)", name(value)),
        None if example.is_null => format!("{row} (null)"),
        None => row,
    }
}

/// What GitHub's runner takes for a command wherever it stands in a line of a log. Every format can be
/// printed to one, so each writes it in another way.
pub(super) const LEGACY_COMMAND: &str = "##[";

/// `value` as JSON that can be printed to a log: the same value, without [`LEGACY_COMMAND`].
pub(super) fn json_for_logs(value: &impl Serialize) -> Result<String, RenderProblem> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text.replace(LEGACY_COMMAND, "\\u0023#["))
}

/// `text` in lines of at most `width` characters, broken at spaces; a longer word is cut.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        for piece in pieces(word, width) {
            let length = piece.chars().count();
            let line = lines.last_mut().expect("there is always a line");
            if line.is_empty() {
                line.push_str(piece);
                used = length;
            } else if used + 1 + length <= width {
                line.push(' ');
                line.push_str(piece);
                used += 1 + length;
            } else {
                lines.push(piece.to_owned());
                used = length;
            }
        }
    }
    lines
}

fn pieces(word: &str, width: usize) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .char_indices()
            .nth(width)
            .map_or(rest.len(), |(index, _)| index);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::example;
    use crate::evidence::RowExample;

    #[test]
    fn a_row_without_a_number_is_given_none() {
        let row = |row_number| {
            example(&RowExample {
                row_number,
                value: Some("x".to_owned()),
                masked: false,
                is_null: false,
            })
        };
        assert_eq!(row(7), "row 7 (`x`)");
        assert_eq!(row(0), "a row (`x`)");
    }
}
