//! Attributions against numpy 2.4.6 and scipy 1.17.1 (`fixtures/sources/attributions/gen.py`).

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::evidence::{Evidence, Outcome, Reason};
use crate::gates::recorded::{Recorded, RecordedSpec, judge};
use crate::recorded::{Attributions, Recording};

const GOLDEN: &str = include_str!("../../../../../fixtures/sources/attributions/attributions.json");

#[derive(Deserialize)]
struct Golden {
    candidate: Model,
    champion: Model,
    expected: Expected,
}

#[derive(Deserialize)]
struct Model {
    features: Vec<String>,
    values: Vec<f64>,
    data: Vec<f64>,
    bases: Vec<f64>,
    outputs: Vec<f64>,
    fits: Vec<f64>,
}

#[derive(Deserialize)]
struct Expected {
    largest_share: f64,
    largest: String,
    zip_share: f64,
    overlap_of_3: f64,
    rank_correlation: f64,
    signs: BTreeMap<String, f64>,
    additivity_error: f64,
    median_fit: f64,
}

impl From<Model> for Recording {
    fn from(model: Model) -> Self {
        Self {
            attributions: Some(Attributions {
                features: model.features,
                values: model.values,
                data: Some(model.data),
                bases: Some(model.bases),
                outputs: Some(model.outputs),
                fits: Some(model.fits),
            }),
            ..Self::by("SHAP")
        }
    }
}

fn golden() -> (Recording, Recording, Expected) {
    let golden: Golden = serde_json::from_str(GOLDEN).expect("the fixture");
    (
        golden.candidate.into(),
        golden.champion.into(),
        golden.expected,
    )
}

fn spec(rule: &str) -> RecordedSpec {
    serde_json::from_str(&format!(
        r#"{{"source": "shap", "candidate": "a", "champion": "b", "attributions": {rule}}}"#
    ))
    .expect("a specification")
}

fn judged(rule: &str, candidate: &Recording, champion: Option<&Recording>) -> Vec<Evidence> {
    let recorded = Recorded {
        candidate,
        champion,
        first_model: false,
    };
    let evidence = judge(
        &spec(rule),
        "m",
        recorded,
        0.95,
        "gate.recorded[0]",
        &|_| None,
    );
    let records = evidence.into_iter();
    records
        .filter(|record| record.requirement.as_str() == "recorded-attributions")
        .collect()
}

/// The only record of a rule.
fn one(rule: &str, candidate: &Recording, champion: Option<&Recording>) -> Evidence {
    let mut evidence = judged(rule, candidate, champion);
    assert_eq!(evidence.len(), 1, "{evidence:#?}");
    evidence.remove(0)
}

#[test]
fn numbers_are_those_of_numpy_and_scipy() {
    let (candidate, champion, expected) = golden();
    let cases = [
        (r#"{"share_at_most": 0.9}"#, expected.largest_share),
        (r#"{"share_at_most": 0.5}"#, expected.largest_share),
        (
            r#"{"forbidden": {"features": ["zip*"], "share_at_most": 0.01}}"#,
            expected.zip_share,
        ),
        (
            r#"{"top": 3, "overlap_at_least": 0.4}"#,
            expected.overlap_of_3,
        ),
        (
            r#"{"rank_correlation_at_least": 0.8}"#,
            expected.rank_correlation,
        ),
        (
            r#"{"signs": {"income": "positive"}}"#,
            expected.signs["income"],
        ),
        (r#"{"signs": {"debt": "negative"}}"#, expected.signs["debt"]),
        (
            r#"{"additivity_error_at_most": 0.01}"#,
            expected.additivity_error,
        ),
        (r#"{"fit_at_least": 0.5}"#, expected.median_fit),
    ];
    for (rule, expected) in cases {
        let record = one(rule, &candidate, Some(&champion));
        let found = record.observed.expect("a number").value;
        assert!((found - expected).abs() < 1e-12, "{rule}: {found}");
    }
}

#[test]
fn demands_are_met_or_not_and_name_the_features() {
    let (candidate, champion, expected) = golden();
    let cases = [
        (r#"{"share_at_most": 0.9}"#, true, expected.largest.as_str()),
        (r#"{"share_at_most": 0.5}"#, false, "`income` has 0.598"),
        (
            r#"{"forbidden": {"features": ["zip*"], "share_at_most": 0.01}}"#,
            true,
            "`zip_code` may not be used",
        ),
        (
            r#"{"forbidden": {"features": ["zip*", "age"]}}"#,
            false,
            "`age`, `zip_code` may not be used and have",
        ),
        (
            r#"{"forbidden": {"features": ["race"]}}"#,
            true,
            "none of 6 features is called `race`",
        ),
        (
            r#"{"required_top": {"features": ["income", "debt"], "top": 3}}"#,
            true,
            "2 of 2 features",
        ),
        (
            r#"{"required_top": {"features": ["income", "noise"], "top": 3}}"#,
            false,
            "`noise` is not",
        ),
        (r#"{"top": 3, "overlap_at_least": 0.4}"#, true, "2 of 4"),
        (
            r#"{"top": 3, "overlap_at_least": 0.6}"#,
            false,
            "only of the candidate: `income`",
        ),
        (
            r#"{"rank_correlation_at_least": 0.8}"#,
            false,
            "without `noise` of the candidate alone",
        ),
        (r#"{"signs": {"income": "positive"}}"#, true, "`income`"),
        (r#"{"signs": {"debt": "positive"}}"#, false, "`debt`"),
        (
            r#"{"additivity_error_at_most": 0.001}"#,
            false,
            "the output of the model",
        ),
        (r#"{"fit_at_least": 0.6}"#, false, "40 rows"),
    ];
    for (rule, is_met, said) in cases {
        let record = one(rule, &candidate, Some(&champion));
        let expected = if is_met {
            Outcome::Met
        } else {
            Outcome::NotMet
        };
        assert_eq!(record.outcome, expected, "{rule}: {}", record.message);
        assert!(record.message.contains(said), "{rule}: {}", record.message);
    }
}

/// Every demand at once.
const ALL: &str = r#"{"share_at_most": 1.0, "forbidden": {"features": ["race"]},
    "required_top": {"features": ["income"], "top": 6}, "top": 3, "overlap_at_least": 0.0,
    "rank_correlation_at_least": -1.0, "signs": {"income": "positive"},
    "additivity_error_at_most": 1000, "fit_at_least": 0.0}"#;

#[test]
fn what_was_not_recorded_is_not_evaluated() {
    let (candidate, champion, _) = golden();
    for record in judged(ALL, &candidate, Some(&champion)) {
        assert_eq!(record.outcome, Outcome::Met, "{}", record.message);
    }
    let with = |change: &dyn Fn(&mut Attributions)| {
        let mut changed = candidate.clone();
        if let Some(attributions) = &mut changed.attributions {
            change(attributions);
        }
        changed
    };
    let nothing = [
        Recording::by("SHAP"),
        with(&|attributions| attributions.values.fill(0.0)),
        with(&|attributions| attributions.values[7] = f64::NAN),
        with(&|attributions| attributions.values.clear()),
        with(&|attributions| attributions.features.clear()),
        with(&|attributions| attributions.values.truncate(7)),
        with(&|attributions| attributions.features[1] = "income".to_owned()),
    ];
    for broken in &nothing {
        let evidence = judged(ALL, broken, Some(&champion));
        assert_eq!(evidence.len(), 8);
        for record in &evidence[..5] {
            let is_open = matches!(record.outcome, Outcome::NotEvaluated(_));
            assert!(is_open, "{}", record.message);
        }
        let evidence = judged(
            r#"{"rank_correlation_at_least": -1.0}"#,
            &candidate,
            Some(broken),
        );
        let is_open = matches!(evidence[0].outcome, Outcome::NotEvaluated(_));
        assert!(is_open, "{}", evidence[0].message);
    }
    let of_rows =
        r#"{"signs": {"income": "positive"}, "additivity_error_at_most": 1, "fit_at_least": 0}"#;
    let numbers_only = with(&|attributions| {
        attributions.data = None;
        attributions.bases = None;
        attributions.fits = None;
    });
    for record in judged(of_rows, &numbers_only, None) {
        let missing = Outcome::NotEvaluated(Reason::MissingInput);
        assert_eq!(record.outcome, missing, "{}", record.message);
    }
    for rule in [
        r#"{"rank_correlation_at_least": 0.1}"#,
        r#"{"top": 1, "overlap_at_least": 0.1}"#,
    ] {
        let record = one(rule, &candidate, None);
        let missing = Outcome::NotEvaluated(Reason::MissingInput);
        assert_eq!(record.outcome, missing, "{}", record.message);
    }
}

#[test]
fn features_without_names_pass_no_rule_about_names() {
    let (mut candidate, _, _) = golden();
    if let Some(attributions) = &mut candidate.attributions {
        attributions.features = (0..6).map(|index| index.to_string()).collect();
    }
    for rule in [
        r#"{"forbidden": {"features": ["race"]}}"#,
        r#"{"required_top": {"features": ["income"], "top": 6}}"#,
        r#"{"signs": {"income": "positive"}}"#,
    ] {
        let record = one(rule, &candidate, None);
        let missing = Outcome::NotEvaluated(Reason::MissingInput);
        assert_eq!(record.outcome, missing, "{}", record.message);
        assert!(record.message.contains("no names"), "{}", record.message);
    }
    let record = one(r#"{"share_at_most": 0.9}"#, &candidate, None);
    assert_eq!(record.outcome, Outcome::Met);
}

#[test]
fn an_overlap_of_all_features_and_a_misspelt_one_say_nothing() {
    let (candidate, champion, _) = golden();
    let record = one(
        r#"{"top": 6, "overlap_at_least": 0.5}"#,
        &candidate,
        Some(&champion),
    );
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::Undefined));
    assert!(record.message.contains("smaller `top`"));
    let record = one(
        r#"{"required_top": {"features": ["incone"], "top": 2}}"#,
        &candidate,
        None,
    );
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::MissingInput));
    assert!(record.message.contains("the closest is `income`"));
}

#[test]
fn a_rule_that_cannot_hold_is_said_before_anything_is_read() {
    for (rule, said) in [
        ("{}", "demands nothing"),
        (r#"{"share_at_most": 50}"#, "between 0 and 1"),
        (r#"{"overlap_at_least": 0.5}"#, "needs `top`"),
        (r#"{"top": 5}"#, "needs `overlap_at_least`"),
        (r#"{"forbidden": {"features": []}}"#, "names no feature"),
        (
            r#"{"required_top": {"features": ["a", "b"], "top": 1}}"#,
            "cannot all be",
        ),
        (r#"{"additivity_error_at_most": -1}"#, "at least 0"),
        (r#"{"fit_at_least": 2}"#, "at most 1"),
    ] {
        let mut problems = Vec::new();
        super::super::check(&[spec(rule)], &mut problems);
        let is_said = problems.iter().any(|(_, message)| message.contains(said));
        assert!(is_said, "{rule}: {problems:?}");
    }
    let mut alone = spec(r#"{"rank_correlation_at_least": 0.5}"#);
    alone.champion = None;
    let mut problems = Vec::new();
    super::super::check(&[alone], &mut problems);
    assert!(problems[0].1.contains("needs `champion`"), "{problems:?}");
}
