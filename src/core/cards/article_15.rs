//! What the evidence says about Article 15 of the EU AI Act (Regulation (EU) 2024/1689): accuracy,
//! robustness and cybersecurity, and beside them bias, which Article 10 (2) (f) and (g) ask about.
//!
//! Requirements are counted by topic; nothing is judged anew. The section is evidence for people who
//! assess a system, never a statement that the system conforms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Outcome, Severity, Step};
use crate::wildcard;

use super::document::Counts;

/// A topic of the section.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Metrics over all rows against their bounds.
    Metrics,
    /// Differences to the champion.
    Comparison,
    /// Metrics on slices and in windows of time.
    Slices,
    /// Drift of data and predictions.
    Drift,
    /// Missing values in the data.
    MissingValues,
    /// Differences between groups.
    Fairness,
    /// Weaknesses other systems found.
    Findings,
    /// The scan of the model files.
    Scan,
    /// The signature over the model and its evidence.
    Signature,
}

/// How the requirements of one topic ended in one step of one evidence file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicSummary {
    /// The topic.
    pub topic: Topic,
    /// How many requirements ended how.
    pub counts: Counts,
}

impl Topic {
    /// Every topic, in the order of the section.
    pub const ALL: [Self; 9] = [
        Self::Metrics,
        Self::Comparison,
        Self::Slices,
        Self::Drift,
        Self::MissingValues,
        Self::Fairness,
        Self::Findings,
        Self::Scan,
        Self::Signature,
    ];

    /// The topic as part of an id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Comparison => "comparison",
            Self::Slices => "slices",
            Self::Drift => "drift",
            Self::MissingValues => "missing-values",
            Self::Fairness => "fairness",
            Self::Findings => "findings",
            Self::Scan => "scan",
            Self::Signature => "signature",
        }
    }

    /// The topic for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Metrics => "Metrics over all rows against their bounds",
            Self::Comparison => "Differences to the model in use",
            Self::Slices => "Metrics on slices and in windows of time",
            Self::Drift => "Drift of data and predictions",
            Self::MissingValues => "Missing values in the data",
            Self::Fairness => "Differences between groups",
            Self::Findings => "Weaknesses other systems found",
            Self::Scan => "Scan of the model files",
            Self::Signature => "Signature over the model and its evidence",
        }
    }

    /// The requirements that belong to it, with `*` for any characters. Of a scan and a signature, those of the whole step.
    #[must_use]
    pub fn requirements(self) -> &'static [&'static str] {
        match self {
            Self::Metrics => &[
                "metric-threshold",
                "recorded-threshold",
                "metric-expression",
            ],
            Self::Comparison => &[
                "metric-regression",
                "metric-improvement",
                "metric-equivalence",
                "recorded-comparison",
                "recorded-tolerance",
            ],
            Self::Slices => &[
                "slice-threshold",
                "slice-regression",
                "slice-weakness",
                "slice-size",
            ],
            Self::Drift => &["drift-*"],
            Self::MissingValues => &[
                "null-fraction",
                "null-values",
                "missing-values",
                "completeness",
                "complete-rows",
            ],
            Self::Fairness => &["fairness-difference"],
            Self::Findings => &["recorded-findings"],
            Self::Scan | Self::Signature => &[],
        }
    }

    /// The step that is the topic as a whole.
    fn step(self) -> Option<Step> {
        match self {
            Self::Scan => Some(Step::Scan),
            Self::Signature => Some(Step::Sign),
            Self::Metrics
            | Self::Comparison
            | Self::Slices
            | Self::Drift
            | Self::MissingValues
            | Self::Fairness
            | Self::Findings => None,
        }
    }

    /// Whether `record`, of the step `step`, was decided or should have been: what nothing was required of
    /// is no evidence.
    #[must_use]
    pub fn holds(self, step: Step, record: &Evidence) -> bool {
        if let Some(whole) = self.step() {
            return step == whole;
        }
        let is_recorded = record.severity == Severity::Info && record.outcome != Outcome::NotMet;
        let id = record.requirement.as_str();
        let mut known = self.requirements().iter();
        let of_topic = known.any(|pattern| wildcard::fits(pattern, id));
        of_topic && (record.required.is_some() || !is_recorded)
    }
}
