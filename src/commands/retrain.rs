//! `retrain decide|dispatch`: look at the evidence, decide, claim, ask.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::{CommandError, Outputs, promote_step};
use crate::ci;
use crate::cli::{DecideArguments, DispatchArguments, Global};
use crate::evidence::{
    Evidence, ExitCode, Outcome, RunReport, Sha256, Step, Subject, SubjectDigest,
};
use crate::io::World;
use crate::io::files;
use crate::io::output;
use crate::orchestrators::{Dispatch, OrchestratorSpec, Start, Started, Surroundings};
use crate::registries::ledger::EntryKind;
use crate::registries::retrainings::{Claim, Event, RetrainingLog, Retrainings};
use crate::registries::{RegistryError, RegistryErrorKind};
use crate::retrain::{
    self, Action, Content, Decision, DecisionInputs, EvidenceFile, Live, Releases, RetrainSpec,
    Situation,
};
use crate::template::is_hidden;

/// How often a decision is made anew because somebody else has added to the log.
const ATTEMPTS_MAX: u32 = 64;

/// Directory of the log of retrainings, in the registry or the report directory.
const LOG: &str = "retrain";

/// Version of the file of `--decision`.
const DECISION_SCHEMA_VERSION: u32 = 1;

/// Characters of a problem kept in the log.
const PROBLEM_CHARACTERS_MAX: usize = 1_000;

/// Runs `retrain decide`.
///
/// # Errors
/// When there is no decision.
pub fn decide(
    global: &Global,
    arguments: &DecideArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let inquiry = Inquiry::load(&context, arguments)?;
    let decision = inquiry.decide(&inquiry.log.read()?);
    inquiry.finish(&decision, None, true, outputs)
}

/// Runs `retrain dispatch`.
///
/// # Errors
/// When there is no decision, or the training was not started or may not have been.
pub fn dispatch(
    global: &Global,
    arguments: &DispatchArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let inquiry = Inquiry::load(&context, &arguments.decide)?;
    let named = inquiry.spec.orchestrator.as_ref();
    let (name, system) = named.and_then(OrchestratorSpec::system).ok_or_else(|| {
        let message = "the configuration does not say who starts the training; hint: name it in \
                       `retrain.orchestrator`";
        CommandError::Usage(message.to_owned())
    })?;
    for _ in 0..ATTEMPTS_MAX {
        let retrainings = inquiry.log.read()?;
        let decision = inquiry.decide(&retrainings);
        if decision.action != Action::Fire {
            return inquiry.finish(&decision, None, arguments.dry_run, outputs);
        }
        let (order, surroundings) = (order(&decision), inquiry.surroundings());
        if arguments.dry_run {
            outputs.console.talk(&format!(
                "would claim decision {} and ask:\n{}",
                order.decision.short(),
                system.plan(&order, surroundings)
            ));
            return inquiry.finish(&decision, None, true, outputs);
        }
        let start =
            system
                .prepare(&order, surroundings)
                .map_err(|error| CommandError::Dispatch {
                    error,
                    in_doubt: None,
                })?;
        if let Some(claim) = inquiry.claim(&retrainings, &decision.inputs, name)? {
            let started = inquiry.carry_out(&claim, &decision, start, outputs)?;
            return inquiry.finish(&decision, Some(&started), false, outputs);
        }
    }
    let problem = format!("others were faster {ATTEMPTS_MAX} times");
    let subject = format!("a retraining of `{}`", context.model_name());
    let kind = RegistryErrorKind::Unavailable;
    Err(RegistryError::new(kind, "claim", subject, problem)
        .hint("run it again")
        .into())
}

/// Everything a decision is made of but the log, which others add to meanwhile.
struct Inquiry<'a> {
    context: &'a Context<'a>,
    arguments: &'a DecideArguments,
    spec: &'a RetrainSpec,
    data: EvidenceFile,
    files: BTreeMap<String, EvidenceFile>,
    releases: Option<Releases>,
    log: RetrainingLog,
    configuration: Sha256,
    by: String,
}

impl<'a> Inquiry<'a> {
    fn load(
        context: &'a Context<'a>,
        arguments: &'a DecideArguments,
    ) -> Result<Self, CommandError> {
        let spec = context.config.retrain.as_ref().ok_or_else(|| {
            CommandError::Usage("the configuration has no section `retrain`".to_owned())
        })?;
        let default = || context.output_locator("evidence/data-validation.json");
        let data = match &arguments.data_evidence {
            Some(path) => load(path, &path.display().to_string()),
            None => {
                let locator = spec.evidence.clone().unwrap_or_else(default);
                load(&context.path(&locator), &locator)
            }
        };
        let files = spec.evidence_files().into_iter().map(|locator| {
            let file = load(&context.path(locator), locator);
            (locator.to_owned(), file)
        });
        let configuration = context.configuration().first().map(|input| input.sha256);
        Ok(Self {
            context,
            arguments,
            spec,
            data,
            files: files.collect(),
            releases: releases(context, spec)?,
            log: RetrainingLog::new(log_directory(context)),
            configuration: configuration.expect("the configuration was read"),
            by: ci::actor(context.world),
        })
    }

    fn decide(&self, retrainings: &Retrainings) -> Decision {
        let model = self.context.model_name();
        let locate = |path: &str| self.context.locate(path);
        retrain::decide(
            self.spec,
            &Situation {
                model,
                data: &self.data,
                files: &self.files,
                releases: self.releases.as_ref(),
                history: &retrainings.of_model(model),
                reason: self.arguments.reason.as_deref(),
                by: &self.by,
                configuration: self.configuration,
                now: self.context.world.now(),
                locate: &locate,
            },
        )
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            world: self.context.world,
            root: self.context.root(),
        }
    }

    fn claim(
        &self,
        retrainings: &Retrainings,
        inputs: &DecisionInputs,
        orchestrator: &str,
    ) -> Result<Option<Claim>, CommandError> {
        let now = self.context.world.now();
        let claim = self
            .log
            .claim(retrainings, inputs, orchestrator, &self.by, now)?;
        Ok(claim)
    }

    /// Asks the orchestrator, once, and records what is known of it afterwards.
    fn carry_out(
        &self,
        claim: &Claim,
        decision: &Decision,
        start: Start<'_>,
        outputs: &Outputs,
    ) -> Result<Started, CommandError> {
        let now = || self.context.world.now();
        match start() {
            Ok(started) => {
                // Said before it is written: when the log cannot be written, the run is known anyway.
                let run = started.run.as_deref().unwrap_or("without a name");
                outputs.console.talk(&format!("started run {run}"));
                let run = started.run.clone();
                self.log.record(claim, Event::Started { run }, now())?;
                Ok(started)
            }
            Err(error) => {
                let in_doubt = error.may_have_started().then(|| decision.id());
                if in_doubt.is_none() {
                    let problem = visible(&error.to_string());
                    self.log.record(claim, Event::Failed { problem }, now())?;
                }
                Err(CommandError::Dispatch { error, in_doubt })
            }
        }
    }

    fn finish(
        &self,
        decision: &Decision,
        started: Option<&Started>,
        only_look: bool,
        outputs: &Outputs,
    ) -> Result<ExitCode, CommandError> {
        let report = self.report(decision, started);
        for cause in decision.causes() {
            outputs.console.talk(&format!("cause: {}", cause.message));
        }
        self.write_decision(decision, started)?;
        if !only_look {
            self.context.write_evidence(&report)?;
        }
        outputs.publish(&report)
    }

    /// The evidence of the decision. Waivers are for what is evaluated, not for what follows from it.
    fn report(&self, decision: &Decision, started: Option<&Started>) -> RunReport {
        let model = self.context.model_name();
        let champion = decision.inputs.champion.map(|sha256| SubjectDigest {
            name: model.to_owned(),
            sha256,
        });
        let of_data = self
            .data
            .report()
            .into_iter()
            .flat_map(|report| &report.subjects);
        let datasets = of_data.filter(|subject| subject.name != model).cloned();
        let mut evidence = decision.evidence.clone();
        evidence.extend(started.map(|started| dispatched(model, decision, started)));
        RunReport::new(
            Step::Retrain,
            self.context.identity().clone(),
            champion.into_iter().chain(datasets).collect(),
            evidence,
            Vec::new(),
        )
    }

    fn write_decision(
        &self,
        decision: &Decision,
        started: Option<&Started>,
    ) -> Result<(), CommandError> {
        let Some(path) = &self.arguments.decision else {
            return Ok(());
        };
        let value = serde_json::json!({
            "schema_version": DECISION_SCHEMA_VERSION,
            "action": decision.action,
            "decision": decision.id(),
            "inputs": decision.inputs,
            "started": started.is_some(),
            "run": started.and_then(|started| started.run.as_deref()),
        });
        let mut text = serde_json::to_string_pretty(&value).expect("a JSON value can be written");
        text.push('\n');
        output::write(path, text.as_bytes())?;
        Ok(())
    }
}

fn load(path: &Path, locator: &str) -> EvidenceFile {
    let content = match files::read_text(path) {
        Ok(text) => match RunReport::parse(&text) {
            Ok(report) => Content::Report(Box::new(report), Sha256::of(text.as_bytes())),
            Err(error) => Content::Unreadable(error.to_string()),
        },
        Err(error) if error.is_not_found() => Content::Missing,
        Err(error) => Content::Unreadable(error.problem.to_string()),
    };
    EvidenceFile {
        path: locator.to_owned(),
        content,
    }
}

/// What is and was live in the stage that serves; absent when there is no registry.
fn releases(context: &Context<'_>, spec: &RetrainSpec) -> Result<Option<Releases>, CommandError> {
    let Some(policy) = &context.config.promote else {
        return Ok(None);
    };
    let last = policy.stages.last().map(|stage| stage.name.as_str());
    let stage = promote_step::stage_name(policy, spec.stage.as_deref().or(last))?;
    let model = promote_step::model_name(context)?;
    let ledger = promote_step::registry(context)?.entries()?;
    let history = ledger.history(&model, &stage);
    let live = ledger.live(&model, &stage).and_then(|live| {
        let digest = live.entry.digest;
        let mut same = history
            .iter()
            .filter(|release| release.entry.digest == digest);
        let since = same.next()?.entry.at;
        Some(Live { digest, since })
    });
    let promotions = history
        .iter()
        .filter(|release| release.entry.kind == EntryKind::Promoted);
    Ok(Some(Releases {
        stage: stage.to_string(),
        live,
        promoted_at: promotions.map(|release| release.entry.at).max(),
    }))
}

fn log_directory(context: &Context<'_>) -> PathBuf {
    match &context.config.promote {
        Some(policy) => context.path(&policy.registry).join(LOG),
        None => context.output(LOG),
    }
}

fn order(decision: &Decision) -> Dispatch {
    let inputs = &decision.inputs;
    Dispatch {
        decision: decision.id(),
        model: inputs.model.clone(),
        champion: inputs.champion,
        causes: inputs
            .causes
            .iter()
            .map(|cause| (*cause).to_owned())
            .collect(),
        reason: inputs.reason.clone(),
    }
}

fn dispatched(model: &str, decision: &Decision, started: &Started) -> Evidence {
    let subject = Subject::Model {
        model: model.to_owned(),
    };
    let run = match &started.run {
        Some(run) => format!(" as run `{run}`"),
        None => ", and its system does not say as which run".to_owned(),
    };
    let decision = decision.id().short();
    let message = format!("the training of `{model}` was started{run}; decision {decision}");
    Evidence::new(retrain::DISPATCH, subject, Outcome::Met, message)
}

/// What other systems say, fit for the log.
fn visible(text: &str) -> String {
    let shown = text.chars().take(PROBLEM_CHARACTERS_MAX);
    shown
        .map(|character| match is_hidden(character) {
            true => '\u{fffd}',
            false => character,
        })
        .collect()
}
