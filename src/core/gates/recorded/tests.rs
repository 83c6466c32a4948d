use crate::evidence::{Evidence, Outcome, Reason, Severity, Verdict};
use crate::gates::recorded::spec::{Better, RecordedRule, RecordedSpec, VerdictRule};
use crate::gates::recorded::{Recorded, judge};
use crate::metrics::Direction;
use crate::recorded::{
    Cases, Finding, FindingSeverity, RecordedMetric, RecordedVerdict, Recording, Said,
};

fn spec(rules: &str) -> RecordedSpec {
    serde_json::from_str(&format!(
        r#"{{"source": "values", "candidate": "a", "champion": "b", {rules}}}"#
    ))
    .expect("a specification")
}

fn rule(text: &str) -> RecordedSpec {
    spec(&format!(r#""metrics": [{text}]"#))
}

fn judged(
    spec: &RecordedSpec,
    candidate: &Recording,
    champion: Option<&Recording>,
) -> Vec<Evidence> {
    let recorded = Recorded {
        candidate,
        champion,
        first_model: false,
    };
    judge(spec, "churn", recorded, 0.95, "gate.recorded[0]", &|_| None)
}

#[test]
fn the_first_model_is_held_against_bounds_only() {
    let first = |spec: &RecordedSpec, candidate: &Recording| {
        let recorded = Recorded {
            candidate,
            champion: None,
            first_model: true,
        };
        judge(spec, "churn", recorded, 0.95, "gate.recorded[0]", &|_| None)
    };
    let spec = rule(r#"{"metric": "auc", "at_least": 0.8, "better": "higher", "tolerance": 0.01}"#);
    let good = first(&spec, &value(0.9));
    let skipped = of(&good, "recorded-tolerance");
    assert_eq!(skipped.outcome, Outcome::NotEvaluated(Reason::MissingInput));
    assert_eq!(skipped.severity, Severity::Info);
    assert!(
        skipped.message.contains("first model"),
        "{}",
        skipped.message
    );
    assert_eq!(Verdict::of(&good), Verdict::Passed);
    assert_eq!(Verdict::of(&first(&spec, &value(0.7))), Verdict::NotPassed);
    // What is not known of the candidate itself is no matter of the champion.
    let only = rule(r#"{"metric": "auc", "better": "higher", "tolerance": 0.01}"#);
    assert!(!Verdict::of(&first(&only, &value(f64::NAN))).passed());
    assert!(!Verdict::of(&first(&only, &with(Vec::new()))).passed());
    assert!(!Verdict::of(&judged(&only, &value(0.9), None)).passed());
}

fn of<'a>(evidence: &'a [Evidence], requirement: &str) -> &'a Evidence {
    evidence
        .iter()
        .find(|record| record.requirement.as_str() == requirement)
        .unwrap_or_else(|| panic!("no {requirement} in {evidence:#?}"))
}

fn with(metrics: Vec<RecordedMetric>) -> Recording {
    Recording {
        metrics,
        ..Recording::by("Test 1.0")
    }
}

fn value(value: f64) -> Recording {
    with(vec![RecordedMetric::new("auc", value)])
}

fn cases(values: &[f64]) -> Recording {
    let ids = (0..values.len()).map(|id| id.to_string()).collect();
    let cases = Cases::new(ids).with("auc", values.to_vec());
    Recording {
        cases: Some(cases.expect("as many values as cases")),
        ..Recording::by("Test 1.0")
    }
}

#[test]
fn a_number_is_held_against_its_bound_and_marked_as_recorded() {
    let spec = rule(r#"{"metric": "auc", "at_least": 0.8}"#);
    let evidence = judged(&spec, &value(0.9), None);
    let record = of(&evidence, "recorded-threshold");
    assert_eq!(record.outcome, Outcome::Met);
    assert_eq!(record.subject.name(), "churn/values:auc");
    assert!(record.message.contains("as Test 1.0 recorded it"));
    let evidence = judged(&spec, &value(0.7), None);
    assert_eq!(of(&evidence, "recorded-threshold").outcome, Outcome::NotMet);
}

/// Cases 1, 2, 15 of the note on peers: NaN passes a relative check, a missing metric of the baseline
/// crashes, what is not finite comes back as a large number.
#[test]
fn what_is_missing_or_not_finite_is_never_passed() {
    let bound = rule(r#"{"metric": "auc", "at_least": 0.8}"#);
    let compared = rule(
        r#"{"metric": "auc", "tolerance": 0.1, "relative_margins": true, "better": "higher"}"#,
    );
    let nowhere = with(vec![RecordedMetric::new("acu", 1.0)]);
    for candidate in [value(f64::NAN), value(f64::INFINITY), nowhere.clone()] {
        let evidence = judged(&bound, &candidate, None);
        let outcome = of(&evidence, "recorded-threshold").outcome;
        assert!(matches!(outcome, Outcome::NotEvaluated(_)), "{outcome:?}");
        let evidence = judged(&compared, &candidate, Some(&value(0.5)));
        let outcome = of(&evidence, "recorded-tolerance").outcome;
        assert!(matches!(outcome, Outcome::NotEvaluated(_)), "{outcome:?}");
    }
    for champion in [Some(value(f64::NAN)), Some(nowhere), None] {
        let evidence = judged(&compared, &value(0.9), champion.as_ref());
        let outcome = of(&evidence, "recorded-tolerance").outcome;
        assert!(matches!(outcome, Outcome::NotEvaluated(_)), "{outcome:?}");
    }
    let evidence = judged(&bound, &with(vec![RecordedMetric::new("acu", 1.0)]), None);
    assert!(
        of(&evidence, "recorded-threshold")
            .message
            .contains("`acu`")
    );
}

#[test]
fn a_tolerance_compares_the_bare_numbers_as_decimals() {
    let higher = rule(r#"{"metric": "auc", "tolerance": 0.1, "better": "higher"}"#);
    let lower = rule(r#"{"metric": "auc", "tolerance": 0.1, "better": "lower"}"#);
    let outcome = |spec: &RecordedSpec, ours: f64, theirs: f64| {
        let evidence = judged(spec, &value(ours), Some(&value(theirs)));
        of(&evidence, "recorded-tolerance").outcome
    };
    assert_eq!(outcome(&higher, 0.2, 0.3), Outcome::Met);
    assert_eq!(outcome(&higher, 0.19, 0.3), Outcome::NotMet);
    assert_eq!(outcome(&lower, 0.3, 0.2), Outcome::Met);
    assert_eq!(outcome(&lower, 0.31, 0.2), Outcome::NotMet);
}

#[test]
fn two_bare_numbers_are_not_compared_beyond_chance() {
    let spec = rule(r#"{"metric": "auc", "non_inferiority_margin": 0.1, "better": "higher"}"#);
    let evidence = judged(&spec, &value(0.9), Some(&value(0.9)));
    let record = of(&evidence, "recorded-comparison");
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::TooFewRows));
    assert!(record.message.contains("`tolerance`"), "{}", record.message);
}

/// Expected: scipy 1.17.1, 0.02 ± norm.ppf(0.975) * hypot(0.01, 0.01) = -0.0077181 to 0.0477181.
#[test]
fn standard_errors_are_compared_as_of_independent_runs() {
    let spec = rule(r#"{"metric": "auc", "non_inferiority_margin": 0.01, "better": "higher"}"#);
    let with_error =
        |value: f64| with(vec![RecordedMetric::new("auc", value).standard_error(0.01)]);
    let evidence = judged(&spec, &with_error(0.92), Some(&with_error(0.9)));
    let record = of(&evidence, "recorded-comparison");
    assert_eq!(record.outcome, Outcome::Met, "{}", record.message);
    let interval = record.observed.and_then(|observed| observed.interval);
    let interval = interval.expect("an interval");
    assert!((interval.lower - -0.007_718_1).abs() < 1e-7, "{interval:?}");
    assert!((interval.upper - 0.047_718_1).abs() < 1e-7, "{interval:?}");
    assert!(record.message.contains("not paired"));
}

/// Expected: scipy 1.17.1, `ttest_rel` of the two lists, `confidence_interval(0.95)` = 0.0258462 to
/// 0.2141538.
#[test]
fn results_of_the_same_cases_are_compared_in_pairs() {
    let spec = rule(r#"{"metric": "auc", "superiority_margin": 0.0, "better": "higher"}"#);
    let candidate = cases(&[0.9, 0.8, 0.7, 0.95, 0.6]);
    let champion = cases(&[0.7, 0.75, 0.65, 0.75, 0.5]);
    let evidence = judged(&spec, &candidate, Some(&champion));
    let record = of(&evidence, "recorded-comparison");
    assert_eq!(record.outcome, Outcome::Met, "{}", record.message);
    let interval = record.observed.and_then(|observed| observed.interval);
    let interval = interval.expect("an interval");
    assert!((interval.lower - 0.025_846_2).abs() < 1e-6, "{interval:?}");
    assert!((interval.upper - 0.214_153_8).abs() < 1e-6, "{interval:?}");
    let lower = rule(r#"{"metric": "auc", "superiority_margin": 0.0, "better": "lower"}"#);
    let evidence = judged(&lower, &candidate, Some(&champion));
    assert_eq!(
        of(&evidence, "recorded-comparison").outcome,
        Outcome::NotMet
    );
}

#[test]
fn looks_at_growing_runs_are_compared_by_sequences() {
    let looked = |text: &str, candidate: &Recording, champion: &Recording| {
        let evidence = judged(&rule(text), candidate, Some(champion));
        of(&evidence, "recorded-comparison").clone()
    };
    let better =
        r#"{"metric": "auc", "superiority_margin": 0.0, "better": "higher", "sequential": true}"#;
    let values = |shift: f64| -> Vec<f64> {
        (0..200)
            .map(|case| shift + 0.01 * f64::from(case % 7))
            .collect()
    };
    let wobbling = |shift: f64| -> Vec<f64> {
        (0..200)
            .map(|case| shift + 0.01 * f64::from(case % 5))
            .collect()
    };
    let (candidate, champion) = (cases(&wobbling(0.5)), cases(&values(0.4)));
    let record = looked(better, &candidate, &champion);
    assert_eq!(record.outcome, Outcome::Met, "{}", record.message);
    assert!(
        record
            .message
            .contains("by a confidence sequence, which holds at any number of looks"),
        "{}",
        record.message
    );
    let few = looked(better, &cases(&[0.9, 0.8, 0.7]), &cases(&[0.1, 0.2, 0.1]));
    assert_eq!(few.outcome, Outcome::NotEvaluated(Reason::TooFewRows));
    let bare = looked(better, &value(0.9), &value(0.1));
    assert_eq!(bare.outcome, Outcome::NotEvaluated(Reason::MissingInput));
    assert!(bare.message.contains("case by case"), "{}", bare.message);
    let bound = rule(r#"{"metric": "auc", "at_least": 0.5, "sequential": true}"#);
    let mut problems = Vec::new();
    super::check(&[bound], &mut problems);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].0, "gate.recorded[0].metrics[0].sequential");
}

#[test]
fn the_cases_that_got_worst_are_named() {
    let spec = rule(r#"{"metric": "auc", "non_inferiority_margin": 0.01, "better": "higher"}"#);
    let candidate = cases(&[0.9, 0.1, 0.7, 0.4, 0.6]);
    let champion = cases(&[0.9, 0.9, 0.6, 0.8, 0.7]);
    let evidence = judged(&spec, &candidate, Some(&champion));
    let record = of(&evidence, "recorded-comparison");
    assert_ne!(record.outcome, Outcome::Met);
    let worse = record.failing_rows.as_ref().expect("cases");
    assert_eq!((worse.count, worse.eligible), (3, 5));
    let ids = champion.cases.expect("cases").ids().to_vec();
    let named: Vec<String> = worse
        .examples
        .iter()
        .filter_map(|example| example.value.clone())
        .collect();
    let expected = [1, 3, 4].map(|index: usize| format!("case={}", ids[index]));
    assert_eq!(named, expected);
    let evidence = judged(
        &spec,
        &cases(&[0.9, 0.8, 0.9, 0.8, 0.9]),
        Some(&cases(&[0.7, 0.7, 0.6, 0.7, 0.8])),
    );
    assert_eq!(of(&evidence, "recorded-comparison").failing_rows, None);
}

#[test]
fn repetitions_of_a_case_count_as_one() {
    let ids = ["a", "a", "b", "b"].map(str::to_owned).to_vec();
    let cases = Cases::new(ids).with("auc", vec![1.0, 0.0, 1.0, f64::NAN]);
    let cases = cases.expect("as many values as cases");
    let column = cases.column("auc").expect("a column");
    assert_eq!(column.of_case().get("a"), Some(&0.5));
    assert_eq!(column.of_case().get("b"), None);
    assert_eq!(column.without(), 1);
}

#[test]
fn runs_on_other_cases_are_not_compared() {
    let spec = rule(r#"{"metric": "auc", "non_inferiority_margin": 0.5, "better": "higher"}"#);
    let evidence = judged(&spec, &cases(&[1.0, 0.0, 1.0]), Some(&cases(&[1.0, 0.0])));
    let record = of(&evidence, "recorded-comparison");
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::EarlierStep));
    let missing = cases(&[1.0, f64::NAN, 1.0]);
    let evidence = judged(&spec, &missing, Some(&cases(&[1.0, 0.0, 1.0])));
    assert!(matches!(
        of(&evidence, "recorded-comparison").outcome,
        Outcome::NotEvaluated(_)
    ));
}

#[test]
fn the_direction_is_that_of_the_rule_or_of_the_system() {
    let silent = rule(r#"{"metric": "auc", "tolerance": 0.0}"#);
    let evidence = judged(&silent, &value(0.9), Some(&value(0.8)));
    let record = of(&evidence, "recorded-tolerance");
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::Unsupported));
    let says = |number: f64| {
        let metric = RecordedMetric::new("auc", number);
        with(vec![metric.direction(Direction::LowerIsBetter)])
    };
    let evidence = judged(&silent, &says(0.9), Some(&says(0.8)));
    assert_eq!(of(&evidence, "recorded-tolerance").outcome, Outcome::NotMet);
    let contradicted = RecordedRule {
        better: Some(Better::Higher),
        ..silent.metrics[0].clone()
    };
    let spec = RecordedSpec {
        metrics: vec![contradicted],
        ..silent
    };
    let evidence = judged(&spec, &says(0.9), Some(&says(0.8)));
    assert_eq!(of(&evidence, "recorded-tolerance").outcome, Outcome::Met);
}

fn verdicts(outcomes: &[Said]) -> Recording {
    let verdict = |(index, outcome): (usize, &Said)| RecordedVerdict {
        name: format!("test {index}"),
        outcome: *outcome,
        message: None,
    };
    Recording {
        verdicts: outcomes.iter().enumerate().map(verdict).collect(),
        ..Recording::by("Test 1.0")
    }
}

/// Cases 6, 7 and 9 of the note on peers: errors only, no tests at all and runs that broke off pass.
#[test]
fn tests_that_did_not_run_have_not_passed() {
    let all: VerdictRule = serde_json::from_str("{}").expect("a rule");
    let spec = RecordedSpec {
        verdicts: Some(all),
        ..spec(r#""metrics": []"#)
    };
    let outcome = |outcomes: &[Said]| {
        let evidence = judged(&spec, &verdicts(outcomes), None);
        of(&evidence, "recorded-verdicts").outcome
    };
    assert_eq!(outcome(&[Said::Passed, Said::Warned]), Outcome::Met);
    assert_eq!(outcome(&[Said::Passed, Said::Failed]), Outcome::NotMet);
    assert_eq!(outcome(&[Said::Passed, Said::Errored]), Outcome::NotMet);
    assert_eq!(outcome(&[Said::Skipped]), Outcome::NotMet);
    assert_eq!(outcome(&[]), Outcome::NotEvaluated(Reason::MissingInput));
}

#[test]
fn half_a_run_is_not_a_run() {
    let broken = Recording {
        shortfalls: vec!["its status is `RUNNING`".to_owned()],
        ..value(0.9)
    };
    let spec = rule(r#"{"metric": "auc", "at_least": 0.8}"#);
    let evidence = judged(&spec, &broken, Some(&value(0.9)));
    let record = of(&evidence, "recording-complete");
    assert_eq!(record.outcome, Outcome::NotMet);
    assert!(record.message.contains("RUNNING"));
}

fn finding(identity: &str, severity: FindingSeverity, suppressed: bool) -> Finding {
    Finding {
        identity: identity.to_owned(),
        id: identity.to_owned(),
        title: String::new(),
        severity,
        place: None,
        suppressed,
    }
}

#[test]
fn findings_count_by_severity_the_worse_ones_in() {
    use FindingSeverity::{Critical, High, Low};
    let found = |findings: Vec<Finding>| Recording {
        findings: Some(findings),
        ..Recording::by("Test 1.0")
    };
    let candidate = found(vec![
        finding("a", Critical, false),
        finding("b", High, false),
        finding("b", High, false),
        finding("c", High, true),
        finding("d", Low, false),
    ]);
    let champion = found(vec![finding("a", Critical, false)]);
    let counts = |rule: &str, champion: Option<&Recording>| -> Vec<f64> {
        let spec = spec(&format!(r#""findings": {rule}"#));
        let evidence = judged(&spec, &candidate, champion);
        evidence
            .iter()
            .filter(|record| record.requirement.as_str() == "recorded-findings")
            .map(|record| record.observed.map_or(f64::NAN, |observed| observed.value))
            .collect()
    };
    let bounds = r#""at_most": {"high": 0, "critical": 1, "low": 9}"#;
    assert_eq!(counts(&format!("{{{bounds}}}"), None), [1.0, 2.0, 3.0]);
    let new = format!(r#"{{{bounds}, "new_only": true}}"#);
    assert_eq!(counts(&new, Some(&champion)), [0.0, 1.0, 2.0]);
    let suppressed = format!(r#"{{{bounds}, "count_suppressed": true}}"#);
    assert_eq!(counts(&suppressed, None), [1.0, 3.0, 4.0]);
    let spec = spec(&format!(r#""findings": {{{bounds}}}"#));
    let evidence = judged(&spec, &value(1.0), None);
    assert!(matches!(
        of(&evidence, "recorded-findings").outcome,
        Outcome::NotEvaluated(_)
    ));
}
