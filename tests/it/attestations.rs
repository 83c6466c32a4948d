//! Attestations on GitHub: given there once, fetched from there, and believed only when they verify.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::attestations::{Attestation, Form};
use crate::support::forge::Forge;
use crate::support::{Project, Said, said};
use crate::verification;

const TOKEN: &str = "ghs_ThisIsTheToken1234";
const STORE: &str = "github:acme/churn";
const LIST: &str = "GET /repos/acme/churn/attestations";

/// A job that reaches the forge with a token.
fn job(project: &Project, forge: &Forge, arguments: &[&str]) -> Command {
    let mut command = project.command(arguments);
    command
        .env("GITHUB_TOKEN", TOKEN)
        .env("GITHUB_API_URL", forge.url());
    command
}

fn run(mut command: Command, code: i32) -> Said {
    let said = said(&mut command);
    assert_eq!(said.code, code, "{}\n{}", said.stdout, said.stderr);
    for text in [&said.stdout, &said.stderr] {
        for secret in [TOKEN, "ASignedAddress"] {
            assert!(!text.contains(secret), "{secret} is shown: {text}");
        }
    }
    said
}

/// A project whose chain has run, and a forge that keeps what was signed.
fn published() -> (Project, Forge) {
    let (project, forge) = (Project::credit(), Forge::start());
    project.expect(0, &["run"]);
    let said = run(job(&project, &forge, &["sign", "--publish", STORE]), 0);
    assert!(said.stderr.contains("5 published"), "{}", said.stderr);
    (project, forge)
}

/// The same model elsewhere, with nothing but the public key.
fn elsewhere(project: &Project) -> Project {
    let other = Project::credit();
    other.write("ci.pub", project.read("proofmark-out/keys/signing.pub"));
    other
}

/// Verifies the model with what the forge keeps about it.
fn fetch(project: &Project, forge: &Forge, code: i32) -> Said {
    let arguments = [
        "verify",
        "--model",
        "models/candidate",
        "--key",
        "ci.pub",
        "--from",
        STORE,
        "--format",
        "json",
    ];
    run(job(project, forge, &arguments), code)
}

#[test]
fn what_was_published_verifies_elsewhere_in_whatever_form_it_is_given_out() {
    let (project, forge) = published();
    for form in [Form::Address, Form::Inline] {
        forge.state().form = form;
        for page_max in [None, Some(1), Some(2)] {
            forge.state().page_max = page_max;
            let other = elsewhere(&project);
            let said = fetch(&other, &forge, 0);
            assert!(said.stderr.contains("5 found"), "{}", said.stderr);
            assert!(said.stderr.contains("4 added"), "{}", said.stderr);
            let report: Value = serde_json::from_str(&said.stdout).expect("a report");
            let records = report["evidence"].as_array().expect("records");
            let verifies = |record: &&Value| {
                let message = record["message"].as_str().unwrap_or_default();
                message.contains("verifies; it says passed")
            };
            assert_eq!(records.iter().filter(verifies).count(), 4);
            // What is there already is not added again.
            let before = other.read("claims.jsonl");
            let said = fetch(&other, &forge, 0);
            assert!(said.stderr.contains("0 added"), "{}", said.stderr);
            assert_eq!(other.read("claims.jsonl"), before);
        }
    }
}

#[test]
fn the_same_is_published_once() {
    let (project, forge) = published();
    assert_eq!(forge.state().attestations.len(), 5);
    for arguments in [["sign", "--publish", STORE], ["attest", "--publish", STORE]] {
        let said = run(job(&project, &forge, &arguments), 0);
        assert!(said.stderr.contains("0 published"), "{}", said.stderr);
    }
    // Another way to write the same bundle is the same bundle.
    forge.state().form = Form::Inline;
    for one in &mut forge.state().attestations {
        one.bundle["dsseEnvelope"]["signatures"][0]["keyid"] = json!("");
        one.bundle["verificationMaterial"]["tlogEntries"] = json!([]);
    }
    run(job(&project, &forge, &["attest", "--publish", STORE]), 0);
    assert_eq!(forge.state().attestations.len(), 5);
    // A new statement is one more; the others are there.
    let provenance = ["attest", "--provenance", "--publish", STORE];
    let said = run(job(&project, &forge, &provenance), 0);
    assert!(said.stderr.contains("1 published"), "{}", said.stderr);
    run(job(&project, &forge, &provenance), 0);
    assert_eq!(forge.state().attestations.len(), 6);
}

#[test]
fn the_job_says_which_repository() {
    let (project, forge) = published();
    let mut command = job(&project, &forge, &["attest", "--publish", "github"]);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_REPOSITORY", "acme/churn");
    run(command, 0);
    let said = run(job(&project, &forge, &["attest", "--publish", "github"]), 2);
    assert!(said.stderr.contains("github:OWNER/NAME"), "{}", said.stderr);
    for odd in [
        "github:acme",
        "github:../x",
        "github:",
        "gitlab",
        "github:a/b?c",
    ] {
        run(job(&project, &forge, &["attest", "--publish", odd]), 2);
        run(job(&project, &forge, &["verify", "--from", odd]), 2);
    }
}

#[test]
fn bundles_of_another_system_are_fetched_without_the_token() {
    let (project, forge) = published();
    let blobs = Forge::start();
    blobs.state().attestations = forge.state().attestations.clone();
    let place = blobs.url().replace("http://", "");
    forge.state().blobs = Some(place);
    fetch(&elsewhere(&project), &forge, 0);
    assert_eq!(blobs.state().asked.len(), 5);
    // Without a token, as anyone, who may read what is public.
    let other = elsewhere(&project);
    let mut command = other.command(&["verify", "--key", "ci.pub", "--from", STORE]);
    command.env("GITHUB_API_URL", forge.url());
    run(command, 0);
}

#[test]
fn what_is_about_another_model_is_refused_and_nothing_is_kept() {
    let (project, forge) = published();
    forge.state().careless = true;
    let other = elsewhere(&project);
    other.write("models/candidate/extra.txt", "a file");
    let said = fetch(&other, &forge, 6);
    assert!(said.stderr.contains("not about sha256:"), "{}", said.stderr);
    assert!(!other.path("claims.jsonl").exists());
    assert!(!other.path("model.sig").exists());
}

#[test]
fn what_was_changed_on_the_way_is_an_integrity_failure() {
    let (project, forge) = published();
    let gate = forge.state().attestations[1].bundle.clone();
    for one in &mut forge.state().attestations[2..] {
        let signatures = &mut one.bundle["dsseEnvelope"]["signatures"];
        *signatures = gate["dsseEnvelope"]["signatures"].clone();
    }
    let said = fetch(&elsewhere(&project), &forge, 6);
    assert!(said.stdout.contains("does not verify"), "{}", said.stdout);
}

#[test]
fn a_signature_by_another_is_passed_over_for_one_that_counts() {
    let (project, forge) = published();
    project.expect(
        0,
        &[
            "sign",
            "--generate-key",
            "--key",
            "eve.key",
            "--public-key",
            "eve.pub",
        ],
    );
    project.expect(
        0,
        &[
            "sign",
            "--model",
            "models/candidate",
            "--key",
            "eve.key",
            "--signature",
            "eve.sig",
        ],
    );
    let bundle = serde_json::from_str(&project.read("eve.sig")).expect("a bundle");
    let eve = Attestation::of(bundle).expect("a statement");
    forge.state().attestations.insert(0, eve);
    fetch(&elsewhere(&project), &forge, 0);
    // Alone, it says why it does not count.
    forge.state().attestations.truncate(1);
    let said = fetch(&elsewhere(&project), &forge, 6);
    assert!(
        said.stdout.contains("not by the given key"),
        "{}",
        said.stdout
    );
}

#[test]
fn nothing_about_the_model_and_no_repository_are_told_apart() {
    let (project, forge) = (Project::credit(), Forge::start());
    project.expect(0, &["run"]);
    let other = elsewhere(&project);
    let said = fetch(&other, &forge, 3);
    assert!(
        said.stderr.contains("none is about sha256:"),
        "{}",
        said.stderr
    );
    // GitHub may say the same of a digest it knows nothing about as of a repository that is not there.
    forge.state().faults = vec![(LIST, 404, "{}"); 2];
    let said = fetch(&other, &forge, 3);
    assert!(
        said.stderr.contains("none is about sha256:"),
        "{}",
        said.stderr
    );
    forge.state().faults = vec![(LIST, 404, "{}"), ("GET /repos/acme/churn", 404, "{}")];
    let said = fetch(&other, &forge, 3);
    assert!(
        said.stderr.contains("no such repository"),
        "{}",
        said.stderr
    );
    forge.state().faults = vec![("POST", 404, "{}")];
    let said = run(job(&project, &forge, &["attest", "--publish", STORE]), 3);
    assert!(said.stderr.contains("Enterprise Server"), "{}", said.stderr);
}

#[test]
fn refusals_and_outages_have_their_own_codes() {
    let (project, forge) = published();
    let other = elsewhere(&project);
    for (status, times, code) in [(401, 1, 4), (403, 1, 4), (503, 4, 5)] {
        forge.state().faults = vec![(LIST, status, "{}"); times];
        fetch(&other, &forge, code);
        assert!(forge.state().faults.is_empty(), "{status}");
    }
    for (status, code, hint) in [
        (403, 4, "attestations: write"),
        (401, 4, "token"),
        (422, 2, "which bundles it keeps"),
        (502, 5, "look before"),
    ] {
        forge.state().attestations.clear();
        forge.state().faults = vec![("POST", status, "{}")];
        let said = run(job(&project, &forge, &["attest", "--publish", STORE]), code);
        assert!(said.stderr.contains(hint), "{status}: {}", said.stderr);
    }
    let mut command = project.command(&["attest", "--publish", STORE]);
    command.env("GITHUB_API_URL", forge.url());
    let said = run(command, 4);
    assert!(said.stderr.contains("GITHUB_TOKEN"), "{}", said.stderr);
    // A port nobody listens on.
    let mut command = job(
        &other,
        &forge,
        &["verify", "--key", "ci.pub", "--from", STORE],
    );
    command.env("GITHUB_API_URL", "http://127.0.0.1:9");
    run(command, 5);
    // A list that is none, and an address that is none.
    for body in [
        "[]",
        "{}",
        r#"{"attestations": [{"bundle": null}]}"#,
        r#"{"attestations": [{"bundle_url": "file:///etc/passwd"}]}"#,
        r#"{"attestations": [{"bundle_url": "http://user:secret@127.0.0.1:9/"}]}"#,
    ] {
        forge.state().faults = vec![(LIST, 200, body)];
        fetch(&other, &forge, 5);
    }
    assert!(!other.path("claims.jsonl").exists());
}

#[test]
fn a_policy_judges_what_was_fetched() {
    let (project, forge) = (verification::stated(), Forge::start());
    run(job(&project, &forge, &["attest", "--publish", STORE]), 0);
    fs::remove_file(project.path("proofmark-out/claims.jsonl")).expect("removed");
    let judge = ["verify", "--policy", "policy.yaml", "--from", STORE];
    let said = run(job(&project, &forge, &judge), 0);
    assert!(said.stdout.contains("14 met"), "{}", said.stdout);
    // Whoever may write to the repository may add what makes it fail, and nothing that makes it pass.
    let mut forged = forge.state().attestations[0].clone();
    forged.bundle["dsseEnvelope"]["signatures"][0]["sig"] = json!("AAAA");
    forge.state().attestations.push(forged);
    run(job(&project, &forge, &judge), 6);
}
