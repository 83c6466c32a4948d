//! Where models go live: one folder per system we promote in.
//!
//! The truth is always a [`ledger`]: entries nobody changes any more. `folder` keeps one in a
//! directory, with the files of every release beside it; an alias or tag in a foreign registry will
//! be a projection of the same ledger. `retrainings` keeps the decisions to train again the same way. Whether a model may go live is decided in `policy`, what its
//! signature says in `signing`; a registry only refuses what would make the ledger untrue.

pub mod folder;
pub mod ledger;
pub mod retrainings;

use crate::evidence::ExitCode;
use crate::io::files::{FileError, FileProblem};

/// A registry could not do what was asked. Reads after "error: ".
#[derive(Debug, thiserror::Error)]
#[error("failed to {operation} {subject}: {problem}{}", hint_text(.hint))]
pub struct RegistryError {
    /// What kind of failure; decides the exit code.
    pub kind: RegistryErrorKind,
    /// What was tried, as a verb: `read`, `promote`, `roll back`.
    pub operation: &'static str,
    /// On what: a path or a release, in backticks where a user could type it.
    pub subject: String,
    /// What went wrong, as a lower-case fragment.
    pub problem: String,
    /// What can be done, when it is known.
    pub hint: Option<String>,
}

/// What kind of failure a [`RegistryError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegistryErrorKind {
    /// The release, entry or file is not there.
    NotFound,
    /// The operating system or the server refuses.
    PermissionDenied,
    /// The policy of the stage is not met.
    Refused,
    /// Somebody else was first, or the plan is stale. Plan again.
    Conflict,
    /// What was read or given is not of the shape it must have.
    Malformed,
    /// A digest or the chain of the ledger does not verify. Never retried.
    Integrity,
    /// This program, this version or this file system cannot do it.
    Unsupported,
    /// Too many others write at once; safe to retry.
    Unavailable,
    /// Anything else the operating system says; safe to retry.
    Other,
}

impl RegistryErrorKind {
    /// The exit code of the program when it fails for this.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::NotFound | Self::Malformed => ExitCode::InputMissing,
            Self::PermissionDenied => ExitCode::PermissionDenied,
            Self::Refused => ExitCode::NotPassed,
            Self::Conflict => ExitCode::Conflict,
            Self::Integrity => ExitCode::IntegrityFailure,
            Self::Unsupported => ExitCode::Usage,
            Self::Unavailable | Self::Other => ExitCode::Unavailable,
        }
    }
}

impl RegistryError {
    /// An error without a hint.
    #[must_use]
    pub fn new(
        kind: RegistryErrorKind,
        operation: &'static str,
        subject: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            operation,
            subject: subject.into(),
            problem: problem.into(),
            hint: None,
        }
    }

    /// The same error with a remedy.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl From<FileError> for RegistryError {
    fn from(error: FileError) -> Self {
        let kind = match &error.problem {
            FileProblem::NotFound => RegistryErrorKind::NotFound,
            FileProblem::AlreadyExists | FileProblem::IsInput => RegistryErrorKind::Conflict,
            FileProblem::PermissionDenied => RegistryErrorKind::PermissionDenied,
            FileProblem::TooLarge(_) | FileProblem::NotRegular | FileProblem::NotUtf8(_) => {
                RegistryErrorKind::Malformed
            }
            FileProblem::Changed => RegistryErrorKind::Integrity,
            FileProblem::Other(cause) => match cause.kind() {
                std::io::ErrorKind::ReadOnlyFilesystem => RegistryErrorKind::PermissionDenied,
                _ => RegistryErrorKind::Other,
            },
        };
        let subject = format!("`{}`", error.path.display());
        Self::new(kind, error.operation, subject, error.problem.to_string())
    }
}

fn hint_text(hint: &Option<String>) -> String {
    hint.as_ref()
        .map_or_else(String::new, |hint| format!("; hint: {hint}"))
}
