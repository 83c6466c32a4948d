//! `run`: the whole chain. Each step goes on only when the one before passed.

use indicatif::{ProgressBar, ProgressStyle};

use super::context::Context;
use super::run_state::RunState;
use super::sign_step::{KEY_VARIABLE, SignAs};
use super::{CommandError, Outputs, card, data, gate, promote_step, scan, sign_step};
use crate::catalogue::EARLIER_STEP;
use crate::cli::{Global, RunArguments};
use crate::evidence::{Evidence, ExitCode, Reason, RunReport, Step, Subject};
use crate::io::World;
use crate::io::{files, output};
use crate::report::Format;
use crate::signing::signers::KeyReference;

/// The steps of the chain, in order.
const STEPS: [Step; 6] = [
    Step::DataValidation,
    Step::Gate,
    Step::Scan,
    Step::Card,
    Step::Sign,
    Step::Promote,
];

/// The reports a run leaves in the report directory.
const REPORTS: [(Format, &str); 5] = [
    (Format::Json, "report.json"),
    (Format::Html, "report.html"),
    (Format::Markdown, "report.md"),
    (Format::Junit, "report.junit.xml"),
    (Format::Sarif, "report.sarif"),
];

/// Runs the command.
///
/// # Errors
/// When there is no verdict.
pub fn run(
    global: &Global,
    arguments: &RunArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let steps = steps(&context, arguments);
    let whole = arguments.only.is_empty();
    if whole
        && !arguments.force
        && let Some(state) = RunState::current(&context, arguments.stage.as_deref())
    {
        return nothing_to_do(&context, &state, outputs);
    }
    // The report directory is made first, so that a full or read-only disk is found out early.
    files::create_directory(&context.output("evidence"))?;
    let report = chain(&context, &steps, arguments, outputs)?;
    for (format, name) in REPORTS {
        outputs.write(&report, format, &context.output(name))?;
    }
    if whole && report.verdict().passed() {
        remember(&context, &steps, arguments)?;
    }
    let code = outputs.publish(&report)?;
    if outputs.for_a_person() {
        outputs.console.talk(&format!(
            "\nreports, evidence, card and signature are in `{}`",
            context.output("").display()
        ));
    }
    Ok(code)
}

/// The steps asked for, or all the configuration has a section for.
fn steps(context: &Context<'_>, arguments: &RunArguments) -> Vec<Step> {
    let only: Vec<Step> = arguments.only.iter().copied().map(Step::from).collect();
    let configured = |step: Step| match step {
        Step::DataValidation => context.config.data.is_some(),
        Step::Gate => context.config.gate.is_some(),
        Step::Scan => true,
        Step::Card => context.config.card.is_some(),
        Step::Sign => context.config.sign.is_some(),
        Step::Promote => context.config.promote.is_some(),
        Step::Retrain | Step::Run | Step::Doctor | Step::SelfVerify => false,
    };
    STEPS
        .into_iter()
        .filter(|step| {
            if only.is_empty() {
                configured(*step)
            } else {
                only.contains(step)
            }
        })
        .collect()
}

fn chain(
    context: &Context<'_>,
    steps: &[Step],
    arguments: &RunArguments,
    outputs: &Outputs,
) -> Result<RunReport, CommandError> {
    let progress = progress(outputs, steps.len());
    let mut reports: Vec<RunReport> = Vec::new();
    for step in steps {
        progress.set_message(step.as_str());
        let stopped_at = reports
            .iter()
            .find(|report| !report.verdict().passed())
            .map(|report| report.step);
        let report = match stopped_at {
            Some(stopped_at) => not_tried(context, *step, stopped_at),
            None => evaluate(context, *step, arguments, outputs)?,
        };
        context.write_evidence(&report)?;
        reports.push(report);
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(RunReport::of_steps(context.identity().clone(), reports))
}

fn evaluate(
    context: &Context<'_>,
    step: Step,
    arguments: &RunArguments,
    outputs: &Outputs,
) -> Result<RunReport, CommandError> {
    match step {
        Step::DataValidation => data::validate::evaluate(
            context,
            data::validate::Means {
                outputs,
                shortcuts: true,
                cache: !arguments.no_cache,
                examples: None,
            },
        ),
        Step::Gate => gate::evaluate(context),
        Step::Scan => scan::evaluate(context),
        Step::Card => card::evaluate(context, &card::directory(context, None)),
        Step::Sign => {
            let key = context.world.variable(KEY_VARIABLE).map(KeyReference::from);
            let sign_as = SignAs {
                key: key.as_ref(),
                replace: arguments.replace_signature,
                ..SignAs::default()
            };
            sign_step::evaluate(context, &sign_as)
        }
        Step::Promote | Step::Retrain | Step::Run | Step::Doctor | Step::SelfVerify => {
            promote_step::evaluate(context, arguments.stage.as_deref())
        }
    }
}

fn not_tried(context: &Context<'_>, step: Step, stopped_at: Step) -> RunReport {
    let subject = Subject::Model {
        model: context.model_name().to_owned(),
    };
    let message = format!(
        "`{}` was not tried, because `{}` did not pass",
        step.as_str(),
        stopped_at.as_str()
    );
    let record = Evidence::not_evaluated(EARLIER_STEP.id, subject, Reason::EarlierStep, message);
    context.report(step, Vec::new(), Vec::new(), vec![record], Vec::new())
}

fn remember(
    context: &Context<'_>,
    steps: &[Step],
    arguments: &RunArguments,
) -> Result<(), CommandError> {
    if !steps.contains(&Step::Sign) || !steps.contains(&Step::Promote) {
        return Ok(());
    }
    let mut written: Vec<String> = steps
        .iter()
        .map(|step| format!("evidence/{}.json", step.as_str()))
        .collect();
    written.extend(REPORTS.iter().map(|(_, name)| (*name).to_owned()));
    written.extend([
        sign_step::SIGNATURE.to_owned(),
        sign_step::CLAIMS.to_owned(),
    ]);
    if steps.contains(&Step::Card) {
        written.extend(["card/card.json", "card/README.md", "card/card.html"].map(str::to_owned));
    }
    let stage = promote_step::stage_name(
        promote_step::policy_of(context)?,
        arguments.stage.as_deref(),
    )?;
    if let Some(state) = RunState::after(context, stage.as_str(), &written)? {
        state.write(context)?;
    }
    Ok(())
}

/// Says that nothing has changed, and publishes the report of the run that said so.
fn nothing_to_do(
    context: &Context<'_>,
    state: &RunState,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let path = context.output("report.json");
    let (report, _) = super::context::parse_evidence(&path, &files::read_text(&path)?)?;
    output::may_be_replaced(&path);
    outputs.publish_with(&report, || {
        format!(
            "nothing to do: `{}` {} passed on {} and is live in `{}`; inputs, evidence and signature are unchanged\n",
            context.model_name(),
            state.model.short(),
            state.finished_at.format("%Y-%m-%d %H:%M UTC"),
            state.stage
        )
    })
}

fn progress(outputs: &Outputs, steps: usize) -> ProgressBar {
    if !outputs.console.interactive {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} [{pos}/{len}] {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::new(steps as u64).with_style(style);
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    bar
}
