//! The files of a model as one signature lists them: digested in the way the signer chose.

use std::cmp::Ordering;

use sha2::Digest as _;

use super::files::{InvalidManifest, Manifest, check_files, check_name, invalid_name};
use super::hashing::{ContentDigest, Hashing};
use super::oms::SINGLE_FILE_NAME;
use crate::evidence::Sha256;

/// One file of a model and its digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestedFile {
    /// Path relative to the model, with `/` between its parts.
    pub path: String,
    /// Size in bytes; a signature that digests files as a whole does not say.
    pub size: Option<u64>,
    /// One for the whole file, or one for each of its parts; none for an empty file that is cut.
    pub digests: Vec<ContentDigest>,
}

/// Every file of a model, sorted by name, each once, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// How they are digested.
    pub hashing: Hashing,
    /// Whether symbolic links are taken for what they point at.
    pub allow_symlinks: bool,
    files: Vec<DigestedFile>,
    ignored: Vec<String>,
    single_file: bool,
}

/// What a signature lists: the file, or the part of it from and to which byte.
type Listed<'a> = (String, &'a DigestedFile, u64, &'a ContentDigest);

impl Resources {
    /// The resources of a directory, from `files` in any order. `ignored` are the paths left out on
    /// purpose, each with everything below it.
    ///
    /// # Errors
    /// When there is no file or too many, when a name breaks the rules of [`check_name`] or occurs
    /// twice, or when a file lies in an ignored path.
    pub fn new(
        hashing: Hashing,
        mut files: Vec<DigestedFile>,
        mut ignored: Vec<String>,
    ) -> Result<Self, InvalidManifest> {
        files.sort_by(|left, right| left.path.cmp(&right.path));
        ignored.sort();
        ignored.dedup();
        for path in &ignored {
            check_name(path).map_err(|problem| invalid_name(path, problem))?;
        }
        check_files(files.iter().map(|file| file.path.as_str()), &ignored)?;
        Ok(Self {
            hashing,
            allow_symlinks: false,
            files,
            ignored,
            single_file: false,
        })
    }

    /// The resources of a model that is a single file.
    ///
    /// # Errors
    /// When the name breaks the rules of [`check_name`].
    pub fn of_file(hashing: Hashing, file: DigestedFile) -> Result<Self, InvalidManifest> {
        let resources = Self::new(hashing, vec![file], Vec::new())?;
        Ok(Self {
            single_file: true,
            ..resources
        })
    }

    /// Whether the model is a single file, not a directory.
    #[must_use]
    pub fn is_single_file(&self) -> bool {
        self.single_file
    }

    /// The files, sorted by name.
    #[must_use]
    pub fn files(&self) -> &[DigestedFile] {
        &self.files
    }

    /// The paths left out on purpose, sorted.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Files that no digest covers: the empty ones, when files are cut into parts.
    pub fn uncovered(&self) -> impl Iterator<Item = &str> {
        let uncovered = self.files.iter().filter(|file| file.digests.is_empty());
        uncovered.map(|file| file.path.as_str())
    }

    /// The digest that names this model, in the order of the specification: the code points of the
    /// names listed.
    #[must_use]
    pub fn root_digest(&self) -> Sha256 {
        root_of(self.listed().into_iter().map(|(_, _, _, digest)| &**digest))
    }

    /// The same in the order of `model_signing` 1.1.1, which sorts paths part by part and what is cut
    /// by number.
    #[must_use]
    pub fn root_digest_by_component(&self) -> Sha256 {
        let mut listed = self.listed();
        listed.sort_by(|left, right| {
            by_component(&left.1.path, &right.1.path).then(left.2.cmp(&right.2))
        });
        root_of(listed.into_iter().map(|(_, _, _, digest)| &**digest))
    }

    /// What a signature lists, by name and in the order of the specification.
    pub(super) fn named(&self) -> impl Iterator<Item = (String, &ContentDigest)> {
        let listed = self.listed().into_iter();
        listed.map(|(name, _, _, digest)| (name, digest))
    }

    fn listed(&self) -> Vec<Listed<'_>> {
        let mut listed: Vec<Listed<'_>> =
            self.files.iter().flat_map(|file| self.of(file)).collect();
        listed.sort_by(|left, right| left.0.cmp(&right.0));
        listed
    }

    fn of<'a>(&self, file: &'a DigestedFile) -> impl Iterator<Item = Listed<'a>> {
        let path = if self.single_file {
            SINGLE_FILE_NAME
        } else {
            &file.path
        };
        let hashing = self.hashing;
        // Without a size there is one digest, of the whole file.
        let parts = hashing.parts(file.size.unwrap_or(0));
        parts.zip(&file.digests).map(move |((start, end), digest)| {
            let name = match hashing.shard_size {
                None => path.to_owned(),
                Some(_) => format!("{path}:{start}:{end}"),
            };
            (name, file, start, digest)
        })
    }
}

impl From<&Manifest> for Resources {
    fn from(manifest: &Manifest) -> Self {
        let file = |file: &super::FileDigest| DigestedFile {
            path: file.path.clone(),
            size: Some(file.size),
            digests: vec![file.sha256.as_bytes().as_slice().into()],
        };
        Self {
            hashing: Hashing::default(),
            allow_symlinks: false,
            files: manifest.files().iter().map(file).collect(),
            ignored: manifest.ignored().to_vec(),
            single_file: manifest.is_single_file(),
        }
    }
}

/// SHA-256 over the raw `digests` in the order given, whatever made them.
pub(super) fn root_of<'a>(digests: impl Iterator<Item = &'a [u8]>) -> Sha256 {
    let mut hasher = sha2::Sha256::new();
    for digest in digests {
        hasher.update(digest);
    }
    Sha256::from_bytes(hasher.finalize().into())
}

pub(super) fn by_component(left: &str, right: &str) -> Ordering {
    left.split('/').cmp(right.split('/'))
}
