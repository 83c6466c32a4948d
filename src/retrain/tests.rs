//! The decision as a pure function: every cause met, not met and not evaluated; the order of the
//! questions; what never happens whatever the input.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, RunIdentity, RunReport, Severity, Sha256, Step,
    Subject, SubjectDigest, Tool, Verdict, Waiver,
};

const MODEL: &str = "credit-risk";
const LIVE: &str = "monitoring/gate.json";
const TRAINED: &str = "training/data-validation.json";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("a time")
}

fn column(name: &str) -> Subject {
    Subject::Column {
        dataset: "current".into(),
        column: name.into(),
    }
}

fn dataset(name: &str) -> Subject {
    Subject::Dataset {
        dataset: name.into(),
    }
}

fn model() -> Subject {
    Subject::Model {
        model: MODEL.into(),
    }
}

fn check(outcome: Outcome) -> Evidence {
    Evidence::new("null-fraction", column("age"), outcome, "nulls of `age`")
}

fn drift(outcome: Outcome) -> Evidence {
    Evidence::new("drift-psi", column("age"), outcome, "psi of `age`")
}

fn metric(outcome: Outcome) -> Evidence {
    Evidence::new("metric-threshold", model(), outcome, "auc")
}

fn rows(name: &str, count: u64) -> Evidence {
    Evidence::new("row-count", dataset(name), Outcome::Met, "rows")
        .measured(Quantity::rows(count), Bound::AtLeast(1.0))
}

fn file(path: &str, step: Step, evidence: Vec<Evidence>) -> EvidenceFile {
    made(path, step, evidence, now(), b"champion")
}

fn made(
    path: &str,
    step: Step,
    evidence: Vec<Evidence>,
    started_at: DateTime<Utc>,
    model: &[u8],
) -> EvidenceFile {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.1.0".into(),
        },
        started_at,
        configuration: vec![],
        partitions: Vec::new(),
        ci: None,
    };
    let subjects = [(MODEL, model), ("current", b"the new data")];
    let subjects = subjects.map(|(name, bytes)| SubjectDigest {
        name: name.into(),
        sha256: Sha256::of(bytes),
    });
    let report = RunReport::new(step, run, subjects.to_vec(), evidence, vec![]);
    let sha256 = Sha256::of(report.to_json().as_bytes());
    EvidenceFile {
        path: path.into(),
        content: Content::Report(Box::new(report), sha256),
    }
}

fn absent(path: &str) -> EvidenceFile {
    EvidenceFile {
        path: path.into(),
        content: Content::Missing,
    }
}

/// All that a decision is made of, to be changed by the cases.
#[derive(Clone)]
struct Bench {
    spec: Value,
    data: EvidenceFile,
    files: Vec<EvidenceFile>,
    releases: Option<Releases>,
    history: Vec<PastRetraining>,
    reason: Option<String>,
    now: DateTime<Utc>,
}

impl Bench {
    /// Fit data that has drifted, a champion, nothing decided before: fires.
    fn drifted() -> Self {
        let records = vec![check(Outcome::Met), drift(Outcome::NotMet)];
        Self {
            spec: json!({"causes": {"drift": {}}}),
            data: file("data.json", Step::DataValidation, records),
            files: vec![],
            releases: Some(Releases {
                stage: "production".into(),
                live: Some(Live {
                    digest: Sha256::of(b"champion"),
                    since: now() - TimeDelta::days(40),
                }),
                promoted_at: Some(now() - TimeDelta::days(40)),
            }),
            history: vec![],
            reason: None,
            now: now(),
        }
    }

    /// The same with other causes and other evidence.
    fn with(causes: Value, data: Vec<Evidence>, files: Vec<EvidenceFile>) -> Self {
        Self {
            spec: json!({ "causes": causes }),
            data: file("data.json", Step::DataValidation, data),
            files,
            ..Self::drifted()
        }
    }

    fn decide(&self) -> Decision {
        let spec: RetrainSpec = serde_json::from_value(self.spec.clone()).expect("a section");
        let files: BTreeMap<String, EvidenceFile> = self
            .files
            .iter()
            .map(|file| (file.path.clone(), file.clone()))
            .collect();
        decide(
            &spec,
            &Situation {
                model: MODEL,
                data: &self.data,
                files: &files,
                releases: self.releases.as_ref(),
                history: &self.history,
                reason: self.reason.as_deref(),
                by: "ann",
                configuration: Sha256::of(b"configuration"),
                now: self.now,
                locate: &|_| None,
            },
        )
    }

    fn action(&self) -> Action {
        self.decide().action
    }
}

fn past(hours_ago: i64, progress: Progress) -> PastRetraining {
    PastRetraining {
        decision: Sha256::of(b"another decision"),
        claimed_at: now() - TimeDelta::hours(hours_ago),
        by: "ci".into(),
        progress,
    }
}

fn started(hours_ago: i64) -> PastRetraining {
    past(hours_ago, Progress::Started { run: None })
}

fn record<'a>(decision: &'a Decision, id: &str) -> &'a Evidence {
    let mut records = decision.evidence.iter();
    records
        .find(|record| record.requirement.as_str() == id)
        .unwrap_or_else(|| panic!("no record `{id}` in {:#?}", decision.evidence))
}

const UNKNOWN: Outcome = Outcome::NotEvaluated(Reason::TooFewRows);

#[test]
fn every_cause_has_three_answers() {
    let fit = || check(Outcome::Met);
    let live = |records| vec![file(LIVE, Step::Gate, records)];
    let old = |days| {
        let at = now() - TimeDelta::days(days);
        vec![made(
            "trained.json",
            Step::Gate,
            vec![metric(Outcome::Met)],
            at,
            b"champion",
        )]
    };
    let drift_of = |records: Vec<Evidence>| {
        let records = std::iter::once(fit()).chain(records).collect();
        Bench::with(json!({"drift": {"records_min": 2}}), records, vec![])
    };
    let performance = |files| {
        Bench::with(
            json!({"performance": {"evidence": LIVE}}),
            vec![fit()],
            files,
        )
    };
    let staleness = |days| {
        Bench::with(
            json!({"staleness": {"max_age_days": days}}),
            vec![fit()],
            vec![],
        )
    };
    let by_evidence = |files| {
        let causes = json!({"staleness": {"max_age_days": 30, "evidence": "trained.json"}});
        Bench::with(causes, vec![fit()], files)
    };
    let volume = |grown: Value, records: Vec<Evidence>| {
        let mut spec = json!({"dataset": "current", "trained_on": "reference"});
        spec.as_object_mut()
            .expect("a map")
            .extend(grown.as_object().expect("a map").clone());
        let records = std::iter::once(fit()).chain(records).collect();
        Bench::with(json!({"data_volume": spec}), records, vec![])
    };
    let by_training = |then: Vec<EvidenceFile>| {
        let spec = json!({"dataset": "current", "trained_evidence": TRAINED, "grown_rows": 50});
        Bench::with(
            json!({"data_volume": spec}),
            vec![fit(), rows("current", 150)],
            then,
        )
    };
    let waived = |until| {
        let mut record = drift(Outcome::NotMet);
        record.waiver = Some(Waiver {
            requirement: "drift-psi".into(),
            subject: "current/age".into(),
            by: "ann".into(),
            reason: "a campaign".into(),
            until,
        });
        record
    };
    let today = now().date_naive();
    let yesterday = today.pred_opt().expect("a day");
    let both = |now, then| vec![rows("current", now), rows("reference", then)];
    let nobody_live = |mut bench: Bench| {
        bench.releases.as_mut().expect("a stage").live = None;
        bench
    };
    let other_model = made(
        LIVE,
        Step::Gate,
        vec![metric(Outcome::NotMet)],
        now(),
        b"another",
    );
    let ids = Evidence::new("prediction-ids", model(), Outcome::NotMet, "an id twice");
    let size = Evidence::new("slice-size", model(), UNKNOWN, "few rows");
    let mild = metric(Outcome::NotMet).severity(Severity::Warning);

    let cases: Vec<(&str, &str, Bench, Outcome)> = vec![
        (
            "none drifted",
            "distribution-shift",
            drift_of(vec![drift(Outcome::Met)]),
            Outcome::Met,
        ),
        (
            "one of two",
            "distribution-shift",
            drift_of(vec![drift(Outcome::NotMet), drift(Outcome::Met)]),
            Outcome::Met,
        ),
        (
            "two of two",
            "distribution-shift",
            drift_of(vec![drift(Outcome::NotMet), drift(Outcome::NotMet)]),
            Outcome::NotMet,
        ),
        (
            "the second is not known",
            "distribution-shift",
            drift_of(vec![drift(Outcome::NotMet), drift(UNKNOWN)]),
            Outcome::NotEvaluated(Reason::Undefined),
        ),
        (
            "what is not known cannot matter",
            "distribution-shift",
            drift_of(vec![drift(Outcome::Met), drift(UNKNOWN)]),
            Outcome::Met,
        ),
        (
            "no drift was measured",
            "distribution-shift",
            drift_of(vec![]),
            Outcome::NotEvaluated(Reason::MissingInput),
        ),
        (
            "a waiver accepts it",
            "distribution-shift",
            drift_of(vec![drift(Outcome::NotMet), waived(today)]),
            Outcome::Met,
        ),
        (
            "the waiver has run out",
            "distribution-shift",
            drift_of(vec![drift(Outcome::NotMet), waived(yesterday)]),
            Outcome::NotMet,
        ),
        (
            "the gate passes",
            "live-performance",
            performance(live(vec![metric(Outcome::Met)])),
            Outcome::Met,
        ),
        (
            "only a warning",
            "live-performance",
            performance(live(vec![mild])),
            Outcome::Met,
        ),
        (
            "a metric is below",
            "live-performance",
            performance(live(vec![metric(Outcome::NotMet)])),
            Outcome::NotMet,
        ),
        (
            "a metric is below, a slice is small",
            "live-performance",
            performance(live(vec![metric(Outcome::NotMet), size.clone()])),
            Outcome::NotMet,
        ),
        (
            "a metric is not known",
            "live-performance",
            performance(live(vec![metric(UNKNOWN)])),
            Outcome::NotEvaluated(Reason::Undefined),
        ),
        (
            "a slice is small",
            "live-performance",
            performance(live(vec![metric(Outcome::Met), size])),
            Outcome::NotEvaluated(Reason::Undefined),
        ),
        (
            "the predictions are broken",
            "live-performance",
            performance(live(vec![metric(Outcome::NotMet), ids])),
            Outcome::NotEvaluated(Reason::Undefined),
        ),
        (
            "of another model",
            "live-performance",
            performance(vec![other_model]),
            Outcome::NotEvaluated(Reason::Unsupported),
        ),
        (
            "no such file",
            "live-performance",
            performance(vec![absent(LIVE)]),
            Outcome::NotEvaluated(Reason::MissingInput),
        ),
        (
            "no gate in it",
            "live-performance",
            performance(vec![file(LIVE, Step::Scan, vec![metric(Outcome::Met)])]),
            Outcome::NotEvaluated(Reason::MissingInput),
        ),
        ("young", "model-age", staleness(41), Outcome::Met),
        ("to the day", "model-age", staleness(40), Outcome::Met),
        ("old", "model-age", staleness(39), Outcome::NotMet),
        (
            "nothing is live",
            "model-age",
            nobody_live(staleness(39)),
            Outcome::NotEvaluated(Reason::Undefined),
        ),
        (
            "trained lately",
            "model-age",
            by_evidence(old(29)),
            Outcome::Met,
        ),
        (
            "trained long ago",
            "model-age",
            by_evidence(old(31)),
            Outcome::NotMet,
        ),
        (
            "trained tomorrow",
            "model-age",
            by_evidence(old(-1)),
            Outcome::NotEvaluated(Reason::Undefined),
        ),
        (
            "no evidence of the training",
            "model-age",
            by_evidence(vec![absent("trained.json")]),
            Outcome::NotEvaluated(Reason::MissingInput),
        ),
        (
            "fewer rows",
            "data-growth",
            volume(json!({"grown_rows": 10}), both(100, 200)),
            Outcome::Met,
        ),
        (
            "just below",
            "data-growth",
            volume(json!({"grown_rows": 10}), both(109, 100)),
            Outcome::Met,
        ),
        (
            "as many as named",
            "data-growth",
            volume(json!({"grown_rows": 10}), both(110, 100)),
            Outcome::NotMet,
        ),
        (
            "half as many again",
            "data-growth",
            volume(json!({"grown_fraction": 0.5}), both(150, 100)),
            Outcome::NotMet,
        ),
        (
            "one of the two",
            "data-growth",
            volume(
                json!({"grown_rows": 1000, "grown_fraction": 0.1}),
                both(150, 100),
            ),
            Outcome::NotMet,
        ),
        (
            "from nothing",
            "data-growth",
            volume(json!({"grown_fraction": 0.5}), both(150, 0)),
            Outcome::NotEvaluated(Reason::Undefined),
        ),
        (
            "not counted",
            "data-growth",
            volume(json!({"grown_rows": 10}), vec![rows("current", 7)]),
            Outcome::NotEvaluated(Reason::MissingInput),
        ),
        (
            "since the training",
            "data-growth",
            by_training(vec![file(
                TRAINED,
                Step::DataValidation,
                vec![rows("current", 100)],
            )]),
            Outcome::NotMet,
        ),
        (
            "no evidence of the training",
            "data-growth",
            by_training(vec![absent(TRAINED)]),
            Outcome::NotEvaluated(Reason::MissingInput),
        ),
    ];
    for (name, id, bench, expected) in cases {
        let decision = bench.decide();
        assert_eq!(record(&decision, id).outcome, expected, "{id}: {name}");
        let action = match expected {
            Outcome::Met => Action::None,
            Outcome::NotMet => Action::Fire,
            Outcome::NotEvaluated(_) => Action::Undecided,
        };
        assert_eq!(decision.action, action, "{id}: {name}");
        let passes = Verdict::of(&decision.evidence).passed();
        assert_eq!(passes, action != Action::Undecided, "{id}: {name}");
    }
}

#[test]
fn data_that_is_not_known_to_be_fit_blocks() {
    let with = |records| file("data.json", Step::DataValidation, records);
    let unreadable = EvidenceFile {
        path: "data.json".into(),
        content: Content::Unreadable("not JSON".into()),
    };
    let cases = [
        (
            "a check is not met",
            with(vec![check(Outcome::NotMet), drift(Outcome::NotMet)]),
            Verdict::NotPassed,
        ),
        (
            "a check is not evaluated",
            with(vec![check(UNKNOWN), drift(Outcome::NotMet)]),
            Verdict::NotPassed,
        ),
        (
            "nothing but drift",
            with(vec![drift(Outcome::NotMet)]),
            Verdict::NotPassed,
        ),
        ("nothing at all", with(vec![]), Verdict::NotPassed),
        (
            "another step",
            file("data.json", Step::Gate, vec![metric(Outcome::Met)]),
            Verdict::InputMissing,
        ),
        ("no file", absent("data.json"), Verdict::InputMissing),
        ("no report", unreadable, Verdict::InputMissing),
    ];
    for (name, data, verdict) in cases {
        let mut bench = Bench::drifted();
        bench.data = data;
        bench.reason = Some("now, please".into());
        let decision = bench.decide();
        assert_eq!(decision.action, Action::Block, "{name}");
        assert_eq!(Verdict::of(&decision.evidence), verdict, "{name}");
        let shift = record(&decision, "distribution-shift");
        assert_eq!(
            shift.outcome,
            Outcome::NotEvaluated(Reason::EarlierStep),
            "{name}"
        );
    }
    let mut bench = Bench::drifted();
    let mild = check(Outcome::NotMet).severity(Severity::Warning);
    bench.data = with(vec![mild, drift(Outcome::NotMet)]);
    assert_eq!(
        bench.action(),
        Action::Fire,
        "a warning is no reason against it"
    );
}

#[test]
fn the_questions_are_asked_in_order() {
    let this = || {
        let id = Bench::drifted().decide().id();
        move |hours| PastRetraining {
            decision: id,
            ..started(hours)
        }
    };
    let limits = json!({
        "causes": {"drift": {}}, "in_flight_hours": 12, "cooldown_hours": 48,
        "budget": {"runs": 2, "days": 30}, "max_futile": 2,
    });
    let mut relaxed = limits.clone();
    relaxed["cooldown_hours"] = json!(0);
    relaxed["max_futile"] = json!(9);
    let days = |days: i64| days * 24;
    let at_the_end_of_time = PastRetraining {
        claimed_at: DateTime::<Utc>::MAX_UTC,
        ..started(0)
    };
    type Case<'a> = (
        &'a str,
        &'a Value,
        Vec<PastRetraining>,
        Action,
        Option<&'a str>,
    );
    let cases: Vec<Case<'_>> = vec![
        (
            "nothing decided before",
            &limits,
            vec![],
            Action::Fire,
            None,
        ),
        (
            "under way",
            &limits,
            vec![started(1)],
            Action::Hold,
            Some("retraining-in-flight"),
        ),
        (
            "claimed",
            &limits,
            vec![past(1, Progress::Claimed)],
            Action::Hold,
            Some("retraining-in-flight"),
        ),
        (
            "this very decision is under way",
            &limits,
            vec![this()(1)],
            Action::Hold,
            Some("retraining-in-flight"),
        ),
        (
            "by a clock that is far ahead",
            &limits,
            vec![at_the_end_of_time],
            Action::Hold,
            Some("retraining-in-flight"),
        ),
        (
            "by a clock that is ahead",
            &limits,
            vec![started(-3)],
            Action::Hold,
            Some("retraining-in-flight"),
        ),
        (
            "this very decision was carried out",
            &limits,
            vec![this()(24)],
            Action::None,
            None,
        ),
        (
            "cooldown",
            &limits,
            vec![started(24)],
            Action::Hold,
            Some("retraining-cooldown"),
        ),
        (
            "refused is not started",
            &limits,
            vec![past(1, Progress::Failed)],
            Action::Fire,
            None,
        ),
        (
            "cooldown is over",
            &limits,
            vec![started(48)],
            Action::Fire,
            None,
        ),
        (
            "budget",
            &relaxed,
            vec![started(days(20)), started(days(10))],
            Action::Hold,
            Some("retraining-budget"),
        ),
        (
            "outside the window",
            &relaxed,
            vec![started(days(30)), started(days(10))],
            Action::Fire,
            None,
        ),
        (
            "futile",
            &limits,
            vec![started(days(39)), started(days(35))],
            Action::Escalate,
            Some("retraining-futility"),
        ),
        (
            "one before the promotion",
            &limits,
            vec![started(days(41)), started(days(35))],
            Action::Fire,
            None,
        ),
        (
            "hold before escalate",
            &limits,
            vec![started(days(35)), started(1)],
            Action::Hold,
            Some("retraining-in-flight"),
        ),
    ];
    for (name, spec, history, action, first_open) in cases {
        let bench = Bench {
            spec: spec.clone(),
            history,
            ..Bench::drifted()
        };
        let decision = bench.decide();
        assert_eq!(decision.action, action, "{name}: {:#?}", decision.evidence);
        let open = decision.evidence.iter().find(|record| record.blocks());
        let open = open.map(|record| record.requirement.as_str());
        assert_eq!(open, first_open, "{name}");
        let verdict = match action {
            Action::Hold => Verdict::Pending,
            Action::Escalate => Verdict::NotPassed,
            Action::Fire | Action::None | Action::Block | Action::Undecided => Verdict::Passed,
        };
        assert_eq!(Verdict::of(&decision.evidence), verdict, "{name}");
    }
}

#[test]
fn a_promotion_ends_what_is_under_way() {
    let mut bench = Bench {
        history: vec![started(5)],
        ..Bench::drifted()
    };
    bench.spec["cooldown_hours"] = json!(0);
    assert_eq!(bench.action(), Action::Hold);
    let releases = bench.releases.as_mut().expect("a stage");
    releases.promoted_at = Some(now() - TimeDelta::hours(1));
    assert_eq!(bench.action(), Action::Fire);
}

#[test]
fn a_claim_nobody_followed_up_is_told_later_too() {
    let bench = Bench {
        history: vec![past(60, Progress::Claimed)],
        ..Bench::drifted()
    };
    let decision = bench.decide();
    assert_eq!(decision.action, Action::Fire);
    let claim = record(&decision, "retraining-claim");
    assert_eq!(claim.outcome, Outcome::NotMet);
    assert_eq!(Verdict::of(&decision.evidence), Verdict::PassedWithWarnings);
}

#[test]
fn without_a_registry_nobody_knows_of_promotions() {
    let bench = Bench {
        releases: None,
        history: vec![started(40 * 24), started(39 * 24), started(38 * 24)],
        ..Bench::drifted()
    };
    assert_eq!(bench.action(), Action::Fire);
    assert_eq!(
        bench.decide().inputs.champion,
        Some(Sha256::of(b"champion"))
    );
}

#[test]
fn one_cause_suffices_where_another_is_not_known() {
    let causes = json!({"drift": {}, "performance": {"evidence": LIVE}});
    let records = vec![check(Outcome::Met), drift(Outcome::NotMet)];
    let decision = Bench::with(causes, records, vec![absent(LIVE)]).decide();
    assert_eq!(decision.action, Action::Fire);
    assert_eq!(decision.inputs.causes, ["drift"]);
    assert_eq!(Verdict::of(&decision.evidence), Verdict::PassedWithWarnings);
}

#[test]
fn a_person_may_ask_but_not_push() {
    let mut bench = Bench::with(json!({}), vec![check(Outcome::Met)], vec![]);
    assert_eq!(bench.action(), Action::None);
    bench.reason = Some("new labels".into());
    let decision = bench.decide();
    assert_eq!(
        (decision.action, decision.inputs.causes.as_slice()),
        (Action::Fire, &["request"][..])
    );
    bench.history = vec![started(1)];
    assert_eq!(bench.action(), Action::Hold);
}

#[test]
fn the_id_is_made_of_the_inputs_and_nothing_else() {
    let id = Bench::drifted().decide().id();
    // By Python 3.13's hashlib, over the JSON that RFC 8785 makes of these inputs.
    let expected = "bae3b5470da8f9a96a0f0df6334f7ed72628559537b640eee513601963fe1358";
    assert_eq!(id.to_string(), expected);
    let later = Bench {
        now: now() + TimeDelta::hours(7),
        history: vec![started(100)],
        ..Bench::drifted()
    };
    assert_eq!(
        later.decide().id(),
        id,
        "neither the time nor the past is an input"
    );
    let asked = Bench {
        reason: Some("new labels".into()),
        ..Bench::drifted()
    };
    assert_ne!(asked.decide().id(), id);
    let mut promoted = Bench::drifted();
    promoted.releases.as_mut().expect("a stage").live = None;
    assert_ne!(promoted.decide().id(), id);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let stages: &[&str] = &["staging", "production"];
    let problems = |spec: Value, stages| {
        let spec: RetrainSpec = serde_json::from_value(spec).expect("a section");
        let problems = spec.problems(stages).into_iter();
        problems.map(|problem| problem.path).collect::<Vec<_>>()
    };
    let volume = |spec: Value| json!({"causes": {"data_volume": spec}});
    let cases = [
        (json!({"stage": "production"}), Some(stages), None),
        (
            json!({"stage": "prod"}),
            Some(stages),
            Some("retrain.stage"),
        ),
        (json!({"stage": "production"}), None, Some("retrain.stage")),
        (json!({"max_futile": 2}), None, Some("retrain.max_futile")),
        (
            json!({"causes": {"staleness": {"max_age_days": 1}}}),
            None,
            Some("retrain.causes.staleness"),
        ),
        (
            json!({"causes": {"staleness": {"max_age_days": 1, "evidence": "x"}}}),
            None,
            None,
        ),
        (
            volume(json!({"dataset": "a", "trained_on": "b"})),
            None,
            Some("retrain.causes.data_volume.dataset"),
        ),
        (
            volume(json!({"dataset": "a", "grown_rows": 1})),
            None,
            Some("retrain.causes.data_volume.dataset"),
        ),
        (
            json!({"orchestrator": {"command": {"argv": ["train", "${decison}"]}}}),
            None,
            Some("retrain.orchestrator.command.argv"),
        ),
    ];
    for (spec, stages, expected) in cases {
        let found = problems(spec.clone(), stages);
        assert_eq!(found.first().map(String::as_str), expected, "{spec}");
    }
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Met),
        Just(Outcome::NotMet),
        Just(UNKNOWN),
        Just(Outcome::NotEvaluated(Reason::MissingInput)),
    ]
}

fn any_record() -> impl Strategy<Value = Evidence> {
    let severity = prop_oneof![
        Just(Severity::Info),
        Just(Severity::Warning),
        Just(Severity::Error),
        Just(Severity::Integrity),
    ];
    let make = prop_oneof![Just(check as fn(Outcome) -> Evidence), Just(drift as _)];
    (make, any_outcome(), severity)
        .prop_map(|(make, outcome, severity)| make(outcome).severity(severity))
}

fn any_past() -> impl Strategy<Value = PastRetraining> {
    let progress = prop_oneof![
        Just(Progress::Claimed),
        Just(Progress::Failed),
        Just(Progress::Started { run: None }),
    ];
    (-100i64..2_000, progress).prop_map(|(hours, progress)| past(hours, progress))
}

proptest! {
    #[test]
    fn nothing_is_ever_trained_on_data_that_is_not_fit(
        records in prop::collection::vec(any_record(), 0..6),
        history in prop::collection::vec(any_past(), 0..4),
        reason in prop::option::of("[a-z]{1,9}"),
        live in prop::collection::vec(any_outcome(), 0..3),
    ) {
        let bench = Bench {
            spec: json!({"causes": {
                "drift": {}, "performance": {"evidence": LIVE}, "staleness": {"max_age_days": 1},
            }}),
            data: file("data.json", Step::DataValidation, records.clone()),
            files: vec![file(LIVE, Step::Gate, live.into_iter().map(metric).collect())],
            history,
            reason,
            ..Bench::drifted()
        };
        let decision = bench.decide();
        let checks = records.iter().filter(|record| record.requirement.as_str() == "null-fraction");
        let fit = checks.clone().count() > 0 && !checks.into_iter().any(Evidence::blocks);
        if !fit {
            prop_assert_eq!(decision.action, Action::Block);
            prop_assert!(!Verdict::of(&decision.evidence).passed());
        }
        // The verdict and the action never contradict each other.
        let passed = Verdict::of(&decision.evidence).passed();
        let goes_on = matches!(decision.action, Action::Fire | Action::None);
        prop_assert_eq!(passed, goes_on, "{:?}", decision.action);
        prop_assert_eq!(decision.clone(), bench.decide());
    }
}
