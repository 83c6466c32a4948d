//! Certificates of all kinds (`fixtures/signatures/make.py`), each with the verdict it must get.
//! `tests/interop/signing` asks `openssl verify` the same.

use chrono::{DateTime, Utc};

use super::*;
use sigstore_verify::types::{DerCertificate, TsaAuthority};

use crate::manifest::Seal;
use crate::signing::keys::SigningKey;
use crate::signing::signers::{CertificateSigner, Signer as _};
use crate::signing::trust::Trust;

macro_rules! fixture {
    ($name:expr) => {
        include_str!(concat!("../../../fixtures/signatures/", $name))
    };
}

const KEY: &str = fixture!("keys/p256.pem");
const EMAIL: &str = "trainer@example.com";
const SUBJECT: &str = "O=Test,CN=trainer";
const ROOT: &str = fixture!("certificates/root.pem");
const AUTHORITY: &str = fixture!("certificates/authority.pem");
const SIGNER: &str = fixture!("certificates/signer.pem");

fn certificate(pem: &str) -> Certificate {
    let block = crate::signing::pem::Block::find(pem, |_| true).expect("PEM");
    Certificate::parse(&block.decode().expect("base64")).expect("a certificate")
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

fn now() -> DateTime<Utc> {
    at("2026-06-01T00:00:00Z")
}

fn identity(name: &str) -> Pins {
    Pins {
        identity: Some(name.to_owned()),
        ..Pins::default()
    }
}

fn trust(roots: &[&str], pins: Pins, now: DateTime<Utc>) -> CertificateTrust {
    let roots = roots.iter().map(|pem| certificate(pem)).collect();
    CertificateTrust::new(roots, pins, Vec::new(), now).expect("roots and pins")
}

/// A statement signed by the key with these certificates, whatever they are.
fn bundle(chain: &[&str]) -> Vec<u8> {
    let key = SigningKey::parse(KEY.as_bytes(), None).expect("a key");
    let chain = chain.iter().map(|pem| certificate(pem).der().to_vec());
    let seal = Seal {
        material: Material::Certificates(chain.collect()),
        ..key.seal(b"{}").expect("signed")
    };
    seal.bundle(b"{}")
}

fn verdict(trust: &CertificateTrust, bundle: &[u8]) -> Result<Signatory, String> {
    let opened = trust.open(bundle, Format::Dsse, Versions::Current);
    opened
        .map(|opened| opened.by)
        .map_err(|error| error.to_string())
}

#[test]
fn a_certificate_counts_when_its_path_purpose_time_and_name_are_right() {
    macro_rules! pem {
        ($name:expr) => {
            fixture!(concat!("certificates/", $name, ".pem"))
        };
    }
    let good: &[(&str, &[&str], &[&str])] = &[
        ("signer", &[SIGNER, AUTHORITY], &[ROOT]),
        ("root in the chain", &[SIGNER, AUTHORITY, ROOT], &[ROOT]),
        (
            "several roots",
            &[SIGNER, AUTHORITY],
            &[pem!("other-root"), ROOT],
        ),
        ("authority trusted", &[SIGNER], &[AUTHORITY]),
        (
            "authority in another place",
            &[SIGNER, ROOT, AUTHORITY],
            &[ROOT],
        ),
        ("no extensions", &[pem!("signer-plain"), AUTHORITY], &[ROOT]),
        (
            "signer called authority",
            &[pem!("signer-authority"), AUTHORITY],
            &[ROOT],
        ),
        (
            "self-signed and trusted",
            &[pem!("self-signed")],
            &[pem!("self-signed")],
        ),
        (
            "a good authority beside a bad one",
            &[SIGNER, pem!("expired-authority"), AUTHORITY],
            &[ROOT],
        ),
    ];
    for (what, chain, roots) in good {
        let found = verdict(&trust(roots, identity(EMAIL), now()), &bundle(chain));
        assert!(found.is_ok(), "{what}: {found:?}");
    }
    let bad: &[(&[&str], &[&str], &str)] = &[
        (
            &[SIGNER, AUTHORITY],
            &[pem!("other-root")],
            "is not signed by the key of",
        ),
        (&[SIGNER], &[ROOT], "no certificate that is trusted or came"),
        (&[pem!("self-signed")], &[ROOT], "no path"),
        (
            &[pem!("self-signed"), pem!("self-signed")],
            &[ROOT],
            "no path",
        ),
        (&[SIGNER, AUTHORITY], &[pem!("expired-root")], "not at 2026"),
        (&[SIGNER, pem!("expired-authority")], &[ROOT], "not at 2026"),
        (
            &[SIGNER, pem!("no-authority")],
            &[ROOT],
            "not be used for signing certificates",
        ),
        (
            &[SIGNER, pem!("authority-without-usage")],
            &[ROOT],
            "not be used for signing certificates",
        ),
        (
            &[SIGNER, pem!("authority-for-servers")],
            &[ROOT],
            "not be used for signing code",
        ),
        (
            &[pem!("signer-too-deep"), pem!("second-authority"), AUTHORITY],
            &[ROOT],
            "so long a path",
        ),
        (
            &[pem!("signer-of-servers"), AUTHORITY],
            &[ROOT],
            "not be used for signing code",
        ),
        (
            &[pem!("signer-without-usage"), AUTHORITY],
            &[ROOT],
            "not be used for signatures",
        ),
        (&[pem!("signer-expired"), AUTHORITY], &[ROOT], "not at 2026"),
        (&[pem!("signer-future"), AUTHORITY], &[ROOT], "not at 2026"),
        (&[AUTHORITY, ROOT], &[ROOT], "not be used for signatures"),
        (&[], &[ROOT], "no certificate"),
    ];
    for (chain, roots, reason) in bad {
        let trust = trust(roots, identity(EMAIL), now());
        let found = verdict(&trust, &bundle(chain)).expect_err(reason);
        assert!(found.contains(reason), "{found}");
    }
}

#[test]
fn who_must_have_signed_is_compared_to_the_letter() {
    let spki = certificate(SIGNER).spki_sha256();
    let subject = |subject: &str| Pins {
        subject: Some(subject.to_owned()),
        ..Pins::default()
    };
    let key = |sha256| Pins {
        spki_sha256: Some(sha256),
        ..Pins::default()
    };
    let both = Pins {
        subject: Some("CN=other".to_owned()),
        ..identity(EMAIL)
    };
    let bundle = bundle(&[SIGNER, AUTHORITY]);
    let cases = [
        (identity(EMAIL), true),
        (identity("Trainer@example.com"), false),
        (identity("trainer@example.co"), false),
        (identity(SUBJECT), false),
        (subject(SUBJECT), true),
        (subject("CN=trainer"), false),
        (key(spki), true),
        (key(Sha256::of(b"")), false),
        (both, false),
    ];
    for (pins, expected) in cases {
        let what = format!("{pins:?}");
        let found = verdict(&trust(&[ROOT], pins, now()), &bundle);
        assert_eq!(found.is_ok(), expected, "{what}: {found:?}");
    }
    let roots = vec![certificate(ROOT)];
    let unpinned = CertificateTrust::new(roots, Pins::default(), Vec::new(), now());
    assert_eq!(unpinned.err(), Some(CertificateProblem::NoPin));
    let rootless = CertificateTrust::new(Vec::new(), identity(EMAIL), Vec::new(), now());
    assert_eq!(rootless.err(), Some(CertificateProblem::NoRoot));
}

#[test]
fn the_decision_says_who_and_by_which_chain() {
    let found = verdict(
        &trust(&[ROOT], identity(EMAIL), now()),
        &bundle(&[SIGNER, AUTHORITY]),
    );
    let by = found.expect("counts");
    assert_eq!(by.chain, [SUBJECT, "O=Test,CN=authority", "O=Test,CN=root"]);
    assert_eq!(
        by.to_string(),
        "the certificate of `trainer@example.com`, valid from 2026-01-01 to 2046-01-01, by O=Test,CN=trainer ← O=Test,CN=authority ← O=Test,CN=root"
    );
    assert_eq!(by.signed_at, None);
}

#[test]
fn no_byte_of_a_certificate_or_signature_can_change() {
    let trust = trust(&[ROOT], identity(EMAIL), now());
    let good = bundle(&[SIGNER, AUTHORITY]);
    assert!(verdict(&trust, &good).is_ok());
    let mut changed = good.clone();
    for index in 0..good.len() {
        for bit in [0x01, 0x20] {
            changed[index] ^= bit;
            assert!(
                verdict(&trust, &changed).is_err(),
                "byte {index} bit {bit:#x}"
            );
            changed[index] ^= bit;
        }
    }
}

#[test]
fn a_key_signs_only_with_its_own_certificate() {
    let key = || Box::new(SigningKey::parse(KEY.as_bytes(), None).expect("a key"));
    let sign = |chain: &[&str], now| {
        let certificates = chain.iter().map(|pem| certificate(pem)).collect();
        CertificateSigner::new(key(), certificates, now)
    };
    let signer = sign(&[SIGNER, AUTHORITY], now()).expect("its own");
    let made = signer.seal(b"{}").expect("signed").bundle(b"{}");
    assert!(signer.trust().open(&made).is_ok());
    assert!(verdict(&trust(&[ROOT], identity(EMAIL), now()), &made).is_ok());
    assert_eq!(signer.name(), "the certificate of `O=Test,CN=trainer`");
    let late = at("2050-01-01T00:00:00Z");
    let refused = [
        (
            sign(&[AUTHORITY, ROOT], now()),
            "the private key is not that",
        ),
        (sign(&[SIGNER, ROOT], now()), "no path"),
        (sign(&[SIGNER, AUTHORITY], late), "not at 2050"),
        (sign(&[], now()), "no certificate"),
    ];
    for (made, reason) in refused {
        let error = made.err().expect(reason).to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_key_is_no_certificate_and_a_certificate_no_key() {
    let by_certificate = bundle(&[SIGNER, AUTHORITY]);
    let key = SigningKey::parse(KEY.as_bytes(), None).expect("a key");
    let by_key = key.seal(b"{}").expect("signed").bundle(b"{}");
    let refused = key
        .trust()
        .open(&by_certificate)
        .expect_err("a certificate");
    assert!(
        refused
            .to_string()
            .contains("signed with a certificate, required a plain key")
    );
    let trust = Trust::Certificates(trust(&[ROOT], identity(EMAIL), now()));
    let refused = trust.open(&by_key).expect_err("a key");
    assert!(
        refused
            .to_string()
            .contains("signed with a plain key, required a certificate")
    );
}

/// The time stamp is by `openssl ts`, in November 2026.
#[test]
fn a_time_stamp_outlives_the_certificate() {
    let stamped: &[u8] = fixture!("good/certificate-stamped.sig").as_bytes();
    let late = at("2050-01-01T00:00:00Z");
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/signatures/certificates");
    let authority =
        || TimestampAuthority::load(&folder.join("stamper-chain.pem")).expect("two certificates");
    let stranger = TimestampAuthority(TsaAuthority::new(
        DerCertificate::from_bytes(certificate(SIGNER).der()),
        Vec::new(),
        DerCertificate::from_bytes(certificate(AUTHORITY).der()),
        None,
    ));
    let trust = |authorities, now| {
        let roots = vec![certificate(ROOT)];
        CertificateTrust::new(roots, identity(EMAIL), authorities, now).expect("roots and pins")
    };
    let by = verdict(&trust(vec![authority()], late), stamped).expect("valid when it was signed");
    let signed_at = by.signed_at.expect("a time");
    assert!(at("2026-11-01T00:00:00Z") < signed_at && signed_at < at("2027-01-01T00:00:00Z"));
    assert!(by.to_string().ends_with(&signed_at.to_rfc3339()));

    let nobody = verdict(&trust(Vec::new(), late), stamped).expect_err("judged now");
    assert!(nobody.contains("not at 2050"), "{nobody}");
    let other = verdict(&trust(vec![stranger], now()), stamped).expect_err("another authority");
    assert!(other.contains("the time stamp does not verify"), "{other}");
    let text = String::from_utf8(stamped.to_vec()).expect("JSON");
    let start = text.find("signedTimestamp").expect("a stamp");
    let mut changed = stamped.to_vec();
    for index in (start + 20..text.len() - 4).step_by(7) {
        let original = changed[index];
        changed[index] = if original == b'A' { b'B' } else { b'A' };
        let found = verdict(&trust(vec![authority()], late), &changed);
        if let Ok(by) = found {
            // Bytes of the reply around the token say nothing.
            assert_eq!(by.signed_at, Some(signed_at), "byte {index}");
        }
        changed[index] = original;
    }
}
