//! Digests the files of a model on all cores: every byte is read once, and memory does not depend on
//! the size. Files, the parts of a file, and the subtrees of BLAKE3 are digested at the same time.

use std::fs::{self, File, Metadata};
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::SigningError;
use super::hasher::{self, SUBTREE_BYTES};
use crate::io::files::{self, FileError, FileProblem};
use crate::manifest::{ContentDigest, DigestedFile, HashAlgorithm, Hashing};

/// Is told how far reading has come.
pub trait Progress: Sync {
    /// So many bytes will be read.
    fn expect(&self, bytes: u64);
    /// So many more bytes were read.
    fn advance(&self, bytes: u64);
}

/// Nobody looks.
impl Progress for () {
    fn expect(&self, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
}

impl Progress for indicatif::ProgressBar {
    fn expect(&self, bytes: u64) {
        self.set_length(bytes);
    }
    fn advance(&self, bytes: u64) {
        self.inc(bytes);
    }
}

/// How files are read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub hashing: Hashing,
    /// Whether a link is taken for what it points at; otherwise it is an error.
    pub follow_links: bool,
    pub progress: &'a dyn Progress,
}

/// Digests files: `names` with where each is. Of several problems the first by order is told, however
/// the work was spread.
pub(super) fn digest_files(
    files: Vec<(String, PathBuf)>,
    reading: Reading<'_>,
) -> Result<Vec<DigestedFile>, SigningError> {
    let planned = files
        .into_par_iter()
        .map(|(name, path)| Planned::new(name, path, reading));
    let planned: Vec<Planned> = planned.collect::<Result<_, _>>()?;
    let sizes = planned.iter().map(|file| file.stamp.size);
    reading.progress.expect(sizes.fold(0, u64::saturating_add));
    let pieces: Vec<Piece<'_>> = planned
        .iter()
        .flat_map(|file| pieces(file, reading))
        .collect();
    let digests: Vec<Result<ContentDigest, SigningError>> = pieces
        .par_iter()
        // A share of the pieces by number would be uneven: the large files of a model stand together.
        .with_max_len(1)
        .map(|piece| piece.digest(reading))
        .collect();
    let mut digests = digests.into_iter();
    planned
        .iter()
        .map(|file| file.finish(digests.by_ref(), reading))
        .collect()
}

/// A file as it was when the work was planned.
struct Planned {
    name: String,
    path: PathBuf,
    stamp: Stamp,
}

/// What must not change while a file is digested.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<std::time::SystemTime>,
    place: (u64, u64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let place = {
            use std::os::unix::fs::MetadataExt as _;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let place = (0, 0);
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            place,
        }
    }
}

impl Planned {
    fn new(name: String, path: PathBuf, reading: Reading<'_>) -> Result<Self, SigningError> {
        let stamp = stat(&path, reading)?;
        Ok(Self { name, path, stamp })
    }

    /// Takes as many of the digests as the file has pieces.
    fn finish(
        &self,
        digests: &mut impl Iterator<Item = Result<ContentDigest, SigningError>>,
        reading: Reading<'_>,
    ) -> Result<DigestedFile, SigningError> {
        let count = pieces(self, reading).count();
        let mut digests = digests.take(count).collect::<Result<Vec<_>, _>>()?;
        if is_tree(self, reading) {
            let joined = hasher::join_subtrees(&digests, self.stamp.size);
            digests = vec![joined.ok_or_else(|| self.changed())?];
        }
        Ok(DigestedFile {
            path: self.name.clone(),
            size: Some(self.stamp.size),
            digests,
        })
    }

    fn changed(&self) -> SigningError {
        FileError::because("read", &self.path, FileProblem::Changed).into()
    }
}

fn stat(path: &Path, reading: Reading<'_>) -> Result<Stamp, SigningError> {
    let metadata = match reading.follow_links {
        true => fs::metadata(path),
        false => fs::symlink_metadata(path),
    };
    let metadata = metadata.map_err(|error| FileError::new("read", path, error))?;
    if !metadata.is_file() {
        // It was a file when the directory was listed.
        return Err(FileError::because("read", path, FileProblem::Changed).into());
    }
    Ok(Stamp::of(&metadata))
}

/// What one core digests.
struct Piece<'a> {
    file: &'a Planned,
    start: u64,
    end: u64,
}

/// Whether a file is digested as a tree of several pieces that make one digest.
fn is_tree(file: &Planned, reading: Reading<'_>) -> bool {
    let Hashing {
        algorithm,
        shard_size,
    } = reading.hashing;
    algorithm == HashAlgorithm::Blake3 && shard_size.is_none() && SUBTREE_BYTES < file.stamp.size
}

fn pieces<'a>(file: &'a Planned, reading: Reading<'_>) -> impl Iterator<Item = Piece<'a>> {
    let cut = Hashing {
        shard_size: std::num::NonZeroU64::new(SUBTREE_BYTES),
        ..reading.hashing
    };
    let hashing = match is_tree(file, reading) {
        true => cut,
        false => reading.hashing,
    };
    let parts = hashing.parts(file.stamp.size);
    parts.map(move |(start, end)| Piece { file, start, end })
}

impl Piece<'_> {
    fn digest(&self, reading: Reading<'_>) -> Result<ContentDigest, SigningError> {
        let path = &self.file.path;
        let failed = |error| FileError::new("read", path, error);
        let mut file = files::open(path)?;
        // What took the place of the file since, or a link there, is another file.
        if Stamp::of(&file.metadata().map_err(failed)?) != self.file.stamp {
            return Err(self.file.changed());
        }
        if 0 < self.start {
            file.seek(SeekFrom::Start(self.start)).map_err(failed)?;
        }
        let digest = self.read(&file, reading).map_err(failed)?;
        let unchanged = stat(path, reading)? == self.file.stamp;
        digest
            .filter(|_| unchanged)
            .ok_or_else(|| self.file.changed())
    }

    fn read(&self, file: &File, reading: Reading<'_>) -> std::io::Result<Option<ContentDigest>> {
        let length = self.end - self.start;
        let advance = |bytes| reading.progress.advance(bytes);
        if is_tree(self.file, reading) {
            return hasher::subtree(file, self.start, length, &advance);
        }
        hasher::digest(reading.hashing.algorithm, file, length, &advance)
    }
}
