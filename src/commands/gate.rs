//! `gate`: is the model good enough, and no worse than the champion?

use super::context::Context;
use super::predictions::Side;
use super::{CommandError, Outputs, history, kept, predictions};
use crate::catalogue::READABLE_INPUT;
use crate::cli::Global;
use crate::engines::ImageTruth;
use crate::evidence::{
    Evidence, ExitCode, Figure, InputRef, Outcome, Reason, RunReport, Severity, Sha256, Step,
    Subject, SubjectDigest,
};
use crate::gates::{
    self, FIRST_MODEL, FirstModel, GateSpec, Recorded, RecordedSpec, VersionedInput,
};
use crate::io::World;
use crate::io::files;
use crate::signing::walk;
use crate::sources::{self, Asked, Read, SourceError};

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
    let mut found = Found {
        evidence: context.model_is_readable().into_iter().collect(),
        ..Found::default()
    };
    if let Some(candidate) = &spec.candidate {
        found.predictions(context, spec, candidate);
    }
    for (index, recorded) in spec.recorded.iter().enumerate() {
        let path = format!("gate.recorded[{index}]");
        found.recorded(context, recorded, spec.confidence, &path);
    }
    for (index, input) in spec.versioned.iter().enumerate() {
        found.versioned(context, input, &format!("gate.versioned[{index}]"));
    }
    let locate = |path: &str| context.locate(path);
    let expressions = gates::judge_expressions(
        &spec.expressions,
        &found.evidence,
        context.model_name(),
        &locate,
    );
    found.push(expressions, &found.inputs.clone());
    found.history(context, &spec.history);
    let subjects = found
        .inputs
        .iter()
        .map(|input| SubjectDigest {
            name: input.locator.clone(),
            sha256: input.sha256,
        })
        .collect();
    Ok(context.report(
        Step::Gate,
        Vec::new(),
        subjects,
        found.evidence,
        found.figures,
    ))
}

/// What was found so far, and in what.
#[derive(Default)]
struct Found {
    evidence: Vec<Evidence>,
    inputs: Vec<InputRef>,
    figures: Vec<Figure>,
}

/// The champion of the candidate.
enum Champion<T> {
    /// None is asked for.
    Unnamed,
    /// There is one.
    Known(T),
    /// There is none yet, and the first model may pass.
    First,
    /// It cannot be read, and evidence says why.
    Unknown,
}

/// A file that cannot be read, as evidence says.
struct Unreadable;

impl Found {
    /// Judges the predictions of the candidate, beside those of the champion.
    fn predictions(&mut self, context: &Context<'_>, spec: &GateSpec, candidate: &str) {
        let mut inputs = Vec::new();
        let Ok(truth) = self.truth(context, spec, &mut inputs) else {
            return;
        };
        let load =
            |locator: &str, side| predictions::load(context, spec, truth.as_ref(), locator, side);
        let of_champion = spec.champion.as_deref().map(|locator| {
            let loaded = load(locator, Side::Champion);
            (locator, loaded)
        });
        let of_candidate = load(candidate, Side::Candidate);
        let of_candidate = match of_candidate {
            Ok((predictions, input)) => {
                inputs.push(input);
                Some(predictions)
            }
            Err(error) => {
                self.unreadable(context, "gate.candidate", candidate, &error);
                None
            }
        };
        let champion = match of_champion {
            None => Champion::Unnamed,
            Some((locator, loaded)) => {
                let loaded = loaded.map(|(predictions, input)| {
                    inputs.push(input);
                    predictions
                });
                self.champion(context, "gate.champion", locator, loaded)
            }
        };
        let champion = match champion {
            Champion::Unnamed | Champion::First => Some(None),
            Champion::Known(champion) => Some(Some(champion)),
            // The comparison would say "no champion"; the record above says why.
            Champion::Unknown => None,
        };
        if let (Some(candidate), Some(champion)) = (&of_candidate, &champion) {
            let locate = |path: &str| context.locate(path);
            let outcome = gates::judge(spec, candidate, champion.as_ref(), &locate);
            self.push(outcome.evidence, &inputs);
            self.figures.extend(outcome.figures);
        }
        self.inputs.extend(inputs);
    }

    /// What is in the images, where objects are to be found; an error when evidence says why it is not to
    /// be had.
    fn truth(
        &mut self,
        context: &Context<'_>,
        spec: &GateSpec,
        inputs: &mut Vec<InputRef>,
    ) -> Result<Option<ImageTruth>, Unreadable> {
        let Some(locator) = spec.truth.as_deref() else {
            return Ok(None);
        };
        match predictions::load_truth(context, spec, locator) {
            Ok((truth, input)) => {
                inputs.push(input);
                Ok(Some(truth))
            }
            Err(error) => {
                self.unreadable(context, "gate.truth", locator, &error);
                Err(Unreadable)
            }
        }
    }

    /// Judges what another system recorded.
    fn recorded(
        &mut self,
        context: &Context<'_>,
        spec: &RecordedSpec,
        confidence: f64,
        path: &str,
    ) {
        let mut inputs = Vec::new();
        let mut recording = |read: Read| {
            inputs.extend(read.inputs);
            read.recording
        };
        let candidate = read_recorded(context, spec, &spec.candidate).map(&mut recording);
        let candidate = match candidate {
            Ok(recording) => Some(recording),
            Err(error) => {
                let path = format!("{path}.candidate");
                self.unreadable(context, &path, &spec.candidate, &error);
                None
            }
        };
        let champion = match spec.champion.as_deref() {
            None => Champion::Unnamed,
            Some(locator) => {
                let read = read_recorded(context, spec, locator).map(&mut recording);
                self.champion(context, &format!("{path}.champion"), locator, read)
            }
        };
        let first_model = matches!(champion, Champion::First);
        let champion = match champion {
            Champion::Unnamed | Champion::First => Some(None),
            Champion::Known(champion) => Some(Some(champion)),
            // As with predictions: an unreadable champion is said once.
            Champion::Unknown => None,
        };
        if let (Some(candidate), Some(champion)) = (&candidate, &champion) {
            let recorded = Recorded {
                candidate,
                champion: champion.as_ref(),
                first_model,
            };
            let locate = |path: &str| context.locate(path);
            let model = context.model_name();
            let judged = gates::judge_recorded(spec, model, recorded, confidence, path, &locate);
            self.push(judged, &inputs);
        }
        self.inputs.extend(inputs);
    }

    /// Pins what is versioned beside the model.
    fn versioned(&mut self, context: &Context<'_>, input: &VersionedInput, path: &str) {
        let location = context.locate(path);
        match version(context, input) {
            Ok(sha256) => {
                let pinned = InputRef {
                    locator: input.locator().to_owned(),
                    sha256,
                    fetched_at: None,
                };
                let record = input.record(context.model_name(), &sha256).at(location);
                self.push(vec![record], std::slice::from_ref(&pinned));
                self.inputs.push(pinned);
            }
            Err((reason, message)) => {
                let subject = Subject::File {
                    path: input.locator().to_owned(),
                };
                let record = Evidence::not_evaluated(READABLE_INPUT.id, subject, reason, message);
                self.evidence.push(record.at(location));
            }
        }
    }

    /// Sets what was found beside evidence of earlier runs.
    fn history(&mut self, context: &Context<'_>, locators: &[String]) {
        let mut runs = Vec::new();
        for (index, locator) in locators.iter().enumerate() {
            match history::read(context, locator) {
                Ok(found) => runs.extend(found),
                Err(error) => {
                    let path = format!("gate.history[{index}]");
                    self.unreadable(context, &path, locator, &error);
                }
            }
        }
        let started_at = context.identity().started_at;
        let model = context.model_name();
        let (record, figures) = gates::judge_history(model, &self.evidence, started_at, &runs);
        let location = context.locate("gate.history");
        self.evidence
            .extend(record.map(|record| record.at(location)));
        self.figures.extend(figures);
    }

    /// The champion that was read. What does not exist is no champion yet, when the configuration says
    /// so; what cannot be read or reached never is.
    fn champion<T>(
        &mut self,
        context: &Context<'_>,
        path: &str,
        locator: &str,
        read: Result<T, SourceError>,
    ) -> Champion<T> {
        let error = match read {
            Ok(champion) => return Champion::Known(champion),
            Err(error) => error,
        };
        let policy = context.config.gate.as_ref().map(|gate| gate.first_model);
        if policy != Some(FirstModel::Pass) || !error.is_absent() {
            self.unreadable(context, path, locator, &error);
            return Champion::Unknown;
        }
        let subject = Subject::File {
            path: locator.to_owned(),
        };
        let message = format!(
            "there is no champion yet ({error}), and `gate.first_model: pass` lets the first model pass; it is held against bounds and not compared"
        );
        let record = Evidence::new(FIRST_MODEL, subject, Outcome::Met, message);
        self.evidence
            .push(record.severity(Severity::Info).at(context.locate(path)));
        Champion::First
    }

    fn unreadable(
        &mut self,
        context: &Context<'_>,
        path: &str,
        locator: &str,
        error: &SourceError,
    ) {
        let subject = Subject::File {
            path: locator.to_owned(),
        };
        let message = error.to_string();
        let record = Evidence::not_evaluated(READABLE_INPUT.id, subject, error.reason(), message);
        self.evidence.push(record.at(context.locate(path)));
    }

    fn push(&mut self, evidence: Vec<Evidence>, inputs: &[InputRef]) {
        let records = evidence.into_iter();
        self.evidence
            .extend(records.map(|record| record.from_inputs(inputs)));
    }
}

/// The digest of a file, of a directory as that of a model, or of a value.
fn version(context: &Context<'_>, input: &VersionedInput) -> Result<Sha256, (Reason, String)> {
    if let Some(sha256) = input.value_digest() {
        return Ok(sha256);
    }
    let path = context.path(input.locator());
    if path.is_dir() {
        let manifest = walk::digest_model(&path, &[])
            .map_err(|error| (Reason::UnreadableInput, error.to_string()))?;
        return Ok(manifest.root_digest());
    }
    let (sha256, _) = files::digest(&path).map_err(|error| {
        let reason = match error.is_not_found() {
            true => Reason::MissingInput,
            false => Reason::UnreadableInput,
        };
        (reason, error.to_string())
    })?;
    Ok(sha256)
}

fn read_recorded(
    context: &Context<'_>,
    spec: &RecordedSpec,
    locator: &str,
) -> Result<Read, SourceError> {
    let unknown = || SourceError::Setting(format!("there is no source `{}`", spec.source));
    let source = sources::find(&spec.source).ok_or_else(unknown)?;
    let kept = kept::fetch(context, locator, &spec.candidate)?;
    let (root, name) = match &kept {
        Some(kept) => (kept.folder(), kept.name()),
        None => (context.root(), locator),
    };
    let rules = spec.metrics.iter();
    let metrics: Vec<&str> = rules.map(|rule| rule.metric.as_str()).collect();
    let read = source.read(&Asked {
        world: context.world,
        root,
        locator: name,
        server: spec.server.as_deref(),
        metrics: &metrics,
    });
    let mut read = read.map_err(|error| error.about(locator))?;
    for input in &mut read.inputs {
        if kept.is_some() && input.locator == name {
            locator.clone_into(&mut input.locator);
        }
    }
    Ok(read)
}
