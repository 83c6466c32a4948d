//! What DVC 3.67.1 printed of the pipeline of `fixtures/sources/dvc/make.sh`, and the pipeline itself.

use std::collections::BTreeMap;
use std::path::Path;

use super::SOURCE;
use crate::io::World;
use crate::sources::{Asked, Read, SourceError};

fn read_in(root: &Path, locator: &str) -> Result<Read, SourceError> {
    let world = World::with(BTreeMap::new(), chrono::Utc::now);
    SOURCE.read(&Asked {
        world: &world,
        root,
        locator,
        server: None,
        metrics: &[],
    })
}

fn read(locator: &str) -> Result<Read, SourceError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sources/dvc");
    read_in(&root, locator)
}

fn numbers(read: &Read) -> Vec<(&str, f64)> {
    let metrics = read.recording.metrics.iter();
    let mut numbers: Vec<_> = metrics
        .map(|metric| (metric.name.as_str(), metric.value))
        .collect();
    numbers.sort_by_key(|(name, _)| *name);
    numbers
}

const OF_WORKSPACE: [(&str, f64); 6] = [
    ("auc", 0.93),
    ("cost", 0.5),
    ("f1", 0.77),
    ("latency.p95", 0.5),
    ("slices.eu.f1", 0.7),
    ("slices.us.f1", 0.8999999999999999),
];

#[test]
fn a_directory_and_what_dvc_prints_say_the_same() {
    for locator in [
        ".",
        "dvc.yaml",
        "metrics_show.json",
        "metrics_show.json#workspace",
    ] {
        let found = read(locator).expect(locator);
        assert_eq!(numbers(&found), OF_WORKSPACE, "{locator}");
        assert!(found.recording.shortfalls.is_empty(), "{locator}");
    }
    let directory = read(".").expect("a directory");
    let datasets = &directory.recording.datasets;
    let train = datasets
        .iter()
        .find(|dataset| dataset.name == "train.py")
        .expect("a dependency");
    let digest = "md5:a5a1aa6679384a166d31201e71cb772f";
    assert_eq!(train.digest.as_deref(), Some(digest));
    let threshold = ("params.yaml:thr".to_owned(), "0.3".to_owned());
    assert_eq!(directory.recording.parameters, [threshold]);
    assert_eq!(directory.inputs.len(), 5);
}

#[test]
fn the_sides_of_a_comparison_are_told_apart() {
    let new = read("metrics_diff.json#new").expect("a side");
    let old = read("metrics_diff.json#old").expect("a side");
    // Printed without `--all`, so what did not change is not there.
    assert_eq!(numbers(&new), [0, 2, 3, 5].map(|at| OF_WORKSPACE[at]));
    assert_eq!(
        numbers(&old),
        [
            ("auc", 0.91),
            ("f1", 0.79),
            ("latency.p95", 0.30000000000000004),
            ("slices.us.f1", 0.7)
        ]
    );
    let error = read("metrics_diff.json").expect_err("either side");
    assert!(error.to_string().contains("`#new` or `#old`"), "{error}");
}

#[test]
fn what_is_missing_or_not_of_dvc_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect(name);
    let pipeline = "stages: {a: {cmd: x, metrics: [a.json, b.txt, ../c.json, '${d}.json', none.json]}}\nmetrics: [b.json]\n";
    write("dvc.yaml", pipeline);
    write("a.json", r#"{"auc": NaN, "only": 1}"#);
    write("b.json", r#"{"auc": 0.5}"#);
    let found = read_in(folder.path(), "dvc.yaml").expect("a directory");
    let said = found.recording.shortfalls.join("; ");
    for part in ["dvc.lock", "b.txt", "leads out", "${d}.json", "none.json"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let names: Vec<&str> = numbers(&found).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.json:auc", "b.json:auc", "only"]);
    assert!(
        found
            .recording
            .metrics
            .iter()
            .any(|metric| metric.value.is_nan())
    );

    let revisions = r#"{"": {"data": {"m.json": {"data": {"auc": 1}}}}, "main": {"data": {"m.json": {"error": {"type": "x"}}}}, "v1": {"data": {}}}"#;
    write("show.json", revisions);
    let workspace = read_in(folder.path(), "show.json").expect("the workspace");
    assert_eq!(numbers(&workspace), [("auc", 1.0)]);
    let main = read_in(folder.path(), "show.json#main").expect("a revision");
    assert!(main.recording.shortfalls.concat().contains("m.json"));
    let error = read_in(folder.path(), "show.json#v2").expect_err("no revision");
    assert!(error.to_string().contains("`v1`"), "{error}");
    for rubbish in [
        "",
        "null",
        "[]",
        "{}",
        "{\"a\": 1}",
        "{\"a\": {\"data\": {\"b\": {\"data\": {}}}}}",
    ] {
        write("rubbish.json", rubbish);
        assert!(read_in(folder.path(), "rubbish.json").is_err(), "{rubbish}");
    }
}
