//! Files at a revision of the Git repository around us, by the program `git`.
//!
//! A revision and a path come from a configuration, so neither can be an option, another object than a
//! file, or lead to the network: what a clone does not have is not fetched.

use std::path::Path;
use std::time::Duration;

use super::process::{self, ProcessError, Program};

/// How long `git` may take for one answer.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Largest file read from a repository, in bytes.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Longest revision, in characters.
const REVISION_CHARACTERS_MAX: usize = 250;

/// First line of what stands in a repository for a file kept by Git LFS (Git LFS, "Specification").
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// A file at a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAt {
    /// The commit the revision was.
    pub commit: String,
    /// What is in the file.
    pub bytes: Vec<u8>,
}

/// A file at a revision cannot be read. Reads after "failed to read `…`: ".
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// What is written is no revision or no path.
    #[error("{0}")]
    Name(String),
    /// The repository is whole, and has no such revision.
    #[error("the repository has no revision `{0}`")]
    NoRevision(String),
    /// The revision has no such file.
    #[error("revision `{revision}` has no file `{path}`")]
    NoFile {
        /// The revision.
        revision: String,
        /// The path.
        path: String,
    },
    /// It cannot be told, or not be read.
    #[error("{0}")]
    Unreadable(String),
    /// The program did not do it.
    #[error(transparent)]
    Program(#[from] ProcessError),
}

impl GitError {
    /// Whether the revision or the file does not exist, for sure.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::NoRevision(_) | Self::NoFile { .. } => true,
            Self::Name(_) | Self::Unreadable(_) | Self::Program(_) => false,
        }
    }
}

/// A file at a revision; `path` is relative to `directory`, which lies in the repository.
///
/// # Errors
/// When there is none, when it is too large, a link or kept elsewhere, and when `git` cannot be run.
pub fn file_at(directory: &Path, revision: &str, path: &str) -> Result<FileAt, GitError> {
    check(revision, path)?;
    let commit = commit(directory, revision)?;
    let listed = run(
        directory,
        &["ls-tree", "-l", "-z", &commit, "--", path],
        1 << 16,
    )?;
    let listed = String::from_utf8_lossy(&listed).into_owned();
    let absent = || GitError::NoFile {
        revision: revision.to_owned(),
        path: path.to_owned(),
    };
    let unreadable = |why: &str| GitError::Unreadable(format!("`{path}` at `{revision}` {why}"));
    let (entry, _) = listed.split_once('\t').ok_or_else(absent)?;
    // Mode, kind, object, size.
    let words: Vec<&str> = entry.split_whitespace().collect();
    let [mode, "blob", object, size] = words.as_slice() else {
        return Err(unreadable("is not a file"));
    };
    if !mode.starts_with("100") {
        return Err(unreadable("is a link; name the file it leads to"));
    }
    let fits = size.parse::<u64>().is_ok_and(|size| size <= FILE_BYTES_MAX);
    if !fits {
        return Err(unreadable(&format!(
            "is larger than {FILE_BYTES_MAX} bytes, or not in this partial clone"
        )));
    }
    let bytes = run(directory, &["cat-file", "blob", object], FILE_BYTES_MAX)?;
    if bytes.starts_with(LFS_POINTER) {
        return Err(unreadable(
            "is kept by Git LFS, outside of the repository; check that revision out and name the file",
        ));
    }
    Ok(FileAt { commit, bytes })
}

fn commit(directory: &Path, revision: &str) -> Result<String, GitError> {
    let wanted = format!("{revision}^{{commit}}");
    let asked = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &wanted,
    ];
    match run(directory, &asked, 1 << 10) {
        Ok(said) => Ok(String::from_utf8_lossy(&said).trim().to_owned()),
        // `--quiet`: status 1 and no word when there is none, 128 when something is wrong.
        Err(ProcessError::Failed { status, .. }) if status.code() == Some(1) => {
            let shallow = run(
                directory,
                &["rev-parse", "--is-shallow-repository"],
                1 << 10,
            )?;
            Err(match shallow.trim_ascii() == b"false" {
                true => GitError::NoRevision(revision.to_owned()),
                false => GitError::Unreadable(format!(
                    "this shallow clone has no revision `{revision}`; hint: fetch it first (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` of GitLab)"
                )),
            })
        }
        Err(error) => Err(error.into()),
    }
}

fn run(directory: &Path, arguments: &[&str], bytes_max: u64) -> Result<Vec<u8>, ProcessError> {
    let mut argv = vec!["git".to_owned(), "--literal-pathspecs".to_owned()];
    argv.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let environment =
        ["GIT_NO_LAZY_FETCH", "GIT_NO_REPLACE_OBJECTS"].map(|name| (name, "1".to_owned()));
    let program = Program {
        argv: &argv,
        directory,
        environment: &environment,
        time_max: TIME_MAX,
    };
    process::run_for_bytes(&program, bytes_max)
}

/// What a revision and a path may be: no options, no searches, nothing outside.
fn check(revision: &str, path: &str) -> Result<(), GitError> {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-@{}~^+#".contains(letter);
    let is_revision = !revision.is_empty()
        && revision.len() <= REVISION_CHARACTERS_MAX
        && !revision.starts_with('-')
        && !revision.contains("..")
        && !revision.contains("^{")
        && revision.chars().all(plain);
    if !is_revision {
        return Err(GitError::Name(format!(
            "`{revision}` is no revision; expected a branch, a tag or a commit, as in `git:main:reports/metrics.json`"
        )));
    }
    let mut parts = path.split('/');
    let is_inside = !path.is_empty()
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && parts.all(|part| !part.is_empty() && part != "..");
    match is_inside {
        true => Ok(()),
        false => Err(GitError::Name(format!(
            "`{path}` is no path below the directory of the configuration"
        ))),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn git(directory: &Path, arguments: &[&str]) {
        let done = std::process::Command::new("git")
            .args([
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(arguments)
            .current_dir(directory)
            .output()
            .expect("git");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        std::fs::create_dir_all(here.join("sub/reports")).expect("directories");
        std::fs::write(here.join("sub/reports/m.bin"), b"\xff\0first").expect("a file");
        std::fs::write(
            here.join("sub/lfs"),
            b"version https://git-lfs.github.com/spec/v1\noid x",
        )
        .expect("a file");
        std::os::unix::fs::symlink("/etc/hostname", here.join("sub/link")).expect("a link");
        git(here, &["init", "--quiet"]);
        git(here, &["add", "--all"]);
        git(here, &["commit", "--quiet", "--message", "one"]);
        git(here, &["tag", "v1"]);
        std::fs::write(here.join("sub/reports/m.bin"), b"second").expect("a file");
        git(here, &["commit", "--quiet", "--all", "--message", "two"]);
        folder
    }

    #[test]
    fn a_file_is_as_it_was_at_the_revision() {
        let folder = repository();
        let below = folder.path().join("sub");
        for (revision, expected) in [
            ("v1", &b"\xff\0first"[..]),
            ("HEAD~1", b"\xff\0first"),
            ("main", b"second"),
        ] {
            let found = file_at(&below, revision, "reports/m.bin").expect(revision);
            assert_eq!(found.bytes, expected, "{revision}");
            assert_eq!(found.commit.len(), 40, "{}", found.commit);
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_what_cannot_be_read() {
        let folder = repository();
        let below = folder.path().join("sub");
        for (revision, path) in [
            ("v2", "reports/m.bin"),
            ("v1", "reports/none"),
            ("v1", "*.bin"),
        ] {
            let error = file_at(&below, revision, path).expect_err(path);
            assert!(error.is_absent(), "{error}");
        }
        let refused = [
            ("--output=x", "m"),
            ("-h", "m"),
            ("v1:sub", "m"),
            ("v1..main", "m"),
            ("HEAD^{/one}", "m"),
            ("v1 ", "m"),
            ("", "m"),
            ("v1", "../reports/m.bin"),
            ("v1", "/etc/passwd"),
            ("v1", ""),
            ("v1", "link"),
            ("v1", "lfs"),
            ("v1", "reports"),
        ];
        for (revision, path) in refused {
            let error = file_at(&below, revision, path).expect_err(path);
            assert!(!error.is_absent(), "{revision}:{path}: {error}");
        }
        let elsewhere = tempfile::tempdir().expect("a folder");
        let error = file_at(elsewhere.path(), "v1", "m").expect_err("no repository");
        assert!(!error.is_absent(), "{error}");
    }

    #[test]
    fn a_shallow_clone_cannot_tell() {
        let folder = repository();
        let clones = tempfile::tempdir().expect("a folder");
        let origin = format!("file://{}", folder.path().display());
        git(
            clones.path(),
            &["clone", "--quiet", "--depth=1", &origin, "clone"],
        );
        let below = clones.path().join("clone/sub");
        let error = file_at(&below, "v1", "reports/m.bin").expect_err("not fetched");
        assert!(!error.is_absent(), "{error}");
        assert!(error.to_string().contains("shallow"), "{error}");
    }
}
