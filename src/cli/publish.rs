//! `report publish`: types only.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use reqwest::Url;

use crate::template::is_hidden;

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
    #[arg(long, value_name = "TEXT", value_parser = parse_key)]
    pub key: Option<String>,
    /// Address of the full report, to link to; the CI run by default
    #[arg(long, env = "PROOFMARK_REPORT_URL", value_name = "URL", value_parser = parse_web_address)]
    pub report_url: Option<Url>,
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

/// Longest key, in characters: it is shown as the name of a check.
const KEY_CHARACTERS_MAX: usize = 100;

fn parse_key(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if text.chars().any(is_hidden) || text.trim().is_empty() || KEY_CHARACTERS_MAX < length {
        return Err(format!(
            "expected up to {KEY_CHARACTERS_MAX} visible characters in one line"
        ));
    }
    Ok(text.to_owned())
}

/// Longest address that is linked to, in bytes: what browsers and forges take.
pub const URL_BYTES_MAX: usize = 2_000;

fn parse_web_address(text: &str) -> Result<Url, String> {
    Url::parse(text)
        .ok()
        .filter(|url| url.as_str().len() <= URL_BYTES_MAX)
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
        .ok_or_else(|| {
            "expected a web address without credentials, of at most 2,000 bytes".to_owned()
        })
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
