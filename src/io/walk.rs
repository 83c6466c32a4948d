//! The files of a repository, bounded: for commands that look at what is there.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::FileError;

/// Directories below each other that are entered; source trees are rarely half as deep.
const DEPTH_MAX: usize = 12;

/// Files listed before the walk ends: enough for any source repository, little enough to take a
/// moment only.
const FILES_MAX: usize = 20_000;

/// Directories that hold what others made: version control, builds, packages, caches.
const SKIPPED: [&str; 15] = [
    ".git",
    ".hg",
    ".svn",
    ".dvc",
    ".venv",
    "venv",
    "env",
    ".tox",
    "node_modules",
    "site-packages",
    "__pycache__",
    ".ipynb_checkpoints",
    "target",
    "proofmark-out",
    ".cache",
];

/// The files found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Paths relative to the directory walked, with `/` between their parts, sorted.
    pub files: Vec<String>,
    /// Whether there are more than were listed.
    pub cut: bool,
}

/// Lists the regular files below `root`. Links are not followed, names that are not Unicode and
/// directories that cannot be read are left out.
///
/// # Errors
/// When `root` itself cannot be read.
pub fn walk(root: &Path) -> Result<Listing, FileError> {
    let mut listing = Listing::default();
    fs::read_dir(root).map_err(|error| FileError::new("read", root, error))?;
    let mut waiting: Vec<(PathBuf, String, usize)> = vec![(root.to_owned(), String::new(), 0)];
    while let Some((directory, prefix, depth)) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&directory) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let path = format!("{prefix}{name}");
            if kind.is_dir() && depth < DEPTH_MAX && enters(&entry.path(), &name) {
                waiting.push((entry.path(), format!("{path}/"), depth + 1));
            } else if kind.is_file() {
                if FILES_MAX <= listing.files.len() {
                    listing.cut = true;
                    waiting.clear();
                    break;
                }
                listing.files.push(path);
            }
        }
    }
    listing.files.sort_unstable();
    Ok(listing)
}

/// A directory of the project itself. A Python environment is one by its `pyvenv.cfg`, whatever its
/// name.
fn enters(path: &Path, name: &str) -> bool {
    !SKIPPED.contains(&name) && !path.join("pyvenv.cfg").exists()
}

/// The nearest directory at or above `start` that holds `.git`: the top of the repository.
#[must_use]
pub fn repository_top(start: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(start).ok()?;
    start
        .ancestors()
        .take(DEPTH_MAX.saturating_mul(4))
        .find(|directory| directory.join(".git").exists())
        .map(Path::to_owned)
}
