//! Changes between two profiles and two reports.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::evidence::{
    Bound, Evidence, InputRef, Outcome, Quantity, Reason, RunIdentity, RunReport, Sha256, Step,
    Subject, Tool, Unit,
};
use crate::measure::{
    CategoricalDistribution, ColumnFacts, Distribution, LogicalType, NumericDistribution,
    TableFacts,
};

fn facts(row_count: u64, columns: &[(&str, LogicalType)]) -> TableFacts {
    let column = |(name, logical_type): &(&str, LogicalType)| ColumnFacts {
        name: (*name).to_owned(),
        logical_type: Some(*logical_type),
        physical_type: logical_type.as_str().to_owned(),
    };
    TableFacts {
        row_count,
        columns: columns.iter().map(column).collect(),
        typed: true,
    }
}

fn numbers(shift: f64, null_count: u64) -> Distribution {
    Distribution::Numeric(NumericDistribution {
        points: (0..100)
            .map(|value| (f64::from(value) + shift, 1))
            .collect(),
        null_count,
        ..Default::default()
    })
}

fn categories(names: &[&str]) -> Distribution {
    Distribution::Categorical(CategoricalDistribution {
        counts: names.iter().map(|name| ((*name).to_owned(), 10)).collect(),
        ..Default::default()
    })
}

fn profile(
    row_count: u64,
    columns: &[(&str, LogicalType)],
    distributions: Vec<(&str, Distribution)>,
) -> Profile {
    Profile {
        facts: facts(row_count, columns),
        distributions: distributions
            .into_iter()
            .map(|(name, found)| (name.to_owned(), found))
            .collect::<BTreeMap<_, _>>(),
        hidden: BTreeSet::new(),
    }
}

/// The requirements that are not met, with their subject.
fn open(records: &[Evidence]) -> Vec<String> {
    let open = records
        .iter()
        .filter(|record| record.outcome != Outcome::Met);
    open.map(|record| format!("{} {}", record.requirement, record.subject.name()))
        .collect()
}

fn base() -> Profile {
    profile(
        1000,
        &[
            ("amount", LogicalType::Number),
            ("city", LogicalType::String),
        ],
        vec![
            ("amount", numbers(0.0, 0)),
            ("city", categories(&["a", "b"])),
        ],
    )
}

#[test]
fn the_same_data_has_no_change() {
    let records = profiles(&QualityDiffSpec::default(), "d", &base(), &base());
    assert_eq!(open(&records), [""; 0]);
    assert_eq!(records.len(), 6);
    assert!(
        records
            .iter()
            .all(|record| record.severity == Severity::Warning)
    );
}

#[test]
fn every_kind_of_change_has_its_requirement() {
    let head = profile(
        800,
        &[
            ("amount", LogicalType::String),
            ("town", LogicalType::String),
        ],
        vec![
            ("amount", numbers(20.0, 5)),
            ("city", categories(&["a", "c"])),
        ],
    );
    let records = profiles(&QualityDiffSpec::default(), "d", &base(), &head);
    let expected = [
        "schema-change d",
        "volume-change d",
        "quality-regression d/amount",
        "distribution-change d/amount",
        "distribution-change d/city",
    ];
    assert_eq!(open(&records), expected);
    assert_eq!(
        records[0].message,
        "columns of dataset `d`: gone: `city`; of another type: `amount (number → string)`; new: `town`; required none gone or of another type"
    );
    // 0.05 to 0.95 is 4 to 94: a move of 20 by 90.
    assert_eq!(
        records[3].observed.map(|found| found.value),
        Some(20.0 / 90.0)
    );
}

#[test]
fn quantiles_of_dates_and_times_are_dates_and_times() {
    // 2026-11-01T12:30:00.5Z
    let noon = 1_793_536_200.5;
    for (kind, expected) in [
        (LogicalType::Date, "is 2026-11-02, 2026-11-01 before"),
        (
            LogicalType::Timestamp,
            "is 2026-11-02T12:30:00.500Z, 2026-11-01T12:30:00.500Z before",
        ),
        (LogicalType::Number, "is 1793622600.5, 1793536200.5 before"),
    ] {
        let at = |value: f64| {
            let numbers = NumericDistribution::of([Some(value)]);
            let found = vec![("at", Distribution::Numeric(numbers))];
            profile(1, &[("at", kind)], found)
        };
        let (before, now) = (at(noon), at(noon + 86_400.0));
        let records = profiles(&QualityDiffSpec::default(), "d", &before, &now);
        let message = &records[3].message;
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_change_from_nothing_is_not_evaluated() {
    let empty = profile(
        0,
        &[("amount", LogicalType::Number)],
        vec![(
            "amount",
            Distribution::Numeric(NumericDistribution::default()),
        )],
    );
    let records = profiles(&QualityDiffSpec::default(), "d", &empty, &base());
    let outcome = |id: &str| {
        records
            .iter()
            .find(|record| record.requirement.as_str() == id)
            .map(|record| record.outcome)
    };
    for id in [VOLUME_CHANGE, QUALITY_REGRESSION, DISTRIBUTION_CHANGE] {
        assert_eq!(
            outcome(id),
            Some(Outcome::NotEvaluated(Reason::Undefined)),
            "{id}"
        );
    }
}

fn rule(id: &'static str, outcome: Outcome, bound: Bound) -> Evidence {
    let subject = Subject::Dataset {
        dataset: "d".to_owned(),
    };
    Evidence::new(id, subject, outcome, "seen").measured(Quantity::new(0.5, Unit::Number), bound)
}

fn report(step: Step, evidence: Vec<Evidence>) -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".to_owned(),
            version: "0.0.0".to_owned(),
        },
        started_at: chrono::DateTime::UNIX_EPOCH,
        configuration: Vec::new(),
        partitions: Vec::new(),
        ci: None,
    };
    RunReport::new(step, run, Vec::new(), evidence, Vec::new())
}

fn contract(version: &str) -> InputRef {
    InputRef {
        locator: "c.yaml".to_owned(),
        sha256: Sha256::of(version.as_bytes()),
        fetched_at: None,
    }
}

fn judged_by(contract: InputRef, evidence: Vec<Evidence>) -> RunReport {
    let mut report = report(Step::DataValidation, evidence);
    report.run.configuration.push(contract);
    report
}

fn since(spec: &QualityDiffSpec, before: &RunReport, now: &RunReport) -> Vec<Evidence> {
    let contract = contract("1");
    let since = Since {
        before: Some(before),
        locator: "base.json",
        contract: &contract,
    };
    reports(spec, since, now)
}

fn compared(before: Vec<Evidence>, now: Vec<Evidence>) -> Vec<Evidence> {
    let [before, now] = [before, now].map(|evidence| judged_by(contract("1"), evidence));
    since(&QualityDiffSpec::default(), &before, &now)
}

#[test]
fn a_verdict_that_fell_is_a_regression() {
    let before = vec![
        rule("mean", Outcome::Met, Bound::AtMost(1.0)),
        rule("row-count", Outcome::NotMet, Bound::AtLeast(1.0)),
    ];
    let now = vec![
        rule(
            "mean",
            Outcome::NotEvaluated(Reason::Undefined),
            Bound::AtMost(1.0),
        ),
        rule("row-count", Outcome::NotMet, Bound::AtLeast(1.0)),
    ];
    let records = compared(before.clone(), now);
    assert_eq!(open(&records), ["quality-regression d"]);
    assert!(
        records[0]
            .message
            .starts_with("`mean` of dataset `d` was met before and is not evaluated")
    );
    assert_eq!(open(&compared(before.clone(), before)), [""; 0]);
}

fn valued(id: &'static str, value: f64, bound: Bound) -> Evidence {
    rule(id, Outcome::Met, bound).measured(Quantity::new(value, Unit::Number), bound)
}

#[test]
fn a_value_that_comes_near_its_bound_is_a_regression_while_it_is_still_met() {
    use Bound::{AtLeast, AtMost, Between};
    let cases = [
        ("mean", 0.1, 0.9, AtMost(1.0), true),
        ("mean", 0.1, 0.5, AtMost(1.0), false),
        ("mean", 0.9, 0.1, AtMost(1.0), false),
        ("row-count", 800.0, 300.0, AtLeast(100.0), true),
        ("mean", 5.0, 9.0, Between(0.0, 10.0), true),
        ("mean", 5.0, 1.0, Between(0.0, 10.0), true),
        ("mean", 4.0, 6.0, Between(0.0, 10.0), false),
        // No room, no nearer.
        ("mean", 1.0, 1.0, AtMost(1.0), false),
        ("drift-psi", 0.01, 0.19, AtMost(0.2), true),
        // Chance alone moves a p-value as far.
        ("drift-ks-p-value", 0.9, 0.1, AtLeast(0.05), false),
    ];
    for (id, before, now, bound, expected) in cases {
        let records = compared(
            vec![valued(id, before, bound)],
            vec![valued(id, now, bound)],
        );
        let found = open(&records) == ["quality-regression d"];
        assert_eq!(
            found, expected,
            "{id} {before} → {now} {bound}: {records:?}"
        );
    }
    let records = compared(
        vec![valued("mean", 0.1, AtMost(1.0))],
        vec![valued("mean", 0.9, AtMost(1.0))],
    );
    assert_eq!(
        records[0].message,
        "`mean` of dataset `d` is still met, but is 0.9 and was 0.1, required at most 1: 89 in 100 of the room there was is gone"
    );
}

#[test]
fn a_bound_that_asks_for_less_is_loosened_and_one_that_asks_for_more_is_not() {
    use Bound::{AtLeast, AtMost, Between, Exactly, LessThan, MoreThan, Not, Outside};
    let cases = [
        (AtMost(1.0), AtMost(2.0), true),
        (AtMost(2.0), AtMost(1.0), false),
        (AtMost(1.0), LessThan(1.0), false),
        (LessThan(1.0), AtMost(1.0), true),
        (AtLeast(1.0), AtLeast(0.5), true),
        (AtLeast(1.0), MoreThan(1.0), false),
        (AtLeast(1.0), AtMost(1.0), true),
        (Between(0.0, 1.0), AtMost(1.0), true),
        (AtMost(1.0), Between(0.0, 1.0), false),
        (AtMost(1.0), Exactly(1.0), false),
        (Exactly(1.0), AtMost(1.0), true),
        (Not(1.0), Not(2.0), true),
        (Not(1.0), AtMost(0.5), false),
        (Not(1.0), LessThan(1.0), false),
        (Not(1.0), AtMost(1.0), true),
        (Outside(0.0, 1.0), Outside(-1.0, 2.0), false),
        (Outside(-1.0, 2.0), Outside(0.0, 1.0), true),
        (Outside(0.0, 1.0), AtMost(5.0), true),
    ];
    for (before, now, expected) in cases {
        let records = compared(
            vec![rule("mean", Outcome::Met, before)],
            vec![rule("mean", Outcome::Met, now)],
        );
        let loosened = open(&records) == ["loosened-rule d"];
        assert_eq!(loosened, expected, "{before} → {now}: {records:?}");
    }
}

#[test]
fn a_rule_that_is_gone_or_weighs_less_is_loosened() {
    let strict = rule("mean", Outcome::Met, Bound::AtMost(1.0));
    let gone = compared(
        vec![strict.clone()],
        vec![rule("row-count", Outcome::Met, Bound::AtLeast(1.0))],
    );
    assert_eq!(open(&gone), ["loosened-rule d"]);
    let lighter = compared(
        vec![strict.clone()],
        vec![strict.clone().severity(Severity::Warning)],
    );
    assert_eq!(open(&lighter), ["loosened-rule d"]);
    assert_eq!(
        open(&compared(
            vec![strict.clone().severity(Severity::Info)],
            vec![]
        )),
        [""; 0]
    );
}

#[test]
fn when_all_rules_are_gone_that_is_said() {
    let strict = rule("mean", Outcome::Met, Bound::AtMost(1.0));
    assert_eq!(open(&compared(vec![strict], vec![])), ["loosened-rule d"]);
}

#[test]
fn rules_with_the_same_subject_are_matched_by_what_they_ask_for() {
    let [one, other] = [1.0, 5.0].map(|most| rule("mean", Outcome::Met, Bound::AtMost(most)));
    let swapped = compared(
        vec![one.clone(), other.clone()],
        vec![other.clone(), one.clone()],
    );
    assert_eq!(open(&swapped), [""; 0]);
    let one_left = compared(vec![one, other.clone()], vec![other]);
    assert_eq!(open(&one_left), ["loosened-rule d"]);
}

#[test]
fn a_rule_that_has_lost_its_bound_is_loosened() {
    let strict = rule("mean", Outcome::Met, Bound::AtMost(1.0));
    let without = Evidence {
        required: None,
        ..strict.clone()
    };
    assert_eq!(
        open(&compared(vec![strict], vec![without])),
        ["loosened-rule d"]
    );
}

#[test]
fn what_was_not_compared_has_not_passed() {
    let strict = rule("mean", Outcome::Met, Bound::AtMost(1.0));
    let now = judged_by(contract("1"), vec![strict.clone()]);
    let expected = ["quality-regression c.yaml", "loosened-rule c.yaml"];
    let spec = QualityDiffSpec::default();
    // A baseline of another step knows nothing of these rules.
    let records = since(&spec, &report(Step::Gate, vec![strict]), &now);
    assert_eq!(open(&records), expected);
    let contract = contract("1");
    let absent = Since {
        before: None,
        locator: "base.json",
        contract: &contract,
    };
    let records = reports(&spec, absent, &now);
    assert_eq!(open(&records), expected);
    assert_eq!(
        records[1].message,
        "rules of file `c.yaml` were not compared: the baseline `base.json` is not there"
    );
}

#[test]
fn rules_of_a_dataset_that_cannot_be_read_are_not_gone() {
    let subject = Subject::Dataset {
        dataset: "d".to_owned(),
    };
    let reason = Reason::MissingInput;
    let unread = Evidence::not_evaluated("readable-input", subject, reason, "no such file");
    let records = compared(
        vec![rule("mean", Outcome::Met, Bound::AtMost(1.0))],
        vec![unread],
    );
    assert_eq!(open(&records), [""; 0]);
}

#[test]
fn another_contract_is_a_change_by_itself() {
    let strict = rule("mean", Outcome::Met, Bound::AtMost(1.0));
    let now = judged_by(contract("1"), vec![strict.clone()]);
    let before = judged_by(contract("0"), vec![strict]);
    let records = since(&QualityDiffSpec::default(), &before, &now);
    assert_eq!(open(&records), ["contract-change c.yaml"]);
}

#[test]
fn changes_are_not_compared_but_how_much_loosening_weighs_is() {
    let strict = rule("mean", Outcome::Met, Bound::AtMost(1.0));
    let blocking = QualityDiffSpec {
        loosened: Severity::Error,
        ..QualityDiffSpec::default()
    };
    let rules = judged_by(contract("1"), vec![strict.clone()]);
    let with = |spec: &QualityDiffSpec, before: &RunReport| {
        let changes = since(spec, before, &rules);
        let evidence = std::iter::once(strict.clone()).chain(changes).collect();
        judged_by(contract("1"), evidence)
    };
    let base = with(&blocking, &rules);
    assert_eq!(open(&since(&blocking, &base, &rules)), [""; 0]);
    let records = since(&QualityDiffSpec::default(), &base, &rules);
    assert_eq!(open(&records), ["loosened-rule c.yaml"]);
    assert!(records.iter().any(Evidence::blocks), "{records:?}");
    // Once it is on the base branch it is said no more.
    let lighter = with(&QualityDiffSpec::default(), &base);
    let records = since(&QualityDiffSpec::default(), &lighter, &rules);
    assert_eq!(open(&records), [""; 0]);
}

#[test]
fn every_requirement_on_reports_is_known_to_the_reporters() {
    for id in [QUALITY_REGRESSION, LOOSENED_RULE, CONTRACT_CHANGE] {
        assert!(crate::evidence::OF_CHANGES.contains(&id), "{id}");
    }
}
