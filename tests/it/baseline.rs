//! `--baseline`: what reports say has changed since earlier evidence.

use std::fs;

use crate::support::Project;

/// The evidence of a gate that passes, kept under another name.
fn with_earlier_evidence() -> Project {
    let project = Project::credit();
    project.expect(0, &["gate", "--output", "json=earlier.json"]);
    project
}

#[test]
fn every_format_for_people_says_what_has_changed() {
    let project = with_earlier_evidence();
    project.edit("proofmark.yaml", "at_least: 0.70", "at_least: 0.99");
    project.edit(
        "proofmark.yaml",
        "    - metric: f1\n      at_least: 0.75\n",
        "",
    );
    for format in ["terminal", "markdown", "html"] {
        let said = project.expect(
            10,
            &["gate", "--baseline", "earlier.json", "--format", format],
        );
        for words in [
            "What changed since ",
            "Was passed with warnings, is not passed.",
            "1 newly not met, 1 not demanded any more",
        ] {
            assert!(
                said.stdout.contains(words),
                "{format}: {words}\n{}",
                said.stdout
            );
        }
        assert_eq!(said.stderr, "", "{format}");
    }
    for format in [
        "json",
        "junit",
        "sarif",
        "codequality",
        "openmetrics",
        "github",
        "dotenv",
    ] {
        let said = project.expect(
            10,
            &["gate", "--baseline", "earlier.json", "--format", format],
        );
        assert!(!said.stdout.contains("demanded any more"), "{format}");
    }
}

#[test]
fn commands_that_show_a_report_take_a_baseline_from_the_environment_too() {
    let project = with_earlier_evidence();
    let since = "What changed since ";
    let files = ["--output", "markdown=report.md"];
    for (code, arguments) in [
        (0, vec!["report", "earlier.json"]),
        (0, vec!["gate"]),
        (0, vec!["run", "--only", "gate"]),
    ] {
        let mut command = project.command(&arguments);
        command
            .args(files)
            .env("PROOFMARK_BASELINE", "earlier.json");
        let said = crate::support::said(&mut command);
        assert_eq!(said.code, code, "{arguments:?}\n{}", said.stderr);
        assert!(project.read("report.md").contains(since), "{arguments:?}");
    }
    // The report directory of a run says it too.
    assert!(project.read("proofmark-out/report.md").contains(since));
}

#[test]
fn a_baseline_that_is_not_there_is_said_once_and_is_no_error() {
    let project = Project::credit();
    let outputs = [
        "--output",
        "markdown=a.md",
        "--output",
        "html=a.html",
        "--output",
        "json=a.json",
    ];
    let arguments = [&["gate", "--baseline", "missing/base.json"][..], &outputs].concat();
    let said = project.expect(0, &arguments);
    assert_eq!(
        said.stderr.matches("`missing/base.json`").count(),
        1,
        "{}",
        said.stderr
    );
    for report in [said.stdout, project.read("a.md"), project.read("a.html")] {
        assert!(
            report.contains("There is no earlier evidence to compare with."),
            "{report}"
        );
    }
}

#[test]
fn a_baseline_that_cannot_be_believed_stops_before_anything_is_run() {
    let project = with_earlier_evidence();
    let evidence = project.read("earlier.json");
    for (name, content) in [
        ("empty", String::new()),
        ("cut short", evidence[..evidence.len() / 2].to_owned()),
        ("another kind of file", "{}".to_owned()),
        (
            "a lie",
            evidence.replacen("\"passed_with_warnings\"", "\"passed\"", 1),
        ),
        (
            "of tomorrow",
            evidence.replace("\"schema_version\": 1", "\"schema_version\": 99"),
        ),
    ] {
        assert_ne!(content, evidence, "{name}");
        project.write("base.json", content);
        let said = project.expect(3, &["run", "--baseline", "base.json"]);
        assert!(
            said.stderr.contains("`base.json`"),
            "{name}: {}",
            said.stderr
        );
        assert_eq!(said.stdout, "", "{name}");
        assert!(!project.path("proofmark-out/registry").exists(), "{name}");
    }
    // Commands without a report do not look at it.
    let mut command = project.command(&["explain", "null-fraction"]);
    command.env("PROOFMARK_BASELINE", "base.json");
    assert_eq!(crate::support::said(&mut command).code, 0);
}

/// A project whose data were validated, with that evidence kept.
fn with_validated_data() -> Project {
    let project = Project::credit();
    project.expect(0, &["data", "validate", "--output", "json=base.json"]);
    project
}

/// A report without the line breaks of the terminal.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_contract_loosened_in_the_same_change_is_said_in_every_format() {
    let project = with_validated_data();
    let unchanged = ["data", "validate", "--baseline", "base.json"];
    let said = project.expect(0, &[&unchanged[..], &["--exit-on-warn"]].concat());
    assert!(
        unwrapped(&said.stdout).contains("Still passed."),
        "{}",
        said.stdout
    );
    project.edit(
        "contract.odcs.yaml",
        "mustBeGreaterOrEqualTo: 100",
        "mustBeGreaterOrEqualTo: 10",
    );
    project.edit("proofmark.yaml", "    ks: 0.15\n", "");
    for format in [
        "terminal",
        "markdown",
        "html",
        "json",
        "junit",
        "sarif",
        "codequality",
        "github",
    ] {
        let arguments = [&unchanged[..], &["--exit-on-warn", "--format", format]].concat();
        let said = project.expect(11, &arguments);
        for words in [
            "asks for less: at least 10, at least 100 before",
            "is not asked for any more, as it was at proofmark.yaml:23",
            "is not the one of the baseline",
        ] {
            let said = unwrapped(&said.stdout);
            assert!(said.contains(words), "{format}: {words}\n{said}");
        }
    }
    // The next one is not haunted by what was loosened here.
    let kept = project.path("proofmark-out");
    fs::rename(&kept, project.path("base")).expect("renamed");
    let said = project.expect(0, &["data", "validate", "--baseline", "base"]);
    assert!(
        unwrapped(&said.stdout).contains("Was passed with warnings, is passed."),
        "{}",
        said.stdout
    );
    assert!(
        unwrapped(&said.stdout).contains("Every requirement stands as before."),
        "{}",
        said.stdout
    );
}

#[test]
fn a_loosened_rule_can_block_and_be_waived() {
    let project = with_validated_data();
    project.edit(
        "contract.odcs.yaml",
        "mustBeGreaterOrEqualTo: 100",
        "mustBeGreaterOrEqualTo: 10",
    );
    project.edit(
        "proofmark.yaml",
        "data:\n",
        "data:\n  changes: {loosened: error}\n",
    );
    let arguments = ["data", "validate", "--baseline", "base.json"];
    project.expect(10, &arguments);
    let waivers = [
        ("loosened-rule", "current"),
        ("loosened-rule", "reference"),
        ("contract-change", "contract.odcs.yaml"),
    ]
    .map(|(id, subject)| {
        format!("  - {{requirement: {id}, subject: {subject}, by: ada, reason: agreed, until: 2999-01-01}}\n")
    });
    let configuration = project.read("proofmark.yaml");
    project.write(
        "proofmark.yaml",
        format!("{configuration}\nwaivers:\n{}", waivers.concat()),
    );
    let said = project.expect(0, &arguments);
    assert!(
        unwrapped(&said.stdout).contains("waived"),
        "{}",
        said.stdout
    );
}

#[test]
fn the_chain_and_files_without_a_configuration_compare_with_the_baseline_too() {
    let project = with_validated_data();
    project.edit(
        "contract.odcs.yaml",
        "mustBeGreaterOrEqualTo: 100",
        "mustBeGreaterOrEqualTo: 10",
    );
    let only = [
        "run",
        "--only",
        "data-validation",
        "--baseline",
        "base.json",
    ];
    let said = project.expect(0, &only);
    assert!(
        unwrapped(&said.stdout).contains("asks for less"),
        "{}",
        said.stdout
    );
    let files = [
        "data",
        "validate",
        "--contract",
        "contract.odcs.yaml",
        "data/current.parquet",
        "--as-of",
        "2026-11-01",
    ];
    project.expect(0, &[&files[..], &["--output", "json=files.json"]].concat());
    project.edit(
        "contract.odcs.yaml",
        "mustBeGreaterOrEqualTo: 10",
        "mustBeGreaterOrEqualTo: 1",
    );
    let said = project.expect(0, &[&files[..], &["--baseline", "files.json"]].concat());
    assert!(
        unwrapped(&said.stdout).contains("at least 1, at least 10 before"),
        "{}",
        said.stdout
    );
}

#[test]
fn data_without_a_baseline_that_was_asked_for_are_not_compared_and_do_not_pass_when_that_blocks() {
    let project = Project::credit();
    let arguments = ["data", "validate", "--baseline", "none.json"];
    let said = project.expect(0, &arguments);
    assert!(
        said.stdout
            .contains("the baseline `none.json` is not there"),
        "{}",
        said.stdout
    );
    project.edit(
        "proofmark.yaml",
        "data:\n",
        "data:\n  changes: {loosened: error}\n",
    );
    project.expect(3, &arguments);
}
