//! The chain: entries that were read and found to follow from one another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::{Entry, InvalidEntry};
use crate::evidence::Sha256;
use crate::policy::{ModelName, StageName};

/// Most entries of one ledger: a promotion every five minutes for nine years.
pub const ENTRIES_MAX: u64 = 1_000_000;

/// The latest entry of a ledger, as somebody remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its place, from 1.
    pub sequence: u64,
    /// Digest of its bytes.
    pub sha256: Sha256,
}

/// An entry with the digest of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The entry.
    pub entry: Entry,
    /// Digest of the bytes it was read from.
    pub sha256: Sha256,
}

/// Entries that follow from one another, from the first on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    recorded: Vec<Recorded>,
    /// What is live, by the sequence number of its entry.
    live: BTreeMap<ModelName, BTreeMap<StageName, u64>>,
}

/// The first place where a ledger cannot be believed.
#[derive(Debug, thiserror::Error)]
#[error("entry {sequence} {fault}")]
pub struct BrokenChain {
    /// The first bad entry.
    pub sequence: u64,
    /// What is wrong with it.
    pub fault: ChainFault,
}

/// What is wrong with an entry of a ledger.
#[derive(Debug, thiserror::Error)]
pub enum ChainFault {
    /// It is not there although later ones are.
    #[error("is missing although later ones exist")]
    Missing,
    /// It is not an entry.
    #[error("cannot be believed: {0}")]
    Invalid(#[from] InvalidEntry),
    /// Its own sequence number is another than its place.
    #[error("says it is entry {0}")]
    Misplaced(u64),
    /// It does not name the digest of the entry before.
    #[error("does not follow from the one before: one of the two was replaced")]
    Unlinked,
    /// It says something else about what was live before, or about the release it brings back, than
    /// the entries before it.
    #[error("contradicts the entries before it")]
    Contradiction,
    /// The ledger ends before an entry somebody remembers.
    #[error("is gone although {0} remembers it: the end of the ledger was cut off")]
    Truncated(String),
    /// It is another than the one somebody remembers.
    #[error("is another than {0} remembers: the ledger was written anew")]
    Rewritten(String),
    /// There are more entries than this program reads.
    #[error("is beyond the {ENTRIES_MAX} entries a ledger may have")]
    TooMany,
}

impl Ledger {
    /// Every entry, in order.
    #[must_use]
    pub fn recorded(&self) -> &[Recorded] {
        &self.recorded
    }

    /// Every entry, in order, without digests.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.recorded.iter().map(|recorded| &recorded.entry)
    }

    /// The entry at `sequence`.
    #[must_use]
    pub fn get(&self, sequence: u64) -> Option<&Recorded> {
        let index = usize::try_from(sequence.checked_sub(1)?).ok()?;
        self.recorded.get(index)
    }

    /// The latest entry; absent when there is none.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.recorded.last().map(|recorded| Head {
            sequence: recorded.entry.sequence,
            sha256: recorded.sha256,
        })
    }

    /// The sequence number of the entry that would come next.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.recorded.len() as u64 + 1
    }

    /// Adds the entry written as `bytes`.
    ///
    /// # Errors
    /// When it does not follow from the latest one; the ledger is then unchanged.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), BrokenChain> {
        let sequence = self.next_sequence();
        let broken = |fault| BrokenChain { sequence, fault };
        if ENTRIES_MAX < sequence {
            return Err(broken(ChainFault::TooMany));
        }
        let entry = Entry::parse(bytes).map_err(|error| broken(error.into()))?;
        if entry.sequence != sequence {
            return Err(broken(ChainFault::Misplaced(entry.sequence)));
        }
        if entry.previous != self.head().map(|head| head.sha256) {
            return Err(broken(ChainFault::Unlinked));
        }
        if !self.agrees(&entry) {
            return Err(broken(ChainFault::Contradiction));
        }
        let stages = self.live.entry(entry.model.clone()).or_default();
        stages.insert(entry.stage.clone(), sequence);
        let sha256 = Sha256::of(bytes);
        self.recorded.push(Recorded { entry, sha256 });
        Ok(())
    }

    /// Whether what an entry says about the past is what the ledger says.
    fn agrees(&self, entry: &Entry) -> bool {
        let live = self.live_in(&entry.model, &entry.stage);
        let from = live.map(|recorded| recorded.entry.digest);
        let restored = entry.restores.map(|sequence| self.get(sequence));
        entry.from == from
            && restored.is_none_or(|restored| {
                restored.is_some_and(|Recorded { entry: release, .. }| {
                    (&release.model, &release.stage) == (&entry.model, &entry.stage)
                        && release.digest == entry.digest
                })
            })
    }

    /// The latest entry about `model` in `stage`.
    pub(super) fn live_in(&self, model: &ModelName, stage: &StageName) -> Option<&Recorded> {
        self.get(*self.live.get(model)?.get(stage)?)
    }

    /// The latest entry of every model in every stage, by name.
    pub(super) fn all_live_in(&self) -> impl Iterator<Item = &Recorded> {
        let sequences = self.live.values().flat_map(BTreeMap::values);
        sequences.filter_map(|sequence| self.get(*sequence))
    }

    /// Whether this ledger still holds an entry that `who` remembers.
    ///
    /// # Errors
    /// When it was cut off before it or written anew.
    pub fn must_hold(&self, head: Head, who: &str) -> Result<(), BrokenChain> {
        let fault = match self.get(head.sequence) {
            Some(recorded) if recorded.sha256 == head.sha256 => return Ok(()),
            Some(_) => ChainFault::Rewritten(who.to_owned()),
            None => ChainFault::Truncated(who.to_owned()),
        };
        Err(BrokenChain {
            sequence: head.sequence,
            fault,
        })
    }
}
