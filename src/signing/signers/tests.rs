//! References to keys, and what they open.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::signing::keys::PublicKey;

const PRIVATE: &str = include_str!("../../../fixtures/signatures/keys/p256.pem");
const PUBLIC: &str = include_str!("../../../fixtures/signatures/keys/p256.pub");

fn world() -> World {
    let variables = [("PRIVATE", PRIVATE), ("PUBLIC", PUBLIC), ("EMPTY", "")];
    let variables: BTreeMap<String, String> = variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    World::with(variables, || chrono::DateTime::UNIX_EPOCH)
}

#[test]
fn references_are_paths_unless_they_have_a_scheme() {
    let file = |path: &str| KeyReference::File(path.into());
    let other = |text: &str| KeyReference::Other(text.to_owned());
    let cases = [
        ("signing.key", file("signing.key")),
        ("/keys/a.pem", file("/keys/a.pem")),
        ("C:\\keys\\a.pem", file("C:\\keys\\a.pem")),
        ("env://KEY", other("env://KEY")),
        ("awskms:///alias/a", other("awskms:///alias/a")),
    ];
    for (text, expected) in cases {
        assert_eq!(KeyReference::from(text), expected);
        assert_eq!(expected.to_string(), text);
    }
    assert_eq!(file("a").within(Path::new("b")), file("b/a"));
    assert_eq!(other("env://a").within(Path::new("b")), other("env://a"));
}

#[test]
fn a_key_in_a_variable_signs_and_is_verified_by_its_public_half_in_another() {
    let world = world();
    let access = KeyAccess {
        world: &world,
        password: None,
    };
    let signer = open(&"env://PRIVATE".into(), &access).expect("a private key");
    let bundle = signer.seal(b"{}").expect("signed").bundle(b"{}");
    let trust = trust(&"env://PUBLIC".into(), &access).expect("a public key");
    let opened = trust.open(&bundle).expect("verified");
    assert_eq!(opened.payload, b"{}");
    let public = PublicKey::parse(PUBLIC.as_bytes()).expect("a public key");
    assert_eq!(opened.by.id, public.fingerprint().to_string());
}

#[test]
fn a_reference_that_opens_nothing_says_why() {
    let world = world();
    let access = KeyAccess {
        world: &world,
        password: None,
    };
    let cases = [
        (
            "env://NOWHERE",
            "`env://NOWHERE`: the environment variable is not set",
        ),
        ("env://EMPTY", "is not set"),
        ("env://PUBLIC", "it is a public key"),
        (
            "nokms://key",
            "`nokms://key` names no key: expected a file or one of `env://",
        ),
    ];
    for (reference, reason) in cases {
        let opened = open(&reference.into(), &access);
        let error = opened.err().expect(reference).to_string();
        assert!(error.contains(reason), "{error}");
    }
}
