//! The gate over real predictions (`fixtures/credit`), beside what other libraries make of them.
use std::collections::BTreeMap;

use super::tests::*;
use super::*;

/// Predictions of `fixtures/credit`: real people, two real models.
fn credit(name: &str, text: &str) -> Predictions {
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let column = |index: usize| rows.iter().map(move |row| row[index]);
    let group = |index: usize| column(index).map(|value| Some(value.to_owned())).collect();
    made(
        name,
        column(0).map(str::to_owned).collect(),
        column(1).map(|label| label == "1").collect(),
        column(2)
            .map(|score| score.parse().expect("a score"))
            .collect(),
        column(3).map(|prediction| prediction == "1").collect(),
        BTreeMap::from([
            ("sex".to_owned(), group(4)),
            ("age_group".to_owned(), group(5)),
            ("housing".to_owned(), group(6)),
        ]),
    )
    .expect("valid predictions")
}

/// scikit-learn 1.9.1, Fairlearn 0.15.0 and a paired bootstrap by numpy 2.4.6 on the same files.
#[test]
fn real_models_get_the_numbers_of_the_references() {
    let reference: serde_json::Value = serde_json::from_str(include_str!(
        "../../../fixtures/credit/reference/metrics.json"
    ))
    .expect("reads");
    let candidate = credit(
        "candidate",
        include_str!("../../../fixtures/credit/predictions/candidate.csv"),
    );
    let champion = credit(
        "champion",
        include_str!("../../../fixtures/credit/predictions/champion.csv"),
    );
    let spec: GateSpec = serde_saphyr::from_str(EXAMPLE).expect("reads");
    let outcome = judge(&spec, &candidate, Some(&champion), &|_| None);
    let observed = |requirement: &str, name: &str| {
        let is = |record: &&Evidence| {
            record.requirement.as_str() == requirement && record.subject.name() == name
        };
        let record = outcome
            .evidence
            .iter()
            .find(is)
            .unwrap_or_else(|| panic!("{requirement} {name}"));
        record.observed.expect("a value")
    };
    let close = |found: f64, expected: &serde_json::Value| {
        let expected = expected.as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    };
    let models = &reference["models"];
    close(
        observed("metric-threshold", "candidate/roc_auc").value,
        &models["candidate"]["overall"]["roc_auc"],
    );
    close(
        observed("metric-recorded", "champion/brier").value,
        &models["champion"]["overall"]["brier"],
    );
    for slice in ["male", "female"] {
        let name = format!("candidate/roc_auc/sex={slice}");
        close(
            observed("slice-threshold", &name).value,
            &models["candidate"]["slices"]["sex"][slice]["roc_auc"],
        );
    }
    let name = "candidate/demographic_parity_difference/sex";
    let expected = &models["candidate"]["fairness"]["sex"]["demographic_parity_difference"];
    close(observed("fairness-difference", name).value, expected);
    let difference = observed("metric-regression", "candidate/roc_auc");
    let expected = &reference["comparison"]["roc_auc"];
    close(difference.value, &expected["difference"]);
    let interval = difference.interval.expect("an interval");
    for (found, end) in [(interval.lower, 0), (interval.upper, 1)] {
        let expected = expected["interval_95"][end].as_f64().expect("a number");
        assert!((found - expected).abs() < 0.006, "{found} {expected}");
    }
}
