//! `data validate`: is the data fit? The plain way in full: load, measure, judge, report.

use std::collections::BTreeSet;
use std::path::Path;

use super::dataset::{Dataset, Others, Place, Validated};
use super::{changes, drift, learning, partitions};
use crate::cli::{DataValidateArguments, Global};
use crate::commands::context::{Context, identity, problems_error};
use crate::commands::{CommandError, Outputs};
use crate::config::{DataSpec, DatasetSpec, ReportSpec};
use crate::contract::{self, Contract, DatasetPlan, PlanRequest};
use crate::drift::DriftSpec;
use crate::engines::spark::Relation;
use crate::engines::{EngineError, Options, TableSource};
use crate::evidence::{ExitCode, InputRef, RunReport, Sha256, Step};
use crate::io::World;
use crate::io::console::Console;
use crate::io::files;
use crate::measure::{CsvOptions, Reading};

/// Failing rows shown for each requirement when no configuration says how many.
const EXAMPLES_MAX_DEFAULT: u64 = 5;

/// Runs the command.
///
/// # Errors
/// When there is no verdict.
pub fn run(
    global: &Global,
    arguments: &DataValidateArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    if let Some(contract) = &arguments.contract {
        let report = validate_files(contract, arguments, world, &outputs.console)?;
        return outputs.publish(&changes::added_to_files(report, outputs));
    }
    let context = Context::load(global, world)?;
    let means = Means {
        outputs,
        shortcuts: !arguments.no_metadata_shortcuts,
        cache: !arguments.no_cache,
        examples: arguments.examples,
    };
    let report = evaluate(&context, means)?;
    context.write_evidence(&report)?;
    outputs.publish(&report)
}

/// By what means datasets are validated, and who is told.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Where it is said what was reused, and what an earlier report says.
    pub outputs: &'a Outputs,
    /// Whether statistics of files may answer.
    pub shortcuts: bool,
    /// Whether results of earlier runs may answer.
    pub cache: bool,
    /// How many failing rows are shown of each rule, when the command line says.
    pub examples: Option<u64>,
}

/// Validates the datasets of the configuration.
///
/// # Errors
/// When there is no `data` section, or the contract is missing or has problems.
pub fn evaluate(context: &Context<'_>, means: Means<'_>) -> Result<RunReport, CommandError> {
    let Some(data) = &context.config.data else {
        return Err(CommandError::Usage(
            "the configuration has no section `data`".to_owned(),
        ));
    };
    let path = context.path(&data.contract);
    let (contract, contract_ref) = load_contract(&path, &data.contract, None)?;
    let mut datasets = Vec::new();
    for (index, spec) in data.datasets.iter().enumerate() {
        datasets.push(dataset(context, data, spec, index, &contract, &path)?);
    }
    learning::add_checks(context, data, &mut datasets)?;
    mask_alike(&mut datasets);
    let mut others = Others::default();
    datasets.iter().for_each(|dataset| others.add(dataset));
    let options = Options {
        examples_max: means.examples.unwrap_or(data.examples_max),
        trust_statistics: data.trust_statistics && means.shortcuts,
        ..Options::default()
    };
    let directory = context.output(partitions::DIRECTORY);
    let cache = partitions::cache(context.world, directory, means.cache)?;
    let mut evidence = Vec::new();
    let mut subjects = Vec::new();
    let mut validated = Vec::new();
    let mut used = Vec::new();
    for dataset in &datasets {
        let mut outcome = dataset.validate(context.world, &others, options, cache.as_ref());
        used.extend(outcome.partitions.take());
        evidence.append(&mut outcome.evidence);
        subjects.extend(outcome.subject.take());
        validated.push((dataset.name.clone(), outcome));
    }
    if let Some(spec) = &data.drift {
        evidence.extend(drift::judge(context, spec, &validated)?);
    }
    partitions::say(&means.outputs.console, cache.as_ref(), &used);
    let mut report = context.report(
        Step::DataValidation,
        vec![contract_ref],
        subjects,
        evidence,
        Vec::new(),
    );
    report.run.partitions = used;
    Ok(changes::added(
        context,
        &data.changes,
        report,
        means.outputs,
    ))
}

/// Rules on one dataset can show values of another: what any of them hides by name is hidden in all.
fn mask_alike(datasets: &mut [Dataset]) {
    let hidden: BTreeSet<String> = datasets
        .iter()
        .flat_map(|dataset| dataset.plan.masks.personal())
        .collect();
    for dataset in datasets {
        dataset.plan.masks.elsewhere = hidden.clone();
    }
}

/// A dataset of the configuration.
fn dataset(
    context: &Context<'_>,
    data: &DataSpec,
    spec: &DatasetSpec,
    index: usize,
    contract: &Contract,
    path: &Path,
) -> Result<Dataset, CommandError> {
    let request = PlanRequest {
        dataset: &spec.name,
        object: spec.object.as_deref(),
        as_of: spec
            .as_of
            .map_or_else(|| context.world.now(), |as_of| as_of.0),
        environment: spec.environment.as_deref(),
    };
    let plan = plan(contract, path, &request)?;
    let is_compared = data.drift.as_ref().is_some_and(|drift| {
        drift.current == spec.name
            || (drift.reference_profile.is_none() && drift.reference_name() == spec.name)
    });
    let compared = match &data.drift {
        Some(drift) if is_compared => match &drift.columns {
            Some(columns) => columns.clone(),
            None => plan
                .types
                .iter()
                .map(|(column, _)| column.clone())
                .collect(),
        },
        Some(_) | None => Vec::new(),
    };
    let compared_by = match &data.drift {
        Some(drift) if is_compared => drift.slices.clone(),
        Some(_) | None => Vec::new(),
    };
    let mut dataset = Dataset {
        name: spec.name.clone(),
        object: spec.object.clone(),
        place: place(context, spec, &plan)?,
        location: context.locate(&format!("data.datasets[{index}].path")),
        plan,
        compared,
        compared_by,
        embeddings: Vec::new(),
    };
    let Some(drift) = data.drift.as_ref().filter(|_| is_compared) else {
        return Ok(dataset);
    };
    if dataset.compared.is_empty() {
        // A suite without types names no columns, and comparing none would pass unseen.
        dataset.compared = held(&dataset);
    }
    if !drift.embeddings.is_empty() {
        add_embeddings(&mut dataset, drift);
    }
    Ok(dataset)
}

/// The columns of a dataset, as far as they are known before it is read.
fn held(dataset: &Dataset) -> Vec<String> {
    let facts = dataset.facts().into_iter();
    let columns = facts.flat_map(|facts| facts.columns);
    columns.map(|column| column.name).collect()
}

/// Adds the embeddings to what is compared. Their columns are not compared one by one, unless that is
/// asked for by name.
fn add_embeddings(dataset: &mut Dataset, drift: &DriftSpec) {
    let held = held(dataset);
    let held: Vec<&str> = held.iter().map(String::as_str).collect();
    let embeddings = drift.embeddings.iter();
    dataset.embeddings = embeddings
        .map(|(name, embedding)| (name.clone(), embedding.columns(name, &held)))
        .collect();
    if drift.columns.is_none() {
        let embeddings = &dataset.embeddings;
        let is_part = |column: &String| embeddings.iter().any(|(_, all)| all.contains(column));
        dataset.compared.retain(|column| !is_part(column));
    }
}

/// Where the rows of a dataset are.
fn place(
    context: &Context<'_>,
    spec: &DatasetSpec,
    plan: &DatasetPlan,
) -> Result<Place, CommandError> {
    if let Some(spark) = spec
        .engine
        .as_ref()
        .and_then(|engine| engine.spark.as_ref())
    {
        let relation =
            Relation::table(&spec.path).map_err(|error| CommandError::Usage(error.to_string()))?;
        return Ok(Place::Spark {
            remote: spark.remote.clone(),
            relation,
        });
    }
    let reading = Reading {
        format: spec.format,
        csv: spec.csv.clone().unwrap_or_default(),
    };
    let source = TableSource {
        names: table_names(&spec.name, spec.object.as_deref(), plan),
        ..TableSource::named(context.root(), &spec.path, plan.types.clone(), reading)
    };
    Ok(match source.fetch(context.world) {
        Ok(source) => Place::Files(Box::new(source)),
        Err(error) => Place::Unavailable(Box::new(error)),
    })
}

/// What queries call the table of a dataset.
fn table_names(dataset: &str, object: Option<&str>, plan: &DatasetPlan) -> Vec<String> {
    let names = std::iter::once(dataset).chain(object).map(str::to_owned);
    names.chain(plan.names.iter().cloned()).collect()
}

/// Validates files against a contract without a configuration.
fn validate_files(
    contract: &Path,
    arguments: &DataValidateArguments,
    world: &World,
    console: &Console,
) -> Result<RunReport, CommandError> {
    let locator = contract.display().to_string();
    let format = arguments.suite_format.as_deref();
    let (parsed, contract_ref) = load_contract(contract, &locator, format)?;
    let mut others = Others::default();
    for reference in &arguments.reference {
        let source = source_of(&reference.path, Vec::new(), arguments).fetch(world)?;
        others.files.insert(reference.name.clone(), source);
    }
    let directory = Path::new(&ReportSpec::default().directory).join(partitions::DIRECTORY);
    let cache = partitions::cache(world, directory, !arguments.no_cache)?;
    let mut evidence = Vec::new();
    let mut subjects = Vec::new();
    let mut used = Vec::new();
    for file in &arguments.files {
        let name = file.display().to_string();
        let request = PlanRequest {
            dataset: &name,
            object: arguments.object.as_deref(),
            as_of: arguments.as_of.map_or_else(|| world.now(), |as_of| as_of.0),
            environment: arguments.environment.as_deref(),
        };
        let plan = plan(&parsed, contract, &request)?;
        let source = TableSource {
            names: table_names(&name, arguments.object.as_deref(), &plan),
            ..source_of(file, plan.types.clone(), arguments)
        };
        let dataset = Dataset {
            name: name.clone(),
            object: arguments.object.clone(),
            place: match source.fetch(world) {
                Ok(source) => Place::Files(Box::new(source)),
                Err(error @ EngineError::Remote(_)) => return Err(error.into()),
                Err(error) => Place::Unavailable(Box::new(error)),
            },
            location: None,
            plan,
            compared: Vec::new(),
            compared_by: Vec::new(),
            embeddings: Vec::new(),
        };
        others.add(&dataset);
        let options = Options {
            examples_max: arguments.examples.unwrap_or(EXAMPLES_MAX_DEFAULT),
            trust_statistics: !arguments.no_metadata_shortcuts,
            ..Options::default()
        };
        let outcome: Validated = dataset.validate(world, &others, options, cache.as_ref());
        used.extend(outcome.partitions);
        evidence.extend(outcome.evidence);
        subjects.extend(outcome.subject);
    }
    partitions::say(console, cache.as_ref(), &used);
    let mut run = identity(world, vec![contract_ref]);
    run.partitions = used;
    Ok(RunReport::new(
        Step::DataValidation,
        run,
        subjects,
        evidence,
        Vec::new(),
    ))
}

/// A file named on the command line.
fn source_of(
    path: &Path,
    types: Vec<(String, crate::measure::LogicalType)>,
    arguments: &DataValidateArguments,
) -> TableSource {
    let reading = Reading {
        format: arguments.input_format,
        csv: CsvOptions {
            encoding: arguments.encoding.clone(),
            delimiter: arguments.delimiter,
            header: !arguments.no_header,
            ..CsvOptions::default()
        },
    };
    TableSource::named(Path::new(""), &path.display().to_string(), types, reading)
}

/// Reads a contract or suite, in the format named or the one it looks like.
pub(super) fn load_contract(
    path: &Path,
    locator: &str,
    format: Option<&str>,
) -> Result<(Contract, InputRef), CommandError> {
    let file = path.display().to_string();
    let text = files::read_text(path)?;
    let contract = match format.and_then(contract::format) {
        Some(format) => Contract::parse_as(format, &file, &text),
        None => Contract::parse(&file, &text),
    };
    let contract = contract.map_err(|problems| problems_error(&file, &problems, &text))?;
    let input = InputRef {
        locator: locator.to_owned(),
        sha256: Sha256::of(text.as_bytes()),
        fetched_at: None,
    };
    Ok((contract, input))
}

/// The checks a contract demands of a dataset.
pub(super) fn plan(
    contract: &Contract,
    path: &Path,
    request: &PlanRequest<'_>,
) -> Result<DatasetPlan, CommandError> {
    if let Some(environment) = request.environment
        && !contract.knows_environments()
    {
        return Err(CommandError::Usage(format!(
            "the environment `{environment}` would change nothing: `{}` is {}, whose rules hold in all environments; hint: leave `environment` out",
            path.display(),
            contract.format().title
        )));
    }
    contract
        .plan(request)
        .map_err(|problems| problems_error(&path.display().to_string(), &problems, contract.text()))
}
