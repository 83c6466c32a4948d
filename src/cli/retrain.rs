//! `retrain decide` and `retrain dispatch`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::template::is_hidden;

/// Longest reason, in Unicode scalar values: a paragraph, as the log keeps it.
const REASON_CHARACTERS_MAX: usize = 1_000;

/// Commands on retraining.
#[derive(Debug, Subcommand)]
pub enum RetrainCommand {
    /// Say whether the model must be trained again, and why; changes nothing
    ///
    /// Looks at the evidence of the new data first: nothing is trained on data that is not fit. Then
    /// asks the causes of the configuration, then what speaks against starting now. Exit codes: 0
    /// train again or nothing to do, 10 the data is not fit or a person must look, 12 there is cause
    /// but it is not time yet.
    #[command(
        after_help = "Examples:\n  proofmark retrain decide\n  proofmark retrain decide --decision decision.json\n  proofmark retrain decide --data-evidence monitoring/data-validation.json --format markdown"
    )]
    Decide(DecideArguments),
    /// Decide, and have the training started when that is the decision
    ///
    /// The decision is claimed in the log of retrainings before anybody is asked, so that it is
    /// carried out at most once, whoever else decides the same and whenever this process dies. Exit
    /// codes: as `decide`; 4 not permitted, 5 it is not known whether the training was started or
    /// the other system is not there.
    #[command(
        after_help = "Examples:\n  proofmark retrain dispatch --dry-run\n  proofmark retrain dispatch\n  proofmark retrain dispatch --reason \"new labels for May\""
    )]
    Dispatch(DispatchArguments),
}

/// Arguments of `retrain decide`.
#[derive(Debug, Args)]
pub struct DecideArguments {
    /// Evidence file of the validation of the new data; `retrain.evidence` of the configuration by default
    #[arg(long, value_name = "FILE")]
    pub data_evidence: Option<PathBuf>,
    /// Ask for it as a person, and say why; a cause like the others
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    pub reason: Option<String>,
    /// Also write the decision with its inputs to a JSON file
    #[arg(long, value_name = "FILE")]
    pub decision: Option<PathBuf>,
}

/// Arguments of `retrain dispatch`.
#[derive(Debug, Args)]
pub struct DispatchArguments {
    /// What `decide` takes too.
    #[command(flatten)]
    pub decide: DecideArguments,
    /// Print what would be asked of whom, without secrets, and ask nobody
    #[arg(long)]
    pub dry_run: bool,
}

fn parse_reason(text: &str) -> Result<String, String> {
    let fine = !text.trim().is_empty()
        && text.chars().count() <= REASON_CHARACTERS_MAX
        && !text.chars().any(is_hidden);
    match fine {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "expected 1 to {REASON_CHARACTERS_MAX} characters, none of them a control character"
        )),
    }
}
