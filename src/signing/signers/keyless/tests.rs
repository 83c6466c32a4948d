//! What can be held against others without a network. Signing through real servers is for
//! `tests/interop/sigstore`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::DateTime;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::services::{Log, LogVersion, Services};
use super::*;
use crate::io::http::Reply;
use crate::io::secret::Secret;
use crate::manifest::hex;

/// A bundle whose entry is one of Rekor 1.
const BUNDLE: &[u8] =
    include_bytes!("../../../../fixtures/release/conda-attestation.sigstore.json");

fn world(variables: &[(&str, &str)]) -> World {
    let variables = variables.iter();
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    World::with(variables.collect(), || DateTime::UNIX_EPOCH)
}

fn token_in(variables: &[(&str, &str)], variable: Option<&str>) -> Result<String, String> {
    let world = world(variables);
    let http = Http::new(&world).expect("a client");
    match token::obtain(&world, &http, variable) {
        Ok(token) => Ok(token.expose().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_token_is_found_where_it_is_said_to_be_and_nowhere_else() {
    let gitlab = ("SIGSTORE_ID_TOKEN", "a.b.c");
    assert_eq!(token_in(&[gitlab], None), Ok("a.b.c".to_owned()));
    let mine = [gitlab, ("MINE", "d.e.f")];
    assert_eq!(token_in(&mine, Some("MINE")), Ok("d.e.f".to_owned()));
    type Variables = &'static [(&'static str, &'static str)];
    let cases: [(Variables, _, _); 5] = [
        (
            &[("SIGSTORE_ID_TOKEN", "a.b.c")],
            Some("MINE"),
            "`MINE` is not set",
        ),
        (&[("GITHUB_ACTIONS", "true")], None, "id-token: write"),
        (&[("GITLAB_CI", "true")], None, "aud: sigstore"),
        (&[], None, "--identity-token-variable"),
        (&[("MINE", "two words")], Some("MINE"), "is not a token"),
    ];
    for (variables, variable, expected) in cases {
        let error = token_in(variables, variable).expect_err(expected);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_token_is_about_its_subject_or_a_verified_address() {
    let subject = |claims: &str| {
        let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
        token::subject(&Secret::of_text(token)).ok()
    };
    let cases = [
        (r#"{"sub":"job"}"#, Some("job")),
        (
            r#"{"sub":"1","email":"a@b.c","email_verified":true}"#,
            Some("a@b.c"),
        ),
        (
            r#"{"sub":"1","email":"a@b.c","email_verified":false}"#,
            Some("1"),
        ),
        (r#"{"sub":"1","email":"a@b.c"}"#, Some("1")),
        (r#"{"email":"a@b.c","email_verified":true}"#, None),
        ("{", None),
    ];
    for (claims, expected) in cases {
        assert_eq!(subject(claims).as_deref(), expected, "{claims}");
    }
    for text in ["", "a", "..", "a.***.b"] {
        let error = token::subject(&Secret::of_text(text)).expect_err("no token");
        assert!(matches!(error, IdentityProblem::Token));
    }
}

/// `openssl ts -query -digest DIGEST -sha256 -cert -no_nonce` of OpenSSL 3.0.19, DIGEST being that of
/// `signature`.
#[test]
fn a_time_stamp_is_asked_for_as_openssl_does() {
    let expected = "30390201013031300d0609608648016503040201050004201a2fc26dc7ea5a2a4748b7cb2b1ef193d96ab2c99f93092f69e63075b28d12780101ff";
    assert_eq!(hex(&time::query(b"signature")), expected);
}

fn reply(body: &Value) -> Reply {
    Reply {
        status: 201,
        headers: HeaderMap::new(),
        body: body.to_string().into_bytes(),
        endpoint: "POST https://rekor.example/api/v1/log/entries".to_owned(),
    }
}

/// The entry of a real bundle, and the answer of Rekor 1 it was made of.
fn entry_and_answer() -> (Value, Value) {
    let bundle: Value = serde_json::from_slice(BUNDLE).expect("JSON");
    let entry = bundle["verificationMaterial"]["tlogEntries"][0].clone();
    let hexadecimal = |base64: &Value| {
        let bytes = STANDARD.decode(base64.as_str().expect("text"));
        json!(hex(&bytes.expect("base64")))
    };
    let number = |text: &Value| json!(text.as_str().expect("text").parse::<u64>().expect("digits"));
    let proof = &entry["inclusionProof"];
    let hashes = proof["hashes"].as_array().expect("a list");
    let hashes: Vec<Value> = hashes.iter().map(hexadecimal).collect();
    let answer = json!({"24296fb24b8ad77a": {
        "body": entry["canonicalizedBody"],
        "integratedTime": number(&entry["integratedTime"]),
        "logID": hexadecimal(&entry["logId"]["keyId"]),
        "logIndex": number(&entry["logIndex"]),
        "verification": {
            "inclusionProof": {
                "checkpoint": proof["checkpoint"]["envelope"],
                "hashes": hashes,
                "logIndex": number(&proof["logIndex"]),
                "rootHash": hexadecimal(&proof["rootHash"]),
                "treeSize": number(&proof["treeSize"]),
            },
            "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        },
    }});
    (entry, answer)
}

#[test]
fn an_entry_of_rekor_1_is_rewritten_as_bundles_hold_it() {
    let (entry, answer) = entry_and_answer();
    assert_eq!(log::entry_1(&reply(&answer)).expect("an entry"), entry);
    let changed = |change: fn(&mut Value)| {
        let mut answer = answer.clone();
        change(&mut answer["24296fb24b8ad77a"]);
        answer
    };
    let bad = [
        json!({}),
        json!({"a": answer["24296fb24b8ad77a"], "b": answer["24296fb24b8ad77a"]}),
        changed(|entry| entry["logID"] = json!("c0")),
        changed(|entry| entry["logIndex"] = json!(-1)),
        changed(|entry| entry["verification"]["inclusionProof"]["hashes"][0] = json!("zz")),
        changed(|entry| entry["verification"]["inclusionProof"] = Value::Null),
    ];
    for answer in bad {
        assert!(log::entry_1(&reply(&answer)).is_err(), "{answer}");
    }
}

fn at(time: &str) -> DateTime<chrono::Utc> {
    time.parse().expect("a time")
}

fn service(url: &str, version: u32, operator: &str, valid: &[&str]) -> Value {
    let names = ["start", "end"];
    let valid: BTreeMap<&str, &&str> = names.into_iter().zip(valid).collect();
    json!({"url": url, "majorApiVersion": version, "operator": operator, "validFor": valid})
}

fn configuration(logs: &[Value], rule: &Value) -> String {
    json!({
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [
            service("https://old", 1, "a", &["2020-01-01T00:00:00Z", "2023-12-31T23:59:59Z"]),
            service("https://new", 1, "a", &["2024-01-01T00:00:00Z"]),
            service("https://next", 2, "a", &["2024-01-01T00:00:00Z"]),
        ],
        "rekorTlogUrls": logs,
        "rekorTlogConfig": rule,
    })
    .to_string()
}

#[test]
fn the_services_in_use_are_asked_and_as_many_as_the_configuration_says() {
    let now = at("2026-01-01T00:00:00Z");
    let since = ["2021-01-01T00:00:00Z"];
    let logs = [
        service("https://a1", 1, "a", &since),
        service("https://a2", 2, "a", &since),
        service("https://a3", 3, "a", &since),
        service("https://b1", 1, "b", &since),
        service("https://c2", 2, "c", &["2027-01-01T00:00:00Z"]),
    ];
    let asked = |rule: &Value| {
        let services = Services::parse(&configuration(&logs, rule), now);
        let urls = services.map(|services| {
            assert_eq!(services.authority, "https://new");
            services
                .logs
                .into_iter()
                .map(|log| log.url)
                .collect::<Vec<_>>()
        });
        urls.map_err(|error| error.to_string())
    };
    let urls = |urls: &[&str]| Ok(urls.iter().map(|url| (*url).to_owned()).collect());
    assert_eq!(asked(&json!({"selector": "ANY"})), urls(&["https://a2"]));
    let both = urls(&["https://a2", "https://b1"]);
    assert_eq!(asked(&json!({"selector": "ALL"})), both);
    assert_eq!(asked(&json!({"selector": "EXACT", "count": 2})), both);
    for rule in [
        json!({"selector": "EXACT", "count": 3}),
        json!({"selector": "EXACT"}),
        json!({"selector": "SERVICE_SELECTOR_UNDEFINED"}),
        json!({"selector": "SOME"}),
    ] {
        let error = asked(&rule).expect_err("refused");
        assert!(error.starts_with("the signing configuration "), "{error}");
    }
    let before = Services::parse(&configuration(&[], &json!({})), at("2019-01-01T00:00:00Z"));
    assert!(matches!(before, Err(IdentityProblem::Services(_))));
}

#[test]
fn the_public_instance_is_known() {
    let services = Services::load(None, at("2026-01-01T00:00:00Z")).expect("services");
    let log = Log {
        url: "https://rekor.sigstore.dev".to_owned(),
        version: LogVersion::One,
    };
    let expected = Services {
        authority: "https://fulcio.sigstore.dev".to_owned(),
        logs: vec![log],
        time_stamps: vec!["https://timestamp.sigstore.dev/api/v1/timestamp".to_owned()],
    };
    assert_eq!(services, expected);
}

/// What a certificate says, as `cryptography` 50.0.2 reads it.
#[test]
fn a_certificate_of_fulcio_says_what_was_built() {
    use crate::policy::verification::BuildClaim;
    let bundle = crate::manifest::Bundle::parse(BUNDLE).expect("a bundle");
    let Material::Identity(der) = bundle.material else {
        panic!("another method");
    };
    let certificate = crate::signing::certificates::Certificate::parse(&der).expect("one");
    let claims = certificate.build_claims();
    let commit = "193b5bd7d3985809503963ae400594ea16df31cf";
    let expected = [
        (BuildClaim::BuildSignerDigest, commit),
        (BuildClaim::RunnerEnvironment, "github-hosted"),
        (
            BuildClaim::SourceRepositoryUri,
            "https://github.com/prefix-dev/sigstore-example",
        ),
        (BuildClaim::SourceRepositoryRef, "refs/heads/main"),
        (BuildClaim::SourceRepositoryIdentifier, "1048392115"),
        (BuildClaim::SourceRepositoryOwnerIdentifier, "111356225"),
        (BuildClaim::BuildTrigger, "push"),
        (BuildClaim::SourceRepositoryVisibility, "public"),
    ];
    for (claim, value) in expected {
        assert_eq!(
            claims.get(&claim).map(String::as_str),
            Some(value),
            "{claim}"
        );
        assert_eq!(claim.to_string().parse(), Ok(claim));
    }
    assert_eq!(claims.len(), 14, "{claims:?}");
    let issuer = "https://token.actions.githubusercontent.com";
    assert_eq!(certificate.oidc_issuer().as_deref(), Some(issuer));
}
