//! Texts of the configuration with places for what was decided, and texts of other systems.

use super::Dispatch;
use crate::template::is_hidden;

/// What may stand between `${` and `}` in inputs, variables, parameters and arguments.
const PLACES: [&str; 5] = ["decision", "model", "champion", "causes", "reason"];

/// Longest name of a run kept, in Unicode scalar values: longer than any address a person follows.
const RUN_CHARACTERS_MAX: usize = 500;

impl Dispatch {
    /// `text` with every `${place}` filled. Nothing of what is filled in is looked at again.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, place, after)) = next_place(rest) {
            filled.push_str(before);
            match place {
                "decision" => filled.push_str(&self.decision.to_string()),
                "model" => filled.push_str(&self.model),
                "champion" => {
                    filled.extend(self.champion.map(|champion| champion.to_string()));
                }
                "causes" => filled.push_str(&self.causes.join(",")),
                "reason" => filled.push_str(self.reason.as_deref().unwrap_or_default()),
                // The configuration with another place was refused.
                _ => {}
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// What is wrong with the places of `text`.
pub(super) fn problem_of(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, place, after)) = next_place(rest) {
        if !PLACES.contains(&place) {
            let known: Vec<_> = PLACES
                .iter()
                .map(|place| format!("`${{{place}}}`"))
                .collect();
            return Some(format!(
                "`${{{place}}}` stands for nothing; there are {}",
                known.join(", ")
            ));
        }
        rest = after;
    }
    None
}

/// What stands before the first place, its name, and what stands after it.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("${")?;
    let (place, after) = rest.split_once('}')?;
    Some((before, place, after))
}

/// The name another system gave a run, when it can be shown and kept.
pub(super) fn run_name(text: &str) -> Option<String> {
    let text = text.trim();
    let fine = !text.is_empty()
        && text.chars().count() <= RUN_CHARACTERS_MAX
        && !text.chars().any(is_hidden);
    fine.then(|| text.to_owned())
}
