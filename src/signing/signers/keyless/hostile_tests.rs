//! Services that are broken, or not what they say they are: whatever they answer is refused with the right exit
//! code, in time, and no token that was sent is said aloud. Answers that are whole and about something else are
//! for `tests/interop/sigstore`, where real servers make them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::super::service_tests::{Answer, Server};
use super::services::{Log, LogVersion};
use super::*;
use crate::commands::CommandError;
use crate::evidence::ExitCode;
use crate::io::http::REPLY_BYTES_MAX;
use crate::io::secret::Secret;
use crate::signing::pem;

/// What no message may hold, or any part of: it is also what a token is signed with.
const SECRET: &str = "s3cr3t-s1gn4tur3-0f-th3-t0k3n-th4t-1s-l0ng-3n0ugh";

/// A certificate of Fulcio, for a key that is long gone.
const BUNDLE: &[u8] =
    include_bytes!("../../../../fixtures/release/conda-attestation.sigstore.json");

fn token() -> Secret {
    let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"job"}"#);
    Secret::of_text(format!("e30.{claims}.{SECRET}"))
}

/// A client that neither waits long nor pauses.
fn http(world: &World) -> Http {
    Http::within(world, Duration::from_millis(500), Duration::ZERO).expect("a client")
}

fn world(variables: &[(&str, &str)]) -> World {
    let variables = variables.iter();
    let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    World::with(variables.collect(), chrono::Utc::now)
}

/// Who is asked.
#[derive(Clone, Copy, Debug)]
enum Service {
    Issuer,
    Authority,
    Log(LogVersion),
    TimeStamps,
}

const SERVICES: [Service; 5] = [
    Service::Issuer,
    Service::Authority,
    Service::Log(LogVersion::One),
    Service::Log(LogVersion::Two),
    Service::TimeStamps,
];

/// Asks the service, and says what was made of its answer.
fn ask(service: Service, place: &str) -> Result<(), SigningError> {
    let url = format!("http://{place}");
    let none = world(&[]);
    match service {
        Service::Issuer => {
            let job = world(&[
                (token::GITHUB_URL_VARIABLE, &url),
                (token::GITHUB_TOKEN_VARIABLE, SECRET),
            ]);
            token::obtain(&job, &http(&job), None).map(drop)
        }
        Service::Authority => authority::certify(&http(&none), &url, &token()).map(drop),
        Service::Log(version) => {
            let signed = log::Signed {
                payload: b"payload",
                signature: b"signature",
                certificate: b"certificate",
            };
            log::enter(&http(&none), &Log { url, version }, &signed).map(drop)
        }
        Service::TimeStamps => time::stamp(&http(&none), &url, b"signature").map(drop),
    }
}

/// The exit code and the message with which a service that answers so is refused.
fn refused(service: Service, answer: &Answer) -> (ExitCode, String) {
    let answer = answer.clone();
    let server = Server::new(move |_| answer.clone());
    let error = ask(service, &server.place).expect_err("refused");
    let debugged = format!("{error:?}");
    let error = CommandError::from(error);
    let said = error.to_string();
    // Any eight characters of it would be too many.
    for part in SECRET.as_bytes().windows(8) {
        let part = std::str::from_utf8(part).expect("ASCII");
        assert!(!said.contains(part), "{service:?}: {said}");
        assert!(!debugged.contains(part), "{service:?}: {debugged}");
    }
    assert!(said.len() < 1_000, "{service:?}: {said}");
    (error.exit_code(), said)
}

/// An answer of another kind of server, with a secret in it.
fn page(status: u16, body: &str) -> Answer {
    Answer::Raw(format!(
        "HTTP/1.1 {status} X\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ))
}

#[test]
fn what_is_no_answer_is_unavailable() {
    let html = format!("<html><body>token {SECRET} was not expected</body></html>");
    let deep = "[".repeat(100_000);
    let cases = [
        ("a page of a proxy", page(502, &html)),
        ("a page without a fault", page(200, &html)),
        ("no JSON", Answer::Text(format!("token={SECRET}"))),
        (
            "JSON that breaks off",
            Answer::Text(r#"{"value": "#.to_owned()),
        ),
        ("JSON without end", Answer::Text(deep)),
        ("a body that breaks off", Answer::Torn),
        ("a body that does not come", Answer::Endless),
        (
            "a body without end",
            Answer::Text("x".repeat(REPLY_BYTES_MAX + 1)),
        ),
        ("no HTTP", Answer::Raw(format!("220 mail {SECRET}\r\n"))),
        ("a status that is none", page(999, "{}")),
    ];
    for (what, answer) in &cases {
        for service in SERVICES {
            // Any bytes may be a time stamp, until it is verified.
            let is_whole = matches!(answer, Answer::Text(body) if body.len() < REPLY_BYTES_MAX)
                || *what == "a page without a fault";
            if matches!(service, Service::TimeStamps) && is_whole {
                continue;
            }
            let (code, said) = refused(service, answer);
            assert_eq!(code, ExitCode::Unavailable, "{service:?}, {what}: {said}");
        }
    }
}

#[test]
fn what_is_sent_is_not_said_aloud() {
    let echo = format!("{}{SECRET}", "x".repeat(270));
    let sent = token();
    let cases = [
        (
            400,
            json!({"message": format!("invalid token {}", sent.expose())}),
        ),
        (401, json!({"error": {"message": [sent.expose(), SECRET]}})),
        (403, json!({"errors": [format!("{SECRET} is not welcome")]})),
        // Where a message is shortened.
        (403, json!({"message": echo.replace(SECRET, sent.expose())})),
        (500, json!({"detail": sent.expose()})),
    ];
    for (status, body) in cases {
        // Only these two are sent a token.
        for service in [Service::Issuer, Service::Authority] {
            let body = match service {
                Service::Issuer => body.to_string().replace(sent.expose(), SECRET),
                _ => body
                    .to_string()
                    .replace(SECRET, "")
                    .replace("e30.eyJzdWIiOiJqb2IifQ.", sent.expose()),
            };
            let body: Value = serde_json::from_str(&body).expect("JSON");
            let (code, said) = refused(service, &Answer::Json(status, body));
            let expected = match status {
                500 => ExitCode::Unavailable,
                400 if matches!(service, Service::Issuer) => ExitCode::Usage,
                _ => ExitCode::PermissionDenied,
            };
            assert_eq!(code, expected, "{service:?}, {status}: {said}");
        }
    }
    // A parser would quote it.
    let (code, said) = refused(Service::Issuer, &Answer::Json(200, json!(SECRET)));
    assert_eq!(code, ExitCode::Unavailable, "{said}");
}

#[test]
fn no_token_follows_a_redirect() {
    let elsewhere = Server::new(|_| Answer::Json(200, json!({"value": "a.b.c"})));
    let target = format!("http://ann:{SECRET}@{}/x?token={SECRET}", elsewhere.place);
    for status in [301, 302, 303, 307, 308] {
        let answer = Answer::Raw(format!(
            "HTTP/1.1 {status} X\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ));
        for service in SERVICES {
            let (code, said) = refused(service, &answer);
            assert_eq!(code, ExitCode::Usage, "{service:?}: {said}");
            assert!(said.contains("name the new place"), "{said}");
        }
    }
    assert!(elsewhere.asked("", |_| ()).is_empty());
}

/// An answer of Fulcio with these certificates.
fn chain(certificates: &[&str]) -> Answer {
    let chain = json!({"chain": {"certificates": certificates}});
    Answer::Json(200, json!({"signedCertificateEmbeddedSct": chain}))
}

#[test]
fn a_certificate_that_is_not_for_our_key_is_not_signed_with() {
    let bundle: Value = serde_json::from_slice(BUNDLE).expect("JSON");
    let der = &bundle["verificationMaterial"]["certificate"]["rawBytes"];
    let der = STANDARD
        .decode(der.as_str().expect("text"))
        .expect("base64");
    let other = pem::encode("CERTIFICATE", &der);
    let server_certificate = include_str!("../../../../fixtures/signatures/certificates/root.pem");
    for foreign in [other.as_str(), server_certificate] {
        let (code, said) = refused(Service::Authority, &chain(&[foreign]));
        assert_eq!(code, ExitCode::IntegrityFailure, "{said}");
        assert!(said.contains("for another key"), "{said}");
    }
    let cut = pem::encode("CERTIFICATE", &der[..der.len() / 2]);
    let garbage = pem::encode("CERTIFICATE", &[0x30, 0x80, 0xff].repeat(1_000));
    let key = pem::encode("PUBLIC KEY", &der);
    let empty = pem::encode("CERTIFICATE", b"");
    let cases: [&[&str]; 7] = [
        &[&cut],
        &[&garbage],
        &[&key],
        &[&empty],
        &["-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n"],
        &["\u{1b}[2J"],
        &[],
    ];
    for certificates in cases {
        let (code, said) = refused(Service::Authority, &chain(certificates));
        assert_eq!(code, ExitCode::Unavailable, "{certificates:?}: {said}");
    }
    // Only a certificate whose log is not proved.
    let detached = json!({"signedCertificateDetachedSct": {"chain": {"certificates": [other]}}});
    let (code, said) = refused(Service::Authority, &Answer::Json(200, detached));
    assert_eq!(code, ExitCode::Unavailable, "{said}");
    assert!(said.contains("in a log"), "{said}");
}

#[test]
fn an_entry_of_rekor_1_that_is_none_is_not_understood() {
    let proof =
        json!({"checkpoint": "c", "hashes": [], "logIndex": 1, "rootHash": "00", "treeSize": 1});
    let entry = |change: fn(&mut Value)| {
        let mut entry = json!({"body": "", "integratedTime": 1, "logID": "00".repeat(32), "logIndex": 1, "verification": {
            "inclusionProof": proof.clone(), "signedEntryTimestamp": ""}});
        change(&mut entry);
        json!({"id": entry})
    };
    let cases = [
        entry(|_| {}),
        entry(|entry| entry["logID"] = json!("é".repeat(32))),
        entry(|entry| entry["integratedTime"] = json!(-1)),
        entry(|entry| entry["logIndex"] = json!(1e300)),
        json!({}),
        json!([]),
        json!({"a": null}),
    ];
    for body in cases {
        let (code, said) = refused(Service::Log(LogVersion::One), &Answer::Json(201, body));
        assert_eq!(code, ExitCode::Unavailable, "{said}");
    }
}

#[test]
fn a_signature_is_entered_twice_only_when_the_log_says_it_was_not() {
    for (status, times) in [(500, 1), (429, 4)] {
        let server = Server::new(move |_| Answer::Json(status, json!({"message": "no"})));
        let error = ask(Service::Log(LogVersion::Two), &server.place).expect_err("refused");
        assert_eq!(CommandError::from(error).exit_code(), ExitCode::Unavailable);
        assert_eq!(server.asked("", |_| ()).len(), times, "{status}");
    }
}

#[test]
fn an_empty_time_stamp_is_none() {
    let (code, said) = refused(Service::TimeStamps, &Answer::Text(String::new()));
    assert_eq!(code, ExitCode::Unavailable);
    assert!(said.contains("no time stamp"), "{said}");
}
