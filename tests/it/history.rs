//! The trend of metrics over earlier runs, from files and from the registry.

use std::fs;

use proofmark::evidence::{Outcome, RunReport};
use serde_json::Value;

use crate::support::Project;

/// A copy of the example with the evidence of an earlier gate in `history/`.
fn with_history() -> Project {
    let project = Project::credit();
    project.expect(0, &["gate"]);
    fs::create_dir(project.path("history")).expect("a folder");
    let evidence = project.read("proofmark-out/evidence/gate.json");
    project.write("history/1.json", evidence);
    project.edit(
        "proofmark.yaml",
        "gate:\n",
        "gate:\n  history: [\"history/*.json\"]\n",
    );
    project
}

fn gate(project: &Project) -> RunReport {
    RunReport::parse(&project.read("proofmark-out/evidence/gate.json")).expect("evidence")
}

#[test]
fn earlier_evidence_makes_a_trend_bound_by_digest() {
    let project = with_history();
    project.expect(
        0,
        &[
            "gate",
            "--output",
            "html=report.html",
            "--output",
            "markdown=report.md",
        ],
    );
    let report = gate(&project);
    let record = report
        .evidence
        .iter()
        .find(|record| record.requirement.as_str() == "metric-history")
        .expect("a record");
    assert_eq!(record.inputs[0].locator, "history/1.json");
    let digest = proofmark::evidence::Sha256::of(project.read("history/1.json").as_bytes());
    assert_eq!(record.inputs[0].sha256, digest);
    let trend = report
        .figures
        .iter()
        .find(|figure| figure.id == "trend-roc-auc");
    let series = &trend.expect("a trend").series;
    assert_eq!(series[0].points.len(), 2);
    assert_eq!(
        series[0].points[0][1], series[0].points[1][1],
        "the same model twice"
    );
    assert!(
        project
            .read("report.html")
            .contains("<h2>Trend over past runs</h2>")
    );
    assert!(project.read("report.md").contains(r"| roc\_auc | 2 |"));
}

#[test]
fn without_earlier_runs_there_is_no_trend() {
    let project = with_history();
    fs::remove_file(project.path("history/1.json")).expect("removed");
    project.expect(0, &["gate", "--output", "html=report.html"]);
    assert!(!project.read("report.html").contains("Trend over past runs"));
    assert!(
        gate(&project)
            .figures
            .iter()
            .all(|figure| !figure.id.starts_with("trend"))
    );
}

#[test]
fn a_history_file_that_is_no_evidence_does_not_pass() {
    for (name, text) in [("bad.json", "{}"), ("worse.json", "\u{0}")] {
        let project = with_history();
        project.write(&format!("history/{name}"), text);
        let said = project.run(&["gate"]);
        assert_ne!(said.code, 0);
        assert!(
            said.stdout.contains("evidence of an earlier run") && said.stdout.contains(name),
            "{}",
            said.stdout
        );
    }
    let project = with_history();
    project.edit("proofmark.yaml", "history/*.json", "history/gone.json");
    assert_ne!(project.run(&["gate"]).code, 0);
}

#[test]
fn what_was_live_makes_a_trend() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    project.edit(
        "proofmark.yaml",
        "gate:\n",
        "gate:\n  history: [\"registry:production\"]\n",
    );
    let said = project.expect(0, &["gate", "--format", "json"]);
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let records = report["evidence"].as_array().expect("records");
    let record = records
        .iter()
        .find(|record| record["requirement"] == "metric-history")
        .expect("a record");
    assert_eq!(record["inputs"][0]["locator"], "registry:production#1");
    assert!(
        gate(&project)
            .figures
            .iter()
            .any(|figure| figure.id == "trend-roc-auc")
    );
    let outcome = gate(&project)
        .evidence
        .iter()
        .all(|record| record.outcome == Outcome::Met || !record.blocks());
    assert!(outcome);
}
