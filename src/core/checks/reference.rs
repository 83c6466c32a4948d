//! The rule reference: every check with its parameters and semantics, as Markdown.

use super::CHECKS;

/// All rules as one Markdown document, in the order of their ids.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from("# Rules\n");
    for kind in CHECKS {
        text.push_str(&format!(
            "\n## `{}`\n\n{}\n\n{}\n",
            kind.requirement.id, kind.requirement.summary, kind.semantics
        ));
    }
    text
}
