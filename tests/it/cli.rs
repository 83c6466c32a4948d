//! The command line: help, exit codes, formats.

use crate::support::{Project, program, said};

/// Every command, as a user types it.
const COMMANDS: &[&[&str]] = &[
    &["init"],
    &["doctor"],
    &["run"],
    &["data"],
    &["data", "validate"],
    &["gate"],
    &["scan"],
    &["card"],
    &["card", "build"],
    &["card", "lint"],
    &["sign"],
    &["attest"],
    &["verify"],
    &["promote"],
    &["promote", "plan"],
    &["promote", "apply"],
    &["promote", "rollback"],
    &["promote", "status"],
    &["promote", "history"],
    &["report"],
    &["explain"],
    &["schema"],
    &["completions"],
    &["man"],
];

#[test]
fn help_of_every_command_has_an_example() {
    for command in COMMANDS {
        let said = said(program().args(*command).arg("--help"));
        assert_eq!(said.code, 0, "{command:?}");
        let example = format!("proofmark {}", command.join(" "));
        assert!(
            said.stdout.contains("Examples:") && said.stdout.contains(&example),
            "{command:?}\n{}",
            said.stdout
        );
        assert!(
            said.stdout.contains("--config"),
            "{command:?} does not list the global options"
        );
    }
}

#[test]
fn version_is_the_package_version() {
    let said = said(program().arg("--version"));
    assert_eq!(
        said.stdout,
        format!("proofmark {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn wrong_usage_exits_with_2_and_suggests() {
    let said = said(program().arg("promot"));
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("promote"), "{}", said.stderr);
}

#[test]
fn a_missing_configuration_exits_with_2_and_says_how_to_name_one() {
    let directory = tempfile::TempDir::new().expect("a folder");
    let said = said(program().current_dir(directory.path()).arg("run"));
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("--config"), "{}", said.stderr);
}

#[test]
fn the_format_never_changes_the_exit_code() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "at_least: 0.70", "at_least: 0.99");
    for format in [
        "terminal",
        "json",
        "markdown",
        "html",
        "junit",
        "sarif",
        "codequality",
        "openmetrics",
        "github",
    ] {
        let said = project.expect(10, &["gate", "--format", format]);
        assert!(said.stdout.contains("0.99"), "{format}\n{}", said.stdout);
    }
}

#[test]
fn the_dotenv_report_carries_the_exit_code() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "at_least: 0.70", "at_least: 0.99");
    let said = project.expect(10, &["gate", "--format", "dotenv"]);
    assert!(
        said.stdout.contains("PROOFMARK_EXIT_CODE=10"),
        "{}",
        said.stdout
    );
}

#[test]
fn several_reports_in_one_run() {
    let project = Project::credit();
    project.expect(
        0,
        &[
            "gate",
            "--output",
            "junit=out/gate.xml",
            "--output",
            "sarif=out/gate.sarif",
        ],
    );
    assert!(project.read("out/gate.xml").contains("<testsuites"));
    assert!(project.read("out/gate.sarif").contains("2.1.0"));
}

#[test]
fn warnings_exit_with_11_only_when_asked() {
    let project = Project::credit();
    project.expect(0, &["gate"]);
    project.expect(11, &["gate", "--exit-on-warn"]);
}

#[test]
fn explain_knows_every_requirement_and_suggests_the_closest() {
    let list = said(program().arg("explain"));
    assert!(40 < list.stdout.lines().count(), "{}", list.stdout);
    for line in list.stdout.lines() {
        let id = line.split_whitespace().next().expect("an id");
        let one = said(program().args(["explain", id]));
        assert_eq!(one.code, 0, "{id}");
        assert!(one.stdout.contains("To meet it:"), "{id}");
    }
    let typo = said(program().args(["explain", "null-fracton"]));
    assert_eq!(typo.code, 2);
    assert!(typo.stderr.contains("`null-fraction`"), "{}", typo.stderr);
}

#[test]
fn schemas_are_json_schemas_and_accept_the_fixture() {
    let said_config = said(program().args(["schema", "config"]));
    let schema: serde_json::Value = serde_json::from_str(&said_config.stdout).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema");
    let said_evidence = said(program().args(["schema", "evidence"]));
    let schema: serde_json::Value = serde_json::from_str(&said_evidence.stdout).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let project = Project::credit();
    project.expect(0, &["run"]);
    for step in ["data-validation", "gate", "scan", "card", "sign", "promote"] {
        let evidence = project.evidence(step);
        let problems: Vec<_> = validator
            .iter_errors(&evidence)
            .map(|error| error.to_string())
            .collect();
        assert!(problems.is_empty(), "{step}: {problems:?}");
    }
}

#[test]
fn completions_and_manual_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        assert!(
            said(program().args(["completions", shell]))
                .stdout
                .contains("proofmark")
        );
    }
    assert!(said(program().arg("man")).stdout.contains(".TH"));
}

#[test]
fn a_variable_set_to_nothing_counts_as_unset() {
    let project = Project::credit();
    let empty = [
        "PROOFMARK_CONFIG",
        "PROOFMARK_FORMAT",
        "PROOFMARK_COLOR",
        "PROOFMARK_BASELINE",
        "PROOFMARK_EXIT_ON_WARN",
        "PROOFMARK_KEY",
        "PROOFMARK_PUBLIC_KEY",
        "PROOFMARK_STAGE",
        "PROOFMARK_COMMENT",
        "PROOFMARK_STATUS",
        "PROOFMARK_REPORT_URL",
        "PROOFMARK_FORGE",
    ]
    .map(|name| (name, ""));
    let publish = ["report", "publish", "proofmark-out/evidence/gate.json"];
    for arguments in [&["run"][..], &["verify"], &["promote", "status"], &publish] {
        let mut command = project.command(arguments);
        let said = said(command.envs(empty));
        assert_eq!(
            said.code, 0,
            "{arguments:?}: {}{}",
            said.stdout, said.stderr
        );
    }
    let mut command = project.command(&["gate"]);
    assert_eq!(said(command.env("PROOFMARK_COLOR", "pink")).code, 2);
}
