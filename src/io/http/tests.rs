//! The limits of [`super`], held against a server that answers as it is told.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Body, Http, REPLY_BYTES_MAX, Repeat, Request, endpoint};
use crate::io::World;
use crate::io::remote::{RemoteError, RemoteProblem};
use reqwest::Method;

/// A server that gives each connection the next of `replies`, byte for byte, and remembers what it
/// was asked. After the last it refuses connections.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn answering(replies: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/a", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (replies, seen) = (owned(replies), Arc::clone(&asked));
        std::thread::spawn(move || {
            for reply in replies {
                let (stream, _) = listener.accept().expect("a connection");
                seen.lock().expect("whole").push(answer(stream, &reply));
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("whole").clone()
    }
}

fn owned(replies: &[&str]) -> Vec<String> {
    replies.iter().map(|reply| (*reply).to_owned()).collect()
}

fn answer(mut stream: TcpStream, reply: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        head.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    // The client may have gone away: that is what some tests are about.
    let _ = stream.write_all(reply.as_bytes());
    format!("{head}{}", String::from_utf8_lossy(&body))
}

fn ok(body: &str) -> String {
    with(200, "", body)
}

fn with(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

fn impatient() -> Http {
    let mut http = Http::new(&World::with(BTreeMap::new(), chrono::Utc::now)).expect("a client");
    http.wait = Duration::ZERO;
    http
}

fn ask(url: &str, method: Method, repeat: Repeat) -> Result<String, RemoteError> {
    let body = match method {
        Method::POST => Body::Json(serde_json::json!({"a": 1})),
        _ => Body::Empty,
    };
    let request = Request {
        method,
        url,
        headers: Vec::new(),
        body,
        repeat,
    };
    let reply = impatient().send(&request)?;
    Ok(String::from_utf8_lossy(&reply.body).into_owned())
}

/// What it shows, the method, whether it may be sent again, the replies in order, how many of them are
/// asked for, and the outcome.
type Exchange<'a> = (
    &'a str,
    Method,
    Repeat,
    &'a [&'a str],
    usize,
    Result<(), RemoteProblem>,
);

#[test]
fn a_request_is_sent_again_only_when_that_does_no_harm() {
    let (broken, busy) = (with(500, "", "{}"), with(429, "retry-after: 0\r\n", "{}"));
    let limited = with(403, "x-ratelimit-remaining: 0\r\nretry-after: 0\r\n", "{}");
    let truncated = "HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nshort";
    let ok = ok("done");
    let cases: &[Exchange<'_>] = &[
        (
            "a reading survives a fault",
            Method::GET,
            Repeat::Safe,
            &[&broken, &ok],
            2,
            Ok(()),
        ),
        (
            "a reading survives a torn reply",
            Method::GET,
            Repeat::Safe,
            &[truncated, &ok],
            2,
            Ok(()),
        ),
        (
            "a change is not sent twice after a fault",
            Method::POST,
            Repeat::Never,
            &[&broken, &ok],
            1,
            Err(RemoteProblem::Unavailable),
        ),
        (
            "nor after a torn reply",
            Method::POST,
            Repeat::Never,
            &[truncated, &ok],
            1,
            Err(RemoteProblem::Unavailable),
        ),
        (
            "a change that was refused for now is sent again",
            Method::POST,
            Repeat::Never,
            &[&busy, &limited, &ok],
            3,
            Ok(()),
        ),
        (
            "faults end",
            Method::GET,
            Repeat::Safe,
            &[&broken, &broken, &broken, &broken, &ok],
            4,
            Err(RemoteProblem::Unavailable),
        ),
    ];
    for (name, method, repeat, replies, sent, expected) in cases {
        let server = Server::answering(replies);
        let outcome = ask(&server.url, method.clone(), *repeat);
        assert_eq!(
            outcome.as_ref().map(|_| ()).map_err(|error| error.problem),
            *expected,
            "{name}"
        );
        assert_eq!(server.asked().len(), *sent, "{name}");
    }
}

#[test]
fn what_may_have_been_done_says_so() {
    let server = Server::answering(&[&with(502, "", "<html>")]);
    let error = ask(&server.url, Method::POST, Repeat::Never).expect_err("a fault");
    assert!(error.to_string().contains("may have been done"), "{error}");
}

#[test]
fn a_wait_that_is_too_long_is_not_waited() {
    let server = Server::answering(&[&with(429, "retry-after: 3600\r\n", "{}")]);
    let error = ask(&server.url, Method::GET, Repeat::Safe).expect_err("too busy");
    assert_eq!(error.problem, RemoteProblem::RateLimited);
}

#[test]
fn every_status_is_one_problem_in_the_words_of_the_other_system() {
    let cases = [
        (401, RemoteProblem::NotAuthenticated),
        (403, RemoteProblem::PermissionDenied),
        (404, RemoteProblem::NotFound),
        (409, RemoteProblem::Conflict),
        (412, RemoteProblem::Conflict),
        (405, RemoteProblem::Unsupported),
        (422, RemoteProblem::Rejected),
        (400, RemoteProblem::Rejected),
        (600, RemoteProblem::Unavailable),
    ];
    for (status, expected) in cases {
        let server = Server::answering(&[&with(status, "", r#"{"message":"Not\n today"}"#)]);
        let error = ask(&server.url, Method::POST, Repeat::Never).expect_err("refused");
        assert_eq!(error.problem, expected, "{status}");
        assert!(error.to_string().contains("Not today"), "{error}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::answering(&[&ok("stolen")]);
    let location = format!("location: {}?secret=1\r\n", elsewhere.url);
    for status in [301, 302, 303, 307, 308] {
        let server = Server::answering(&[&with(status, &location, "")]);
        let error = ask(&server.url, Method::GET, Repeat::Safe).expect_err("moved");
        assert_eq!(error.problem, RemoteProblem::Unsupported);
        let said = error.to_string();
        assert!(
            said.contains(&elsewhere.url) && !said.contains("secret"),
            "{said}"
        );
    }
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn a_reply_without_end_is_not_read_to_its_end() {
    let huge = "x".repeat(REPLY_BYTES_MAX + 1);
    let server = Server::answering(&[&ok(&huge)]);
    let error = ask(&server.url, Method::POST, Repeat::Never).expect_err("too large");
    assert_eq!(error.problem, RemoteProblem::Unavailable);
}

#[test]
fn nobody_there_is_unavailable_and_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    drop(listener);
    let error = ask(&url, Method::POST, Repeat::Never).expect_err("nobody there");
    assert_eq!(error.problem, RemoteProblem::Unavailable);
    assert!(!error.to_string().contains("may have been"), "{error}");
}

#[test]
fn names_resolve_without_the_libraries_of_the_system() {
    let server = Server::answering(&[&ok("here")]);
    let url = server.url.replace("127.0.0.1", "localhost");
    assert_eq!(ask(&url, Method::GET, Repeat::Safe), Ok("here".to_owned()));
}

#[test]
fn an_endpoint_shows_neither_credentials_nor_a_query() {
    let shown = endpoint(
        &Method::GET,
        "https://ann:hunter2@example.com:8443/api?token=x#y",
    );
    assert_eq!(shown, "GET https://example.com:8443/api");
    let shown = endpoint(&Method::GET, "ann:hunter2@nonsense");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn additional_certificates_are_read_or_it_is_said_why_not() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, problem) in [(None, "no such file"), (Some("no PEM"), "certificate")] {
        let path = folder.path().join("ca.pem");
        if let Some(text) = text {
            std::fs::write(&path, text).expect("written");
        }
        let variable = (
            super::CA_FILE_VARIABLE.to_owned(),
            path.display().to_string(),
        );
        let world = World::with(BTreeMap::from([variable]), chrono::Utc::now);
        let error = Http::new(&world).err().expect("refused").to_string();
        assert!(
            error.contains(problem) && error.contains("ca.pem"),
            "{error}"
        );
    }
}
