//! `report publish`: types only.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `report publish`.
#[derive(Debug, Args)]
pub struct PublishArguments {
    /// Evidence files, in the order they are shown
    #[arg(value_name = "EVIDENCE", required = true)]
    pub evidence: Vec<PathBuf>,
    /// When to comment on the pull or merge request
    #[arg(
        long,
        env = "PROOFMARK_COMMENT",
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub comment: CommentChoice,
    /// How to mark the commit
    #[arg(
        long,
        env = "PROOFMARK_STATUS",
        default_value = "off",
        value_name = "HOW"
    )]
    pub status: StatusChoice,
    /// Name that tells comments and statuses of one change apart; configuration and step by default
    #[arg(long, value_name = "TEXT")]
    pub key: Option<String>,
    /// Address of the full report, to link to; the CI run by default
    #[arg(long, env = "PROOFMARK_REPORT_URL", value_name = "URL")]
    pub report_url: Option<String>,
    /// Where to publish; the system this job runs in by default
    #[arg(long, env = "PROOFMARK_FORGE", value_name = "SYSTEM")]
    pub forge: Option<ForgeChoice>,
    /// Repository, `owner/name` or the path of the project; that of this job by default
    #[arg(long, value_name = "NAME")]
    pub repository: Option<String>,
    /// Commit to mark; the head of the change by default, never its merge commit
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// Number of the pull or merge request; that of this job by default
    #[arg(long, value_name = "NUMBER")]
    pub change: Option<u64>,
    /// Address of the API; that of this job by default
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// Environment variable that holds the token; `GITHUB_TOKEN` or `GITLAB_TOKEN` by default
    #[arg(long, value_name = "VARIABLE")]
    pub token_variable: Option<String>,
    /// Say what would be published, and ask nothing of the network
    #[arg(long)]
    pub dry_run: bool,
}

/// When to comment on a pull or merge request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CommentChoice {
    /// Never
    Off,
    /// Where there is a change and a token that may; otherwise say why not
    Auto,
    /// Always; it is an error when it cannot be done
    Always,
    /// As auto, but a comment is begun only when the verdict is not a pass
    OnFailure,
}

/// How to mark a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusChoice {
    /// Not at all
    Off,
    /// By a commit status
    CommitStatus,
    /// By a check run with annotations; GitHub only, and only with the token of an app of your own
    CheckRun,
}

/// The systems that host changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ForgeChoice {
    /// GitHub, also GitHub Enterprise Server
    Github,
    /// GitLab, also self-managed
    Gitlab,
}
