//! The gate on predictions of several classes and of numbers, from the files to the verdict.
use crate::support::Project;

fn project(gate: &str, predictions: &str) -> Project {
    let project = Project::credit();
    project.write("predictions.csv", predictions);
    project.write(
        "proofmark.yaml",
        format!("version: 1\nmodel: {{name: m, path: models}}\ngate:\n  candidate: predictions.csv\n{gate}"),
    );
    project
}

const CLASSES: &str =
    "label,cat,dog,w\ncat,0.6,0.4,1\ndog,0.3,0.7,1\ndog,0.8,0.2,2\ncat,0.9,0.1,4\n";

#[test]
fn several_classes_are_named_and_weighed() {
    let gate = "  task: multiclass\n  columns: {scores: {cat: cat, dog: dog}, weight: w}\n  metrics:\n    - {metric: accuracy, at_least: 0.75}\n    - {metric: recall, with: {class: dog}, at_least: 0.3}\n";
    // Right on weights 1, 1 and 4 of 8; of the dogs on 1 of 3.
    let said = project(gate, CLASSES).expect(0, &["gate", "--format", "json"]);
    assert!(
        said.stdout.contains("`accuracy` of `m` is 0.75 on 4 rows"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("`recall(class=dog)` of `m` is 0.3333"),
        "{}",
        said.stdout
    );
    let strict = gate.replace("0.75", "0.76");
    project(&strict, CLASSES).expect(10, &["gate"]);
}

#[test]
fn a_label_that_is_no_class_is_named_with_its_row() {
    let gate = "  task: multiclass\n  columns: {scores: {cat: cat, dog: dog}}\n  metrics: [{metric: accuracy, at_least: 0.1}]\n";
    let said = project(gate, &CLASSES.replace("dog,0.8", "cow,0.8")).run(&["gate"]);
    assert_ne!(said.code, 0);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert!(text.contains("label of row 3"), "{text}");
}

#[test]
fn numbers_columns_and_slices_are_judged() {
    let rows = "label,prediction,lo,hi,ms\n1,2,0,3,10\n2,2,1,3,20\n3,5,4,6,30\n4,4,3,5,40\n";
    let gate = "  task: regression\n  columns: {lower: lo, upper: hi}\n  metrics:\n    - {metric: mae, at_most: 0.75}\n    - {metric: interval_coverage, at_least: 0.75}\n    - {metric: latency_p50, with: {column: ms}, at_most: 25}\n";
    let said = project(gate, rows).expect(0, &["gate", "--format", "json"]);
    for message in [
        "`mae` of `m` is 0.75",
        "`interval_coverage` of `m` is 0.75",
        "is 25 on 4 rows",
    ] {
        assert!(said.stdout.contains(message), "{message}: {}", said.stdout);
    }
    let holes = rows.replace("4,4,3,5,40", "4,4,3,5,");
    let said = project(gate, &holes).expect(10, &["gate"]);
    assert!(
        said.stdout.contains("no value in 1 rows"),
        "{}",
        said.stdout
    );
}
