//! Keys that services hold, against servers that answer as the published interfaces say, and as those
//! behave that are broken or hostile. Every signature is verified by what the reference gives and, where it
//! is installed, by OpenSSL.

mod aws;
mod azure;
mod gcp;
#[cfg(unix)]
mod plugin;
mod vault;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::io::process::{self, ProcessError, Program};
use crate::manifest::{Bundle, pae};
use crate::signing::keys::{Curve, SigningKey};

/// What is signed.
const PAYLOAD: &[u8] = br#"{"_type":"https://in-toto.io/Statement/v1"}"#;

/// What no message may hold.
const SECRET: &str = "s3cr3t-t0k3n-0f-th3-t3sts";

/// What a server is asked.
pub(super) struct Asked {
    method: String,
    /// With the query.
    path: String,
    /// By names in lower case.
    headers: BTreeMap<String, String>,
    body: String,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    fn what(&self) -> (&str, &str) {
        (&self.method, &self.path)
    }
}

/// What a server answers.
#[derive(Clone)]
pub(super) enum Answer {
    Json(u16, Value),
    /// Status 200 with these bytes as a body.
    Text(String),
    /// As many bytes of a body as are said to follow, less one.
    Torn,
    /// As [`Answer::Torn`], and the connection stays open until the client leaves.
    Endless,
    /// Everything, byte for byte.
    Raw(String),
}

fn ok(body: Value) -> Answer {
    Answer::Json(200, body)
}

/// A server on this machine.
pub(super) struct Server {
    /// Host and port.
    pub(super) place: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(super) fn new(answer: impl Fn(&Asked) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let place = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let question = read(&stream);
                let answer = answer(&question);
                let waits = matches!(answer, Answer::Endless);
                // Before the client knows of it.
                seen.lock().expect("whole").push(question);
                // The client may have gone away.
                let _ = stream.write_all(rendered(answer).as_bytes());
                if waits {
                    let _ = stream.read(&mut [0]);
                }
            }
        });
        Self { place, asked }
    }

    /// Every request whose path contains `part`, by what `read` makes of it.
    pub(super) fn asked<T>(&self, part: &str, read: impl Fn(&Asked) -> T) -> Vec<T> {
        let asked = self.asked.lock().expect("whole");
        let about = asked.iter().filter(|asked| asked.path.contains(part));
        about.map(read).collect()
    }
}

fn read(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request line");
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next(), words.next());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length");
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
    reader.read_exact(&mut body).expect("a body");
    Asked {
        method: method.expect("a method"),
        path: path.expect("a path"),
        headers,
        // A question to a time stamp authority is no text.
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

fn rendered(answer: Answer) -> String {
    let (status, body, length) = match answer {
        Answer::Json(status, body) => (status, body.to_string(), None),
        Answer::Text(body) => (200, body, None),
        Answer::Torn | Answer::Endless => (200, "{".to_owned(), Some(2)),
        Answer::Raw(all) => return all,
    };
    let length = length.unwrap_or(body.len());
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn world(variables: &[(&str, &str)]) -> World {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    World::with(variables.collect(), chrono::Utc::now)
}

fn private_pem(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => include_str!("../../../fixtures/signatures/keys/p256.pem"),
        Curve::P384 => include_str!("../../../fixtures/signatures/keys/p384.pem"),
        Curve::P521 => include_str!("../../../fixtures/signatures/keys/p521.pem"),
    }
}

fn private(curve: Curve) -> SigningKey {
    SigningKey::parse(private_pem(curve).as_bytes(), None).expect("a key")
}

fn public_pem(curve: Curve) -> String {
    private(curve).public().to_pem()
}

/// The public key (SubjectPublicKeyInfo), as OpenSSL wrote it.
fn public_der(curve: Curve) -> Vec<u8> {
    let pem = public_pem(curve);
    let digits = pem.lines().filter(|line| !line.starts_with('-'));
    STANDARD.decode(digits.collect::<String>()).expect("base64")
}

/// The signature a service gives: by the key over what OMS signs.
fn signature(curve: Curve) -> Vec<u8> {
    private(curve).sign(&pae(PAYLOAD)).expect("signed")
}

/// The digest a service must be asked to sign, by another library than the program uses for it.
fn expected_digest(curve: Curve) -> Vec<u8> {
    let hash = match curve {
        Curve::P256 => &SHA256,
        Curve::P384 => &SHA384,
        Curve::P521 => &SHA512,
    };
    let digest = aws_lc_rs::digest::digest(hash, &pae(PAYLOAD));
    digest.as_ref().to_vec()
}

fn bits(curve: Curve) -> u16 {
    match curve {
        Curve::P256 => 256,
        Curve::P384 => 384,
        Curve::P521 => 512,
    }
}

/// The reference opens a signer for `curve`; its signature verifies by the reference and by OpenSSL.
fn signs(reference: &str, world: &World, curve: Curve) {
    let access = KeyAccess {
        world,
        password: None,
    };
    let signer = open(&reference.into(), &access).expect("a signer");
    assert!(signer.name().contains(reference), "{}", signer.name());
    let bundle = signer.seal(PAYLOAD).expect("sealed").bundle(PAYLOAD);
    let trust = trust(&reference.into(), &access).expect("a public key");
    assert_eq!(trust.open(&bundle).expect("verified").payload, PAYLOAD);
    openssl_verifies(curve, &Bundle::parse(&bundle).expect("a bundle").signature);
}

fn openssl_verifies(curve: Curve, signature: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.path().join(name), bytes).expect("written");
    };
    write("key", public_pem(curve).as_bytes());
    write("signature", signature);
    write("message", &pae(PAYLOAD));
    let hash = format!("-sha{}", bits(curve));
    let argv = [
        "openssl",
        "dgst",
        &hash,
        "-verify",
        "key",
        "-signature",
        "signature",
        "message",
    ];
    let ended = process::run(&Program {
        argv: &argv.map(str::to_owned),
        directory: folder.path(),
        environment: &[],
        time_max: Duration::from_secs(60),
    });
    match ended {
        Ok(said) => assert!(said.contains("Verified OK"), "{said}"),
        // It is not installed everywhere; the other verification has been done.
        Err(ProcessError::NotStarted { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Why a reference does not sign: said when it is opened or when it is used, and never with a secret.
fn refusal(reference: &str, world: &World) -> String {
    let access = KeyAccess {
        world,
        password: None,
    };
    let error = match open(&reference.into(), &access) {
        Ok(signer) => signer.seal(PAYLOAD).expect_err(reference),
        Err(error) => error,
    };
    let said = format!("{error} {error:?}");
    assert!(!said.contains(SECRET), "{said}");
    error.to_string()
}

/// Each reference is refused with words that are in the message.
fn refused(world: &World, cases: &[(&str, &[&str])]) {
    for (reference, words) in cases {
        let said = refusal(reference, world);
        for word in *words {
            assert!(said.contains(word), "{reference}: {said}");
        }
    }
}
