//! A plan: what a promotion will do, written down before it is done, so that it can be read,
//! approved and applied in another job.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::chain::Head;
use super::entry::{EvidenceRef, ReleaseFile, validate_evidence, validate_files, validate_version};
use super::{SCHEMA_VERSION, canonical, newer_version};
use crate::evidence::{Evidence, Sha256, Verdict};
use crate::policy::{ModelName, StageName};

/// What a promotion will do. A plan is not signed: what it says about the policy is for people, and
/// whoever applies it judges again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Version of this format.
    pub schema_version: u32,
    /// The model.
    pub model: ModelName,
    /// The stage it will be live in.
    pub stage: StageName,
    /// Its OMS root digest.
    pub digest: Sha256,
    /// Its version, as people call it; absent when its configuration names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What is live there now; absent when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sha256>,
    /// The latest entry of the ledger when the plan was made; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_head: Option<Head>,
    /// The files of the model, sorted by path.
    pub files: Vec<ReleaseFile>,
    /// The claims the policy was judged on.
    pub evidence: Vec<EvidenceRef>,
    /// Digest of the bundle with the signature of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Sha256>,
    /// When the plan was made.
    pub created_at: DateTime<Utc>,
    /// What the policy said then.
    pub policy: Vec<Evidence>,
}

/// Why a plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPlan {
    /// Written by a newer program.
    #[error("plan format {0} is newer than {SCHEMA_VERSION}; hint: update proofmark")]
    Newer(u64),
    /// Not of this shape, or it says what cannot be.
    #[error("not a plan: {0}")]
    Malformed(String),
}

impl Plan {
    /// The plan as JSON with sorted keys, two spaces and a final line feed.
    #[must_use]
    pub fn to_json(&self) -> String {
        canonical(&serde_json::to_value(self).expect("a plan has only string keys"))
    }

    /// Digest of the plan: what approvals and the ledger refer to. Measured numbers are left out of
    /// it: messages repeat them rounded, and not every reader of JSON keeps their last bit.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        let mut plan = self.clone();
        for record in &mut plan.policy {
            record.observed = None;
            record.required = None;
        }
        Sha256::of(plan.to_json().as_bytes())
    }

    /// What the policy said when the plan was made, as one word.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::of(&self.policy)
    }

    /// Reads a plan back.
    ///
    /// # Errors
    /// When the text is not a plan, or is of a newer version.
    pub fn parse(text: &str) -> Result<Self, InvalidPlan> {
        if let Some(version) = newer_version(text) {
            return Err(InvalidPlan::Newer(version));
        }
        let plan: Self = serde_json::from_str(text)
            .map_err(|error| InvalidPlan::Malformed(error.to_string()))?;
        plan.validate().map_err(InvalidPlan::Malformed)?;
        Ok(plan)
    }

    /// Says what is wrong with a plan of the right shape, if anything is.
    ///
    /// # Errors
    /// When its version is unknown, or its files or evidence are too many, unsorted or twice.
    pub fn validate(&self) -> Result<(), String> {
        if self.schema_version != SCHEMA_VERSION {
            return Err(format!("unknown schema version {}", self.schema_version));
        }
        validate_files(&self.files, self.digest)?;
        validate_version(self.version.as_deref())?;
        validate_evidence(&self.evidence)
    }
}
