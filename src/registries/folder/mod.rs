//! The embedded registry: a directory, no server.
//!
//! ```text
//! registry/log/<16-digit sequence>.json     the ledger: entries, created once, never changed
//! registry/blobs/sha256/<aa>/<62 digits>    files of models and bundles, named by their digest
//! registry/views/<model>/<stage>.json       what is live, derived from the ledger
//! ```
//!
//! A promotion stores all blobs, then creates the entry, then rewrites the view. Creating the entry
//! with link(2) is the only step that counts: whoever is killed before it has changed nothing,
//! whoever is killed after it has promoted, and the next writer mends the view. Of several writers
//! exactly one gets the next sequence number; the others look again and either go on behind it or
//! are in conflict with it. No state is kept in the process.

mod blobs;
mod log;
mod promote;
mod verify;
mod views;

use std::fs;
use std::path::{Path, PathBuf};

use super::ledger::{Ledger, Release};
use super::{RegistryError, RegistryErrorKind};
use crate::io::files::{self, FileError, FileProblem};
use crate::policy::{ModelName, PastRelease, StageName};

pub use promote::{Applied, PlanRequest, Rollback, RollbackTarget, Sources};
pub use verify::{BlobState, DamagedBlob, StageStatus, ViewState};

/// What a person finds who opens the directory.
const README: &str = "\
This directory is a model registry of proofmark. It is written by `proofmark promote` only.

log/     the ledger: one file for each promotion and rollback. Never change or delete one;
         each carries the digest of the one before, and `proofmark verify` tells.
blobs/   the files of every model that was promoted, with its evidence, named by their SHA-256.
views/   what is live: views/<model>/<stage>.json. Derived from log/, rewritten when needed.
retrain/ decisions to train again, one file for each claim and what became of it. Written by
         `proofmark retrain dispatch`; never change or delete one either.
";

/// A registry in a directory. Holds no state but the path; any number of processes may use the same
/// directory at once.
#[derive(Clone, Debug)]
pub struct FolderRegistry {
    root: PathBuf,
}

impl FolderRegistry {
    /// The registry in the directory `root`, which need not exist before the first promotion.
    ///
    /// # Errors
    /// When `root` is something else than a directory, or cannot be looked at.
    pub fn open(root: &Path) -> Result<Self, RegistryError> {
        match fs::metadata(root) {
            Ok(metadata) if !metadata.is_dir() => {
                let subject = format!("`{}`", root.display());
                let kind = RegistryErrorKind::Malformed;
                Err(RegistryError::new(
                    kind,
                    "open",
                    subject,
                    "it is not a directory",
                ))
            }
            Ok(_) => Ok(Self {
                root: root.to_owned(),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self {
                root: root.to_owned(),
            }),
            Err(error) => Err(FileError::new("open", root, error).into()),
        }
    }

    /// Every entry, each found to follow from the one before.
    ///
    /// # Errors
    /// When an entry is missing, changed, of a newer version or unreadable.
    pub fn entries(&self) -> Result<Ledger, RegistryError> {
        Ok(self.read_log()?)
    }

    /// What is live of `model` in `stage`; absent when nothing ever was.
    ///
    /// # Errors
    /// As [`FolderRegistry::entries`].
    pub fn state(
        &self,
        model: &ModelName,
        stage: &StageName,
    ) -> Result<Option<Release>, RegistryError> {
        Ok(self.entries()?.live(model, stage))
    }

    /// Every release of `model` in `stage`, the first one first.
    ///
    /// # Errors
    /// As [`FolderRegistry::entries`].
    pub fn history(
        &self,
        model: &ModelName,
        stage: &StageName,
    ) -> Result<Vec<Release>, RegistryError> {
        Ok(self.entries()?.history(model, stage))
    }

    /// What of `model` is or was live, in any stage: what a policy asks for.
    ///
    /// # Errors
    /// As [`FolderRegistry::entries`].
    pub fn past_releases(&self, model: &ModelName) -> Result<Vec<PastRelease>, RegistryError> {
        Ok(self.entries()?.past_releases(model))
    }

    /// Makes the directories and finds out whether the file system can do what the ledger needs.
    fn prepare(&self) -> Result<(), RegistryError> {
        for directory in [self.log(), self.blobs(), self.views()] {
            make_directory(&directory)?;
        }
        match files::create_new(&self.root.join("README"), README.as_bytes()) {
            Ok(()) => {}
            Err(error) if matches!(error.problem, FileProblem::AlreadyExists) => {}
            // A file system without link(2) refuses here already; the probe below says it better.
            Err(_) => {}
        }
        self.probe_links()
    }

    fn probe_links(&self) -> Result<(), RegistryError> {
        let log = self.log();
        let failed = |error| FileError::new("write", &log, error);
        let file = temporary_file(&log)?;
        let scratch = tempfile::Builder::new()
            .prefix(".proofmark-")
            .suffix(".tmp")
            .tempdir_in(&log)
            .map_err(failed)?;
        let link = scratch.path().join("link");
        let first = fs::hard_link(file.path(), &link);
        let second = fs::hard_link(file.path(), &link);
        let exclusive =
            second.is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists);
        if first.is_ok() && exclusive {
            return Ok(());
        }
        Err(RegistryError::new(
            RegistryErrorKind::Unsupported,
            "use",
            format!("`{}`", self.root.display()),
            "its file system has no hard links that fail when the name exists",
        )
        .hint("keep the registry on a local file system or on NFS"))
    }

    fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs").join("sha256")
    }

    fn views(&self) -> PathBuf {
        self.root.join("views")
    }
}

/// Makes a directory and its parents so that they outlive a loss of power: each new name is synced
/// in the directory that holds it.
fn make_directory(path: &Path) -> Result<(), FileError> {
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|ancestor| *ancestor != Path::new("") && !ancestor.is_dir())
        .collect();
    for directory in missing.into_iter().rev() {
        match fs::create_dir(directory) {
            Ok(()) => {}
            // Another process was faster.
            Err(_) if directory.is_dir() => {}
            Err(error) => return Err(FileError::new("create directory", directory, error)),
        }
        sync_directory(directory.parent().unwrap_or(Path::new("")))?;
    }
    Ok(())
}

fn sync_directory(path: &Path) -> Result<(), FileError> {
    let path = if path == Path::new("") {
        Path::new(".")
    } else {
        path
    };
    // Not every system opens directories; where it cannot be done there is nothing to sync.
    match fs::File::open(path) {
        Ok(directory) => directory
            .sync_all()
            .map_err(|error| FileError::new("write", path, error)),
        Err(_) => Ok(()),
    }
}

/// A file beside the one it will become. Its name starts with a dot: what a killed process leaves
/// behind is no entry and no blob.
fn temporary_file(directory: &Path) -> Result<tempfile::NamedTempFile, FileError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".proofmark-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask still applies; without this the file would be private to its owner.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
        .tempfile_in(directory)
        .map_err(|error| FileError::new("write", directory, error))
}

#[cfg(test)]
mod tests;
