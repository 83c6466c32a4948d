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
