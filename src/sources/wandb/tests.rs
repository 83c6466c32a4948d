//! Runs of wandb 0.31.0, as `fixtures/sources/wandb/make.py` made them.

use super::SOURCE;
use crate::recorded::Recording;
use crate::sources::{Content, Reader};

const RUN: &[u8] = include_bytes!("../../../fixtures/sources/wandb/run.wandb");
const FAILED: &[u8] = include_bytes!("../../../fixtures/sources/wandb/failed.wandb");

fn parse(bytes: &[u8]) -> Result<Recording, String> {
    let Reader::File(parse) = SOURCE.read else {
        panic!("it is read from a file");
    };
    parse(&Content {
        name: "run.wandb",
        bytes,
    })
}

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
