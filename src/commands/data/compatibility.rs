//! `data compatibility`: may this contract take the place of that one?

use super::validate::load_contract;
use crate::cli::{CompatibilityView, DataCompatibilityArguments};
use crate::commands::context::{identity, problems_error};
use crate::commands::{CommandError, Outputs};
use crate::contract::Document;
use crate::contract::compatibility::{self, View};
use crate::evidence::{ExitCode, RunReport, Step, SubjectDigest};
use crate::io::World;
use crate::io::files;

/// Runs the command.
///
/// # Errors
/// When a contract cannot be read.
pub fn run(
    arguments: &DataCompatibilityArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let read =
        |path: &std::path::Path| -> Result<(Document, crate::evidence::InputRef), CommandError> {
            let file = path.display().to_string();
            // Held against the official schema first: what is no contract has no changes.
            let (_, input) = load_contract(path, &file, Some("odcs"))?;
            let text = files::read_text(path)?;
            let document = Document::parse(&file, &text)
                .map_err(|problems| problems_error(&file, &problems, &text))?;
            Ok((document, input))
        };
    let (old, old_input) = read(&arguments.old)?;
    let (new, new_input) = read(&arguments.new)?;
    let view = match arguments.of {
        CompatibilityView::Readers => View::Readers,
        CompatibilityView::Writers => View::Writers,
        CompatibilityView::Everyone => View::Everyone,
    };
    let changes = compatibility::changes(&old, &new);
    let inputs = [old_input, new_input.clone()];
    let evidence = compatibility::judge(&changes, view, &new_input.locator)
        .into_iter()
        .map(|record| record.from_inputs(&inputs))
        .collect();
    let subject = SubjectDigest {
        name: new_input.locator,
        sha256: new_input.sha256,
    };
    let run = identity(world, inputs.to_vec());
    outputs.publish(&RunReport::new(
        Step::DataValidation,
        run,
        vec![subject],
        evidence,
        Vec::new(),
    ))
}
