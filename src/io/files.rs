//! Files: bounded reads, digests, atomic and create-if-absent writes. Every error names its path.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::Digest as _;

use crate::evidence::Sha256;

/// Largest configuration, contract, card or evidence file read into memory: far above any written
/// by people, far below what hurts.
pub const TEXT_BYTES_MAX: u64 = 64 << 20;

/// Bytes read at a time when hashing: large enough to hide the cost of the call, small enough for
/// the cache.
const CHUNK_BYTES: usize = 1 << 20;

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("failed to {operation} `{}`: {problem}", path.display())]
pub struct FileError {
    /// What was tried: `read`, `write` …
    pub operation: &'static str,
    /// On which path.
    pub path: PathBuf,
    /// What went wrong.
    pub problem: FileProblem,
}

/// What went wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// It is not there.
    #[error("no such file or directory")]
    NotFound,
    /// It is there already.
    #[error("it already exists")]
    AlreadyExists,
    /// The operating system refuses.
    #[error("permission denied")]
    PermissionDenied,
    /// It is larger than the limit.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// It is a directory, a device, a socket or a pipe.
    #[error("it is not a regular file")]
    NotRegular,
    /// It is not UTF-8 text.
    #[error("it is not UTF-8 text (first bad byte at {0})")]
    NotUtf8(usize),
    /// It is to be written, and this run has read it.
    #[error(
        "it is an input of this run, which the output would replace; hint: name another file to write"
    )]
    IsInput,
    /// It changed while it was read.
    #[error("it changed while it was being read")]
    Changed,
    /// Anything else the operating system says.
    #[error("{0}")]
    Other(io::Error),
}

impl FileError {
    /// An error of the operating system.
    #[must_use]
    pub fn new(operation: &'static str, path: &Path, error: io::Error) -> Self {
        let problem = match error.kind() {
            io::ErrorKind::NotFound => FileProblem::NotFound,
            io::ErrorKind::AlreadyExists => FileProblem::AlreadyExists,
            io::ErrorKind::PermissionDenied => FileProblem::PermissionDenied,
            _ => FileProblem::Other(error),
        };
        Self::because(operation, path, problem)
    }

    /// An error for a reason of our own.
    #[must_use]
    pub fn because(operation: &'static str, path: &Path, problem: FileProblem) -> Self {
        Self {
            operation,
            path: path.to_owned(),
            problem,
        }
    }

    /// Whether the file simply is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.problem, FileProblem::NotFound)
    }
}

/// Opens a regular file; refuses devices and pipes, which never end.
///
/// # Errors
/// When it is missing, unreadable or not a regular file.
pub fn open(path: &Path) -> Result<File, FileError> {
    let metadata = fs::metadata(path).map_err(|error| FileError::new("read", path, error))?;
    if !metadata.is_file() {
        return Err(FileError::because("read", path, FileProblem::NotRegular));
    }
    let file = File::open(path).map_err(|error| FileError::new("read", path, error))?;
    super::output::remember_input(path);
    Ok(file)
}

/// Reads a whole file of at most `bytes_max` bytes.
///
/// # Errors
/// When it is missing, unreadable, not a regular file or larger.
pub fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    open(path)?
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| FileError::new("read", path, error))?;
    if bytes_max < bytes.len() as u64 {
        return Err(FileError::because(
            "read",
            path,
            FileProblem::TooLarge(bytes_max),
        ));
    }
    Ok(bytes)
}

/// How many bytes a file has, and the last ones, at most `bytes_max`.
///
/// # Errors
/// When it is missing, unreadable or not a regular file.
pub fn end(path: &Path, bytes_max: u64) -> Result<(u64, Vec<u8>), FileError> {
    let failed = |error| FileError::new("read", path, error);
    let mut file = open(path)?;
    let length = file.seek(SeekFrom::End(0)).map_err(failed)?;
    let start = length.saturating_sub(bytes_max);
    file.seek(SeekFrom::Start(start)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(bytes_max)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok((length, bytes))
}

/// Reads a whole UTF-8 file of at most [`TEXT_BYTES_MAX`] bytes.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let bytes = read(path, TEXT_BYTES_MAX)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        FileError::because("read", path, FileProblem::NotUtf8(at))
    })
}

/// The names of what is in a directory, sorted; names that are not Unicode are left out.
///
/// # Errors
/// When it is missing, unreadable or not a directory.
pub fn names(path: &Path) -> Result<Vec<String>, FileError> {
    let entries = fs::read_dir(path).map_err(|error| FileError::new("read", path, error))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// Digest and size in bytes of a file, read once in constant memory.
///
/// # Errors
/// When it is missing, unreadable, not a regular file, or changes while it is read.
pub fn digest(path: &Path) -> Result<(Sha256, u64), FileError> {
    let failed = |error| FileError::new("read", path, error);
    let mut file = open(path)?;
    let before = file.metadata().map_err(failed)?;
    let mut hasher = sha2::Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut size = 0;
    loop {
        let count = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        hasher.update(&chunk[..count]);
        size += count as u64;
    }
    let after = file.metadata().map_err(failed)?;
    if before.len() != size || before.modified().ok() != after.modified().ok() {
        return Err(FileError::because("read", path, FileProblem::Changed));
    }
    Ok((Sha256::from_bytes(hasher.finalize().into()), size))
}

/// Copies a regular file to where there is none, in constant memory.
///
/// # Errors
/// When it is missing, unreadable or not a regular file, or the other cannot be made.
pub fn copy(from: &Path, to: &Path) -> Result<(), FileError> {
    let mut source = open(from)?;
    let mut made = File::create_new(to).map_err(|error| FileError::new("write", to, error))?;
    io::copy(&mut source, &mut made).map_err(|error| FileError::new("copy", from, error))?;
    Ok(())
}

/// What changes when a file is written: its size in bytes and the time of its last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64, Option<std::time::SystemTime>);

/// The stamp of a file: equal before and after means that what was read in between is one state.
///
/// # Errors
/// When it is missing, unreadable or not a regular file.
pub fn stamp(path: &Path) -> Result<Stamp, FileError> {
    let metadata = open(path)?
        .metadata()
        .map_err(|error| FileError::new("read", path, error))?;
    Ok(Stamp(metadata.len(), metadata.modified().ok()))
}

/// Writes a file so that readers see the old bytes or the new, never a part; makes parent
/// directories. Durable when it returns.
///
/// # Errors
/// When the directory cannot be made or written.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_atomic_as(path, bytes, None)
}

/// As [`write_atomic`], with the permissions the file is to have; as the umask says without.
pub(super) fn write_atomic_as(
    path: &Path,
    bytes: &[u8],
    permissions: Option<fs::Permissions>,
) -> Result<(), FileError> {
    let temporary = write_temporary(path, bytes)?;
    if let Some(permissions) = permissions {
        fs::set_permissions(temporary.path(), permissions)
            .map_err(|error| FileError::new("write", path, error))?;
    }
    temporary
        .persist(path)
        .map_err(|error| FileError::new("write", path, error.error))?;
    sync_directory(parent(path))
}

/// Creates a file that must not exist yet, all or nothing; makes parent directories. Durable when it
/// returns. Of several processes that try at once exactly one succeeds.
///
/// # Errors
/// [`FileProblem::AlreadyExists`] when it exists; otherwise as [`write_atomic`].
pub fn create_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = write_temporary(path, bytes)?;
    // link(2) is atomic and fails when the name exists, on every local file system and on NFS.
    fs::hard_link(temporary.path(), path).map_err(|error| FileError::new("create", path, error))?;
    sync_directory(parent(path))
}

/// Makes a directory and its parents.
///
/// # Errors
/// When the operating system refuses.
pub fn create_directory(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|error| FileError::new("create directory", path, error))
}

fn write_temporary(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, FileError> {
    let failed = |error| FileError::new("write", path, error);
    create_directory(parent(path))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".proofmark-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The umask still applies; without this the file would be private to its owner.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut temporary = builder.tempfile_in(parent(path)).map_err(failed)?;
    temporary.write_all(bytes).map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    Ok(temporary)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn sync_directory(path: &Path) -> Result<(), FileError> {
    // Directories cannot be opened as files everywhere; where they can, the rename is made durable.
    match File::open(path) {
        Ok(directory) => directory
            .sync_all()
            .map_err(|error| FileError::new("write", path, error)),
        Err(_) => Ok(()),
    }
}
