//! The gate on what other systems recorded, from the files to the verdict.
use crate::support::Project;

/// A project whose gate judges recordings only: `(file, content)` each, and the section `gate.recorded`.
fn project(files: &[(&str, &str)], recorded: &str) -> Project {
    let project = Project::credit();
    for (name, content) in files {
        project.write(name, *content);
    }
    project.write(
        "proofmark.yaml",
        format!("version: 1\nmodel: {{name: m, path: models}}\ngate:\n  recorded:\n{recorded}"),
    );
    project
}

#[test]
fn numbers_of_any_file_are_judged_beside_the_champions() {
    let files = [
        ("a.json", r#"{"acc": 0.91, "size": {"bytes": 5000}}"#),
        ("b.json", r#"{"acc": 0.92, "size": {"bytes": 9000}}"#),
    ];
    let recorded = "    - source: values\n      candidate: a.json\n      champion: b.json\n      metrics:\n        - {metric: acc, at_least: 0.9, better: higher, tolerance: 0.02}\n        - {metric: size.bytes, at_most: 6000}\n";
    let said = project(&files, recorded).expect(0, &["gate", "--format", "json"]);
    assert!(
        said.stdout
            .contains("`values:acc` of `m` is 0.91, as `a.json` recorded it")
    );
    let strict = recorded.replace("0.02}", "0.001}");
    let said = project(&files, &strict).expect(10, &["gate"]);
    assert!(
        said.stdout.contains("say nothing of chance"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_missing_file_and_an_unknown_source_are_named() {
    let recorded = "    - source: values\n      candidate: none.json\n      metrics: [{metric: acc, at_least: 0.9}]\n";
    let said = project(&[], recorded).run(&["gate"]);
    assert_ne!(said.code, 0);
    assert!(said.stdout.contains("none.json"), "{}", said.stdout);
    let misspelt = recorded.replace("source: values", "source: valeus");
    let said = project(&[], &misspelt).expect(2, &["gate"]);
    assert!(said.stderr.contains("values"), "{}", said.stderr);
}

#[test]
fn attributions_of_an_explanation_are_judged_beside_the_champions() {
    let recorded = "    - source: shap\n      candidate: a.npz\n      champion: b.npz\n      attributions: {share_at_most: 0.9, forbidden: {features: [zip*]}, required_top: {features: [f4], top: 3}, top: 3, overlap_at_least: 0.9, rank_correlation_at_least: 0.9}\n";
    let archive = include_bytes!("../../fixtures/sources/shap/shap_explanation.npz");
    let project = project(&[], recorded);
    project.write("a.npz", archive);
    project.write("b.npz", archive);
    project.expect(0, &["gate"]);
    project.edit(
        "proofmark.yaml",
        "share_at_most: 0.9",
        "share_at_most: 0.01",
    );
    let said = project.expect(10, &["gate"]);
    assert!(said.stdout.contains("of all importance"), "{}", said.stdout);
}

#[test]
fn tables_of_other_systems_are_read_by_the_names_they_use() {
    let locust = "Type,Name,Request Count,Failure Count,Average Response Time,95%\nGET,/predict,10,0,120.5,200\nGET,/never,0,0,0,N/A\n,Aggregated,10,0,120.5,200\n";
    let recorded = "    - source: locust\n      candidate: run_stats.csv\n      metrics: [{metric: 95%, at_most: 0.2}, {metric: Average Response Time, slice: Name=GET /predict, at_most: 0.13}]\n    - source: whylogs\n      candidate: profile.csv\n      metrics: [{metric: f0.counts/null, at_most: 0}]\n    - source: neptune\n      candidate: run.parquet\n      metrics: [{metric: metrics/auc, at_least: 0.95}]\n    - source: lime\n      candidate: lime.jsonl\n      attributions: {fit_at_least: 0.2}\n    - source: model_files\n      candidate: run_stats.csv\n      metrics: [{metric: size, at_most: 1000}, {metric: files, at_most: 1}]\n";
    let project = project(&[("run_stats.csv", locust)], recorded);
    let neptune = "RUN-7-da671dca34381969_part_0.parquet";
    for (name, fixture) in [
        ("profile.csv", "whylogs/profile_summary.csv".to_owned()),
        ("lime.jsonl", "lime/explanations.jsonl".to_owned()),
        ("run.parquet", format!("neptune/{neptune}")),
    ] {
        let path = format!("{}/fixtures/sources/{fixture}", env!("CARGO_MANIFEST_DIR"));
        project.write(name, std::fs::read(path).expect("a fixture"));
    }
    project.expect(0, &["gate"]);
    project.edit("proofmark.yaml", "at_least: 0.95", "at_least: 0.96");
    let said = project.expect(10, &["gate"]);
    assert!(said.stdout.contains("metrics/auc"), "{}", said.stdout);
}
