//! Suites of Soda and dbt against the verdicts of the original tools on the same data, recorded by the
//! scripts beside them: soda-core 4.28.0 and 3.5.6, dbt-core 1.11.16 on dbt-duckdb 1.11.1.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proofmark::checks::PlannedCheck;
use proofmark::contract::{Contract, PlanRequest, render};
use proofmark::engines::{self, Options, Request, TableSource};
use proofmark::evidence::{Evidence, Outcome, Severity, Unit};
use serde_json::Value;

/// What does not agree, and why; everything else does.
struct Difference {
    suite: &'static str,
    check: &'static str,
    data: &'static str,
    ours: &'static str,
    why: &'static str,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        suite: "contract-orders.yaml",
        check: "checks.freshness",
        data: "empty",
        ours: "none",
        why: "without rows there is no age: Soda fails, we do not evaluate; both block",
    },
    Difference {
        suite: "contract-orders.yaml",
        check: "checks.freshness.days",
        data: "empty",
        ours: "none",
        why: "without rows there is no age; Soda fails at the level `warn`, too",
    },
    Difference {
        suite: "checks-orders.yaml",
        check: "freshness(",
        data: "empty",
        ours: "none",
        why: "without rows there is no age: Soda fails, we do not evaluate; both block",
    },
    Difference {
        suite: "checks-orders.yaml",
        check: "schema",
        data: "",
        ours: "none",
        why: "the place of a single column is not supported",
    },
];

fn fixtures(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/suites")
        .join(path)
}

fn source(name: &str) -> TableSource {
    TableSource {
        path: fixtures(&format!("soda/data/{name}.parquet")),
        locator: format!("{name}.parquet"),
        types: Vec::new(),
        names: vec!["orders".to_owned()],
        ..TableSource::default()
    }
}

/// The evidence of a suite on one of the tables, each with the line that demanded it.
fn evidence(suite: &str, object: Option<&str>, data: &str) -> Vec<(u32, Evidence)> {
    let path = fixtures(suite);
    let text = std::fs::read_to_string(&path).expect("a suite");
    let contract = Contract::parse(suite, &text)
        .unwrap_or_else(|problems| panic!("{}", render(&problems, &text)));
    let request = PlanRequest {
        dataset: "orders",
        object,
        as_of: "2026-11-01T12:00:00Z".parse().expect("a time"),
        environment: None,
    };
    let plan = contract
        .plan(&request)
        .unwrap_or_else(|problems| panic!("{}", render(&problems, &text)));
    let measures: Vec<_> = plan
        .checks
        .iter()
        .flat_map(PlannedCheck::measures)
        .collect();
    let table = match object {
        Some("countries") => source("countries"),
        _ => source(data),
    };
    let others = BTreeMap::from([("countries".to_owned(), source("countries"))]);
    let measurement = engines::measure(Request {
        source: &table,
        measures: &measures,
        others: &others,
        options: Options::default(),
    })
    .expect("the table is read");
    let mut rest = measurement.measured.as_slice();
    let mut found = Vec::new();
    for planned in &plan.checks {
        let (own, others) = rest.split_at(planned.measures().len());
        rest = others;
        let line = planned.target.location.as_ref().expect("a line").line;
        for record in planned.judge(&measurement.facts, own) {
            found.push((line, record));
        }
    }
    found
}

/// One verdict of all the evidence of a rule, in the words of the tools.
fn verdict(records: &[&Evidence]) -> &'static str {
    let any = |severity: Severity, is: fn(&Outcome) -> bool| {
        records
            .iter()
            .any(|record| record.severity == severity && is(&record.outcome))
    };
    let not_met = |outcome: &Outcome| *outcome == Outcome::NotMet;
    let open = |outcome: &Outcome| matches!(outcome, Outcome::NotEvaluated(_));
    if any(Severity::Error, not_met) {
        "fail"
    } else if any(Severity::Error, open) || any(Severity::Warning, open) {
        "none"
    } else if any(Severity::Warning, not_met) {
        "warn"
    } else {
        "pass"
    }
}

fn recorded(path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(fixtures(path)).expect("recorded verdicts");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    value["verdicts"].as_array().expect("verdicts").clone()
}

fn text<'a>(verdict: &'a Value, key: &str) -> &'a str {
    verdict[key].as_str().unwrap_or_default()
}

/// Holds every recorded verdict, and the number it rests on, against ours.
fn compare(
    recorded: &[Value],
    named: &str,
    number: &str,
    all: impl Fn(&Value) -> Vec<(u32, Evidence)>,
    belongs: impl Fn(&Value, u32, &Evidence) -> bool,
) {
    assert!(!recorded.is_empty());
    let mut wrong = Vec::new();
    for theirs in recorded {
        let evidence = all(theirs);
        let own: Vec<&Evidence> = evidence
            .iter()
            .filter(|(line, record)| belongs(theirs, *line, record))
            .map(|(_, record)| record)
            .collect();
        let place = format!(
            "{} {} {}",
            text(theirs, "suite"),
            text(theirs, named),
            text(theirs, "data")
        );
        if own.is_empty() {
            wrong.push(format!("{place}: nothing of ours"));
            continue;
        }
        let (ours, outcome) = (verdict(&own), text(theirs, "outcome"));
        let known = DIFFERENCES.iter().any(|known| {
            known.suite == text(theirs, "suite")
                && text(theirs, named).starts_with(known.check)
                && [text(theirs, "data"), ""].contains(&known.data)
                && known.ours == ours
                && !known.why.is_empty()
        });
        if ours != outcome && !known {
            let messages: Vec<&str> = own.iter().map(|record| record.message.as_str()).collect();
            wrong.push(format!(
                "{place}: {outcome} there, {ours} here: {messages:#?}"
            ));
        }
        // dbt reports no failures of a test that passes, however many it tolerated.
        let numbered = named == "check" || outcome != "pass";
        if numbered
            && let ([record, ..], Some(number)) = (own.as_slice(), theirs[number].as_f64())
            && let Some(observed) = observed(record)
            && 1e-9 * number.abs().max(1.0) < (observed - number).abs()
            // Soda 3 rounds percentages to two digits.
            && !(observed - number).abs().le(&0.005_000_1)
        {
            wrong.push(format!("{place}: {number} there, {observed} here"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The number a rule observed, in the unit of the tools; none for those that count otherwise.
fn observed(record: &Evidence) -> Option<f64> {
    let counted_otherwise = ["freshness", "row-count-match", "column-set", "column-order"];
    if counted_otherwise.contains(&record.requirement.as_str()) {
        return None;
    }
    let quantity = record.observed?;
    Some(match quantity.unit {
        Unit::Fraction => quantity.value * 100.0,
        _ => quantity.value,
    })
}

#[test]
fn soda_contracts_have_the_verdicts_of_soda_4() {
    let schema = [
        "column-presence",
        "column-type",
        "column-set",
        "column-order",
    ];
    compare(
        &recorded("soda/contracts.json"),
        "check",
        "value",
        |theirs| {
            evidence(
                &format!("soda/{}", text(theirs, "suite")),
                None,
                text(theirs, "data"),
            )
        },
        |theirs, line, record| {
            let of_schema = schema.contains(&record.requirement.as_str());
            if text(theirs, "check") == "checks.schema" {
                of_schema
            } else {
                !of_schema && theirs["line"].as_u64() == Some(u64::from(line))
            }
        },
    );
}

#[test]
fn soda_checks_have_the_verdicts_of_soda_3() {
    let recorded = recorded("soda/language.json");
    compare(
        &recorded,
        "check",
        "value",
        |theirs| {
            evidence(
                &format!("soda/{}", text(theirs, "suite")),
                None,
                text(theirs, "data"),
            )
        },
        |theirs, line, _| {
            // What stands below a check belongs to it.
            let of_suite = |known: &&Value| known["suite"] == theirs["suite"];
            let lines = recorded
                .iter()
                .filter(of_suite)
                .filter_map(|known| known["line"].as_u64());
            theirs["line"].as_u64() == lines.filter(|known| *known <= u64::from(line)).max()
        },
    );
}

#[test]
fn dbt_tests_have_the_verdicts_of_dbt() {
    compare(
        &recorded("dbt/verdicts.json"),
        "test",
        "failures",
        |theirs| {
            evidence(
                "dbt/schema.yml",
                Some(text(theirs, "model")),
                text(theirs, "data"),
            )
        },
        |theirs, line, _| theirs["line"].as_u64() == Some(u64::from(line)),
    );
}
