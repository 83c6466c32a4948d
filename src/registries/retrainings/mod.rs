//! The log of retrainings in a directory: which decision was claimed, by whom, and what became of it.
//!
//! ```text
//! retrain/<16-digit sequence>.json     entries, created once, never changed
//! ```
//!
//! Whoever wants to carry out a decision first adds an entry that claims it, at the next free place.
//! Creating that entry is the only step that counts: of several that decide at once exactly one gets
//! the place, and the others look again and find the claim. Only then is the other system asked, and
//! what it said is added. Who is killed between leaves a claim without an end; it is found, told, and
//! never carried out a second time.

mod entry;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::ledger::{InvalidEntry, SCHEMA_VERSION};
use super::{RegistryError, RegistryErrorKind};
use crate::evidence::Sha256;
use crate::io::files::{self, FileError, FileProblem};
use crate::retrain::{DecisionInputs, PastRetraining, Progress};

pub use entry::{ClaimedInputs, Entry, Event};

/// Largest entry in bytes: a claim names a few digests.
const ENTRY_BYTES_MAX: u64 = 256 << 10;

/// Most entries of one log: a retraining every hour for four years.
const ENTRIES_MAX: u64 = 100_000;

/// How often a writer that was too slow tries again before it gives up.
const ATTEMPTS_MAX: u32 = 64;

/// Digits of a sequence number in a file name: listed by name, entries come in order.
const SEQUENCE_DIGITS: usize = 16;

/// The log in a directory. Holds no state but the path.
#[derive(Clone, Debug)]
pub struct RetrainingLog {
    directory: PathBuf,
}

/// The entries, each found to follow from the one before.
#[derive(Clone, Debug, Default)]
pub struct Retrainings {
    entries: Vec<Entry>,
    head: Option<Sha256>,
}

/// A claim that was won.
#[derive(Clone, Debug)]
pub struct Claim {
    model: String,
    decision: Sha256,
    by: String,
}

impl Retrainings {
    /// What was decided about `model`, the first decision first.
    #[must_use]
    pub fn of_model(&self, model: &str) -> Vec<PastRetraining> {
        let mut past: Vec<PastRetraining> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.model == model) {
            let progress = match &entry.event {
                Event::Claimed { .. } => {
                    past.push(PastRetraining {
                        decision: entry.decision,
                        claimed_at: entry.at,
                        by: entry.by.clone(),
                        progress: Progress::Claimed,
                    });
                    continue;
                }
                Event::Started { run } => Progress::Started { run: run.clone() },
                Event::Failed { .. } => Progress::Failed,
            };
            let mut claims = past.iter_mut().rev();
            if let Some(claim) = claims.find(|claim| claim.decision == entry.decision) {
                claim.progress = progress;
            }
        }
        past
    }

    fn next_sequence(&self) -> u64 {
        self.entries.len() as u64 + 1
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), InvalidEntry> {
        let entry = Entry::parse(bytes)?;
        if entry.sequence != self.next_sequence() || entry.previous != self.head {
            let problem = "it does not follow from the entry before";
            return Err(InvalidEntry::Malformed(problem.to_owned()));
        }
        self.entries.push(entry);
        self.head = Some(Sha256::of(bytes));
        Ok(())
    }
}

impl RetrainingLog {
    /// The log in `directory`, which need not exist before the first claim.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Every entry.
    ///
    /// # Errors
    /// When an entry is missing, changed, of a newer version or unreadable.
    pub fn read(&self) -> Result<Retrainings, RegistryError> {
        let mut retrainings = Retrainings::default();
        // Entries that come after this look are found by whoever wants their place.
        for sequence in 1..=self.latest()? {
            let broken = |problem: String| self.broken(sequence, &problem);
            let path = self.entry_path(sequence);
            let bytes =
                files::read(&path, ENTRY_BYTES_MAX).map_err(|error| match error.problem {
                    FileProblem::NotFound => {
                        broken("is missing although later ones exist".to_owned())
                    }
                    FileProblem::TooLarge(_) | FileProblem::NotRegular => {
                        broken(format!("cannot be believed: {}", error.problem))
                    }
                    FileProblem::AlreadyExists
                    | FileProblem::IsInput
                    | FileProblem::PermissionDenied
                    | FileProblem::NotUtf8(_)
                    | FileProblem::Changed
                    | FileProblem::Other(_) => error.into(),
                })?;
            retrainings.push(&bytes).map_err(|error| match error {
                InvalidEntry::Newer(_) => {
                    let kind = RegistryErrorKind::Unsupported;
                    RegistryError::new(
                        kind,
                        "read",
                        self.name(),
                        format!("entry {sequence}: {error}"),
                    )
                    .hint("update proofmark")
                }
                InvalidEntry::Malformed(_) | InvalidEntry::Seal => {
                    broken(format!("cannot be believed: {error}"))
                }
            })?;
        }
        Ok(retrainings)
    }

    /// Claims a decision that was made on `retrainings`. Absent when somebody else has added an entry
    /// since: decide again.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn claim(
        &self,
        retrainings: &Retrainings,
        inputs: &DecisionInputs,
        orchestrator: &str,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<Claim>, RegistryError> {
        let claim = Claim {
            model: inputs.model.clone(),
            decision: inputs.id(),
            by: by.to_owned(),
        };
        let event = Event::Claimed {
            inputs: ClaimedInputs::of(inputs),
            orchestrator: orchestrator.to_owned(),
        };
        let won = self.append(retrainings, &claim, event, at)?;
        Ok(won.then_some(claim))
    }

    /// Adds what became of a claim.
    ///
    /// # Errors
    /// When the log cannot be written, or others are always faster.
    pub fn record(
        &self,
        claim: &Claim,
        event: Event,
        at: DateTime<Utc>,
    ) -> Result<(), RegistryError> {
        for _ in 0..ATTEMPTS_MAX {
            if self.append(&self.read()?, claim, event.clone(), at)? {
                return Ok(());
            }
        }
        let problem = format!("others were faster {ATTEMPTS_MAX} times");
        let kind = RegistryErrorKind::Unavailable;
        Err(RegistryError::new(kind, "write", self.name(), problem))
    }

    fn append(
        &self,
        retrainings: &Retrainings,
        claim: &Claim,
        event: Event,
        at: DateTime<Utc>,
    ) -> Result<bool, RegistryError> {
        let entry = Entry {
            schema_version: SCHEMA_VERSION,
            sequence: retrainings.next_sequence(),
            previous: retrainings.head,
            model: claim.model.clone(),
            decision: claim.decision,
            event,
            by: claim.by.clone(),
            at,
        };
        entry.validate().map_err(|problem| {
            RegistryError::new(RegistryErrorKind::Malformed, "write", self.name(), problem)
        })?;
        match files::create_new(&self.entry_path(entry.sequence), entry.to_json().as_bytes()) {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.problem, FileProblem::AlreadyExists) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The highest sequence number there is; 0 when there is none.
    fn latest(&self) -> Result<u64, RegistryError> {
        let failed = |error| RegistryError::from(FileError::new("list", &self.directory, error));
        let listing = match fs::read_dir(&self.directory) {
            Ok(listing) => listing,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(failed(error)),
        };
        let mut latest = 0;
        for item in listing {
            let name = item.map_err(failed)?.file_name();
            latest = latest.max(name.to_str().and_then(sequence_of).unwrap_or(0));
        }
        if ENTRIES_MAX < latest {
            let problem = format!("it has more than {ENTRIES_MAX} entries");
            let kind = RegistryErrorKind::Unsupported;
            return Err(RegistryError::new(kind, "read", self.name(), problem));
        }
        Ok(latest)
    }

    fn entry_path(&self, sequence: u64) -> PathBuf {
        self.directory
            .join(format!("{sequence:0SEQUENCE_DIGITS$}.json"))
    }

    fn broken(&self, sequence: u64, problem: &str) -> RegistryError {
        let problem = format!("entry {sequence} {problem}");
        RegistryError::new(RegistryErrorKind::Integrity, "verify", self.name(), problem)
            .hint("restore it from a copy and find out who could write to it")
    }

    fn name(&self) -> String {
        format!("the log of retrainings in `{}`", self.directory.display())
    }
}

/// The number in a name such as `0000000000000007.json`; other names are none of ours.
fn sequence_of(name: &str) -> Option<u64> {
    let digits = Path::new(name).file_stem()?.to_str()?;
    let plain = name.len() == SEQUENCE_DIGITS + ".json".len()
        && name.ends_with(".json")
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
