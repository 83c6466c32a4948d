//! The methods of peers against the peers: Evidently 0.7.23 with pandas 2.3.3 and scipy 1.17.1
//! (`fixtures/drift/make_evidently.py`), TensorFlow Data Validation 1.16.1
//! (`fixtures/drift/make_tfdv.py`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{categorical, counted, numeric};
use crate::drift::evidently::{self, TESTS};
use crate::drift::tfdv::{self, Bucket, Histogram};
use crate::evidence::{Outcome, Quantity, Unit};
use crate::measure::{Distribution, NumericBuilder};

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    reference: BTreeMap<String, u64>,
    current: BTreeMap<String, u64>,
    dropped: [u64; 2],
    default: Expected,
    by_name: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
struct Expected {
    method: Option<String>,
    score: serde_json::Value,
    #[serde(default)]
    drifted: bool,
    threshold: Option<f64>,
}

fn side(kind: &str, counts: &BTreeMap<String, u64>, nulls: u64) -> Distribution {
    if kind == "cat" {
        return counted(counts.clone(), nulls);
    }
    let mut numbers = NumericBuilder::exact();
    for (value, count) in counts {
        numbers.add(value.parse().expect("a number"), *count);
    }
    numbers.add_nulls(nulls);
    Distribution::Numeric(numbers.finish())
}

/// What differs, as a sentence.
fn difference(case: &Case, test: Option<&str>, expected: &Expected) -> Option<String> {
    let reference = side(&case.kind, &case.reference, case.dropped[0]);
    let current = side(&case.kind, &case.current, case.dropped[1]);
    let named = test.map(|name| {
        let found = TESTS.iter().find(|(known, _)| *known == name);
        found.expect("a method").1
    });
    let found = evidently::compare(named, None, &reference, &current);
    let what = format!("{}, {}", case.name, test.unwrap_or("default"));
    let score = match (&expected.score, found) {
        (serde_json::Value::String(text), Err(_)) if text == "error" || text == "nan" => {
            return None;
        }
        (serde_json::Value::String(text), Ok(found)) if text == "nan" => {
            let judged = found.bound.judge(&Quantity::new(found.score, Unit::Number));
            let unknown = matches!(judged, Outcome::NotEvaluated(_));
            return (!found.score.is_nan() || !unknown)
                .then(|| format!("{what}: {found:?} is not NaN"));
        }
        (serde_json::Value::Number(number), Ok(found)) => {
            let number = number.as_f64().expect("a double");
            let close = (found.score - number).abs() <= 1e-6 * number.abs() + 1e-12;
            if !close {
                return Some(format!("{what}: {} is not {number}", found.score));
            }
            found
        }
        (expected, found) => return Some(format!("{what}: {found:?}, expected {expected}")),
    };
    if let Some(method) = &expected.method
        && score.test.name() != method
    {
        return Some(format!(
            "{what}: method {} is not {method}",
            score.test.name()
        ));
    }
    if let Some(threshold) = expected.threshold
        && score.bound != score.test.bound(threshold)
    {
        return Some(format!("{what}: {:?} is not {threshold}", score.bound));
    }
    let judged = score.bound.judge(&Quantity::new(score.score, Unit::Number));
    let drifted = judged == Outcome::NotMet;
    (drifted != expected.drifted)
        .then(|| format!("{what}: {judged:?}, expected {}", expected.drifted))
}

#[test]
fn evidently_is_reproduced_number_by_number() {
    let golden: Golden =
        serde_json::from_str(include_str!("../../../../fixtures/drift/evidently.json"))
            .expect("the golden file reads");
    assert!(29 <= golden.cases.len());
    let mut wrong = Vec::new();
    let mut compared = 0;
    for case in &golden.cases {
        wrong.extend(difference(case, None, &case.default));
        for (test, expected) in &case.by_name {
            compared += 1;
            wrong.extend(difference(case, Some(test), expected));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(300 <= compared, "{compared}");
}

#[test]
fn the_defects_of_evidently_are_where_they_were() {
    let (before, after) = (
        categorical(&[("a", 6000), ("b", 4000)]),
        categorical(&[("a", 6000), ("b", 4000), ("c", 1)]),
    );
    let score = |test: &str, reference: &Distribution, current: &Distribution| {
        let test = TESTS
            .iter()
            .find(|(name, _)| *name == test)
            .map(|(_, test)| *test);
        evidently::compare(test, None, reference, current)
            .expect("a score")
            .score
    };
    assert_eq!(score("chisquare", &before, &after), 0.0);
    let strict = super::find("chi_square").expect("a statistic");
    let strict = strict.compare(&before, &after).expect("defined");
    assert!(strict.p_value.is_some_and(|p_value| 0.3 < p_value));
    let ramp: Vec<f64> = (0..200).map(f64::from).collect();
    let fallen: Vec<f64> = ramp.iter().map(|value| value - 50.0).collect();
    assert!(0.999 < score("mannw", &numeric(&ramp), &numeric(&fallen)));
    let strict = super::find("mann_whitney").expect("a statistic");
    let strict = strict
        .compare(&numeric(&ramp), &numeric(&fallen))
        .expect("defined");
    assert!(strict.p_value.is_some_and(|p_value| p_value < 1e-6));
    let (five, six) = (numeric(&[5.0; 100]), numeric(&[6.0; 90]));
    assert_eq!(score("wasserstein", &five, &six), 1000.0);
}

fn histogram(buckets: &[(f64, f64, f64)], nan_count: f64) -> Histogram {
    let bucket = |(low, high, count): &(f64, f64, f64)| Bucket {
        low: *low,
        high: *high,
        count: *count,
    };
    Histogram {
        buckets: buckets.iter().map(bucket).collect(),
        nan_count,
    }
}

#[derive(Deserialize)]
struct TfdvGolden {
    histograms: Vec<HistogramCase>,
    categories: Vec<CategoryCase>,
}

#[derive(Deserialize)]
struct HistogramCase {
    name: String,
    reference: Vec<(Number, Number, f64)>,
    reference_nan: f64,
    current: Vec<(Number, Number, f64)>,
    current_nan: f64,
    jensen_shannon_divergence: f64,
}

#[derive(Deserialize)]
struct Number(String);

#[derive(Deserialize)]
struct CategoryCase {
    name: String,
    reference: BTreeMap<String, u64>,
    current: BTreeMap<String, u64>,
    infinity_norm: f64,
    normalized_abs_difference: f64,
}

#[test]
fn tfdv_is_reproduced_number_by_number() {
    let golden: TfdvGolden =
        serde_json::from_str(include_str!("../../../../fixtures/drift/tfdv.json"))
            .expect("the golden file reads");
    assert!(8 <= golden.histograms.len() && 4 <= golden.categories.len());
    let read = |buckets: &[(Number, Number, f64)], nan_count: f64| {
        let number = |number: &Number| number.0.parse().expect("a number");
        let buckets: Vec<(f64, f64, f64)> = buckets
            .iter()
            .map(|(low, high, count)| (number(low), number(high), *count))
            .collect();
        histogram(&buckets, nan_count)
    };
    for case in &golden.histograms {
        let found = tfdv::jensen_shannon_divergence(
            &read(&case.reference, case.reference_nan),
            &read(&case.current, case.current_nan),
        );
        let found = found.expect("defined");
        let expected = case.jensen_shannon_divergence;
        assert!(
            (found - expected).abs() < 1e-12,
            "{}: {found} is not {expected}",
            case.name
        );
    }
    for case in &golden.categories {
        let sides = (
            counted(case.reference.clone(), 0),
            counted(case.current.clone(), 0),
        );
        let (Distribution::Categorical(before), Distribution::Categorical(now)) = &sides else {
            continue;
        };
        let found = tfdv::l_infinity(before, now).expect("defined");
        assert!(
            (found - case.infinity_norm).abs() < 1e-12,
            "{}: {found}",
            case.name
        );
        let found = tfdv::normalized_absolute_difference(before, now).expect("defined");
        assert!(
            (found - case.normalized_abs_difference).abs() < 1e-12,
            "{}: {found}",
            case.name
        );
    }
}

#[test]
fn shared_nan_are_as_far_apart_as_can_be_for_tfdv_unless_they_get_lost() {
    let same = histogram(&[(0.0, 1.0, 50.0)], 50.0);
    let found = tfdv::jensen_shannon_divergence(&same, &same).expect("defined");
    assert!((found - 0.5).abs() < 1e-12, "{found}");
    let other = histogram(&[(0.0, 2.0, 50.0)], 50.0);
    let lost = histogram(&[(0.0, 2.0, 50.0)], 0.0);
    assert_eq!(
        tfdv::jensen_shannon_divergence(&same, &other),
        tfdv::jensen_shannon_divergence(&same, &lost)
    );
}
