//! `data validate`: is the data fit? The plain way in full: load, measure, judge, report.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::{Context, identity, problems_error};
use super::{CommandError, Outputs};
use crate::catalogue::READABLE_INPUT;
use crate::checks::PlannedCheck;
use crate::cli::{DataValidateArguments, Global};
use crate::config::DataSpec;
use crate::contract::{self, Contract, DatasetPlan, PlanRequest};
use crate::drift::{self, Compared, DriftSpec};
use crate::engines::{self, EngineError, Measurement, Options, Request, TableSource};
use crate::evidence::{
    Evidence, ExitCode, InputRef, Location, Reason, RunReport, Sha256, Step, Subject, SubjectDigest,
};
use crate::io::World;
use crate::io::files::{self, FileError};
use crate::io::remote::RemoteProblem;
use crate::measure::{Distribution, Measure, Measured, TableFacts};

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
        return outputs.publish(&validate_files(contract, arguments, world)?);
    }
    let context = Context::load(global, world)?;
    let report = evaluate(&context)?;
    context.write_evidence(&report)?;
    outputs.publish(&report)
}

/// Validates the datasets of the configuration.
///
/// # Errors
/// When there is no `data` section, or the contract is missing or has problems.
pub fn evaluate(context: &Context<'_>) -> Result<RunReport, CommandError> {
    let Some(data) = &context.config.data else {
        return Err(CommandError::Usage(
            "the configuration has no section `data`".to_owned(),
        ));
    };
    let path = context.path(&data.contract);
    let (contract, contract_ref) = load_contract(&path, &data.contract, None)?;
    let mut datasets = Vec::new();
    for (index, spec) in data.datasets.iter().enumerate() {
        let request = PlanRequest {
            dataset: &spec.name,
            object: spec.object.as_deref(),
            environment: None,
            as_of: spec
                .as_of
                .map_or_else(|| context.world.now(), |as_of| as_of.0),
        };
        let plan = plan(&contract, &path, &request)?;
        datasets.push(Dataset {
            name: spec.name.clone(),
            object: spec.object.clone(),
            path: context.path(&spec.path),
            locator: spec.path.clone(),
            location: context.locate(&format!("data.datasets[{index}].path")),
            plan,
            compared: compared_columns(data, &spec.name, &contract, &path, &request)?,
        });
    }
    let others: Others = datasets
        .iter()
        .flat_map(|dataset| {
            let source = dataset.source();
            let object = dataset.object.clone();
            [
                (Some(dataset.name.clone()), source.clone()),
                (object, source),
            ]
        })
        .filter_map(|(name, source)| Some((name?, source)))
        .collect();
    let options = Options {
        examples_max: data.examples_max,
        trust_statistics: data.trust_statistics,
        ..Options::default()
    };
    let mut evidence = Vec::new();
    let mut subjects = Vec::new();
    let mut measured = Vec::new();
    for dataset in &datasets {
        let outcome = dataset.validate(&others, options);
        evidence.extend(outcome.evidence);
        subjects.extend(outcome.subject);
        measured.push((dataset.name.as_str(), outcome.distributions, outcome.input));
    }
    if let Some(drift) = &data.drift {
        evidence.extend(judge_drift(context, drift, &measured));
    }
    Ok(context.report(
        Step::DataValidation,
        vec![contract_ref],
        subjects,
        evidence,
        Vec::new(),
    ))
}

/// Validates files against a contract without a configuration.
fn validate_files(
    contract: &Path,
    arguments: &DataValidateArguments,
    world: &World,
) -> Result<RunReport, CommandError> {
    let locator = contract.display().to_string();
    let format = arguments.suite_format.as_deref();
    let (parsed, contract_ref) = load_contract(contract, &locator, format)?;
    let others: Others = arguments
        .reference
        .iter()
        .map(|reference| (reference.name.clone(), other(&reference.path)))
        .collect();
    let mut evidence = Vec::new();
    let mut subjects = Vec::new();
    for file in &arguments.files {
        let name = file.display().to_string();
        let request = PlanRequest {
            dataset: &name,
            object: arguments.object.as_deref(),
            environment: None,
            as_of: world.now(),
        };
        let dataset = Dataset {
            name: name.clone(),
            object: None,
            path: file.clone(),
            locator: name.clone(),
            location: None,
            plan: plan(&parsed, contract, &request)?,
            compared: Vec::new(),
        };
        let options = Options {
            examples_max: EXAMPLES_MAX_DEFAULT,
            trust_statistics: !arguments.no_metadata_shortcuts,
            ..Options::default()
        };
        let outcome = dataset.validate(&others, options);
        evidence.extend(outcome.evidence);
        subjects.extend(outcome.subject);
    }
    let run = identity(world, vec![contract_ref]);
    Ok(RunReport::new(
        Step::DataValidation,
        run,
        subjects,
        evidence,
        Vec::new(),
    ))
}

/// The other datasets rules may speak of, by name.
type Others = BTreeMap<String, TableSource>;

/// A dataset that is looked into, not validated.
fn other(path: &Path) -> TableSource {
    TableSource {
        path: path.to_owned(),
        locator: path.display().to_string(),
        types: Vec::new(),
    }
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
    contract
        .plan(request)
        .map_err(|problems| problems_error(&path.display().to_string(), &problems, contract.text()))
}

/// One dataset with all that is demanded of it.
struct Dataset {
    name: String,
    /// The object of the contract it is an instance of, when it is named.
    object: Option<String>,
    path: std::path::PathBuf,
    locator: String,
    /// The line of the configuration that names it.
    location: Option<Location>,
    plan: DatasetPlan,
    /// Columns whose distribution is needed for a comparison.
    compared: Vec<String>,
}

/// What became of one dataset.
struct Validated {
    evidence: Vec<Evidence>,
    subject: Option<SubjectDigest>,
    input: Option<InputRef>,
    distributions: Vec<(String, Measured)>,
}

impl Dataset {
    /// Measures everything in one pass, then judges.
    fn validate(&self, others: &Others, options: Options) -> Validated {
        match self.measure(others, options) {
            Ok((sha256, found)) => self.judge(sha256, &found.facts, &found.measured),
            Err(error) => Validated {
                evidence: vec![
                    unreadable(
                        &error,
                        Subject::Dataset {
                            dataset: self.name.clone(),
                        },
                    )
                    .at(self.location.clone()),
                ],
                subject: None,
                input: None,
                distributions: Vec::new(),
            },
        }
    }

    fn source(&self) -> TableSource {
        TableSource {
            path: self.path.clone(),
            locator: self.locator.clone(),
            types: self.plan.types.clone(),
            ..TableSource::default()
        }
    }

    fn measure(
        &self,
        others: &Others,
        options: Options,
    ) -> Result<(Sha256, Measurement), EngineError> {
        let before = files::stamp(&self.path)?;
        let (sha256, _) = files::digest(&self.path)?;
        let mut measures: Vec<Measure> = self
            .plan
            .checks
            .iter()
            .flat_map(PlannedCheck::measures)
            .collect();
        measures.extend(self.compared.iter().cloned().map(Measure::Distribution));
        let found = engines::measure(Request {
            source: &self.source(),
            measures: &measures,
            others,
            options,
        })?;
        if files::stamp(&self.path)? != before {
            let problem = files::FileProblem::Changed;
            return Err(FileError::because("read", &self.path, problem).into());
        }
        Ok((sha256, found))
    }

    fn judge(&self, sha256: Sha256, facts: &TableFacts, measured: &[Measured]) -> Validated {
        let input = InputRef {
            locator: self.locator.clone(),
            sha256,
            fetched_at: None,
        };
        let mut rest = measured;
        let mut evidence = Vec::new();
        for planned in &self.plan.checks {
            let (own, others) = rest.split_at(planned.measures().len().min(rest.len()));
            rest = others;
            for record in planned.judge(facts, own) {
                evidence.push(record.from_inputs(std::slice::from_ref(&input)));
            }
        }
        Validated {
            evidence,
            subject: Some(SubjectDigest {
                name: self.name.clone(),
                sha256,
            }),
            input: Some(input),
            distributions: self
                .compared
                .iter()
                .cloned()
                .zip(rest.iter().cloned())
                .collect(),
        }
    }
}

/// The evidence of an input that cannot be read.
pub(super) fn unreadable(error: &EngineError, subject: Subject) -> Evidence {
    let reason = match error {
        EngineError::File(error) if error.is_not_found() => Reason::MissingInput,
        EngineError::Remote(error) if error.problem == RemoteProblem::NotFound => {
            Reason::MissingInput
        }
        EngineError::File(_)
        | EngineError::Remote(_)
        | EngineError::UnknownFormat(_)
        | EngineError::Malformed { .. }
        | EngineError::Column { .. } => Reason::UnreadableInput,
    };
    Evidence::not_evaluated(READABLE_INPUT.id, subject, reason, error.to_string())
}

/// The columns of a dataset that drift compares: those named, or all the contract describes.
fn compared_columns(
    data: &DataSpec,
    dataset: &str,
    contract: &Contract,
    path: &Path,
    request: &PlanRequest<'_>,
) -> Result<Vec<String>, CommandError> {
    let Some(drift) = &data.drift else {
        return Ok(Vec::new());
    };
    if drift.reference != dataset && drift.current != dataset {
        return Ok(Vec::new());
    }
    match &drift.columns {
        Some(columns) => Ok(columns.clone()),
        None => Ok(plan(contract, path, request)?
            .types
            .into_iter()
            .map(|(column, _)| column)
            .collect()),
    }
}

type DistributionsOf<'a> = (&'a str, Vec<(String, Measured)>, Option<InputRef>);

fn judge_drift(
    context: &Context<'_>,
    spec: &DriftSpec,
    measured: &[DistributionsOf<'_>],
) -> Vec<Evidence> {
    let of = |name: &str| measured.iter().find(|(dataset, ..)| *dataset == name);
    let (Some(reference), Some(current)) = (of(&spec.reference), of(&spec.current)) else {
        return Vec::new();
    };
    let inputs: Vec<InputRef> = [&reference.2, &current.2]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let locate = |key: &str| context.locate(&format!("data.drift.{key}"));
    let mut evidence = Vec::new();
    for (column, now) in &current.1 {
        let before = reference
            .1
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, measured)| measured);
        let records = judge_column(spec, column, before, now, &locate);
        evidence.extend(
            records
                .into_iter()
                .map(|record| record.from_inputs(&inputs)),
        );
    }
    evidence
}

fn judge_column(
    spec: &DriftSpec,
    column: &str,
    before: Option<&Measured>,
    now: &Measured,
    locate: &dyn Fn(&str) -> Option<Location>,
) -> Vec<Evidence> {
    let compared = Compared {
        reference: &spec.reference,
        current: &spec.current,
        column,
    };
    match (before, now) {
        (Some(Measured::Distribution(before)), Measured::Distribution(now)) => {
            let (before, now) = (as_column(before), as_column(now));
            drift::judge(spec, &compared, &before.borrowed(), &now.borrowed(), locate)
        }
        (Some(Measured::Failed(reason, why)), _) | (_, Measured::Failed(reason, why)) => {
            let subject = Subject::Column {
                dataset: spec.current.clone(),
                column: column.to_owned(),
            };
            let message = format!("drift of {subject} was not evaluated: {why}");
            vec![
                Evidence::not_evaluated("drift-psi", subject, *reason, message)
                    .severity(spec.severity)
                    .at(locate("columns")),
            ]
        }
        _ => Vec::new(),
    }
}

fn as_column(distribution: &Distribution) -> OwnedColumn {
    match distribution {
        Distribution::Numeric(numeric) => {
            let values = numeric.points.iter();
            let values = values.flat_map(|(value, count)| (0..*count).map(move |_| *value));
            OwnedColumn::Numeric(values.collect(), numeric.null_count)
        }
        Distribution::Categorical(categorical) => {
            OwnedColumn::Categorical(categorical.counts.clone(), categorical.null_count)
        }
    }
}

/// What drift compares.
enum OwnedColumn {
    Numeric(Vec<f64>, u64),
    Categorical(std::collections::BTreeMap<String, u64>, u64),
}

impl OwnedColumn {
    fn borrowed(&self) -> drift::Column<'_> {
        match self {
            Self::Numeric(values, null_count) => drift::Column::Numeric {
                values,
                null_count: *null_count,
            },
            Self::Categorical(counts, null_count) => drift::Column::Categorical {
                counts,
                null_count: *null_count,
            },
        }
    }
}
