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

#[test]
fn a_misspelt_name_does_not_pass() {
    let project = without_types();
    project.edit(
        "proofmark.yaml",
        "current: current, psi: 0.2}",
        "current: current, psi: 10, slices: [sexx], target: [aeg], prediction: [zzz], overrides: {yy: {kind: text}}}",
    );
    project.expect(3, &["data", "validate"]);
    let evidence = project.evidence("data-validation");
    let records = evidence["evidence"].as_array().expect("records");
    for (column, hint) in [
        ("sexx", "did you mean `sex`?"),
        ("aeg", "did you mean `age`?"),
        ("zzz", "does not have it"),
        ("yy", "does not have it"),
    ] {
        let found = records.iter().find(|record| {
            record["subject"]["column"]["column"] == column
                && record["outcome"] != "met"
                && record["message"]
                    .as_str()
                    .is_some_and(|said| said.contains(hint))
        });
        assert!(found.is_some(), "{column} is not in {records:?}");
    }
}

/// A project that compares the embeddings of two files of `fixtures/drift/embeddings`.
fn embedded(current: &str, drift: &str) -> Project {
    let project = without_types();
    let from = crate::support::repository().join("fixtures/drift/embeddings");
    for file in std::fs::read_dir(from).expect("a folder") {
        let file = file.expect("readable").path();
        let name = file.file_name().expect("a name").to_string_lossy();
        project.write(&name, std::fs::read(&file).expect("readable"));
    }
    let kind = current.rsplit('.').next().expect("an ending");
    project.write(
        "proofmark.yaml",
        format!(
            "version: 1
model: {{name: m, path: models/candidate}}
data:
  contract: suite.json
  datasets:
    - {{name: reference, path: reference.{kind}}}
    - {{name: current, path: {current}}}
  drift: {{reference: reference, current: current, {drift}}}
"
        ),
    );
    project
}

/// The requirement, outcome and message of each record on an embedding.
fn of_embedding(project: &Project, name: &str) -> Vec<(String, String, String)> {
    let evidence = project.evidence("data-validation");
    let records = evidence["evidence"].as_array().expect("records");
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    records
        .iter()
        .filter(|record| record["subject"]["column"]["column"] == name)
        .map(|record| {
            (
                text(&record["requirement"]),
                text(&record["outcome"]),
                text(&record["message"]),
            )
        })
        .collect()
}

#[test]
fn embeddings_in_lists_and_in_columns_are_compared() {
    let in_columns = "embeddings: {review: {columns: ['review_*']}}";
    for (current, drift, code, outcome) in [
        ("same.parquet", "embeddings: {review: {}}", 0, "met"),
        ("moved.parquet", "embeddings: {review: {}}", 10, "not_met"),
        ("same.csv", in_columns, 0, "met"),
        ("moved.csv", in_columns, 10, "not_met"),
    ] {
        let project = embedded(current, drift);
        project.expect(code, &["data", "validate"]);
        let records = of_embedding(&project, "review");
        let expected = [
            ("drift-embedding-mmd-distance", outcome),
            ("drift-missing-rate", "met"),
        ];
        let found: Vec<(&str, &str)> = records
            .iter()
            .map(|(requirement, outcome, _)| (requirement.as_str(), outcome.as_str()))
            .collect();
        assert_eq!(found, expected, "{current}: {records:?}");
        // Its columns are not compared one by one.
        assert_eq!(of_embedding(&project, "review_0"), []);
    }
}

#[test]
fn embeddings_are_judged_by_the_statistics_asked_for() {
    let drift = "embeddings: {text: {columns: [review], method: [{statistic: mmd, at_most: 0.015, p_value_at_least: 0.01}, {statistic: mean_cosine, at_most: 0.05}]}}";
    for (current, code, outcome) in [("same.parquet", 0, "met"), ("moved.parquet", 10, "not_met")] {
        let project = embedded(current, drift);
        project.expect(code, &["data", "validate"]);
        let records = of_embedding(&project, "text");
        let ids: Vec<&str> = records.iter().map(|record| record.0.as_str()).collect();
        assert_eq!(
            ids,
            [
                "drift-embedding-mmd",
                "drift-embedding-mmd-p-value",
                "drift-embedding-cosine"
            ]
        );
        for (id, found, message) in &records {
            let expected = match id.as_str() {
                // The means of both point the same way.
                "drift-embedding-cosine" => "met",
                _ => outcome,
            };
            assert_eq!(found, expected, "{message}");
        }
    }
}

#[test]
fn embeddings_that_cannot_be_compared_do_not_pass() {
    for (current, drift, said) in [
        (
            "short.parquet",
            "embeddings: {review: {}}",
            "vectors of 4 numbers, the current dataset of 3",
        ),
        (
            "ragged.parquet",
            "embeddings: {review: {}}",
            "2 numbers in row 7, 4 in row 1",
        ),
        (
            "broken.parquet",
            "embeddings: {review: {}}",
            "2 of the current vectors hold a null, NaN or an infinity, the first in row 9",
        ),
        (
            "same.parquet",
            "embeddings: {reviews: {}}",
            "the column `reviews` is missing",
        ),
        (
            "same.parquet",
            "embeddings: {review: {columns: ['emb_*']}}",
            "no column has a name of the form `emb_*`",
        ),
        (
            "same.parquet",
            "embeddings: {review: {rows_min: 500}}",
            "200 vectors, required at least 500",
        ),
    ] {
        let project = embedded(current, drift);
        // What is undefined counts as not met, what is missing as no verdict.
        let said_all = project.run(&["data", "validate"]);
        assert!([3, 10].contains(&said_all.code), "{said_all:?}");
        let name = if drift.contains("reviews") {
            "reviews"
        } else {
            "review"
        };
        let records = of_embedding(&project, name);
        assert!(!records.is_empty());
        assert!(
            records
                .iter()
                .any(|(_, outcome, message)| outcome.contains("not_evaluated")
                    && message.contains(said)),
            "{said}: {records:?}"
        );
    }
    let project = embedded(
        "broken.parquet",
        "not_finite: missing, embeddings: {review: {}}",
    );
    project.expect(0, &["data", "validate"]);
}

#[test]
fn mistakes_in_embeddings_are_shown_where_they_are() {
    let project = embedded("same.parquet", "embeddings: {review: {method: tfdv}}");
    let said = project.expect(2, &["data", "validate"]);
    assert!(
        said.stderr.contains("compared by `default`"),
        "{}",
        said.stderr
    );
}
