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
        .map(with_code)
        .collect()
}

/// A line without its comment, and the exit code the comment states.
fn with_code(line: &str) -> (String, i32) {
    let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
    let stated = comment
        .strip_prefix("exit ")
        .and_then(|rest| rest.split(':').next());
    let code = stated.map_or(0, |code| code.parse().expect("a number after `exit`"));
    (command.trim().to_owned(), code)
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

/// The commands of a page: the lines of its `sh` blocks and the other lines that begin with the
/// program, each with the exit code its comment states. A block that names a server (`sh openbao`) is
/// run where there is one, in `tests/interop`.
fn commands_of(page: &str) -> Vec<(String, i32)> {
    let text = document(page);
    let (mut in_block, mut needs_server) = (false, false);
    let mut commands = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = line == "```sh";
            needs_server = line.starts_with("```sh ");
            continue;
        }
        let is_command = line.trim_start().starts_with("proofmark ");
        if !needs_server && (is_command || in_block && !line.is_empty()) {
            commands.push(with_code(line.trim()));
        }
    }
    commands
}

/// What the pages on suites speak of, made of the credit fixture: one small suite of each tool.
fn lay_out_suites(project: &Project) {
    for name in ["orders", "data", "requests"] {
        let target = project.path(&format!("{name}.parquet"));
        fs::copy(project.path("data/current.parquet"), target).expect("copied");
    }
    fs::copy(
        project.path("data/current.parquet"),
        project.path("data/orders.parquet"),
    )
    .expect("copied");
    for name in ["orders", "people"] {
        project.write(
            &format!("{name}.csv"),
            "customer_id,age\nC0001,31\nC0002,42\n",
        );
    }
    project.write("orders.jsonl", "{\"age\": 31}\n{\"age\": 42}\n");
    for folder in ["models", "gx/expectations"] {
        fs::create_dir_all(project.path(folder)).expect("a folder");
    }
    for (path, suite) in [
        (
            "gx/expectations/orders.json",
            r#"{"name": "orders", "meta": {"great_expectations_version": "1.24.1"}, "expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "age"}}]}"#,
        ),
        (
            "models/schema.yml",
            "version: 2\nmodels:\n  - name: orders\n    columns:\n      - name: customer_id\n        data_tests: [not_null, unique]\n",
        ),
        (
            "contract.yaml",
            "dataset: source/schema/orders\ncolumns:\n  - name: age\n    checks:\n      - missing:\n",
        ),
        (
            "checks.yml",
            "checks for orders:\n  - missing_count(age) = 0\n",
        ),
        (
            "people.schema.json",
            r#"{"fields": [{"name": "customer_id", "type": "string"}, {"name": "age", "type": "integer"}]}"#,
        ),
        (
            "datapackage.json",
            r#"{"resources": [{"name": "people", "path": "people.csv", "schema": {"fields": [{"name": "customer_id", "type": "string"}, {"name": "age", "type": "integer"}]}}]}"#,
        ),
        (
            "order.schema.json",
            r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {"age": {"type": "integer"}}}"#,
        ),
        (
            "schema.yaml",
            "schema_type: dataframe\nversion: 0.35.0\ncolumns:\n  age:\n    dtype: int64\n    nullable: false\n    required: true\n",
        ),
    ] {
        project.write(path, suite);
    }
}

/// A schema of TFDV names every column, so its page has data of its own.
fn lay_out_tfdv(project: &Project) {
    let source = repository().join("fixtures/suites/tfdv");
    for (from, to) in [
        ("taxi.pbtxt", "schema.pbtxt"),
        ("good.parquet", "data.parquet"),
        ("dropped.parquet", "requests.parquet"),
    ] {
        fs::copy(source.join(from), project.path(to)).expect("copied");
    }
}

#[test]
fn every_command_of_the_pages_in_docs_does_what_it_says() {
    let mut pages: Vec<String> = [
        "drift",
        "changes",
        "policy",
        "scanning",
        "signing",
        "key-references",
        "keyless",
    ]
    .map(|page| format!("docs/{page}.md"))
    .to_vec();
    let folder = repository().join("docs/suites");
    for entry in fs::read_dir(folder).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        pages.push(format!("docs/suites/{}", name.to_str().expect("UTF-8")));
    }
    for page in pages {
        let commands = commands_of(&page);
        assert!(!commands.is_empty(), "{page} shows no command");
        let project = Project::credit();
        lay_out_suites(&project);
        if page.ends_with("tfdv.md") {
            lay_out_tfdv(&project);
        }
        for (command, code) in commands {
            let said = shell(&project, &command);
            assert_eq!(said.0, code, "{page}: `{command}`\n{}", said.1);
        }
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
