//! What the documents claim is run: every command of the README, every link, every name.

use std::fs;
use std::process::Command;

use crate::support::{Project, repository};

fn document(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Lines of the README that are run by `.ci/run` or only set up the shell.
const RUN_ELSEWHERE: [&str; 4] = ["cargo ", "make ", "cd ", "export "];

/// The commands of the README's tour: the lines of its fenced `sh` blocks, each with the exit code
/// its comment states.
fn tour() -> Vec<(String, i32)> {
    let readme = document("README.md");
    let blocks = readme.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    lines
        .filter(|line| !RUN_ELSEWHERE.iter().any(|start| line.starts_with(start)))
        .map(|line| {
            let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
            let stated = comment
                .strip_prefix("exit ")
                .and_then(|rest| rest.split(':').next());
            let code = stated.map_or(0, |code| code.parse().expect("a number after `exit`"));
            (command.trim().to_owned(), code)
        })
        .collect()
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let commands = tour();
    assert!(
        25 <= commands.len(),
        "the tour has only {} commands",
        commands.len()
    );
    let project = Project::credit();
    for (command, code) in commands {
        let said = shell(&project, &command);
        assert_eq!(said.0, code, "`{command}`\n{}", said.1);
    }
}

/// Runs a line of the README as a user would, with the program on the path.
fn shell(project: &Project, line: &str) -> (i32, String) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_proofmark"));
    let folder = program.parent().expect("a folder").to_str().expect("UTF-8");
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(project.path(""))
        .env_clear()
        .env("USER", "tester")
        .env("PATH", format!("{folder}:/usr/bin:/bin"))
        .output()
        .expect("a shell");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code().unwrap_or(-1), text)
}

#[test]
fn the_readme_names_the_two_commands() {
    let readme = document("README.md");
    assert!(readme.contains("cargo run --release -- run --config fixtures/credit/proofmark.yaml"));
    assert!(readme.contains("cargo test"));
}

/// The targets of Markdown links, without their anchors.
fn links(text: &str) -> Vec<String> {
    text.match_indices("](")
        .map(|(at, _)| {
            text[at + 2..]
                .chars()
                .take_while(|character| !")#".contains(*character))
                .collect()
        })
        .collect()
}

#[test]
fn relative_links_lead_somewhere() {
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ] {
        for target in links(&document(name)) {
            if !target.is_empty() && !target.contains("://") {
                assert!(
                    repository().join(&target).exists(),
                    "{name} links to `{target}`"
                );
            }
        }
    }
}

#[test]
fn the_exit_codes_of_the_readme_are_those_of_the_program() {
    use proofmark::evidence::ExitCode;
    let readme = document("README.md");
    for (code, meaning) in [
        (ExitCode::Passed, "passed"),
        (ExitCode::Usage, "usage"),
        (ExitCode::InputMissing, "missing"),
        (ExitCode::PermissionDenied, "permitted"),
        (ExitCode::Unavailable, "unavailable"),
        (ExitCode::IntegrityFailure, "integrity"),
        (ExitCode::Conflict, "conflict"),
        (ExitCode::NotPassed, "not passed"),
        (ExitCode::PassedWithWarnings, "warnings"),
        (ExitCode::Internal, "internal"),
    ] {
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("| {} |", code.code())));
        let row = row.unwrap_or_else(|| panic!("no row for {}", code.code()));
        assert!(row.to_lowercase().contains(meaning), "{row}");
    }
}

#[test]
fn the_changelog_keeps_its_form_and_names_this_version() {
    let changelog = document("CHANGELOG.md");
    assert!(changelog.starts_with("# Changelog"));
    assert!(
        changelog.contains("## [Unreleased]")
            || changelog.contains(&format!("## [{}]", env!("CARGO_PKG_VERSION")))
    );
}
