//! Several files written together: all of them, or none.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{self, FileError, FileProblem};

/// Writes files that must not exist yet, or replaces them when `replace` says so. When one cannot be
/// written, those written before it are taken back.
///
/// # Errors
/// [`FileProblem::AlreadyExists`] for the first that exists, before anything is written; otherwise
/// why one could not be written.
pub fn write_all(drafts: &[(PathBuf, Vec<u8>)], replace: bool) -> Result<(), FileError> {
    let mut before = Vec::new();
    for (path, _) in drafts {
        before.push(content(path, replace)?);
    }
    for (index, (path, bytes)) in drafts.iter().enumerate() {
        let written = match before.get(index) {
            Some(Some(_)) => files::write_atomic(path, bytes),
            // Somebody else may have made it in the meantime.
            _ => files::create_new(path, bytes),
        };
        if let Err(error) = written {
            take_back(drafts, &before, index);
            return Err(error);
        }
    }
    Ok(())
}

/// What a file holds that would be replaced; absent when it does not exist.
fn content(path: &Path, replace: bool) -> Result<Option<Vec<u8>>, FileError> {
    // A dangling link is in the way as much as a file.
    if fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    if !replace {
        let problem = FileProblem::AlreadyExists;
        return Err(FileError::because("create", path, problem));
    }
    files::read(path, files::TEXT_BYTES_MAX).map(Some)
}

/// Undoes the first `count` writes. Nothing can be done when that fails too.
fn take_back(drafts: &[(PathBuf, Vec<u8>)], before: &[Option<Vec<u8>>], count: usize) {
    for ((path, _), before) in drafts.iter().zip(before).take(count) {
        let _ = match before {
            Some(bytes) => files::write_atomic(path, bytes),
            None => fs::remove_file(path).map_err(|error| FileError::new("remove", path, error)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(directory: &Path, name: &str, text: &str) -> (PathBuf, Vec<u8>) {
        (directory.join(name), text.as_bytes().to_vec())
    }

    #[test]
    fn an_existing_file_keeps_all_from_being_written() {
        let directory = tempfile::tempdir().expect("a folder");
        fs::write(directory.path().join("b"), "old").expect("written");
        let drafts = ["a", "b"].map(|name| draft(directory.path(), name, "new"));
        let error = write_all(&drafts, false).expect_err("b exists");
        assert!(matches!(error.problem, FileProblem::AlreadyExists));
        assert!(!directory.path().join("a").exists());
        write_all(&drafts, true).expect("replaced");
        assert_eq!(fs::read(directory.path().join("b")).expect("b"), b"new");
    }

    #[test]
    fn what_was_written_before_a_failure_is_taken_back() {
        let directory = tempfile::tempdir().expect("a folder");
        fs::write(directory.path().join("a"), "old").expect("written");
        fs::write(directory.path().join("file"), "").expect("written");
        let mut drafts = ["a", "b"]
            .map(|name| draft(directory.path(), name, "new"))
            .to_vec();
        drafts.push(draft(directory.path(), "file/below", "new"));
        write_all(&drafts, true).expect_err("a file is no folder");
        assert_eq!(fs::read(directory.path().join("a")).expect("a"), b"old");
        assert!(!directory.path().join("b").exists());
    }
}
