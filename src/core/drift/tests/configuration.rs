//! The `drift` section: what is read, and what is refused before there are data.

use super::judging::spec;
use crate::drift::{DriftSpec, Method, NamedMethod};
use crate::evidence::Severity;

fn keys(text: &str) -> Vec<String> {
    let spec: DriftSpec = serde_saphyr::from_str(text).expect("reads");
    spec.check().into_iter().map(|(key, _)| key).collect()
}

const START: &str = "reference: a\ncurrent: b\n";

#[test]
fn the_section_of_earlier_versions_still_reads() {
    let spec: DriftSpec =
        serde_saphyr::from_str(&format!("{START}psi: 0.1\nks: 0.2\ncolumns: [x]\n"))
            .expect("reads");
    assert_eq!(
        (spec.rows_min, spec.severity, spec.reference_name()),
        (100, Severity::Error, "a")
    );
    assert!(spec.check().is_empty());
}

#[test]
fn a_section_that_makes_no_sense_is_reported() {
    assert!(spec().check().is_empty());
    let cases: [(&str, &[&str]); 12] = [
        ("psi: -0.1\nks: 20\n", &["psi", "ks"]),
        ("psi: .nan\nks: .nan\n", &["psi", "ks"]),
        (
            "psi: 0.1\ncolumns: [a, a]\nrows_min: 0\nseverity: integrity\n",
            &["columns[1]", "rows_min", "severity"],
        ),
        ("columns: []\n", &["columns"]),
        ("reference_profile: p.json\n", &["reference_profile"]),
        ("method: []\n", &["method"]),
        (
            "method: [{statistic: kss, at_most: 1}, {statistic: psi}]\n",
            &["method[0].statistic", "method[1]"],
        ),
        (
            "method: [{statistic: psi, p_value_at_least: 0.05}]\n",
            &["method[0].p_value_at_least"],
        ),
        (
            "confidence: 1\nresolution: 0\nthreshold: -1\n",
            &["threshold", "confidence", "resolution"],
        ),
        (
            "overrides: {x: {stattest: kss, rows_min: 0}}\n",
            &["overrides.x.stattest", "overrides.x.rows_min"],
        ),
        ("target: [x]\nprediction: [x]\n", &["prediction[0]"]),
        (
            "budget: {share_max: 2, columns_max: 1}\n",
            &["budget", "budget.share_max"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(keys(&format!("{START}{text}")), expected, "{text}");
    }
    assert_eq!(keys("current: b\n"), [""]);
    assert_eq!(
        keys("current: b\nreference_profile: p.json\nslices: [region]\n"),
        ["slices"]
    );
}

#[test]
fn a_name_that_is_almost_right_is_corrected() {
    let spec: DriftSpec = serde_saphyr::from_str(&format!(
        "{START}method: [{{statistic: wasserstien, at_most: 1}}]\n"
    ))
    .expect("reads");
    assert_eq!(
        spec.check()[0].1,
        "there is no statistic `wasserstien`; did you mean `wasserstein`?"
    );
}

#[test]
fn what_is_unknown_is_refused() {
    for text in [
        "row_min: 5\n",
        "method: evidentally\n",
        "budget: {share: 0.1}\n",
        "overrides: {x: {foo: 1}}\n",
    ] {
        assert!(
            serde_saphyr::from_str::<DriftSpec>(&format!("{START}{text}")).is_err(),
            "{text}"
        );
    }
    let spec: DriftSpec =
        serde_saphyr::from_str(&format!("{START}method: evidently\n")).expect("reads");
    assert_eq!(spec.method, Some(Method::Named(NamedMethod::Evidently)));
}
