//! The command line: types only. What each command does stands in `commands`.

mod data;
mod publish;
mod retrain;
mod self_verify;
mod signing;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, Resettable, TypedValueParser as _};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::evidence::Step;
use crate::io::console::ColorChoice;
use crate::report::Format;

pub use data::{
    CompatibilityView, DataCommand, DataCompatibilityArguments, DataConvertArguments,
    DataDiffArguments, DataProfileArguments, DataValidateArguments, Reference,
};
pub use publish::{CommentChoice, ForgeChoice, PublishArguments, StatusChoice, URL_BYTES_MAX};
pub use retrain::{DecideArguments, DispatchArguments, RetrainCommand};
pub use self_verify::{SelfCommand, SelfVerifyArguments};
pub use signing::{
    AttestArguments, AttestationStore, CertificateArguments, DigestArguments, HashingArguments,
    KeylessArguments, PasswordArguments, PolicyArguments, PredicateArguments, SignArguments,
    VerifyArguments,
};

/// Decide with signed evidence whether a machine-learning model may go live
///
/// Proofmark validates data, gates models on honest statistics, scans model files, builds model
/// cards, signs it all and promotes only what the evidence allows. One configuration file,
/// `proofmark.yaml`, drives every step, on this machine and in CI.
///
/// Exit codes: 0 passed or nothing to do, 2 usage or configuration, 3 input missing, 4 not
/// permitted, 5 unavailable (retry), 6 integrity failure, 7 conflict, 10 not passed, 11 passed with
/// warnings (with --exit-on-warn), 12 pending, 70 internal error.
#[derive(Debug, Parser)]
#[command(
    name = "proofmark",
    version,
    max_term_width = 100,
    after_help = "Examples:\n  proofmark run\n  proofmark run --config fixtures/credit/proofmark.yaml\n  proofmark gate --format markdown --output junit=gate.xml\n  proofmark explain metric-regression"
)]
pub struct Cli {
    /// What all commands share.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The command line of this process. Ends it with 2 when it is wrong, and with 0 after help. A
    /// variable that is set to nothing counts as unset: CI systems set those nobody filled in.
    #[must_use]
    pub fn from_process() -> Self {
        let matches = without_empty_variables(Self::command()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty =
        |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|argument| match argument.get_env() {
            Some(name) if is_empty(name) => argument.env(Resettable::Reset),
            Some(_) | None => argument,
        })
        .mut_subcommands(without_empty_variables)
}

/// Options every command accepts.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file
    #[arg(
        long,
        short,
        global = true,
        env = "PROOFMARK_CONFIG",
        default_value = "proofmark.yaml",
        value_name = "FILE"
    )]
    pub config: PathBuf,
    /// Format of the report on stdout
    #[arg(long, global = true, env = "PROOFMARK_FORMAT", default_value = "terminal", value_name = "FORMAT", value_parser = format_parser())]
    pub format: Format,
    /// Also write the report to a file; repeatable
    #[arg(long, global = true, value_name = "FORMAT=FILE", value_parser = parse_output)]
    pub output: Vec<Output>,
    /// When to use colour
    #[arg(
        long,
        global = true,
        env = "PROOFMARK_COLOR",
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub color: ColorChoice,
    /// List what was met too
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Say nothing but data and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Evidence of an earlier run, such as that of the base branch: reports say what has changed since
    #[arg(
        long,
        global = true,
        env = "PROOFMARK_BASELINE",
        value_name = "EVIDENCE"
    )]
    pub baseline: Option<PathBuf>,
    /// Exit with 11 instead of 0 when there are warnings
    #[arg(long, global = true, env = "PROOFMARK_EXIT_ON_WARN")]
    pub exit_on_warn: bool,
}

/// A report file: `junit=report.xml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// The file.
    pub path: PathBuf,
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    let names = Format::ALL.map(Format::as_str);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Format>())
}

fn parse_format(text: &str) -> Result<Format, String> {
    text.parse()
        .map_err(|error: crate::report::UnknownFormat| error.to_string())
}

fn parse_output(text: &str) -> Result<Output, String> {
    let (format, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or_else(|| format!("`{text}` is not FORMAT=FILE, such as `junit=report.xml`"))?;
    Ok(Output {
        format: parse_format(format)?,
        path: PathBuf::from(path),
    })
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Draft a configuration, a contract and a pipeline for this repository
    #[command(
        after_help = "Examples:\n  proofmark init --dry-run\n  proofmark init\n  proofmark init --ci gitlab\n\nMeasures the tables it finds and writes what they are like today as a draft contract; no value\nof a column that may be personal is written. Existing files are kept unless --force is given."
    )]
    Init(InitArguments),
    /// Run the whole chain: data, gate, scan, card, sign, promote
    ///
    /// Runs every step the configuration has a section for, each only when the one before passed, and
    /// leaves evidence, reports, card, signature and claims in the report directory.
    Run(RunArguments),
    /// Validate, describe and compare datasets
    ///
    /// Holds datasets against a data contract of the Open Data Contract Standard or a suite of another
    /// tool, describes them, compares them, and turns suites into contracts.
    #[command(
        subcommand,
        after_help = "Examples:\n  proofmark data validate\n  proofmark data profile data/may.parquet\n  proofmark data diff before.parquet after.parquet"
    )]
    Data(DataCommand),
    /// Judge the candidate model: metrics, slices, fairness, champion
    ///
    /// Computes metrics from predictions as scikit-learn defines them, overall and per slice, and
    /// decides bounds, non-inferiority against the champion and fairness. Too little data is not
    /// evaluated, and does not pass.
    #[command(
        after_help = "Examples:\n  proofmark gate\n  proofmark gate --format json > gate.json\n  proofmark gate --output markdown=summary.md --output junit=gate.xml"
    )]
    Gate,
    /// Look for unsafe content in the files of the model
    ///
    /// Follows every opcode of a pickle without running it and names what it would import and call;
    /// checks safetensors headers and the external data of ONNX models. What is unknown fails.
    #[command(
        after_help = "Examples:\n  proofmark scan\n  proofmark scan models/candidate/model.pkl\n  proofmark scan --format sarif downloads/model > scan.sarif"
    )]
    Scan(ScanArguments),
    /// Build and check the model card
    ///
    /// The card is made of the configuration's text and the evidence; each number cites the digest of
    /// the evidence it came from.
    #[command(
        subcommand,
        after_help = "Examples:\n  proofmark card build\n  proofmark card lint"
    )]
    Card(CardCommand),
    /// Sign a model (OpenSSF Model Signing v1.0)
    ///
    /// Signs the digests of all files of the model with a P-256, P-384 or P-521 key. With a
    /// configuration, the evidence of the steps before is attested too.
    #[command(
        after_help = "Examples:\n  proofmark sign\n  proofmark sign --model models/candidate --key signing.key --signature model.sig\n  proofmark sign --model models/candidate --key trainer.key --certificate trainer.pem --certificate-chain ca.pem --signature model.sig\n  proofmark sign --model models/candidate --keyless --signature model.sig\n  proofmark sign --generate-key --key signing.key --public-key signing.pub"
    )]
    Sign(SignArguments),
    /// Sign evidence as in-toto attestations about the model
    ///
    /// Each evidence file becomes a test-result attestation on the root digest of the model, in a
    /// Sigstore bundle of its own, one per line of the claims file.
    #[command(
        after_help = "Examples:\n  proofmark attest\n  proofmark attest --key signing.key proofmark-out/evidence/gate.json\n  proofmark attest --provenance --base-model resnet=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n  proofmark attest --predicate-type https://cyclonedx.org/bom --predicate bom.json\n  proofmark attest --model models/candidate --key ann.key --predicate-type https://in-toto.io/attestation/human-review/v0.1 --predicate review.json"
    )]
    Attest(AttestArguments),
    /// Verify the signature of a model, and the evidence about it
    ///
    /// Exits with 6 when a signature does not verify or a file is not as signed, and names every file
    /// that is missing, extra or changed.
    #[command(
        after_help = "Examples:\n  proofmark verify\n  proofmark verify --model models/candidate --signature model.sig --key signing.pub\n  proofmark verify --model models/candidate --signature model.sig --trust-root root.pem --certificate-identity trainer@example.com\n  proofmark verify --model models/candidate --signature model.sig --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-claim source_repository_identifier=123456\n  proofmark verify --claims claims.jsonl\n  proofmark verify --policy policy.yaml --model models/candidate --claims claims.jsonl"
    )]
    Verify(VerifyArguments),
    /// Print the digests that name a model in signatures and attestations
    ///
    /// The root digest is SHA-256 over the digests of all files. There are two, because the reference
    /// implementation of model signing sorts the files in another order than its specification.
    #[command(
        after_help = "Examples:\n  proofmark digest models/candidate\n  proofmark digest models/candidate --format json\n  proofmark digest models/candidate --hash blake3"
    )]
    Digest(DigestArguments),
    /// Plan, apply and undo promotions
    ///
    /// A stage demands signed evidence for exactly this model. The registry is a folder with an
    /// append-only ledger; a rollback is a new entry.
    #[command(
        subcommand,
        after_help = "Examples:\n  proofmark promote plan\n  proofmark promote apply --stage production\n  proofmark promote status"
    )]
    Promote(PromoteCommand),
    /// Decide whether the model must be trained again, and have it started
    ///
    /// A decision over evidence: drift, performance on live data, age, growth of the data, or a person
    /// who asks. Each decision is carried out at most once.
    #[command(
        subcommand,
        after_help = "Examples:\n  proofmark retrain decide\n  proofmark retrain dispatch --dry-run"
    )]
    Retrain(RetrainCommand),
    /// Render evidence files in any format, or publish them
    ///
    /// The exit code is that of the evidence shown.
    #[command(
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        after_help = "Examples:\n  proofmark report proofmark-out/evidence/gate.json --format markdown\n  proofmark report proofmark-out/evidence/*.json --output html=report.html --output sarif=report.sarif\n  proofmark report publish proofmark-out/evidence/gate.json --comment auto"
    )]
    Report(ReportArguments),
    /// Say whether everything needed is in place: configuration, inputs, keys, registry, clock, CI
    ///
    /// In a CI job of GitHub or GitLab, also asks the forge: is it reached, does it take the token, do
    /// the clocks agree.
    #[command(
        after_help = "Examples:\n  proofmark doctor\n  proofmark doctor --offline\n  proofmark doctor --format json\n\nExit codes: 0 all in place, 10 a problem, 11 warnings only (with --exit-on-warn)."
    )]
    Doctor(DoctorArguments),
    /// Explain a requirement: what it demands, how to meet it, where it comes from
    ///
    /// The ids are those of reports, evidence files and waivers.
    #[command(after_help = "Examples:\n  proofmark explain\n  proofmark explain null-fraction")]
    Explain(ExplainArguments),
    /// Print a JSON Schema
    #[command(
        after_help = "Examples:\n  proofmark schema config > proofmark.schema.json\n  proofmark schema evidence"
    )]
    Schema(SchemaArguments),
    /// Print a completion script
    #[command(
        after_help = "Examples:\n  proofmark completions bash > /etc/bash_completion.d/proofmark\n  proofmark completions fish > ~/.config/fish/completions/proofmark.fish"
    )]
    Completions(CompletionsArguments),
    /// Print the manual page
    #[command(after_help = "Examples:\n  proofmark man > proofmark.1")]
    Man,
    /// Verify this program itself
    #[command(name = "self", subcommand)]
    SelfCommand(SelfCommand),
    /// For those who work on proofmark
    #[command(subcommand, hide = true)]
    Dev(DevCommand),
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Build system to write a pipeline file for
    #[arg(long, value_name = "SYSTEM", default_value = "auto")]
    pub ci: CiChoice,
}

/// The build systems `init` can write for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CiChoice {
    /// Those found in the repository, else the one its remote offers
    Auto,
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// Jenkins
    Jenkins,
    /// None
    None,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  proofmark run\n  proofmark run --only data-validation,gate\n  proofmark run --stage production --output markdown=summary.md\n\nEvidence, reports, card, signature and claims are left in `report.directory` (default\nproofmark-out). Running again with unchanged inputs does nothing and says so."
)]
pub struct RunArguments {
    /// Steps to run, instead of all
    #[arg(long, value_delimiter = ',', value_name = "STEPS")]
    pub only: Vec<StepName>,
    /// Stage to promote to; the first of the configuration by default
    #[arg(long, env = "PROOFMARK_STAGE", value_name = "STAGE")]
    pub stage: Option<String>,
    /// Run although nothing has changed since the last run
    #[arg(long)]
    pub force: bool,
    /// Replace a signature that no longer matches the files, after a new training
    #[arg(long)]
    pub replace_signature: bool,
    /// Read every file of a dataset, also where results of an earlier run are known
    #[arg(long, env = "PROOFMARK_NO_CACHE")]
    pub no_cache: bool,
}

/// The steps that can be named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StepName {
    /// Validate the datasets
    DataValidation,
    /// Judge the model
    Gate,
    /// Scan the model files
    Scan,
    /// Build the card
    Card,
    /// Sign model and evidence
    Sign,
    /// Promote the model
    Promote,
}

impl From<StepName> for Step {
    fn from(name: StepName) -> Self {
        match name {
            StepName::DataValidation => Self::DataValidation,
            StepName::Gate => Self::Gate,
            StepName::Scan => Self::Scan,
            StepName::Card => Self::Card,
            StepName::Sign => Self::Sign,
            StepName::Promote => Self::Promote,
        }
    }
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArguments {
    /// Model files or directories to scan instead of the model of the configuration
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// Commands on model cards.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Build the card from the configuration and the evidence files
    #[command(
        after_help = "Examples:\n  proofmark card build\n  proofmark card build --output-directory docs/card"
    )]
    Build(CardArguments),
    /// Check that every figure of the card is still what the evidence says
    #[command(
        after_help = "Examples:\n  proofmark card lint\n  proofmark card lint --output-directory docs/card --format sarif"
    )]
    Lint(CardArguments),
}

/// Arguments of `card build` and `card lint`.
#[derive(Debug, Args)]
pub struct CardArguments {
    /// Directory of the card; `card` in the report directory by default
    #[arg(long, value_name = "DIRECTORY")]
    pub output_directory: Option<PathBuf>,
}

/// Commands on promotions.
#[derive(Debug, Subcommand)]
pub enum PromoteCommand {
    /// Say what a promotion would do and whether the policy allows it; changes nothing
    #[command(
        after_help = "Examples:\n  proofmark promote plan\n  proofmark promote plan --stage production --plan plan.json"
    )]
    Plan(PlanArguments),
    /// Promote: judge again, copy the files, write the ledger
    #[command(
        after_help = "Examples:\n  proofmark promote apply --stage production\n  proofmark promote apply --plan plan.json"
    )]
    Apply(PlanArguments),
    /// Make an earlier release live again
    #[command(
        after_help = "Examples:\n  proofmark promote rollback --stage production --reason \"too many complaints\"\n  proofmark promote rollback --stage production --to 3"
    )]
    Rollback(RollbackArguments),
    /// Say what is live where, and whether it is still whole
    #[command(
        after_help = "Examples:\n  proofmark promote status\n  proofmark promote status --format json"
    )]
    Status,
    /// List what was live, when and by whom
    #[command(
        after_help = "Examples:\n  proofmark promote history\n  proofmark promote history --stage production --format json"
    )]
    History(HistoryArguments),
}

/// Arguments of `promote plan` and `promote apply`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Stage; the first of the configuration by default
    #[arg(long, env = "PROOFMARK_STAGE", value_name = "STAGE")]
    pub stage: Option<String>,
    /// File of the plan: written by `plan`, read by `apply`
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

/// Arguments of `promote rollback`.
#[derive(Debug, Args)]
pub struct RollbackArguments {
    /// Stage; the first of the configuration by default
    #[arg(long, env = "PROOFMARK_STAGE", value_name = "STAGE")]
    pub stage: Option<String>,
    /// Number of the ledger entry to go back to; the release before by default
    #[arg(long, value_name = "SEQUENCE")]
    pub to: Option<u64>,
    /// Why, for the ledger
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Arguments of `promote history`.
#[derive(Debug, Args)]
pub struct HistoryArguments {
    /// Stage; all by default
    #[arg(long, env = "PROOFMARK_STAGE", value_name = "STAGE")]
    pub stage: Option<String>,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// What to do instead of rendering.
    #[command(subcommand)]
    pub command: Option<ReportCommand>,
    /// Evidence files, in the order they are shown
    #[arg(value_name = "EVIDENCE", required = true)]
    pub evidence: Vec<PathBuf>,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Ask nothing of the network
    #[arg(long)]
    pub offline: bool,
}

/// Commands on reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Show evidence in the pull or merge request and mark the commit
    ///
    /// Comments in place: one comment for a configuration and step, edited when the answer changes.
    /// Needs a token for that and nothing else; evidence from forks is believed no more than its
    /// digests allow. Exit codes: 0 published or nothing to do, 4 not permitted, 5 unavailable; the
    /// verdict of the evidence does not change them.
    #[command(
        after_help = "Examples:\n  proofmark report publish proofmark-out/evidence/gate.json --dry-run\n  proofmark report publish proofmark-out/evidence/*.json --comment auto --status commit-status\n  proofmark report publish report.json --forge github --repository acme/churn --change 7 --commit \"$GIT_COMMIT\""
    )]
    Publish(PublishArguments),
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Id of the requirement; all are listed without it
    #[arg(value_name = "REQUIREMENT")]
    pub requirement: Option<String>,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// What the schema describes
    pub what: SchemaOf,
}

/// The schemas that can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// proofmark.yaml
    Config,
    /// Evidence files
    Evidence,
    /// Policies of `verify --policy`
    Policy,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Commands for those who work on proofmark.
#[derive(Debug, Subcommand)]
pub enum DevCommand {
    /// Write the wrappers for GitHub Actions, GitLab CI and Jenkins
    #[command(after_help = "Examples:\n  proofmark dev generate\n  proofmark dev generate --check")]
    Generate(GenerateArguments),
}

/// Arguments of `dev generate`.
#[derive(Debug, Args)]
pub struct GenerateArguments {
    /// Write nothing, and fail when a file differs
    #[arg(long)]
    pub check: bool,
    /// Root of the repository
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    pub root: PathBuf,
}
