//! A model is verified by what is stated about it and by whom.

use std::fmt::Write as _;

use proofmark::evidence::Sha256;
use serde_json::Value;

use crate::support::Project;

const REVIEW: &str = "https://in-toto.io/attestation/human-review/v0.1";
const SUMMARY: &str = "https://slsa.dev/verification_summary/v1";

/// A project whose whole chain has run, with a provenance, a review by `ann` and a policy that asks for
/// all of it.
pub fn stated() -> Project {
    let project = Project::credit();
    project.expect(0, &["run"]);
    for person in ["ann", "eve"] {
        let (key, public) = (format!("{person}.key"), format!("{person}.pub"));
        project.expect(
            0,
            &[
                "sign",
                "--generate-key",
                "--key",
                &key,
                "--public-key",
                &public,
            ],
        );
    }
    project.expect(0, &["attest", "--provenance"]);
    project.write("review.json", r#"{"result": "pass"}"#);
    review(&project, "ann");
    let fingerprint = |path: &str| Sha256::of(project.read(path).as_bytes());
    let mut policy = format!(
        "version: 1\ntrust: {{keys: [proofmark-out/keys/signing.pub, ann.pub]}}\nsigners:\n  ci: {{key: {}, may: [gate, data, scan, card, provenance, verification]}}\n  ann: {{key: {}, may: [approval]}}\n",
        fingerprint("proofmark-out/keys/signing.pub"),
        fingerprint("ann.pub"),
    );
    let _ = write!(
        policy,
        "require:\n  provenance: {{}}\n  gate: {{configuration: {}, max_age_days: 30}}\n  data: {{}}\n  scan: {{}}\n  card: {{}}\n  approvals: {{count: 1}}\n",
        fingerprint("proofmark.yaml"),
    );
    project.write("policy.yaml", policy);
    project
}

fn review(project: &Project, person: &str) {
    let key = format!("{person}.key");
    let arguments = [
        "attest",
        "--key",
        &key,
        "--predicate-type",
        REVIEW,
        "--predicate",
        "review.json",
    ];
    project.expect(0, &arguments);
}

/// The requirements that are not met, of a verification that ends with this code.
fn open(project: &Project, code: i32) -> Vec<String> {
    let said = project.expect(
        code,
        &["verify", "--policy", "policy.yaml", "--format", "json"],
    );
    let report: Value = serde_json::from_str(&said.stdout).expect("a report");
    let records = report["evidence"].as_array().expect("records").iter();
    let open = records.filter(|record| record["outcome"] != "met");
    open.map(|record| record["requirement"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn a_model_with_everything_stated_passes_and_its_summary_can_be_stated() {
    let project = stated();
    assert_eq!(open(&project, 0), [""; 0]);
    let said = project.expect(
        0,
        &[
            "verify",
            "--policy",
            "policy.yaml",
            "--verification-summary",
            "summary.json",
            "--resource",
            "credit/staging",
        ],
    );
    assert!(said.stdout.contains("14 met"), "{}", said.stdout);
    let summary: Value = serde_json::from_str(&project.read("summary.json")).expect("a summary");
    assert_eq!(summary["verificationResult"], "PASSED");
    assert_eq!(summary["resourceUri"], "credit/staging");
    project.expect(
        0,
        &[
            "attest",
            "--predicate-type",
            SUMMARY,
            "--predicate",
            "summary.json",
        ],
    );
    let policy = project.read("policy.yaml");
    project.write(
        "policy.yaml",
        format!("{policy}  previous_stage: {{resource: credit/staging, max_age_days: 1}}\n"),
    );
    assert_eq!(open(&project, 0), [""; 0]);
    // What others stated stays when the evidence is attested again, and is not taken for evidence.
    project.expect(0, &["attest"]);
    assert_eq!(open(&project, 0), [""; 0]);
    project.expect(0, &["verify"]);
    project.expect(0, &["promote", "plan", "--stage", "production"]);
}

#[test]
fn provenance_that_differs_in_its_time_alone_is_stated_once() {
    let project = stated();
    let claims = project.read("proofmark-out/claims.jsonl");
    let said = project.expect(0, &["attest", "--provenance"]);
    assert!(said.stderr.contains("says so already"), "{}", said.stderr);
    assert_eq!(project.read("proofmark-out/claims.jsonl"), claims);
    // Made of something more, it is another statement.
    let base = format!("base={}", "ab".repeat(32));
    project.expect(0, &["attest", "--provenance", "--base-model", &base]);
    let lines = |text: &str| text.lines().count();
    let after = project.read("proofmark-out/claims.jsonl");
    assert_eq!(lines(&after), lines(&claims) + 1);
}

#[test]
fn the_ledger_tells_which_version_was_promoted() {
    let project = stated();
    let policy = project.read("policy.yaml");
    project.write("policy.yaml", format!("{policy}  no_downgrade: true\n"));
    // The chain of the fixture has promoted the version its configuration names.
    assert_eq!(open(&project, 0), [""; 0]);
    let versioned = |version: &str| {
        let text = project.read("proofmark.yaml");
        let is_version = |line: &&str| line.starts_with("  version: ");
        let line = text.lines().find(is_version).expect("a version");
        project.write(
            "proofmark.yaml",
            text.replace(line, &format!("  version: {version}")),
        );
    };
    let promote = |version: &str, weights: &str| {
        versioned(version);
        project.write("models/candidate/notes.txt", weights);
        project.expect(0, &["run", "--replace-signature"]);
    };
    let verdict = |version: &str, more: &[&str]| {
        versioned(version);
        let arguments = ["verify", "--policy", "policy.yaml", "--format", "json"];
        let said = project.run(&[&arguments[..], more].concat());
        let report: Value = serde_json::from_str(&said.stdout).expect(&said.stderr);
        let mut records = report["evidence"].as_array().expect("records").iter();
        let record = records.find(|record| record["requirement"] == "no-downgrade");
        let record = record.expect("a record");
        (record["outcome"] == "met", record["message"].to_string())
    };
    promote("2.10.0", "a");
    promote("2.9.0", "b");
    let (met, message) = verdict("2.10.0", &[]);
    assert!(met && message.contains("2.10.0, the highest"), "{message}");
    assert!(verdict("2.11.0-rc.1", &[]).0);
    let (met, message) = verdict("2.9.9", &[]);
    assert!(!met && message.contains("is below 2.10.0"), "{message}");
    // What the command line says comes first.
    assert!(verdict("2.9.9", &["--promoted-version", "2.9.9"]).0);
    assert!(verdict("2.9.9", &["--model-version", "3.0"]).0);
    // A checkout without the registry knows nothing of what was promoted.
    let registry = project.path("proofmark-out/registry");
    std::fs::rename(registry, project.path("gone")).expect("moved");
    let (met, message) = verdict("9.0.0", &[]);
    assert!(!met && message.contains("no registry"), "{message}");
}

#[test]
fn another_model_has_nothing_stated_about_it() {
    let project = stated();
    project.write("models/candidate/extra.txt", "a file");
    let open = open(&project, 10);
    assert_eq!(open.len(), 7, "{open:?}");
    assert_eq!(open[0], "attestation-subject");
}

#[test]
fn a_changed_statement_is_an_integrity_failure() {
    let project = stated();
    let claims = project.read("proofmark-out/claims.jsonl");
    let (first, rest) = claims.split_once('\n').expect("claims");
    let mut bundle: Value = serde_json::from_str(first).expect("a bundle");
    let signature = &mut bundle["dsseEnvelope"]["signatures"][0]["sig"];
    let other: Value =
        serde_json::from_str(rest.lines().next().expect("a claim")).expect("a bundle");
    *signature = other["dsseEnvelope"]["signatures"][0]["sig"].clone();
    project.write("proofmark-out/claims.jsonl", format!("{bundle}\n{rest}"));
    assert!(open(&project, 6).contains(&"attestation-signature".to_owned()));
}

#[test]
fn whoever_is_not_named_speaks_for_nothing() {
    let project = stated();
    // A refusal by somebody nobody trusts changes nothing.
    project.write("review.json", r#"{"result": "fail"}"#);
    review(&project, "eve");
    assert_eq!(open(&project, 0), [""; 0]);
    // By somebody who is trusted it does.
    review(&project, "ann");
    assert_eq!(open(&project, 10), ["attested-approvals"]);
}

#[test]
fn a_policy_that_asks_for_nothing_or_names_nobody_is_refused() {
    let project = stated();
    project.write(
        "policy.yaml",
        "version: 1\ntrust: {}\nsigners: {}\nrequire: {}\n",
    );
    let said = project.expect(2, &["verify", "--policy", "policy.yaml"]);
    assert!(said.stderr.contains("policy.yaml:3"), "{}", said.stderr);
    assert!(said.stderr.contains("nothing"), "{}", said.stderr);
    let said = project.expect(2, &["verify", "--model", "models/candidate"]);
    assert!(said.stderr.contains("--signature"), "{}", said.stderr);
    let odd = [
        "attest",
        "--predicate-type",
        "a review",
        "--predicate",
        "review.json",
    ];
    let said = project.run(&odd);
    assert!(
        said.code != 0 && said.stderr.contains("no URI"),
        "{}",
        said.stderr
    );
}
