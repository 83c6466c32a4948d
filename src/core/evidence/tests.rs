//! Tests of the pure centre: bounds, verdicts, waivers, the report as text.
use super::*;
use proptest::prelude::*;

fn record(outcome: Outcome, severity: Severity) -> Evidence {
    let subject = Subject::Column {
        dataset: "d".into(),
        column: "c".into(),
    };
    Evidence::new("null-fraction", subject, outcome, "m").severity(severity)
}

fn report(evidence: Vec<Evidence>) -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.1.0".into(),
        },
        started_at: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
        configuration: vec![],
        partitions: Vec::new(),
        ci: None,
    };
    RunReport::new(Step::Gate, run, vec![], evidence, vec![])
}

#[test]
fn paths_of_a_report_start_at_the_top_of_the_repository() {
    let mut whole = report(vec![record(Outcome::NotMet, Severity::Error)]);
    whole.run.ci = Some(CiContext {
        system: "github".into(),
        repository: None,
        commit: None,
        run_url: None,
        directory: Some("models/credit".into()),
    });
    let moved = |file: &str| {
        let mut whole = whole.clone();
        whole.evidence[0].location = Some(Location {
            file: file.into(),
            line: 1,
            column: 1,
        });
        let step = whole.clone();
        let run = RunReport::of_steps(whole.run.clone(), vec![step]);
        let moved = run.in_repository().into_owned();
        moved.steps[0].evidence[0]
            .location
            .clone()
            .expect("kept")
            .file
    };
    for (given, expected) in [
        ("proofmark.yaml", "models/credit/proofmark.yaml"),
        ("./a/b.yaml", "models/credit/a/b.yaml"),
        ("../contract.yaml", "models/contract.yaml"),
        ("../../contract.yaml", "contract.yaml"),
        ("../../../outside.yaml", "../../../outside.yaml"),
        ("/etc/x", "/etc/x"),
        ("C:/x", "C:/x"),
        ("https://example.com/x", "https://example.com/x"),
    ] {
        assert_eq!(moved(given), expected);
    }
    whole.run.ci = None;
    assert_eq!(*whole.in_repository(), whole);
}

#[test]
fn no_evidence_is_not_a_pass() {
    assert_eq!(Verdict::of(&[]), Verdict::NotPassed);
}

#[test]
fn the_worst_record_decides() {
    let cases = [
        (vec![(Outcome::Met, Severity::Error)], Verdict::Passed),
        (vec![(Outcome::NotMet, Severity::Info)], Verdict::Passed),
        (
            vec![(Outcome::NotMet, Severity::Warning)],
            Verdict::PassedWithWarnings,
        ),
        (
            vec![(Outcome::NotEvaluated(Reason::TooFewRows), Severity::Error)],
            Verdict::NotPassed,
        ),
        (
            vec![
                (Outcome::NotEvaluated(Reason::Pending), Severity::Error),
                (Outcome::NotMet, Severity::Warning),
            ],
            Verdict::Pending,
        ),
        (
            vec![
                (Outcome::NotEvaluated(Reason::Pending), Severity::Error),
                (Outcome::NotMet, Severity::Error),
            ],
            Verdict::NotPassed,
        ),
        (
            vec![(Outcome::NotEvaluated(Reason::Pending), Severity::Integrity)],
            Verdict::IntegrityFailure,
        ),
        (
            vec![(Outcome::NotEvaluated(Reason::MissingInput), Severity::Error)],
            Verdict::InputMissing,
        ),
        (
            vec![
                (Outcome::NotEvaluated(Reason::MissingInput), Severity::Error),
                (Outcome::NotMet, Severity::Warning),
            ],
            Verdict::InputMissing,
        ),
        (
            vec![
                (Outcome::NotEvaluated(Reason::MissingInput), Severity::Error),
                (Outcome::NotMet, Severity::Error),
            ],
            Verdict::NotPassed,
        ),
        (
            vec![(Outcome::NotEvaluated(Reason::Unavailable), Severity::Error)],
            Verdict::Unavailable,
        ),
        (
            vec![(Outcome::NotEvaluated(Reason::NotPermitted), Severity::Error)],
            Verdict::NotPermitted,
        ),
        // A later run does not find what is missing, nor undo what is not met.
        (
            vec![
                (Outcome::NotEvaluated(Reason::Unavailable), Severity::Error),
                (Outcome::NotEvaluated(Reason::MissingInput), Severity::Error),
            ],
            Verdict::InputMissing,
        ),
        (
            vec![
                (Outcome::NotEvaluated(Reason::Unavailable), Severity::Error),
                (Outcome::NotMet, Severity::Error),
            ],
            Verdict::NotPassed,
        ),
        (
            vec![
                (Outcome::NotMet, Severity::Integrity),
                (Outcome::NotEvaluated(Reason::MissingInput), Severity::Error),
            ],
            Verdict::IntegrityFailure,
        ),
    ];
    for (records, expected) in cases {
        let evidence: Vec<_> = records
            .iter()
            .map(|(outcome, severity)| record(*outcome, *severity))
            .collect();
        assert_eq!(Verdict::of(&evidence), expected, "{records:?}");
    }
}

#[test]
fn waivers_expire_and_never_cover_integrity() {
    let waiver = Waiver {
        requirement: "null-fraction".into(),
        subject: "d/c".into(),
        by: "ann".into(),
        reason: "known".into(),
        until: chrono::NaiveDate::from_ymd_opt(2026, 1, 31).expect("a date"),
    };
    let day = |d| chrono::NaiveDate::from_ymd_opt(2026, 1, d).expect("a date");
    let waived = |severity, today| {
        let mut evidence = vec![record(Outcome::NotMet, severity)];
        apply_waivers(&mut evidence, std::slice::from_ref(&waiver), today);
        Verdict::of(&evidence)
    };
    assert_eq!(
        waived(Severity::Error, day(31)),
        Verdict::PassedWithWarnings
    );
    assert_eq!(
        waived(Severity::Error, day(31).succ_opt().expect("a date")),
        Verdict::NotPassed
    );
    assert_eq!(
        waived(Severity::Integrity, day(1)),
        Verdict::IntegrityFailure
    );
}

#[test]
fn a_report_that_contradicts_its_evidence_is_refused() {
    let text = report(vec![record(Outcome::NotMet, Severity::Error)]).to_json();
    assert!(RunReport::parse(&text).is_ok());
    let forged = text.replace("\"verdict\": \"not_passed\"", "\"verdict\": \"passed\"");
    assert_ne!(forged, text);
    assert!(RunReport::parse(&forged).is_err());
}

#[test]
fn not_a_number_survives_a_round_trip() {
    let mut evidence = record(Outcome::NotEvaluated(Reason::Undefined), Severity::Error);
    evidence.observed = Some(Quantity::new(f64::NAN, Unit::Number));
    let back = RunReport::parse(&report(vec![evidence]).to_json()).expect("reads back");
    assert!(back.evidence[0].observed.expect("observed").value.is_nan());
}

#[test]
fn a_report_printed_as_json_forges_no_runner_command() {
    let mut evidence = record(Outcome::NotMet, Severity::Error);
    evidence.message = "##[error]forged".into();
    let text = report(vec![evidence.clone()]).to_json();
    assert!(!text.contains("##["), "{text}");
    assert_eq!(
        RunReport::parse(&text).expect("reads back").evidence,
        [evidence]
    );
}

#[test]
fn numbers_keep_the_digits_that_matter() {
    let cases = [
        (0.0, "0"),
        (3.0, "3"),
        (1000000.0, "1000000"),
        (0.031, "0.031"),
        (0.123456, "0.1235"),
        (12.3456, "12.35"),
        (123456.7, "123457"),
        (0.00001234, "1.234e-5"),
        (-0.5, "-0.5"),
        (f64::NAN, "NaN"),
    ];
    for (value, expected) in cases {
        assert_eq!(Quantity::new(value, Unit::Number).to_string(), expected);
    }
}

#[test]
fn a_value_just_off_the_bound_does_not_look_like_it() {
    assert_eq!(Bound::AtLeast(0.72).beside(0.71996), "0.71996");
    assert_eq!(Bound::AtLeast(0.72).beside(0.72), "0.72");
    assert_eq!(Bound::AtMost(0.2).beside(0.2218), "0.2218");
    assert_eq!(Bound::Between(1.0, 2.0).beside(2.0000001), "2.0000001");
}

#[test]
fn ages_are_told_in_the_unit_a_person_would_use() {
    for (days, expected) in [
        (1e-5, "0 minutes"),
        (0.001, "1 minute"),
        (0.5, "12 hours"),
        (3.0, "3 days"),
        (2.5, "2.5 days"),
    ] {
        assert_eq!(Quantity::new(days, Unit::Days).to_string(), expected);
    }
}

proptest! {
    #[test]
    fn what_is_not_finite_never_passes(threshold in -10.0..10.0f64, which in 0..3usize) {
        let value = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][which];
        for bound in [Bound::AtLeast(threshold), Bound::AtMost(threshold), Bound::Not(threshold), Bound::Outside(threshold, threshold)] {
            let outcome = bound.judge(&Quantity::new(value, Unit::Number));
            prop_assert_eq!(outcome, Outcome::NotEvaluated(Reason::Undefined));
        }
    }

    #[test]
    fn a_tighter_threshold_never_flips_to_met(value in -10.0..10.0f64, threshold in -10.0..10.0f64, tighter in 0.0..5.0f64) {
        let quantity = Quantity::new(value, Unit::Number);
        if Bound::AtLeast(threshold).judge(&quantity) == Outcome::NotMet {
            prop_assert_eq!(Bound::AtLeast(threshold + tighter).judge(&quantity), Outcome::NotMet);
        }
    }

    #[test]
    fn an_interval_that_holds_holds_at_its_point(value in -1.0..1.0f64, below in 0.0..1.0f64, above in 0.0..1.0f64, threshold in -1.0..1.0f64) {
        let quantity = Quantity::new(value, Unit::Number).within(value - below, value + above, 0.95);
        for bound in [Bound::AtLeast(threshold), Bound::AtMost(threshold), Bound::Between(threshold, threshold + 0.5)] {
            if bound.judge_interval(&quantity) == Outcome::Met {
                prop_assert_eq!(bound.judge(&quantity), Outcome::Met);
            }
        }
    }

    #[test]
    fn any_text_is_refused_or_read_without_panic(text in ".{0,200}") {
        let _ = RunReport::parse(&text);
    }
}
