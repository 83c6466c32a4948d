//! `data convert`: a suite of any format as a data contract.

use super::validate::{load_contract, plan};
use crate::cli::DataConvertArguments;
use crate::commands::{CommandError, Outputs};
use crate::contract::PlanRequest;
use crate::contract::convert::{self, ContractName};
use crate::evidence::ExitCode;
use crate::io::World;

/// Runs the command.
///
/// # Errors
/// When the suite cannot be read.
pub fn run(
    arguments: &DataConvertArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let locator = arguments.suite.display().to_string();
    let format = arguments.suite_format.as_deref();
    let (suite, _) = load_contract(&arguments.suite, &locator, format)?;
    let stem = arguments.suite.file_stem().and_then(|stem| stem.to_str());
    let stem = stem.map(|stem| stem.trim_end_matches(".odcs"));
    let name = arguments.object.as_deref().or(stem).unwrap_or("dataset");
    let request = PlanRequest {
        dataset: name,
        object: arguments.object.as_deref(),
        as_of: world.now(),
        environment: None,
    };
    let plan = plan(&suite, &arguments.suite, &request)?;
    let id = format!("urn:proofmark:contract:{name}");
    let converted = convert::convert(
        &plan,
        &ContractName {
            id: &id,
            version: "1.0.0",
            object: name,
            made_from: &format!("{}, {locator}", suite.format().title),
        },
    )
    .map_err(|problem| CommandError::Malformed {
        path: locator.clone(),
        problem,
    })?;
    outputs.data(&converted.text)?;
    for note in &converted.notes {
        let place = note.location.as_ref();
        let place = place.map_or_else(|| locator.clone(), |at| format!("{}:{}", at.file, at.line));
        outputs.console.talk(&format!("{place}: {}", note.message));
    }
    Ok(ExitCode::Passed)
}
