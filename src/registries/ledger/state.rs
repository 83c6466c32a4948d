//! What the entries amount to: the state of every stage, as a fold over the ledger.

use std::collections::BTreeMap;

use super::chain::{Ledger, Recorded};
use super::entry::{Entry, EntryKind};
use crate::evidence::Sha256;
use crate::policy::{ModelName, PastRelease, StageName};

/// A model in a stage, as the ledger records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The entry that made it live.
    pub entry: Entry,
    /// Digest of the bytes of that entry.
    pub entry_sha256: Sha256,
}

impl Release {
    /// The promotion this release goes back to: its own entry, or the one a rollback brought back.
    #[must_use]
    pub fn origin(&self) -> u64 {
        origin(&self.entry)
    }
}

impl Ledger {
    /// What is live of `model` in `stage`; absent when nothing ever was.
    #[must_use]
    pub fn live(&self, model: &ModelName, stage: &StageName) -> Option<Release> {
        self.live_in(model, stage).map(release)
    }

    /// What is live, of every model in every stage.
    #[must_use]
    pub fn all_live(&self) -> BTreeMap<(ModelName, StageName), Release> {
        let live = self.all_live_in().map(release);
        live.map(|release| {
            let entry = &release.entry;
            ((entry.model.clone(), entry.stage.clone()), release)
        })
        .collect()
    }

    /// Every release of `model` in `stage`, the first one first.
    #[must_use]
    pub fn history(&self, model: &ModelName, stage: &StageName) -> Vec<Release> {
        self.recorded()
            .iter()
            .filter(|recorded| concerns(&recorded.entry, model, stage))
            .map(release)
            .collect()
    }

    /// What of `model` is or was live, in any stage: what a policy asks for.
    #[must_use]
    pub fn past_releases(&self, model: &ModelName) -> Vec<PastRelease> {
        self.entries()
            .filter(|entry| entry.model == *model)
            .map(|entry| PastRelease {
                stage: entry.stage.clone(),
                digest: entry.digest,
            })
            .collect()
    }

    /// The versions of `model` that were promoted, in any stage, and whether some were promoted without one.
    #[must_use]
    pub fn promoted_versions(&self, model: &ModelName) -> (Vec<&str>, bool) {
        let promoted = self
            .entries()
            .filter(|entry| entry.model == *model && entry.kind == EntryKind::Promoted);
        let versions: Vec<Option<&str>> = promoted.map(|entry| entry.version.as_deref()).collect();
        let without = versions.iter().any(Option::is_none);
        (versions.into_iter().flatten().collect(), without)
    }

    /// The release before the one that is live: the latest promotion before the one `live` goes back
    /// to, of another model digest. After a rollback this is the one before that, never the one
    /// rolled back from.
    #[must_use]
    pub fn release_before(&self, live: &Release) -> Option<Release> {
        let mut recorded = self.recorded().iter().rev();
        recorded
            .find(|recorded| {
                let entry = &recorded.entry;
                concerns(entry, &live.entry.model, &live.entry.stage)
                    && entry.kind == EntryKind::Promoted
                    && entry.sequence < live.origin()
                    && entry.digest != live.entry.digest
            })
            .map(release)
    }

    /// The entry that applied the plan with this digest.
    #[must_use]
    pub fn applied(&self, plan: Sha256) -> Option<&Entry> {
        self.entries().find(|entry| entry.plan == Some(plan))
    }

    /// The latest entry about `model` in `stage` after `sequence`.
    #[must_use]
    pub fn touched_since(
        &self,
        model: &ModelName,
        stage: &StageName,
        sequence: u64,
    ) -> Option<&Entry> {
        let live = self.live_in(model, stage).map(|recorded| &recorded.entry);
        live.filter(|entry| sequence < entry.sequence)
    }
}

fn concerns(entry: &Entry, model: &ModelName, stage: &StageName) -> bool {
    entry.model == *model && entry.stage == *stage
}

fn release(recorded: &Recorded) -> Release {
    Release {
        entry: recorded.entry.clone(),
        entry_sha256: recorded.sha256,
    }
}

fn origin(entry: &Entry) -> u64 {
    entry.restores.unwrap_or(entry.sequence)
}
