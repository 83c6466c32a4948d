//! Slices by several columns and by windows of time.
use std::collections::BTreeMap;

use super::*;
use crate::evidence::{Outcome, Subject};
use crate::metrics::Binary;

/// Values of a column, one a row.
pub(super) type Column = Vec<Option<String>>;

/// Decisions that are right where `right` says so, on rows with these columns.
pub(super) fn decisions(
    name: &str,
    rows: usize,
    right: impl Fn(usize) -> bool,
    groups: Vec<(&str, Column)>,
) -> Predictions {
    let label: Vec<bool> = (0..rows).map(|row| row % 5 < 2).collect();
    let prediction = (0..rows).map(|row| label[row] == right(row)).collect();
    let sample = Sample::new(Binary::new(label, None, prediction).expect("rows"));
    let groups = groups
        .into_iter()
        .map(|(column, values)| (column.to_owned(), values));
    let groups: BTreeMap<String, Column> = groups.collect();
    Predictions::new(name, Vec::new(), sample.expect("a sample"), groups).expect("predictions")
}

pub(super) fn column<T: ToString>(rows: usize, value: impl Fn(usize) -> Option<T>) -> Column {
    (0..rows)
        .map(|row| value(row).map(|value| value.to_string()))
        .collect()
}

pub(super) fn spec(text: &str) -> GateSpec {
    let text = format!("candidate: c\nresamples: 100\n{text}");
    let spec: GateSpec = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(spec.check(), [], "{text}");
    let again = serde_json::to_string(&spec).expect("writes");
    assert_eq!(spec, serde_json::from_str(&again).expect("reads"));
    spec
}

/// The records of one requirement, each with its name and its outcome.
fn records(text: &str, candidate: &Predictions, requirement: &str) -> Vec<(String, Outcome)> {
    let judged = judge(&spec(text), candidate, None, &|_| None);
    let mut seen = std::collections::BTreeSet::new();
    for record in &judged.evidence {
        assert!(seen.insert(record.fingerprint()), "twice: {record:?}");
    }
    let records = judged.evidence.into_iter();
    let records = records.filter(|record| record.requirement.as_str() == requirement);
    let named = |record: Evidence| match record.subject {
        Subject::Slice { slice, .. } => (slice, record.outcome),
        other => (other.name(), record.outcome),
    };
    records.map(named).collect()
}

fn names(records: &[(String, Outcome)]) -> Vec<&str> {
    records.iter().map(|(name, _)| name.as_str()).collect()
}

const CROSSED: &str = "slices: [region, [region, sex]]
slice_rows_min: 10
metrics: [{metric: accuracy, slices: {at_least: 0.9}}]";

#[test]
fn crossed_columns_make_a_slice_of_every_combination() {
    let rows = 200;
    let candidate = decisions(
        "c",
        rows,
        // Wrong where both are the second value.
        |row| row % 4 != 3,
        vec![
            ("region", column(rows, |row| Some(["eu", "us"][row % 2]))),
            ("sex", column(rows, |row| (row % 4 < 2).then_some("F"))),
        ],
    );
    let found = records(CROSSED, &candidate, "slice-threshold");
    let expected = [
        ("region=eu", Outcome::Met),
        ("region=us", Outcome::NotMet),
        ("region=eu,sex=F", Outcome::Met),
        ("region=eu,sex=(missing)", Outcome::Met),
        ("region=us,sex=F", Outcome::Met),
        ("region=us,sex=(missing)", Outcome::NotMet),
    ];
    let expected = expected.map(|(name, outcome)| (name.to_owned(), outcome));
    assert_eq!(found, expected);
    let spec = spec(CROSSED);
    assert_eq!(Vec::from_iter(spec.group_columns()), ["region", "sex"]);
}

#[test]
fn a_value_with_a_comma_is_not_taken_for_a_crossing() {
    let rows = 60;
    let values = ["eu,sex=F", "eu"];
    let candidate = decisions(
        "c",
        rows,
        |_| true,
        vec![
            ("region", column(rows, |row| Some(values[row % 2]))),
            ("sex", column(rows, |_| Some("F"))),
        ],
    );
    let found = records(CROSSED, &candidate, "slice-threshold");
    let expected = [
        "region=eu",
        "region=\"eu,sex=F\"",
        "region=eu,sex=F",
        "region=\"eu,sex=F\",sex=F",
    ];
    assert_eq!(names(&found), expected);
}

#[test]
fn too_many_slices_are_not_judged_in_part() {
    let rows = 4000;
    let fifteen = |from: usize| column(rows, move |row| Some(row / from % 15));
    let groups = vec![("a", fifteen(1)), ("b", fifteen(15))];
    let candidate = decisions("c", rows, |_| true, groups);
    let text = "slices: [a, [a, b]]\nmetrics: [{metric: accuracy, slices: {at_least: 0.9}}]";
    let judged = judge(&spec(text), &candidate, None, &|_| None);
    let unsliced = judged
        .evidence
        .iter()
        .find(|record| matches!(&record.subject, Subject::Slice { slice, .. } if slice == "a,b"));
    let unsliced = unsliced.expect("a record");
    assert_eq!(unsliced.outcome, Outcome::NotEvaluated(Reason::Unsupported));
    assert!(unsliced.blocks());
    assert_eq!(
        unsliced.message,
        "columns `a,b` have more than 200 combinations of values, which is the most that can be slices"
    );
    // Nor are more than a thousand in all.
    let groups = (0..6)
        .map(|index| {
            (
                ["a", "b", "c", "d", "e", "f"][index],
                column(rows, move |row| Some((row + index) % 180)),
            )
        })
        .collect();
    let candidate = decisions("c", rows, |_| true, groups);
    let text = "slices: [a, b, c, d, e, f]\nmetrics: [{metric: accuracy, slices: {at_least: 0.9}}]";
    let found = records(text, &candidate, "slice-size");
    let refused = found.iter().filter(|(name, _)| !name.contains('='));
    assert_eq!(
        Vec::from_iter(refused),
        [&("f".to_owned(), Outcome::NotEvaluated(Reason::Unsupported))]
    );
}

const WINDOWS: &str = "windows: {by: event_time, every: 7d}
slice_rows_min: 10
metrics: [{metric: accuracy, slices: {at_least: 0.8}}]";

#[test]
fn windows_of_time_are_judged_as_slices() {
    let rows = 140;
    let candidate = decisions(
        "c",
        rows,
        // The second week goes wrong, and what has no time.
        |row| row < 60,
        vec![(
            "event_time",
            column(rows, |row| {
                let day = 16 + row / 10;
                (day < 28).then(|| format!("2026-11-{day:02}T08:00:00Z"))
            }),
        )],
    );
    let found = records(WINDOWS, &candidate, "slice-threshold");
    let expected = [
        ("event_time=2026-11-16..2026-11-23", Outcome::Met),
        ("event_time=2026-11-23..2026-11-30", Outcome::NotMet),
        ("event_time=(missing)", Outcome::NotMet),
    ];
    let expected = expected.map(|(name, outcome)| (name.to_owned(), outcome));
    assert_eq!(found, expected);
    assert_eq!(
        Vec::from_iter(spec(WINDOWS).group_columns()),
        ["event_time"]
    );
    // Hours of those twelve days are too many windows to look at.
    let hours = WINDOWS.replace("7d", "1h");
    let times = column(rows, |row| Some(1_794_787_200 + 3600 * row as u64 * 2));
    let many = decisions("c", 140, |_| true, vec![("event_time", times.clone())]);
    assert_eq!(records(&hours, &many, "slice-threshold").len(), 0);
    let times = column(210, |row| Some(1_794_787_200 + 3600 * row as u64));
    let many = decisions("c", 210, |_| true, vec![("event_time", times)]);
    let unsupported = Outcome::NotEvaluated(Reason::Unsupported);
    let refused = [("event_time".to_owned(), unsupported)];
    assert_eq!(records(&hours, &many, "slice-size"), refused);
}

#[test]
fn a_time_that_is_none_is_no_window() {
    let rows = 40;
    let times = column(rows, |row| {
        Some(if row == 7 { "soon" } else { "2026-11-16" })
    });
    let candidate = decisions("c", rows, |_| true, vec![("event_time", times)]);
    let judged = judge(&spec(WINDOWS), &candidate, None, &|_| None);
    let record = judged
        .evidence
        .iter()
        .find(|record| record.requirement.as_str() == "slice-size")
        .expect("a record");
    assert_eq!(
        record.outcome,
        Outcome::NotEvaluated(Reason::UnreadableInput)
    );
    assert_eq!(
        record.message,
        "column `event_time` is `soon` in row 8, which is no time: ISO 8601 or seconds since 1970 are"
    );
    assert!(record.blocks());
}
