//! Files a person names to be written: what is there already is treated as a shell would treat it, and
//! what this run has read is never written over.
//!
//! A regular file is replaced whole and keeps its mode; a link stays a link, and the file it leads to is
//! replaced; a device or a pipe is opened and written to.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::files::{self, FileError, FileProblem};

/// Links followed to a file that is not there yet, as many as Linux follows.
const LINKS_MAX: usize = 40;

/// The files this process has read, as the paths they really have.
static READ: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Remembers that a file was read, so that no output is written over it.
pub(super) fn remember_input(path: &Path) {
    if let Ok(real) = fs::canonicalize(path) {
        inputs().insert(real);
    }
}

/// Says that a file that was read is of this program's own making, so that it may be written again:
/// evidence, and the reports of a run that looks whether they are still those it wrote.
pub fn may_be_replaced(path: &Path) {
    if let Ok(real) = fs::canonicalize(path) {
        inputs().remove(&real);
    }
}

fn inputs() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of paths is whole whatever panicked while it was held.
    READ.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Fails when `path` leads to a file this run has read.
///
/// # Errors
/// [`FileProblem::IsInput`].
pub fn refuse_input(path: &Path) -> Result<(), FileError> {
    let is_input = fs::canonicalize(path).is_ok_and(|real| inputs().contains(&real));
    if is_input {
        return Err(FileError::because("write", path, FileProblem::IsInput));
    }
    Ok(())
}

/// Writes a file a person named; makes parent directories.
///
/// # Errors
/// When it is an input of this run, or cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    refuse_input(path)?;
    let failed = |error| FileError::new("write", path, error);
    match fs::metadata(path) {
        Ok(found) if found.is_file() && !is_descriptor(path) => {
            let real = fs::canonicalize(path).map_err(failed)?;
            files::write_atomic_as(&real, bytes, Some(found.permissions()))
        }
        Ok(found) if found.is_dir() => {
            Err(FileError::because("write", path, FileProblem::NotRegular))
        }
        Ok(_) => OpenOptions::new()
            .append(true)
            .open(path)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.flush()
            })
            .map_err(failed),
        Err(_) => files::write_atomic(&end_of_links(path), bytes),
    }
}

/// Whether a path names what this process has open, such as `/dev/stdout` that leads to a file: replacing
/// the file would leave the descriptor with one that nobody sees.
fn is_descriptor(path: &Path) -> bool {
    path.starts_with("/dev") || path.starts_with("/proc")
}

/// Where a link to nothing leads; the path itself when it is no link.
fn end_of_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(next) = fs::read_link(&path) else {
            break;
        };
        path = match path.parent() {
            Some(parent) => parent.join(next),
            None => next,
        };
    }
    path
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_file_keeps_its_mode_and_a_link_stays_one() {
        let folder = folder();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("set");
        symlink("file", &link).expect("linked");
        write(&link, b"new").expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read(&file).expect("read"), b"new");
        let mode = fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_link_to_nothing_is_written_through() {
        let folder = folder();
        let link = folder.path().join("link");
        symlink("not-yet", &link).expect("linked");
        write(&link, b"new").expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        let file = folder.path().join("not-yet");
        assert_eq!(fs::read(file).expect("read"), b"new");
    }

    #[test]
    fn devices_and_pipes_are_written_to_and_stay() {
        write(Path::new("/dev/null"), b"gone").expect("written");
        let null = fs::metadata("/dev/null").expect("there");
        assert!(null.file_type().is_char_device());
        let full = write(Path::new("/dev/full"), b"none").expect_err("it is full");
        assert!(full.to_string().contains("/dev/full"), "{full}");
        let full = fs::metadata("/dev/full").expect("there");
        assert!(full.file_type().is_char_device());

        let folder = folder();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo runs").success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut text = String::new();
                let mut file = fs::File::open(pipe).expect("opened");
                file.read_to_string(&mut text).expect("read");
                text
            }
        });
        write(&pipe, b"through").expect("written");
        assert_eq!(reader.join().expect("joined"), "through");
        let pipe = fs::metadata(&pipe).expect("there");
        assert!(pipe.file_type().is_fifo());
    }

    #[test]
    fn what_was_read_is_not_written_over() {
        let folder = folder();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "data").expect("written");
        symlink(&file, &link).expect("linked");
        files::read_text(&file).expect("read");
        for path in [&file, &link] {
            let error = write(path, b"report").expect_err("an input");
            assert!(matches!(error.problem, FileProblem::IsInput), "{error}");
        }
        assert_eq!(fs::read(&file).expect("read"), b"data");
    }
}
