//! `gate`: is the model good enough, and no worse than the champion?

use super::context::Context;
use super::data::unreadable;
use super::{CommandError, Outputs};
use crate::cli::Global;
use crate::engines::{self, EngineError, PredictionColumns, SeriesColumns, TableSource};
use crate::evidence::{Evidence, ExitCode, InputRef, RunReport, Step, Subject, SubjectDigest};
use crate::gates::{self, GateSpec, Predictions};
use crate::io::World;
use crate::io::files::{self, FileError, FileProblem};

/// Runs the command.
///
/// # Errors
/// When there is no verdict.
pub fn run(global: &Global, world: &World, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let report = evaluate(&context)?;
    context.write_evidence(&report)?;
    outputs.publish(&report)
}

/// Judges the candidate of the configuration.
///
/// # Errors
/// When there is no `gate` section.
pub fn evaluate(context: &Context<'_>) -> Result<RunReport, CommandError> {
    let Some(spec) = &context.config.gate else {
        return Err(CommandError::Usage(
            "the configuration has no section `gate`".to_owned(),
        ));
    };
    let model = context.model_name();
    let mut evidence: Vec<Evidence> = context.model_is_readable().into_iter().collect();
    let mut inputs = Vec::new();
    let mut load = |locator: &str, key: &str, name: &str| match load(context, spec, locator, name) {
        Ok((predictions, input)) => {
            inputs.push(input);
            Some(predictions)
        }
        Err(error) => {
            let subject = Subject::File {
                path: locator.to_owned(),
            };
            evidence.push(unreadable(&error, subject).at(context.locate(&format!("gate.{key}"))));
            None
        }
    };
    let candidate = load(&spec.candidate, "candidate", model);
    let champion = spec
        .champion
        .as_deref()
        .map(|locator| load(locator, "champion", "champion"));
    let mut figures = Vec::new();
    // With an unreadable champion the comparison would say "no champion"; the record above says why.
    if let (Some(candidate), None | Some(Some(_))) = (&candidate, &champion) {
        let locate = |path: &str| context.locate(path);
        let outcome = gates::judge(spec, candidate, champion.flatten().as_ref(), &locate);
        evidence.extend(
            outcome
                .evidence
                .into_iter()
                .map(|record| record.from_inputs(&inputs)),
        );
        figures = outcome.figures;
    }
    let subjects = inputs
        .iter()
        .map(|input| SubjectDigest {
            name: input.locator.clone(),
            sha256: input.sha256,
        })
        .collect();
    Ok(context.report(Step::Gate, Vec::new(), subjects, evidence, figures))
}

fn load(
    context: &Context<'_>,
    spec: &GateSpec,
    locator: &str,
    model: &str,
) -> Result<(Predictions, InputRef), EngineError> {
    let path = context.path(locator);
    let before = files::stamp(&path)?;
    let (sha256, _) = files::digest(&path)?;
    let source = TableSource {
        path,
        locator: locator.to_owned(),
        types: Vec::new(),
        ..TableSource::default()
    };
    let columns = columns(spec);
    let rows = engines::load_predictions(&source, &columns)?;
    if files::stamp(&source.path)? != before {
        return Err(FileError::because("read", &source.path, FileProblem::Changed).into());
    }
    let predictions =
        Predictions::new(model, rows.ids, rows.sample, rows.groups).map_err(|error| {
            EngineError::Column {
                path: locator.to_owned(),
                problem: error.to_string(),
            }
        })?;
    let input = InputRef {
        locator: locator.to_owned(),
        sha256,
        fetched_at: None,
    };
    Ok((predictions, input))
}

/// What the columns of the files mean.
fn columns(spec: &GateSpec) -> PredictionColumns<'_> {
    let names = &spec.columns;
    let scores = names.scores.iter();
    PredictionColumns {
        task: spec.task,
        id: names.id.as_deref(),
        label: &names.label,
        score: &names.score,
        scores: scores
            .map(|(class, column)| (class.as_str(), column.as_str()))
            .collect(),
        prediction: names.prediction.as_deref(),
        interval: names.lower.as_deref().zip(names.upper.as_deref()),
        query: names.query.as_deref(),
        series: SeriesColumns {
            series: names.series.as_deref(),
            timestamp: names.timestamp.as_deref(),
            origin: names.origin.as_deref(),
            horizon: names.horizon.as_deref(),
            quantiles: spec.quantiles(),
        },
        weight: names.weight.as_deref(),
        cluster: names.cluster.as_deref(),
        groups: spec.group_columns().into_iter().collect(),
        numbers: spec.number_columns().into_iter().collect(),
        positive: &spec.positive,
        threshold: spec.threshold,
    }
}
