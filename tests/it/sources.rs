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
