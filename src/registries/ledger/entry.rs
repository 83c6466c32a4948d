//! One entry of the ledger: what it says, how it is written, when it is believed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use super::path::FilePath;
use super::seal::{seal, unseal};
use crate::evidence::{Sha256, Step};
use crate::manifest::{FileDigest, Manifest};
use crate::policy::{ModelName, StageName};
use crate::template::is_hidden;

/// Largest entry in bytes: room for [`FILES_MAX`] files with long paths.
pub const ENTRY_BYTES_MAX: u64 = 8 << 20;

/// Most files of one model. The largest published sharded models have some hundreds.
pub const FILES_MAX: usize = 10_000;

/// Most pieces of evidence of one release: a few for each step.
const EVIDENCE_MAX: usize = 100;

/// Longest name of a person or CI job, in Unicode scalar values.
pub(in crate::registries) const BY_CHARACTERS_MAX: usize = 200;

/// Longest version, in Unicode scalar values.
const VERSION_CHARACTERS_MAX: usize = 100;

/// Longest reason: a paragraph, not a document.
pub(in crate::registries) const REASON_CHARACTERS_MAX: usize = 1_000;

/// One entry of the ledger. Never changed once it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of this format. A new kind of entry needs a new version.
    pub schema_version: u32,
    /// Place in the ledger, from 1, without gaps.
    pub sequence: u64,
    /// Digest of the bytes of the entry before; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Sha256>,
    /// What happened.
    pub kind: EntryKind,
    /// To which model.
    pub model: ModelName,
    /// In which stage.
    pub stage: StageName,
    /// The OMS root digest of what is live from here on.
    pub digest: Sha256,
    /// Its version, as people call it; absent when its configuration names none, and in entries from before
    /// versions were recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What was live before; absent when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sha256>,
    /// The files of the model, sorted by path.
    pub files: Vec<ReleaseFile>,
    /// The claims the promotion was judged on.
    pub evidence: Vec<EvidenceRef>,
    /// Digest of the bundle with the signature of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Sha256>,
    /// Digest of the plan that was applied; absent for a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Sha256>,
    /// The entry whose release a rollback brings back; absent for a promotion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<u64>,
    /// Who did it: a CI job or a person.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in the words of who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What happened. Later versions add `intent` and `applied`, for systems that cannot be changed in
/// one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A model went live by a plan.
    Promoted,
    /// An earlier release went live again.
    RolledBack,
}

/// A file of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseFile {
    /// Path within the model.
    pub path: FilePath,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub size: u64,
}

/// A claim, by the digest of its bundle.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRef {
    /// The step it is about.
    pub step: Step,
    /// Digest of the bundle.
    pub sha256: Sha256,
}

/// Something a release consists of, kept by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is: the path within the model, `gate evidence`, `model signature`.
    pub name: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its size in bytes, where it is recorded.
    pub size: Option<u64>,
}

/// Why bytes are not an entry.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEntry {
    /// Written by a newer program.
    #[error("its format {0} is newer than {SCHEMA_VERSION}")]
    Newer(u64),
    /// Not of this shape, or it says what cannot be.
    #[error("{0}")]
    Malformed(String),
    /// The seal is not the digest of the rest, or the bytes are not as this program writes them.
    #[error("its seal does not fit: it was changed after it was written")]
    Seal,
}

impl ReleaseFile {
    /// The file as a part of its release.
    #[must_use]
    pub fn part(&self) -> Part {
        Part {
            name: self.path.to_string(),
            sha256: self.sha256,
            size: Some(self.size),
        }
    }
}

impl EvidenceRef {
    /// The bundle as a part of its release.
    #[must_use]
    pub fn part(&self) -> Part {
        Part {
            name: format!("{} evidence", self.step.as_str()),
            sha256: self.sha256,
            size: None,
        }
    }
}

impl Part {
    /// The bundle with the signature of a model, as a part of its release.
    #[must_use]
    pub fn signature(sha256: Sha256) -> Self {
        Self {
            name: "model signature".to_owned(),
            sha256,
            size: None,
        }
    }
}

impl EntryKind {
    /// The kind as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::RolledBack => "rolled-back",
        }
    }
}

impl Entry {
    /// The bytes that are kept: canonical JSON with the seal.
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
    /// When a text is too long or hides characters, a path comes twice, or the kind and its fields
    /// do not fit.
    pub fn validate(&self) -> Result<(), String> {
        if self.schema_version != SCHEMA_VERSION {
            return Err(format!("unknown schema version {}", self.schema_version));
        }
        validate_files(&self.files, self.digest)?;
        validate_evidence(&self.evidence)?;
        validate_version(self.version.as_deref())?;
        validate_text("by", &self.by, BY_CHARACTERS_MAX)?;
        if let Some(reason) = &self.reason {
            validate_text("reason", reason, REASON_CHARACTERS_MAX)?;
        }
        match (self.kind, self.plan, self.restores) {
            (EntryKind::Promoted, Some(_), None) => Ok(()),
            (EntryKind::RolledBack, None, Some(restored)) if restored < self.sequence => Ok(()),
            (EntryKind::Promoted | EntryKind::RolledBack, _, _) => {
                Err("a promotion names its plan, a rollback the entry it brings back".to_owned())
            }
        }
    }

    /// Everything the release consists of: its files, its evidence, its signature.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        let files = self.files.iter().map(ReleaseFile::part);
        let evidence = self.evidence.iter().map(EvidenceRef::part);
        files
            .chain(evidence)
            .chain(self.signature.map(Part::signature))
    }

    /// Reads inside a sentence: "entry 7 (promoted 3f2a9c01b7de by `ann` at 2026-01-31T10:00:00Z)".
    #[must_use]
    pub fn describe(&self) -> String {
        format!(
            "entry {} ({} {} by `{}` at {})",
            self.sequence,
            self.kind.as_str(),
            self.digest.short(),
            self.by,
            self.at.format("%Y-%m-%dT%H:%M:%SZ")
        )
    }
}

/// Files must be few enough, sorted, each there once, none a folder of another, and together they
/// must be the model that `digest` names.
pub(super) fn validate_files(files: &[ReleaseFile], digest: Sha256) -> Result<(), String> {
    if FILES_MAX < files.len() {
        return Err(format!("the model has more than {FILES_MAX} files"));
    }
    if !files.is_sorted_by(|left, right| left.path < right.path) {
        return Err("its files are not sorted by path, or one is listed twice".to_owned());
    }
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for path in &paths {
        let mut folders = path
            .match_indices('/')
            .filter_map(|(end, _)| path.get(..end));
        if let Some(folder) = folders.find(|folder| paths.contains(folder)) {
            return Err(format!("`{folder}` is a file and a folder at once"));
        }
    }
    let resources = files.iter().map(|file| FileDigest {
        path: file.path.to_string(),
        sha256: file.sha256,
        size: file.size,
    });
    let manifest =
        Manifest::new(resources.collect(), Vec::new()).map_err(|error| error.to_string())?;
    if !manifest.is_named_by(digest) {
        return Err(format!("its files are not the model {}", digest.short()));
    }
    Ok(())
}

pub(super) fn validate_evidence(evidence: &[EvidenceRef]) -> Result<(), String> {
    if EVIDENCE_MAX < evidence.len() {
        return Err(format!(
            "there are more than {EVIDENCE_MAX} pieces of evidence"
        ));
    }
    Ok(())
}

pub(super) fn validate_version(version: Option<&str>) -> Result<(), String> {
    version.map_or(Ok(()), |version| {
        validate_text("version", version, VERSION_CHARACTERS_MAX)
    })
}

pub(in crate::registries) fn validate_text(
    name: &str,
    text: &str,
    characters_max: usize,
) -> Result<(), String> {
    if text.is_empty() || characters_max < text.chars().count() {
        return Err(format!(
            "`{name}` must have 1 to {characters_max} characters"
        ));
    }
    if text.chars().any(is_hidden) {
        return Err(format!("`{name}` has control or invisible characters"));
    }
    Ok(())
}
