//! Why a command has no verdict, and the exit code that says so.

use crate::contract::Problem;
use crate::engines::EngineError;
use crate::engines::spark::{OpenError, SparkError};
use crate::evidence::{ExitCode, Sha256};
use crate::io::files::{FileError, FileProblem};
use crate::io::http::HttpSetupError;
use crate::io::remote::RemoteError;
use crate::io::secret::NotASecret;
use crate::orchestrators::DispatchError;
use crate::registries::RegistryError;
use crate::report::RenderError;
use crate::signing::SigningError;
use crate::signing::signers::ServiceProblem;
use crate::signing::signers::keyless::IdentityProblem;

/// Why a command has no verdict.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Problems of a configuration or contract, already rendered with their lines.
    #[error("{}{} in `{file}`; nothing was run", rendered, count_text(.problems.len()))]
    Problems {
        /// The file.
        file: String,
        /// The problems.
        problems: Vec<Problem>,
        /// The problems as text, each with its place.
        rendered: String,
    },
    /// The command line or the configuration asks for what cannot be.
    #[error("error: {0}")]
    Usage(String),
    /// Something is in the way that must not be overwritten unseen.
    #[error("error: {0}")]
    Conflict(String),
    /// A file could not be read or written.
    #[error("error: {0}")]
    File(#[from] FileError),
    /// An evidence file, a plan or a card cannot be used.
    #[error("error: failed to read `{path}`: {problem}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Data could not be read.
    #[error("error: {0}")]
    Engine(#[from] EngineError),
    /// Signing or verifying failed.
    #[error("error: {0}")]
    Signing(#[from] SigningError),
    /// The registry could not do it.
    #[error("error: {0}")]
    Registry(#[from] RegistryError),
    /// A training was not started, or may not have been.
    #[error("error: failed to start the training: {error}{}", doubt(.in_doubt))]
    Dispatch {
        /// Why.
        error: DispatchError,
        /// The decision that stays claimed, because the training may have been started all the same.
        in_doubt: Option<Sha256>,
    },
    /// A report could not be rendered.
    #[error("error: {0}")]
    Render(#[from] RenderError),
    /// The card could not be rendered.
    #[error("error: failed to render the card: {0}")]
    Card(#[from] crate::cards::RenderError),
    /// Another system did not do what it was asked.
    #[error("error: {0}")]
    Remote(#[from] RemoteError),
    /// The network cannot be used.
    #[error("error: {0}")]
    Network(#[from] HttpSetupError),
    /// A token cannot be used.
    #[error("error: {0}")]
    Secret(#[from] NotASecret),
    /// Stdout could not be written.
    #[error("error: failed to write to stdout: {0}")]
    Console(std::io::Error),
}

impl CommandError {
    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Problems { .. } | Self::Usage(_) => ExitCode::Usage,
            Self::Conflict(_) => ExitCode::Conflict,
            Self::File(error) | Self::Engine(EngineError::File(error)) => exit_code_of(error),
            Self::Signing(error) => exit_code_of_signing(error),
            Self::Registry(error) => error.kind.exit_code(),
            Self::Dispatch { error, .. } => error.exit_code(),
            Self::Remote(error) | Self::Engine(EngineError::Remote(error)) => {
                error.problem.exit_code()
            }
            Self::Engine(EngineError::Spark(error)) => exit_code_of_spark(error),
            Self::Malformed { .. } | Self::Engine(_) => ExitCode::InputMissing,
            Self::Render(_) | Self::Card(_) => ExitCode::Internal,
            Self::Network(error) => exit_code_of_network(error),
            Self::Console(_) => ExitCode::Unavailable,
            Self::Secret(_) => ExitCode::PermissionDenied,
        }
    }
}

fn exit_code_of(error: &FileError) -> ExitCode {
    let reading = error.operation == "read";
    match &error.problem {
        FileProblem::PermissionDenied if !reading => ExitCode::PermissionDenied,
        FileProblem::Other(cause) if cause.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
            ExitCode::PermissionDenied
        }
        // No retry makes a directory a file.
        FileProblem::Other(cause)
            if !reading
                && matches!(
                    cause.kind(),
                    std::io::ErrorKind::IsADirectory | std::io::ErrorKind::NotADirectory
                ) =>
        {
            ExitCode::Usage
        }
        FileProblem::Other(_) if !reading => ExitCode::Unavailable,
        FileProblem::AlreadyExists => ExitCode::Conflict,
        FileProblem::IsInput => ExitCode::Usage,
        FileProblem::NotRegular if !reading => ExitCode::Usage,
        FileProblem::NotFound
        | FileProblem::PermissionDenied
        | FileProblem::TooLarge(_)
        | FileProblem::NotRegular
        | FileProblem::NotUtf8(_)
        | FileProblem::Changed
        | FileProblem::Other(_) => ExitCode::InputMissing,
    }
}

fn exit_code_of_network(error: &HttpSetupError) -> ExitCode {
    match error {
        HttpSetupError::File(error) => exit_code_of(error),
        HttpSetupError::Certificates { .. } => ExitCode::InputMissing,
        HttpSetupError::Client(_) => ExitCode::Unavailable,
    }
}

fn exit_code_of_spark(error: &SparkError) -> ExitCode {
    match error {
        SparkError::Address(_) | SparkError::Relation(_) => ExitCode::Usage,
        SparkError::Open(OpenError::Setup(error)) => exit_code_of_network(error),
        SparkError::Open(OpenError::Remote(error)) | SparkError::Remote(error) => {
            error.problem.exit_code()
        }
        SparkError::Unreadable { .. } => ExitCode::InputMissing,
    }
}

fn exit_code_of_signing(error: &SigningError) -> ExitCode {
    match error {
        SigningError::File(error) => exit_code_of(error),
        SigningError::IgnoredPath { .. }
        | SigningError::NoPassword(_)
        | SigningError::EmptyPassword(_)
        | SigningError::UnknownScheme { .. } => ExitCode::Usage,
        SigningError::Manifest(_)
        | SigningError::SymbolicLink(_)
        | SigningError::EndlessLink(_)
        | SigningError::OtherHashing
        | SigningError::SpecialFile(_)
        | SigningError::NotUnicode(_)
        | SigningError::CertificateFile { .. }
        | SigningError::Key { .. } => ExitCode::InputMissing,
        SigningError::Service { problem, .. } => exit_code_of_service(problem),
        SigningError::Cryptography { .. } => ExitCode::Internal,
        SigningError::Malformed { .. } => ExitCode::InputMissing,
        SigningError::Remote(error) => error.problem.exit_code(),
        SigningError::Network(error) => exit_code_of_network(error),
        SigningError::Secret(_) => ExitCode::PermissionDenied,
        SigningError::Identity(problem) => match problem {
            IdentityProblem::NoToken(_) => ExitCode::PermissionDenied,
            IdentityProblem::Token | IdentityProblem::Services(_) => ExitCode::InputMissing,
            IdentityProblem::Answer(_) => ExitCode::Unavailable,
            IdentityProblem::OtherKey(_) | IdentityProblem::Faulty(_) => ExitCode::IntegrityFailure,
        },
        SigningError::Claim(_)
        | SigningError::OtherKey { .. }
        | SigningError::Mismatch(_)
        | SigningError::Certificate(_)
        | SigningError::OtherSubject { .. }
        | SigningError::Keyless(_) => ExitCode::IntegrityFailure,
    }
}

fn exit_code_of_service(problem: &ServiceProblem) -> ExitCode {
    match problem {
        ServiceProblem::Reference(_)
        | ServiceProblem::NotSet { .. }
        | ServiceProblem::Place { .. }
        | ServiceProblem::Secret(_) => ExitCode::Usage,
        ServiceProblem::Kind(_) => ExitCode::InputMissing,
        ServiceProblem::File(error) | ServiceProblem::Network(HttpSetupError::File(error)) => {
            exit_code_of(error)
        }
        ServiceProblem::Network(HttpSetupError::Certificates { .. }) => ExitCode::InputMissing,
        ServiceProblem::Network(HttpSetupError::Client(_)) | ServiceProblem::Process(_) => {
            ExitCode::Unavailable
        }
        ServiceProblem::Remote(error) => error.problem.exit_code(),
    }
}

fn doubt(in_doubt: &Option<Sha256>) -> String {
    in_doubt.map_or_else(String::new, |decision| {
        format!(
            "; it may have been started all the same, so decision {} stays claimed and is not carried \
             out again",
            decision.short()
        )
    })
}

fn count_text(count: usize) -> String {
    match count {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    }
}
