//! From distributions to evidence: what is met, what is not, and what must never pass unseen.

use std::collections::BTreeMap;

use super::{categorical, numeric};
use crate::drift::{
    Budget, ColumnPair, ColumnSpec, Compared, Correction, DriftSpec, Kind, Method, NamedMethod,
    NotFinite, REQUIREMENTS, Threshold, judge,
};
use crate::evidence::{Evidence, Location, Outcome, Reason, Severity, Subject};
use crate::measure::{Distribution, NumericDistribution};

pub(super) fn spec() -> DriftSpec {
    serde_saphyr::from_str("reference: before\ncurrent: now\n").expect("a section")
}

fn with(psi: Option<f64>, ks: Option<f64>) -> DriftSpec {
    DriftSpec { psi, ks, ..spec() }
}

pub(super) fn compared() -> Compared<'static> {
    Compared {
        reference: "before",
        current: "now",
        rows: None,
        parts: 1,
    }
}

pub(super) fn pair<'a>(
    column: &'a str,
    reference: &'a Distribution,
    current: &'a Distribution,
) -> ColumnPair<'a> {
    ColumnPair {
        column,
        reference: Ok(reference),
        current: Ok(current),
        masked: false,
        reference_hidden: false,
    }
}

fn judged(spec: &DriftSpec, reference: &Distribution, current: &Distribution) -> Vec<Evidence> {
    let locate = |key: &str| {
        Some(Location {
            file: key.to_owned(),
            line: 1,
            column: 1,
        })
    };
    let evidence = judge(
        spec,
        &compared(),
        &[pair("age", reference, current)],
        &[],
        &locate,
    );
    for record in &evidence {
        let known = REQUIREMENTS
            .iter()
            .any(|known| known.id == record.requirement.as_str());
        assert!(known && record.location.is_some(), "{record:?}");
    }
    evidence
}

fn ramp(rows: u32, offset: f64) -> Distribution {
    let values: Vec<f64> = (0..rows).map(|row| f64::from(row) + offset).collect();
    numeric(&values)
}

fn found(evidence: &[Evidence]) -> Vec<(&str, Outcome)> {
    evidence
        .iter()
        .map(|record| (record.requirement.as_str(), record.outcome))
        .collect()
}

const TOO_FEW: Outcome = Outcome::NotEvaluated(Reason::TooFewRows);
const UNDEFINED: Outcome = Outcome::NotEvaluated(Reason::Undefined);
const UNSUPPORTED: Outcome = Outcome::NotEvaluated(Reason::Unsupported);

#[test]
fn a_column_that_has_not_moved_is_met() {
    let values = ramp(200, 0.0);
    let evidence = judged(&with(Some(0.1), Some(0.1)), &values, &values);
    assert_eq!(
        found(&evidence),
        [("drift-psi", Outcome::Met), ("drift-ks", Outcome::Met)]
    );
    assert_eq!(
        evidence[0].message,
        "psi of column `age` of `now` against `before` is 0, required at most 0.1"
    );
    let evidence = judged(&spec(), &values, &values);
    assert_eq!(
        found(&evidence),
        [
            ("drift-ks", Outcome::Met),
            ("drift-missing-rate", Outcome::Met)
        ]
    );
}

#[test]
fn a_column_that_has_moved_is_not_met() {
    let (before, after) = (ramp(200, 0.0), ramp(200, 100.0));
    let evidence = judged(&with(Some(0.1), Some(0.1)), &before, &after);
    assert_eq!(
        found(&evidence),
        [
            ("drift-psi", Outcome::NotMet),
            ("drift-ks", Outcome::NotMet)
        ]
    );
    let evidence = judged(&spec(), &before, &after);
    assert_eq!(evidence[0].outcome, Outcome::NotMet);
    assert_eq!(
        evidence[0].message,
        "ks of column `age` of `now` against `before` is 0.5 and at least 0.352 with all columns taken together, required at most 0.1"
    );
    let interval = evidence[0]
        .observed
        .and_then(|observed| observed.interval)
        .expect("an interval");
    assert!(0.1 < interval.lower && interval.lower < 0.5 && 0.5 < interval.upper);
}

#[test]
fn nulls_are_compared_by_themselves() {
    let values: Vec<Option<f64>> = (0..400).map(|row| Some(f64::from(row))).collect();
    let with_nulls: Vec<Option<f64>> = values.iter().copied().chain(vec![None; 400]).collect();
    let before = Distribution::Numeric(NumericDistribution::of(values));
    let after = Distribution::Numeric(NumericDistribution::of(with_nulls));
    let evidence = judged(&spec(), &before, &after);
    assert_eq!(
        found(&evidence),
        [
            ("drift-ks", Outcome::Met),
            ("drift-missing-rate", Outcome::NotMet)
        ]
    );
}

#[test]
fn new_categories_are_named_unless_they_are_personal() {
    let before = categorical(&[("a", 500), ("b", 500)]);
    let after = categorical(&[("a", 400), ("b", 300), ("c", 250), ("d", 50)]);
    let evidence = judged(&spec(), &before, &after);
    assert_eq!(evidence[0].requirement.as_str(), "drift-tvd");
    assert_eq!(evidence[0].outcome, Outcome::NotMet);
    assert!(
        evidence[0]
            .message
            .ends_with("; 2 new categories: `c` (250), `d` (50)")
    );
    let masked = ColumnPair {
        masked: true,
        reference_hidden: false,
        ..pair("age", &before, &after)
    };
    let evidence = judge(&spec(), &compared(), &[masked], &[], &|_| None);
    assert!(
        evidence[0].message.ends_with("; 2 new categories"),
        "{}",
        evidence[0].message
    );
}

#[test]
fn a_column_with_too_few_rows_is_not_evaluated() {
    let (before, after) = (ramp(200, 0.0), ramp(99, 0.0));
    for spec in [with(Some(0.1), Some(0.1)), spec()] {
        let evidence = judged(&spec, &before, &after);
        assert!(
            evidence
                .iter()
                .all(|record| record.outcome == TOO_FEW && record.blocks())
        );
        assert_eq!(evidence.len(), 2);
    }
    let nulls = Distribution::Numeric(NumericDistribution::of(vec![None; 200]));
    assert_eq!(
        judged(&with(Some(0.1), None), &before, &nulls)[0].outcome,
        TOO_FEW
    );
    assert_eq!(judged(&spec(), &before, &nulls)[0].outcome, TOO_FEW);
}

#[test]
fn a_constant_that_has_fallen_is_seen() {
    let (before, after) = (numeric(&[5.0; 200]), numeric(&[4.0; 200]));
    for spec in [with(Some(0.25), None), spec()] {
        assert_eq!(judged(&spec, &before, &after)[0].outcome, Outcome::NotMet);
    }
}

#[test]
fn what_is_not_finite_is_not_evaluated_unless_it_is_missing() {
    let before = ramp(200, 0.0);
    for hostile in [f64::NAN, f64::INFINITY] {
        let mut values: Vec<f64> = (0..200).map(f64::from).collect();
        values[7] = hostile;
        let after = numeric(&values);
        for (reference, current) in [(&before, &after), (&after, &before)] {
            let evidence = judged(&with(Some(1e9), Some(1.0)), reference, current);
            assert!(evidence.iter().all(|record| record.outcome == UNDEFINED));
            assert_eq!(judged(&spec(), reference, current)[0].outcome, UNDEFINED);
        }
        let lenient = DriftSpec {
            not_finite: NotFinite::Missing,
            ..spec()
        };
        let evidence = judged(&lenient, &before, &after);
        assert_eq!(evidence[0].outcome, Outcome::Met);
        let missing = evidence[1].observed.map(|observed| observed.value);
        assert_eq!(missing, Some(1.0 / 200.0));
    }
}

#[test]
fn a_column_that_changed_its_kind_is_not_evaluated() {
    let (before, after) = (ramp(200, 0.0), categorical(&[("a", 200)]));
    for method in [None, Some(NamedMethod::Evidently), Some(NamedMethod::Tfdv)] {
        let spec = DriftSpec {
            method: method.map(Method::Named),
            ..with(method.is_none().then_some(0.1), None)
        };
        let evidence = judged(&spec, &before, &after);
        assert!(
            evidence
                .iter()
                .all(|record| record.outcome == UNSUPPORTED && record.blocks())
        );
    }
}

#[test]
fn categories_that_nothing_watches_do_not_pass_unseen() {
    let column = categorical(&[("a", 200)]);
    assert_eq!(
        judged(&with(Some(0.1), Some(0.1)), &column, &column).len(),
        1
    );
    let unwatched = judged(&with(None, Some(0.1)), &column, &column);
    assert_eq!(unwatched[0].outcome, UNSUPPORTED);
    assert!(!unwatched[0].blocks());
    let mut named = with(None, Some(0.1));
    named.columns = Some(vec!["age".to_owned()]);
    assert!(judged(&named, &column, &column)[0].blocks());
}

#[test]
fn a_column_that_was_not_measured_is_not_evaluated() {
    let values = ramp(200, 0.0);
    let failed = ColumnPair {
        current: Err((Reason::UnreadableInput, "the file ends early")),
        ..pair("age", &values, &values)
    };
    for spec in [spec(), with(Some(0.1), None)] {
        let evidence = judge(&spec, &compared(), &[failed], &[], &|_| None);
        assert_eq!(
            evidence[0].outcome,
            Outcome::NotEvaluated(Reason::UnreadableInput)
        );
        assert!(evidence[0].blocks() && evidence[0].message.contains("ends early"));
    }
}

#[test]
fn p_values_are_corrected_over_the_columns() {
    let threshold = Threshold {
        statistic: "t_test".to_owned(),
        at_most: None,
        p_value_at_least: Some(0.05),
    };
    let spec = DriftSpec {
        method: Some(Method::Statistics(vec![threshold])),
        ..spec()
    };
    // p 0.012 alone.
    let (before, after) = (ramp(400, 0.0), ramp(400, 20.6));
    let alone = judge(
        &spec,
        &compared(),
        &[pair("age", &before, &after)],
        &[],
        &|_| None,
    );
    assert_eq!(found(&alone), [("drift-t-test-p-value", Outcome::NotMet)]);
    assert!(
        alone[0]
            .message
            .contains(", corrected over the columns, is"),
        "{}",
        alone[0].message
    );
    let uncorrected = DriftSpec {
        correction: Correction::None,
        ..spec.clone()
    };
    let said = judge(
        &uncorrected,
        &compared(),
        &[pair("age", &before, &after)],
        &[],
        &|_| None,
    );
    assert!(
        said[0].message.contains(", not corrected, is"),
        "{}",
        said[0].message
    );
    let many: Vec<ColumnPair<'_>> = std::iter::once(pair("age", &before, &after))
        .chain(["b", "c", "d", "e", "f"].map(|name| pair(name, &before, &before)))
        .collect();
    let evidence = judge(&spec, &compared(), &many, &[], &|_| None);
    assert_eq!(evidence[0].outcome, Outcome::Met);
    let ratio = evidence[0]
        .observed
        .zip(alone[0].observed)
        .map(|(many, one)| many.value / one.value);
    assert!(
        ratio.is_some_and(|ratio| (ratio - 6.0).abs() < 1e-9),
        "{ratio:?}"
    );
    let divided = Compared {
        parts: 3,
        rows: Some("region=north"),
        ..compared()
    };
    let part = judge(
        &spec,
        &divided,
        &[pair("age", &before, &after)],
        &[],
        &|_| None,
    );
    let ratio = part[0]
        .observed
        .zip(alone[0].observed)
        .map(|(part, one)| part.value / one.value);
    assert!(ratio.is_some_and(|ratio| (ratio - 3.0).abs() < 1e-9));
    let Subject::Rows { column, rows, .. } = &part[0].subject else {
        panic!("{:?}", part[0].subject)
    };
    assert_eq!(
        (column.as_deref(), rows.as_str()),
        (Some("age"), "region=north")
    );
}

#[test]
fn targets_and_predictions_have_one_record_each() {
    let spec = DriftSpec {
        target: vec!["label".to_owned()],
        prediction: vec!["score".to_owned()],
        ..with(Some(0.1), Some(0.2))
    };
    let (before, after) = (ramp(200, 0.0), ramp(200, 100.0));
    let pairs = [
        pair("label", &before, &before),
        pair("score", &before, &after),
    ];
    let evidence = judge(&spec, &compared(), &pairs, &[], &|_| None);
    assert_eq!(
        found(&evidence),
        [
            ("drift-target", Outcome::Met),
            ("drift-prediction", Outcome::NotMet)
        ]
    );
}

#[test]
fn a_budget_decides_on_the_dataset() {
    let (before, after, few) = (ramp(200, 0.0), ramp(200, 100.0), ramp(10, 0.0));
    let pairs = [
        pair("a", &before, &after),
        pair("b", &before, &before),
        pair("c", &before, &few),
        pair("d", &before, &before),
    ];
    for (share, expected) in [(0.2, Outcome::NotMet), (0.3, TOO_FEW), (0.5, Outcome::Met)] {
        let budget = Budget {
            share_max: Some(share),
            share_below: None,
            columns_max: None,
        };
        let spec = DriftSpec {
            budget: Some(budget),
            ..with(Some(0.1), None)
        };
        let evidence = judge(&spec, &compared(), &pairs, &[], &|_| None);
        assert!(evidence[..4].iter().all(|record| !record.blocks()));
        let last = &evidence[4];
        assert_eq!(
            (last.requirement.as_str(), last.outcome),
            ("drift-dataset", expected)
        );
        assert!(last.message.starts_with(
            "1 of 4 columns of dataset `now` have drifted from `before`: `a`, 1 not judged"
        ));
    }
}

#[test]
fn a_column_may_be_judged_in_its_own_way() {
    let codes = numeric(&(0..300).map(|row| f64::from(row % 3)).collect::<Vec<_>>());
    let own = ColumnSpec {
        kind: Some(Kind::Categorical),
        severity: Some(Severity::Warning),
        ..ColumnSpec::default()
    };
    let overridden = DriftSpec {
        overrides: BTreeMap::from([("age".to_owned(), own)]),
        ..spec()
    };
    let evidence = judged(&overridden, &codes, &codes);
    assert_eq!(found(&evidence)[0], ("drift-tvd", Outcome::Met));
    assert_eq!(evidence[0].severity, Severity::Warning);
    let own = ColumnSpec {
        stattest: Some("psi".to_owned()),
        ..ColumnSpec::default()
    };
    let overridden = DriftSpec {
        overrides: BTreeMap::from([("age".to_owned(), own)]),
        ..spec()
    };
    let evidence = judged(&overridden, &codes, &codes);
    assert_eq!(found(&evidence), [("drift-evidently", Outcome::Met)]);
    assert_eq!(
        evidence[0].message,
        "psi (Evidently) of column `age` of `now` against `before` is 0, required less than 0.1"
    );
    let texts = categorical(&[("a longer text", 200), ("short", 200)]);
    let own = ColumnSpec {
        kind: Some(Kind::Text),
        ..ColumnSpec::default()
    };
    let overridden = DriftSpec {
        overrides: BTreeMap::from([("age".to_owned(), own)]),
        ..spec()
    };
    assert_eq!(
        found(&judged(&overridden, &texts, &texts))[0],
        ("drift-text-length-ks", Outcome::Met)
    );
}

#[test]
fn a_score_evidently_has_not_is_not_evaluated() {
    let own = ColumnSpec {
        stattest: Some("t_test".to_owned()),
        ..ColumnSpec::default()
    };
    let spec = DriftSpec {
        overrides: BTreeMap::from([("age".to_owned(), own)]),
        ..spec()
    };
    let constant = numeric(&[5.0; 200]);
    assert_eq!(
        found(&judged(&spec, &constant, &constant)),
        [("drift-evidently", UNDEFINED)]
    );
}

#[test]
fn a_threshold_that_is_not_a_number_never_passes() {
    let values = ramp(200, 0.0);
    let evidence = judged(&with(Some(f64::NAN), None), &values, &values);
    assert_eq!(evidence[0].outcome, UNDEFINED);
    let spec = DriftSpec {
        threshold: Some(f64::NAN),
        ..spec()
    };
    assert_eq!(judged(&spec, &values, &values)[0].outcome, UNDEFINED);
}
