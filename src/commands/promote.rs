//! `promote plan|apply|rollback|status|history`.

use std::fmt::Write as _;

use super::context::{Context, identity};
use super::promote_step::{self, Promotion};
use super::{CommandError, Outputs};
use crate::ci;
use crate::cli::{Global, HistoryArguments, PlanArguments, RollbackArguments};
use crate::evidence::{ExitCode, RunReport, Step};
use crate::io::World;
use crate::io::files;
use crate::io::output;
use crate::registries::folder::{Applied, Rollback, RollbackTarget};
use crate::registries::ledger::{Entry, Plan};
use crate::registries::{RegistryError, RegistryErrorKind};

/// Runs `promote plan`.
///
/// # Errors
/// When there is no verdict.
pub fn plan(
    global: &Global,
    arguments: &PlanArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let Promotion { report, plan, .. } = promote_step::plan(&context, arguments.stage.as_deref())?;
    if let (Some(path), Some(plan)) = (&arguments.plan, &plan) {
        output::write(path, plan.to_json().as_bytes())?;
    }
    if let Some(plan) = &plan {
        outputs.console.talk(&describe(plan, &report));
    }
    outputs.publish(&report)
}

fn describe(plan: &Plan, report: &RunReport) -> String {
    let would = if report.verdict().passed() {
        "would make"
    } else {
        "may not make"
    };
    let instead = match plan.from {
        Some(from) if from == plan.digest => "; it is live there now".to_owned(),
        Some(from) => format!(" instead of {}", from.short()),
        None => ", where nothing is live".to_owned(),
    };
    format!(
        "plan {} {would} `{}` {} live in `{}`{instead}",
        plan.digest().short(),
        plan.model,
        plan.digest.short(),
        plan.stage
    )
}

/// Runs `promote apply`.
///
/// # Errors
/// When there is no verdict, or the plan given is stale.
pub fn apply(
    global: &Global,
    arguments: &PlanArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let given = arguments.plan.as_deref().map(read_plan).transpose()?;
    let stage = match (&given, &arguments.stage) {
        (Some(plan), Some(stage)) if plan.stage.as_str() != stage => {
            return Err(CommandError::Usage(format!(
                "the plan is for `{}`, not for `{stage}`",
                plan.stage
            )));
        }
        (Some(plan), _) => Some(plan.stage.as_str().to_owned()),
        (None, stage) => stage.clone(),
    };
    let mut promotion = promote_step::plan(&context, stage.as_deref())?;
    if let (Some(given), Some(fresh)) = (given, &promotion.plan) {
        must_be_the_same(&given, fresh)?;
        promotion.plan = Some(given);
    }
    let (report, _) = promote_step::apply(&context, promotion)?;
    context.write_evidence(&report)?;
    outputs.publish(&report)
}

fn read_plan(path: &std::path::Path) -> Result<Plan, CommandError> {
    Plan::parse(&files::read_text(path)?).map_err(|error| CommandError::Malformed {
        path: path.display().to_string(),
        problem: error.to_string(),
    })
}

/// What was approved is what is applied: the same model, files and evidence.
fn must_be_the_same(given: &Plan, fresh: &Plan) -> Result<(), CommandError> {
    let same = given.model == fresh.model
        && given.digest == fresh.digest
        && given.version == fresh.version
        && given.files == fresh.files
        && given.evidence == fresh.evidence
        && given.signature == fresh.signature;
    if same {
        return Ok(());
    }
    let problem = "the model or its evidence has changed since the plan was made";
    let subject = format!("`{}` to `{}`", given.model, given.stage);
    Err(
        RegistryError::new(RegistryErrorKind::Conflict, "promote", subject, problem)
            .hint("make a new plan with `proofmark promote plan`")
            .into(),
    )
}

/// Runs `promote rollback`.
///
/// # Errors
/// When there is no such release, or a file of it is damaged.
pub fn rollback(
    global: &Global,
    arguments: &RollbackArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let stage = promote_step::stage_name(
        promote_step::policy_of(&context)?,
        arguments.stage.as_deref(),
    )?;
    let model = promote_step::model_name(&context)?;
    let registry = promote_step::registry(&context)?;
    let by = ci::actor(world);
    let rollback = Rollback {
        model: &model,
        stage: &stage,
        to: arguments
            .to
            .map_or(RollbackTarget::Previous, RollbackTarget::Sequence),
        by: &by,
        reason: arguments.reason.as_deref(),
    };
    let applied = registry.rollback(&rollback, world.now())?;
    let live = registry.state(&model, &stage)?;
    let digest = live
        .map(|release| release.entry.digest.short())
        .unwrap_or_default();
    let said = match applied {
        Applied::RolledBack(entry) | Applied::Promoted(entry) => {
            format!("`{model}` {digest} is live again in `{stage}` by ledger entry {entry}")
        }
        Applied::AlreadyLive(entry) => {
            format!(
                "nothing to do: `{model}` {digest} is live in `{stage}` since ledger entry {entry}"
            )
        }
    };
    outputs.say(&format!("{said}\n"))?;
    Ok(ExitCode::Passed)
}

/// Runs `promote status`. The report says whether ledger, files and views are whole.
///
/// # Errors
/// When the registry cannot be read.
pub fn status(global: &Global, world: &World, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let registry = promote_step::registry(&context)?;
    let evidence = registry.verify(None);
    let report = RunReport::new(
        Step::Promote,
        identity(world, context.configuration().to_vec()),
        Vec::new(),
        evidence,
        Vec::new(),
    );
    if outputs.for_a_person() && report.verdict().passed() {
        let mut text = String::new();
        for status in registry.status()? {
            let _ = writeln!(text, "{}", live_line(&status.release.entry));
        }
        if text.is_empty() {
            text.push_str("nothing is live\n");
        }
        outputs.say(&text)?;
    }
    outputs.publish(&report)
}

fn live_line(entry: &Entry) -> String {
    format!(
        "{}/{}  {}  since {} by {}  (entry {})",
        entry.model,
        entry.stage,
        entry.digest.short(),
        entry.at.format("%Y-%m-%d %H:%M UTC"),
        entry.by,
        entry.sequence
    )
}

/// Runs `promote history`: one line, or one JSON object, per entry.
///
/// # Errors
/// When the registry cannot be read or believed.
pub fn history(
    global: &Global,
    arguments: &HistoryArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let model = promote_step::model_name(&context)?;
    let ledger = promote_step::registry(&context)?.entries()?;
    let entries: Vec<&Entry> = ledger
        .entries()
        .filter(|entry| entry.model == model)
        .filter(|entry| {
            arguments
                .stage
                .as_deref()
                .is_none_or(|stage| entry.stage.as_str() == stage)
        })
        .collect();
    let mut text = String::new();
    if outputs.for_a_person() {
        for entry in &entries {
            let reason = entry
                .reason
                .as_deref()
                .map(|reason| format!("  ({reason})"))
                .unwrap_or_default();
            let _ = writeln!(
                text,
                "{:>4}  {}  {:11}  {}/{}  {}  by {}{reason}",
                entry.sequence,
                entry.at.format("%Y-%m-%d %H:%M UTC"),
                entry.kind.as_str(),
                entry.model,
                entry.stage,
                entry.digest.short(),
                entry.by
            );
        }
        if entries.is_empty() {
            text.push_str("nothing was ever promoted\n");
        }
        outputs.say(&text)?;
    } else {
        text = serde_json::to_string_pretty(&entries).expect("entries have only string keys");
        text.push('\n');
        outputs.data(&text)?;
    }
    Ok(ExitCode::Passed)
}
