//! Suites of Great Expectations, unchanged: this program's outcome for every expectation on every table
//! of the matrix beside the verdict recorded from Great Expectations itself.
//!
//! `fixtures/suites/great_expectations/make.py` wrote suites, data and verdicts with the versions named
//! in its requirements; `differences.json` beside it names each place where the two differ, and why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use proofmark::contract::{Contract, PlanRequest};
use proofmark::engines::{TableSource, measure_alone};
use proofmark::evidence::Outcome;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/suites/great_expectations")
}

fn json(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(name)).expect("a fixture");
    serde_json::from_str(&text).expect("JSON")
}

/// One expectation on one table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Case {
    suite: String,
    index: usize,
    table: String,
}

/// What became of a case, in the words of `differences.json`.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::NotMet => "not met",
        Outcome::NotEvaluated(_) => "not evaluated",
    }
}

/// What each expectation of a suite comes to on a table, with the message.
fn outcomes(suite: &str, table: &str) -> Vec<(&'static str, String)> {
    let file = format!("{suite}.json");
    let text = std::fs::read_to_string(folder().join(&file)).expect("a suite");
    let contract = Contract::parse(&file, &text).expect("a suite");
    assert_eq!(contract.format().id, "great-expectations");
    let request = PlanRequest {
        dataset: "t",
        object: None,
        as_of: DateTime::<Utc>::UNIX_EPOCH,
        environment: None,
    };
    let plan = contract.plan(&request).expect("planned");
    let source = TableSource {
        path: folder().join("data").join(table),
        locator: table.to_owned(),
        types: plan.types,
        ..TableSource::default()
    };
    let measures: Vec<_> = plan.checks.iter().map(|check| check.measures()).collect();
    let flat: Vec<_> = measures.iter().flatten().cloned().collect();
    let (facts, measured) = measure_alone(&source, &flat, 5).expect("readable");
    let mut rest = measured.as_slice();
    let mut found = Vec::new();
    for (check, measures) in plan.checks.iter().zip(&measures) {
        let (own, others) = rest.split_at(measures.len());
        rest = others;
        let evidence = check.judge(&facts, own);
        assert_eq!(evidence.len(), 1, "{check:?}");
        assert!(evidence[0].location.is_some(), "{check:?}");
        found.push((word(evidence[0].outcome), evidence[0].message.clone()));
    }
    found
}

#[test]
fn verdicts_are_those_of_great_expectations_but_for_the_differences_named() {
    let mut named: BTreeMap<Case, (String, bool)> = BTreeMap::new();
    for difference in json("differences.json").as_array().expect("a list") {
        for case in difference["cases"].as_array().expect("cases") {
            let part = |index: usize| case[index].clone();
            let case = Case {
                suite: part(0).as_str().expect("a suite").to_owned(),
                index: part(1).as_u64().expect("an index") as usize,
                table: part(2).as_str().expect("a table").to_owned(),
            };
            let ours = difference["ours"].as_str().expect("an outcome").to_owned();
            assert!(named.insert(case, (ours, false)).is_none(), "named twice");
        }
    }
    let mut wrong = Vec::new();
    let mut compared = 0;
    for suite in ["version_1", "version_0_18"] {
        let recorded = json(&format!("{suite}.verdicts.json"));
        let expectations = json(&format!("{suite}.json"));
        for (table, verdicts) in recorded["verdicts"].as_object().expect("verdicts") {
            let ours = outcomes(suite, table);
            let verdicts = verdicts.as_array().expect("a list");
            assert_eq!(ours.len(), verdicts.len());
            for (index, ((outcome, message), verdict)) in ours.iter().zip(verdicts).enumerate() {
                compared += 1;
                let success = verdict["success"] == true;
                let agrees = success == (*outcome == "met");
                let case = Case {
                    suite: suite.to_owned(),
                    index,
                    table: table.clone(),
                };
                let explained = match named.get_mut(&case) {
                    Some((expected, seen)) => {
                        *seen = true;
                        !agrees && expected == outcome
                    }
                    None => agrees,
                };
                if !explained {
                    let expectation = &expectations["expectations"][index];
                    wrong.push(format!(
                        "[\"{suite}\", {index}, \"{table}\"] {outcome}: {message}\n    {verdict}\n    {expectation}"
                    ));
                }
            }
        }
    }
    let unseen: Vec<_> = named.iter().filter(|(_, (_, seen))| !seen).collect();
    assert!(unseen.is_empty(), "named, but not compared: {unseen:?}");
    assert!(3_900 < compared, "{compared}");
    assert!(
        wrong.is_empty(),
        "{} of {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
