//! What each command does, as a recipe: load, measure, judge, report. Decisions stand in the layers
//! below; the verdict and the exit code are functions of the report.

mod attest_predicate;
mod attestation_store;
mod card;
mod command_tree;
mod context;
mod data;
mod dev;
mod digest;
mod doctor;
mod error;
mod explain;
mod gate;
mod history;
mod imports_lock;
mod init;
mod kept;
mod outputs;
mod prediction_columns;
mod predictions;
mod progress;
mod promote;
mod promote_step;
mod publish;
mod report;
mod retrain;
mod run;
mod run_state;
mod scan;
mod self_verify;
mod sign;
mod sign_step;
mod signatory;
mod verify;
mod verify_policy;

use clap::CommandFactory as _;

pub use error::CommandError;

use crate::cli::{
    CardCommand, Cli, Command, CompletionsArguments, DataCommand, DevCommand, PromoteCommand,
    ReportCommand, RetrainCommand, SchemaArguments, SchemaOf, SelfCommand,
};
use crate::evidence::{ExitCode, RunReport};
use crate::io::World;
use crate::io::console::Console;
use crate::io::program;
use outputs::{Outputs, Since};

/// Runs a command.
///
/// # Errors
/// When there is no verdict: wrong usage, an unreadable configuration, a failed write.
pub fn execute(cli: &Cli, world: &World) -> Result<ExitCode, CommandError> {
    let global = &cli.global;
    if reads_no_tables(&cli.command) {
        program::prefer_small_pages();
    }
    let console = Console::new(world, global.color, global.quiet);
    let baseline = global.baseline.as_deref();
    let baseline = baseline.filter(|_| shows_a_report(&cli.command));
    let outputs = Outputs::new(global, console, baseline)?;
    let outcome = dispatch(cli, world, &outputs);
    if let Err(CommandError::Problems { problems, .. }) = &outcome {
        outputs.annotate(problems, world)?;
    }
    outcome
}

fn dispatch(cli: &Cli, world: &World, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(arguments) => init::run(global, arguments, world, outputs),
        Command::Run(arguments) => run::run(global, arguments, world, outputs),
        Command::Data(DataCommand::Validate(arguments)) => {
            data::validate::run(global, arguments, world, outputs)
        }
        Command::Data(DataCommand::Profile(arguments)) => {
            data::profile::run(global, arguments, world, outputs)
        }
        Command::Data(DataCommand::Diff(arguments)) => {
            data::diff::run(global, arguments, world, outputs)
        }
        Command::Data(DataCommand::Convert(arguments)) => {
            data::convert::run(arguments, world, outputs)
        }
        Command::Data(DataCommand::Compatibility(arguments)) => {
            data::compatibility::run(arguments, world, outputs)
        }
        Command::Gate => gate::run(global, world, outputs),
        Command::Scan(arguments) => scan::run(global, arguments, world, outputs),
        Command::Card(CardCommand::Build(arguments)) => {
            card::build(global, arguments, world, outputs)
        }
        Command::Card(CardCommand::Lint(arguments)) => {
            card::lint(global, arguments, world, outputs)
        }
        Command::Sign(arguments) => sign::sign(global, arguments, world, outputs),
        Command::Attest(arguments) => sign::attest(global, arguments, world, outputs),
        Command::Verify(arguments) => verify::run(global, arguments, world, outputs),
        Command::Digest(arguments) => digest::run(arguments, outputs),
        Command::Promote(command) => promote(command, cli, world, outputs),
        Command::Retrain(RetrainCommand::Decide(arguments)) => {
            retrain::decide(global, arguments, world, outputs)
        }
        Command::Retrain(RetrainCommand::Dispatch(arguments)) => {
            retrain::dispatch(global, arguments, world, outputs)
        }
        Command::Report(arguments) => match &arguments.command {
            Some(ReportCommand::Publish(arguments)) => publish::run(arguments, world, outputs),
            None => report::run(arguments, outputs),
        },
        Command::Doctor(arguments) => doctor::run(global, arguments, world, outputs),
        Command::Explain(arguments) => explain::run(arguments, outputs),
        Command::Schema(arguments) => schema(arguments, outputs),
        Command::Completions(arguments) => completions(arguments, outputs),
        Command::Man => manual(outputs),
        Command::SelfCommand(SelfCommand::Verify(arguments)) => {
            self_verify::run(arguments, world, outputs)
        }
        Command::Dev(DevCommand::Generate(arguments)) => dev::generate(arguments, outputs),
    }
}

/// Whether a command reads files through small buffers and no tables.
fn reads_no_tables(command: &Command) -> bool {
    matches!(
        command,
        Command::Scan(_)
            | Command::Sign(_)
            | Command::Attest(_)
            | Command::Verify(_)
            | Command::Digest(_)
    )
}

/// Whether a command can show a report. The others must not fail for a baseline in the environment.
fn shows_a_report(command: &Command) -> bool {
    !matches!(
        command,
        Command::Init(_)
            | Command::Explain(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man
            | Command::Digest(_)
            | Command::Dev(_)
    )
}

fn promote(
    command: &PromoteCommand,
    cli: &Cli,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let global = &cli.global;
    match command {
        PromoteCommand::Plan(arguments) => promote::plan(global, arguments, world, outputs),
        PromoteCommand::Apply(arguments) => promote::apply(global, arguments, world, outputs),
        PromoteCommand::Rollback(arguments) => promote::rollback(global, arguments, world, outputs),
        PromoteCommand::Status => promote::status(global, world, outputs),
        PromoteCommand::History(arguments) => promote::history(global, arguments, world, outputs),
    }
}

fn schema(arguments: &SchemaArguments, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let schema = match arguments.what {
        SchemaOf::Config => crate::config::json_schema(),
        SchemaOf::Policy => crate::policy::verification::json_schema(),
        SchemaOf::Evidence => schemars::schema_for!(RunReport).to_value(),
    };
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    outputs.data(&format!("{text}\n"))?;
    Ok(ExitCode::Passed)
}

fn completions(
    arguments: &CompletionsArguments,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Cli::command(),
        "proofmark",
        &mut script,
    );
    outputs.data(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::Passed)
}

fn manual(outputs: &Outputs) -> Result<ExitCode, CommandError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(CommandError::Console)?;
    outputs.data(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::Passed)
}
