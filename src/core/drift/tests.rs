//! Statistics against scipy 1.17.1 and numpy 2.4.6 (`fixtures/drift/make.py`), on real data
//! (`fixtures/credit`), and what must never pass unseen.
use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::evidence::{Evidence, Location, Outcome, Reason, Severity};

const GOLDEN: &str = include_str!("../../../fixtures/drift/golden.json");

#[derive(Deserialize)]
struct Golden {
    numeric: Vec<NumericCase>,
    categorical: Vec<CategoricalCase>,
}

#[derive(Deserialize)]
struct NumericCase {
    name: String,
    reference: String,
    current: String,
    psi: f64,
    ks: f64,
}

#[derive(Deserialize)]
struct CategoricalCase {
    name: String,
    reference: BTreeMap<String, u64>,
    reference_nulls: u64,
    current: BTreeMap<String, u64>,
    current_nulls: u64,
    psi: f64,
}

fn numbers(text: &str) -> Vec<f64> {
    let parse = |text: &str| text.parse().expect("a number");
    text.split_whitespace().map(parse).collect()
}

fn numeric(values: &[f64]) -> Column<'_> {
    Column::Numeric {
        values,
        null_count: 0,
    }
}

fn computed(id: &str, reference: &Column<'_>, current: &Column<'_>) -> Result<f64, Undefined> {
    (find(id).expect("a statistic").compute)(reference, current)
}

fn check(case: &str, found: Result<f64, Undefined>, expected: f64) {
    let found = found.expect("defined");
    let tolerance = 1e-12 * expected.abs().max(1.0);
    assert!(
        (found - expected).abs() <= tolerance,
        "{case}: {found} is not {expected}"
    );
}

#[test]
fn every_statistic_equals_numpy_and_scipy() {
    let golden: Golden = serde_json::from_str(GOLDEN).expect("the golden file reads");
    assert!(40 <= golden.numeric.len() + golden.categorical.len());
    for case in &golden.numeric {
        let (reference, current) = (numbers(&case.reference), numbers(&case.current));
        let (reference, current) = (numeric(&reference), numeric(&current));
        check(&case.name, computed("psi", &reference, &current), case.psi);
        check(&case.name, computed("ks", &reference, &current), case.ks);
    }
    for case in &golden.categorical {
        let reference = Column::Categorical {
            counts: &case.reference,
            null_count: case.reference_nulls,
        };
        let current = Column::Categorical {
            counts: &case.current,
            null_count: case.current_nulls,
        };
        check(&case.name, computed("psi", &reference, &current), case.psi);
        assert_eq!(
            computed("ks", &reference, &current),
            Err(Undefined::NotNumeric)
        );
    }
}

/// The values of one column of a file of `fixtures/credit/data`.
fn credit(text: &'static str, column: &str) -> Vec<&'static str> {
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let index = header
        .iter()
        .position(|name| *name == column)
        .expect("a column");
    let field = |line: &'static str| line.split(',').nth(index).expect("a field");
    text.lines().skip(1).map(field).collect()
}

#[test]
fn real_data_give_the_numbers_of_numpy_and_scipy() {
    let reference: serde_json::Value = serde_json::from_str(include_str!(
        "../../../fixtures/credit/reference/drift.json"
    ))
    .expect("the reference reads");
    let before = include_str!("../../../fixtures/credit/data/reference.csv");
    let after = include_str!("../../../fixtures/credit/data/current.csv");
    let columns = reference["columns"].as_object().expect("columns");
    assert!(8 <= columns.len());
    for (column, expected) in columns {
        let (before, after) = (credit(before, column), credit(after, column));
        let psi = expected["psi_deciles"]["psi"].as_f64().expect("a number");
        if expected["kind"] == "numeric" {
            let (before, after) = (numbers(&before.join(" ")), numbers(&after.join(" ")));
            let (before, after) = (numeric(&before), numeric(&after));
            check(column, computed("psi", &before, &after), psi);
            let ks = expected["ks"]["statistic"].as_f64().expect("a number");
            check(column, computed("ks", &before, &after), ks);
        } else {
            let (before, after) = (counted(&before), counted(&after));
            check(
                column,
                computed("psi", &categorical(&before), &categorical(&after)),
                psi,
            );
        }
    }
}

fn counted(values: &[&str]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry((*value).to_owned()).or_default() += 1;
    }
    counts
}

fn categorical(counts: &BTreeMap<String, u64>) -> Column<'_> {
    Column::Categorical {
        counts,
        null_count: 0,
    }
}

fn spec(psi: Option<f64>, ks: Option<f64>) -> DriftSpec {
    DriftSpec {
        reference: "reference.parquet".to_owned(),
        current: "current.parquet".to_owned(),
        columns: None,
        psi,
        ks,
        rows_min: 100,
        severity: Severity::Error,
    }
}

fn judged(spec: &DriftSpec, reference: &Column<'_>, current: &Column<'_>) -> Vec<Evidence> {
    let compared = Compared {
        reference: "reference",
        current: "current",
        column: "age",
    };
    let locate = |key: &str| {
        Some(Location {
            file: key.to_owned(),
            line: 1,
            column: 1,
        })
    };
    let evidence = judge(spec, &compared, reference, current, &locate);
    for record in &evidence {
        let known = REQUIREMENTS
            .iter()
            .any(|known| known.id == record.requirement.as_str());
        assert!(known && record.location.is_some(), "{record:?}");
    }
    evidence
}

fn ramp(rows: u32, offset: f64) -> Vec<f64> {
    (0..rows).map(|row| f64::from(row) + offset).collect()
}

#[test]
fn a_column_that_has_not_moved_is_met() {
    let values = ramp(200, 0.0);
    let evidence = judged(
        &spec(Some(0.1), Some(0.1)),
        &numeric(&values),
        &numeric(&values),
    );
    let found: Vec<_> = evidence
        .iter()
        .map(|record| (record.requirement.as_str(), record.outcome))
        .collect();
    assert_eq!(
        found,
        [("drift-psi", Outcome::Met), ("drift-ks", Outcome::Met)]
    );
    assert_eq!(
        evidence[0].message,
        "psi of column `age` of `current` against `reference` is 0, required at most 0.1"
    );
}

#[test]
fn a_column_that_has_moved_is_not_met() {
    let (before, after) = (ramp(200, 0.0), ramp(200, 100.0));
    let evidence = judged(
        &spec(Some(0.1), Some(0.1)),
        &numeric(&before),
        &numeric(&after),
    );
    assert!(
        evidence
            .iter()
            .all(|record| record.outcome == Outcome::NotMet)
    );
    assert_eq!(evidence.len(), 2);
}

#[test]
fn a_column_with_too_few_rows_is_not_evaluated() {
    let (before, after) = (ramp(200, 0.0), ramp(99, 0.0));
    let evidence = judged(
        &spec(Some(0.1), Some(0.1)),
        &numeric(&before),
        &numeric(&after),
    );
    let too_few = Outcome::NotEvaluated(Reason::TooFewRows);
    assert!(
        evidence
            .iter()
            .all(|record| record.outcome == too_few && record.blocks())
    );
    assert_eq!(evidence.len(), 2);
}

#[test]
fn a_column_of_nulls_is_not_evaluated() {
    let (before, after) = (ramp(200, 0.0), Vec::new());
    let nulls = Column::Numeric {
        values: &after,
        null_count: 200,
    };
    let evidence = judged(&spec(Some(0.1), None), &numeric(&before), &nulls);
    assert_eq!(
        evidence[0].outcome,
        Outcome::NotEvaluated(Reason::TooFewRows)
    );
}

#[test]
fn a_constant_that_has_fallen_is_seen() {
    let (before, after) = (vec![5.0; 200], vec![4.0; 200]);
    let evidence = judged(&spec(Some(0.25), None), &numeric(&before), &numeric(&after));
    assert_eq!(evidence[0].outcome, Outcome::NotMet);
}

#[test]
fn what_is_not_finite_is_not_evaluated() {
    let before = ramp(200, 0.0);
    for hostile in [f64::NAN, f64::INFINITY] {
        let mut after = ramp(200, 0.0);
        after[7] = hostile;
        for (reference, current) in [(&before, &after), (&after, &before)] {
            let evidence = judged(
                &spec(Some(1e9), Some(1.0)),
                &numeric(reference),
                &numeric(current),
            );
            let undefined = Outcome::NotEvaluated(Reason::Undefined);
            assert!(evidence.iter().all(|record| record.outcome == undefined));
        }
    }
}

#[test]
fn a_column_that_changed_its_kind_is_not_evaluated() {
    let (before, after) = (ramp(200, 0.0), counted(&["a"; 200]));
    let evidence = judged(
        &spec(Some(0.1), Some(0.1)),
        &numeric(&before),
        &categorical(&after),
    );
    let unsupported = Outcome::NotEvaluated(Reason::Unsupported);
    assert!(
        evidence
            .iter()
            .all(|record| record.outcome == unsupported && record.blocks())
    );
    assert_eq!(evidence.len(), 2);
}

#[test]
fn categories_that_nothing_watches_do_not_pass_unseen() {
    let counts = counted(&["a"; 200]);
    let (before, after) = (categorical(&counts), categorical(&counts));
    let watched = judged(&spec(Some(0.1), Some(0.1)), &before, &after);
    assert_eq!(watched.len(), 1);
    let unwatched = judged(&spec(None, Some(0.1)), &before, &after);
    assert_eq!(
        unwatched[0].outcome,
        Outcome::NotEvaluated(Reason::Unsupported)
    );
    assert!(!unwatched[0].blocks());
    let mut named = spec(None, Some(0.1));
    named.columns = Some(vec!["age".to_owned()]);
    assert!(judged(&named, &before, &after)[0].blocks());
}

#[test]
fn a_threshold_that_is_not_a_number_never_passes() {
    let values = ramp(200, 0.0);
    let evidence = judged(
        &spec(Some(f64::NAN), None),
        &numeric(&values),
        &numeric(&values),
    );
    assert_eq!(
        evidence[0].outcome,
        Outcome::NotEvaluated(Reason::Undefined)
    );
}

#[test]
fn a_section_that_makes_no_sense_is_reported() {
    let keys =
        |spec: DriftSpec| -> Vec<String> { spec.check().into_iter().map(|(key, _)| key).collect() };
    assert!(keys(spec(Some(0.1), Some(0.2))).is_empty());
    assert_eq!(keys(spec(None, None)), [""]);
    assert_eq!(keys(spec(Some(-0.1), Some(20.0))), ["psi", "ks"]);
    assert_eq!(keys(spec(Some(f64::NAN), Some(f64::NAN))), ["psi", "ks"]);
    let odd = DriftSpec {
        columns: Some(vec!["a".to_owned(), "a".to_owned()]),
        rows_min: 0,
        severity: Severity::Integrity,
        ..spec(Some(0.1), None)
    };
    assert_eq!(keys(odd), ["columns[1]", "rows_min", "severity"]);
}

#[test]
fn an_unknown_key_is_refused() {
    let text = "reference: a\ncurrent: b\npsi: 0.1\nrow_min: 5\n";
    assert!(serde_saphyr::from_str::<DriftSpec>(text).is_err());
    let spec: DriftSpec =
        serde_saphyr::from_str("reference: a\ncurrent: b\npsi: 0.1\n").expect("reads");
    assert_eq!((spec.rows_min, spec.severity), (100, Severity::Error));
}

proptest! {
    #[test]
    fn statistics_are_finite_in_range_and_ks_is_symmetric(
        reference in prop::collection::vec(-5..5_i8, 1..60),
        current in prop::collection::vec(-5..5_i8, 1..60),
    ) {
        let reference: Vec<f64> = reference.into_iter().map(f64::from).collect();
        let current: Vec<f64> = current.into_iter().map(f64::from).collect();
        let (reference, current) = (numeric(&reference), numeric(&current));
        let psi = computed("psi", &reference, &current).expect("defined");
        prop_assert!(psi.is_finite() && 0.0 <= psi);
        let ks = computed("ks", &reference, &current).expect("defined");
        prop_assert!((0.0..=1.0).contains(&ks));
        prop_assert_eq!(Ok(ks), computed("ks", &current, &reference));
        prop_assert_eq!(computed("psi", &reference, &reference), Ok(0.0));
    }

    #[test]
    fn any_finite_numbers_have_a_statistic(values in prop::collection::vec(any::<f64>(), 1..30)) {
        let values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        prop_assume!(!values.is_empty());
        let column = numeric(&values);
        prop_assert_eq!(computed("psi", &column, &column), Ok(0.0));
        prop_assert_eq!(computed("ks", &column, &column), Ok(0.0));
    }
}
