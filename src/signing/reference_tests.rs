//! Signatures by the reference implementation in every form it has, old releases included, and ours in
//! the same forms. The bundles of `official` are those of its own tests.

use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use super::certificates::{Certificate, CertificateTrust, Pins};
use super::keys::{PublicKey, SigningKey};
use super::sign;
use super::trust::Trust;
use super::verify::{Rules, Verified, VerifyOptions, verify_model};
use super::walk::{self, ReadOptions};
use crate::evidence::{Outcome, Verdict};
use crate::manifest::{HashAlgorithm, Hashing, Resources};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signatures");

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(FIXTURES).join(name)).expect(name)
}

fn key(name: &str) -> Trust {
    Trust::Key(PublicKey::parse(&fixture(name)).expect("a public key"))
}

/// A model of these files in a directory of its own.
fn model(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("temporary directory");
    let path = directory.path().join("model");
    for (name, content) in files {
        let file = path.join(name);
        fs::create_dir_all(file.parent().expect("has a parent")).expect("directory");
        fs::write(file, content).expect("file");
    }
    (directory, path)
}

fn verify(bundle: &[u8], path: &Path, trust: &Trust, rules: Rules) -> Verified {
    let options = VerifyOptions {
        rules,
        ..VerifyOptions::default()
    };
    verify_model(bundle, path, trust, &options)
}

fn outcome(verified: &Verified, requirement: &str) -> Outcome {
    let mut records = verified.evidence.iter();
    let record = records.find(|record| record.requirement.as_str() == requirement);
    record.expect("every requirement has a record").outcome
}

fn message(verified: &Verified, requirement: &str) -> String {
    let mut records = verified.evidence.iter();
    let record = records.find(|record| record.requirement.as_str() == requirement);
    record
        .expect("every requirement has a record")
        .message
        .clone()
}

const LEGACY: Rules = Rules {
    strict: false,
    allow_legacy: true,
    allow_symlinks: false,
};

#[test]
fn every_serialization_of_the_reference_verifies() {
    for name in [
        "blake2b",
        "blake3",
        "shards",
        "shards-100",
        "shards-100-blake2b",
    ] {
        let (_kept, path) = model(&[]);
        copy(&Path::new(FIXTURES).join("model"), &path);
        let bundle = fixture(&format!("good/{name}.sig"));
        let trust = key("keys/p256.pub");
        let verified = verify(&bundle, &path, &trust, Rules::default());
        assert_eq!(outcome(&verified, "signature"), Outcome::Met, "{name}");
        assert_eq!(outcome(&verified, "root-digest"), Outcome::Met, "{name}");
        assert_eq!(outcome(&verified, "signed-files"), Outcome::Met, "{name}");
        let expected = match name.starts_with("shards") {
            true => {
                "left out of the signature and not verified: `empty` (empty, and shards cover no empty files)"
            }
            false => "nothing in the model is left out of the signature",
        };
        assert_eq!(message(&verified, "signature-exclusions"), expected);
        let by_component = verified.found.expect("was read").root_digest_by_component();
        assert!(message_of_root(&verified.evidence).contains(&by_component.to_string()));

        let mut content = fs::read(path.join("weights.bin")).expect("read");
        content[150] ^= 1;
        fs::write(path.join("weights.bin"), &content).expect("written");
        let verified = verify(&bundle, &path, &trust, Rules::default());
        assert_eq!(
            outcome(&verified, "signed-files"),
            Outcome::NotMet,
            "{name}"
        );
        content[150] ^= 1;
        content.push(0);
        fs::write(path.join("weights.bin"), &content).expect("written");
        let verified = verify(&bundle, &path, &trust, Rules::default());
        assert_eq!(
            outcome(&verified, "signed-files"),
            Outcome::NotMet,
            "{name}"
        );
    }
}

fn message_of_root(evidence: &[crate::evidence::Evidence]) -> String {
    let mut records = evidence.iter();
    let record = records.find(|record| record.requirement.as_str() == "root-digest");
    record.expect("is there").message.clone()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("directory");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => fs::copy(entry.path(), target).map(drop).expect("copied"),
        }
    }
}

#[test]
fn our_own_serializations_verify() {
    let (_kept, path) = model(&[("a/b", b"1"), ("a-b", &[7; 1000]), ("a:0:5", b"colons")]);
    let signer = SigningKey::parse(&fixture("keys/p256.pem"), None).expect("a key");
    for algorithm in HashAlgorithm::ALL {
        for shard_size in [
            None,
            NonZeroU64::new(1),
            NonZeroU64::new(300),
            NonZeroU64::new(1 << 40),
        ] {
            let hashing = Hashing {
                algorithm,
                shard_size,
            };
            let options = ReadOptions {
                hashing,
                ..ReadOptions::default()
            };
            let resources = walk::read_model(&path, &options).expect("a model");
            let bundle = sign::sign_model(&resources, "model", &signer).expect("signed");
            let trust = Trust::Key(signer.public().clone());
            let verified = verify(&bundle, &path, &trust, Rules::default());
            assert_eq!(
                Verdict::of(&verified.evidence),
                Verdict::Passed,
                "{hashing:?}"
            );
            assert_eq!(verified.found.expect("was read"), resources);
        }
    }
}

#[test]
fn large_files_have_the_digests_of_the_libraries() {
    let content: Vec<u8> = (0..(9_u32 << 20))
        .map(|index| (index % 251) as u8)
        .collect();
    let (_kept, path) = model(&[("weights", &content), ("small", b"x")]);
    let digest = |algorithm| {
        let options = ReadOptions {
            hashing: Hashing {
                algorithm,
                shard_size: None,
            },
            ..ReadOptions::default()
        };
        let resources = walk::read_model(&path, &options).expect("a model");
        resources.files()[1].digests[0].clone()
    };
    use sha2::Digest as _;
    assert_eq!(
        *digest(HashAlgorithm::Sha256),
        *sha2::Sha256::digest(&content).as_slice()
    );
    assert_eq!(
        *digest(HashAlgorithm::Blake2b),
        *blake2::Blake2b512::digest(&content).as_slice()
    );
    assert_eq!(
        *digest(HashAlgorithm::Blake3),
        *blake3::hash(&content).as_bytes()
    );
}

#[test]
fn signatures_of_all_releases_verify() {
    let ends_in_line_feed: &[(&str, &[u8])] =
        &[("signme-1", b"signme-1\n"), ("signme-2", b"signme-2")];
    let (_kept, path) = model(ends_in_line_feed);
    let trust = key("official/key.pub");
    for name in ["v1.0.1-elliptic-key", "v1.1.0-elliptic-key"] {
        let bundle = fixture(&format!("official/{name}.sig"));
        let verified = verify(&bundle, &path, &trust, Rules::default());
        assert_eq!(
            Verdict::of(&verified.evidence),
            Verdict::Passed,
            "{name}: {:#?}",
            verified.evidence
        );
    }
    let bundle = fixture("official/v0.3.1-elliptic-key.sig");
    let verified = verify(&bundle, &path.join("signme-1"), &trust, Rules::default());
    assert_eq!(
        Verdict::of(&verified.evidence),
        Verdict::Passed,
        "{:#?}",
        verified.evidence
    );

    let without: &[(&str, &[u8])] = &[("signme-1", b"signme-1"), ("signme-2", b"signme-2")];
    let (_kept, path) = model(without);
    let root = Certificate::load_all(&Path::new(FIXTURES).join("official/authority.pem"));
    let pins = Pins {
        subject: Some("CN=intermediate-ca".to_owned()),
        ..Pins::default()
    };
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    let trust = CertificateTrust::new(root.expect("a root"), pins, Vec::new(), now);
    let trust = Trust::Certificates(trust.expect("roots and pins"));
    let bundle = fixture("official/v1.1.0-certificate.sig");
    let verified = verify(&bundle, &path, &trust, Rules::default());
    assert_eq!(
        Verdict::of(&verified.evidence),
        Verdict::Passed,
        "{:#?}",
        verified.evidence
    );
    assert_eq!(
        message(&verified, "signature-exclusions"),
        "nothing in the model is left out of the signature; the signer would have left out `ignore-me`, `model.sig` too"
    );

    let bundle = fixture("official/v0.2.0-certificate.sig");
    let verified = verify(&bundle, &path, &trust, LEGACY);
    assert_eq!(
        Verdict::of(&verified.evidence),
        Verdict::Passed,
        "{:#?}",
        verified.evidence
    );
    let refused = verify(&bundle, &path, &trust, Rules::default());
    assert_ne!(Verdict::of(&refused.evidence), Verdict::Passed);
    assert!(message(&refused, "signature").contains("`--allow-legacy`"));
    fs::write(path.join("signme-2"), "other").expect("written");
    let refused = verify(&bundle, &path, &trust, LEGACY);
    assert_eq!(outcome(&refused, "signed-files"), Outcome::NotMet);
}

#[test]
fn what_was_signed_properly_is_not_tried_the_old_way() {
    let (_kept, path) = model(&[("a", b"1")]);
    let bundle = fixture("bad/legacy-predicate.sig");
    let verified = verify(&bundle, &path, &key("keys/p256.pub"), LEGACY);
    assert_eq!(outcome(&verified, "signature"), Outcome::Met);
    assert_ne!(outcome(&verified, "root-digest"), Outcome::Met);
    let good = fixture("official/v1.1.0-elliptic-key.sig");
    assert!(key("official/key.pub").open_0_1(&good).is_err());
}

fn signed(path: &Path, options: &ReadOptions<'_>) -> (Vec<u8>, Trust) {
    let signer = SigningKey::parse(&fixture("keys/p256.pem"), None).expect("a key");
    let resources: Resources = walk::read_model(path, options).expect("a model");
    let bundle = sign::sign_model(&resources, "model", &signer).expect("signed");
    (bundle, Trust::Key(signer.public().clone()))
}

const STRICT: Rules = Rules {
    strict: true,
    allow_legacy: false,
    allow_symlinks: false,
};

#[test]
fn strict_verification_allows_no_exclusion() {
    let (_kept, path) = model(&[
        ("a", b"1"),
        (".git/HEAD", b"ref"),
        ("extra.py", b"import os"),
    ]);
    let options = ReadOptions {
        ignore: &["extra.py"],
        ..ReadOptions::default()
    };
    let (bundle, trust) = signed(&path, &options);
    let verified = verify(&bundle, &path, &trust, Rules::default());
    assert_eq!(Verdict::of(&verified.evidence), Verdict::PassedWithWarnings);
    let verified = verify(&bundle, &path, &trust, STRICT);
    assert_eq!(Verdict::of(&verified.evidence), Verdict::IntegrityFailure);
    assert_eq!(
        message(&verified, "signature-exclusions"),
        "left out of the signature and not verified: `.git`, `extra.py`"
    );
    fs::remove_dir_all(path.join(".git")).expect("removed");
    fs::remove_file(path.join("extra.py")).expect("removed");
    let verified = verify(&bundle, &path, &trust, STRICT);
    assert_eq!(
        Verdict::of(&verified.evidence),
        Verdict::Passed,
        "{:#?}",
        verified.evidence
    );
}

#[test]
fn names_that_are_one_elsewhere_are_told() {
    let (_kept, path) = model(&[("Model.bin", b"1"), ("model.bin", b"2")]);
    if fs::read(path.join("Model.bin")).expect("read") == b"2" {
        return; // This file system takes them for one, too.
    }
    let (bundle, trust) = signed(&path, &ReadOptions::default());
    let verified = verify(&bundle, &path, &trust, Rules::default());
    assert_eq!(Verdict::of(&verified.evidence), Verdict::PassedWithWarnings);
    let verified = verify(&bundle, &path, &trust, STRICT);
    assert_eq!(Verdict::of(&verified.evidence), Verdict::IntegrityFailure);
}

#[cfg(unix)]
#[test]
fn links_that_are_allowed_are_covered_by_what_they_point_at() {
    use std::os::unix::fs::symlink;
    let (kept, path) = model(&[("a", b"1")]);
    let outside = kept.path().join("outside");
    fs::create_dir_all(&outside).expect("directory");
    fs::write(outside.join("weights"), "2").expect("written");
    symlink(&outside, path.join("linked")).expect("a link");
    symlink("a", path.join("b")).expect("a link");
    let follow = ReadOptions {
        allow_symlinks: true,
        ..ReadOptions::default()
    };
    let (bundle, trust) = signed(&path, &follow);
    let allowed = Rules {
        allow_symlinks: true,
        ..Rules::default()
    };
    let verified = verify(&bundle, &path, &trust, allowed);
    assert_eq!(
        Verdict::of(&verified.evidence),
        Verdict::Passed,
        "{:#?}",
        verified.evidence
    );
    let names: Vec<String> = verified
        .found
        .iter()
        .flat_map(Resources::files)
        .map(|file| file.path.clone())
        .collect();
    assert_eq!(names, ["a", "b", "linked/weights"]);
    let refused = verify(&bundle, &path, &trust, Rules::default());
    assert!(message(&refused, "signed-files").contains("is a symbolic link"));
    fs::write(outside.join("weights"), "3").expect("written");
    let refused = verify(&bundle, &path, &trust, allowed);
    assert_eq!(outcome(&refused, "signed-files"), Outcome::NotMet);

    symlink(&path, path.join("endless")).expect("a link");
    let error = walk::read_model(&path, &follow).expect_err("endless");
    assert!(
        error.to_string().contains("a directory that holds it"),
        "{error}"
    );
}
