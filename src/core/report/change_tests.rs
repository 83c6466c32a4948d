//! What has changed between two reports, case by case.

use super::changes::{Changes, Comparison, Kind, Trend, compare};
use super::standing::Standing;
use super::*;
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, RunIdentity, Severity, Step, Subject, Tool, Unit,
    Waiver,
};

fn report(step: Step, evidence: Vec<Evidence>) -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.1.0".into(),
        },
        started_at: chrono::DateTime::from_timestamp(1_793_000_000, 0).expect("a time"),
        configuration: Vec::new(),
        partitions: Vec::new(),
        ci: None,
    };
    RunReport::new(step, run, Vec::new(), evidence, Vec::new())
}

fn gate(evidence: Vec<Evidence>) -> RunReport {
    report(Step::Gate, evidence)
}

fn options<'a>(
    baseline: &'a RunReport,
    better: &'a dyn Fn(&str) -> Option<Better>,
) -> RenderOptions<'a> {
    RenderOptions {
        requirement: &|_| None,
        color: false,
        width: 100,
        verbose: false,
        baseline: Baseline::Of(baseline),
        better,
    }
}

/// Calls `check` with the changes between two reports, which must be comparable.
fn changes(before: &RunReport, now: &RunReport, check: impl Fn(&Changes<'_>)) {
    let better = |metric: &str| (metric == "roc_auc").then_some(Better::Higher);
    match compare(now, &options(before, &better)) {
        Comparison::Changes(changes) => check(&changes),
        Comparison::NotAsked | Comparison::NothingEarlier | Comparison::NothingInCommon(_) => {
            panic!("there is nothing to compare")
        }
    }
}

fn metric(metric: &str) -> Subject {
    Subject::Metric {
        model: "m".into(),
        metric: metric.into(),
    }
}

/// A record that every report of a case has, so that there is something in common.
fn anchor() -> Evidence {
    Evidence::new("anchor", metric("anchor"), Outcome::Met, "")
}

/// A record that stands as the words say.
fn standing(words: &str) -> Option<Evidence> {
    let record = |outcome| Evidence::new("metric-threshold", metric("roc_auc"), outcome, "");
    let waiver = Waiver {
        requirement: "metric-threshold".into(),
        subject: "m/roc_auc".into(),
        by: "ann".into(),
        reason: "known".into(),
        until: chrono::NaiveDate::from_ymd_opt(2026, 12, 31).expect("a date"),
    };
    match words {
        "nothing" => None,
        "met" => Some(record(Outcome::Met)),
        "not met" => Some(record(Outcome::NotMet)),
        "integrity failure" => Some(record(Outcome::NotMet).severity(Severity::Integrity)),
        "not evaluated" => Some(record(Outcome::NotEvaluated(Reason::TooFewRows))),
        "not tried" => Some(record(Outcome::NotEvaluated(Reason::EarlierStep))),
        "warning" => Some(record(Outcome::NotMet).severity(Severity::Warning)),
        "noted" => Some(record(Outcome::NotMet).severity(Severity::Info)),
        "waived" => Some(Evidence {
            waiver: Some(waiver),
            ..record(Outcome::NotMet)
        }),
        other => panic!("{other}"),
    }
}

/// A report in which something else failed, so that "not tried" is explained by it.
fn with_a_failure(record: Option<Evidence>) -> RunReport {
    let failure = Evidence::new("other", metric("other"), Outcome::NotMet, "");
    gate([anchor(), failure].into_iter().chain(record).collect())
}

#[test]
fn a_requirement_changes_as_its_standings_say() {
    let cases = [
        ("met", "met", None),
        ("not met", "not met", None),
        ("met", "not met", Some(Kind::NotMet)),
        ("met", "integrity failure", Some(Kind::NotMet)),
        ("warning", "not met", Some(Kind::NotMet)),
        ("waived", "not met", Some(Kind::NotMet)),
        ("nothing", "not met", Some(Kind::NotMet)),
        ("not evaluated", "not met", Some(Kind::NotMet)),
        ("not tried", "not met", Some(Kind::NotMet)),
        ("met", "not evaluated", Some(Kind::NotEvaluated)),
        ("nothing", "not evaluated", Some(Kind::NotEvaluated)),
        ("met", "nothing", Some(Kind::Gone)),
        ("not met", "nothing", Some(Kind::Gone)),
        ("met", "warning", Some(Kind::Warning)),
        ("not met", "warning", Some(Kind::Warning)),
        ("not met", "waived", Some(Kind::Waived)),
        ("met", "waived", Some(Kind::Waived)),
        ("met", "noted", Some(Kind::Noted)),
        ("nothing", "met", Some(Kind::New)),
        ("not met", "met", Some(Kind::Met)),
        ("not evaluated", "met", Some(Kind::Met)),
        ("waived", "met", Some(Kind::Met)),
        ("not tried", "met", Some(Kind::Met)),
        ("met", "not tried", None),
        ("nothing", "nothing", None),
    ];
    for (before, now, expected) in cases {
        let (earlier, later) = (
            with_a_failure(standing(before)),
            with_a_failure(standing(now)),
        );
        changes(&earlier, &later, |changes| {
            let kinds: Vec<Kind> = changes
                .requirements
                .iter()
                .map(|change| change.kind)
                .collect();
            assert_eq!(kinds, Vec::from_iter(expected), "{before} → {now}");
            let untried = usize::from(now == "not tried");
            assert_eq!(changes.untried, untried, "{before} → {now}");
        });
    }
}

#[test]
fn the_worst_changes_come_first_and_the_order_of_the_contract_stays() {
    let record = |id: &'static str, outcome| Evidence::new(id, metric("roc_auc"), outcome, "");
    let before = gate(vec![
        anchor(),
        record("c", Outcome::NotMet),
        record("gone", Outcome::Met),
    ]);
    let now = gate(vec![
        anchor(),
        record("new", Outcome::Met),
        record("c", Outcome::Met),
        record("b", Outcome::NotEvaluated(Reason::Undefined)),
        record("z", Outcome::NotMet),
        record("a", Outcome::NotMet),
        record("forged", Outcome::NotMet).severity(Severity::Integrity),
    ]);
    changes(&before, &now, |changes| {
        let ids: Vec<&str> = changes
            .requirements
            .iter()
            .map(|change| change.record.requirement.as_str())
            .collect();
        assert_eq!(ids, ["forged", "z", "a", "b", "gone", "new", "c"]);
        let gone = &changes.requirements[4];
        assert_eq!((gone.before, gone.now), (Some(Standing::Met), None));
    });
}

#[test]
fn records_of_the_same_requirement_and_subject_are_matched_in_order() {
    let record = |outcome| Evidence::new("metric-threshold", metric("roc_auc"), outcome, "");
    let before = gate(vec![record(Outcome::Met), record(Outcome::NotMet)]);
    let now = gate(vec![
        record(Outcome::Met),
        record(Outcome::Met),
        record(Outcome::NotMet),
    ]);
    changes(&before, &now, |changes| {
        let kinds: Vec<Kind> = changes
            .requirements
            .iter()
            .map(|change| change.kind)
            .collect();
        assert_eq!(kinds, [Kind::NotMet, Kind::Met]);
    });
}

#[test]
fn a_metric_changes_as_its_direction_says() {
    let number = |value| Quantity::new(value, Unit::Fraction);
    // Before, now, what is required now, the metric, what is expected.
    let cases = [
        (
            0.7,
            0.8,
            Some(Bound::AtLeast(0.5)),
            "x",
            Some((Trend::Better, "0.1")),
        ),
        (
            0.7,
            0.6,
            Some(Bound::AtLeast(0.5)),
            "x",
            Some((Trend::Worse, "-0.1")),
        ),
        (
            0.7,
            0.8,
            Some(Bound::AtMost(0.9)),
            "x",
            Some((Trend::Worse, "0.1")),
        ),
        (
            0.7,
            0.6,
            Some(Bound::LessThan(0.9)),
            "x",
            Some((Trend::Better, "-0.1")),
        ),
        (
            0.7,
            0.6,
            Some(Bound::Between(0.1, 0.9)),
            "x",
            Some((Trend::Unknown, "-0.1")),
        ),
        (0.7, 0.6, None, "x", Some((Trend::Unknown, "-0.1"))),
        (0.7, 0.6, None, "roc_auc", Some((Trend::Worse, "-0.1"))),
        // What is required is nearer to the reader than what is known of the metric.
        (
            0.7,
            0.6,
            Some(Bound::AtMost(0.9)),
            "roc_auc",
            Some((Trend::Better, "-0.1")),
        ),
        // The same in the digits that are shown is the same.
        (0.7, 0.1 + 0.6, Some(Bound::AtLeast(0.5)), "x", None),
        (0.700_01, 0.700_02, Some(Bound::AtLeast(0.5)), "x", None),
        // What is no number is not compared; its record says so itself.
        (f64::NAN, 0.6, Some(Bound::AtLeast(0.5)), "x", None),
        (0.7, f64::INFINITY, Some(Bound::AtLeast(0.5)), "x", None),
        (
            0.0,
            0.5,
            Some(Bound::AtLeast(0.5)),
            "x",
            Some((Trend::Better, "0.5")),
        ),
    ];
    for (before, now, required, id, expected) in cases {
        let record = |value, required| Evidence {
            observed: Some(number(value)),
            required,
            ..Evidence::new("metric-threshold", metric(id), Outcome::Met, "")
        };
        let before = gate(vec![record(before, None)]);
        let now = gate(vec![record(now, required)]);
        changes(&before, &now, |changes| {
            let seen: Vec<(Trend, String)> = changes
                .metrics
                .iter()
                .map(|change| (change.trend, change.delta().to_string()))
                .collect();
            let expected = expected.map(|(trend, delta)| (trend, delta.to_owned()));
            assert_eq!(seen, Vec::from_iter(expected), "{required:?} {id}");
        });
    }
}

#[test]
fn the_worst_metrics_come_first_and_each_is_said_once() {
    let record = |requirement: &'static str, id: &str, value| Evidence {
        observed: Some(Quantity::new(value, Unit::Number)),
        required: Some(Bound::AtLeast(0.0)),
        ..Evidence::new(requirement, metric(id), Outcome::Met, "")
    };
    let before = gate(vec![
        record("metric-threshold", "better", 1.0),
        record("metric-threshold", "slightly", 100.0),
        record("metric-recorded", "badly", 1.0),
        record("metric-threshold", "badly", 1.0),
        record("metric-regression", "badly", 0.5),
        record("slice-size", "badly", 40.0),
        record("metric-threshold", "same", 1.0),
    ]);
    let now = gate(vec![
        record("metric-threshold", "better", 2.0),
        record("metric-threshold", "slightly", 90.0),
        record("metric-recorded", "badly", 0.5),
        record("metric-threshold", "badly", 0.5),
        record("metric-regression", "badly", 0.1),
        record("slice-size", "badly", 30.0),
        record("metric-threshold", "same", 1.0),
    ]);
    changes(&before, &now, |changes| {
        let names: Vec<String> = changes
            .metrics
            .iter()
            .map(|change| change.subject.name())
            .collect();
        assert_eq!(names, ["m/badly", "m/slightly", "m/better"]);
        assert_eq!(changes.metrics_same, 1);
    });
}

#[test]
fn only_steps_that_both_reports_have_are_compared() {
    let scan = || report(Step::Scan, vec![anchor()]);
    let card = || report(Step::Card, vec![anchor()]);
    let of = |steps: Vec<RunReport>| RunReport::of_steps(gate(Vec::new()).run, steps);
    let before = of(vec![gate(vec![anchor()]), scan()]);
    let now = of(vec![gate(vec![anchor()]), card()]);
    changes(&before, &now, |changes| {
        assert!(changes.requirements.is_empty());
        assert_eq!(changes.steps_added, [Step::Card]);
        assert_eq!(changes.steps_gone, [Step::Scan]);
    });
    // One step against the whole chain, and the other way round.
    changes(&before, &gate(vec![anchor()]), |changes| {
        assert!(changes.requirements.is_empty());
        assert_eq!(changes.steps_gone, [Step::Scan]);
    });
    changes(&gate(vec![anchor()]), &before, |changes| {
        assert_eq!(changes.steps_added, [Step::Scan]);
    });
}

#[test]
fn a_step_that_was_not_tried_has_lost_nothing() {
    let scan = |outcome| {
        report(
            Step::Scan,
            vec![Evidence {
                outcome,
                ..anchor()
            }],
        )
    };
    let failed = || {
        let failure = Evidence::new("other", metric("other"), Outcome::NotMet, "");
        gate(vec![anchor(), failure])
    };
    let of = |steps: Vec<RunReport>| RunReport::of_steps(gate(Vec::new()).run, steps);
    let tried = of(vec![failed(), scan(Outcome::Met)]);
    let untried = of(vec![
        failed(),
        scan(Outcome::NotEvaluated(Reason::EarlierStep)),
    ]);
    changes(&tried, &untried, |changes| {
        assert!(changes.requirements.is_empty());
        assert_eq!(changes.steps_gone, [Step::Scan]);
    });
    changes(&untried, &tried, |changes| {
        assert!(changes.requirements.is_empty());
        assert_eq!(changes.steps_added, [Step::Scan]);
    });
}

#[test]
fn what_is_only_recorded_is_neither_new_nor_missed() {
    let recorded = |outcome| {
        let record = Evidence::new("metric-recorded", metric("recall"), outcome, "");
        record.severity(Severity::Info)
    };
    for outcome in [Outcome::Met, Outcome::NotMet] {
        let (with, without) = (
            gate(vec![anchor(), recorded(outcome)]),
            gate(vec![anchor()]),
        );
        changes(&with, &without, |changes| {
            assert!(changes.requirements.is_empty())
        });
        changes(&without, &with, |changes| {
            assert!(changes.requirements.is_empty())
        });
    }
}

#[test]
fn reports_about_different_things_are_not_compared() {
    let none = |_: &str| None;
    let cases = [
        (gate(vec![anchor()]), report(Step::Scan, vec![anchor()])),
        (gate(vec![anchor()]), gate(Vec::new())),
        (gate(Vec::new()), gate(Vec::new())),
        (
            gate(vec![anchor()]),
            gate(vec![Evidence::new(
                "anchor",
                metric("another"),
                Outcome::Met,
                "",
            )]),
        ),
    ];
    for (before, now) in cases {
        let comparison = compare(&now, &options(&before, &none));
        assert!(matches!(comparison, Comparison::NothingInCommon(_)));
    }
}

#[test]
fn what_changed_is_bounded_and_says_how_much_more_there_is() {
    let record = |index: usize, outcome, value| Evidence {
        observed: Some(Quantity::new(value, Unit::Number)),
        ..Evidence::new(
            "metric-threshold",
            metric(&format!("metric-{index}")),
            outcome,
            "",
        )
    };
    for count in [change_rows::ROWS_MAX, change_rows::ROWS_MAX + 1, 5_000] {
        let of = |outcome, value| {
            gate(
                (0..count)
                    .map(|index| record(index, outcome, value))
                    .collect(),
            )
        };
        let (before, now) = (of(Outcome::Met, 1.0), of(Outcome::NotMet, 2.0));
        let none = |_: &str| None;
        let view = change_rows::changes_view(&now, &options(&before, &none)).expect("changes");
        assert_eq!(view.requirements.len(), change_rows::ROWS_MAX);
        assert_eq!(view.requirements_more, count - change_rows::ROWS_MAX);
        assert_eq!(view.metrics.len(), change_rows::ROWS_MAX);
        assert_eq!(view.metrics_more, count - change_rows::ROWS_MAX);
    }
}
