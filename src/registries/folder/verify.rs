//! Is the registry what it says it is? The whole ledger, every blob, every view.

use std::collections::BTreeMap;
use std::fmt;

use super::FolderRegistry;
use super::log::LogError;
use super::views::Remembered;
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, Severity, Sha256, Subject, Unit,
};
use crate::registries::RegistryError;
use crate::registries::ledger::{Head, Ledger, Part, Release};

/// Most damaged blobs with a record of their own; more are counted.
const DAMAGED_SHOWN_MAX: usize = 100;

/// What is live in a stage, and whether it can be relied upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageStatus {
    /// What is live, since when and by whom.
    pub release: Release,
    /// What of it is not stored as it should be; empty when every file was verified.
    pub damaged: Vec<DamagedBlob>,
    /// Whether the view says so.
    pub view: ViewState,
}

/// A file of a release that is not stored as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedBlob {
    /// What it is.
    pub part: Part,
    /// What is wrong with it; never [`BlobState::Whole`].
    pub state: BlobState,
}

/// What became of stored bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobState {
    /// They are there, with the size and digest recorded.
    Whole,
    /// They are not there.
    Missing,
    /// They have another digest or size.
    Changed,
    /// They cannot be read, for this reason.
    Unreadable(String),
}

/// What a view says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewState {
    /// What the ledger says.
    InStep,
    /// Something else; the next writer mends it.
    OutOfStep,
    /// Nothing; the next writer makes it.
    Missing,
}

/// Reads after the name of the file.
impl fmt::Display for BlobState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => formatter.write_str("is whole"),
            Self::Missing => formatter.write_str("is not there"),
            Self::Changed => formatter.write_str("was changed: its digest or size is another"),
            Self::Unreadable(problem) => write!(formatter, "cannot be read: {problem}"),
        }
    }
}

/// Reads after "the view ".
impl fmt::Display for ViewState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::InStep => "says what the ledger says",
            Self::OutOfStep => "says something else than the ledger",
            Self::Missing => "is missing",
        })
    }
}

impl FolderRegistry {
    /// What is live, of every model in every stage, each file of it verified.
    ///
    /// # Errors
    /// When the ledger cannot be read or believed.
    pub fn status(&self) -> Result<Vec<StageStatus>, RegistryError> {
        let (ledger, _) = self.read_with_views()?;
        let live = ledger.all_live().into_values();
        Ok(live.map(|release| self.status_of(release)).collect())
    }

    fn status_of(&self, release: Release) -> StageStatus {
        let parts = release.entry.parts();
        let damaged = parts.filter_map(|part| match self.blob_state(&part) {
            BlobState::Whole => None,
            state @ (BlobState::Missing | BlobState::Changed | BlobState::Unreadable(_)) => {
                Some(DamagedBlob { part, state })
            }
        });
        StageStatus {
            damaged: damaged.collect(),
            view: self.view_state(&release),
            release,
        }
    }

    /// Verifies the whole registry. `remembered` is the head of the ledger as someone outside the
    /// registry knows it; with it, a ledger cut off or written anew is found out in any case,
    /// without it only when a view remembers more.
    #[must_use]
    pub fn verify(&self, remembered: Option<Head>) -> Vec<Evidence> {
        let views = self.remembered();
        let mut ledger = Ledger::default();
        let read = self.read_log_into(&mut ledger);
        let no_views = Remembered::new();
        let known = views.as_ref().unwrap_or(&no_views);
        let chain = read.and_then(|()| self.must_hold_all(&ledger, known, remembered));

        let mut evidence = vec![self.judge_chain(&ledger, &chain)];
        evidence.extend(self.judge_blobs(&ledger));
        // What follows from a ledger that is broken says nothing about views.
        if chain.is_ok() {
            evidence.extend(self.judge_views(&ledger, views));
        }
        evidence
    }

    fn must_hold_all(
        &self,
        ledger: &Ledger,
        views: &Remembered,
        remembered: Option<Head>,
    ) -> Result<(), LogError> {
        if let Some(head) = remembered {
            ledger
                .must_hold(head, "whoever asks")
                .map_err(LogError::Broken)?;
        }
        self.must_hold_views(ledger, views)
            .map_err(LogError::Broken)
    }

    fn judge_chain(&self, ledger: &Ledger, chain: &Result<(), LogError>) -> Evidence {
        let subject = file("log");
        let record = match (chain, ledger.head()) {
            (Err(LogError::Broken(broken)), _) => Evidence::new(
                "ledger-chain",
                subject,
                Outcome::NotMet,
                format!(
                    "the ledger cannot be believed from `{}` on: {broken}",
                    self.entry_path(broken.sequence).display()
                ),
            ),
            (Err(LogError::File(error)), _) => Evidence::not_evaluated(
                "ledger-chain",
                subject,
                Reason::UnreadableInput,
                error.to_string(),
            ),
            (Ok(()), None) => Evidence::not_evaluated(
                "ledger-chain",
                subject,
                Reason::MissingInput,
                format!("there is no entry in `{}`", self.log().display()),
            ),
            (Ok(()), Some(head)) => Evidence::new(
                "ledger-chain",
                subject,
                Outcome::Met,
                format!(
                    "{} entries follow from one another; the latest is {}",
                    head.sequence,
                    head.sha256.short()
                ),
            ),
        };
        record.severity(Severity::Integrity)
    }

    /// One record for each damaged blob, up to a limit, and one that counts them all.
    fn judge_blobs(&self, ledger: &Ledger) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        let mut damaged: u64 = 0;
        let parts = parts_of(ledger);
        let total = parts.len();
        for (sequence, part) in parts.into_values() {
            let state = self.blob_state(&part);
            if state == BlobState::Whole {
                continue;
            }
            damaged = damaged.saturating_add(1);
            if evidence.len() < DAMAGED_SHOWN_MAX {
                evidence.push(damaged_blob(sequence, &part, &state));
            }
        }
        let observed = Quantity::new(damaged as f64, Unit::Files);
        let required = Bound::AtMost(0.0);
        let outcome = if total == 0 {
            Outcome::NotEvaluated(Reason::MissingInput)
        } else {
            required.judge(&observed)
        };
        let message =
            format!("{damaged} of {total} stored files are not whole, required {required}");
        let summary = Evidence::new("ledger-blob", file("blobs"), outcome, message)
            .severity(Severity::Integrity)
            .measured(observed, required);
        evidence.push(summary);
        evidence
    }

    fn judge_views(
        &self,
        ledger: &Ledger,
        views: Result<Remembered, RegistryError>,
    ) -> Vec<Evidence> {
        let views = match views {
            Ok(views) => views,
            Err(error) => {
                let (subject, reason) = (file("views"), Reason::UnreadableInput);
                let message = error.to_string();
                return vec![Evidence::not_evaluated(
                    "ledger-view",
                    subject,
                    reason,
                    message,
                )];
            }
        };
        let live = ledger.all_live();
        let known = live.iter().map(|((model, stage), release)| {
            let state = self.view_state(release);
            let outcome = match state {
                ViewState::InStep => Outcome::Met,
                ViewState::OutOfStep | ViewState::Missing => Outcome::NotMet,
            };
            let message = format!("the view of `{model}` in `{stage}` {state}");
            let (model, stage) = (model.to_string(), stage.to_string());
            let subject = Subject::Release { model, stage };
            Evidence::new("ledger-view", subject, outcome, message)
        });
        let stray = views.keys().filter(|key| !live.contains_key(key));
        let stray = stray.map(|(model, stage)| {
            let message = format!(
                "there is a view of `{model}` in `{stage}`, where the ledger has no release"
            );
            let (model, stage) = (model.to_string(), stage.to_string());
            let subject = Subject::Release { model, stage };
            Evidence::new("ledger-view", subject, Outcome::NotMet, message)
        });
        known.chain(stray).collect()
    }
}

/// Every blob the ledger names, each with the first entry that does.
fn parts_of(ledger: &Ledger) -> BTreeMap<Sha256, (u64, Part)> {
    let mut parts = BTreeMap::new();
    for entry in ledger.entries() {
        for part in entry.parts() {
            parts.entry(part.sha256).or_insert((entry.sequence, part));
        }
    }
    parts
}

fn damaged_blob(sequence: u64, part: &Part, state: &BlobState) -> Evidence {
    let digits = part.sha256.to_string();
    let (folder, rest) = digits.split_at(2);
    let subject = file(&format!("blobs/sha256/{folder}/{rest}"));
    let message = format!("`{}` of entry {sequence} {state}", part.name);
    let outcome = match state {
        BlobState::Whole => Outcome::Met,
        BlobState::Missing | BlobState::Changed => Outcome::NotMet,
        BlobState::Unreadable(_) => Outcome::NotEvaluated(Reason::UnreadableInput),
    };
    Evidence::new("ledger-blob", subject, outcome, message).severity(Severity::Integrity)
}

fn file(path: &str) -> Subject {
    let path = path.to_owned();
    Subject::File { path }
}
