//! Real attestations (`fixtures/release`) verified, and what becomes of them when any part is changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sigstore_trust_root::{SIGSTORE_GITHUB_TRUSTED_ROOT, SIGSTORE_STAGING_TRUSTED_ROOT};

use super::keyless::{self, GITHUB_ISSUER, Identity, KeylessError, TrustedRoots};
use super::keys::{Curve, SigningKey};
use super::release::{
    PROVENANCE_TYPE, Released, judge_bundles, judge_checksums, nothing_to_verify_with,
};
use super::sign;
use super::signers::Signer as _;
use super::trust::{Opened, Trust};
use crate::evidence::{Evidence, Outcome, Reason, Sha256, Verdict};
use crate::manifest::{FileDigest, Manifest, Versions};
use crate::policy::verification::{BuildClaim, SignedBy};

const WORKFLOW: &[u8] = include_bytes!("../../fixtures/release/conda-attestation.sigstore.json");
const PACKAGE: &[u8] =
    include_bytes!("../../fixtures/release/signed-package-2.1.0-hb0f4dca_0.conda");
const PRIVATE: &[u8] =
    include_bytes!("../../fixtures/release/github-private-attestation.sigstore.json");
const BLOB: &[u8] = include_bytes!("../../fixtures/release/cosign-v3-blob.sigstore.json");

const IDENTITY: &str =
    "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main";
const CLAIM: &str = "https://schemas.conda.org/attestations-publish-1.schema.json";
/// A file of the release that `PRIVATE` is about.
const PRIVATE_FILE: &str = "76f1fe8593bf227cca2c089e3c16dc95014a8d3e89c5dd220530469ca043c428";

fn signer(identity: &str, issuer: &str) -> Identity {
    Identity::named(identity, issuer)
}

fn workflow() -> Identity {
    signer(IDENTITY, GITHUB_ISSUER)
}

fn open(
    bundle: &[u8],
    digest: Sha256,
    identity: &Identity,
    roots: &TrustedRoots,
) -> Result<Opened, KeylessError> {
    keyless::open(bundle, digest, identity, roots, Versions::Current)
}

/// The bundle with one change.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut bundle = serde_json::from_slice(WORKFLOW).expect("JSON");
    change(&mut bundle);
    serde_json::to_vec(&bundle).expect("JSON")
}

fn entry(bundle: &mut Value) -> &mut Value {
    &mut bundle["verificationMaterial"]["tlogEntries"][0]
}

/// Turns one bit of base64 text.
fn flipped(text: &Value) -> Value {
    let mut bytes = STANDARD
        .decode(text.as_str().expect("text"))
        .expect("base64");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    json!(STANDARD.encode(bytes))
}

#[test]
fn a_real_attestation_of_a_workflow_verifies() {
    let payload = open(
        WORKFLOW,
        Sha256::of(PACKAGE),
        &workflow(),
        &TrustedRoots::public(),
    );
    let payload = String::from_utf8(payload.expect("verifies").payload).expect("UTF-8");
    assert!(payload.contains("signed-package-2.1.0"), "{payload}");
}

/// GitHub's own instance keeps no log; a time stamp proves when its certificate was used. Its release
/// attestations name no issuer, so that none of them passes: anybody's release has the same signer.
#[test]
fn an_instance_without_a_log_needs_its_own_root_and_a_time_stamp() {
    let digest: Sha256 = PRIVATE_FILE.parse().expect("a digest");
    let signer = signer("https://dotcom.releases.github.com", GITHUB_ISSUER);
    // `gh attestation trusted-root` prints one root a line.
    let line = |root: &str| {
        let root = serde_json::from_str::<Value>(root).expect("JSON");
        format!("{root}\n")
    };
    let github = line(SIGSTORE_GITHUB_TRUSTED_ROOT);
    let both = format!("{github}{}", line(SIGSTORE_STAGING_TRUSTED_ROOT));
    let bundle = |change: fn(&mut Value)| {
        let mut bundle = serde_json::from_slice(PRIVATE).expect("JSON");
        change(&mut bundle);
        serde_json::to_vec(&bundle).expect("JSON")
    };
    let unchanged = bundle(|_| ());
    for roots in [&github, &both] {
        let roots = TrustedRoots::parse(roots).expect("roots");
        let found = open(&unchanged, digest, &signer, &roots);
        // Certificate and time stamp hold; only the issuer is missing.
        assert!(
            matches!(found, Err(KeylessError::OtherSigner(_))),
            "{found:?}"
        );
        let without = bundle(|bundle| {
            bundle["verificationMaterial"]["timestampVerificationData"] = json!({});
        });
        let forged = bundle(|bundle| {
            let stamps = &mut bundle["verificationMaterial"]["timestampVerificationData"];
            let stamp = &mut stamps["rfc3161Timestamps"][0]["signedTimestamp"];
            *stamp = flipped(stamp);
        });
        for changed in [without, forged] {
            let found = open(&changed, digest, &signer, &roots);
            let refused = matches!(
                found,
                Err(KeylessError::Invalid(_) | KeylessError::Unsupported(_))
            );
            assert!(refused, "{found:?}");
        }
    }
    let found = open(&unchanged, digest, &signer, &TrustedRoots::public());
    assert!(matches!(found, Err(KeylessError::Invalid(_))), "{found:?}");
}

/// A repository keeps its number when it is renamed; its name may be another's tomorrow.
#[test]
fn who_signed_can_be_told_by_what_the_issuer_says_of_the_build() {
    let signer = |claims: &[(BuildClaim, &str)]| {
        let claims = claims.iter();
        let claims = claims.map(|(claim, value)| (*claim, (*value).to_owned()));
        Identity::new(GITHUB_ISSUER.to_owned(), None, claims.collect())
    };
    let opened = |claims: &[(BuildClaim, &str)]| {
        let (digest, roots) = (Sha256::of(PACKAGE), TrustedRoots::public());
        open(WORKFLOW, digest, &signer(claims).expect("somebody"), &roots)
    };
    let repository = (BuildClaim::SourceRepositoryIdentifier, "1048392115");
    let runner = (BuildClaim::RunnerEnvironment, "github-hosted");
    let by = opened(&[repository, runner]).expect("verifies").by;
    let SignedBy::Identity {
        issuer,
        name,
        claims,
        ..
    } = &by.by
    else {
        panic!("{by}");
    };
    assert_eq!((issuer.as_str(), name.as_str()), (GITHUB_ISSUER, IDENTITY));
    assert_eq!(
        claims.get(&repository.0).map(String::as_str),
        Some(repository.1)
    );
    assert!(
        by.id.starts_with("runner_environment=github-hosted "),
        "{}",
        by.id
    );

    let others = [
        vec![(BuildClaim::SourceRepositoryIdentifier, "104839211")],
        vec![(BuildClaim::SourceRepositoryIdentifier, "1048392115 ")],
        vec![repository, (BuildClaim::RunnerEnvironment, "self-hosted")],
        vec![
            repository,
            (BuildClaim::DeploymentEnvironment, "production"),
        ],
    ];
    for claims in others {
        let found = opened(&claims);
        assert!(
            matches!(found, Err(KeylessError::OtherSigner(_))),
            "{found:?}"
        );
    }
    assert!(signer(&[]).is_none(), "everybody an issuer vouches for");
}

#[test]
fn whatever_is_changed_the_attestation_is_refused() {
    let other = serde_json::from_slice::<Value>(BLOB).expect("JSON");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        (
            "payload",
            changed(|bundle| {
                let payload = &mut bundle["dsseEnvelope"]["payload"];
                *payload = flipped(payload);
            }),
        ),
        (
            "signature",
            changed(|bundle| {
                let signature = &mut bundle["dsseEnvelope"]["signatures"][0]["sig"];
                *signature = flipped(signature);
            }),
        ),
        (
            "second signature",
            changed(|bundle| {
                let again = bundle["dsseEnvelope"]["signatures"][0].clone();
                bundle["dsseEnvelope"]["signatures"]
                    .as_array_mut()
                    .expect("a list")
                    .push(again);
            }),
        ),
        (
            "certificate",
            changed(|bundle| {
                let certificate = &mut bundle["verificationMaterial"]["certificate"]["rawBytes"];
                *certificate = flipped(certificate);
            }),
        ),
        (
            "certificate of another",
            changed(|bundle| {
                bundle["verificationMaterial"]["certificate"] =
                    other["verificationMaterial"]["certificate"].clone();
            }),
        ),
        (
            "no log entry",
            changed(|bundle| {
                bundle["verificationMaterial"]["tlogEntries"] = json!([]);
            }),
        ),
        (
            "log entry of another",
            changed(|bundle| {
                *entry(bundle) = other["verificationMaterial"]["tlogEntries"][0].clone();
            }),
        ),
        (
            "log time",
            changed(|bundle| entry(bundle)["integratedTime"] = json!("1756728840")),
        ),
        (
            "log index",
            changed(|bundle| entry(bundle)["logIndex"] = json!("456119072")),
        ),
        (
            "log id",
            changed(|bundle| {
                let id = &mut entry(bundle)["logId"]["keyId"];
                *id = flipped(id);
            }),
        ),
        (
            "log body",
            changed(|bundle| {
                let body = &mut entry(bundle)["canonicalizedBody"];
                *body = flipped(body);
            }),
        ),
        (
            "inclusion promise",
            changed(|bundle| {
                let promise = &mut entry(bundle)["inclusionPromise"]["signedEntryTimestamp"];
                *promise = flipped(promise);
            }),
        ),
        (
            "inclusion proof",
            changed(|bundle| {
                let hash = &mut entry(bundle)["inclusionProof"]["hashes"][0];
                *hash = flipped(hash);
            }),
        ),
        (
            "root hash",
            changed(|bundle| {
                let hash = &mut entry(bundle)["inclusionProof"]["rootHash"];
                *hash = flipped(hash);
            }),
        ),
        (
            "checkpoint",
            changed(|bundle| {
                let envelope = &mut entry(bundle)["inclusionProof"]["checkpoint"]["envelope"];
                let text = envelope.as_str().expect("text").replacen(
                    "rekor.sigstore.dev",
                    "rekor.example.com",
                    1,
                );
                *envelope = json!(text);
            }),
        ),
        (
            "no inclusion proof",
            changed(|bundle| {
                entry(bundle)
                    .as_object_mut()
                    .expect("an object")
                    .remove("inclusionProof");
            }),
        ),
        (
            "old version",
            changed(|bundle| {
                bundle["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.1");
            }),
        ),
        ("no statement", BLOB.to_vec()),
        ("empty", Vec::new()),
        ("not JSON", b"<html>".to_vec()),
        ("not UTF-8", vec![0xff, 0xfe]),
        ("deeply nested", "[".repeat(100_000).into_bytes()),
    ];
    for (what, bundle) in cases {
        let found = open(
            &bundle,
            Sha256::of(PACKAGE),
            &workflow(),
            &TrustedRoots::public(),
        );
        assert!(found.is_err(), "accepted although changed: {what}");
    }
}

#[test]
fn another_signer_issuer_digest_or_root_is_refused() {
    let digest = Sha256::of(PACKAGE);
    let public = TrustedRoots::public();
    let tag = IDENTITY.replace("refs/heads/main", "refs/tags/v0.1.0");
    let cases = [
        open(WORKFLOW, digest, &signer(&tag, GITHUB_ISSUER), &public),
        open(
            WORKFLOW,
            digest,
            &signer(&IDENTITY[..IDENTITY.len() - 1], GITHUB_ISSUER),
            &public,
        ),
        open(
            WORKFLOW,
            digest,
            &signer(&format!("{IDENTITY}x"), GITHUB_ISSUER),
            &public,
        ),
        open(WORKFLOW, digest, &signer("", GITHUB_ISSUER), &public),
        open(
            WORKFLOW,
            digest,
            &signer(IDENTITY, "https://accounts.google.com"),
            &public,
        ),
        open(WORKFLOW, digest, &signer(IDENTITY, ""), &public),
    ];
    for found in cases {
        assert!(
            matches!(found, Err(KeylessError::OtherSigner(_))),
            "{found:?}"
        );
    }
    let found = open(WORKFLOW, Sha256::of(b"other"), &workflow(), &public);
    assert!(
        matches!(found, Err(KeylessError::OtherDigest(_))),
        "{found:?}"
    );
    for root in [SIGSTORE_STAGING_TRUSTED_ROOT, SIGSTORE_GITHUB_TRUSTED_ROOT] {
        let roots = TrustedRoots::parse(root).expect("a root");
        let found = open(WORKFLOW, digest, &workflow(), &roots);
        assert!(matches!(found, Err(KeylessError::Invalid(_))), "{found:?}");
    }
}

#[test]
fn what_is_no_trusted_root_is_refused() {
    let many = format!("{}\n", json!({"mediaType": "x", "tlogs": []})).repeat(17);
    for text in ["", "\n", "{}", "[]", "null", "not json", many.as_str()] {
        assert!(TrustedRoots::parse(text).is_err(), "{text:.40}");
    }
}

fn file() -> Released {
    Released {
        locator: "bin/proofmark".to_owned(),
        sha256: Sha256::of(b"program"),
    }
}

/// A statement about these digests, signed by a key.
fn signed(key: &SigningKey, predicate_type: &str, subjects: &Value) -> Vec<u8> {
    let payload = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": predicate_type,
        "predicate": {},
    });
    let payload = serde_json::to_vec(&payload).expect("JSON");
    key.seal(&payload).expect("signed").bundle(&payload)
}

/// The assets of a release signed as a model: what `proofmark sign --model assets` writes.
fn signed_as_model(key: &SigningKey, content: &[u8]) -> Vec<u8> {
    let files = vec![
        FileDigest {
            path: "SHA256SUMS".to_owned(),
            sha256: Sha256::of(b"sums"),
            size: 4,
        },
        FileDigest {
            path: "proofmark-0.1.0-x86_64-unknown-linux-musl".to_owned(),
            sha256: Sha256::of(content),
            size: content.len() as u64,
        },
    ];
    let manifest = Manifest::new(files, Vec::new()).expect("a manifest");
    sign::sign_model(&(&manifest).into(), "assets", key).expect("signed")
}

#[test]
fn bundles_by_a_key_are_judged_by_key_digest_and_kind() {
    let key = SigningKey::generate(Curve::P256).expect("a key");
    let other = SigningKey::generate(Curve::P256).expect("a key");
    let about = |content: &[u8]| json!([{"digest": {"gitCommit": "1"}}, {"name": "a", "digest": {"sha256": Sha256::of(content).to_string()}}]);
    let good = signed(&key, PROVENANCE_TYPE, &about(b"program"));
    let elsewhere = signed(&key, PROVENANCE_TYPE, &about(b"other"));
    let mut lines = elsewhere.clone();
    lines.push(b'\n');
    lines.extend(&good);
    let unsupported = Outcome::NotEvaluated(Reason::Unsupported);
    let unreadable = Outcome::NotEvaluated(Reason::UnreadableInput);
    let cases = [
        ("as released", good.clone(), Outcome::Met),
        ("second of two lines", lines, Outcome::Met),
        (
            "as a model",
            signed_as_model(&key, b"program"),
            Outcome::Met,
        ),
        (
            "another file as a model",
            signed_as_model(&key, b"other"),
            Outcome::NotMet,
        ),
        ("another digest", elsewhere, Outcome::NotMet),
        (
            "another key",
            signed(&other, PROVENANCE_TYPE, &about(b"program")),
            Outcome::NotMet,
        ),
        (
            "another claim",
            signed(&key, "https://example.com/revoked", &about(b"program")),
            Outcome::NotMet,
        ),
        (
            "no subject",
            signed(&key, PROVENANCE_TYPE, &json!([])),
            Outcome::NotMet,
        ),
        ("by an identity", WORKFLOW.to_vec(), unsupported),
        ("nothing", b"\n\n".to_vec(), unreadable),
        ("no bundle", b"{}".to_vec(), Outcome::NotMet),
    ];
    for (what, bundle, expected) in cases {
        let trust = Trust::Key(key.public().clone());
        let record = judge_bundles(&file(), "b.json", &bundle, &trust, PROVENANCE_TYPE);
        assert_eq!(record.outcome, expected, "{what}: {}", record.message);
        assert_eq!(record.blocks(), expected != Outcome::Met, "{what}");
    }
    // Without the key the same good bundle says nothing.
    let (signer, roots) = (workflow(), TrustedRoots::public());
    let trust = Trust::Identity(signer, roots);
    let record = judge_bundles(&file(), "b.json", &good, &trust, PROVENANCE_TYPE);
    assert_eq!(record.outcome, unsupported, "{}", record.message);
}

#[test]
fn bundles_by_an_identity_are_judged_by_their_claim_too() {
    let package = Released {
        locator: "a.conda".to_owned(),
        sha256: Sha256::of(PACKAGE),
    };
    let (signer, roots) = (workflow(), TrustedRoots::public());
    let judged = |wanted: &str| {
        let trust = Trust::Identity(signer.clone(), roots.clone());
        judge_bundles(&package, "b.json", WORKFLOW, &trust, wanted)
    };
    assert_eq!(judged(CLAIM).outcome, Outcome::Met);
    let record = judged(PROVENANCE_TYPE);
    assert_eq!(record.outcome, Outcome::NotMet, "{}", record.message);
}

#[test]
fn checksums_are_judged() {
    let listed = |content: &[u8]| format!("{}  proofmark\n", Sha256::of(content));
    let cases = [
        (listed(b"program"), Outcome::Met, Verdict::Passed),
        (
            format!("{}{}", listed(b"a"), listed(b"program")),
            Outcome::Met,
            Verdict::Passed,
        ),
        (listed(b"other"), Outcome::NotMet, Verdict::IntegrityFailure),
        (String::new(), Outcome::NotMet, Verdict::IntegrityFailure),
        (
            format!("{}<html>", listed(b"program")),
            Outcome::NotEvaluated(Reason::UnreadableInput),
            Verdict::InputMissing,
        ),
    ];
    for (text, outcome, verdict) in cases {
        let record: Evidence = judge_checksums(&file(), "SHA256SUMS", text.as_bytes());
        assert_eq!(record.outcome, outcome, "{text}");
        assert_eq!(Verdict::of(&[record]), verdict, "{text}");
    }
}

#[test]
fn nothing_to_verify_with_is_not_a_pass() {
    let record = nothing_to_verify_with(&file(), "`bin`");
    assert_eq!(Verdict::of(&[record]), Verdict::InputMissing);
}
