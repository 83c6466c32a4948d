//! The evidence record itself.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bound::{Bound, Quantity};
use super::comparison::Comparison;
use super::digest::Sha256;
use super::outcome::{Outcome, Reason, Severity};
use super::requirement::RequirementId;
use super::subject::Subject;
use super::waiver::Waiver;

/// One requirement evaluated on one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What was required.
    pub requirement: RequirementId,
    /// Of what it was required.
    pub subject: Subject,
    /// What became of it.
    pub outcome: Outcome,
    /// How much it matters.
    pub severity: Severity,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Quantity>,
    /// What it was held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Bound>,
    /// The two values, when what was measured is a difference to the champion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// One sentence by the producer: subject, what was seen, what was required. Untrusted text may
    /// be in it; renderers escape.
    pub message: String,
    /// What to do about it, when it is known better than the requirement's own remedy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The line of the contract or configuration that demanded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The rows that fail it, for requirements on rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_rows: Option<FailingRows>,
    /// What was looked at. Without it nothing can be replayed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputRef>,
    /// The columns that were answered, in whole or in part, by the footer or the dictionaries of a Parquet
    /// file without their values being decoded: as true as whoever wrote the file made them. A column of
    /// another dataset is `dataset.column`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered_by_statistics: Vec<String>,
    /// The waiver in force for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
}

/// A place in a file a person can edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path of the file as the user gave it, with `/` between its parts.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// The rows that fail a requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailingRows {
    /// How many rows fail.
    pub count: u64,
    /// How many rows were eligible: for most requirements, those where the value is not null.
    pub eligible: u64,
    /// The first few of them, in file order; of a model's answers the worst, by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<RowExample>,
}

/// One failing row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowExample {
    /// Number of the row in the dataset, from 1, not counting a header; 0 where rows have no numbers:
    /// in the tables of a distributed engine.
    pub row_number: u64,
    /// The offending value, `column=value` for each where a rule speaks of several columns; absent when it
    /// is null, personal, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// True when the value was left out because the column is personal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masked: bool,
    /// True when the offending value is null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_null: bool,
}

/// Something that was read, pinned by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputRef {
    /// Where it was read: a path relative to the configuration, or a URL.
    pub locator: String,
    /// Digest of the bytes read; for a model directory, the OMS root digest.
    pub sha256: Sha256,
    /// When it was read, for inputs that can change behind the same locator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<DateTime<Utc>>,
}

impl Evidence {
    /// A record with what every one has; the rest is added with the methods below.
    #[must_use]
    pub fn new(
        requirement: impl Into<RequirementId>,
        subject: Subject,
        outcome: Outcome,
        message: impl Into<String>,
    ) -> Self {
        Self {
            requirement: requirement.into(),
            subject,
            outcome,
            severity: Severity::Error,
            observed: None,
            required: None,
            comparison: None,
            message: message.into(),
            remedy: None,
            location: None,
            failing_rows: None,
            inputs: Vec::new(),
            answered_by_statistics: Vec::new(),
            waiver: None,
        }
    }

    /// A record of something that could not be evaluated.
    #[must_use]
    pub fn not_evaluated(
        requirement: impl Into<RequirementId>,
        subject: Subject,
        reason: Reason,
        message: impl Into<String>,
    ) -> Self {
        Self::new(requirement, subject, Outcome::NotEvaluated(reason), message)
    }

    /// The same record with another severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same record with what was measured and what it was held against.
    #[must_use]
    pub fn measured(self, observed: Quantity, required: Bound) -> Self {
        Self {
            observed: Some(observed),
            required: Some(required),
            ..self
        }
    }

    /// The same record of a difference, with the two values it is the difference of.
    #[must_use]
    pub fn comparing(self, comparison: Comparison) -> Self {
        Self {
            comparison: Some(comparison),
            ..self
        }
    }

    /// The same record with a remedy of its own.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }

    /// The same record, demanded by `location`.
    #[must_use]
    pub fn at(self, location: Option<Location>) -> Self {
        Self { location, ..self }
    }

    /// The same record with the rows that fail.
    #[must_use]
    pub fn rows(self, failing_rows: FailingRows) -> Self {
        Self {
            failing_rows: Some(failing_rows),
            ..self
        }
    }

    /// The same record about `inputs`.
    #[must_use]
    pub fn from_inputs(self, inputs: &[InputRef]) -> Self {
        Self {
            inputs: inputs.to_vec(),
            ..self
        }
    }

    /// The same record, for which the statistics of the file were believed of these columns.
    #[must_use]
    pub fn by_statistics(self, columns: &[String]) -> Self {
        Self {
            answered_by_statistics: columns.to_vec(),
            ..self
        }
    }

    /// Digest of requirement and subject, not of numbers, so that reports of several runs can be
    /// matched.
    #[must_use]
    pub fn fingerprint(&self) -> Sha256 {
        let text = format!(
            "{}\n{}\n{}",
            self.requirement,
            self.subject.kind(),
            self.subject.name()
        );
        Sha256::of(text.as_bytes())
    }

    /// Whether this record alone keeps the run from passing.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.outcome != Outcome::Met && Severity::Error <= self.severity && !self.is_waived()
    }

    /// Whether this record is a warning: open, not blocking, not mere information.
    #[must_use]
    pub fn warns(&self) -> bool {
        self.outcome != Outcome::Met
            && !self.blocks()
            && (self.severity == Severity::Warning || self.is_waived())
    }

    /// Whether a waiver is in force. Integrity is never waived.
    #[must_use]
    pub fn is_waived(&self) -> bool {
        self.waiver.is_some() && self.severity != Severity::Integrity
    }
}
