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
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/suites/great_expectations")
}

fn fixture(name: &str) -> Value {
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
fn outcomes(text: &str, table: PathBuf) -> Vec<(&'static str, String)> {
    let contract = Contract::parse("suite.json", text).expect("a suite");
    assert_eq!(contract.format().id, "great-expectations");
    let request = PlanRequest {
        dataset: "t",
        object: None,
        as_of: DateTime::<Utc>::UNIX_EPOCH,
        environment: None,
    };
    let plan = contract.plan(&request).expect("planned");
    let source = TableSource {
        locator: table.display().to_string(),
        path: table,
        types: plan.types,
        names: vec!["t".to_owned()],
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
        let evidence = check.judge(&proofmark::checks::Masks::default(), &facts, own);
        assert_eq!(evidence.len(), 1, "{check:?}");
        assert!(evidence[0].location.is_some(), "{check:?}");
        found.push((word(evidence[0].outcome), evidence[0].message.clone()));
    }
    found
}

#[test]
fn verdicts_are_those_of_great_expectations_but_for_the_differences_named() {
    let mut named: BTreeMap<Case, (String, bool)> = BTreeMap::new();
    for difference in fixture("differences.json").as_array().expect("a list") {
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
        let text = std::fs::read_to_string(folder().join(format!("{suite}.json")));
        let text = text.expect("a suite");
        let recorded = fixture(&format!("{suite}.verdicts.json"));
        let expectations = fixture(&format!("{suite}.json"));
        for (table, verdicts) in recorded["verdicts"].as_object().expect("verdicts") {
            let ours = outcomes(&text, folder().join("data").join(table));
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

/// A table, an expectation on it and what it comes to.
type Single = (&'static str, Value, &'static str);

/// Great Expectations 1.24.1 on pandas 3.1.1 says the same of each, where it says anything: it raises
/// where a column calculated or compared with is of texts.
#[test]
fn expectations_on_one_column_do_not_change_how_others_read_it() {
    let expectation = |kind: &str, arguments: Value| json!({"type": kind, "kwargs": arguments});
    let mean = expectation(
        "expect_column_mean_to_be_between",
        json!({"column": "a", "min_value": 1, "max_value": 20}),
    );
    let filtered = |rows: &str| {
        expectation(
            "expect_column_values_to_be_in_set",
            json!({"column": "b", "value_set": [7], "row_condition": rows,
              "condition_parser": "pandas"}),
        )
    };
    let code = expectation(
        "expect_column_values_to_match_regex",
        json!({"column": "a", "regex": "^[0-9]+$"}),
    );
    let typed = |name: &str| {
        expectation(
            "expect_column_values_to_be_of_type",
            json!({"column": "a", "type_": name}),
        )
    };
    let numbers = "a,b\n9,10\n10,9\n11,7\n";
    let cases: [Single; 11] = [
        (numbers, code, "met"),
        (numbers, mean.clone(), "met"),
        (numbers, filtered("a + b > 18"), "not met"),
        (numbers, filtered("a - b > 3"), "met"),
        (numbers, filtered("a * 2 > 20 and a > b"), "met"),
        (numbers, filtered("a > b"), "not met"),
        (numbers, typed("int64"), "met"),
        (numbers, typed("float64"), "not met"),
        // One text makes a column of numbers one of texts.
        ("a,b\n1,7\nx,7\n", filtered("a + b > 18"), "not met"),
        ("a,b\n1,7\nx,7\n", typed("int64"), "not met"),
        // pandas has no whole numbers among missing ones.
        ("a,b\n1,7\n,7\n", typed("int64"), "not met"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("t.csv");
    for (text, expectation, expected) in cases {
        std::fs::write(&table, text).expect("written");
        // Alone, and beside expectations that read both columns as numbers.
        let sum = json!({"type": "expect_multicolumn_sum_to_equal",
          "kwargs": {"column_list": ["a", "b"], "sum_total": 19}});
        let both = json!({"name": "s", "expectations": [expectation, mean, sum]});
        let alone = json!({"name": "s", "expectations": [expectation]});
        for suite in [both, alone] {
            let found = outcomes(&suite.to_string(), table.clone());
            assert_eq!(found[0].0, expected, "{suite} on {text}: {}", found[0].1);
        }
    }
}
