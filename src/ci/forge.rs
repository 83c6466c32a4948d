//! What a forge, the system that hosts code and its changes, can be asked to show.

use chrono::{DateTime, Utc};

use crate::io::remote::RemoteError;

/// A forge, reached with one token. The two there are, GitHub and GitLab, each stand in a file.
pub trait Forge {
    /// Its name, as people write it.
    fn name(&self) -> &'static str;

    /// Asks something harmless: whether the forge is there, and what it says of the token, if there is
    /// one.
    ///
    /// # Errors
    /// When it is not reached, or does not take the token.
    fn probe(&self) -> Result<Probe, RemoteError>;

    /// Whose token this is.
    ///
    /// # Errors
    /// When the forge does not say.
    fn viewer(&self) -> Result<Viewer, RemoteError>;

    /// The comments on a change that hold `marker`, oldest first. At most [`COMMENTS_MAX`] comments are
    /// looked at.
    ///
    /// # Errors
    /// When they cannot be read.
    fn comments(&self, change: u64, marker: &str) -> Result<Vec<Comment>, RemoteError>;

    /// Begins a comment. Sent once: a second time could leave two.
    ///
    /// # Errors
    /// When it cannot be begun, or when it is not known whether it was.
    fn create_comment(&self, change: u64, body: &str) -> Result<Comment, RemoteError>;

    /// Replaces the text of a comment.
    ///
    /// # Errors
    /// When it cannot be replaced.
    fn update_comment(&self, change: u64, id: u64, body: &str) -> Result<(), RemoteError>;

    /// Takes a comment away; one that is gone already is no error.
    ///
    /// # Errors
    /// When it cannot be taken away.
    fn delete_comment(&self, change: u64, id: u64) -> Result<(), RemoteError>;

    /// Marks a commit with a status.
    ///
    /// # Errors
    /// When it cannot be marked.
    fn set_status(&self, commit: &str, status: &CommitStatus) -> Result<(), RemoteError>;

    /// The open change whose newest commit on this branch is `commit`; for jobs that are started by
    /// another, and are told only the branch.
    ///
    /// # Errors
    /// When it cannot be looked up.
    fn change_of(&self, branch: &BranchHead) -> Result<Option<u64>, RemoteError>;

    /// Adds a check run to a commit, with annotations on its lines.
    ///
    /// # Errors
    /// When the forge has none, or it cannot be added.
    fn add_check_run(&self, commit: &str, run: &CheckRun) -> Result<(), RemoteError>;
}

/// Comments of one change that are looked at: what lies beyond is not found again, and a new comment is
/// begun.
pub const COMMENTS_MAX: usize = 3_000;

/// What a forge says of itself and of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// Account of the token.
    pub login: Option<String>,
    /// Scopes of the token, for kinds of tokens that have some.
    pub scopes: Option<Vec<String>>,
    /// The time there.
    pub time: Option<DateTime<Utc>>,
}

/// Whose token a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Name of the account; an app is `name[bot]` on GitHub.
    pub login: String,
}

/// A comment on a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its number; a newer one is larger.
    pub id: u64,
    /// Name of the account that wrote it.
    pub author: String,
    /// Its text.
    pub body: String,
}

/// A branch, possibly of a fork, and its newest commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchHead {
    /// Owner of the repository the branch is in.
    pub owner: String,
    /// Name of the branch.
    pub branch: String,
    /// The commit.
    pub commit: String,
}

/// How a commit is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// What tells it from other marks of the same commit.
    pub context: String,
    /// The answer.
    pub state: State,
    /// One line.
    pub description: String,
    /// Where a person can read more.
    pub url: Option<String>,
}

/// The answer as a forge shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Passed.
    Success,
    /// Not yet: something has to be waited for.
    Pending,
    /// Not passed.
    Failure,
    /// There is no answer: an input is missing, something does not verify.
    Error,
}

/// A check run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRun {
    /// Its name.
    pub name: String,
    /// The answer.
    pub state: State,
    /// Whether something that does not block deserves a look.
    pub warns: bool,
    /// One line.
    pub title: String,
    /// Markdown.
    pub summary: String,
    /// Where a person can read more.
    pub url: Option<String>,
    /// What is shown on single lines, worst first.
    pub annotations: Vec<crate::report::Annotation>,
}
