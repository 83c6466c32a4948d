//! Drift as the configuration asks for it, over whole files.

use crate::support::Project;

/// A project whose contract is a Great Expectations suite: it has rules and no types.
fn without_types() -> Project {
    let project = Project::credit();
    project.write(
        "suite.json",
        r#"{"expectation_suite_name": "s", "meta": {"great_expectations_version": "0.18.22"}, "expectations": [
            {"expectation_type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}}]}"#,
    );
    project.write(
        "proofmark.yaml",
        "version: 1
model: {name: m, path: models/candidate}
data:
  contract: suite.json
  datasets:
    - {name: reference, path: data/reference.parquet}
    - {name: current, path: data/current.parquet}
  drift: {reference: reference, current: current, psi: 0.2}
",
    );
    project
}

#[test]
fn drift_under_a_suite_without_types_compares_every_column() {
    let project = without_types();
    project.run(&["data", "validate"]);
    let evidence = project.evidence("data-validation");
    let columns: Vec<&str> = evidence["evidence"]
        .as_array()
        .expect("records")
        .iter()
        .filter(|record| record["requirement"] == "drift-psi")
        .filter_map(|record| record["subject"]["column"]["column"].as_str())
        .collect();
    for column in ["age", "credit_amount", "purpose", "sex"] {
        assert!(columns.contains(&column), "{column} is not in {columns:?}");
    }
}
