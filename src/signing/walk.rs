//! Reads a model from disk into [`Resources`] or a [`Manifest`]: every file once, devices refused, links
//! too unless they are asked for.
//!
//! Follows the OMS specification 1.0. Directories, modes and times are not part of a model.

use std::fs;
use std::path::Path;

use super::digest::{Progress, Reading, digest_files};
use super::error::SigningError;
use crate::evidence::Sha256;
use crate::io::files::FileError;
use crate::manifest::oms::SignedModel;
use crate::manifest::{
    FileDigest, Hashing, InvalidManifest, Manifest, RESOURCES_MAX, Resources, check_name, is_within,
};

/// Paths at the top of a model that belong to version control and are left out by every signer.
pub const DEFAULT_IGNORED: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// How a model is read.
#[derive(Clone, Copy)]
pub struct ReadOptions<'a> {
    /// Paths to leave out besides [`DEFAULT_IGNORED`], each with everything below it: usually the
    /// signature itself, relative to the model.
    pub ignore: &'a [&'a str],
    /// How files are digested.
    pub hashing: Hashing,
    /// Whether a symbolic link in the model is taken for what it points at; otherwise it is an error.
    pub allow_symlinks: bool,
    /// Who is told how far reading has come.
    pub progress: &'a dyn Progress,
}

impl Default for ReadOptions<'_> {
    fn default() -> Self {
        Self {
            ignore: &[],
            hashing: Hashing::default(),
            allow_symlinks: false,
            progress: &(),
        }
    }
}

/// Digests a model: a directory, or a single file, each file whole with SHA-256. In a directory
/// [`DEFAULT_IGNORED`] and `ignore` are left out.
///
/// The path of the model may be a link; nothing in it may.
///
/// # Errors
/// When there is nothing to sign, or something that cannot be signed or read.
pub fn digest_model(path: &Path, ignore: &[&str]) -> Result<Manifest, SigningError> {
    let options = ReadOptions {
        ignore,
        ..ReadOptions::default()
    };
    manifest_of(&read_model(path, &options)?)
}

/// Digests a model in the way `options` say.
///
/// # Errors
/// As [`digest_model`].
pub fn read_model(path: &Path, options: &ReadOptions<'_>) -> Result<Resources, SigningError> {
    for ignored in options.ignore {
        check_name(ignored).map_err(|problem| SigningError::IgnoredPath {
            path: (*ignored).to_owned(),
            problem,
        })?;
    }
    let ignored = ignored_of(options.ignore.iter().chain(&DEFAULT_IGNORED));
    digest(path, ignored, options)
}

/// Digests a model as the signer of `signed` did: in the same way, without what the signer left out.
/// What `options` and [`DEFAULT_IGNORED`] leave out is left out as well, unless the signer signed
/// something there.
///
/// # Errors
/// As [`digest_model`].
pub fn read_as_signed(
    path: &Path,
    signed: &SignedModel,
    options: &ReadOptions<'_>,
) -> Result<Resources, SigningError> {
    let is_signed = |path: &str| {
        let path = [path.to_owned()];
        let mut files = signed.files.iter();
        files.any(|file| is_within(&file.path, &path))
    };
    let ours = options.ignore.iter().chain(&DEFAULT_IGNORED).copied();
    let theirs = signed.ignored.iter().map(String::as_str);
    let paths: Vec<&str> = ours
        .filter(|path| !is_signed(path))
        .chain(theirs)
        // Anything else cannot name a path in the model.
        .filter(|path| check_name(path).is_ok())
        .collect();
    let options = ReadOptions {
        hashing: signed.hashing,
        ..*options
    };
    digest(path, ignored_of(paths.iter()), &options)
}

/// The manifest of resources that are digested whole with SHA-256.
///
/// # Errors
/// When they are digested in another way.
pub fn manifest_of(resources: &Resources) -> Result<Manifest, SigningError> {
    let digests = resources.files().iter().map(|file| {
        let [digest] = file.digests.as_slice() else {
            return None;
        };
        Some(FileDigest {
            path: file.path.clone(),
            sha256: Sha256::from_bytes((**digest).try_into().ok()?),
            size: file.size?,
        })
    });
    let files: Option<Vec<FileDigest>> = match resources.hashing == Hashing::default() {
        true => digests.collect(),
        false => None,
    };
    let mut files = files.ok_or(SigningError::OtherHashing)?;
    match (resources.is_single_file(), files.pop()) {
        (true, Some(file)) => Ok(Manifest::of_file(file)?),
        (_, last) => {
            files.extend(last);
            Ok(Manifest::new(files, resources.ignored().to_vec())?)
        }
    }
}

/// The name of a model for people: the last part of its path.
///
/// # Errors
/// When the path does not exist or its last part is not Unicode.
pub fn model_name(path: &Path) -> Result<String, SigningError> {
    let full = fs::canonicalize(path).map_err(|error| FileError::new("read", path, error))?;
    let named = if path.file_name().is_some() {
        path
    } else {
        &full
    };
    match named.file_name() {
        // The root directory has no name.
        None => Ok("model".to_owned()),
        Some(name) => match name.to_str() {
            Some(name) => Ok(name.to_owned()),
            None => Err(SigningError::NotUnicode(path.to_owned())),
        },
    }
}

/// Where `file` lies in `model`, as a path to ignore; nothing when it lies elsewhere. The file need
/// not exist yet, its directory must.
#[must_use]
pub fn path_within(model: &Path, file: &Path) -> Option<String> {
    let directory = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let model = fs::canonicalize(model).ok()?;
    let full = fs::canonicalize(directory).ok()?.join(file.file_name()?);
    let parts: Option<Vec<&str>> = full
        .strip_prefix(&model)
        .ok()?
        .iter()
        .map(std::ffi::OsStr::to_str)
        .collect();
    parts
        .map(|parts| parts.join("/"))
        .filter(|path| !path.is_empty())
}

fn ignored_of<'a>(paths: impl Iterator<Item = &'a &'a str>) -> Vec<String> {
    let mut paths: Vec<String> = paths.map(|path| (*path).to_owned()).collect();
    paths.sort();
    paths.dedup();
    paths
}

fn digest(
    path: &Path,
    ignored: Vec<String>,
    options: &ReadOptions<'_>,
) -> Result<Resources, SigningError> {
    let metadata = fs::metadata(path).map_err(|error| FileError::new("read", path, error))?;
    let reading = Reading {
        hashing: options.hashing,
        // The way to a model that is a single file may be a link.
        follow_links: options.allow_symlinks || metadata.is_file(),
        progress: options.progress,
    };
    if metadata.is_dir() {
        let names = list(path, &ignored, options.allow_symlinks)?;
        let files = names.into_iter().map(|name| {
            let file = path.join(&name);
            (name, file)
        });
        let files = digest_files(files.collect(), reading)?;
        let mut resources = Resources::new(options.hashing, files, ignored)?;
        resources.allow_symlinks = options.allow_symlinks;
        Ok(resources)
    } else if metadata.is_file() {
        let files = digest_files(vec![(model_name(path)?, path.to_owned())], reading)?;
        let file = files.into_iter().next().ok_or(InvalidManifest::Empty)?;
        Ok(Resources::of_file(options.hashing, file)?)
    } else {
        Err(SigningError::SpecialFile(path.to_owned()))
    }
}

/// Names of all files below `root`, sorted.
fn list(root: &Path, ignored: &[String], follow: bool) -> Result<Vec<String>, SigningError> {
    let mut names = Vec::new();
    let mut directories = vec![String::new()];
    let mut directories_seen: usize = 0;
    while let Some(directory) = directories.pop() {
        let path = root.join(&directory);
        let failed = |error| FileError::new("read", &path, error);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = name_of(&directory, &entry)?;
            if is_within(&name, ignored) {
                continue;
            }
            let kind = kind_of(&entry, follow)?;
            if kind.is_dir() {
                directories.push(name);
            } else if kind.is_file() {
                names.push(name);
            } else {
                return Err(SigningError::SpecialFile(entry.path()));
            }
            // Links can make a small tree look endless.
            if RESOURCES_MAX < names.len() + directories_seen {
                return Err(InvalidManifest::TooMany(names.len()).into());
            }
        }
        directories_seen += 1;
    }
    names.sort();
    Ok(names)
}

/// What an entry is; a link is what it points at, when that is wanted and no endless way.
fn kind_of(entry: &fs::DirEntry, follow: bool) -> Result<fs::FileType, SigningError> {
    let path = entry.path();
    let failed = |error| FileError::new("read", &path, error);
    let kind = entry.file_type().map_err(failed)?;
    if !kind.is_symlink() {
        return Ok(kind);
    }
    if !follow {
        return Err(SigningError::SymbolicLink(path));
    }
    let target = fs::canonicalize(&path).map_err(failed)?;
    let parent = path
        .parent()
        .map(fs::canonicalize)
        .transpose()
        .map_err(failed)?;
    if parent.is_some_and(|parent| parent.starts_with(&target)) {
        return Err(SigningError::EndlessLink(path));
    }
    Ok(fs::metadata(&target).map_err(failed)?.file_type())
}

fn name_of(directory: &str, entry: &fs::DirEntry) -> Result<String, SigningError> {
    match entry.file_name().to_str() {
        None => Err(SigningError::NotUnicode(entry.path())),
        Some(name) if directory.is_empty() => Ok(name.to_owned()),
        Some(name) => Ok(format!("{directory}/{name}")),
    }
}
