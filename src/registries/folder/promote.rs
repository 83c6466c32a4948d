//! Plan, apply, roll back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::FolderRegistry;
use super::blobs::source_within;
use super::log::{Appended, LogError, Next};
use super::verify::BlobState;
use crate::evidence::{Evidence, Sha256};
use crate::policy::{ModelName, StageName};
use crate::registries::ledger::{
    Entry, EntryKind, EvidenceRef, Ledger, Part, Plan, Release, ReleaseFile, SCHEMA_VERSION,
};
use crate::registries::{RegistryError, RegistryErrorKind};

const PROMOTE: &str = "promote";
const ROLL_BACK: &str = "roll back";

/// What is to be planned.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The model.
    pub model: ModelName,
    /// The stage it is to be live in.
    pub stage: StageName,
    /// Its OMS root digest.
    pub digest: Sha256,
    /// Its version, as people call it.
    pub version: Option<String>,
    /// Its files, in any order.
    pub files: Vec<ReleaseFile>,
    /// The claims the policy was judged on, in any order.
    pub evidence: Vec<EvidenceRef>,
    /// Digest of the bundle with the signature of the model.
    pub signature: Option<Sha256>,
    /// What the policy says.
    pub policy: Vec<Evidence>,
    /// The time now.
    pub now: DateTime<Utc>,
}

/// Where the bytes of a release are. What the registry has stored before needs no source.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The directory the paths of the files start from; for a model that is a single file, the
    /// directory it lies in.
    pub model: Option<PathBuf>,
    /// The bundles of the evidence and of the signature, by their digest.
    pub bundles: BTreeMap<Sha256, PathBuf>,
}

/// What became of a promotion or rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The model went live with the entry of this number.
    Promoted(u64),
    /// The earlier release went live again with the entry of this number.
    RolledBack(u64),
    /// It is live already, since the entry of this number. Nothing was changed.
    AlreadyLive(u64),
}

/// Where to roll back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollbackTarget {
    /// The release before the one that is live; after a rollback, the one before that.
    Previous,
    /// The release made by the entry of this number, in the same stage.
    Sequence(u64),
}

impl FolderRegistry {
    /// Writes down what a promotion would do. Changes nothing and needs read access only.
    ///
    /// # Errors
    /// When the ledger cannot be read or believed, or the request is not a model: no files, too
    /// many, or not those the digest names.
    pub fn plan(&self, request: PlanRequest) -> Result<Plan, RegistryError> {
        let (ledger, _) = self.read_with_views()?;
        let live = ledger.live(&request.model, &request.stage);
        let mut plan = Plan {
            schema_version: SCHEMA_VERSION,
            from: live.map(|release| release.entry.digest),
            ledger_head: ledger.head(),
            model: request.model,
            stage: request.stage,
            digest: request.digest,
            version: request.version,
            files: request.files,
            evidence: request.evidence,
            signature: request.signature,
            created_at: request.now,
            policy: request.policy,
        };
        plan.files.sort();
        plan.evidence.sort();
        plan.validate()
            .map_err(|problem| malformed(&plan, problem))?;
        Ok(plan)
    }

    /// Does what a plan says: stores every file, adds the entry, rewrites the view. Applying the same
    /// plan again finds the model live and changes nothing.
    ///
    /// # Errors
    /// [`RegistryErrorKind::Conflict`] when anyone has changed the stage since the plan was made,
    /// [`RegistryErrorKind::Refused`] when the plan says the policy is not met, and
    /// [`RegistryErrorKind::Integrity`] when a file is not the one planned or the ledger is not the
    /// one the plan was made on.
    pub fn apply(
        &self,
        plan: &Plan,
        sources: &Sources,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Applied, RegistryError> {
        plan.validate()
            .map_err(|problem| malformed(plan, problem))?;
        if !plan.verdict().passed() {
            let problem = format!("the policy of the stage says {}", plan.verdict());
            return Err(failed(PROMOTE, plan, RegistryErrorKind::Refused, problem)
                .hint("`proofmark promote plan` tells which clause"));
        }
        let mut ledger = self.begin()?;
        if let Some(sequence) = settled(plan, &ledger)? {
            return Ok(Applied::AlreadyLive(sequence));
        }
        self.store_release(plan, sources)?;
        let appended = self.append(&mut ledger, PROMOTE, |ledger| {
            Ok(match settled(plan, ledger)? {
                Some(sequence) => Next::Settled(sequence),
                None => Next::Append(Box::new(promotion(plan, ledger, by, now))),
            })
        })?;
        self.settle_view(&mut ledger, &plan.model, &plan.stage)?;
        Ok(match appended {
            Appended::Now(sequence) => Applied::Promoted(sequence),
            Appended::Before(sequence) => Applied::AlreadyLive(sequence),
        })
    }

    /// Makes an earlier release live again, by a new entry; its files are verified first.
    ///
    /// # Errors
    /// [`RegistryErrorKind::NotFound`] when there is no such release or a file of it is gone,
    /// [`RegistryErrorKind::Integrity`] when one was changed, [`RegistryErrorKind::Conflict`] when
    /// someone else changes the stage meanwhile.
    pub fn rollback(
        &self,
        rollback: &Rollback<'_>,
        now: DateTime<Utc>,
    ) -> Result<Applied, RegistryError> {
        let mut ledger = self.begin()?;
        let live = ledger
            .live(rollback.model, rollback.stage)
            .ok_or_else(|| rollback.failed("nothing is live there".to_owned()))?;
        let target = rollback.find(&ledger, &live)?;
        if target.entry.digest == live.entry.digest {
            return Ok(Applied::AlreadyLive(live.entry.sequence));
        }
        self.must_be_whole(&target.entry)?;
        let appended = self.append(&mut ledger, ROLL_BACK, |ledger| {
            rollback.next(ledger, &live, &target, now)
        })?;
        self.settle_view(&mut ledger, rollback.model, rollback.stage)?;
        Ok(match appended {
            Appended::Now(sequence) => Applied::RolledBack(sequence),
            Appended::Before(sequence) => Applied::AlreadyLive(sequence),
        })
    }

    /// What every change begins with: the ledger read and held against what the views remember, the
    /// directories made, the views mended that a killed process left behind.
    pub(super) fn begin(&self) -> Result<Ledger, RegistryError> {
        let (mut ledger, remembered) = self.read_with_views()?;
        self.prepare()?;
        self.rewrite_views(&mut ledger, &remembered)?;
        Ok(ledger)
    }

    /// Stores the files, the evidence and the signature of a release. Without an entry that names
    /// them they mean nothing.
    pub(super) fn store_release(
        &self,
        plan: &Plan,
        sources: &Sources,
    ) -> Result<(), RegistryError> {
        for file in &plan.files {
            let source = match &sources.model {
                Some(root) => Some(source_within(root, &file.path, PROMOTE)?),
                None => None,
            };
            self.store(&file.part(), source.as_deref(), PROMOTE)?;
        }
        let evidence = plan.evidence.iter().map(EvidenceRef::part);
        for part in evidence.chain(plan.signature.map(Part::signature)) {
            let source = sources.bundles.get(&part.sha256);
            self.store(&part, source.map(PathBuf::as_path), PROMOTE)?;
        }
        Ok(())
    }

    fn must_be_whole(&self, entry: &Entry) -> Result<(), RegistryError> {
        for part in entry.parts() {
            let state = self.blob_state(&part);
            if state != BlobState::Whole {
                return Err(self.damaged(&part, &state, ROLL_BACK));
            }
        }
        Ok(())
    }
}

/// What is to be rolled back, by whom and why.
#[derive(Clone, Copy, Debug)]
pub struct Rollback<'a> {
    /// The model.
    pub model: &'a ModelName,
    /// The stage.
    pub stage: &'a StageName,
    /// Where to.
    pub to: RollbackTarget,
    /// Who does it: a CI job or a person.
    pub by: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
}

impl Rollback<'_> {
    fn find(&self, ledger: &Ledger, live: &Release) -> Result<Release, RegistryError> {
        match self.to {
            RollbackTarget::Previous => ledger
                .release_before(live)
                .ok_or_else(|| self.failed("there is no earlier release to go back to".to_owned())),
            RollbackTarget::Sequence(sequence) => {
                let mut releases = ledger.history(self.model, self.stage).into_iter();
                releases
                    .find(|release| release.entry.sequence == sequence)
                    .ok_or_else(|| {
                        self.failed(format!("entry {sequence} is not a release in this stage"))
                    })
            }
        }
    }

    fn next(
        &self,
        ledger: &Ledger,
        live: &Release,
        target: &Release,
        now: DateTime<Utc>,
    ) -> Result<Next, RegistryError> {
        if let Some(other) = ledger.touched_since(self.model, self.stage, live.entry.sequence) {
            if other.digest == target.entry.digest {
                return Ok(Next::Settled(other.sequence));
            }
            let subject = format!("`{}` in `{}`", self.model, self.stage);
            return Err(conflict(ROLL_BACK, subject, other));
        }
        let release = &target.entry;
        Ok(Next::Append(Box::new(Entry {
            schema_version: SCHEMA_VERSION,
            sequence: ledger.next_sequence(),
            previous: ledger.head().map(|head| head.sha256),
            kind: EntryKind::RolledBack,
            model: release.model.clone(),
            stage: release.stage.clone(),
            digest: release.digest,
            version: release.version.clone(),
            from: Some(live.entry.digest),
            files: release.files.clone(),
            evidence: release.evidence.clone(),
            signature: release.signature,
            plan: None,
            restores: Some(target.origin()),
            by: self.by.to_owned(),
            at: now,
            reason: self.reason.map(str::to_owned),
        })))
    }

    fn failed(&self, problem: String) -> RegistryError {
        let subject = format!("`{}` in `{}`", self.model, self.stage);
        RegistryError::new(RegistryErrorKind::NotFound, ROLL_BACK, subject, problem)
            .hint("`proofmark promote history` lists the releases")
    }
}

/// Whether the plan can still be applied: the number of the entry that made its model live when that
/// is done already, nothing when it is still to be done.
fn settled(plan: &Plan, ledger: &Ledger) -> Result<Option<u64>, RegistryError> {
    let planned_at = plan.ledger_head.map_or(0, |head| head.sequence);
    if let Some(head) = plan.ledger_head {
        ledger
            .must_hold(head, "the plan")
            .map_err(LogError::Broken)?;
    }
    let history = ledger.history(&plan.model, &plan.stage);
    let mut before = history.iter().rev();
    let from = before.find(|release| release.entry.sequence <= planned_at);
    if from.map(|release| release.entry.digest) != plan.from {
        let problem = "it contradicts the ledger it was made on about what was live then";
        return Err(malformed(plan, problem.to_owned()));
    }
    match history.last() {
        Some(live) if live.entry.digest == plan.digest => Ok(Some(live.entry.sequence)),
        Some(live) if planned_at < live.entry.sequence => {
            let error = conflict(PROMOTE, subject(plan), &live.entry);
            Err(match ledger.applied(plan.digest()) {
                Some(entry) => error.hint(format!(
                    "the plan was applied as entry {} and is no longer live; plan again to bring \
                     it back",
                    entry.sequence
                )),
                None => error,
            })
        }
        Some(_) | None => Ok(None),
    }
}

pub(super) fn promotion(plan: &Plan, ledger: &Ledger, by: &str, now: DateTime<Utc>) -> Entry {
    Entry {
        schema_version: SCHEMA_VERSION,
        sequence: ledger.next_sequence(),
        previous: ledger.head().map(|head| head.sha256),
        kind: EntryKind::Promoted,
        model: plan.model.clone(),
        stage: plan.stage.clone(),
        digest: plan.digest,
        version: plan.version.clone(),
        from: plan.from,
        files: plan.files.clone(),
        evidence: plan.evidence.clone(),
        signature: plan.signature,
        plan: Some(plan.digest()),
        restores: None,
        by: by.to_owned(),
        at: now,
        reason: None,
    }
}

fn conflict(operation: &'static str, subject: String, other: &Entry) -> RegistryError {
    let problem = format!("{} came first", other.describe());
    RegistryError::new(RegistryErrorKind::Conflict, operation, subject, problem)
        .hint("look at `proofmark promote status` and plan again")
}

fn malformed(plan: &Plan, problem: String) -> RegistryError {
    failed(PROMOTE, plan, RegistryErrorKind::Malformed, problem)
        .hint("run `proofmark promote plan` again")
}

fn failed(
    operation: &'static str,
    plan: &Plan,
    kind: RegistryErrorKind,
    problem: String,
) -> RegistryError {
    RegistryError::new(kind, operation, subject(plan), problem)
}

fn subject(plan: &Plan) -> String {
    format!("`{}` in `{}`", plan.model, plan.stage)
}
