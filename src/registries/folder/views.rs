//! Views: what is live, for whoever deploys and does not want to read a ledger. Derived; where a view
//! and the ledger differ, the ledger is right. A view also remembers the entry it was made from, and
//! so betrays a ledger that was cut off.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::FolderRegistry;
use super::log::LogError;
use super::verify::ViewState;
use crate::evidence::Sha256;
use crate::io::files::{self, FileError};
use crate::policy::{ModelName, StageName};
use crate::registries::RegistryError;
use crate::registries::ledger::{
    BrokenChain, ENTRY_BYTES_MAX, EvidenceRef, Head, Ledger, Release, ReleaseFile, SCHEMA_VERSION,
};

/// How often a view is written again because the ledger has moved on meanwhile.
const WRITES_MAX: u32 = 16;

/// Most views looked at: a thousand models in ten stages, and far more.
const VIEWS_MAX: usize = 100_000;

/// The file `views/<model>/<stage>.json`.
#[derive(Debug, Serialize, Deserialize)]
struct View {
    schema_version: u32,
    model: ModelName,
    stage: StageName,
    digest: Sha256,
    files: Vec<ReleaseFile>,
    evidence: Vec<EvidenceRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<Sha256>,
    by: String,
    at: DateTime<Utc>,
    entry: Head,
}

impl View {
    fn of(release: &Release) -> Self {
        let entry = &release.entry;
        Self {
            schema_version: SCHEMA_VERSION,
            model: entry.model.clone(),
            stage: entry.stage.clone(),
            digest: entry.digest,
            files: entry.files.clone(),
            evidence: entry.evidence.clone(),
            signature: entry.signature,
            by: entry.by.clone(),
            at: entry.at,
            entry: Head {
                sequence: entry.sequence,
                sha256: release.entry_sha256,
            },
        }
    }

    fn to_json(&self) -> String {
        let value = serde_json::to_value(self).expect("a view has only string keys");
        let mut text = serde_json::to_string_pretty(&value).expect("a JSON value can be written");
        text.push('\n');
        text
    }
}

/// The views there are, by model and stage, each with the entry it remembers if it can be read.
pub(super) type Remembered = BTreeMap<(ModelName, StageName), Option<Head>>;

impl FolderRegistry {
    /// Writes every view that does not say what the ledger says, and removes those of stages the
    /// ledger does not know. What a killed process left undone is mended by this.
    ///
    /// # Errors
    /// When the ledger or a view cannot be read or written, and when a view remembers an entry the
    /// ledger no longer has: that is evidence, not to be overwritten.
    pub fn repair_views(&self) -> Result<(), RegistryError> {
        let (mut ledger, remembered) = self.read_with_views()?;
        self.rewrite_views(&mut ledger, &remembered)
    }

    /// The ledger, found to hold every entry a view remembers, and the views. Views are read first:
    /// each is written after its entry, so none may remember more than the ledger then has.
    pub(super) fn read_with_views(&self) -> Result<(Ledger, Remembered), RegistryError> {
        let remembered = self.remembered()?;
        let ledger = self.read_log()?;
        self.must_hold_views(&ledger, &remembered)
            .map_err(LogError::Broken)?;
        Ok((ledger, remembered))
    }

    pub(super) fn must_hold_views(
        &self,
        ledger: &Ledger,
        remembered: &Remembered,
    ) -> Result<(), BrokenChain> {
        for ((model, stage), head) in remembered {
            if let Some(head) = head {
                let who = format!("`{}`", self.view_path(model, stage).display());
                ledger.must_hold(*head, &who)?;
            }
        }
        Ok(())
    }

    pub(super) fn rewrite_views(
        &self,
        ledger: &mut Ledger,
        remembered: &Remembered,
    ) -> Result<(), RegistryError> {
        let live = ledger.all_live();
        for (model, stage) in live.keys() {
            self.settle_view(ledger, model, stage)?;
        }
        for (model, stage) in remembered.keys() {
            if ledger.live(model, stage).is_none() {
                let path = self.view_path(model, stage);
                fs::remove_file(&path).map_err(|error| FileError::new("remove", &path, error))?;
            }
        }
        Ok(())
    }

    /// Writes one view. A slower process could put an older view over a newer one; so each looks at
    /// the ledger again after it has written, and whoever writes last has looked last.
    pub(super) fn settle_view(
        &self,
        ledger: &mut Ledger,
        model: &ModelName,
        stage: &StageName,
    ) -> Result<(), RegistryError> {
        for _ in 0..WRITES_MAX {
            let Some(release) = ledger.live(model, stage) else {
                return Ok(());
            };
            if self.view_state(&release) != ViewState::InStep {
                let text = View::of(&release).to_json();
                files::write_atomic(&self.view_path(model, stage), text.as_bytes())?;
            }
            self.extend(ledger)?;
            if ledger
                .touched_since(model, stage, release.entry.sequence)
                .is_none()
            {
                return Ok(());
            }
        }
        // Others keep writing this stage, and each of them writes the view after its entry.
        Ok(())
    }

    /// Whether the view says that `release` is live.
    pub(super) fn view_state(&self, release: &Release) -> ViewState {
        let path = self.view_path(&release.entry.model, &release.entry.stage);
        match files::read(&path, ENTRY_BYTES_MAX) {
            Ok(bytes) if bytes == View::of(release).to_json().as_bytes() => ViewState::InStep,
            Ok(_) => ViewState::OutOfStep,
            Err(error) if error.is_not_found() => ViewState::Missing,
            Err(_) => ViewState::OutOfStep,
        }
    }

    pub(super) fn view_path(&self, model: &ModelName, stage: &StageName) -> PathBuf {
        self.views()
            .join(model.as_str())
            .join(format!("{stage}.json"))
    }

    pub(super) fn remembered(&self) -> Result<Remembered, RegistryError> {
        let mut remembered = Remembered::new();
        for model in names_in(&self.views())? {
            let Ok(model) = model.parse::<ModelName>() else {
                continue;
            };
            let folder = self.views().join(model.as_str());
            if !folder.is_dir() {
                continue;
            }
            for file in names_in(&folder)? {
                let stage = file.strip_suffix(".json").map(str::parse::<StageName>);
                if let Some(Ok(stage)) = stage
                    && remembered.len() < VIEWS_MAX
                {
                    let head = head_in(&self.view_path(&model, &stage));
                    remembered.insert((model.clone(), stage), head);
                }
            }
        }
        Ok(remembered)
    }
}

/// The entry a view remembers. What cannot be read remembers nothing and is written anew.
fn head_in(path: &Path) -> Option<Head> {
    #[derive(Deserialize)]
    struct Remembers {
        entry: Head,
    }
    let bytes = files::read(path, ENTRY_BYTES_MAX).ok()?;
    let view: Remembers = serde_json::from_slice(&bytes).ok()?;
    Some(view.entry)
}

/// The names in a directory, at most [`VIEWS_MAX`]; none when it does not exist.
fn names_in(directory: &Path) -> Result<Vec<String>, FileError> {
    let failed = |error| FileError::new("list", directory, error);
    let listing = match fs::read_dir(directory) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for item in listing.take(VIEWS_MAX) {
        if let Ok(name) = item.map_err(failed)?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}
