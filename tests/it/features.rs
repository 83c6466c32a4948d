//! `data.features`: what each feature must be, from files to the verdict. The numbers are those of
//! Deepchecks 0.19.1, pandas 2.2.3 and scikit-learn 1.5.2 (`fixtures/ml-checks/features`).

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Said, program, repository, said};

const CONTRACT: &str = "apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0.0
status: active
schema:
  - name: customers
    properties:
      - {name: id, logicalType: integer}
      - {name: age, logicalType: integer}
      - {name: age_months, logicalType: integer}
      - {name: city, logicalType: string}
      - {name: code, logicalType: string}
      - {name: income, logicalType: number}
      - {name: note, logicalType: string}
      - {name: plan, logicalType: string}
      - {name: tier, logicalType: string}
      - {name: churned, logicalType: integer}
";

fn fixture(name: &str) -> String {
    let path = repository().join("fixtures/ml-checks/features").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn deepchecks(of: &str) -> Value {
    let all: Value = serde_json::from_str(&fixture("deepchecks.json")).expect("JSON");
    all[of].clone()
}

struct Folder(TempDir);

impl Folder {
    /// The tables `NAME-train.csv` and `NAME-test.csv` under a configuration with these features.
    fn new(name: &str, features: &str) -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder"));
        for split in ["train", "test"] {
            folder.write(
                &format!("{split}.csv"),
                &fixture(&format!("{name}-{split}.csv")),
            );
        }
        folder.write("contract.odcs.yaml", CONTRACT);
        folder.write(
            "proofmark.yaml",
            &format!(
                "version: 1
model: {{name: m, path: model}}
data:
  contract: contract.odcs.yaml
  datasets:
    - {{name: train, path: train.csv}}
    - {{name: test, path: test.csv}}
  splits: {{training: train, evaluation: [test], key: [id]}}
  labels: {{column: churned, classes: [\"0\", \"1\"]}}
  features: {features}
"
            ),
        );
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).expect("written");
    }

    fn run(&self) -> Said {
        let mut command = program();
        command.current_dir(self.0.path());
        said(command.args(["data", "validate"]))
    }

    /// The records of the evidence of these requirements.
    fn records(&self, requirement: &str) -> Vec<Value> {
        let path = self
            .0
            .path()
            .join("proofmark-out/evidence/data-validation.json");
        let text = fs::read_to_string(path).expect("evidence");
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let all = report["evidence"].as_array().expect("records").clone();
        all.into_iter()
            .filter(|record| record["requirement"] == requirement)
            .collect()
    }

    /// What was observed of a column of a dataset.
    fn observed(&self, requirement: &str, dataset: &str, column: &str) -> (String, f64) {
        let records = self.records(requirement);
        let found = records.iter().find(|record| {
            subject(record, "dataset") == dataset && subject(record, "column") == column
        });
        let found =
            found.unwrap_or_else(|| panic!("{requirement} of {dataset}/{column}: {records:#?}"));
        (
            found["outcome"].to_string(),
            found["observed"]["value"].as_f64().expect("a number"),
        )
    }
}

/// The dataset or column a record is about, whatever kind of subject it has.
fn subject<'a>(record: &'a Value, part: &str) -> &'a str {
    let mut kinds = record["subject"].as_object().expect("a subject").values();
    kinds
        .find_map(|kind| kind[part].as_str())
        .unwrap_or_default()
}

fn assert_close(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().expect("a number");
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: {found} {expected}"
    );
}

const RULES: [&str; 6] = [
    "constant-column",
    "mixed-types",
    "special-characters",
    "string-variants",
    "feature-correlation",
    "id-leakage",
];

#[test]
fn features_with_nothing_wrong_pass() {
    let folder = Folder::new("right", "{}");
    let said = folder.run();
    assert_eq!(said.code, 0, "{}\n{}", said.stdout, said.stderr);
    for rule in RULES {
        let records = folder.records(rule);
        assert!(!records.is_empty(), "{rule} is not planned");
        assert!(
            records.iter().all(|record| record["outcome"] == "met"),
            "{records:#?}"
        );
    }
    let expected = deepchecks("right");
    let (_, split) = folder.observed("id-leakage", "test", "id");
    let rank = expected["split_area"].as_f64().expect("a number");
    assert!(rank <= split + 1e-9 && split <= 0.6, "{split} {rank}");
}

#[test]
fn what_is_wrong_with_features_is_what_deepchecks_finds() {
    let folder = Folder::new("wrong", "{}");
    let said = folder.run();
    assert_eq!(said.code, 10, "{}\n{}", said.stdout, said.stderr);
    let expected = deepchecks("wrong");
    for column in ["city", "code", "note", "plan", "tier"] {
        let (outcome, share) = folder.observed("constant-column", "train", column);
        let is_constant = expected["constant"][column] == true;
        assert_eq!(
            outcome == "\"not_met\"",
            is_constant,
            "{column} {outcome} {share}"
        );
        let (_, mixed) = folder.observed("mixed-types", "train", column);
        assert_close(mixed, &expected["mixed"][column], column);
        let (_, special) = folder.observed("special-characters", "train", column);
        assert_close(special, &expected["special"][column], column);
    }
    let (outcome, variants) = folder.observed("string-variants", "train", "city");
    assert_close(variants, &expected["variants"], "variants");
    assert_eq!(outcome, "\"not_met\"");
    let correlation = &folder.records("feature-correlation")[0];
    let largest = correlation["observed"]["value"].as_f64().expect("a number");
    assert_close(
        largest,
        &expected["correlation"]["age age_months"],
        "correlation",
    );
    let message = correlation["message"].as_str().expect("text");
    assert!(message.contains("`age` and `age_months`"), "{message}");
    let (_, label) = folder.observed("id-leakage", "train", "id");
    assert_close(label, &expected["label_area"], "label");
    let (_, split) = folder.observed("id-leakage", "test", "id");
    assert_close(split, &expected["split_area"], "split");
    // What was found is said with column, rate and what to do.
    for words in ["constant-column on train/plan", "0.0400", "Drop the column"] {
        assert!(said.stdout.contains(words), "{words}\n{}", said.stdout);
    }
}

#[test]
fn each_rule_on_features_can_be_left_out_and_bounded() {
    let folder = Folder::new(
        "wrong",
        "{without: [plan], constant: {share_max: 0.99}, mixed_types: {rare_max: 0.03}, special_characters: {fraction_max: 0.01}, string_variants: {enabled: false}, correlation: {absolute_max: 1.0}, identifiers: {enabled: false}}",
    );
    let said = folder.run();
    assert_eq!(said.code, 10, "{}\n{}", said.stdout, said.stderr);
    assert!(folder.records("string-variants").is_empty());
    assert!(folder.records("id-leakage").is_empty());
    let failing: Vec<String> = RULES
        .iter()
        .flat_map(|rule| folder.records(rule))
        .filter(|record| record["outcome"] != "met")
        .map(|record| format!("{} {}", record["requirement"], subject(&record, "column")))
        .collect();
    // Of two values in 400 one is on 398 rows.
    assert_eq!(failing, ["\"constant-column\" tier"]);
}

#[test]
fn mistakes_in_features_are_named_with_their_line() {
    for (features, expected) in [
        ("{constnt: {}}", "did you mean `constant`?"),
        ("{correlation: {absolute_max: 2}}", "absolute_max"),
        ("{columns: [agee]}", "`agee` is no column of `train`"),
        (
            "{identifiers: {columns: [city]}}",
            "is no number and no time",
        ),
    ] {
        let said = Folder::new("right", features).run();
        assert_eq!(said.code, 2, "{features}\n{}", said.stderr);
        assert!(
            said.stderr.contains(expected),
            "{features}\n{}",
            said.stderr
        );
        assert!(
            said.stderr.contains("proofmark.yaml:10:"),
            "{}",
            said.stderr
        );
    }
}
