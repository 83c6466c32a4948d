//! Why a training was not started, or why that is not known.

use crate::evidence::ExitCode;
use crate::io::http::HttpSetupError;
use crate::io::process::ProcessError;
use crate::io::remote::RemoteError;
use crate::io::secret::NotASecret;

/// Why a training was not started, or why that is not known.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// The variable that should hold a token is not set.
    #[error(
        "the variable `{0}` is not set; hint: it must hold the token that may start the training"
    )]
    NoToken(String),
    /// The variable holds something that is no token.
    #[error(transparent)]
    NotAToken(#[from] NotASecret),
    /// The network cannot be used at all.
    #[error(transparent)]
    Setup(#[from] HttpSetupError),
    /// The other system did not do it, or did not say that it did.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The program did not do it.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

impl DispatchError {
    /// Whether the training may have been started all the same. Then nobody may ask again unseen.
    #[must_use]
    pub fn may_have_started(&self) -> bool {
        match self {
            Self::NoToken(_) | Self::NotAToken(_) | Self::Setup(_) => false,
            Self::Remote(error) => error.in_doubt,
            Self::Process(error) => match error {
                // A status other than 0 is how a program says that it started nothing.
                ProcessError::NotStarted { .. } | ProcessError::Failed { .. } => false,
                ProcessError::Stopped { .. } => true,
            },
        }
    }

    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoToken(_) | Self::NotAToken(_) => ExitCode::PermissionDenied,
            Self::Setup(HttpSetupError::Client(_)) => ExitCode::Unavailable,
            Self::Setup(HttpSetupError::File(_) | HttpSetupError::Certificates { .. }) => {
                ExitCode::InputMissing
            }
            Self::Remote(error) => error.problem.exit_code(),
            Self::Process(error) => match error {
                ProcessError::NotStarted { .. } => ExitCode::InputMissing,
                ProcessError::Failed { .. } | ProcessError::Stopped { .. } => ExitCode::Unavailable,
            },
        }
    }
}
