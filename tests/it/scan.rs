//! The scan as a user runs it: archives, and the imports lock over two versions of a model.

use std::fs;

use crate::support::{Project, repository};

const LOCK: &str =
    "\nscan:\n  imports_lock:\n    earlier: registry:production\n    first_model: pass\n";

/// A project whose model is live in production, with a lock on its imports.
fn live() -> Project {
    let project = Project::credit();
    let config = project.read("proofmark.yaml");
    project.write("proofmark.yaml", config + LOCK);
    project.expect(0, &["run"]);
    project
}

fn record(project: &Project, requirement: &str) -> serde_json::Value {
    let evidence = project.evidence("scan");
    let records = evidence["evidence"].as_array().expect("a list");
    let found = records
        .iter()
        .find(|record| record["requirement"] == requirement);
    found.cloned().unwrap_or_else(|| panic!("no {requirement}"))
}

fn assert_not_evaluated(record: &serde_json::Value) {
    assert!(record["outcome"].get("not_evaluated").is_some(), "{record}");
}

fn add_benign(project: &Project, name: &str) {
    let content = fs::read(repository().join("fixtures/scan/benign").join(name)).expect("a file");
    project.write(&format!("models/candidate/{name}"), content);
}

#[test]
fn the_first_model_passes_the_lock_and_evidence_names_its_imports() {
    let project = live();
    let lock = record(&project, "imports-lock");
    assert_eq!(lock["outcome"], "met");
    assert_eq!(lock["severity"], "info");
    let imports = project.evidence("scan")["imports"].clone();
    let imports = imports.as_array().expect("a list");
    assert!(imports.iter().any(|import| {
        import["file"] == "model.joblib" && import["module"] == "numpy" && import["name"] == "dtype"
    }));
    // The same model again is held against itself.
    project.expect(0, &["scan"]);
    let lock = record(&project, "imports-lock");
    assert_eq!(lock["outcome"], "met");
    assert_ne!(lock["severity"], "info");
}

#[test]
fn a_later_version_imports_nothing_new() {
    let project = live();
    add_benign(&project, "random-state.pkl");
    let said = project.expect(10, &["scan"]);
    let lock = record(&project, "imports-lock");
    assert_eq!(lock["outcome"], "not_met");
    let message = lock["message"].as_str().expect("text");
    assert!(
        message.starts_with("`random-state.pkl` imports ")
            && message.contains("`numpy.random._pcg64.PCG64`")
            && message.ends_with("which the signed scan of `registry:production` does not name"),
        "{message}"
    );
    assert!(said.stdout.contains("imports-lock"), "{}", said.stdout);
    // Without the lock the allow-list lets it pass.
    project.edit("proofmark.yaml", LOCK, "");
    project.expect(0, &["scan"]);
}

#[test]
fn the_lock_believes_signed_scans_only() {
    let project = live();
    fs::copy(
        project.path("proofmark-out/claims.jsonl"),
        project.path("earlier.jsonl"),
    )
    .expect("copied");
    project.edit("proofmark.yaml", "registry:production", "earlier.jsonl");
    project.expect(0, &["scan"]);
    add_benign(&project, "random-state.pkl");
    project.expect(10, &["scan"]);

    // Evidence that nobody signed, and what another key signed, lock nothing and do not pass.
    let evidence = project.read("proofmark-out/evidence/scan.json");
    project.write("unsigned.jsonl", evidence.replace('\n', ""));
    project.edit("proofmark.yaml", "earlier.jsonl", "unsigned.jsonl");
    project.expect(3, &["scan"]);
    assert_not_evaluated(&record(&project, "imports-lock"));

    let claims = project.read("earlier.jsonl");
    let damaged = claims.replace("\"sig\":\"M", "\"sig\":\"N");
    assert_ne!(claims, damaged);
    project.write("unsigned.jsonl", damaged);
    project.expect(3, &["scan"]);
    assert_not_evaluated(&record(&project, "imports-lock"));
}

#[test]
fn nothing_live_is_not_evaluated_unless_the_first_model_may_pass() {
    let project = Project::credit();
    let config = project.read("proofmark.yaml");
    project.write("proofmark.yaml", config + LOCK);
    project.edit("proofmark.yaml", "    first_model: pass\n", "");
    project.expect(3, &["scan"]);
    assert_not_evaluated(&record(&project, "imports-lock"));
    let message = record(&project, "imports-lock")["message"].to_string();
    assert!(
        message.contains("nothing of `credit-risk` is live"),
        "{message}"
    );
}

#[test]
fn findings_in_archives_name_the_member() {
    let project = Project::credit();
    let hostile = repository().join("fixtures/scan/malicious/tar-torch.nemo");
    fs::copy(hostile, project.path("model.safetensors")).expect("copied");
    let said = project.expect(10, &["scan", "model.safetensors"]);
    assert!(
        said.stdout
            .contains("model.safetensors!./w.ckpt!w/data.pkl` calls `os.system('echo owned')`"),
        "{}",
        said.stdout
    );
}
