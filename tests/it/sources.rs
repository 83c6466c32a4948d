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
