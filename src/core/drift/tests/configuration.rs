//! The `drift` section: what is read, and what is refused before there are data.

use super::judging::{compared, spec};
use crate::drift::{CurrentColumns, DriftSpec, Method, NamedMethod, unknown_columns};
use crate::evidence::{Location, Outcome, Reason, Severity};

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
fn a_name_like_no_other_is_answered_with_all_names() {
    let spec: DriftSpec = serde_saphyr::from_str(&format!(
        "{START}method: [{{statistic: zzz, at_most: 1}}]\n"
    ))
    .expect("reads");
    let said = &spec.check()[0].1;
    assert!(
        said.starts_with("there is no statistic `zzz`; there are `psi`, `ks`, "),
        "{said}"
    );
}

#[test]
fn a_dataset_is_not_compared_with_itself() {
    assert_eq!(keys("reference: a\ncurrent: a\n"), ["current"]);
}

#[test]
fn roles_of_columns_that_are_not_compared_are_refused() {
    let text = "columns: [x, label]\ntarget: [lable]\nprediction: [x, z]\noverrides: {yy: {kind: text}, x: {}}\n";
    assert_eq!(
        keys(&format!("{START}{text}")),
        ["overrides.yy", "target[0]", "prediction[1]"]
    );
    let spec: DriftSpec = serde_saphyr::from_str(&format!("{START}{text}")).expect("reads");
    assert_eq!(
        spec.check()[1].1,
        "column `lable` is not among `columns`, so that nothing would be compared; add it there, or did you mean `label`?"
    );
}

#[test]
fn columns_the_dataset_does_not_hold_are_not_evaluated() {
    let text = "target: [lable]\nprediction: [zz]\nslices: [regoin]\noverrides: {yy: {kind: text, severity: warning}}\n";
    let spec: DriftSpec = serde_saphyr::from_str(&format!("{START}{text}")).expect("reads");
    let locate = |key: &str| {
        Some(Location {
            file: key.to_owned(),
            line: 1,
            column: 1,
        })
    };
    let held = ["label", "region", "age"];
    let columns = CurrentColumns {
        held: &held,
        compared: &held,
    };
    let evidence = unknown_columns(&spec, &compared(), columns, &locate);
    let found: Vec<_> = evidence
        .iter()
        .map(|record| {
            assert_eq!(
                record.outcome,
                Outcome::NotEvaluated(Reason::MissingInput),
                "{}",
                record.message
            );
            let location = record.location.as_ref().expect("a place");
            (record.requirement.as_str(), location.file.as_str())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("drift-dataset", "slices[0]"),
            ("drift-target", "target[0]"),
            ("drift-prediction", "prediction[0]"),
            ("drift-ks", "overrides.yy"),
        ]
    );
    assert_eq!(
        evidence[1].message,
        "drift of column `lable` of `now` is not judged: `target` names the column, and the dataset does not have it; did you mean `label`?"
    );
    assert!(!evidence[2].message.contains("did you mean"));
    assert_eq!(evidence[3].severity, Severity::Warning);
    let all = ["lable", "zz", "regoin", "yy"];
    let columns = CurrentColumns {
        held: &all,
        compared: &all,
    };
    assert!(unknown_columns(&spec, &compared(), columns, &locate).is_empty());
    let columns = CurrentColumns {
        held: &all,
        compared: &["zz", "yy"],
    };
    let evidence = unknown_columns(&spec, &compared(), columns, &locate);
    assert_eq!(evidence.len(), 1);
    assert!(
        evidence[0]
            .message
            .contains("`target` names the column, and it is not compared"),
        "{}",
        evidence[0].message
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
