//! `data profile`: what is the data like? For people, for a contract, and as a reference for drift.

use std::path::Path;

use super::{CommandError, Outputs};
use crate::cli::{DataProfileArguments, Global, Output};
use crate::engines::{self, TableSource};
use crate::evidence::ExitCode;
use crate::io::files;
use crate::profile::{self, DatasetProfile};
use crate::report::Format;
use crate::scaffold::contract::{self, ContractObject};
use crate::scaffold::{names, profile as draft};

/// Runs the command.
///
/// # Errors
/// When the file cannot be read or an output cannot be written.
pub fn run(
    global: &Global,
    arguments: &DataProfileArguments,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let Some(file) = &arguments.file else {
        return Err(CommandError::Usage("name the file to describe".to_owned()));
    };
    let locator = file.display().to_string();
    let mut source = TableSource {
        path: file.clone(),
        locator: locator.clone(),
        types: Vec::new(),
    };
    let (facts, _) = engines::measure_alone(&source, &[], 0)?;
    let (_, of_types) = engines::measure_alone(&source, &draft::type_measures(&facts), 0)?;
    source.types = draft::types(&facts, &of_types);
    let (sha256, _) = files::digest(file)?;
    let measures = profile::measures(&facts, &source.types);
    let (facts, measured) = engines::measure_alone(&source, &measures, 0)?;
    let found = profile::profile(
        &locator,
        sha256,
        &facts,
        &source.types,
        &measured,
        names::is_personal,
    );
    if let Some(path) = &arguments.contract {
        write_contract(&source, path)?;
    }
    for Output { format, path } in &global.output {
        files::write_atomic(path, rendered(&found, *format)?.as_bytes())?;
    }
    match global.format {
        Format::Terminal => outputs.say(&profile::table(&found))?,
        format => outputs.data(&rendered(&found, format)?)?,
    }
    Ok(ExitCode::Passed)
}

fn rendered(found: &DatasetProfile, format: Format) -> Result<String, CommandError> {
    match format {
        Format::Terminal => Ok(profile::table(found)),
        Format::Html => profile::page(found)
            .map_err(|error| CommandError::Usage(format!("failed to render the profile: {error}"))),
        Format::Json => {
            let text = serde_json::to_string_pretty(found).expect("a profile is plain data");
            Ok(format!("{text}\n"))
        }
        other => Err(CommandError::Usage(format!(
            "a profile has no format `{}`; it has `terminal`, `json` and `html`",
            other.as_str()
        ))),
    }
}

/// The draft `init` would write, for this table alone.
fn write_contract(source: &TableSource, path: &Path) -> Result<(), CommandError> {
    let (facts, _) = engines::measure_alone(source, &[], 0)?;
    let mut measures = draft::measures(&facts, &source.types);
    measures.extend(draft::maximum_measures(&source.types));
    let (facts, measured) = engines::measure_alone(source, &measures, 0)?;
    let stem = source.path.file_stem().and_then(|stem| stem.to_str());
    let name = stem.unwrap_or("dataset").to_owned();
    let object = ContractObject {
        name: name.clone(),
        datasets: vec![source.locator.clone()],
        profile: draft::profile(&facts, &source.types, &measured),
    };
    let text = contract::draft(&name, &[object])
        .map_err(|error| CommandError::Usage(format!("failed to draft the contract: {error}")))?;
    files::write_atomic(path, text.as_bytes())?;
    Ok(())
}
