//! `data profile`: what is the data like? For people, for a contract, and as a reference for drift.

use std::path::Path;

use crate::cli::{DataProfileArguments, Global, Output};
use crate::commands::{CommandError, Outputs};
use crate::drift::{ColumnProfile, ReferenceProfile};
use crate::engines::{self, TableSource};
use crate::evidence::{ExitCode, InputRef};
use crate::io::World;
use crate::io::files;
use crate::io::output;
use crate::measure::{DISTINCT_MAX_DEFAULT, LogicalType, Measure, Measured, Reading, TableFacts};
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
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let Some(file) = &arguments.file else {
        return merge(arguments);
    };
    if let Some(path) = &arguments.contract
        && !arguments.force
        && path
            .symlink_metadata()
            .is_ok_and(|found| found.is_file() || found.is_symlink())
    {
        return Err(CommandError::Conflict(format!(
            "`{}` exists already, and nothing was written; hint: `--force` replaces it by the draft",
            path.display()
        )));
    }
    let locator = file.display().to_string();
    let source = TableSource::named(Path::new(""), &locator, Vec::new(), Reading::default());
    let mut source = source.fetch(world)?;
    let (facts, _) = engines::measure_alone(&source, &[], 0)?;
    let (_, of_types) = engines::measure_alone(&source, &draft::type_measures(&facts), 0)?;
    source.types = draft::types(&facts, &of_types);
    let (sha256, _) = source.digest()?;
    let measures = profile::measures(&facts, &source.types);
    let (facts, measured) = engines::measure_alone(&source, &measures, 0)?;
    let found = profile::profile(
        &locator,
        sha256,
        &facts,
        &source.types,
        &measured,
        |column, by_form| {
            let allowed = arguments.allow.iter().any(|name| name == column);
            !allowed && (by_form || names::is_personal(column))
        },
    );
    let named = global.output.iter().map(|output| &output.path);
    for path in named.chain(&arguments.contract).chain(&arguments.reference) {
        output::refuse_input(path)?;
    }
    if let Some(path) = &arguments.contract {
        write_contract(&source, path)?;
    }
    if let Some(path) = &arguments.reference {
        let input = InputRef {
            locator: locator.clone(),
            sha256,
            fetched_at: None,
        };
        let mut reference = reference(input, &facts, &source.types, &measures, &measured);
        for column in found.columns.iter().filter(|column| column.personal) {
            if let Some(kept) = reference.columns.get_mut(&column.name) {
                *kept = kept.without_values();
            }
        }
        output::write(path, reference.render().as_bytes())?;
    }
    for Output { format, path } in &global.output {
        output::write(path, rendered(&found, *format)?.as_bytes())?;
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

/// The reference profile of what was measured.
fn reference(
    input: InputRef,
    facts: &TableFacts,
    types: &[(String, LogicalType)],
    measures: &[Measure],
    measured: &[Measured],
) -> ReferenceProfile {
    let mut reference = ReferenceProfile::new(vec![input], facts.row_count);
    for (measure, measured) in measures.iter().zip(measured) {
        let (Measure::Distribution(column), Measured::Distribution(found)) = (measure, measured)
        else {
            continue;
        };
        let kind = types
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, kind)| *kind);
        let profile = ColumnProfile::new(kind, found.clone(), None);
        reference.columns.insert(column.clone(), profile);
    }
    reference
}

/// Profiles of shards or days as one.
fn merge(arguments: &DataProfileArguments) -> Result<ExitCode, CommandError> {
    let mut merged: Option<ReferenceProfile> = None;
    for path in &arguments.merge {
        let failed = |error: crate::drift::ProfileError| CommandError::Malformed {
            path: path.display().to_string(),
            problem: error.to_string(),
        };
        let profile = ReferenceProfile::parse(&files::read_text(path)?).map_err(failed)?;
        match &mut merged {
            Some(merged) => merged
                .merge(&profile, DISTINCT_MAX_DEFAULT)
                .map_err(failed)?,
            None => merged = Some(profile),
        }
    }
    let (Some(merged), Some(path)) = (merged, &arguments.reference) else {
        return Err(CommandError::Usage("name the file to describe".to_owned()));
    };
    output::write(path, merged.render().as_bytes())?;
    Ok(ExitCode::Passed)
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
    output::write(path, text.as_bytes())?;
    Ok(())
}
