//! Tests of the clauses: met, not met and not evaluated for each, and what must never pass.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::*;
use crate::evidence::{
    Evidence, Location, Outcome, Reason, RunIdentity, RunReport, Severity, Sha256, Step, Subject,
    SubjectDigest, Tool, Verdict, Waiver,
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).expect("a time")
}

fn digest() -> Sha256 {
    Sha256::of(b"the model")
}

fn model() -> ModelName {
    "credit-risk".parse().expect("a name")
}

fn policy(yaml: &str) -> PromotionPolicy {
    serde_saphyr::from_str(yaml).expect("a policy")
}

fn record(outcome: Outcome, severity: Severity) -> Evidence {
    let subject = Subject::Model {
        model: "credit-risk".into(),
    };
    Evidence::new("metric-threshold", subject, outcome, "m").severity(severity)
}

fn report(step: Step, days_old: i64, evidence: Vec<Evidence>) -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.1.0".into(),
        },
        started_at: now() - Duration::days(days_old),
        configuration: vec![],
        partitions: Vec::new(),
        ci: None,
    };
    RunReport::new(step, run, vec![], evidence, vec![])
}

fn claim(step: Step) -> Claim {
    let evidence = vec![record(Outcome::Met, Severity::Error)];
    Claim {
        report: report(step, 1, evidence),
        model_digests: vec![digest()],
        bundle_sha256: Sha256::of(b"a bundle"),
        signature: ClaimSignature::Verified {
            by: "SHA256:abc".into(),
        },
    }
}

fn claims() -> Vec<Claim> {
    [Step::DataValidation, Step::Gate, Step::Scan, Step::Card]
        .map(claim)
        .to_vec()
}

const POLICY: &str = "
stages:
  - name: staging
  - name: production
    max_age_days: 30
    after: staging
";

fn verified() -> Vec<Evidence> {
    vec![record(Outcome::Met, Severity::Integrity)]
}

fn staged() -> Vec<PastRelease> {
    vec![PastRelease {
        stage: "staging".parse().expect("a name"),
        digest: digest(),
    }]
}

fn judge_all(claims: &[Claim], signature: &[Evidence], history: &[PastRelease]) -> Vec<Evidence> {
    let policy = policy(POLICY);
    let rules = policy
        .stage(&"production".parse().expect("a name"))
        .expect("the stage");
    let proposal = Proposal {
        model: &model(),
        digest: digest(),
        rules: &rules,
        model_signature: signature,
        claims,
        configuration: None,
        history,
        now: now(),
    };
    judge(&proposal, &|path| {
        (path == "promote.stages[1]").then(|| Location {
            file: "proofmark.yaml".into(),
            line: 4,
            column: 5,
        })
    })
}

/// Judges with one claim about the gate changed, and answers with the clause `id` on it.
fn gate_clause(id: &str, change: impl Fn(&mut Claim)) -> Evidence {
    let mut claims = claims();
    change(&mut claims[1]);
    clause(&judge_all(&claims, &verified(), &staged()), id, "gate")
}

fn clause(evidence: &[Evidence], id: &str, claim: &str) -> Evidence {
    let subject = Subject::Signature {
        model: "credit-risk".into(),
        claim: claim.into(),
    };
    let mut found = evidence
        .iter()
        .filter(|record| record.requirement.as_str() == id && record.subject == subject);
    let record = found.next().expect("the clause").clone();
    assert_eq!(found.next(), None, "one record per clause");
    record
}

#[test]
fn everything_in_order_passes_with_one_record_per_clause() {
    let evidence = judge_all(&claims(), &verified(), &staged());
    assert_eq!(Verdict::of(&evidence), Verdict::Passed, "{evidence:#?}");
    assert_eq!(evidence.len(), 1 + 4 * 5 + 1);
    let fingerprints: std::collections::BTreeSet<_> =
        evidence.iter().map(Evidence::fingerprint).collect();
    assert_eq!(fingerprints.len(), evidence.len());
    for record in &evidence {
        let id = record.requirement.as_str();
        assert!(REQUIREMENTS.iter().any(|known| known.id == id), "{id}");
        assert_eq!(record.location.as_ref().map(|at| at.line), Some(4), "{id}");
    }
}

#[test]
fn nothing_at_all_is_refused_in_every_clause() {
    let evidence = judge_all(&[], &[], &[]);
    assert_eq!(Verdict::of(&evidence), Verdict::NotPassed);
    assert!(evidence.iter().all(Evidence::blocks));
    let present = clause(&evidence, "evidence-present", "gate");
    assert_eq!(present.outcome, Outcome::NotMet);
    assert!(
        present
            .message
            .contains("no `gate` evidence for `credit-risk`")
    );
    assert!(
        present
            .message
            .contains("run `proofmark gate` and `proofmark attest`")
    );
    let signed = clause(&evidence, "evidence-signed", "gate");
    assert_eq!(signed.outcome, Outcome::NotEvaluated(Reason::EarlierStep));
}

#[test]
fn unsigned_evidence_is_not_evidence() {
    let record = gate_clause("evidence-signed", |claim| {
        claim.signature = ClaimSignature::Unsigned;
    });
    assert_eq!(
        (record.outcome, record.severity),
        (Outcome::NotMet, Severity::Error)
    );
    let record = gate_clause("evidence-verdict", |claim| {
        claim.signature = ClaimSignature::Unsigned;
    });
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::EarlierStep));
}

#[test]
fn a_false_signature_is_an_integrity_failure_even_beside_a_good_one() {
    let mut claims = claims();
    let mut forged = claim(Step::Gate);
    forged.signature = ClaimSignature::Invalid {
        problem: "the signature does not fit the payload".into(),
    };
    claims.push(forged);
    let evidence = judge_all(&claims, &verified(), &staged());
    assert_eq!(Verdict::of(&evidence), Verdict::IntegrityFailure);
    let record = clause(&evidence, "evidence-signed", "gate");
    assert_eq!(
        (record.outcome, record.severity),
        (Outcome::NotMet, Severity::Integrity)
    );
}

#[test]
fn evidence_about_another_model_is_an_integrity_failure() {
    let record = gate_clause("evidence-digest", |claim| {
        claim.model_digests = vec![Sha256::of(b"another model")];
    });
    assert_eq!(
        (record.outcome, record.severity),
        (Outcome::NotMet, Severity::Integrity)
    );
    assert!(
        record
            .message
            .contains(&Sha256::of(b"another model").short())
    );
}

#[test]
fn a_statement_whose_report_speaks_of_another_model_is_an_integrity_failure() {
    let record = gate_clause("evidence-digest", |claim| {
        claim.report.subjects = vec![SubjectDigest {
            name: "credit-risk".into(),
            sha256: Sha256::of(b"another model"),
        }];
    });
    assert_eq!(
        (record.outcome, record.severity),
        (Outcome::NotMet, Severity::Integrity)
    );
}

#[test]
fn evidence_about_other_models_beside_the_right_one_does_no_harm() {
    let mut claims = claims();
    let mut other = claim(Step::Gate);
    other.model_digests = vec![Sha256::of(b"another model")];
    claims.insert(0, other);
    let evidence = judge_all(&claims, &verified(), &staged());
    assert_eq!(Verdict::of(&evidence), Verdict::Passed);
}

#[test]
fn the_verdict_is_computed_never_read() {
    let record = gate_clause("evidence-verdict", |claim| {
        claim.report.evidence = vec![
            record(Outcome::Met, Severity::Error),
            record(Outcome::NotMet, Severity::Error),
        ];
        claim.report.verdict = Verdict::Passed;
    });
    assert_eq!(record.outcome, Outcome::NotMet);
    assert!(
        record.message.contains("1 met, 1 not met"),
        "{}",
        record.message
    );
}

#[test]
fn an_empty_report_is_not_a_pass() {
    let record = gate_clause("evidence-verdict", |claim| claim.report.evidence.clear());
    assert_eq!(record.outcome, Outcome::NotMet);
}

#[test]
fn not_evaluated_does_not_pass() {
    let record = gate_clause("evidence-verdict", |claim| {
        let outcome = Outcome::NotEvaluated(Reason::TooFewRows);
        claim.report.evidence = vec![record(outcome, Severity::Error)];
    });
    assert_eq!(record.outcome, Outcome::NotMet);
}

#[test]
fn a_waiver_that_ran_out_since_the_run_covers_nothing() {
    let waived_until = |until: NaiveDate| {
        gate_clause("evidence-verdict", |claim| {
            let mut open = record(Outcome::NotMet, Severity::Error);
            open.waiver = Some(Waiver {
                requirement: "metric-threshold".into(),
                subject: "credit-risk".into(),
                by: "ann".into(),
                reason: "known".into(),
                until,
            });
            claim.report.evidence = vec![open];
        })
    };
    let today = now().date_naive();
    assert_eq!(waived_until(today).outcome, Outcome::Met);
    let expired = waived_until(today.pred_opt().expect("a day"));
    assert_eq!(expired.outcome, Outcome::NotMet);
    assert!(
        expired
            .message
            .contains("1 of its waivers have run out since")
    );
}

#[test]
fn the_latest_evidence_speaks_an_old_pass_does_not_hide_a_new_failure() {
    let mut claims = claims();
    let mut newer = claim(Step::Gate);
    newer.report = report(
        Step::Gate,
        0,
        vec![record(Outcome::NotMet, Severity::Error)],
    );
    claims.push(newer);
    for _ in 0..2 {
        let evidence = judge_all(&claims, &verified(), &staged());
        assert_eq!(
            clause(&evidence, "evidence-verdict", "gate").outcome,
            Outcome::NotMet
        );
        claims.reverse();
    }
    let same_time = &mut claims[4];
    same_time.report.run.started_at = now() - Duration::days(1);
    let evidence = judge_all(&claims, &verified(), &staged());
    assert_eq!(
        clause(&evidence, "evidence-verdict", "gate").outcome,
        Outcome::NotMet
    );
}

#[test]
fn age_is_counted_from_the_start_of_the_run() {
    let cases = [
        (Duration::days(30), Outcome::Met),
        (Duration::days(30) + Duration::seconds(1), Outcome::NotMet),
        (Duration::zero(), Outcome::Met),
        (Duration::minutes(-5), Outcome::Met),
        (Duration::minutes(-6), Outcome::NotMet),
    ];
    for (age, expected) in cases {
        let record = gate_clause("evidence-age", |claim| {
            claim.report.run.started_at = now() - age;
        });
        assert_eq!(record.outcome, expected, "{}", record.message);
    }
}

#[test]
fn a_report_of_a_whole_run_speaks_of_each_of_its_steps() {
    let steps: Vec<RunReport> = claims().into_iter().map(|claim| claim.report).collect();
    let mut whole = claim(Step::Gate);
    whole.report = RunReport::of_steps(steps[0].run.clone(), steps);
    let evidence = judge_all(&[whole.clone()], &verified(), &staged());
    assert_eq!(Verdict::of(&evidence), Verdict::Passed);
    whole.report.steps[2].evidence.clear();
    let evidence = judge_all(&[whole], &verified(), &staged());
    assert_eq!(
        clause(&evidence, "evidence-verdict", "gate").outcome,
        Outcome::Met
    );
    assert_eq!(
        clause(&evidence, "evidence-verdict", "scan").outcome,
        Outcome::NotMet
    );
}

#[test]
fn a_model_without_a_verified_signature_is_refused() {
    let missing = Evidence::not_evaluated(
        "signature-valid",
        Subject::Model {
            model: "credit-risk".into(),
        },
        Reason::MissingInput,
        "there is no signature",
    );
    let cases = [
        (vec![], Severity::Error),
        (
            vec![record(Outcome::NotMet, Severity::Info)],
            Severity::Error,
        ),
        (vec![missing], Severity::Error),
        (
            vec![
                record(Outcome::Met, Severity::Integrity),
                record(Outcome::NotMet, Severity::Integrity),
            ],
            Severity::Integrity,
        ),
    ];
    for (signature, severity) in cases {
        let evidence = judge_all(&claims(), &signature, &staged());
        let record = clause(&evidence, "model-signature", "model");
        assert_eq!(
            (record.outcome, record.severity),
            (Outcome::NotMet, severity)
        );
    }
}

#[test]
fn another_model_in_the_stage_before_does_not_count() {
    let mut history = staged();
    history[0].digest = Sha256::of(b"another model");
    let evidence = judge_all(&claims(), &verified(), &history);
    let record = evidence.last().expect("the clause");
    assert_eq!(record.requirement.as_str(), "previous-stage");
    assert_eq!(record.outcome, Outcome::NotMet);
}

#[test]
fn a_policy_that_cannot_be_meant_is_explained() {
    let problems = policy(
        "
stages:
  - {name: production, after: staging, requires: [gate, gate, sign, run], max_age_days: 0}
  - {name: staging, after: staging}
  - {name: production}
",
    )
    .problems();
    let paths: Vec<&str> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    let expected = [
        "promote.stages[0].requires[1]",
        "promote.stages[0].requires[2]",
        "promote.stages[0].requires[3]",
        "promote.stages[0].max_age_days",
        "promote.stages[0].after",
        "promote.stages[1].after",
        "promote.stages[2].name",
    ];
    assert_eq!(paths, expected);
    assert_eq!(policy(POLICY).problems(), []);
    assert_eq!(policy("stages: []").problems().len(), 1);
}

#[test]
fn unknown_keys_are_refused() {
    for yaml in [
        "{stages: [], aproval: 2}",
        "{stages: [{name: production, require: [gate]}]}",
        "{stages: [{name: ../production}]}",
        "{stages: [{name: production, max_age_days: -1}]}",
    ] {
        assert!(
            serde_saphyr::from_str::<PromotionPolicy>(yaml).is_err(),
            "{yaml}"
        );
    }
}

#[test]
fn the_schema_says_what_the_parser_says() {
    let schema = serde_json::to_value(schemars::schema_for!(PromotionPolicy)).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let cases = [
        (
            serde_json::json!({ "stages": [{ "name": "production" }] }),
            true,
        ),
        (
            serde_json::json!({ "stages": [{ "name": "production", "requires": ["gate"], "max_age_days": 3 }] }),
            true,
        ),
        (serde_json::json!({ "stages": [{ "name": "a/b" }] }), false),
        (
            serde_json::json!({ "stages": [{ "name": "a", "requires": ["gates"] }] }),
            false,
        ),
        (serde_json::json!({ "stages": [], "more": 1 }), false),
    ];
    for (value, expected) in cases {
        assert_eq!(validator.is_valid(&value), expected, "{value}");
        let parsed = serde_json::from_value::<PromotionPolicy>(value.clone());
        assert_eq!(parsed.is_ok(), expected, "{value}");
    }
}

#[test]
fn names_cannot_leave_a_directory() {
    let long = "a".repeat(100);
    for good in ["a", "credit-risk", "v1.2_rc", "0", long.as_str()] {
        assert!(good.parse::<ModelName>().is_ok(), "{good}");
    }
    let longer = "a".repeat(101);
    for bad in [
        "",
        ".",
        "..",
        "../a",
        "a/b",
        "a\\b",
        "-a",
        ".a",
        "a b",
        "é",
        "a\n",
        "a\0",
        longer.as_str(),
    ] {
        assert!(bad.parse::<StageName>().is_err(), "{bad}");
    }
}
