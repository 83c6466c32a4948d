//! What became of one requirement, and how much it matters.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of one requirement. Three values, never two: what could not be measured has not
/// passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The requirement was evaluated and holds.
    Met,
    /// The requirement was evaluated and does not hold.
    NotMet,
    /// The requirement could not be evaluated.
    NotEvaluated(Reason),
}

/// Why a requirement could not be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There are too few rows, or the interval is too wide, to decide either way.
    TooFewRows,
    /// The quantity is not defined on this data: a single class, no eligible row, NaN, an infinity.
    Undefined,
    /// A required input does not exist.
    MissingInput,
    /// A required input exists but cannot be read.
    UnreadableInput,
    /// A required input is on a system that does not accept the credentials, or does not permit it.
    NotPermitted,
    /// A required input is on a system that is not to be reached now; a later run may reach it.
    Unavailable,
    /// This program cannot evaluate such a requirement, or not on such an input.
    Unsupported,
    /// An earlier step did not pass, so this one was not tried.
    EarlierStep,
    /// What it waits for has not come yet: time, a person or another run.
    Pending,
}

impl Reason {
    /// Whether an input that is not to be had is the reason, so that there is nothing to judge.
    #[must_use]
    pub fn is_lack_of_input(self) -> bool {
        match self {
            Self::MissingInput | Self::UnreadableInput | Self::NotPermitted | Self::Unavailable => {
                true
            }
            Self::TooFewRows
            | Self::Undefined
            | Self::Unsupported
            | Self::EarlierStep
            | Self::Pending => false,
        }
    }

    /// The reason as a fragment that reads after "not evaluated: ".
    #[must_use]
    pub fn as_text(self) -> &'static str {
        match self {
            Self::TooFewRows => "too few rows to decide",
            Self::Undefined => "not defined on this data",
            Self::MissingInput => "a required input is missing",
            Self::UnreadableInput => "a required input cannot be read",
            Self::NotPermitted => "a required input is not permitted",
            Self::Unavailable => "a required input is not to be reached now",
            Self::Unsupported => "not supported",
            Self::EarlierStep => "an earlier step did not pass",
            Self::Pending => "what it waits for has not come yet",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Met => formatter.write_str("met"),
            Self::NotMet => formatter.write_str("not met"),
            Self::NotEvaluated(reason) => write!(formatter, "not evaluated: {}", reason.as_text()),
        }
    }
}

/// How much a requirement matters. Ordered: a later value weighs more.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Recorded; never changes the verdict.
    Info,
    /// Reported; turns "passed" into "passed with warnings".
    Warning,
    /// Blocks.
    #[default]
    Error,
    /// Blocks, cannot be waived: a signature, a digest or the ledger does not verify.
    Integrity,
}

impl Severity {
    /// The severity as one lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Integrity => "integrity",
        }
    }
}
