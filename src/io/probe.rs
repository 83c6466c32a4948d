//! Whether something could be done, found out by trying it and leaving nothing behind.

use std::fs;
use std::path::Path;

use super::files::FileError;

/// Whether files can be made in `directory`, or, when it does not exist, in the nearest directory
/// above that does.
///
/// # Errors
/// Why they cannot.
pub fn writable(directory: &Path) -> Result<(), FileError> {
    let absolute = std::path::absolute(directory)
        .map_err(|error| FileError::new("write", directory, error))?;
    let existing = absolute
        .ancestors()
        .find(|ancestor| ancestor.exists())
        .unwrap_or(&absolute);
    tempfile::Builder::new()
        .prefix(".proofmark-")
        .suffix(".tmp")
        .tempfile_in(existing)
        .map(drop)
        .map_err(|error| FileError::new("write", directory, error))
}

/// Whether a link can be made in `directory` that fails when its name exists: what a ledger needs.
///
/// # Errors
/// When nothing can be written there.
pub fn exclusive_links(directory: &Path) -> Result<bool, FileError> {
    let failed = |error| FileError::new("write", directory, error);
    let scratch = tempfile::Builder::new()
        .prefix(".proofmark-")
        .suffix(".tmp")
        .tempdir_in(directory)
        .map_err(failed)?;
    let (file, link) = (scratch.path().join("file"), scratch.path().join("link"));
    fs::write(&file, b"").map_err(failed)?;
    let first = fs::hard_link(&file, &link);
    let second = fs::hard_link(&file, &link);
    let exclusive = second.is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists);
    Ok(first.is_ok() && exclusive)
}

/// The permission bits of a file, on systems that have them.
#[must_use]
pub fn mode(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path)
            .ok()
            .map(|metadata| metadata.permissions().mode())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Whether `path` is `directory` or lies below it, links followed.
///
/// # Errors
/// When either does not exist or cannot be looked at.
pub fn is_within(path: &Path, directory: &Path) -> Result<bool, FileError> {
    let real =
        |path: &Path| fs::canonicalize(path).map_err(|error| FileError::new("read", path, error));
    // The directory of a configuration named without one is the current one.
    let directory = match directory.as_os_str().is_empty() {
        true => Path::new("."),
        false => directory,
    };
    Ok(real(path)?.starts_with(real(directory)?))
}
