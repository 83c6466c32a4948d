//! What is wrong with a configuration or contract, shown with the line it stands on.

use std::fmt::Write as _;

use super::document::Position;
use crate::template::is_hidden;

/// Problems shown; a file with more is not going to be mended from this list alone.
const SHOWN_MAX: usize = 50;

/// Characters of a source line shown around a problem.
const LINE_CHARACTERS_MAX: usize = 160;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the file, as the user gave it.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// What is wrong, as a fragment that reads after "error: ".
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    #[must_use]
    pub fn new(file: &str, position: Position, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            position,
            message: message.into(),
            hint: None,
        }
    }

    /// The same problem with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// Shows problems in the order they stand in `source`, each with its line and a mark below it.
#[must_use]
pub fn render(problems: &[Problem], source: &str) -> String {
    let mut problems: Vec<_> = problems.iter().collect();
    problems.sort_by_key(|problem| (problem.position.line, problem.position.column));
    let lines: Vec<&str> = source.lines().collect();
    let mut text = String::new();
    for problem in problems.iter().take(SHOWN_MAX) {
        render_one(&mut text, problem, &lines);
    }
    if SHOWN_MAX < problems.len() {
        let _ = writeln!(text, "… and {} more problems", problems.len() - SHOWN_MAX);
    }
    text
}

fn render_one(text: &mut String, problem: &Problem, lines: &[&str]) {
    let Position {
        line,
        column,
        length,
    } = problem.position;
    let gutter = line.to_string().len();
    let _ = writeln!(text, "error: {}", visible(&problem.message));
    let _ = writeln!(text, "{:gutter$}--> {}:{line}:{column}", "", problem.file);
    if let Some(source) = lines.get(line as usize - 1) {
        let source: String = visible(source).chars().take(LINE_CHARACTERS_MAX).collect();
        let _ = writeln!(text, "{:gutter$} |", "");
        let _ = writeln!(text, "{line} | {source}");
        let indent = column as usize - 1;
        if indent < LINE_CHARACTERS_MAX {
            let marks = "^".repeat((length as usize).min(LINE_CHARACTERS_MAX - indent));
            let _ = writeln!(text, "{:gutter$} | {:indent$}{marks}", "", "");
        }
    }
    if let Some(hint) = &problem.hint {
        let _ = writeln!(text, "{:gutter$} = hint: {}", "", visible(hint));
    }
    text.push('\n');
}

/// Text that cannot drive a terminal: hidden characters become spaces, one for one, so that marks
/// stay below what they mark.
fn visible(text: &str) -> String {
    text.chars()
        .map(|character| if is_hidden(character) { ' ' } else { character })
        .collect()
}
