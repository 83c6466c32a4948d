//! Weaknesses another system found.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A weakness another system found: a vulnerable package, an unsafe line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What tells it from others and stays the same from run to run: rule and place without line
    /// numbers, or identifier, package and version.
    pub identity: String,
    /// Its identifier in the system: `SNYK-PYTHON-…`, the id of a rule.
    pub id: String,
    /// What it is, in one sentence.
    pub title: String,
    /// How bad it is.
    pub severity: FindingSeverity,
    /// Where it is: `package@version`, `file:line`.
    pub place: Option<String>,
    /// Whether somebody accepted it in that system: a suppression, an ignore.
    pub suppressed: bool,
}

/// How bad a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingSeverity {
    /// The system says nothing, or a word that is unknown here.
    Unknown,
    /// A remark.
    Low,
    /// To be mended.
    Medium,
    /// To be mended soon.
    High,
    /// To be mended now.
    Critical,
}

impl FindingSeverity {
    /// All of them, the worst first.
    pub const WORST_FIRST: [Self; 5] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Unknown,
    ];

    /// The severity as one lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of a CVSS score from 0 to 10, by the qualitative scale of CVSS 3.1, section 5.
    #[must_use]
    pub fn of_score(score: f64) -> Self {
        match score {
            score if 9.0 <= score => Self::Critical,
            score if 7.0 <= score => Self::High,
            score if 4.0 <= score => Self::Medium,
            score if 0.0 < score => Self::Low,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for FindingSeverity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
