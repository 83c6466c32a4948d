//! What checks ask for and how they say what they found.

use serde_json::json;

use super::cases::{numbers, slices};
use super::*;
use crate::measure::{Measure, NullKeys, PersonalFound, PersonalKind, Presence};

#[test]
fn features_are_named_and_ranked_by_their_power() {
    let parameters = json!({"label": "y", "numeric": ["a", "b", "c", "d"], "unjudged": "info"});
    let far = slices(vec![
        ("0", numbers(&[(0.0, 200)])),
        ("1", numbers(&[(1.0, 200)])),
    ]);
    let some = slices(vec![
        ("0", numbers(&[(0.0, 150), (1.0, 50)])),
        ("1", numbers(&[(0.0, 50), (1.0, 150)])),
    ]);
    let none = slices(vec![
        ("0", numbers(&[(0.0, 200)])),
        ("1", numbers(&[(0.0, 200)])),
    ]);
    let failed = Measured::Failed(Reason::Undefined, "it is a list".into());
    let records = judge("target-leakage", &parameters, &[some, failed, far, none]);
    let columns: Vec<String> = records.iter().map(|record| record.subject.name()).collect();
    assert_eq!(columns, ["test/c", "test/a", "test/d", "test/b"]);
    let powers: Vec<Option<f64>> = records
        .iter()
        .map(|record| record.observed.map(|found| found.value))
        .collect();
    assert_eq!(powers, [Some(1.0), Some(0.75), Some(0.5), None]);
    // What nobody asked for by name does not block when it cannot be judged.
    assert_eq!(records[3].severity, Severity::Info);
    assert!(records[0].blocks() && !records[3].blocks());
}

#[test]
fn a_feature_that_is_missing_for_one_class_only_tells_it() {
    let parameters = json!({"label": "y", "numeric": ["a"]});
    let with_nulls = |points: &[(f64, u64)], null_count| {
        Measured::Distribution(crate::measure::Distribution::Numeric(
            crate::measure::NumericDistribution {
                points: points.to_vec(),
                null_count,
                ..Default::default()
            },
        ))
    };
    let measured = slices(vec![
        ("0", with_nulls(&[(1.0, 200)], 0)),
        ("1", with_nulls(&[], 200)),
    ]);
    let records = judge("target-leakage", &parameters, &[measured]);
    assert_eq!(records[0].observed.map(|found| found.value), Some(1.0));
}

#[test]
fn splits_are_looked_up_by_key() {
    let check = check(
        "split-leakage",
        &json!({"other": "train", "key": ["user"], "key_there": ["account"]}),
    );
    let measures = check.measures(&target());
    let [Measure::Lookup(lookup)] = measures.as_slice() else {
        panic!("{measures:?}");
    };
    assert_eq!(
        (lookup.fails, lookup.nulls),
        (Presence::Found, NullKeys::SkipAny)
    );
    assert_eq!(lookup.key, [Value::column("user")]);
    assert_eq!(lookup.key_there, [Value::column("account")]);
}

#[test]
fn each_pair_of_splits_has_a_subject_of_its_own() {
    let name = |other: &str| {
        let rows = Measured::Failing(super::cases::failing(0, 1));
        let records = judge(
            "split-leakage",
            &json!({"other": other, "key": ["user"]}),
            &[rows],
        );
        records[0].subject.name()
    };
    assert_eq!(name("train"), "test/amount/user shared with train");
    assert_ne!(name("train"), name("validation"));
}

#[test]
fn a_sketch_that_cannot_decide_says_so() {
    let times = Measured::Distribution(crate::measure::Distribution::Numeric(
        crate::measure::NumericDistribution {
            points: vec![(0.0, 10), (10.0, 90)],
            rank_error: 0.01,
            ..Default::default()
        },
    ));
    let newest = Measured::Extremes(Some((Scalar::Number(-9.0), Scalar::Number(5.0))));
    let outcome = |bound: f64| {
        let parameters = json!({"training": "train", "overlap": {"at_most": bound}});
        judge(
            "time-leakage",
            &parameters,
            &[times.clone(), newest.clone()],
        )[0]
        .outcome
    };
    assert_eq!(outcome(0.0), Outcome::NotMet);
    assert_eq!(outcome(0.2), Outcome::Met);
    assert_eq!(outcome(0.1), Outcome::NotEvaluated(Reason::TooFewRows));
}

#[test]
fn personal_data_is_counted_by_kind_and_never_shown() {
    let mut found = PersonalFound::default();
    let texts = [
        "jo@example.org",
        "4111 1111 1111 1111",
        "nothing",
        "ann@example.org",
    ];
    (1..)
        .zip(texts)
        .for_each(|(row, text)| found.update(text, 1, row));
    assert_eq!(found.sure.get(&PersonalKind::PaymentCard), Some(&1));
    let record = judge("personal-data", &json!({}), &[Measured::Personal(found)]).remove(0);
    assert_eq!(
        record.message,
        "column `amount` of `test`: 3 rows of 4 hold e-mail addresses (2), payment card numbers (1), required at most 0"
    );
    let rows = record.failing_rows.expect("rows");
    let shown: Vec<_> = rows
        .examples
        .iter()
        .map(|row| (row.row_number, row.value.clone(), row.masked))
        .collect();
    assert_eq!(shown, [(1, None, true), (2, None, true), (4, None, true)]);
}

#[test]
fn defaults_are_those_the_schema_states() {
    for (id, parameters, key, expected) in [
        (
            "target-leakage",
            json!({"label": "y"}),
            "power",
            json!({"at_most": 0.95}),
        ),
        (
            "split-leakage",
            json!({"other": "t", "key": ["k"]}),
            "nulls",
            json!("skip_any"),
        ),
        (
            "volume-history",
            json!({"history": []}),
            "history_min",
            json!(7),
        ),
        (
            "time-leakage",
            json!({"training": "t"}),
            "overlap",
            json!({"at_most": 0.0}),
        ),
    ] {
        assert_eq!(check(id, &parameters).parameters()[key], expected, "{id}");
    }
}

#[test]
fn shortened_names_of_many_columns_say_how_many_more() {
    let names: Vec<String> = (0..10).map(|number| format!("c{number}")).collect();
    assert!(listed(&names).ends_with("`c7` and 2 more"));
}
