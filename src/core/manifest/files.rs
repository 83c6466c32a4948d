//! The files of a model with their digests, and the two root digests computed from them.
//!
//! Follows the OMS specification 1.0: names are relative, `/` between their parts, sorted by Unicode
//! code point; the root digest is SHA-256 over the raw digests in that order.

use std::fmt;

use super::resources::{by_component, root_of};
use crate::evidence::Sha256;

/// Most files a model may have. Bounds the memory of a manifest at about 400 MB.
pub const RESOURCES_MAX: usize = 2_000_000;

/// Longest file name, in bytes: `PATH_MAX` of Linux.
const NAME_BYTES_MAX: usize = 4096;

/// One file of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// Path relative to the model, with `/` between its parts.
    pub path: String,
    /// Digest of the content.
    pub sha256: Sha256,
    /// Size in bytes.
    pub size: u64,
}

/// Every file of a model, sorted by name, each once, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    files: Vec<FileDigest>,
    ignored: Vec<String>,
    single_file: bool,
}

impl Manifest {
    /// A manifest of `files`, in any order. `ignored` are the paths left out on purpose, each with
    /// everything below it; they are recorded in the signature.
    ///
    /// # Errors
    /// When there is no file or too many, when a name breaks the rules of [`check_name`] or occurs
    /// twice, or when a file lies in an ignored path.
    pub fn new(
        mut files: Vec<FileDigest>,
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
            files,
            ignored,
            single_file: false,
        })
    }

    /// The manifest of a model that is a single file, not a directory with one file in it.
    ///
    /// # Errors
    /// When the name breaks the rules of [`check_name`].
    pub fn of_file(file: FileDigest) -> Result<Self, InvalidManifest> {
        let manifest = Self::new(vec![file], Vec::new())?;
        Ok(Self {
            single_file: true,
            ..manifest
        })
    }

    /// Whether the model is a single file, not a directory.
    #[must_use]
    pub fn is_single_file(&self) -> bool {
        self.single_file
    }

    /// The files, sorted by the code points of their names, which is the byte order of UTF-8.
    #[must_use]
    pub fn files(&self) -> &[FileDigest] {
        &self.files
    }

    /// The paths left out on purpose, sorted.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Sum of the sizes of all files, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files
            .iter()
            .fold(0, |sum, file| sum.saturating_add(file.size))
    }

    /// The digest that names this model, in the order of the specification.
    #[must_use]
    pub fn root_digest(&self) -> Sha256 {
        root_of(
            self.files
                .iter()
                .map(|file| file.sha256.as_bytes().as_slice()),
        )
    }

    /// The same in the order of `model_signing` 1.1.1, which sorts part by part, so that `a/b` comes
    /// before `a-b`. Attestations by others may name the model by it.
    #[must_use]
    pub fn root_digest_by_component(&self) -> Sha256 {
        let mut files: Vec<&FileDigest> = self.files.iter().collect();
        files.sort_by(|left, right| by_component(&left.path, &right.path));
        root_of(
            files
                .into_iter()
                .map(|file| file.sha256.as_bytes().as_slice()),
        )
    }

    /// Whether `digest` is one of the two root digests.
    #[must_use]
    pub fn is_named_by(&self, digest: Sha256) -> bool {
        digest == self.root_digest() || digest == self.root_digest_by_component()
    }
}

/// Checks names that are sorted already.
pub(super) fn check_files<'a>(
    names: impl ExactSizeIterator<Item = &'a str>,
    ignored: &[String],
) -> Result<(), InvalidManifest> {
    match names.len() {
        0 => return Err(InvalidManifest::Empty),
        count if RESOURCES_MAX < count => return Err(InvalidManifest::TooMany(count)),
        _ => {}
    }
    let mut previous: Option<&str> = None;
    for name in names {
        check_name(name).map_err(|problem| invalid_name(name, problem))?;
        if previous == Some(name) {
            return Err(InvalidManifest::Twice(shown(name)));
        }
        if is_within(name, ignored) {
            return Err(InvalidManifest::Ignored(shown(name)));
        }
        previous = Some(name);
    }
    Ok(())
}

/// Checks that `name` is a relative path that stays where it is: not empty, at most 4096 bytes, no
/// empty part, no `.`, no `..`, no NUL.
///
/// # Errors
/// With what is wrong.
pub fn check_name(name: &str) -> Result<(), NameProblem> {
    if name.is_empty() {
        return Err(NameProblem::Empty);
    }
    if NAME_BYTES_MAX < name.len() {
        return Err(NameProblem::TooLong);
    }
    if name.starts_with('/') {
        return Err(NameProblem::Absolute);
    }
    if name.contains('\0') {
        return Err(NameProblem::Nul);
    }
    for part in name.split('/') {
        match part {
            "" => return Err(NameProblem::EmptyPart),
            "." => return Err(NameProblem::Here),
            ".." => return Err(NameProblem::Parent),
            _ => {}
        }
    }
    Ok(())
}

/// Whether `name` is one of the sorted `paths` or lies below one.
#[must_use]
pub fn is_within(name: &str, paths: &[String]) -> bool {
    let listed = |prefix: &str| {
        paths
            .binary_search_by(|path| path.as_str().cmp(prefix))
            .is_ok()
    };
    listed(name)
        || name
            .match_indices('/')
            .any(|(end, _)| name.get(..end).is_some_and(listed))
}

pub(super) fn invalid_name(name: &str, problem: NameProblem) -> InvalidManifest {
    InvalidManifest::Name {
        name: shown(name),
        problem,
    }
}

/// A hostile name may be megabytes long; a message shows its beginning.
pub(super) fn shown(name: &str) -> String {
    const SHOWN_MAX: usize = 200;
    match name.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// Why a list of files is not a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidManifest {
    /// Nothing to sign.
    #[error("the model has no files")]
    Empty,
    /// More than [`RESOURCES_MAX`].
    #[error("the model has {0} files, more than {RESOURCES_MAX}")]
    TooMany(usize),
    /// A name that could reach outside the model.
    #[error("file name `{name}` {problem}")]
    Name {
        /// The name, shortened.
        name: String,
        /// What is wrong with it.
        problem: NameProblem,
    },
    /// The same name again.
    #[error("file name `{0}` occurs twice")]
    Twice(String),
    /// Listed and left out at once.
    #[error("file `{0}` is listed although it lies in an ignored path")]
    Ignored(String),
}

/// What is wrong with a file name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    /// It has no characters.
    Empty,
    /// It is longer than any path can be.
    TooLong,
    /// It starts with `/`.
    Absolute,
    /// It contains a NUL character.
    Nul,
    /// It has two `/` in a row or one at the end.
    EmptyPart,
    /// One of its parts is `.`.
    Here,
    /// One of its parts is `..`.
    Parent,
}

/// Reads after the name.
impl fmt::Display for NameProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "is empty",
            Self::TooLong => "is longer than 4096 bytes",
            Self::Absolute => "is absolute",
            Self::Nul => "contains a NUL character",
            Self::EmptyPart => "has an empty part",
            Self::Here => "has the part `.`",
            Self::Parent => "has the part `..`",
        })
    }
}
