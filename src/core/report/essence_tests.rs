//! What a report tells of a step in one line, and of what was not tried.

use super::tests::*;
use super::*;
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, Severity, Sha256, Step, Subject, Unit,
};

fn essence_of(step: Step, evidence: Vec<Evidence>) -> String {
    let mut report = sample("integrity");
    report.step = step;
    report.evidence = evidence;
    report.verdict = report.verdict();
    let sections = sections::sections(&report);
    essence::essence(&sections[0])
}

fn met(id: &'static str, subject: Subject, message: &str) -> Evidence {
    Evidence::new(id, subject, Outcome::Met, message)
}

#[test]
fn a_step_that_passed_is_told_by_its_own_figures() {
    let model = || "m".to_owned();
    let signature = |claim: &str| Subject::Signature {
        model: model(),
        claim: claim.into(),
    };
    let metric = |metric: &str| Subject::Metric {
        model: model(),
        metric: metric.into(),
    };
    let column = |column: &str| Subject::Column {
        dataset: "current".into(),
        column: column.into(),
    };
    let file = |path: &str| Subject::File { path: path.into() };
    let observed = |record: Evidence, value: f64| Evidence {
        observed: Some(Quantity::new(value, Unit::Number)),
        ..record
    };
    let interval = Quantity::new(0.0412, Unit::Number).within(0.0095, 0.0711, 0.95);
    let difference = Evidence {
        observed: Some(interval),
        ..met("metric-regression", metric("log_loss"), "")
    };
    let key = Sha256::of(b"key");
    let verifies = format!("the signature verifies with the key {key}");
    let cases = [
        (
            Step::DataValidation,
            vec![
                observed(met("drift-ks", column("b"), ""), 0.9),
                observed(met("drift-psi", column("a"), ""), 0.078),
                observed(met("drift-psi", column("b"), ""), 0.02),
                observed(met("drift-psi", column("c"), ""), f64::NAN),
            ],
            "`current`; largest PSI 0.078 on `a`".to_owned(),
        ),
        (
            Step::Gate,
            vec![
                observed(met("metric-threshold", metric("roc_auc"), ""), 0.7304),
                difference,
            ],
            "`roc_auc` 0.7304, `log_loss` +0.0412 [0.0095, 0.0711] to the champion".to_owned(),
        ),
        (
            Step::Scan,
            vec![
                met("scan-coverage", file("a"), ""),
                met("unknown-global", file("a"), ""),
            ],
            "1 file scanned, no import is unknown".to_owned(),
        ),
        (
            Step::Card,
            vec![
                observed(met("card-figure", file("a"), ""), 94.0),
                observed(met("card-figure", file("b"), ""), 12.0),
            ],
            "106 figures equal their evidence".to_owned(),
        ),
        (
            Step::Sign,
            vec![
                met("signature", signature("model"), &verifies),
                met("signature", signature("gate"), ""),
            ],
            format!("model and 1 evidence file signed, key {}", key.short()),
        ),
        (
            Step::Promote,
            vec![
                met("evidence-age", signature("gate"), ""),
                met("evidence-age", signature("scan"), ""),
                met("previous-stage", Subject::Model { model: model() }, ""),
            ],
            "2 signatures, 1 model".to_owned(),
        ),
    ];
    for (step, evidence, expected) in cases {
        assert_eq!(essence_of(step, evidence), expected, "{}", step.as_str());
    }
}

#[test]
fn the_worst_p_value_is_the_smallest() {
    let of = |column: &str, value: f64, bound: Bound| {
        let subject = Subject::Column {
            dataset: "current".into(),
            column: column.into(),
        };
        met("drift-ks-p-value", subject, "").measured(Quantity::new(value, Unit::Number), bound)
    };
    let p_value = Bound::AtLeast(0.05);
    let mut evidence = vec![
        of("a", 0.9, p_value),
        of("b", 0.06, p_value),
        of("c", 0.4, p_value),
    ];
    assert_eq!(
        essence_of(Step::DataValidation, evidence.clone()),
        "`current`; smallest KS-P-VALUE 0.06 on `b`"
    );
    // Evidently chooses a distance or a p-value for each column; they are not to be mixed.
    evidence.push(of("d", 0.01, Bound::AtMost(0.1)));
    assert!(essence_of(Step::DataValidation, evidence).ends_with("0.06 on `b`"));
}

#[test]
fn the_table_of_metrics_tells_models_apart_and_has_no_row_for_a_size() {
    let observed = |id: &'static str, subject, value| Evidence {
        observed: Some(Quantity::new(value, Unit::Number)),
        ..met(id, subject, "")
    };
    let metric = |model: &str| Subject::Metric {
        model: model.into(),
        metric: "auc".into(),
    };
    let slice = || Subject::Slice {
        model: "candidate".into(),
        metric: "auc".into(),
        slice: "sex=f".into(),
    };
    let mut report = sample("integrity");
    report.evidence = vec![
        observed("metric-threshold", metric("candidate"), 0.73),
        observed("metric-recorded", metric("champion"), 0.64),
        observed("slice-size", slice(), 119.0),
        observed("slice-threshold", slice(), 0.71),
    ];
    report.verdict = report.verdict();
    let text = rendered(&report, Format::Markdown);
    assert!(text.contains("| auc | 0.73 | 0.64 |"), "{text}");
    assert!(text.contains("| sex=f | auc |  | 0.71 |"), "{text}");
    assert!(!text.contains("| sex=f | auc |  | 119 |"), "{text}");
}

#[test]
fn a_step_that_failed_is_told_by_its_first_failure() {
    let column = || Subject::Column {
        dataset: "d".into(),
        column: "c".into(),
    };
    let open = |severity, message: &str| {
        Evidence::new("mean", column(), Outcome::NotMet, message).severity(severity)
    };
    let evidence = vec![
        open(Severity::Warning, "a warning"),
        Evidence::not_evaluated("mean", column(), Reason::TooFewRows, "not evaluated"),
        open(Severity::Error, "the first"),
        open(Severity::Error, "the second"),
    ];
    assert_eq!(essence_of(Step::DataValidation, evidence), "the first");
}

#[test]
fn what_was_not_tried_is_a_finding_where_nothing_says_why() {
    let mut report = sample("integrity");
    let record = |severity| {
        let subject = Subject::Model { model: "m".into() };
        let message = "`promote` was not tried, because `gate` did not pass";
        Evidence::not_evaluated("earlier-step", subject, Reason::EarlierStep, message)
            .severity(severity)
    };
    report.evidence = vec![record(Severity::Error), record(Severity::Warning)];
    report.verdict = report.verdict();
    let text = rendered(&report, Format::Terminal);
    assert!(
        text.contains("? not evaluated: earlier-step on m"),
        "{text}"
    );
    assert!(text.contains("! warning: earlier-step on m"), "{text}");
    assert!(rendered(&report, Format::Junit).contains("<error"));
    assert!(rendered(&report, Format::Sarif).contains("\"ruleId\""));
}

#[test]
fn what_was_not_tried_is_counted_but_no_finding_where_the_report_says_why() {
    let report = sample("sample");
    let text = rendered(&report, Format::Terminal);
    assert!(
        text.starts_with("✗ not passed: data-validation, gate  "),
        "{text}"
    );
    assert!(text.contains("  – promote          not tried\n"), "{text}");
    assert!(text.contains(" and 1 was not tried."), "{text}");
    assert!(!text.contains("approval-count"), "{text}");
    assert!(!rendered(&report, Format::Sarif).contains("approval-count"));
    let junit = rendered(&report, Format::Junit);
    assert!(junit.contains("type=\"not tried\">not tried: "), "{junit}");
    let verbose = RenderOptions {
        verbose: true,
        ..options()
    };
    let text = render(&report, Format::Terminal, &verbose).expect("renders");
    assert!(text.contains("– not tried: approval-count"), "{text}");
    assert_eq!(report.verdict(), crate::evidence::Verdict::NotPassed);
}
