//! A contract with rules of `type: sql`, held against a file. The numbers are those of DuckDB 1.5.6 on the
//! same table (`fixtures/rules/sql/answers.json`).

use serde_json::Value;

use crate::support::{program, repository, said};

/// The number DuckDB answered with.
fn recorded(query: &str) -> f64 {
    let path = repository().join("fixtures/rules/sql/answers.json");
    let text = std::fs::read_to_string(path).expect("answers");
    let answers: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(answers["duckdb"], "1.5.6");
    let answers = answers["answers"].as_array().expect("answers");
    let found = answers.iter().find(|answer| answer["query"] == query);
    found
        .and_then(|answer| answer["number"].as_f64())
        .expect("a number")
}

#[test]
fn rules_of_type_sql_are_answered_on_a_file() {
    let folder = repository().join("fixtures/rules/sql");
    let said = said(
        program()
            .current_dir(&folder)
            .args(["data", "validate", "--format", "json", "--suite"])
            .args(["orders.odcs.yaml", "orders.parquet"]),
    );
    assert_eq!(said.code, 10, "{}{}", said.stdout, said.stderr);
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let evidence: Vec<&Value> = report["evidence"]
        .as_array()
        .expect("evidence")
        .iter()
        .filter(|record| record["requirement"] == "sql-rule")
        .collect();
    let missing =
        "select 100.0 * sum(case when customer is null then 1 else 0 end) / count(*) from orders";
    let open = "select avg(amount) from orders where status = 'open'";
    let negative = "SELECT COUNT(*) FROM Orders WHERE amount < 0;";
    let expected = [
        ("met", Some(1.0)),
        ("not_met", Some(recorded(negative))),
        ("met", Some(recorded(missing))),
        ("not_met", Some(recorded(open))),
        ("not_evaluated", None),
    ];
    assert_eq!(evidence.len(), expected.len(), "{evidence:#?}");
    for (record, (outcome, number)) in evidence.iter().zip(expected) {
        let found = match record["outcome"].as_str() {
            Some(found) => found,
            None => {
                assert_eq!(record["outcome"]["not_evaluated"], "unsupported");
                "not_evaluated"
            }
        };
        assert_eq!(found, outcome, "{record:#}");
        match (record["observed"]["value"].as_f64(), number) {
            (Some(ours), Some(theirs)) => {
                assert!(
                    (ours - theirs).abs() < 1e-9 * theirs.abs().max(1.0),
                    "{record:#}"
                );
            }
            (ours, theirs) => assert_eq!(ours, theirs, "{record:#}"),
        }
    }
    let message = evidence[4]["message"].as_str().expect("a message");
    assert!(message.contains("joins tables"), "{message}");
}

/// The failing rows of a rule as evidence shows them, held against a small file.
fn shown(rule: &str, property: &str) -> (Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "amount,note\n5,the quick brown fox jumps over the dog\n-3,nothing alike\n-4,the quick brown fox jumps over the dog\n";
    let contract = format!(
        "apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {{name: amount, logicalType: integer}}
      - {{name: note, logicalType: string{property}}}
    quality:
      - type: custom
        engine: proofmark
        implementation: {rule}
"
    );
    for (name, text) in [("orders.csv", rows), ("c.odcs.yaml", &contract)] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let said = said(
        program()
            .current_dir(&folder)
            .args(["data", "validate", "--format", "json", "--suite"])
            .args(["c.odcs.yaml", "orders.csv"]),
    );
    assert_eq!(said.code, 10, "{}{}", said.stdout, said.stderr);
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let records = report["evidence"].as_array().expect("evidence");
    let found = records.iter().find(|record| record["outcome"] == "not_met");
    let found = found.expect("a failing rule");
    let message = found["message"].as_str().expect("a message").to_owned();
    (found["failing_rows"]["examples"].clone(), message)
}

#[test]
fn rows_that_a_query_finds_are_shown_with_their_numbers_unless_masked() {
    let rule = "{check: failed-rows, query: 'select * from orders where amount < 0'}";
    let (rows, _) = shown(rule, "");
    assert_eq!(
        rows,
        serde_json::json!([{"row_number": 2, "value": "-3"}, {"row_number": 3, "value": "-4"}])
    );
    let (masked, _) = shown(rule, ", classification: personal");
    assert_eq!(
        masked,
        serde_json::json!([{"row_number": 2, "masked": true}, {"row_number": 3, "masked": true}])
    );
}

#[test]
fn near_duplicates_are_shown_with_the_row_they_repeat_unless_masked() {
    let rule = "{check: near-duplicates, texts: [note]}";
    let (rows, message) = shown(rule, "");
    assert_eq!(rows[0]["row_number"], 3);
    assert!(
        rows[0]["value"]
            .as_str()
            .is_some_and(|text| text.starts_with("the quick")),
        "{rows}"
    );
    assert!(message.contains("such as row 3 row 1"), "{message}");
    let (masked, message) = shown(rule, ", classification: personal");
    assert_eq!(
        masked,
        serde_json::json!([{"row_number": 3, "masked": true}])
    );
    assert!(!message.contains("quick"), "{message}");
}
