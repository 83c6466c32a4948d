//! The gate on what other systems recorded, from the files to the verdict.
use crate::support::{Project, repository};

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

/// Results of evaluations of language models: a rule each that passes and one that does not, on the samples
/// the systems themselves wrote; where there are cases the sample is its own champion.
#[test]
fn evaluations_of_language_models_are_judged() {
    let samples: [(&str, &str, &str); 7] = [
        ("promptfoo", "results.json", "prompt-1/pass_rate"),
        ("lm_eval", "out", "toy_qa/acc,none"),
        ("inspect", "toy.eval", "exact/mean"),
        ("deepeval", "test_run.json", "ExactMatch"),
        ("ragas", "scores.csv", "exact_match"),
        ("mlflow_genai", "result_df.json", "verdict"),
        ("openai_evals", "log.jsonl", "accuracy"),
    ];
    for (source, sample, metric) in samples {
        let path = repository()
            .join("fixtures/sources")
            .join(source)
            .join(sample);
        let path = path.display();
        let recorded = format!(
            "    - source: {source}\n      candidate: {path}\n      champion: {path}\n      metrics:\n        - {{metric: \"{metric}\", at_least: 0.5, better: higher, non_inferiority_margin: 0.99}}\n"
        );
        let project = project(&[], &recorded);
        project.expect(0, &["gate"]);
        project.edit("proofmark.yaml", "at_least: 0.5", "at_least: 0.8");
        let said = project.expect(10, &["gate"]);
        assert!(said.stdout.contains(metric), "{}", said.stdout);
    }
}

#[test]
fn what_is_versioned_beside_the_model_is_pinned() {
    let recorded = "    - source: values\n      candidate: a.json\n      metrics: [{metric: acc, at_least: 0.9}]\n  versioned:\n    - {name: prompt, path: answer.txt}\n    - {name: index, path: models}\n    - {name: temperature, value: 0.2}\n";
    let files = [
        ("a.json", r#"{"acc": 0.91}"#),
        ("answer.txt", "Answer: {{q}}"),
    ];
    let project = project(&files, recorded);
    let said = project.expect(0, &["gate", "--format", "json"]);
    // `printf 'Answer: {{q}}' | sha256sum`, `printf 0.2 | sha256sum`
    for digest in [
        "9e882153a7e27d6103c4715abde4ec6b8a04261989f381735d7be5fcf7b62fd8",
        "44896b09365746b5f7167ee4d64988a38f7f4628803cbf86224e74eeb7c69e9d",
    ] {
        assert!(said.stdout.contains(digest), "{}", said.stdout);
    }
    project.edit("proofmark.yaml", "answer.txt", "none.txt");
    let said = project.run(&["gate"]);
    assert_ne!(said.code, 0);
    assert!(said.stdout.contains("none.txt"), "{}", said.stdout);
}

#[test]
fn a_run_of_mlflow_is_judged_beside_the_one_an_alias_names() {
    let store = crate::support::repository().join("fixtures/sources/mlflow/files");
    let recorded = format!(
        "    - source: mlflow\n      server: '{}'\n      candidate: models:/churn@candidate\n      champion: models:/churn@champion\n      metrics:\n        - {{metric: auc, at_least: 0.94, better: higher, tolerance: 0.0}}\n        - {{metric: f1, slice: dataset=test, at_least: 0.8}}\n",
        store.display()
    );
    project(&[], &recorded).expect(0, &["gate"]);
    let strict = recorded.replace("0.94", "0.96");
    let said = project(&[], &strict).expect(10, &["gate"]);
    assert!(
        said.stdout.contains("is 0.95, as MLflow, run"),
        "{}",
        said.stdout
    );
}

#[test]
fn metrics_of_dvc_are_judged_beside_those_of_another_revision() {
    let directory = crate::support::repository().join("fixtures/sources/dvc");
    let names = [
        "dvc.yaml",
        "dvc.lock",
        "metrics.json",
        "timing.toml",
        "cost.yaml",
        "metrics_diff.json",
    ];
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).expect(name);
    let files: Vec<(String, String)> = names
        .into_iter()
        .map(|name| (name.to_owned(), read(name)))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let recorded = "    - source: dvc\n      candidate: dvc.yaml\n      champion: metrics_diff.json#old\n      metrics: [{metric: auc, at_least: 0.9, better: higher, tolerance: 0.0}, {metric: f1, better: higher, tolerance: 0.03}]\n";
    project(&files, recorded).expect(0, &["gate"]);
    project(&files, &recorded.replace("0.03", "0.01")).expect(10, &["gate"]);
}

#[test]
fn the_champion_is_a_file_at_a_revision_and_the_first_model_has_none() {
    let project = project(
        &[("m.json", r#"{"acc": 0.9}"#)],
        "    - {source: values, candidate: m.json, champion: 'git:HEAD:m.json', metrics: [{metric: acc, better: higher, tolerance: 0.0}]}\n",
    );
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(arguments)
            .current_dir(project.path(""))
            .output()
            .expect("git");
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "m.json"]);
    git(&["commit", "--quiet", "--message", "champion"]);
    project.write("m.json", r#"{"acc": 0.89}"#);
    project.expect(10, &["gate"]);
    project.write("m.json", r#"{"acc": 0.91}"#);
    project.expect(0, &["gate"]);
    let evidence = project.evidence("gate").to_string();
    assert!(evidence.contains("\"git:HEAD:m.json\""), "{evidence}");

    // No such file there: not evaluated, unless the configuration says what becomes of the first model.
    project.edit("proofmark.yaml", "HEAD:m.json", "HEAD:none.json");
    assert_ne!(project.run(&["gate"]).code, 0);
    project.edit("proofmark.yaml", "gate:\n", "gate:\n  first_model: pass\n");
    project.expect(0, &["gate"]);
    let evidence = project.evidence("gate").to_string();
    assert!(evidence.contains("first-model"), "{evidence}");
    // What cannot be read is no first model, and bounds hold all the same.
    project.edit(
        "proofmark.yaml",
        "tolerance: 0.0",
        "tolerance: 0.0, at_least: 0.95",
    );
    project.expect(10, &["gate"]);
    project.edit("proofmark.yaml", "at_least: 0.95", "at_least: 0.5");
    project.edit(
        "proofmark.yaml",
        "git:HEAD:none.json",
        "git:--output=x:m.json",
    );
    assert_ne!(project.run(&["gate"]).code, 0);
}

#[test]
fn an_offline_run_of_wandb_is_judged_with_how_it_ended() {
    let directory = crate::support::repository().join("fixtures/sources/wandb");
    let recorded = format!(
        "    - source: wandb\n      candidate: {0}/run.wandb\n      champion: {0}/run.wandb\n      metrics: [{{metric: auc, at_least: 0.92, better: higher, tolerance: 0.0}}]\n",
        directory.display()
    );
    project(&[], &recorded).expect(0, &["gate"]);
    let failed = recorded.replacen("run.wandb", "failed.wandb", 1);
    let said = project(&[], &failed).expect(10, &["gate"]);
    assert!(said.stdout.contains("exit code 3"), "{}", said.stdout);
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
