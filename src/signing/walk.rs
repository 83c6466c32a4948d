//! Reads a model from disk into a [`Manifest`]: every file once, links and devices refused.
//!
//! Follows the OMS specification 1.0. Directories, modes and times are not part of a model.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::SigningError;
use crate::io::files::{self, FileError, FileProblem};
use crate::manifest::oms::SignedModel;
use crate::manifest::{
    FileDigest, InvalidManifest, Manifest, RESOURCES_MAX, check_name, is_within,
};

/// Paths at the top of a model that belong to version control and are left out by every signer.
pub const DEFAULT_IGNORED: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];

/// Digests a model: a directory, or a single file. In a directory [`DEFAULT_IGNORED`] and `ignore`
/// are left out, each with everything below it: usually the signature itself, relative to the model.
///
/// The path of the model may be a link; nothing in it may.
///
/// # Errors
/// When there is nothing to sign, or something that cannot be signed or read.
pub fn digest_model(path: &Path, ignore: &[&str]) -> Result<Manifest, SigningError> {
    for ignored in ignore {
        check_name(ignored).map_err(|problem| SigningError::IgnoredPath {
            path: (*ignored).to_owned(),
            problem,
        })?;
    }
    digest(path, ignored_of(ignore.iter().chain(&DEFAULT_IGNORED)))
}

/// Digests a model as the signer of `signed` did: without what the signer left out. `ignore` and
/// [`DEFAULT_IGNORED`] are left out as well, unless the signer signed something there.
///
/// # Errors
/// As [`digest_model`].
pub fn digest_as_signed(
    path: &Path,
    signed: &SignedModel,
    ignore: &[&str],
) -> Result<Manifest, SigningError> {
    let is_signed = |path: &str| {
        let path = [path.to_owned()];
        let mut names = signed.files.iter().map(|(name, _)| name);
        names.any(|name| is_within(name, &path))
    };
    let ours = ignore.iter().chain(&DEFAULT_IGNORED).copied();
    let theirs = signed.ignored.iter().map(String::as_str);
    let paths: Vec<&str> = ours
        .filter(|path| !is_signed(path))
        .chain(theirs)
        // Anything else cannot name a path in the model.
        .filter(|path| check_name(path).is_ok())
        .collect();
    digest(path, ignored_of(paths.iter()))
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

fn digest(path: &Path, ignored: Vec<String>) -> Result<Manifest, SigningError> {
    let metadata = fs::metadata(path).map_err(|error| FileError::new("read", path, error))?;
    if metadata.is_dir() {
        let digests = digest_files(path, list(path, &ignored)?)?;
        Ok(Manifest::new(digests, ignored)?)
    } else if metadata.is_file() {
        let (sha256, size) = files::digest(path)?;
        let file = FileDigest {
            path: model_name(path)?,
            sha256,
            size,
        };
        Ok(Manifest::of_file(file)?)
    } else {
        Err(SigningError::SpecialFile(path.to_owned()))
    }
}

/// Names of all files below `root`, sorted.
fn list(root: &Path, ignored: &[String]) -> Result<Vec<String>, SigningError> {
    let mut names = Vec::new();
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        let path = root.join(&directory);
        let failed = |error| FileError::new("read", &path, error);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = name_of(&directory, &entry)?;
            if is_within(&name, ignored) {
                continue;
            }
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_symlink() {
                return Err(SigningError::SymbolicLink(entry.path()));
            } else if kind.is_dir() {
                directories.push(name);
            } else if kind.is_file() {
                names.push(name);
            } else {
                return Err(SigningError::SpecialFile(entry.path()));
            }
            if RESOURCES_MAX < names.len() {
                return Err(InvalidManifest::TooMany(names.len()).into());
            }
        }
    }
    names.sort();
    Ok(names)
}

fn name_of(directory: &str, entry: &fs::DirEntry) -> Result<String, SigningError> {
    match entry.file_name().to_str() {
        None => Err(SigningError::NotUnicode(entry.path())),
        Some(name) if directory.is_empty() => Ok(name.to_owned()),
        Some(name) => Ok(format!("{directory}/{name}")),
    }
}

/// Digests files on all cores. Of several problems the first by name is told, however the work was
/// spread.
fn digest_files(root: &Path, names: Vec<String>) -> Result<Vec<FileDigest>, SigningError> {
    let digests: Vec<Result<FileDigest, SigningError>> = names
        .into_par_iter()
        .map(|name| digest_file(&root.join(&name), name))
        .collect();
    digests.into_iter().collect()
}

fn digest_file(path: &Path, name: String) -> Result<FileDigest, SigningError> {
    let (sha256, size) = files::digest(path)?;
    // Opening follows links; one that took the place of the file since it was listed is found here.
    let metadata =
        fs::symlink_metadata(path).map_err(|error| FileError::new("read", path, error))?;
    if !metadata.is_file() {
        return Err(FileError::because("read", path, FileProblem::Changed).into());
    }
    Ok(FileDigest {
        path: name,
        sha256,
        size,
    })
}

/// Those of the paths the signer left out that exist here and nobody would expect: neither left out
/// by everyone nor in `ignore`.
#[must_use]
pub fn unexpected_exclusions(path: &Path, signed: &SignedModel, ignore: &[&str]) -> Vec<String> {
    let expected = |name: &str| DEFAULT_IGNORED.contains(&name) || ignore.contains(&name);
    signed
        .ignored
        .iter()
        .filter(|name| check_name(name).is_ok() && !expected(name))
        .filter(|name| exists(path.join(name)))
        .cloned()
        .collect()
}

fn exists(path: PathBuf) -> bool {
    fs::symlink_metadata(path).is_ok()
}
