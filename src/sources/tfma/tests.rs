//! An evaluation of TFMA 0.52, as `fixtures/sources/tfma/gen.py` made it.

use super::parse;
use crate::recorded::{RecordedMetric, Recording, Said, Uncertainty};
use crate::sources::Content;

const METRICS: &[u8] =
    include_bytes!("../../../fixtures/sources/tfma/metrics-00000-of-00001.tfrecord");
const VALIDATIONS: &[u8] = include_bytes!("../../../fixtures/sources/tfma/validations.tfrecord");

fn read_as(name: &str, bytes: &[u8]) -> Result<Recording, String> {
    parse(&Content { name, bytes })
}

fn read(bytes: &[u8]) -> Recording {
    read_as("tfma.json", bytes).expect("a result")
}

#[test]
fn metrics_are_on_slices_with_their_intervals() {
    let recording = read(include_bytes!(
        "../../../fixtures/sources/tfma/slicing_metrics.json"
    ));
    let auc = recording
        .metric("auc", Some("region=us"))
        .expect("a number");
    assert_eq!(auc.value, 0.964_942_827_442_827_3);
    assert_eq!(auc.rows, Some(393));
    assert!(matches!(
        auc.uncertainty,
        Some(Uncertainty::Interval { lower, .. }) if lower == 0.948_198_054_299_117_9
    ));
    assert!(recording.metric("auc", None).is_some());
}

/// Case 4 of the note on peers is a validation that failed; case 3 one without a baseline.
#[test]
fn a_validation_is_a_verdict_for_each_failure() {
    let recording = read(include_bytes!(
        "../../../fixtures/sources/tfma/validation_result.json"
    ));
    assert_eq!(recording.verdicts[0].outcome, Said::Failed);
    assert_eq!(recording.verdicts[1].name, "auc on region=us");
    assert_eq!(recording.verdicts.len(), 5);
    let stamped = read(
        br#"{"validationOk": true, "rubberStamp": true, "validationDetails": {"slicingDetails": [{}]}}"#,
    );
    assert_eq!(stamped.verdicts[0].outcome, Said::Passed);
    assert_eq!(stamped.shortfalls.len(), 1);
}

/// The JSON was made by TFMA of the same evaluation, so both forms are one recording.
#[test]
fn what_tfma_writes_is_what_it_gives_as_json() {
    let sorted = |mut recording: Recording| {
        let by = |metric: &RecordedMetric| (metric.slice.clone(), metric.name.clone());
        recording.metrics.sort_by_key(by);
        recording
    };
    let metrics = read_as("out/metrics-00000-of-00001.tfrecord", METRICS).expect("metrics");
    let as_json = read(include_bytes!(
        "../../../fixtures/sources/tfma/slicing_metrics.json"
    ));
    assert_eq!(metrics.metrics.len(), 24);
    assert_eq!(sorted(metrics), sorted(as_json));
    let validations = read_as("validations.tfrecord", VALIDATIONS).expect("a validation");
    let as_json = read(include_bytes!(
        "../../../fixtures/sources/tfma/validation_result.json"
    ));
    assert_eq!(validations, as_json);
}

#[test]
fn records_that_are_not_whole_or_of_another_kind_are_said() {
    let one_of_three = read_as("metrics-00001-of-00003.tfrecord", METRICS).expect("metrics");
    assert_eq!(
        one_of_three.shortfalls,
        ["it is one of 3 files the metrics are written to"]
    );
    // Wherever a file is damaged it is refused; nothing of it panics.
    for at in 0..METRICS.len() {
        let mut damaged = METRICS.to_vec();
        damaged[at] ^= 0x55;
        assert!(read_as("metrics.tfrecord", &damaged).is_err(), "byte {at}");
    }
    assert!(read_as("validations.tfrecord", METRICS).is_err());
    assert!(read_as("metrics.tfrecord", VALIDATIONS).is_err());
    assert!(read_as("metrics.tfrecord", b"").is_err());
}

/// Expected: fields as `metrics_for_slice.proto` numbers them.
#[test]
fn what_sets_a_metric_apart_is_in_its_name() {
    // name, sub key {top_k {5}}, model name, is_diff; a t-distribution with a deviation and a value.
    let key = b"\x0a\x01a\x1a\x04\x1a\x02\x08\x05\x22\x01m\x28\x01";
    let half = b"\x0a\x09\x09\0\0\0\0\0\0\xe0\x3f";
    let message = |tag: u8, inner: &[u8]| [&[tag, inner.len() as u8], inner].concat();
    let of_t = [message(0x12, &half[2..]), message(0x22, &half[2..])].concat();
    let found = [message(0x0a, key), message(0x12, &message(0x4a, &of_t))].concat();
    let metric = super::records::number(&found)
        .expect("a metric")
        .expect("a number");
    assert_eq!(metric.name, "a[top_k=5,model_name=m,is_diff=true]");
    assert_eq!(metric.value, 0.5);
    assert_eq!(metric.uncertainty, Some(Uncertainty::StandardError(0.5)));
}
