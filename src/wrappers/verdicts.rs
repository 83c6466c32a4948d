//! The verdicts as the wrappers hand them on: one word for each exit code that is one.

use crate::evidence::ExitCode;

/// The word of a verdict; `None` for what is no verdict.
#[must_use]
pub fn word(code: ExitCode) -> Option<&'static str> {
    match code {
        ExitCode::Passed => Some("pass"),
        ExitCode::NotPassed => Some("fail"),
        ExitCode::PassedWithWarnings => Some("warn"),
        ExitCode::Pending => Some("pending"),
        ExitCode::RolledBack => Some("rolled-back"),
        ExitCode::Usage
        | ExitCode::InputMissing
        | ExitCode::PermissionDenied
        | ExitCode::Unavailable
        | ExitCode::IntegrityFailure
        | ExitCode::Conflict
        | ExitCode::Internal
        | ExitCode::Interrupted => None,
    }
}

/// Every verdict with its exit code.
pub fn verdicts() -> impl Iterator<Item = (u8, &'static str)> {
    ExitCode::ALL
        .iter()
        .filter_map(|code| Some((code.code(), word(*code)?)))
}
