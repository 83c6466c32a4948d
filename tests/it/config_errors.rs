//! Configurations and contracts with mistakes: all found at once, each with its place and a hint.

use crate::support::{Project, said};

#[test]
fn all_problems_of_a_configuration_at_once() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "  metrics:\n", "  metrcs:\n");
    project.edit(
        "proofmark.yaml",
        "slice_rows_min: 30",
        "slice_rows_min: many",
    );
    project.edit("proofmark.yaml", "  generate: true", "  generat: true");
    let said = project.expect(2, &["run"]);
    let text = &said.stderr;
    assert!(
        text.contains("unknown key `metrcs`") && text.contains("did you mean `metrics`?"),
        "{text}"
    );
    assert!(
        text.contains("unknown key `generat`") && text.contains("did you mean `generate`?"),
        "{text}"
    );
    assert!(
        text.contains("expected a whole number, found `many`"),
        "{text}"
    );
    assert!(
        text.contains("slice_rows_min: many"),
        "the offending line is shown\n{text}"
    );
    let line = project
        .read("proofmark.yaml")
        .lines()
        .position(|line| line.contains("metrcs"))
        .expect("there")
        + 1;
    assert!(
        text.contains(&format!("--> proofmark.yaml:{line}:3")),
        "{text}"
    );
    assert!(
        !project.path("proofmark-out").exists(),
        "nothing is half-written"
    );
}

#[test]
fn an_unknown_metric_names_the_closest() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "metric: roc_auc", "metric: roc_acu");
    let said = project.expect(2, &["gate"]);
    assert!(
        said.stderr.contains("did you mean `roc_auc`?"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_bound_on_the_wrong_side_is_a_problem() {
    let project = Project::credit();
    project.edit(
        "proofmark.yaml",
        "    - metric: brier\n      at_most: 0.20",
        "    - metric: brier\n      at_least: 0.20",
    );
    let said = project.expect(2, &["gate"]);
    assert!(said.stderr.contains("brier"), "{}", said.stderr);
}

#[test]
fn a_contract_against_the_standard_is_shown_with_its_line() {
    let project = Project::credit();
    project.edit(
        "contract.odcs.yaml",
        "logicalType: date",
        "logicalType: datum",
    );
    project.edit(
        "contract.odcs.yaml",
        "metric: rowCount",
        "metric: rowsCount",
    );
    let said = project.expect(2, &["data", "validate"]);
    assert!(
        said.stderr.contains("`datum` is not one of"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("did you mean `date`?"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("contract.odcs.yaml:"),
        "{}",
        said.stderr
    );
}

#[test]
fn what_the_standard_does_not_catch_is_caught() {
    let cases = [
        ("check: mean", "check: meen", "did you mean `mean`?"),
        (
            "bound: {between: [0.6, 0.8]}",
            "bound: {betwen: [0.6, 0.8]}",
            "between",
        ),
        (
            "element: applications.recorded_at",
            "element: ''",
            "needs `element`",
        ),
        ("unit: d\n", "unit: fortnight\n", "`d`, `h`, `m` or `y`"),
    ];
    for (from, to, expected) in cases {
        let project = Project::credit();
        project.edit("contract.odcs.yaml", from, to);
        let said = project.expect(2, &["data", "validate"]);
        assert!(said.stderr.contains(expected), "{to}\n{}", said.stderr);
    }
}

#[test]
fn yaml_mistakes_have_a_line() {
    for (text, expected) in [
        ("version: 1\nversion: 1\n", "repeated"),
        ("version: [1\n", "not YAML"),
        ("", "empty"),
        ("- 1\n", "expected a mapping"),
        ("version: 1\n---\nversion: 1\n", "second document"),
    ] {
        let project = Project::credit();
        project.write("proofmark.yaml", text);
        let said = project.expect(2, &["run"]);
        assert!(
            said.stderr.contains(expected) && said.stderr.contains("proofmark.yaml:"),
            "{text:?}\n{}",
            said.stderr
        );
    }
}

#[test]
fn a_mistake_is_annotated_on_its_line() {
    let project = Project::credit();
    project.edit(
        "proofmark.yaml",
        "  metrics:",
        "  metrcs: \"::error::forged\"\n  metrics:",
    );
    let mut command = project.command(&["gate", "--output", "github=problems.txt"]);
    let top = project.path("");
    let said = said(
        command
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", top),
    );
    assert_eq!(said.code, 2, "{}", said.stderr);
    let text = project.read("problems.txt");
    let config = project.read("proofmark.yaml");
    let line = 1 + config
        .lines()
        .position(|line| line.contains("metrcs"))
        .expect("there");
    assert!(
        text.starts_with(&format!("::error file=proofmark.yaml,line={line},")),
        "{text}"
    );
    assert!(text.contains("metrics"), "{text}");
    assert_eq!(
        text.matches("::error").count(),
        text.lines().count(),
        "{text}"
    );
}

/// A project of two CSV files, its contract with the rule given, its configuration with the rest given.
fn small(rule: &str, rest: &str) -> Project {
    let project = Project::credit();
    project.write("a.csv", "id,y,amount\n1,a,1.5\n2,b,2\n");
    project.write("b.csv", "id,y,amount\n3,a,1.5\n4,b,2\n");
    project.write(
        "small.yaml",
        format!(
            "apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - {{name: id, logicalType: integer}}
      - {{name: y, logicalType: string}}
      - name: amount
        logicalType: number
{rule}"
        ),
    );
    project.write(
        "proofmark.yaml",
        format!(
            "version: 1
model: {{name: m, path: models/candidate}}
data:
  contract: small.yaml
  datasets:
    - {{name: a, path: a.csv}}
    - {{name: b, path: b.csv}}
{rest}"
        ),
    );
    project
}

#[track_caller]
fn refused(rule: &str, rest: &str, expected: &str, place: &str) {
    let project = small(rule, rest);
    let said = project.expect(2, &["data", "validate"]);
    assert!(said.stderr.contains(expected), "{}", said.stderr);
    assert!(said.stderr.contains(place), "{}", said.stderr);
}

#[test]
fn what_no_data_could_keep_is_an_error_of_the_configuration() {
    small("", "").expect(0, &["data", "validate"]);
    refused(
        "        quality: [{type: custom, engine: proofmark, implementation: {check: value-pattern, pattern: '('}}]\n",
        "",
        "the pattern `(` cannot be run",
        "--> small.yaml:13:",
    );
    for (rest, expected) in [
        (
            "  splits: {training: a, evaluation: [b], key: [id], shared_max: 5}\n",
            "5",
        ),
        (
            "  splits: {training: a, evaluation: [b]}\n  labels: {column: y, power_max: 95}\n",
            "95",
        ),
        (
            "  serving: {dataset: a, reference: a}\n",
            "compared with itself",
        ),
        (
            "  drift: {reference: a, current: a}\n",
            "compared with itself",
        ),
        (
            "    - {name: c, path: a.csv, csv: {encoding: utf-9}}\n",
            "`utf-9` is no encoding",
        ),
    ] {
        refused("", rest, expected, "--> proofmark.yaml:");
    }
}

#[test]
fn an_environment_the_contract_does_not_know_is_refused() {
    let project = small("", "");
    let arguments = ["data", "validate", "--contract", "small.yaml"];
    let rest = ["--environment", "TRAINING", "a.csv"];
    let said = project.expect(2, &[&arguments[..], &rest[..]].concat());
    assert!(
        said.stderr
            .contains("the environment `TRAINING` would change nothing"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_report_in_place_of_a_directory_is_a_usage_error() {
    let project = small("", "");
    project.expect(2, &["data", "validate", "--output", "json=data"]);
}

#[test]
fn one_file_under_two_names_is_a_problem_unless_read_in_two_ways() {
    let project = Project::credit();
    project.edit(
        "proofmark.yaml",
        "path: data/current.parquet\n      as_of: 2026-11-01",
        "path: ./data/reference.parquet\n      as_of: 2026-09-01",
    );
    let said = project.expect(2, &["data", "validate"]);
    assert!(
        said.stderr
            .contains("`current` and `reference` are the same file read in the same way"),
        "{}",
        said.stderr
    );
    // At another time it is another question, but still not another population.
    project.edit(
        "proofmark.yaml",
        "./data/reference.parquet\n      as_of: 2026-09-01",
        "./data/reference.parquet\n      as_of: 2026-11-01",
    );
    let said = project.expect(2, &["data", "validate"]);
    assert!(
        said.stderr.contains("a file does not drift from itself"),
        "{}",
        said.stderr
    );
}
