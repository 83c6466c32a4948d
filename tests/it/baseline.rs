//! `--baseline`: what reports say has changed since earlier evidence.

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
