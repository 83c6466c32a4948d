//! Bundles of versions below 0.3 count by consent alone, and prove what their version demands all the same.
//!
//! Converted from bundles of version 0.3: nothing in a bundle binds its version, so these are as real as those
//! they are made of. The identity is that of the real attestation in `fixtures/release`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::keyless::{GITHUB_ISSUER, Identity, TrustedRoots};
use super::keys::PublicKey;
use super::trust::Trust;
use super::verify::{SIGNATURE, SIGNATURE_EXCLUSIONS, VerifyOptions, verify_model};
use crate::evidence::{Outcome, Severity, Sha256, Verdict};
use crate::manifest::OldVersion;

const ATTESTATION: &[u8] = include_bytes!("../../fixtures/release/conda-attestation.sigstore.json");
const PACKAGE: &[u8] =
    include_bytes!("../../fixtures/release/signed-package-2.1.0-hb0f4dca_0.conda");
const IDENTITY: &str =
    "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main";

fn workflow() -> Trust {
    Trust::Identity(
        Identity::named(IDENTITY, GITHUB_ISSUER),
        TrustedRoots::public(),
    )
}

/// The attestation as a bundle of version 0.1 or 0.2: its certificate is a chain of one.
fn old(version: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(ATTESTATION).expect("JSON");
    bundle["mediaType"] = json!(format!(
        "application/vnd.dev.sigstore.bundle+json;version={version}"
    ));
    let material = bundle["verificationMaterial"]
        .as_object_mut()
        .expect("an object");
    let certificate = material.remove("certificate").expect("a certificate");
    material.insert(
        "x509CertificateChain".to_owned(),
        json!({ "certificates": [certificate] }),
    );
    // A time stamp would prove the time besides; these have none.
    material.remove("timestampVerificationData");
    change(&mut bundle);
    serde_json::to_vec(&bundle).expect("JSON")
}

fn entry(bundle: &mut Value) -> &mut serde_json::Map<String, Value> {
    let entry = &mut bundle["verificationMaterial"]["tlogEntries"][0];
    entry.as_object_mut().expect("an entry")
}

fn without_proof(bundle: &mut Value) {
    entry(bundle).remove("inclusionProof");
}

fn without_promise(bundle: &mut Value) {
    entry(bundle).remove("inclusionPromise");
}

fn with_false_promise(bundle: &mut Value) {
    let promise = &mut entry(bundle)["inclusionPromise"]["signedEntryTimestamp"];
    let mut bytes = STANDARD
        .decode(promise.as_str().expect("text"))
        .expect("base64");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    *promise = json!(STANDARD.encode(bytes));
}

#[test]
fn without_consent_they_are_refused_and_the_refusal_names_the_flag() {
    for version in ["0.1", "0.2"] {
        let bundle = old(version, |_| ());
        let by_digest = workflow().open_about(&bundle, Sha256::of(PACKAGE));
        for refused in [workflow().open(&bundle), by_digest] {
            let error = refused.expect_err("refused").to_string();
            assert!(error.contains("--allow-old-bundle-versions"), "{error}");
            assert!(error.contains(version), "{error}");
        }
    }
}

#[test]
fn with_consent_each_must_prove_what_its_version_demands() {
    let trust = workflow().with_old_bundles(true);
    let verified = |bundle: &[u8]| {
        let opened = trust.open_about(bundle, Sha256::of(PACKAGE));
        opened.map(|opened| opened.by.old_version)
    };
    type Change = fn(&mut Value);
    let cases: [(&str, Change, Option<OldVersion>); 8] = [
        ("0.1", |_| (), Some(OldVersion::V0_1)),
        ("0.2", |_| (), Some(OldVersion::V0_2)),
        // The promise of the log is enough for 0.1, and for nothing later.
        ("0.1", without_proof, Some(OldVersion::V0_1)),
        ("0.2", without_proof, None),
        ("0.1", without_promise, None),
        ("0.1", with_false_promise, None),
        ("0.2", with_false_promise, None),
        (
            "0.1",
            |bundle| {
                bundle["verificationMaterial"]["tlogEntries"] = json!([]);
            },
            None,
        ),
    ];
    for (index, (version, change, expected)) in cases.into_iter().enumerate() {
        let found = verified(&old(version, change));
        assert_eq!(
            found.as_ref().ok(),
            expected.as_ref().map(|_| &expected),
            "{index}"
        );
    }
    let other = trust.open_about(&old("0.1", |_| ()), Sha256::of(b"another"));
    assert!(other.is_err());
    let other = Identity::named("https://github.com/evil", GITHUB_ISSUER);
    let other = Trust::Identity(other, TrustedRoots::public()).with_old_bundles(true);
    assert!(other.open(&old("0.2", |_| ())).is_err());
}

#[test]
fn consent_loosens_nothing_of_version_0_3() {
    let trust = workflow().with_old_bundles(true);
    let opened = trust.open(ATTESTATION).expect("verifies");
    assert_eq!(opened.by.old_version, None);
    let mut bundle: Value = serde_json::from_slice(ATTESTATION).expect("JSON");
    without_proof(&mut bundle);
    assert!(trust.open(bundle.to_string().as_bytes()).is_err());
    let odd = old("0.4", |_| ());
    assert!(trust.open(&odd).is_err());
}

#[test]
fn a_model_that_passes_by_consent_says_so_in_a_warning() {
    let directory = std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/signatures/model"
    ));
    let bundle = include_bytes!("../../fixtures/signatures/bad/media-type-0.1.sig");
    let key = PublicKey::parse(include_bytes!("../../fixtures/signatures/keys/p256.pub"));
    let trust = Trust::Key(key.expect("a key"));
    let options = VerifyOptions::default();
    let refused = verify_model(bundle, directory, &trust, &options);
    let record = &refused.evidence[0];
    assert!(record.requirement.as_str() == SIGNATURE && record.blocks());
    let verified = verify_model(bundle, directory, &trust.with_old_bundles(true), &options);
    let warnings: Vec<_> = verified
        .evidence
        .iter()
        .filter(|record| record.severity == Severity::Warning && record.outcome == Outcome::NotMet)
        .collect();
    assert_eq!(warnings.len(), 1, "{:?}", verified.evidence);
    assert_eq!(warnings[0].requirement.as_str(), SIGNATURE_EXCLUSIONS);
    assert!(
        warnings[0].message.contains("version 0.1"),
        "{}",
        warnings[0].message
    );
    assert!(verified.evidence[0].message.contains("of version 0.1"));
    assert_eq!(Verdict::of(&verified.evidence), Verdict::PassedWithWarnings);
}
