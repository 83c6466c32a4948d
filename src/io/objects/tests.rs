//! What comes of objects: from a server that answers as it is told, and from a real store when one is
//! named.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::{fetch, is_remote};
use crate::evidence::ExitCode;
use crate::io::World;
use crate::io::remote::{RemoteError, RemoteProblem};

/// Names a prefix of a real store, as `tests/interop/data/s3.sh` fills it; without it that test has nothing
/// to ask and passes.
const LIVE: &str = "PROOFMARK_TEST_STORE";

/// A server that gives each connection the next reply and remembers the heads of what it was asked.
fn server(replies: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for reply in replies {
            let (mut stream, _) = listener.accept().expect("a connection");
            let reader = BufReader::new(stream.try_clone().expect("a socket"));
            let lines = reader.lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            seen.lock().expect("whole").push(head.join("\n"));
            let _ = stream.write_all(reply.as_bytes());
        }
    });
    (url, asked)
}

fn reply(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

fn world(variables: &[(&str, &str)]) -> World {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    World::with(variables.collect(), chrono::Utc::now)
}

fn fetched(world: &World, locator: &str) -> Result<(String, String), RemoteError> {
    let directory = tempfile::TempDir::new().expect("a folder");
    let path = fetch(world, locator, directory.path())?;
    let name = path.strip_prefix(directory.path()).expect("below");
    let name = name.to_string_lossy().into_owned();
    Ok((name, fs::read_to_string(path).expect("a file")))
}

fn problem(world: &World, locator: &str) -> RemoteProblem {
    fetched(world, locator).expect_err("refused").problem
}

#[test]
fn addresses_are_told_from_paths() {
    for address in [
        "s3://b/k",
        "gs://b/k",
        "az://c/k",
        "abfss://c@a/k",
        "https://h/k",
    ] {
        assert!(is_remote(address), "{address}");
    }
    for path in [
        "data/a.csv",
        "C:\\a.csv",
        "-",
        "file:///a.csv",
        "mlflow://m",
    ] {
        assert!(!is_remote(path), "{path}");
    }
}

#[test]
fn pages_are_fetched_and_redirects_followed_without_credentials() {
    let (url, asked) = server(vec![
        reply(302, "location: /real.csv\r\n", ""),
        reply(200, "", "x\n1\n"),
    ]);
    let secret = world(&[("AWS_SECRET_ACCESS_KEY", "hush")]);
    let found = fetched(&secret, &format!("{url}/a%20b.csv?token=t")).expect("fetched");
    assert_eq!(found, ("a b.csv".to_owned(), "x\n1\n".to_owned()));
    let asked = asked.lock().expect("whole").join("\n").to_lowercase();
    assert!(asked.contains("get /real.csv"), "{asked}");
    assert!(
        !asked.contains("authorization") && !asked.contains("hush"),
        "{asked}"
    );
}

#[test]
fn what_a_web_server_refuses_is_named() {
    let nobody = world(&[]);
    for (status, expected, code) in [
        (404, RemoteProblem::NotFound, ExitCode::InputMissing),
        (
            403,
            RemoteProblem::PermissionDenied,
            ExitCode::PermissionDenied,
        ),
        (
            401,
            RemoteProblem::NotAuthenticated,
            ExitCode::PermissionDenied,
        ),
        (503, RemoteProblem::Unavailable, ExitCode::Unavailable),
    ] {
        let (url, _) = server(vec![reply(status, "", "no")]);
        let found = problem(&nobody, &format!("{url}/a.csv"));
        assert_eq!((found, found.exit_code()), (expected, code));
    }
    let again: Vec<String> = (0..9).map(|_| reply(302, "location: /\r\n", "")).collect();
    let (url, _) = server(again);
    assert_eq!(
        problem(&nobody, &format!("{url}/a.csv")),
        RemoteProblem::Malformed
    );
    // Not from an encrypted or a local place to one that is neither.
    let (url, _) = server(vec![reply(302, "location: http://192.0.2.1/a\r\n", "")]);
    assert_eq!(
        problem(&nobody, &format!("{url}/a.csv")),
        RemoteProblem::Rejected
    );
    assert_eq!(
        problem(&nobody, "http://192.0.2.1/a.csv"),
        RemoteProblem::Rejected
    );
    // Half of what was promised.
    let (url, _) = server(vec![
        "HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\nx\n".to_owned(),
    ]);
    assert_eq!(
        problem(&nobody, &format!("{url}/a.csv")),
        RemoteProblem::Unavailable
    );
}

#[test]
fn a_store_is_asked_with_a_signature_and_never_followed_elsewhere() {
    let keys = |url: &str| {
        world(&[
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", url),
        ])
    };
    let headers = "etag: \"1\"\r\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n";
    let (url, asked) = server(vec![reply(200, headers, "x\n1\n")]);
    let found = fetched(&keys(&url), "s3://bucket/data/a.csv").expect("fetched");
    assert_eq!(found, ("a.csv".to_owned(), "x\n1\n".to_owned()));
    let asked = asked.lock().expect("whole").join("\n");
    assert!(asked.starts_with("GET /bucket/data/a.csv"), "{asked}");
    assert!(asked.contains("AWS4-HMAC-SHA256 Credential=id/"), "{asked}");
    assert!(!asked.contains("hush"), "{asked}");

    for (status, expected) in [
        (404, RemoteProblem::NotFound),
        (403, RemoteProblem::PermissionDenied),
        (401, RemoteProblem::NotAuthenticated),
    ] {
        let (url, _) = server(vec![reply(status, "", "")]);
        assert_eq!(problem(&keys(&url), "s3://bucket/a.csv"), expected);
    }
    let (elsewhere, followed) = server(vec![reply(200, headers, "x\n")]);
    let redirect = format!("location: {elsewhere}/bucket/a.csv\r\n");
    let (url, _) = server(vec![reply(307, &redirect, "")]);
    assert!(fetched(&keys(&url), "s3://bucket/a.csv").is_err());
    assert!(
        followed.lock().expect("whole").is_empty(),
        "credentials stay"
    );
}

#[test]
fn names_in_a_store_stay_below_the_directory() {
    let listing = |key: &str| {
        let body = format!(
            "<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated><Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"1\"</ETag><Size>2</Size></Contents></ListBucketResult>"
        );
        reply(200, "content-type: application/xml\r\n", &body)
    };
    let (url, _) = server(vec![listing("p/../../a.csv"), reply(200, "", "x\n")]);
    let keys = world(&[
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "hush"),
        ("AWS_ENDPOINT_URL", &url),
    ]);
    let directory = tempfile::TempDir::new().expect("a folder");
    assert!(fetch(&keys, "s3://b/p/", directory.path()).is_err());
    assert!(!directory.path().join("../../a.csv").exists());
}

/// Against a real server; `tests/interop/data/s3.sh` starts one, fills it and names it in
/// `PROOFMARK_TEST_STORE`.
#[test]
fn a_real_store_gives_its_objects() {
    let real = World::real();
    let Some(store) = real.variable(LIVE) else {
        return;
    };
    let (name, text) = fetched(&real, &format!("{store}/a.csv")).expect("fetched");
    assert_eq!((name.as_str(), text.as_str()), ("a.csv", "x,y\n1,2\n"));
    let (_, text) = fetched(&real, &format!("{store}/name with ä.csv")).expect("fetched");
    assert_eq!(text, "x\n7\n");
    assert_eq!(
        problem(&real, &format!("{store}/gone.csv")),
        RemoteProblem::NotFound
    );
    assert_eq!(
        problem(&real, &format!("{store}/gone/")),
        RemoteProblem::NotFound
    );

    let directory = tempfile::TempDir::new().expect("a folder");
    let path = fetch(&real, &format!("{store}/parts/"), directory.path()).expect("fetched");
    let files = |path: &PathBuf| crate::io::walk::walk(path).expect("listed").files;
    let found = files(&path);
    assert_eq!(found.len(), 1_200, "more than a page of a listing");
    assert_eq!(found[0], "day=0/part-0000.csv");

    let directory = tempfile::TempDir::new().expect("a folder");
    let path = fetch(&real, &format!("{store}/p*/day=1/*.csv"), directory.path()).expect("fetched");
    assert_eq!(path, directory.path().join("p*/day=1/*.csv"));

    let wrong: BTreeMap<String, String> = real
        .variables()
        .map(|(name, value)| match name {
            "AWS_SECRET_ACCESS_KEY" => (name.to_owned(), "wrong".to_owned()),
            _ => (name.to_owned(), value.to_owned()),
        })
        .collect();
    let wrong = World::with(wrong, chrono::Utc::now);
    assert_eq!(
        problem(&wrong, &format!("{store}/a.csv")),
        RemoteProblem::PermissionDenied
    );
}
