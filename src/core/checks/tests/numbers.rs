//! Numbers held against reference tools: `fixtures/rules/reference.py` with numpy 2.3.4, pandas 2.3.3 and
//! scikit-learn 1.7.2.

use super::*;

fn reference() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../../fixtures/rules/reference.json")).expect("JSON")
}

/// The moments of 1, 2, 3, 4, 5 and 10, as numpy has them.
pub(super) fn six() -> crate::measure::Moments {
    let reference = &reference()["six"];
    let number = |name: &str| reference[name].as_f64().expect("a number");
    crate::measure::Moments {
        count: 6,
        mean: 25.0 / 6.0,
        sum: 25.0,
        m2: number("m2"),
        m3: number("m3"),
        m4: number("m4"),
        ..Default::default()
    }
}

fn observed(id: &str, parameters: serde_json::Value, measured: Vec<Measured>) -> f64 {
    let kind = find(id).expect("a check");
    let check = (kind.parse)(parameters).expect("parameters");
    let evidence = check.judge(&target(Some("age")), &facts(), &measured);
    evidence[0].observed.expect("a number").value
}

#[track_caller]
fn close(found: f64, expected: &serde_json::Value) {
    let expected = expected.as_f64().expect("a number");
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
        "{found} {expected}"
    );
}

#[test]
fn statistics_agree_with_numpy_and_pandas() {
    let reference = &reference()["six"];
    let bound = json!({"bound": {"at_most": 1e9}});
    for (id, ddof, expected) in [
        ("standard-deviation", 1, "std"),
        ("standard-deviation", 0, "std0"),
        ("variance", 1, "var"),
    ] {
        let parameters = json!({"ddof": ddof, "bound": bound["bound"]});
        let found = observed(id, parameters, vec![Measured::Moments(six())]);
        close(found, &reference[expected]);
    }
    for id in ["skewness", "kurtosis"] {
        let found = observed(id, bound.clone(), vec![Measured::Moments(six())]);
        close(found, &reference[id]);
    }
}

#[test]
fn mutual_information_agrees_with_scikit_learn() {
    let reference = &reference()["mutual_information"];
    let counts = reference["counts"].as_array().expect("a list").iter();
    let pairs = counts.map(|row| {
        let text = |index: usize| row[index].as_str().map(str::to_owned);
        (vec![text(0), text(1)], row[2].as_u64().expect("a count"))
    });
    let parameters = json!({"other": "name", "bound": {"at_least": 0.0}});
    let found = observed(
        "mutual-information",
        parameters,
        vec![Measured::Frequencies(pairs.collect())],
    );
    close(found, &reference["value"]);
}

#[test]
fn moving_deviations_fail_where_pandas_says() {
    let reference = &reference()["moving_deviations"];
    let totals: Vec<f64> = reference["totals"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(serde_json::Value::as_f64)
        .collect();
    for case in reference["cases"].as_array().expect("a list") {
        let check = (find("moving-deviations").expect("a check").parse)(case["parameters"].clone());
        let measured = [order::totals(&totals)];
        let evidence = check
            .expect("parameters")
            .judge(&target(Some("age")), &facts(), &measured);
        for day in case["failing"].as_array().expect("a list") {
            let day = day.as_str().expect("a day");
            assert!(evidence[0].message.contains(day), "{}", evidence[0].message);
        }
        let count = case["failing"].as_array().expect("a list").len() as f64;
        assert_eq!(
            evidence[0].observed.expect("a number").value,
            count,
            "{case}"
        );
    }
}
