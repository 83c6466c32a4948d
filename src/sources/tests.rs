//! What holds of every source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Asked, Content, Reader, SOURCES, find};
use crate::io::World;
use crate::recorded::{Recording, Said};

#[test]
fn sources_have_names_of_their_own_and_say_what_they_read() {
    let ids: BTreeSet<_> = SOURCES.iter().map(|source| source.id).collect();
    assert_eq!(ids.len(), SOURCES.len());
    for source in SOURCES {
        let plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        assert!(source.id.chars().all(plain), "{}", source.id);
        assert!(source.summary.ends_with('.'), "{}", source.id);
        assert!(!source.gives.is_empty(), "{}", source.id);
    }
}

#[test]
fn no_source_takes_rubbish_for_results() {
    let rubbish: [&[u8]; 8] = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe\x00",
        b"{\"a\": ",
        b"PK\x03\x04",
        b"<html>",
    ];
    for source in SOURCES {
        let Reader::File(parse) = source.read else {
            continue;
        };
        for bytes in rubbish {
            let content = Content {
                name: "results",
                bytes,
            };
            assert!(parse(&content).is_err(), "{} takes {bytes:?}", source.id);
        }
    }
}

/// The same of sources that read in a way of their own; what a file weighs is known of any file.
#[test]
fn no_source_of_its_own_way_takes_rubbish_for_results() {
    let rubbish: [&[u8]; 6] = [
        b"",
        b"{}",
        b"[]",
        b"\x93NUMPY\x01\x00\xff\xff",
        b"PK\x03\x04",
        b"a,b\n",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::with(BTreeMap::new(), chrono::Utc::now);
    let endings = [
        "json", "jsonl", "csv", "npy", "npz", "parquet", "db", "wandb",
    ];
    for source in SOURCES {
        if !matches!(source.read, Reader::Own(_)) || source.id == "model_files" {
            continue;
        }
        for (ending, bytes) in endings
            .iter()
            .flat_map(|ending| rubbish.map(|bytes| (ending, bytes)))
        {
            let name = format!("results.{ending}");
            std::fs::write(folder.path().join(&name), bytes).expect("writes");
            let read = source.read(&Asked {
                world: &world,
                root: folder.path(),
                locator: &name,
                server: None,
                metrics: &[],
            });
            assert!(read.is_err(), "{} takes {bytes:?} in {name}", source.id);
        }
    }
}

fn load_tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sources/load")
}

fn load_test(source: &str, locator: &str) -> Recording {
    let world = World::with(BTreeMap::new(), chrono::Utc::now);
    let read = find(source).expect(source).read(&Asked {
        world: &world,
        root: &load_tests(),
        locator,
        server: None,
        metrics: &[],
    });
    read.expect(locator).recording
}

/// Load tests as the tools themselves wrote them (`fixtures/sources/load/make.sh`): a number is that of the
/// file at this place, divided by how many of its units are one of ours.
#[test]
fn numbers_of_load_tests_are_those_of_the_tools() {
    for (source, file, metric, place, divisor) in [
        (
            "hyperfine",
            "hyperfine.json",
            "sleep 0.05/mean",
            "/results/0/mean",
            1.0,
        ),
        (
            "hyperfine",
            "hyperfine.json",
            "sleep 0.05/max",
            "/results/0/max",
            1.0,
        ),
        (
            "k6",
            "k6_export.json",
            "http_req_duration.p(95)",
            "/metrics/http_req_duration/p(95)",
            1e3,
        ),
        (
            "k6",
            "k6_export.json",
            "queue.avg",
            "/metrics/queue/avg",
            1.0,
        ),
        (
            "k6",
            "k6_export.json",
            "http_req_failed.value",
            "/metrics/http_req_failed/value",
            1.0,
        ),
        (
            "k6",
            "k6_summary.json",
            "http_req_duration.p(95)",
            "/metrics/http_req_duration/values/p(95)",
            1e3,
        ),
        (
            "k6",
            "k6_summary.json",
            "queue.avg",
            "/metrics/queue/values/avg",
            1.0,
        ),
        (
            "vegeta",
            "vegeta.json",
            "latencies.99th",
            "/latencies/99th",
            1e9,
        ),
        ("vegeta", "vegeta.json", "success", "/success", 1.0),
        (
            "vegeta",
            "vegeta.json",
            "status_codes.404",
            "/status_codes/404",
            1.0,
        ),
        (
            "pytest_benchmark",
            "pytest_benchmark.json",
            "test_predict.py::test_load/median",
            "/benchmarks/1/stats/median",
            1.0,
        ),
        (
            "pytest_benchmark",
            "pytest_benchmark.json",
            "test_predict.py::test_load/ops",
            "/benchmarks/1/stats/ops",
            1.0,
        ),
    ] {
        let text = std::fs::read_to_string(load_tests().join(file)).expect(file);
        let raw: Value = serde_json::from_str(&text).expect(file);
        let expected = raw.pointer(place).and_then(Value::as_f64).expect(place) / divisor;
        let found = load_test(source, file);
        let found = found.metric(metric, None).expect(metric);
        assert_eq!(found.value, expected, "{metric} of {file}");
    }
    let stats = std::fs::read_to_string(load_tests().join("locust_stats.csv")).expect("a table");
    let fields = |name: &str| -> Vec<String> {
        let row = stats.lines().find(|line| line.contains(name)).expect(name);
        row.split(',').map(str::to_owned).collect()
    };
    let locust = load_test("locust", "locust_stats.csv");
    for (name, slice) in [
        ("Aggregated", None),
        ("/missing", Some("Name=GET /missing")),
    ] {
        for (column, divisor) in [
            ("Average Response Time", 1e3),
            ("Failure Count", 1.0),
            ("95%", 1e3),
        ] {
            let at = fields("Request Count")
                .iter()
                .position(|field| field == column);
            let expected: f64 = fields(name)[at.expect(column)].parse().expect("a number");
            let found = locust.metric(column, slice).expect(column);
            assert_eq!(found.value, expected / divisor, "{column} of {name}");
        }
    }
}

#[test]
fn load_tests_that_failed_are_said() {
    let hyperfine = load_test("hyperfine", "hyperfine.json");
    assert_eq!(hyperfine.shortfalls, ["5 of 5 runs of a command failed"]);
    for file in ["k6_export.json", "k6_summary.json"] {
        let found = load_test("k6", file);
        let said = |name: &str| {
            let mut verdicts = found.verdicts.iter();
            verdicts
                .find(|verdict| verdict.name == name)
                .map(|verdict| verdict.outcome)
        };
        assert_eq!(
            said("http_req_failed: rate<0.01"),
            Some(Said::Failed),
            "{file}"
        );
        assert_eq!(
            said("http_req_duration: p(95)<60000"),
            Some(Said::Passed),
            "{file}"
        );
    }
}
