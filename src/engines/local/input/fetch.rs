//! What a locator names: a path, stdin, or objects in a store; and getting it here.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::super::partitions::FileDigest;
use super::super::table::TableSource;
use super::files;
use crate::engines::EngineError;
use crate::evidence::Sha256;
use crate::io::World;
use crate::io::files::{self as local, FileError, FileProblem};
use crate::io::objects;
use crate::measure::{LogicalType, Reading};

/// The locator of stdin.
const STDIN: &str = "-";

/// Bytes taken from stdin: what fits on the disk of a build machine.
const STDIN_BYTES_MAX: u64 = 64 << 30;

impl TableSource {
    /// The table a locator names: a path relative to `directory`, `file://`, `-` for stdin, or the address
    /// of objects in a store.
    #[must_use]
    pub fn named(
        directory: &Path,
        locator: &str,
        types: Vec<(String, LogicalType)>,
        reading: Reading,
    ) -> Self {
        let path = if locator == STDIN || objects::is_remote(locator) {
            PathBuf::from(locator)
        } else if let Some(path) = locator.strip_prefix("file://") {
            let path = path.strip_prefix("localhost").unwrap_or(path);
            let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            PathBuf::from(path.into_owned())
        } else {
            directory.join(locator)
        };
        Self {
            path,
            locator: locator.to_owned(),
            names: Vec::new(),
            types,
            reading,
            fetched: None,
        }
    }

    /// The same table in files of this machine: what is elsewhere is fetched into temporary files, which go
    /// with the last copy of the source.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn fetch(self, world: &World) -> Result<Self, EngineError> {
        let is_stdin = self.path == Path::new(STDIN);
        let locator = self.path.to_string_lossy().into_owned();
        if !is_stdin && !objects::is_remote(&locator) {
            return Ok(self);
        }
        let failed = |error| FileError::new("write", &std::env::temp_dir(), error);
        let directory = tempfile::Builder::new()
            .prefix("proofmark-data-")
            .tempdir()
            .map_err(failed)?;
        let path = if is_stdin {
            spool(&mut io::stdin().lock(), directory.path())?
        } else {
            objects::fetch(world, &locator, directory.path())?
        };
        Ok(self.at(path, directory))
    }

    fn at(self, path: PathBuf, directory: TempDir) -> Self {
        Self {
            path,
            fetched: Some(Arc::new(directory)),
            ..self
        }
    }

    /// The files of the table, in the order of their rows. What is elsewhere has been fetched.
    ///
    /// # Errors
    /// When there are none, or they cannot be listed.
    pub fn files(&self) -> Result<Vec<PathBuf>, EngineError> {
        let found = files::find(self)?;
        Ok(found.files.into_iter().map(|file| file.path).collect())
    }

    /// The digest of the table, and its size in bytes. Of one file it is the file's own SHA-256; of several
    /// it is the SHA-256 of a list with a line for each, sorted by name: the name below the directory of the
    /// table, a NUL, the SHA-256 of the file in lower-case hexadecimal.
    ///
    /// # Errors
    /// When a file cannot be read, or changes while it is.
    pub fn digest(&self) -> Result<(Sha256, u64), EngineError> {
        let (sha256, files) = self.digests()?;
        Ok((sha256, files.iter().map(|file| file.bytes).sum()))
    }

    /// The digest of the table and those of its files, in the order of their rows.
    ///
    /// # Errors
    /// As [`TableSource::digest`].
    pub fn digests(&self) -> Result<(Sha256, Vec<FileDigest>), EngineError> {
        let found = files::find(self)?;
        let is_file = found.schema.is_none() && !self.path.is_dir();
        let mut lines = Vec::with_capacity(found.files.len());
        let mut digests = Vec::with_capacity(found.files.len());
        for file in found.files {
            let digest = file_digest(file.path)?;
            lines.push(format!("{}\0{}\n", file.name, digest.sha256));
            digests.push(digest);
        }
        if let ([one], true) = (digests.as_slice(), is_file) {
            return Ok((one.sha256, digests));
        }
        lines.sort_unstable();
        Ok((Sha256::of(lines.concat().as_bytes()), digests))
    }
}

fn file_digest(path: PathBuf) -> Result<FileDigest, EngineError> {
    let stamp = local::stamp(&path)?;
    let (sha256, bytes) = local::digest(&path)?;
    Ok(FileDigest {
        path,
        sha256,
        bytes,
        stamp,
    })
}

/// Puts what comes from a pipe into a file, so that it can be read twice.
fn spool(from: &mut impl Read, directory: &Path) -> Result<PathBuf, FileError> {
    let path = directory.join("stdin");
    let failed = |error| FileError::new("read", Path::new(STDIN), error);
    let mut file = std::fs::File::create_new(&path).map_err(failed)?;
    let taken = io::copy(&mut from.take(STDIN_BYTES_MAX + 1), &mut file).map_err(failed)?;
    if STDIN_BYTES_MAX < taken {
        let problem = FileProblem::TooLarge(STDIN_BYTES_MAX);
        return Err(FileError::because("read", Path::new(STDIN), problem));
    }
    Ok(path)
}
