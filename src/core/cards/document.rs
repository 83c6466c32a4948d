//! The card as data: what the JSON file holds and every rendering is made from.
//!
//! Numbers are claims: each names the evidence file it was read from by its digest, and where in
//! that file it stands, so that anyone with the file can check it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{
    Bound, Figure, Outcome, Quantity, RequirementId, Severity, Sha256, Step, SubjectDigest, Tool,
    Unit, Verdict,
};

use super::article_15::{Topic, TopicSummary};
use super::spec::CardSpec;

/// Version of the card format; a reader refuses a newer one.
pub const SCHEMA_VERSION: u32 = 1;

/// A model card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardDocument {
    /// Version of this format.
    pub schema_version: u32,
    /// The model the card is about.
    pub model: CardModel,
    /// The worst verdict of the steps; a card without evidence has not passed.
    pub verdict: Verdict,
    /// When the newest of the runs cited began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated_at: Option<DateTime<Utc>>,
    /// What people say about the model.
    pub about: CardSpec,
    /// The evidence files cited, in the order given.
    pub evidence: Vec<CitedEvidence>,
    /// What every step of the chain found.
    pub steps: Vec<StepSummary>,
    /// Metrics over all rows, in contract order.
    pub metrics: Vec<MetricRow>,
    /// Metrics over the rows of one slice.
    pub slices: Vec<MetricRow>,
    /// Differences of a metric between the groups of a column.
    pub fairness: Vec<MetricRow>,
    /// The datasets that were validated.
    pub data: Vec<DatasetSummary>,
    /// What the scan of the model files looked at.
    pub scan: Vec<ScanSummary>,
    /// What bears on Article 15 of the EU AI Act, by topic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub article_15: Vec<TopicSummary>,
    /// Everything that is not met, could not be evaluated or was waived.
    pub open: Vec<OpenRecord>,
    /// Curves.
    pub figures: Vec<CardFigure>,
}

/// The model a card is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardModel {
    /// Name of the model, as the evidence names it.
    pub name: String,
    /// Its version, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its OMS root digest.
    pub sha256: Sha256,
}

/// An evidence file the card draws on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CitedEvidence {
    /// Path of the file.
    pub locator: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// The step it is about.
    pub step: Step,
    /// Its verdict.
    pub verdict: Verdict,
    /// When the run began.
    pub started_at: DateTime<Utc>,
    /// The program that wrote it.
    pub tool: Tool,
    /// The digest it gives for this model, if it names the model at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<Sha256>,
    /// The datasets it names, pinned by their digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<SubjectDigest>,
    /// The commit it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Where a person can look at the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
}

/// A number on the card, and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Unique on the card: `metric-threshold/credit/roc-auc`.
    pub id: String,
    /// What the number is, for people.
    pub label: String,
    /// The number with its unit, interval and sample size, exactly as in the evidence; absent when
    /// nothing could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// Where it was read.
    pub source: ClaimSource,
}

/// Where a claim was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimSource {
    /// Digest of the evidence file.
    pub evidence: Sha256,
    /// JSON pointer (RFC 6901) into that file.
    pub pointer: String,
    /// How the number follows from what the pointer names.
    pub reading: Reading,
}

/// How a claim follows from what its pointer names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reading {
    /// The pointer names a record, and the number is what it observed.
    Observed {
        /// Fingerprint of the record: requirement and subject.
        fingerprint: Sha256,
    },
    /// The pointer names a list of records, and the number is how many of them are such.
    Count {
        /// Which are counted.
        tally: Tally,
        /// Only records about this dataset or its columns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dataset: Option<String>,
        /// Only records of this topic of Article 15.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<Topic>,
    },
    /// The pointer names a figure, copied whole.
    Curve,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tally {
    /// Records that are met, or of mere information.
    Met,
    /// Blocking records that are not met.
    NotMet,
    /// Blocking records that could not be evaluated.
    NotEvaluated,
    /// Warnings and waived records.
    Warnings,
    /// Different files the records are about.
    Files,
}

impl Tally {
    /// The unit of the count.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Files => Unit::Files,
            Self::Met | Self::NotMet | Self::NotEvaluated | Self::Warnings => Unit::Count,
        }
    }
}

/// How many records of a list ended how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Met, or of mere information.
    pub met: Claim,
    /// Not met, blocking.
    pub not_met: Claim,
    /// Not evaluated, blocking.
    pub not_evaluated: Claim,
    /// Warnings and waived.
    pub warnings: Claim,
}

/// What one step of the chain found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSummary {
    /// The step.
    pub step: Step,
    /// Its verdict.
    pub verdict: Verdict,
    /// How many requirements ended how.
    pub counts: Counts,
}

/// A metric, what was required of it and what became of that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricRow {
    /// Name of the model measured.
    pub model: String,
    /// Name of the metric.
    pub metric: String,
    /// The slice, as `column=value`, or the grouping column alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    /// What was required.
    pub requirement: RequirementId,
    /// What the number was held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Bound>,
    /// What became of it.
    pub outcome: Outcome,
    /// How much it matters.
    pub severity: Severity,
    /// Whether a waiver was in force.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
    /// The number.
    pub claim: Claim,
}

/// A dataset that was validated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetSummary {
    /// Name of the dataset.
    pub dataset: String,
    /// Digest of its file, when the evidence gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// How many requirements on it ended how.
    pub counts: Counts,
}

/// What a scan of model files looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanSummary {
    /// Its verdict.
    pub verdict: Verdict,
    /// How many files were looked at.
    pub files: Claim,
    /// How many requirements ended how.
    pub counts: Counts,
}

/// A requirement that does not simply hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRecord {
    /// The step that found it.
    pub step: Step,
    /// What was required.
    pub requirement: RequirementId,
    /// Of what, as it is printed: `current/age`.
    pub subject: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How much it matters.
    pub severity: Severity,
    /// The sentence of the producer.
    pub message: String,
    /// Who waived it, why and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<String>,
    /// Where it stands.
    pub source: ClaimSource,
}

/// A curve, copied from the evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardFigure {
    /// The points.
    pub figure: Figure,
    /// Where it was read.
    pub source: ClaimSource,
}

impl CardDocument {
    /// Every claim on the card, in the order of the card.
    #[must_use]
    pub fn claims(&self) -> Vec<&Claim> {
        let rows = [&self.metrics, &self.slices, &self.fairness];
        self.steps
            .iter()
            .flat_map(|step| step.counts.all())
            .chain(rows.into_iter().flatten().map(|row| &row.claim))
            .chain(self.data.iter().flat_map(|data| data.counts.all()))
            .chain(
                self.scan
                    .iter()
                    .flat_map(|scan| std::iter::once(&scan.files).chain(scan.counts.all())),
            )
            .chain(self.article_15.iter().flat_map(|topic| topic.counts.all()))
            .collect()
    }

    /// Every metric row with its section, in the order of the card.
    pub fn rows(&self) -> impl Iterator<Item = &MetricRow> {
        self.metrics
            .iter()
            .chain(&self.slices)
            .chain(&self.fairness)
    }

    /// The card as JSON with sorted keys, two spaces and a final line feed: the bytes that are
    /// written and hashed.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut value = serde_json::to_value(self).expect("a card has only string keys");
        value.sort_all_objects();
        let mut text = serde_json::to_string_pretty(&value).expect("a JSON value can be written");
        text.push('\n');
        text
    }

    /// Digest of the JSON: what the renderings name as the card they were made from.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(self.to_json().as_bytes())
    }

    /// Reads a card back.
    ///
    /// # Errors
    /// When the text is not a card, or is of a newer version.
    pub fn parse(text: &str) -> Result<Self, InvalidCard> {
        let document: Self = serde_json::from_str(text)?;
        if SCHEMA_VERSION < document.schema_version {
            return Err(InvalidCard::Newer(document.schema_version));
        }
        Ok(document)
    }
}

impl Counts {
    /// The four counts in the order they are printed.
    pub fn all(&self) -> impl Iterator<Item = &Claim> {
        [
            &self.met,
            &self.not_met,
            &self.not_evaluated,
            &self.warnings,
        ]
        .into_iter()
    }
}

/// Why a card cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCard {
    /// Not JSON, or not of this shape.
    #[error("not a model card: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by a newer program.
    #[error("card format {0} is newer than {SCHEMA_VERSION}; hint: update proofmark")]
    Newer(u32),
}
