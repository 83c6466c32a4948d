//! Files named by their digest: stored once, never changed, verified whenever they matter.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::Digest as _;

use super::verify::BlobState;
use super::{FolderRegistry, make_directory, sync_directory, temporary_file};
use crate::evidence::Sha256;
use crate::io::files::{self, FileError};
use crate::registries::ledger::{FilePath, Part};
use crate::registries::{RegistryError, RegistryErrorKind};

/// Bytes copied at a time; as large as for hashing.
const CHUNK_BYTES: usize = 1 << 20;

impl FolderRegistry {
    /// Where the bytes with this digest are kept.
    #[must_use]
    pub fn blob_path(&self, sha256: &Sha256) -> PathBuf {
        let digits = sha256.to_string();
        let (folder, rest) = digits.split_at(2);
        self.blobs().join(folder).join(rest)
    }

    /// Makes sure the bytes of `part` are stored, copied from `source` when they are not yet. What is stored already is verified and left alone.
    pub(super) fn store(
        &self,
        part: &Part,
        source: Option<&Path>,
        operation: &'static str,
    ) -> Result<(), RegistryError> {
        match (self.blob_state(part), source) {
            (BlobState::Whole, _) => Ok(()),
            (BlobState::Missing, Some(source)) => self.copy(part, source, operation),
            (state @ (BlobState::Missing | BlobState::Changed | BlobState::Unreadable(_)), _) => {
                Err(self.damaged(part, &state, operation))
            }
        }
    }

    /// Whether the bytes of `part` are there and are what they should be.
    pub(super) fn blob_state(&self, part: &Part) -> BlobState {
        match files::digest(&self.blob_path(&part.sha256)) {
            Ok((found, bytes)) => {
                if found == part.sha256 && part.size.is_none_or(|size| size == bytes) {
                    BlobState::Whole
                } else {
                    BlobState::Changed
                }
            }
            Err(error) if error.is_not_found() => BlobState::Missing,
            Err(error) => BlobState::Unreadable(error.problem.to_string()),
        }
    }

    /// The error for a blob that is not whole.
    pub(super) fn damaged(
        &self,
        part: &Part,
        state: &BlobState,
        operation: &'static str,
    ) -> RegistryError {
        let kind = match state {
            BlobState::Missing => RegistryErrorKind::NotFound,
            BlobState::Whole | BlobState::Changed => RegistryErrorKind::Integrity,
            BlobState::Unreadable(_) => RegistryErrorKind::Other,
        };
        let subject = format!("`{}`", part.name);
        let problem = format!("`{}` {state}", self.blob_path(&part.sha256).display());
        RegistryError::new(kind, operation, subject, problem)
            .hint("restore that file from a copy; its name is its SHA-256")
    }

    fn copy(
        &self,
        part: &Part,
        source: &Path,
        operation: &'static str,
    ) -> Result<(), RegistryError> {
        let target = self.blob_path(&part.sha256);
        let folder = target.parent().unwrap_or(&self.root);
        make_directory(folder)?;
        let mut temporary = temporary_file(folder)?;
        let bytes_max = part.size.unwrap_or(files::TEXT_BYTES_MAX);
        let (found, size) = copy_digesting(source, temporary.as_file_mut(), &target, bytes_max)?;
        if found != part.sha256 || part.size.is_some_and(|planned| planned != size) {
            return Err(RegistryError::new(
                RegistryErrorKind::Integrity,
                operation,
                format!("`{}`", part.name),
                format!(
                    "`{}` is not what was planned: required {}",
                    source.display(),
                    part.sha256.short()
                ),
            )
            .hint("it changed since; run `proofmark promote plan` again"));
        }
        let failed = |error| FileError::new("write", &target, error);
        temporary.as_file().sync_all().map_err(failed)?;
        match fs::hard_link(temporary.path(), &target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Another process stored the same bytes meanwhile, or claims to have.
                let state = self.blob_state(part);
                if state != BlobState::Whole {
                    return Err(self.damaged(part, &state, operation));
                }
            }
            Err(error) => return Err(failed(error).into()),
        }
        Ok(sync_directory(folder)?)
    }
}

/// Copies a file and digests it on the way; stops one byte beyond `bytes_max`.
fn copy_digesting(
    source: &Path,
    target: &mut fs::File,
    target_path: &Path,
    bytes_max: u64,
) -> Result<(Sha256, u64), FileError> {
    let mut reader = files::open(source)?.take(bytes_max.saturating_add(1));
    let mut hasher = sha2::Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut size: u64 = 0;
    loop {
        let count = match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(FileError::new("read", source, error)),
        };
        let part = chunk.get(..count).unwrap_or_default();
        hasher.update(part);
        target
            .write_all(part)
            .map_err(|error| FileError::new("write", target_path, error))?;
        size = size.saturating_add(count as u64);
    }
    Ok((Sha256::from_bytes(hasher.finalize().into()), size))
}

/// The place of a file below `root`, where nothing on the way is a symbolic link: a link could make
/// any readable file of this machine part of a release.
pub(super) fn source_within(
    root: &Path,
    path: &FilePath,
    operation: &'static str,
) -> Result<PathBuf, RegistryError> {
    let mut place = root.to_owned();
    for part in path.as_str().split('/') {
        place.push(part);
        let metadata =
            fs::symlink_metadata(&place).map_err(|error| FileError::new("read", &place, error))?;
        if metadata.is_symlink() {
            let subject = format!("`{path}`");
            let problem = format!("`{}` is a symbolic link", place.display());
            let kind = RegistryErrorKind::Malformed;
            return Err(RegistryError::new(kind, operation, subject, problem)
                .hint("put the file itself into the model"));
        }
    }
    Ok(place)
}
