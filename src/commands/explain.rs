//! `explain`: what a requirement demands, how to meet it, where it comes from.

use std::fmt::Write as _;

use super::{CommandError, Outputs};
use crate::catalogue;
use crate::checks::{self, CheckKind};
use crate::cli::ExplainArguments;
use crate::evidence::ExitCode;

/// Runs the command.
///
/// # Errors
/// When there is no such requirement.
pub fn run(arguments: &ExplainArguments, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let text = match &arguments.requirement {
        Some(id) => explain(id)?,
        None => list(),
    };
    outputs.data(&text)?;
    Ok(ExitCode::Passed)
}

fn list() -> String {
    let mut text = String::new();
    let width = catalogue::requirements()
        .map(|requirement| requirement.id.len())
        .max()
        .unwrap_or_default();
    for requirement in catalogue::requirements() {
        let _ = writeln!(text, "{:width$}  {}", requirement.id, requirement.summary);
    }
    text
}

fn explain(id: &str) -> Result<String, CommandError> {
    let Some(requirement) = catalogue::find(id) else {
        let ids = catalogue::requirements().map(|requirement| requirement.id);
        let hint = match crate::contract::closest(id, ids) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`proofmark explain` lists all".to_owned(),
        };
        return Err(CommandError::Usage(format!(
            "there is no requirement `{id}`; hint: {hint}"
        )));
    };
    let mut text = format!(
        "{}\n\n{}\n\nTo meet it: {}\n",
        requirement.id, requirement.summary, requirement.remedy
    );
    if let Some(kind) = checks::find(id) {
        let _ = writeln!(text, "\nDecided: {}", kind.semantics);
        text.push_str(&parameters(kind));
    }
    if let Some(statistic) = crate::drift::explanation(id) {
        let _ = write!(text, "\n{statistic}");
    }
    if !requirement.references.is_empty() {
        text.push_str("\nReferences:\n");
        for reference in requirement.references {
            let _ = writeln!(text, "  {reference}");
        }
    }
    Ok(text)
}

/// The parameters of a rule, and the rule with those it needs.
fn parameters(kind: &CheckKind) -> String {
    let mut text = String::new();
    let parameters = kind.parameters();
    if !parameters.is_empty() {
        text.push_str("\nParameters:\n");
    }
    for parameter in parameters {
        let needed = match (parameter.required, parameter.default) {
            (true, _) => ", required".to_owned(),
            (false, Some(default)) => format!(", {default} by default"),
            (false, None) => String::new(),
        };
        let (name, shape, meaning) = (parameter.name, parameter.shape, parameter.meaning);
        let _ = writeln!(text, "  {name}: {shape}{needed}\n      {meaning}");
    }
    if let Some(example) = kind.example() {
        let _ = writeln!(
            text,
            "\nExample:\n  implementation: {}",
            checks::flow(&example)
        );
    }
    text
}
