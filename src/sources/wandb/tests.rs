//! Runs of wandb 0.31.0, as `fixtures/sources/wandb/make.py` made them, and replies of a server as
//! `tests/interop/sources/wandb_server.py` gives them to the real client.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};

use super::{SOURCE, parse};
use crate::evidence::Reason;
use crate::io::World;
use crate::recorded::Recording;
use crate::sources::{Asked, SourceError};

const RUN: &[u8] = include_bytes!("../../../fixtures/sources/wandb/run.wandb");
const FAILED: &[u8] = include_bytes!("../../../fixtures/sources/wandb/failed.wandb");

fn numbers(recording: &Recording) -> Vec<(&str, f64)> {
    let finite = recording
        .metrics
        .iter()
        .filter(|metric| metric.value.is_finite());
    let mut numbers: Vec<_> = finite
        .map(|metric| (metric.name.as_str(), metric.value))
        .collect();
    numbers.sort_by_key(|(name, _)| *name);
    numbers
}

#[test]
fn the_summary_of_an_offline_run_is_its_last() {
    let recording = parse(RUN).expect("a run");
    let expected = [
        ("auc", 0.92),
        ("best_auc", 0.93),
        ("loss", 0.3333333333333333),
        ("slices.eu/f1", 0.7),
    ];
    assert_eq!(numbers(&recording), expected);
    assert!(
        recording
            .metric("nan", None)
            .is_some_and(|metric| metric.value.is_nan())
    );
    assert!(
        recording.shortfalls.is_empty(),
        "{:?}",
        recording.shortfalls
    );
    let parameters = &recording.parameters;
    assert!(
        parameters.contains(&("lr".to_owned(), "0.1".to_owned())),
        "{parameters:?}"
    );
    assert!(recording.run.is_some());
}

#[test]
fn a_run_that_failed_or_broke_off_is_not_whole() {
    let failed = parse(FAILED).expect("a run");
    assert!(
        failed.shortfalls.concat().contains("exit code 3"),
        "{:?}",
        failed.shortfalls
    );
    // Wherever a log is cut, it is no whole run and nothing panics.
    for length in (8..RUN.len()).step_by(61) {
        if let Ok(cut) = parse(&RUN[..length]) {
            assert!(!cut.shortfalls.is_empty(), "cut at {length}");
        }
    }
}

#[test]
fn a_damaged_log_is_refused() {
    for at in [3, 7, 11, 12, 13, 20, 30_000] {
        let mut bytes = RUN.to_vec();
        bytes[at] ^= 0x41;
        assert!(parse(&bytes).is_err(), "byte {at}");
    }
    assert!(parse(b":W&B").is_err());
    assert!(parse(&RUN[..7]).is_err());
}

#[test]
fn a_summary_file_is_told_from_other_json() {
    let summary = br#"{"auc": 0.9, "slices": {"eu": 0.7}, "nan": NaN, "_step": 2, "_runtime": 1.5, "_wandb": {"runtime": 2}}"#;
    let recording = parse(summary).expect("a summary");
    assert_eq!(numbers(&recording), [("auc", 0.9), ("slices.eu", 0.7)]);
    assert!(parse(br#"{"auc": 0.9}"#).is_err());
    assert!(parse(br#"{"_step": 1}"#).is_err());
}

/// A server that gives one connection this reply, and what it was asked.
fn server(status: u16, reply: &Value) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, asked) = std::sync::mpsc::channel();
    let body = reply.to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).expect("a line") != 0 {}
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a number"));
        let mut question = vec![0; length];
        reader.read_exact(&mut question).expect("a body");
        let _ = sender.send(format!("{head}{}", String::from_utf8_lossy(&question)));
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
    });
    (url, asked)
}

fn read(locator: &str, server: &str) -> Result<Recording, SourceError> {
    let environment = [("WANDB_API_KEY", "key"), ("WANDB_BASE_URL", server)];
    let environment: BTreeMap<_, _> = environment
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let world = World::with(environment, chrono::Utc::now);
    let read = SOURCE.read(&Asked {
        world: &world,
        root: Path::new("."),
        locator,
        server: None,
        metrics: &[],
    })?;
    assert_eq!(read.inputs.len(), 1);
    Ok(read.recording)
}

fn of_run(state: &str) -> Value {
    json!({"data": {"project": {"run": {
        "name": "r1",
        "state": state,
        "config": r#"{"lr": {"desc": null, "value": 0.1}, "model": {"value": "gbm"}, "_wandb": {"value": {}}}"#,
        "summaryMetrics": r#"{"auc": 0.92, "slices": {"eu": 0.7}, "undefined": NaN, "_step": 3}"#,
    }}}})
}

#[test]
fn a_run_on_a_server_is_its_summary_and_its_state() {
    let (url, asked) = server(200, &of_run("finished"));
    let recording = read("team/churn/r1", &url).expect("a run");
    assert_eq!(numbers(&recording), [("auc", 0.92), ("slices.eu", 0.7)]);
    assert!(
        recording
            .metric("undefined", None)
            .is_some_and(|metric| metric.value.is_nan())
    );
    assert_eq!(recording.shortfalls, Vec::<String>::new());
    assert_eq!(recording.run.as_deref(), Some("r1"));
    let settings = [("lr", "0.1"), ("model", "gbm")];
    assert_eq!(
        recording.parameters,
        settings.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let asked = asked.recv().expect("a question");
    assert!(asked.starts_with("POST /graphql "), "{asked}");
    // The base64 of `api:key`.
    assert!(
        asked.contains("authorization: Basic YXBpOmtleQ=="),
        "{asked}"
    );
    let (_, question) = asked.split_once("\r\n\r\n").expect("a body");
    let question: Value = serde_json::from_str(question).expect("JSON");
    let names = json!({"entity": "team", "project": "churn", "name": "r1"});
    assert_eq!(question["variables"], names);

    let (url, _asked) = server(200, &of_run("crashed"));
    let crashed = read("team/churn/runs/r1", &url).expect("a run");
    assert_eq!(crashed.shortfalls, ["the run is crashed, not finished"]);
}

#[test]
fn a_run_that_is_not_there_is_told_from_one_that_may_not_be_seen() {
    for (status, reply, absent, said) in [
        (
            200,
            json!({"data": {"project": {"run": null}}}),
            true,
            "no run `r1`",
        ),
        (
            200,
            json!({"data": {"project": null}}),
            false,
            "or the key may not see it",
        ),
        (
            200,
            json!({"errors": [{"message": "no such field"}]}),
            false,
            "no such field",
        ),
        (200, json!({}), false, "neither `data` nor `errors`"),
        (401, json!({"errors": []}), false, "`WANDB_API_KEY`"),
        (403, json!({}), false, "not permitted"),
        (404, json!({}), false, "address of the API"),
        (302, json!({}), false, "it has moved"),
        (
            200,
            json!({"data": {"project": {"run": {"name": "r1", "state": "finished", "summaryMetrics": "{"}}}}),
            false,
            "`summaryMetrics`",
        ),
    ] {
        let (url, _asked) = server(status, &reply);
        let error = read("team/churn/r1", &url).expect_err(said);
        assert_eq!(error.is_absent(), absent, "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(!error.to_string().contains("YXBpOmtleQ"), "{error}");
    }
}

#[test]
fn what_names_no_run_or_no_server_is_said_without_the_password() {
    for locator in ["r1", "churn/r1", "a//c", "a/b/c/d", "a/b/\u{0}"] {
        let error = read(locator, "http://127.0.0.1:1").expect_err(locator);
        assert!(error.to_string().contains("ENTITY/PROJECT/RUN"), "{error}");
    }
    for server in ["api.wandb.ai", "ftp://h", "https://u:secret@h", "https://"] {
        let error = read("a/b/c", server).expect_err(server);
        assert_eq!(error.reason(), Reason::MissingInput);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
