//! One entry of the log of retrainings: what it says, how it is written, when it is believed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::evidence::Sha256;
use crate::registries::ledger::{
    BY_CHARACTERS_MAX, InvalidEntry, REASON_CHARACTERS_MAX, SCHEMA_VERSION, seal, unseal,
    validate_text,
};
use crate::retrain::DecisionInputs;

/// One entry. Never changed once it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of this format.
    pub schema_version: u32,
    /// Place in the log, from 1, without gaps.
    pub sequence: u64,
    /// Digest of the bytes of the entry before; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Sha256>,
    /// Name of the model.
    pub model: String,
    /// Id of the decision.
    pub decision: Sha256,
    /// What happened.
    pub event: Event,
    /// Who did it: a CI job or a person.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What happened to a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// It is going to be carried out by who claims it, and by nobody else.
    Claimed {
        /// What it was decided on.
        inputs: ClaimedInputs,
        /// The orchestrator that is asked.
        orchestrator: String,
    },
    /// The training was started.
    Started {
        /// The run, as its system calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<String>,
    },
    /// Nothing was started.
    Failed {
        /// Why.
        problem: String,
    },
}

/// What a decision was made on, so that it can be made again from the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimedInputs {
    /// Digest of the champion, when it was known.
    pub champion: Option<Sha256>,
    /// The causes that were there.
    pub causes: Vec<String>,
    /// What a person gave as the reason, when one asked.
    pub reason: Option<String>,
    /// Digests of the data.
    pub data: BTreeSet<Sha256>,
    /// Digest of the configuration in force.
    pub configuration: Sha256,
}

impl ClaimedInputs {
    /// The inputs of a decision.
    #[must_use]
    pub fn of(inputs: &DecisionInputs) -> Self {
        Self {
            champion: inputs.champion,
            causes: inputs
                .causes
                .iter()
                .map(|cause| (*cause).to_owned())
                .collect(),
            reason: inputs.reason.clone(),
            data: inputs.data.clone(),
            configuration: inputs.configuration,
        }
    }
}

impl Entry {
    /// The bytes that are kept: canonical JSON with the digest of the rest as its seal.
    #[must_use]
    pub fn to_json(&self) -> String {
        seal(self)
    }

    /// Reads an entry back, and believes it only when it is byte for byte as [`Entry::to_json`]
    /// writes it.
    ///
    /// # Errors
    /// When the bytes are of a newer version, of another shape, or were changed.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidEntry> {
        unseal(bytes, Self::validate)
    }

    /// Says what is wrong with an entry of the right shape, if anything is.
    ///
    /// # Errors
    /// When its version is unknown, or a text is too long or hides characters.
    pub fn validate(&self) -> Result<(), String> {
        if self.schema_version != SCHEMA_VERSION {
            return Err(format!("unknown schema version {}", self.schema_version));
        }
        validate_text("by", &self.by, BY_CHARACTERS_MAX)?;
        let text = match &self.event {
            Event::Claimed { inputs, .. } => inputs.reason.as_deref(),
            Event::Started { run } => run.as_deref(),
            Event::Failed { problem } => Some(problem.as_str()),
        };
        text.map_or(Ok(()), |text| {
            validate_text("event", text, REASON_CHARACTERS_MAX)
        })
    }
}
