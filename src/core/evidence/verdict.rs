//! The answer of a run, and the exit code that carries it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, Reason, Severity};
use super::record::Evidence;

/// The answer of a run. Ordered: a later value weighs more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything required was evaluated and holds.
    Passed,
    /// Nothing blocks, something deserves a look.
    PassedWithWarnings,
    /// Nothing fails, but something has to be waited for.
    Pending,
    /// A requirement is not met, or could not be evaluated for lack of data.
    NotPassed,
    /// A required input is on a system that is not to be reached now, so there is no answer.
    Unavailable,
    /// A required input is on a system that does not permit it, so there is no answer.
    NotPermitted,
    /// A required input is missing or unreadable, so there is no answer.
    InputMissing,
    /// A signature, a digest or the ledger does not verify.
    IntegrityFailure,
}

impl Verdict {
    /// The verdict of a list of evidence. No evidence at all is not a pass. What is not met stays so
    /// whatever a missing input would have said.
    #[must_use]
    pub fn of(evidence: &[Evidence]) -> Self {
        if evidence.is_empty() {
            return Self::NotPassed;
        }
        let worst = evidence.iter().map(Self::of_one).max();
        let is_decided = |one: &Evidence| one.blocks() && one.outcome == Outcome::NotMet;
        match worst {
            Some(worst) if worst.lacks_input() && evidence.iter().any(is_decided) => {
                Self::NotPassed
            }
            Some(worst) => worst,
            None => Self::NotPassed,
        }
    }

    /// Whether there is no answer because an input is not to be had.
    #[must_use]
    pub fn lacks_input(self) -> bool {
        match self {
            Self::Unavailable | Self::NotPermitted | Self::InputMissing => true,
            Self::Passed
            | Self::PassedWithWarnings
            | Self::Pending
            | Self::NotPassed
            | Self::IntegrityFailure => false,
        }
    }

    fn of_one(evidence: &Evidence) -> Self {
        if !evidence.blocks() {
            return if evidence.warns() {
                Self::PassedWithWarnings
            } else {
                Self::Passed
            };
        }
        match evidence.outcome {
            Outcome::NotEvaluated(Reason::MissingInput | Reason::UnreadableInput) => {
                Self::InputMissing
            }
            Outcome::NotEvaluated(Reason::NotPermitted) => Self::NotPermitted,
            Outcome::NotEvaluated(Reason::Unavailable) => Self::Unavailable,
            Outcome::NotEvaluated(Reason::Pending) if evidence.severity < Severity::Integrity => {
                Self::Pending
            }
            Outcome::Met | Outcome::NotMet | Outcome::NotEvaluated(_) => {
                if evidence.severity == Severity::Integrity {
                    Self::IntegrityFailure
                } else {
                    Self::NotPassed
                }
            }
        }
    }

    /// Whether the chain may go on.
    #[must_use]
    pub fn passed(self) -> bool {
        self <= Self::PassedWithWarnings
    }

    /// The exit code of this verdict; `exit_on_warn` tells warnings apart from a clean pass.
    #[must_use]
    pub fn exit_code(self, exit_on_warn: bool) -> ExitCode {
        match self {
            Self::Passed => ExitCode::Passed,
            Self::PassedWithWarnings if exit_on_warn => ExitCode::PassedWithWarnings,
            Self::PassedWithWarnings => ExitCode::Passed,
            Self::Pending => ExitCode::Pending,
            Self::NotPassed => ExitCode::NotPassed,
            Self::Unavailable => ExitCode::Unavailable,
            Self::NotPermitted => ExitCode::PermissionDenied,
            Self::InputMissing => ExitCode::InputMissing,
            Self::IntegrityFailure => ExitCode::IntegrityFailure,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Passed => "passed",
            Self::PassedWithWarnings => "passed with warnings",
            Self::Pending => "pending",
            Self::NotPassed => "not passed",
            Self::Unavailable => "unavailable",
            Self::NotPermitted => "not permitted",
            Self::InputMissing => "input missing",
            Self::IntegrityFailure => "integrity failure",
        })
    }
}

/// Every exit code of the program. 1 is never used: any shell failure is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Passed, done, or nothing to do.
    Passed = 0,
    /// Usage error, invalid configuration or contract.
    Usage = 2,
    /// A required input is missing or unreadable.
    InputMissing = 3,
    /// Not authenticated or not permitted.
    PermissionDenied = 4,
    /// A remote system is unavailable; safe to retry.
    Unavailable = 5,
    /// A signature, a digest or the ledger does not verify.
    IntegrityFailure = 6,
    /// A stale plan, or a concurrent change won.
    Conflict = 7,
    /// Verdict: not passed.
    NotPassed = 10,
    /// Verdict: passed with warnings, when asked to tell.
    PassedWithWarnings = 11,
    /// Approval, soak time, window, cooldown or budget is pending.
    Pending = 12,
    /// An automatic rollback was performed.
    RolledBack = 13,
    /// A bug in this program.
    Internal = 70,
    /// Interrupted.
    Interrupted = 130,
}

impl ExitCode {
    /// Every exit code, in the order of the numbers.
    pub const ALL: [Self; 13] = [
        Self::Passed,
        Self::Usage,
        Self::InputMissing,
        Self::PermissionDenied,
        Self::Unavailable,
        Self::IntegrityFailure,
        Self::Conflict,
        Self::NotPassed,
        Self::PassedWithWarnings,
        Self::Pending,
        Self::RolledBack,
        Self::Internal,
        Self::Interrupted,
    ];

    /// What it means, as tables of exit codes say it.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "passed, done, or nothing to do",
            Self::Usage => "usage error, invalid configuration or contract",
            Self::InputMissing => "a required input is missing or unreadable",
            Self::PermissionDenied => "not authenticated or not permitted",
            Self::Unavailable => "a remote system is unavailable; safe to retry",
            Self::IntegrityFailure => "a signature, a digest or the ledger does not verify",
            Self::Conflict => "a stale plan, or a concurrent change won",
            Self::NotPassed => "not passed",
            Self::PassedWithWarnings => "passed with warnings",
            Self::Pending => "approval, soak time, window, cooldown or budget is pending",
            Self::RolledBack => "an automatic rollback was performed",
            Self::Internal => "a bug in this program",
            Self::Interrupted => "interrupted",
        }
    }

    /// The code as the operating system sees it.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}
