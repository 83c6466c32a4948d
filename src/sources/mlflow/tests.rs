//! The three stores of MLflow 3.17.2, as `fixtures/sources/mlflow/make.py` filled them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::SOURCE;
use crate::io::World;
use crate::recorded::Recording;
use crate::sources::{Asked, Read, SourceError};

/// Ids of the server and its database, then of the directory: they are of two fillings.
const OF_SERVER: [&str; 3] = [
    "5207ae53992e40788e65beee0f7c15a4",
    "f475e0b7538d4a58b1a54617706c95a2",
    "cdf18598f87946289d2f14a41ea19937",
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sources/mlflow")
}

fn read_in(
    environment: &[(&str, &str)],
    server: &str,
    locator: &str,
    metrics: &[&str],
) -> Result<Read, SourceError> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let world = World::with(environment, chrono::Utc::now);
    SOURCE.read(&Asked {
        world: &world,
        root: &fixtures(),
        locator,
        server: Some(server),
        metrics,
    })
}

fn read(server: &str, locator: &str) -> Result<Read, SourceError> {
    read_in(&[], server, locator, &[])
}

/// A database with the tables and rows of the server's.
fn database() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mlflow.db");
    let connection = rusqlite::Connection::open(&path).expect("a database");
    let tables = std::fs::read_to_string(fixtures().join("tables.sql")).expect("tables");
    connection.execute_batch(&tables).expect("rows");
    let uri = format!("sqlite:///{}", path.display());
    (folder, uri)
}

/// A server that answers as the real one did, and 404 to anything else; what it was asked goes to `asked`.
fn server(asked: std::sync::mpsc::Sender<String>) -> String {
    let replies = std::fs::read_to_string(fixtures().join("replies.json")).expect("replies");
    let replies: BTreeMap<String, Value> = serde_json::from_str(&replies).expect("replies");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).expect("a line") != 0 {
            }
            let known = replies.values().find(|reply| {
                let path = reply["path"].as_str().expect("a path");
                head.starts_with(&format!("GET /api/2.0/mlflow/{path} "))
            });
            let (status, body) = known.map_or((404, "{}".to_owned()), |reply| {
                (
                    reply["status"].as_u64().expect("a status"),
                    reply["body"].to_string(),
                )
            });
            let _ = asked.send(head);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

fn numbers(recording: &Recording) -> Vec<(String, Option<String>, String)> {
    let metrics = recording.metrics.iter();
    let mut numbers: Vec<_> = metrics
        .map(|metric| {
            let value = format!("{:?}", metric.value);
            (metric.name.clone(), metric.slice.clone(), value)
        })
        .collect();
    numbers.sort();
    numbers
}

fn expected_of_run() -> Vec<(String, Option<String>, String)> {
    // As make.py logged them: the last step of `auc`, what is not finite as such.
    [
        ("auc", "0.95"),
        ("bottomless", "-inf"),
        ("endless", "inf"),
        ("f1", "0.75"),
        ("undefined", "NaN"),
        ("val/log loss", "0.25"),
    ]
    .map(|(name, value)| (name.to_owned(), None, value.to_owned()))
    .to_vec()
}

/// The candidate's run in the directory.
fn run_of_files() -> String {
    let named = std::fs::read_to_string(fixtures().join("files_named.json")).expect("names");
    let named: Value = serde_json::from_str(&named).expect("names");
    named["candidate"].as_str().expect("an id").to_owned()
}

#[test]
fn server_database_and_directory_say_the_same() {
    let (_folder, database) = database();
    let (asked, _asked) = std::sync::mpsc::channel();
    let server = server(asked);
    let run = format!("runs:/{}", OF_SERVER[0]);
    let of_files = run_of_files();
    let mut models = Vec::new();
    for (place, run) in [
        (&server, &run),
        (&database, &run),
        (&"files".to_owned(), &of_files),
    ] {
        let found = read(place, run).expect(place);
        assert_eq!(numbers(&found.recording), expected_of_run(), "{place}");
        assert!(found.recording.shortfalls.is_empty(), "{place}");
        assert!(!found.inputs.is_empty(), "{place}");
        let datasets = found.recording.datasets.iter();
        let datasets: Vec<_> = datasets
            .map(|dataset| (dataset.name.as_str(), dataset.digest.as_deref()))
            .collect();
        let both = [("holdout", Some("cb921984")), ("test", Some("b3d81143"))];
        let mut sorted = datasets;
        sorted.sort_unstable();
        assert_eq!(sorted, both, "{place}");
        assert!(
            found
                .recording
                .parameters
                .contains(&("C".to_owned(), "1.0".to_owned()))
        );

        let model = read(place, "models:/churn@candidate")
            .expect(place)
            .recording;
        let slices: Vec<_> = numbers(&model)
            .into_iter()
            .filter(|(name, _, _)| name == "f1")
            .map(|(_, slice, value)| (slice.unwrap_or_default(), value))
            .collect();
        let expected = [
            ("", "0.75"),
            ("dataset=holdout", "0.75"),
            ("dataset=test", "0.85"),
        ];
        assert_eq!(
            slices,
            expected.map(|(slice, value)| (slice.to_owned(), value.to_owned()))
        );
        assert!(
            model
                .parameters
                .contains(&("depth".to_owned(), "3".to_owned()))
        );
        let by_number = read(place, "models:/churn/2").expect(place).recording;
        assert_eq!(numbers(&by_number), numbers(&model));
        models.push(numbers(&model));
    }
    assert!(models.windows(2).all(|pair| pair[0] == pair[1]));
}

/// Expected: what `MlflowClient.get_metric_history` gave of `auc`, in `files_named.json` by step.
#[test]
fn the_history_of_a_metric_is_the_same_in_all_stores() {
    let (_folder, database) = database();
    let (asked, _asked) = std::sync::mpsc::channel();
    let server = server(asked);
    let of_files = run_of_files();
    let names = [
        "auc@max",
        "auc@min",
        "auc@step=2",
        "none@max",
        "f1@min",
        "auc",
    ];
    for (place, run) in [
        (server.as_str(), OF_SERVER[0]),
        (&database, OF_SERVER[0]),
        ("files", &of_files),
    ] {
        let found = read_in(&[], place, run, &names).expect(place).recording;
        let value = |name| found.metric(name, None).map(|metric| metric.value);
        assert_eq!(value("auc@max"), Some(0.99), "{place}");
        assert_eq!(value("auc@min"), Some(0.1), "{place}");
        assert_eq!(value("auc@step=2"), Some(0.95), "{place}");
        assert_eq!(value("auc"), Some(0.95), "{place}");
        assert_eq!(value("none@max"), None, "{place}");
        // Of a model its own values count, over all and on each dataset.
        let model = read_in(&[], place, "models:/churn@candidate", &names);
        let model = model.expect(place).recording;
        let on = |slice| model.metric("f1@min", slice).map(|metric| metric.value);
        assert_eq!(on(None), Some(0.75), "{place}");
        assert_eq!(on(Some("dataset=test")), Some(0.85), "{place}");
    }
    let error = read_in(&[], "files", &of_files, &["auc@best"]).expect_err("no such value");
    assert!(error.to_string().contains("`METRIC@step=N`"), "{error}");
}

#[test]
fn a_run_that_failed_or_is_deleted_is_not_whole() {
    let (_folder, database) = database();
    let (asked, _asked) = std::sync::mpsc::channel();
    for place in [server(asked), database] {
        let failed = read(&place, OF_SERVER[1]).expect("a run").recording;
        assert!(
            failed.shortfalls.concat().contains("FAILED"),
            "{:?}",
            failed.shortfalls
        );
        let deleted = read(&place, OF_SERVER[2]).expect("a run").recording;
        assert!(
            deleted.shortfalls.concat().contains("deleted"),
            "{:?}",
            deleted.shortfalls
        );
    }
}

#[test]
fn what_is_not_there_is_told_from_what_cannot_be_read() {
    let (_folder, database) = database();
    let (asked, _asked) = std::sync::mpsc::channel();
    let server = server(asked);
    for place in [server.as_str(), &database, "files"] {
        for absent in ["runs:/none", "models:/churn@none"] {
            let error = read(place, absent).expect_err(absent);
            assert!(error.is_absent(), "{place}: {error}");
        }
    }
    // Another path of the server is no MLflow; nor is a place that is not there, or another directory.
    for place in [
        format!("{server}/elsewhere").as_str(),
        "nowhere",
        "sqlite:///none.db",
        "files/models/churn/version-1/meta.yaml",
    ] {
        let error = read(place, "runs:/none").expect_err(place);
        assert!(!error.is_absent(), "{place}: {error}");
    }
    assert!(read("files", "runs:/../models").is_err());
}

#[test]
fn a_name_and_a_password_come_before_a_token() {
    let (sender, asked) = std::sync::mpsc::channel();
    let server = server(sender);
    let user = [
        ("MLFLOW_TRACKING_USERNAME", "ada"),
        ("MLFLOW_TRACKING_PASSWORD", "secret"),
        ("MLFLOW_TRACKING_TOKEN", "token"),
    ];
    for (environment, expected) in [
        (&user[..], Some("authorization: Basic YWRhOnNlY3JldA==")),
        (&user[2..], Some("authorization: Bearer token")),
        (&user[3..], None),
    ] {
        read_in(environment, &server, OF_SERVER[0], &[]).expect("a run");
        let head = asked.recv().expect("a request");
        let header = head.lines().find(|line| line.starts_with("authorization"));
        assert_eq!(header, expected);
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_a_directory_of_runs_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let metrics = folder.path().join("1/run/metrics");
    std::fs::create_dir_all(&metrics).expect("directories");
    let meta = "run_id: run\nstatus: 3\nlifecycle_stage: active\n";
    std::fs::write(folder.path().join("1/run/meta.yaml"), meta).expect("a file");
    std::os::unix::fs::symlink("/etc/hostname", metrics.join("auc")).expect("a link");
    let place = folder.path().display().to_string();
    let error = read(&place, "run").expect_err("a link");
    assert!(error.to_string().contains("link"), "{error}");
    std::fs::remove_file(metrics.join("auc")).expect("removed");
    std::fs::write(metrics.join("auc"), "1 x 0\n").expect("a file");
    let error = read(&place, "run").expect_err("no number");
    assert!(error.to_string().contains("line 1"), "{error}");
}
