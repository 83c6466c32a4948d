//! The section `sign`: certificates and identities instead of a bare key, with nothing on the command line.
//!
//! Signing by an identity needs Sigstore; `tests/interop/sigstore` runs the same configuration against one.

use std::fs;

use crate::support::{Project, repository};

/// A project that signs with the certificate of the trainer, whom an authority of its own vouches for.
fn certified() -> Project {
    let project = Project::credit();
    let signatures = repository().join("fixtures/signatures");
    for (from, to) in [
        ("keys/p256.pem", "trainer.key"),
        ("certificates/signer.pem", "trainer.pem"),
        ("certificates/authority.pem", "authority.pem"),
        ("certificates/root.pem", "root.pem"),
    ] {
        fs::copy(signatures.join(from), project.path(to)).expect("copied");
    }
    sign_by(
        &project,
        "  private_key: trainer.key\n  certificate: trainer.pem\n  certificate_chain: [authority.pem]\n  trust:\n    certificate_roots: [root.pem]\n    identity: trainer@example.com\n",
    );
    project
}

/// Replaces the section `sign`.
fn sign_by(project: &Project, section: &str) {
    let text = project.read("proofmark.yaml");
    let (before, rest) = text.split_once("\nsign:\n").expect("a section");
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    project.write(
        "proofmark.yaml",
        format!("{before}\nsign:\n{section}\n{after}"),
    );
}

#[test]
fn a_chain_signs_with_a_certificate_and_verifies_by_whom_it_names() {
    let project = certified();
    let said = project.expect(0, &["run"]);
    assert!(said.stdout.contains("passed"), "{}", said.stdout);
    let said = project.expect(0, &["verify"]);
    assert!(
        said.stderr.contains("trainer@example.com"),
        "{}",
        said.stderr
    );
    // What the configuration says is what the command line would have said.
    project.expect(
        0,
        &[
            "verify",
            "--model",
            "models/candidate",
            "--signature",
            "proofmark-out/model.sig",
            "--claims",
            "proofmark-out/claims.jsonl",
            "--trust-root",
            "root.pem",
            "--certificate-identity",
            "trainer@example.com",
        ],
    );
    let said = project.expect(0, &["run"]);
    assert!(said.stdout.contains("nothing to do"), "{}", said.stdout);
    project.expect(0, &["attest", "--provenance"]);
    let said = project.expect(0, &["doctor"]);
    assert!(said.stdout.contains("trainer"), "{}", said.stdout);
    // Another root is a change of what counts: the run is judged again and the signature does not.
    let other = repository().join("fixtures/signatures/certificates/other-root.pem");
    fs::copy(other, project.path("root.pem")).expect("copied");
    project.expect(6, &["verify"]);
    project.expect(6, &["run"]);
}

#[test]
fn a_certificate_that_names_somebody_else_counts_for_nothing() {
    let project = certified();
    project.edit(
        "proofmark.yaml",
        "identity: trainer@example.com",
        "identity: ann@example.com",
    );
    project.expect(6, &["run"]);
    let pinned = "    certificate_roots: [root.pem]\n    subject: O=Test,CN=somebody\n";
    let before = "    certificate_roots: [root.pem]\n    identity: ann@example.com\n";
    project.edit("proofmark.yaml", before, pinned);
    project.expect(6, &["run", "--replace-signature"]);
}

#[test]
fn what_does_not_go_together_is_refused_with_its_line() {
    let project = Project::credit();
    for (section, expected) in [
        ("  private_key: a\n", "whose signatures count"),
        (
            "  keyless: {}\n  public_key: b\n",
            "count by `trust.issuer` alone",
        ),
        (
            "  keyless: {}\n  trust: {issuer: https://issuer.example}\n",
            "say who must have signed",
        ),
        (
            "  private_key: a\n  public_key: b\n  keyless: {}\n",
            "says what signs",
        ),
        (
            "  private_key: a\n  certificate: c\n  public_key: b\n",
            "goes with `certificate`",
        ),
        (
            "  keyless: {}\n  trust: {issuer: i, identity: w, claims: {build_triger: push}}\n",
            "build_trigger",
        ),
    ] {
        sign_by(&project, section);
        let said = project.expect(2, &["verify"]);
        assert!(said.stderr.contains(expected), "{section}\n{}", said.stderr);
        assert!(said.stderr.contains("proofmark.yaml:"), "{}", said.stderr);
    }
}

#[test]
fn a_job_without_an_identity_verifies_and_does_not_sign() {
    let project = Project::credit();
    sign_by(
        &project,
        "  keyless: {}\n  trust:\n    issuer: https://token.actions.githubusercontent.com\n    claims: {source_repository_identifier: \"123456\"}\n",
    );
    let said = project.expect(4, &["run"]);
    assert!(said.stderr.contains("identity token"), "{}", said.stderr);
    assert!(!project.path("proofmark-out/model.sig").exists());
    let said = project.expect(0, &["doctor"]);
    assert!(said.stdout.contains("not sign"), "{}", said.stdout);
    // A job that is offered a token can sign; nobody is asked for a certificate to find out.
    let mut command = project.command(&["doctor", "--format", "json"]);
    command.env("SIGSTORE_ID_TOKEN", "a.b.c");
    let said = crate::support::said(&mut command);
    assert!(
        said.stdout.contains("identity of this job"),
        "{}",
        said.stdout
    );
    // A key on the command line takes the place of the identity.
    let pair = ["--key", "k.key", "--public-key", "k.pub"];
    project.expect(0, &[&["sign", "--generate-key"], &pair[..]].concat());
    project.expect(0, &["data", "validate"]);
    project.expect(0, &["sign", "--key", "k.key"]);
    project.expect(0, &["verify", "--key", "k.pub"]);
}
