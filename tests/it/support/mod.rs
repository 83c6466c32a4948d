//! A copy of the credit fixture in a folder of its own, and the program run in it.

pub mod attestations;
pub mod forge;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The root of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A copy of `fixtures/credit` that a test may change.
pub struct Project {
    directory: TempDir,
}

/// What the program said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// A fresh copy.
    pub fn credit() -> Self {
        let directory = TempDir::new().expect("a temporary folder");
        let source = repository().join("fixtures/credit");
        for name in ["data", "models", "predictions"] {
            copy(&source.join(name), &directory.path().join(name));
        }
        for name in ["proofmark.yaml", "contract.odcs.yaml"] {
            fs::copy(source.join(name), directory.path().join(name)).expect("copied");
        }
        Self { directory }
    }

    /// A path in the copy.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    /// The text of a file of the copy.
    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative))
            .unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    /// Writes a file of the copy.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(relative), content)
            .unwrap_or_else(|error| panic!("{relative}: {error}"));
    }

    /// Replaces text in a file; the text must be there.
    pub fn edit(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert!(text.contains(from), "`{from}` is not in {relative}");
        self.write(relative, text.replace(from, to));
    }

    /// The program, ready to run in the copy, with nothing of the tester's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.directory.path()).args(arguments);
        command
    }

    /// Runs the program in the copy.
    pub fn run(&self, arguments: &[&str]) -> Said {
        said(&mut self.command(arguments))
    }

    /// Runs the program and demands an exit code.
    pub fn expect(&self, code: i32, arguments: &[&str]) -> Said {
        let said = self.run(arguments);
        assert_eq!(
            said.code, code,
            "{arguments:?}\n{}\n{}",
            said.stdout, said.stderr
        );
        said
    }

    /// The evidence of a step, as JSON.
    pub fn evidence(&self, step: &str) -> serde_json::Value {
        let text = self.read(&format!("proofmark-out/evidence/{step}.json"));
        serde_json::from_str(&text).expect("evidence is JSON")
    }
}

/// The program with nothing of the tester's environment but what finds shared libraries.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command
        .env_clear()
        .env("USER", "tester")
        .env("COLUMNS", "100");
    command
}

/// Runs a command to its end.
pub fn said(command: &mut Command) -> Said {
    let output = command.output().expect("the program starts");
    Said {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
