//! Tests against signatures made by `model_signing` 1.1.1 and against hostile ones
//! (`fixtures/signatures/make.py`).
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::keys::{Curve, KeyProblem, Password, PublicKey, SigningKey};
use super::trust::Trust;
use super::verify::{VerifyOptions, verify_attestation, verify_model};
use super::{SigningError, sign, walk};
use crate::evidence::{
    Evidence, Outcome, Reason, RunIdentity, RunReport, Severity, Sha256, Step, Subject,
    SubjectDigest, Tool, Verdict,
};
use crate::io::World;
use crate::manifest::{Bundle, oms, pae};
use proptest::prelude::*;

macro_rules! fixture {
    ($name:expr) => {
        include_bytes!(concat!("../../fixtures/signatures/", $name)).as_slice()
    };
}

/// Files of the model that the fixtures sign. `a/b` and `a-b` sort differently in the two orders.
const MODEL: [(&str, &[u8]); 6] = [
    ("a/b", fixture!("model/a/b")),
    ("a-b", fixture!("model/a-b")),
    ("config.json", fixture!("model/config.json")),
    ("empty", fixture!("model/empty")),
    ("größe.txt", fixture!("model/größe.txt")),
    ("weights.bin", fixture!("model/weights.bin")),
];
const SINGLE: &[u8] = fixture!("single.bin");
const P256: &[u8] = fixture!("keys/p256.pub");
const P256_PRIVATE: &[u8] = fixture!("keys/p256.pem");

struct Disk {
    directory: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("temporary directory");
        for (name, content) in MODEL {
            write(&directory.path().join("model").join(name), content);
        }
        write(&directory.path().join("single.bin"), SINGLE);
        Self { directory }
    }

    fn model(&self) -> PathBuf {
        self.directory.path().join("model")
    }

    fn single(&self) -> PathBuf {
        self.directory.path().join("single.bin")
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().expect("has a parent")).expect("directory");
    fs::write(path, content).expect("file");
}

fn public(pem: &[u8]) -> PublicKey {
    PublicKey::parse(pem).expect("a public test key")
}

fn private() -> SigningKey {
    SigningKey::parse(P256_PRIVATE, None).expect("a private test key")
}

fn trust(key: &PublicKey) -> Trust {
    Trust::Key(key.clone())
}

fn verify(bundle: &[u8], path: &Path, key: &PublicKey, ignore: &[&str]) -> Vec<Evidence> {
    let options = VerifyOptions {
        ignore,
        ..VerifyOptions::default()
    };
    verify_model(bundle, path, &trust(key), &options).evidence
}

/// `requirement:outcome` of every record about the signature as a whole.
fn outcomes(evidence: &[Evidence]) -> Vec<(&str, Outcome)> {
    evidence
        .iter()
        .filter(|record| record.subject.kind() == "signature")
        .map(|record| (record.requirement.as_str(), record.outcome))
        .collect()
}

fn outcome(evidence: &[Evidence], requirement: &str) -> Outcome {
    outcomes(evidence)
        .iter()
        .find(|(id, _)| *id == requirement)
        .expect("every requirement has a record")
        .1
}

fn report() -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.1.0".into(),
        },
        started_at: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
        configuration: vec![],
        partitions: Vec::new(),
        ci: None,
    };
    let subject = Subject::Model {
        model: "churn".into(),
    };
    let record = Evidence::new("latency", subject, Outcome::Met, "latency is 3 s");
    RunReport::new(Step::Gate, run, vec![], vec![record], vec![])
}

#[test]
fn signatures_by_the_reference_verify() {
    let disk = Disk::new();
    let cases = [
        (fixture!("good/p256-directory.sig"), P256, disk.model()),
        (
            fixture!("good/p384-directory.sig"),
            fixture!("keys/p384.pub"),
            disk.model(),
        ),
        (
            fixture!("good/p521-directory.sig"),
            fixture!("keys/p521.pub"),
            disk.model(),
        ),
        (fixture!("good/p256-file.sig"), P256, disk.single()),
        (
            fixture!("good/p384-file.sig"),
            fixture!("keys/p384.pub"),
            disk.single(),
        ),
        (
            fixture!("good/p521-file.sig"),
            fixture!("keys/p521.pub"),
            disk.single(),
        ),
        (fixture!("good/p256-without-hint.sig"), P256, disk.model()),
        (fixture!("good/p256-sparse.sig"), P256, disk.model()),
        (fixture!("good/p256-excluding.sig"), P256, disk.model()),
    ];
    for (bundle, key, path) in cases {
        let evidence = verify(bundle, &path, &public(key), &[]);
        assert_eq!(Verdict::of(&evidence), Verdict::Passed, "{evidence:#?}");
        assert_eq!(evidence.len(), super::REQUIREMENTS.len());
        assert!(
            evidence
                .iter()
                .all(|record| record.observed.is_some() || !record.inputs.is_empty())
        );
    }
}

#[test]
fn root_digest_by_component_is_the_one_of_the_reference() {
    let disk = Disk::new();
    let manifest = walk::digest_model(&disk.model(), &[]).expect("a model");
    let bundle = trust(&public(P256))
        .open(fixture!("good/p256-directory.sig"))
        .expect("good");
    let signed = oms::parse(&bundle.payload).expect("good");
    assert_eq!(manifest.root_digest_by_component(), signed.root_digest);
    assert_ne!(manifest.root_digest(), signed.root_digest);
    assert!(manifest.is_named_by(signed.root_digest));
}

#[test]
fn hostile_bundles_are_refused_for_the_right_reason() {
    let disk = Disk::new();
    let key = public(P256);
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "payload-type",
            fixture!("bad/payload-type.sig"),
            "payload type `application/json`",
        ),
        (
            "payload-type-swapped",
            fixture!("bad/payload-type-swapped.sig"),
            "does not verify",
        ),
        (
            "two-signatures",
            fixture!("bad/two-signatures.sig"),
            "holds 2 signatures",
        ),
        (
            "no-signature",
            fixture!("bad/no-signature.sig"),
            "holds 0 signatures",
        ),
        (
            "payload-changed",
            fixture!("bad/payload-changed.sig"),
            "does not verify",
        ),
        (
            "payload-not-base64",
            fixture!("bad/payload-not-base64.sig"),
            "the payload is not base64",
        ),
        (
            "signature-empty",
            fixture!("bad/signature-empty.sig"),
            "does not verify",
        ),
        (
            "media-type-0.1",
            fixture!("bad/media-type-0.1.sig"),
            "of version 0.1",
        ),
        (
            "media-type-0.2",
            fixture!("bad/media-type-0.2.sig"),
            "of version 0.2",
        ),
        (
            "media-type-0.3-old",
            fixture!("bad/media-type-0.3-old.sig"),
            "version=0.3",
        ),
        (
            "keyless",
            fixture!("bad/keyless.sig"),
            "a keyless certificate",
        ),
        (
            "certificate",
            fixture!("bad/certificate.sig"),
            "signed with a certificate",
        ),
        ("no-key", fixture!("bad/no-key.sig"), "neither a key"),
        (
            "other-hint",
            fixture!("bad/other-hint.sig"),
            "https://example.org/key",
        ),
        (
            "message-signature",
            fixture!("bad/message-signature.sig"),
            "no DSSE envelope",
        ),
        (
            "unknown-field",
            fixture!("bad/unknown-field.sig"),
            "unknown field `extra`",
        ),
        ("truncated", fixture!("bad/truncated.sig"), "EOF"),
        (
            "duplicate-key",
            fixture!("bad/duplicate-key.sig"),
            "duplicate field `payload`",
        ),
        (
            "trailing",
            fixture!("bad/trailing.sig"),
            "trailing characters",
        ),
        ("empty", fixture!("bad/empty.sig"), "EOF"),
    ];
    for (name, bundle, reason) in cases {
        let evidence = verify(bundle, &disk.model(), &key, &[]);
        assert_eq!(Verdict::of(&evidence), Verdict::IntegrityFailure, "{name}");
        let message = &evidence[0].message;
        assert_eq!(evidence[0].requirement.as_str(), "signature");
        assert!(message.contains(reason), "{name}: {message}");
        let later = Outcome::NotEvaluated(Reason::EarlierStep);
        assert!(
            outcomes(&evidence)[1..]
                .iter()
                .all(|(_, outcome)| *outcome == later)
        );
    }
}

#[test]
fn hostile_statements_by_the_right_key_are_refused_for_the_right_reason() {
    let disk = Disk::new();
    let key = public(P256);
    let cases: &[(&str, &[u8], &str)] = &[
        (
            "root-digest",
            fixture!("bad/root-digest.sig"),
            "statement is about 0000",
        ),
        (
            "parent-name",
            fixture!("bad/parent-name.sig"),
            "`../outside` has the part `..`",
        ),
        (
            "inner-parent-name",
            fixture!("bad/inner-parent-name.sig"),
            "has the part `..`",
        ),
        (
            "absolute-name",
            fixture!("bad/absolute-name.sig"),
            "`/etc/passwd` is absolute",
        ),
        ("empty-name", fixture!("bad/empty-name.sig"), "is empty"),
        (
            "empty-part",
            fixture!("bad/empty-part.sig"),
            "`x//y` has an empty part",
        ),
        (
            "here-name",
            fixture!("bad/here-name.sig"),
            "`./x` has the part `.`",
        ),
        (
            "dot-among-others",
            fixture!("bad/dot-among-others.sig"),
            "has the part `.`",
        ),
        ("nul-name", fixture!("bad/nul-name.sig"), "NUL"),
        (
            "duplicate-name",
            fixture!("bad/duplicate-name.sig"),
            "`a-b` occurs twice",
        ),
        (
            "duplicate-name-other-digest",
            fixture!("bad/duplicate-name-other-digest.sig"),
            "occurs twice",
        ),
        (
            "listed-and-ignored",
            fixture!("bad/listed-and-ignored.sig"),
            "`a/b` is listed although",
        ),
        ("empty-model", fixture!("bad/empty-model.sig"), "no files"),
        ("no-subject", fixture!("bad/no-subject.sig"), "0 subjects"),
        (
            "two-subjects",
            fixture!("bad/two-subjects.sig"),
            "2 subjects",
        ),
        (
            "no-sha256",
            fixture!("bad/no-sha256.sig"),
            "no valid `sha256` digest",
        ),
        (
            "prefixed-digest",
            fixture!("bad/prefixed-digest.sig"),
            "is not a SHA-256",
        ),
        (
            "mixed-algorithms",
            fixture!("bad/mixed-algorithms.sig"),
            "`a-b` with `blake3`",
        ),
        (
            "other-predicate",
            fixture!("bad/other-predicate.sig"),
            "slsa.dev/provenance",
        ),
        (
            "legacy-predicate",
            fixture!("bad/legacy-predicate.sig"),
            "before OMS 1.0",
        ),
        (
            "statement-v0.1",
            fixture!("bad/statement-v0.1.sig"),
            "Statement/v0.1",
        ),
        (
            "duplicate-key-in-statement",
            fixture!("bad/duplicate-key-in-statement.sig"),
            "duplicate field",
        ),
        (
            "duplicate-digest",
            fixture!("bad/duplicate-digest-in-statement.sig"),
            "duplicate field",
        ),
        (
            "shards-gap",
            fixture!("bad/shards-gap.sig"),
            "`weights.bin` is not listed whole",
        ),
        (
            "shards-overlap",
            fixture!("bad/shards-overlap.sig"),
            "not listed whole",
        ),
        (
            "shards-twice",
            fixture!("bad/shards-twice.sig"),
            "two parts start",
        ),
        (
            "shards-long",
            fixture!("bad/shards-long.sig"),
            "of another size",
        ),
        (
            "shards-empty",
            fixture!("bad/shards-empty.sig"),
            "of another size",
        ),
        (
            "shards-unnumbered",
            fixture!("bad/shards-unnumbered.sig"),
            "`weights.bin` is not `NAME:START:END`",
        ),
        (
            "shards-signed-number",
            fixture!("bad/shards-signed-number.sig"),
            "is not `NAME:START:END`",
        ),
        (
            "shards-parent-name",
            fixture!("bad/shards-parent-name.sig"),
            "has the part `..`",
        ),
        (
            "shards-huge",
            fixture!("bad/shards-huge.sig"),
            "not listed whole",
        ),
        (
            "shards-of-no-size",
            fixture!("bad/shards-of-no-size.sig"),
            "shards of no size",
        ),
        (
            "shards-of-zero",
            fixture!("bad/shards-of-zero.sig"),
            "not a positive integer",
        ),
        (
            "shards-of-half",
            fixture!("bad/shards-of-half.sig"),
            "not a positive integer",
        ),
        (
            "shards-of-other-size",
            fixture!("bad/shards-of-other-size.sig"),
            "`sha256-sharded-99`",
        ),
        (
            "unknown-method",
            fixture!("bad/unknown-method.sig"),
            "method `chunks`",
        ),
        ("unknown-hash", fixture!("bad/unknown-hash.sig"), "`md5`"),
        (
            "short-digest",
            fixture!("bad/short-digest.sig"),
            "is not a BLAKE2b-512",
        ),
        (
            "not-json",
            fixture!("bad/not-json.sig"),
            "not a valid statement",
        ),
        ("deep", fixture!("bad/deep.sig"), "not a valid statement"),
    ];
    for (name, bundle, reason) in cases {
        let evidence = verify(bundle, &disk.model(), &key, &[]);
        assert_eq!(Verdict::of(&evidence), Verdict::IntegrityFailure, "{name}");
        assert_eq!(outcome(&evidence, "signature"), Outcome::Met, "{name}");
        let message = &evidence[1].message;
        assert_eq!(evidence[1].requirement.as_str(), "root-digest");
        assert!(message.contains(reason), "{name}: {message}");
        let later = Outcome::NotEvaluated(Reason::EarlierStep);
        assert_eq!(outcome(&evidence, "signed-files"), later, "{name}");
    }
}

#[test]
fn another_key_is_named() {
    let disk = Disk::new();
    let other = public(fixture!("keys/other.pub"));
    let evidence = verify(
        fixture!("good/p256-directory.sig"),
        &disk.model(),
        &other,
        &[],
    );
    assert_eq!(outcome(&evidence, "signature"), Outcome::NotMet);
    assert!(
        evidence[0]
            .message
            .contains(&public(P256).fingerprint().to_string())
    );
    let bundle = fixture!("good/p256-without-hint.sig");
    let evidence = verify(bundle, &disk.model(), &other, &[]);
    assert_eq!(outcome(&evidence, "signature"), Outcome::NotMet);
}

#[test]
fn missing_extra_and_changed_files_are_all_listed() {
    let disk = Disk::new();
    let model = disk.model();
    fs::remove_file(model.join("config.json")).expect("removed");
    write(&model.join("a/extra.py"), b"import os");
    write(&model.join("weights.bin"), b"other");
    let bundle = fixture!("good/p384-directory.sig");
    let evidence = verify(bundle, &model, &public(fixture!("keys/p384.pub")), &[]);
    assert_eq!(outcome(&evidence, "root-digest"), Outcome::Met);
    assert_eq!(outcome(&evidence, "signed-files"), Outcome::NotMet);
    let files: Vec<_> = evidence
        .iter()
        .filter(|record| record.subject.kind() == "file")
        .map(|record| (record.message.as_str(), record.severity))
        .collect();
    let expected = [
        "`a/extra.py` is there but not signed",
        "`config.json` is signed but missing",
        "`weights.bin` has another content than signed",
    ];
    assert_eq!(
        files,
        expected.map(|message| (message, Severity::Integrity))
    );
}

#[test]
fn a_model_that_is_not_there_is_a_missing_input() {
    let disk = Disk::new();
    let path = disk.directory.path().join("nowhere");
    let evidence = verify(
        fixture!("good/p256-directory.sig"),
        &path,
        &public(P256),
        &[],
    );
    let missing = Outcome::NotEvaluated(Reason::MissingInput);
    assert_eq!(outcome(&evidence, "signed-files"), missing);
    assert_eq!(Verdict::of(&evidence), Verdict::InputMissing);
}

#[test]
fn what_the_signer_left_out_is_told_when_it_is_there() {
    let disk = Disk::new();
    let model = disk.model();
    write(&model.join("extra.py"), b"import os");
    write(&model.join("model.sig"), b"");
    write(&model.join(".gitignore"), b"");
    let bundle = fixture!("good/p256-excluding.sig");
    let evidence = verify(bundle, &model, &public(P256), &["model.sig"]);
    assert_eq!(outcome(&evidence, "signed-files"), Outcome::Met);
    assert_eq!(Verdict::of(&evidence), Verdict::PassedWithWarnings);
    let record = evidence.last().expect("has records");
    assert_eq!(record.requirement.as_str(), "signature-exclusions");
    assert!(
        record.message.ends_with(": `extra.py`"),
        "{}",
        record.message
    );
}

#[test]
fn files_of_version_control_are_ignored_unless_they_are_signed() {
    let disk = Disk::new();
    let model = disk.model();
    write(&model.join(".git/config"), b"[core]");
    let evidence = verify(
        fixture!("good/p256-directory.sig"),
        &model,
        &public(P256),
        &[],
    );
    assert_eq!(Verdict::of(&evidence), Verdict::Passed);
    write(&model.join("a/.gitignore"), b"*");
    let evidence = verify(
        fixture!("good/p256-directory.sig"),
        &model,
        &public(P256),
        &[],
    );
    assert_eq!(outcome(&evidence, "signed-files"), Outcome::NotMet);
}

#[test]
fn a_signed_file_is_verified_even_when_it_is_ignored() {
    let disk = Disk::new();
    let model = disk.model();
    write(&model.join("weights.bin"), b"other");
    let bundle = fixture!("good/p256-directory.sig");
    let evidence = verify(bundle, &model, &public(P256), &["weights.bin", "../x"]);
    assert_eq!(outcome(&evidence, "signed-files"), Outcome::NotMet);
}

#[test]
fn our_own_signatures_verify() {
    let disk = Disk::new();
    for curve in Curve::ALL {
        let key = SigningKey::generate(curve).expect("a key");
        for path in [disk.model(), disk.single()] {
            let manifest = walk::digest_model(&path, &["model.sig"]).expect("a model");
            let bundle = sign::sign_model(&(&manifest).into(), "model", &key).expect("signed");
            assert!(!bundle.contains(&b'\n'));
            let evidence = verify(&bundle, &path, key.public(), &[]);
            assert_eq!(Verdict::of(&evidence), Verdict::Passed, "{evidence:#?}");
        }
    }
}

#[test]
fn evidence_signed_reads_back_and_only_with_its_key() {
    let key = private();
    let subject = SubjectDigest {
        name: "churn".into(),
        sha256: Sha256::of(b"root"),
    };
    let bundle = sign::attest(&report(), std::slice::from_ref(&subject), &key).expect("signed");
    let (attestation, by) = verify_attestation(&bundle, &trust(key.public())).expect("verified");
    assert_eq!(by.id, key.public().fingerprint().to_string());
    assert_eq!(attestation.subjects, [subject]);
    assert_eq!(attestation.report, report());
    let other = public(fixture!("keys/other.pub"));
    assert!(matches!(
        verify_attestation(&bundle, &trust(&other)),
        Err(SigningError::OtherKey { .. })
    ));
    let model = fixture!("good/p256-directory.sig");
    assert!(verify_attestation(model, &trust(key.public())).is_err());
}

#[test]
fn no_byte_of_a_bundle_can_change() {
    let disk = Disk::new();
    let key = private();
    let manifest = walk::digest_model(&disk.model(), &[]).expect("a model");
    let ours = sign::sign_model(&(&manifest).into(), "model", &key).expect("signed");
    let trust = trust(key.public());
    for bundle in [ours.as_slice(), fixture!("good/p256-directory.sig")] {
        assert!(trust.open(bundle).is_ok());
        let mut changed = bundle.to_vec();
        for index in 0..changed.len() {
            for bit in [0x01, 0x02, 0x20, 0x80] {
                changed[index] ^= bit;
                assert!(trust.open(&changed).is_err(), "byte {index} bit {bit:#x}");
                changed[index] ^= bit;
            }
        }
        for length in 0..bundle.len() {
            assert!(trust.open(&bundle[..length]).is_err(), "cut at {length}");
        }
    }
}

#[test]
fn no_byte_of_a_model_can_change() {
    let disk = Disk::new();
    let key = public(P256);
    for (name, content) in MODEL {
        for index in 0..content.len() {
            let mut changed = content.to_vec();
            changed[index] ^= 0x10;
            write(&disk.model().join(name), &changed);
            let evidence = verify(
                fixture!("good/p256-directory.sig"),
                &disk.model(),
                &key,
                &[],
            );
            assert_eq!(
                outcome(&evidence, "signed-files"),
                Outcome::NotMet,
                "{name} {index}"
            );
        }
        write(&disk.model().join(name), content);
    }
    let evidence = verify(
        fixture!("good/p256-directory.sig"),
        &disk.model(),
        &key,
        &[],
    );
    assert_eq!(Verdict::of(&evidence), Verdict::Passed);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = PublicKey::parse(&bytes);
        let _ = SigningKey::parse(&bytes, None);
        let _ = verify_attestation(&bytes, &trust(&public(P256)));
    }

    #[test]
    fn damaged_keys_never_panic(index in 0..240_usize, byte in any::<u8>(), cut in 0..240_usize) {
        let originals = [P256, P256_PRIVATE, fixture!("keys/p256-sec1.pem"), fixture!("keys/p521-sec1.pem")];
        for original in originals {
            let mut damaged = original.to_vec();
            if let Some(place) = damaged.get_mut(index) {
                *place = byte;
            }
            let _ = PublicKey::parse(&damaged);
            let _ = SigningKey::parse(&damaged, None);
            damaged.truncate(cut);
            let _ = PublicKey::parse(&damaged);
            let _ = SigningKey::parse(&damaged, None);
        }
    }

    /// A changed signature must not be another encoding of the same one.
    #[test]
    fn damaged_signatures_do_not_verify(index in 0..70_usize, byte in any::<u8>()) {
        let key = public(P256);
        let bundle = Bundle::parse(fixture!("good/p256-directory.sig")).expect("good");
        let message = pae(&bundle.payload);
        let mut damaged = bundle.signature.clone();
        if let Some(place) = damaged.get_mut(index) {
            *place = byte;
        }
        prop_assert_eq!(key.verifies(&message, &damaged), damaged == bundle.signature);
        damaged = bundle.signature.clone();
        damaged.push(byte);
        prop_assert!(!key.verifies(&message, &damaged));
    }
}

#[test]
fn private_keys_in_both_plain_forms_are_the_same_key() {
    let cases = [
        (
            fixture!("keys/p256.pem"),
            fixture!("keys/p256-sec1.pem"),
            P256,
            Curve::P256,
        ),
        (
            fixture!("keys/p384.pem"),
            fixture!("keys/p384-sec1.pem"),
            fixture!("keys/p384.pub"),
            Curve::P384,
        ),
        (
            fixture!("keys/p521.pem"),
            fixture!("keys/p521-sec1.pem"),
            fixture!("keys/p521.pub"),
            Curve::P521,
        ),
    ];
    for (pkcs8, sec1, expected, curve) in cases {
        for pem in [pkcs8, sec1] {
            let key = SigningKey::parse(pem, None).expect("a test key");
            assert_eq!(key.public().to_pem().as_bytes(), expected);
            assert_eq!(key.public().curve(), curve);
        }
        // `sha256sum p256.pub`, and the hint `model_signing` writes.
        assert_eq!(public(expected).fingerprint(), Sha256::of(expected));
    }
}

#[test]
fn line_ends_and_surroundings_do_not_change_a_fingerprint() {
    let text = String::from_utf8(P256.to_vec()).expect("PEM");
    let crlf = format!("comment\r\n{}\r\ntrailing", text.replace('\n', "\r\n"));
    assert_eq!(public(crlf.as_bytes()), public(P256));
}

#[test]
fn keys_that_are_not_allowed_are_refused_with_a_hint() {
    let cases: &[(&[u8], &str)] = &[
        (fixture!("keys/rsa.pem"), "P-256, P-384 or P-521"),
        (fixture!("keys/ed25519.pem"), "P-256, P-384 or P-521"),
        (fixture!("keys/secp256k1.pem"), "P-256, P-384 or P-521"),
        (fixture!("keys/p256-encrypted.pem"), "no password is given"),
        (P256, "it is a public key"),
        (b"", "not a key in PEM"),
    ];
    for (pem, reason) in cases {
        let problem = SigningKey::parse(pem, None).expect_err(reason).to_string();
        assert!(problem.contains(reason), "{problem}");
    }
    let cases: &[(&[u8], &str)] = &[
        (fixture!("keys/rsa.pub"), "P-256, P-384 or P-521"),
        (fixture!("keys/ed25519.pub"), "P-256, P-384 or P-521"),
        (fixture!("keys/secp256k1.pub"), "P-256, P-384 or P-521"),
        (P256_PRIVATE, "it is a private key"),
        (b"\xff", "not a key in PEM"),
    ];
    for (pem, reason) in cases {
        let problem = PublicKey::parse(pem).expect_err(reason).to_string();
        assert!(problem.contains(reason), "{problem}");
    }
}

fn password(value: &str) -> Password {
    let variables = BTreeMap::from([("SECRET".to_owned(), value.to_owned())]);
    let world = World::with(variables, || chrono::DateTime::UNIX_EPOCH);
    assert!(matches!(
        Password::from_variable(&world, "OTHER"),
        Err(SigningError::NoPassword(_))
    ));
    Password::from_variable(&world, "SECRET").expect("is set")
}

#[test]
fn a_key_encrypted_as_cosign_does_needs_its_password() {
    use sigstore::crypto::signing_key::{KeyPair as _, ecdsa::ec::EcdsaKeys};
    let keys = EcdsaKeys::from_pem(P256_PRIVATE).expect("a test key");
    let pem = keys
        .private_key_to_encrypted_pem(b"right")
        .expect("encrypted");
    let load = |value: Option<&Password>| SigningKey::parse(pem.as_bytes(), value);
    let key = load(Some(&password("right"))).expect("the right password");
    assert_eq!(*key.public(), public(P256));
    assert!(matches!(
        load(Some(&password("wrong"))),
        Err(KeyProblem::Refused(_))
    ));
    assert!(matches!(load(None), Err(KeyProblem::PasswordNeeded)));
    let plain = SigningKey::parse(P256_PRIVATE, Some(&password("right")));
    assert!(matches!(plain, Err(KeyProblem::NotEncrypted)));
}

#[test]
fn an_encrypted_pkcs8_key_needs_its_password() {
    let pem = fixture!("keys/p256-encrypted.pem");
    let key = SigningKey::parse(pem, Some(&password("test"))).expect("the right password");
    assert_eq!(*key.public(), public(P256));
    let wrong = SigningKey::parse(pem, Some(&password("wrong")));
    assert!(matches!(wrong, Err(KeyProblem::Refused(_))));
}

#[test]
fn secrets_are_never_printed() {
    let secret = format!("{:?} {:?}", password("hunter2"), private());
    assert!(secret.contains("***"));
    assert!(!secret.contains("hunter2"));
    let pem = String::from_utf8(P256_PRIVATE.to_vec()).expect("PEM");
    for line in pem.lines().filter(|line| !line.starts_with('-')) {
        assert!(!secret.contains(line));
    }
}

#[test]
fn a_key_written_is_private_and_reads_back() {
    let disk = Disk::new();
    let path = disk.directory.path().join("key.pem");
    let key = SigningKey::generate(Curve::P384).expect("a key");
    key.write(&path).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).expect("exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(matches!(key.write(&path), Err(SigningError::File(_))));
    let read = SigningKey::load(&path, None).expect("our own key");
    assert_eq!(read.public(), key.public());
    let path = disk.directory.path().join("key.pub");
    key.public().write(&path).expect("written");
    assert_eq!(PublicKey::load(&path).expect("our own key"), *key.public());
}

#[test]
fn ignored_paths_are_left_out_and_recorded() {
    let disk = Disk::new();
    let model = disk.model();
    write(&model.join("model.sig"), b"");
    write(&model.join(".git/HEAD"), b"");
    write(&model.join("a.sig"), b"");
    let manifest = walk::digest_model(&model, &["model.sig", "a"]).expect("a model");
    let names: Vec<_> = manifest.files().iter().map(|file| &*file.path).collect();
    let expected = [
        "a-b",
        "a.sig",
        "config.json",
        "empty",
        "größe.txt",
        "weights.bin",
    ];
    assert_eq!(names, expected);
    let recorded = [
        ".git",
        ".gitattributes",
        ".github",
        ".gitignore",
        "a",
        "model.sig",
    ];
    assert_eq!(manifest.ignored(), recorded);
    assert_eq!(manifest.size(), 6 + 14 + 8 + 256);
    for path in ["../x", "/x", "./model.sig", ""] {
        let error = walk::digest_model(&model, &[path]).expect_err(path);
        assert!(matches!(error, SigningError::IgnoredPath { .. }), "{error}");
    }
}

#[test]
fn an_empty_model_is_refused() {
    let directory = tempfile::tempdir().expect("temporary directory");
    write(&directory.path().join(".gitignore"), b"*");
    let error = walk::digest_model(directory.path(), &[]).expect_err("empty");
    assert_eq!(error.to_string(), "the model has no files");
}

#[cfg(unix)]
#[test]
fn links_pipes_and_names_that_are_not_unicode_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    type Spoil = fn(&Path);
    let refusals: [(Spoil, &str); 4] = [
        (
            |model| link("config.json", &model.join("link")),
            "link` is a symbolic link",
        ),
        (
            |model| link("/", &model.join("a/link")),
            "a/link` is a symbolic link",
        ),
        (|model| fifo(&model.join("pipe")), "pipe` is neither"),
        (
            |model| write(&model.join(std::ffi::OsStr::from_bytes(b"\xff")), b""),
            "is not Unicode",
        ),
    ];
    for (spoil, reason) in refusals {
        let disk = Disk::new();
        spoil(&disk.model());
        let error = walk::digest_model(&disk.model(), &[]).expect_err(reason);
        assert!(error.to_string().contains(reason), "{error}");
        let evidence = verify(
            fixture!("good/p256-directory.sig"),
            &disk.model(),
            &public(P256),
            &[],
        );
        assert_eq!(outcome(&evidence, "signed-files"), Outcome::NotMet);
    }
    // The way to the model may be a link.
    let disk = Disk::new();
    let current = disk.directory.path().join("current");
    link("model", &current);
    let linked = walk::digest_model(&current, &[]).expect("a model");
    assert_eq!(
        linked,
        walk::digest_model(&disk.model(), &[]).expect("a model")
    );
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).expect("a link");
}

#[cfg(unix)]
fn fifo(path: &Path) {
    let status = std::process::Command::new("mkfifo").arg(path).status();
    assert!(status.expect("mkfifo is there").success());
}

#[test]
fn names_and_places_of_models_are_found() {
    let disk = Disk::new();
    let model = disk.model();
    assert_eq!(walk::model_name(&model).expect("exists"), "model");
    assert_eq!(walk::model_name(&model.join(".")).expect("exists"), "model");
    assert_eq!(
        walk::model_name(&model.join("a/..")).expect("exists"),
        "model"
    );
    let within = |path: PathBuf| walk::path_within(&model, &path);
    assert_eq!(
        within(model.join("model.sig")).as_deref(),
        Some("model.sig")
    );
    assert_eq!(within(model.join("a/../a/x")).as_deref(), Some("a/x"));
    assert_eq!(within(disk.single()), None);
    assert_eq!(within(model.join("nowhere/x")), None);
}
