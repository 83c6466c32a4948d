//! Each check met, not met, and what must never pass.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::{Value, json};

use super::*;
use crate::evidence::{
    InputRef, Reason, RunIdentity, RunReport, Step, SubjectDigest, Tool, Verdict, Waiver,
};
use crate::manifest::test_result;

const FILES: [&str; 2] = ["model.safetensors", "README.md"];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time")
}

fn model() -> Sha256 {
    Sha256::of(b"the model")
}

fn dataset() -> Sha256 {
    Sha256::of(b"the data")
}

fn key(of: &str) -> SignedBy {
    SignedBy::Key {
        fingerprint: Sha256::of(of.as_bytes()).to_string(),
    }
}

/// What is stated by one signer of a model.
#[derive(Clone)]
struct Stated {
    by: SignedBy,
    about: Sha256,
    predicate: Result<Value, RunReport>,
    kind: &'static str,
}

impl Stated {
    fn statement(&self) -> Statement {
        let subject = SubjectDigest {
            name: "credit-risk".to_owned(),
            sha256: self.about,
        };
        let payload = match &self.predicate {
            Err(report) => test_result::statement(report, &[subject]).expect("a statement"),
            Ok(predicate) => json!({
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": subject.name, "digest": {"sha256": subject.sha256}}],
                "predicateType": self.kind,
                "predicate": predicate,
            })
            .to_string()
            .into_bytes(),
        };
        Statement {
            bundle_sha256: Sha256::of(&payload),
            old_version: None,
            content: Content::Signed {
                by: self.by.clone(),
                at: None,
                payload,
            },
        }
    }
}

fn report(step: Step, evidence: Vec<Evidence>) -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.4.0".into(),
        },
        started_at: now() - Duration::days(2),
        configuration: vec![InputRef {
            locator: "proofmark.yaml".into(),
            sha256: Sha256::of(b"the configuration"),
            fetched_at: None,
        }],
        partitions: Vec::new(),
        ci: None,
    };
    let subjects = match step {
        Step::DataValidation => vec![SubjectDigest {
            name: "training".into(),
            sha256: dataset(),
        }],
        _ => Vec::new(),
    };
    RunReport::new(step, run, subjects, evidence, Vec::new())
}

fn met(requirement: &'static str, subject: Subject) -> Evidence {
    Evidence::new(requirement, subject, Outcome::Met, "it is met")
}

fn by_ci(step: Step, evidence: Vec<Evidence>) -> Stated {
    Stated {
        by: key("ci"),
        about: model(),
        predicate: Err(report(step, evidence)),
        kind: test_result::PREDICATE_TYPE,
    }
}

fn by(signer: &str, kind: &'static str, predicate: Value) -> Stated {
    Stated {
        by: key(signer),
        about: model(),
        predicate: Ok(predicate),
        kind,
    }
}

fn of_model() -> Subject {
    Subject::Model {
        model: "credit-risk".into(),
    }
}

/// Everything a release should have: gate, data, scan, card, provenance, bill, two approvals, a summary of
/// the stage before by each of two verifiers.
fn all() -> Vec<Stated> {
    let scanned = FILES.map(|path| met("scan-coverage", Subject::File { path: path.into() }));
    let review = json!({"result": "pass", "timestamp": "2026-05-28T00:00:00Z"});
    let summary = json!({
        "verificationResult": "PASSED",
        "resourceUri": "models/credit-risk/staging",
        "timeVerified": "2026-05-28T00:00:00Z",
    });
    let provenance = json!({
        "buildDefinition": {
            "buildType": "https://example.org/train/v1",
            "resolvedDependencies": [
                {"name": "training", "digest": {"sha256": dataset()}},
                {"uri": "git+https://example.org/train", "digest": {"gitCommit": "ab".repeat(20)}},
            ],
        },
        "runDetails": {"builder": {"id": "https://example.org/runner"}},
    });
    let bill = json!({"components": [
        {"name": "numpy", "licenses": [{"license": {"id": "BSD-3-Clause"}}]},
        {"name": "xgboost", "licenses": [{"expression": "Apache-2.0"}]},
    ]});
    vec![
        by_ci(Step::Gate, vec![met("metric-threshold", of_model())]),
        by_ci(Step::DataValidation, vec![met("null-fraction", of_model())]),
        by_ci(Step::Scan, scanned.to_vec()),
        by_ci(Step::Card, vec![met("card-complete", of_model())]),
        by("ci", statement::PROVENANCE, provenance),
        by("ci", "https://cyclonedx.org/bom/v1.6", bill),
        by("ann", statement::HUMAN_REVIEW, review.clone()),
        by("bob", statement::HUMAN_REVIEW, review),
        by("one", statement::VERIFICATION_SUMMARY, summary.clone()),
        by("two", statement::VERIFICATION_SUMMARY, summary),
    ]
}

fn policy() -> VerificationPolicy {
    let of = |name: &str| Sha256::of(name.as_bytes());
    let text = format!(
        "
version: 1
trust: {{}}
signers:
  ci: {{key: {}, may: [gate, data, scan, card, provenance, bill_of_materials]}}
  ann: {{key: {}, may: [approval]}}
  bob: {{key: {}, may: [approval]}}
  one: {{key: {}, may: [verification]}}
  two: {{key: {}, may: [verification]}}
require:
  provenance:
    builders: [https://example.org/runner]
    build_types: [https://example.org/train/v1]
    datasets: [{}]
    commits: [{}]
  gate: {{configuration: {}, tests: [metric-threshold], max_age_days: 30}}
  data: {{max_age_days: 30}}
  scan: {{scanner_at_least: 0.3.0, max_age_days: 30}}
  bill_of_materials: {{licences: [BSD-3-Clause, Apache-2.0]}}
  card: {{}}
  approvals: {{count: 2, max_age_days: 30}}
  previous_stage: {{resource: models/credit-risk/staging, max_age_days: 30}}
  no_downgrade: true
  verifiers: {{at_least: 2}}
deny: {{identities: [mallory], digests: [{}]}}
",
        of("ci"),
        of("ann"),
        of("bob"),
        of("one"),
        of("two"),
        dataset(),
        "ab".repeat(20),
        Sha256::of(b"the configuration"),
        Sha256::of(b"another model"),
    );
    serde_saphyr::from_str(&text).expect("a policy")
}

fn judged_by(policy: &VerificationPolicy, stated: &[Stated], version: &str) -> Vec<Evidence> {
    let statements: Vec<Statement> = stated.iter().map(Stated::statement).collect();
    let files = FILES.map(|path| (path.to_owned(), Sha256::of(path.as_bytes())));
    let facts = Facts {
        model: "credit-risk",
        digests: &[model()],
        files: &files,
        statements: &statements,
        versions: Ok(Versions {
            this: version,
            highest_promoted: Some("1.4.0"),
        }),
        now: now(),
    };
    judge(policy, &facts, &|_| None)
}

fn judged(stated: &[Stated]) -> Vec<Evidence> {
    judged_by(&policy(), stated, "1.5.0")
}

/// The ids of what is not met.
fn open(evidence: &[Evidence]) -> Vec<&str> {
    let open = evidence.iter().filter(|record| record.blocks());
    open.map(|record| record.requirement.as_str()).collect()
}

/// What is not met when one of the statements is changed.
fn open_with(place: usize, change: impl FnOnce(&mut Stated)) -> Vec<String> {
    let mut stated = all();
    change(&mut stated[place]);
    open(&judged(&stated))
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn set(pointer: &str, value: Value) -> impl FnOnce(&mut Stated) + use<> {
    let pointer = pointer.to_owned();
    move |stated| {
        let predicate = stated.predicate.as_mut().expect("a foreign predicate");
        *predicate.pointer_mut(&pointer).expect("a place") = value;
    }
}

fn change_report(change: impl FnOnce(&mut RunReport)) -> impl FnOnce(&mut Stated) {
    |stated| {
        let report = stated.predicate.as_mut().expect_err("a report");
        change(report);
        let (step, run) = (report.step, report.run.clone());
        let (subjects, evidence) = (report.subjects.clone(), report.evidence.clone());
        *report = RunReport::new(step, run, subjects, evidence, Vec::new());
    }
}

#[test]
fn a_model_with_everything_behind_it_passes_with_a_record_of_each_check() {
    assert_eq!(policy().problems(), []);
    let evidence = judged(&all());
    assert_eq!(open(&evidence), [""; 0]);
    assert_eq!(Verdict::of(&evidence), Verdict::Passed);
    for requirement in REQUIREMENTS {
        let id = requirement.id;
        assert!(
            evidence
                .iter()
                .any(|record| record.requirement.as_str() == id),
            "{id}"
        );
    }
}

#[test]
fn nothing_stated_passes_nothing() {
    let evidence = judged(&[]);
    let wanted = [
        "attestation-signature",
        "attestation-subject",
        "provenance",
        "attested-gate",
        "attested-data",
        "attested-scan",
        "attested-bill-of-materials",
        "attested-card",
        "attested-approvals",
        "attested-previous-stage",
        "attested-verifiers",
    ];
    assert_eq!(open(&evidence), wanted);
}

#[test]
fn statements_about_another_model_speak_for_nothing() {
    let mut stated = all();
    for one in &mut stated {
        one.about = Sha256::of(b"another model");
    }
    let evidence = judged(&stated);
    assert_eq!(open(&evidence).len(), 10);
    assert!(open(&evidence).contains(&"attestation-subject"));
}

#[test]
fn a_false_statement_is_never_passed_over() {
    let files = FILES.map(|path| (path.to_owned(), Sha256::of(path.as_bytes())));
    let mut statements: Vec<Statement> = all().iter().map(Stated::statement).collect();
    statements.push(Statement {
        bundle_sha256: Sha256::of(b"a bundle"),
        old_version: None,
        content: Content::Invalid("the signature does not verify".to_owned()),
    });
    let facts = Facts {
        model: "credit-risk",
        digests: &[model()],
        files: &files,
        statements: &statements,
        versions: Err("there is no registry"),
        now: now(),
    };
    let evidence = judge(&policy(), &facts, &|_| None);
    assert_eq!(open(&evidence), ["attestation-signature", "no-downgrade"]);
    assert_eq!(Verdict::of(&evidence), Verdict::IntegrityFailure);
    let unknown = &evidence
        .iter()
        .find(|record| record.requirement.as_str() == "no-downgrade");
    let reason = Outcome::NotEvaluated(Reason::MissingInput);
    assert_eq!(unknown.expect("a record").outcome, reason);
}

#[test]
fn a_report_that_cannot_be_read_is_not_passed_over_for_an_older_one() {
    let mut stated = all();
    stated.push(by(
        "ci",
        test_result::PREDICATE_TYPE,
        json!({"result": "FAILED"}),
    ));
    assert_eq!(open(&judged(&stated)), ["attestation-signature"]);
}

#[test]
fn a_signer_says_only_what_it_may() {
    // Whom the policy does not name, and one who may say other things.
    for signer in ["mallory", "ann"] {
        let open = open_with(0, |gate| gate.by = key(signer));
        assert_eq!(open, ["attestation-signer", "attested-gate"], "{signer}");
    }
    let mut policy = policy();
    policy.predicate_types = vec![test_result::PREDICATE_TYPE.to_owned()];
    let evidence = judged_by(&policy, &all(), "1.5.0");
    assert_eq!(open(&evidence), ["attestation-signature"; 6]);
}

#[test]
fn an_identity_is_its_issuer_and_its_claims_to_the_letter() {
    let rule: SignerRule = serde_saphyr::from_str(
        "{issuer: https://issuer.example, may: [gate], claims: {source_repository_identifier: '7'}}",
    )
    .expect("a rule");
    assert_eq!(rule.problem(), None);
    let identity = |issuer: &str, repository: &str| SignedBy::Identity {
        issuer: issuer.to_owned(),
        name: "https://forge.example/o/r/.ci.yml@refs/heads/main".to_owned(),
        claims: [(
            BuildClaim::SourceRepositoryIdentifier,
            repository.to_owned(),
        )]
        .into(),
        sha256: Sha256::of(b"a certificate"),
    };
    assert!(rule.names(&identity("https://issuer.example", "7")));
    assert!(!rule.names(&identity("https://issuer.example", "77")));
    assert!(!rule.names(&identity("https://issuer.example.evil", "7")));
    assert!(!rule.names(&key("ci")));
    for (text, problem) in [
        ("{issuer: https://i, may: [gate]}", "everybody"),
        ("{identity: ann, may: [gate]}", "exactly one"),
        ("{key: KEY, issuer: https://i, may: [gate]}", "exactly one"),
        ("{key: KEY, identity: ann, may: [gate]}", "need `issuer`"),
        ("{key: KEY, may: []}", "may say nothing"),
    ] {
        let text = text.replace("KEY", &model().to_string());
        let rule: SignerRule = serde_saphyr::from_str(&text).expect("a rule");
        let found = rule.problem().expect(&text);
        assert!(found.contains(problem), "{text}: {found}");
    }
}

#[test]
fn provenance_names_builder_data_and_commit() {
    const DEPENDENCIES: &str = "/buildDefinition/resolvedDependencies";
    let builder = set(
        "/runDetails/builder/id",
        json!("https://example.org/laptop"),
    );
    assert_eq!(open_with(4, builder), ["provenance"]);
    let kind = set("/buildDefinition/buildType", json!("by hand"));
    assert_eq!(open_with(4, kind), ["provenance"]);
    let commit = set(
        &format!("{DEPENDENCIES}/1/digest/gitCommit"),
        json!("cd".repeat(20)),
    );
    assert_eq!(open_with(4, commit), ["provenance"]);
    // The data that was validated is not the data it was made of.
    let data = set(&format!("{DEPENDENCIES}/0/digest/sha256"), json!(model()));
    assert_eq!(open_with(4, data), ["provenance", "attested-data"]);
    let nothing = set(DEPENDENCIES, json!("none"));
    assert_eq!(open_with(4, nothing), ["provenance", "attested-data"]);
}

#[test]
fn a_report_passes_under_the_bounds_in_force_and_in_time() {
    let failed = change_report(|report| report.evidence[0].outcome = Outcome::NotMet);
    assert_eq!(open_with(0, failed), ["attested-gate"]);
    let other = change_report(|report| report.run.configuration[0].sha256 = model());
    assert_eq!(open_with(0, other), ["attested-gate"]);
    let old = change_report(|report| report.run.started_at = now() - Duration::days(31));
    assert_eq!(open_with(0, old), ["attested-gate"]);
    let future = change_report(|report| report.run.started_at = now() + Duration::hours(1));
    assert_eq!(open_with(0, future), ["attested-gate"]);
    let other_test = change_report(|report| {
        report.evidence = vec![met("metric-regression", of_model())];
    });
    assert_eq!(open_with(0, other_test), ["attested-gate"]);
    let waived = change_report(|report| {
        report.evidence.push(Evidence {
            waiver: Some(Waiver {
                requirement: "metric-regression".into(),
                subject: "credit-risk".into(),
                by: "ann".into(),
                reason: "known".into(),
                until: NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"),
            }),
            ..Evidence::new("metric-regression", of_model(), Outcome::NotMet, "worse")
        });
    });
    assert_eq!(open_with(0, waived), ["attested-gate"]);
}

#[test]
fn an_old_pass_does_not_hide_a_new_failure() {
    let mut stated = all();
    let mut newer = stated[0].clone();
    change_report(|report| {
        report.run.started_at = now() - Duration::days(1);
        report.evidence[0].outcome = Outcome::NotMet;
    })(&mut newer);
    stated.push(newer);
    assert_eq!(open(&judged(&stated)), ["attested-gate"]);
}

#[test]
fn a_scan_covers_every_file_by_a_recent_scanner() {
    let less = change_report(|report| report.evidence.truncate(1));
    assert_eq!(open_with(2, less), ["attested-scan"]);
    let old = change_report(|report| report.run.tool.version = "0.2.9".into());
    assert_eq!(open_with(2, old), ["attested-scan"]);
    let odd = change_report(|report| report.run.tool.version = "newest".into());
    assert_eq!(open_with(2, odd), ["attested-scan"]);
}

#[test]
fn every_component_has_an_accepted_licence() {
    let other = set(
        "/components/0/licenses/0/license/id",
        json!("AGPL-3.0-only"),
    );
    assert_eq!(open_with(5, other), ["attested-bill-of-materials"]);
    let none = set("/components/0/licenses", json!([]));
    assert_eq!(open_with(5, none), ["attested-bill-of-materials"]);
    let spdx = |licence: &str| {
        let packages = json!({"packages": [{"name": "numpy", "licenseConcluded": licence}]});
        move |stated: &mut Stated| {
            stated.kind = "https://spdx.dev/Document/v2.3";
            stated.predicate = Ok(packages);
        }
    };
    assert_eq!(open_with(5, spdx("Apache-2.0")), [""; 0]);
    assert_eq!(
        open_with(5, spdx("NOASSERTION")),
        ["attested-bill-of-materials"]
    );
}

#[test]
fn approvals_are_by_different_people_who_did_not_make_it() {
    let twice = |stated: &mut Stated| stated.by = key("ann");
    assert_eq!(open_with(7, twice), ["attested-approvals"]);
    assert_eq!(
        open_with(7, set("/result", json!("fail"))),
        ["attested-approvals"]
    );
    let old = set("/timestamp", json!("2025-05-28T00:00:00Z"));
    assert_eq!(open_with(7, old), ["attested-approvals"]);
    let mut policy = policy();
    policy
        .signers
        .get_mut("ci")
        .expect("a signer")
        .may
        .push(Role::Approval);
    let mut stated = all();
    stated[7].by = key("ci");
    assert_eq!(
        open(&judged_by(&policy, &stated, "1.5.0")),
        ["attested-approvals"]
    );
}

#[test]
fn verifications_passed_for_the_stage_before_and_by_enough() {
    let failed = set("/verificationResult", json!("FAILED"));
    assert_eq!(open_with(8, failed), ["attested-verifiers"]);
    let mut stated = all();
    for one in &mut stated[8..] {
        set("/resourceUri", json!("models/credit-risk/test"))(one);
    }
    assert_eq!(open(&judged(&stated)), ["attested-previous-stage"]);
    let mut stated = all();
    for one in &mut stated[8..] {
        set("/timeVerified", json!("2026-01-28T00:00:00Z"))(one);
    }
    assert_eq!(open(&judged(&stated)), ["attested-previous-stage"]);
}

#[test]
fn what_is_denied_and_what_steps_back_is_refused() {
    let mut policy = policy();
    policy.deny.identities.push(Sha256::of(b"bob").to_string());
    let evidence = judged_by(&policy, &all(), "1.5.0");
    assert_eq!(open(&evidence), ["denied"]);
    assert_eq!(Verdict::of(&evidence), Verdict::IntegrityFailure);
    policy.deny.identities.clear();
    policy.deny.digests.push(Sha256::of(FILES[1].as_bytes()));
    assert_eq!(open(&judged_by(&policy, &all(), "1.5.0")), ["denied"]);
    policy.deny.digests.clear();
    for (version, expected) in [
        ("1.4", 0),
        ("1.4.0+build.7", 0),
        ("v2", 0),
        ("1.4.0-rc.1", 1),
        ("1.3.9", 1),
        ("newest", 1),
    ] {
        let evidence = judged_by(&policy, &all(), version);
        assert_eq!(open(&evidence), vec!["no-downgrade"; expected], "{version}");
    }
}

#[test]
fn a_policy_that_cannot_be_meant_is_refused() {
    let text = "{version: 2, trust: {}, signers: {}, require: {approvals: {count: 0}}}";
    let policy: VerificationPolicy = serde_saphyr::from_str(text).expect("a policy");
    let paths: Vec<String> = policy
        .problems()
        .into_iter()
        .map(|problem| problem.path)
        .collect();
    assert_eq!(paths, ["version", "signers", "require.approvals.count"]);
    let nothing =
        "{version: 1, trust: {}, signers: {a: {certificate: ann, may: [gate]}}, require: {}}";
    let policy: VerificationPolicy = serde_saphyr::from_str(nothing).expect("a policy");
    assert_eq!(policy.problems().len(), 1);
    assert!(
        serde_saphyr::from_str::<VerificationPolicy>(
            "{version: 1, trust: {}, signers: {}, require: {gat: {}}}"
        )
        .is_err()
    );
}
