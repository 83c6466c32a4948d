//! From configuration to checks.

use serde_json::json;

use super::*;
use crate::checks::PlannedCheck;
use crate::measure::{ColumnFacts, LogicalType, TableFacts};

fn facts(columns: &[(&str, LogicalType)]) -> TableFacts {
    let column = |(name, logical_type): &(&str, LogicalType)| ColumnFacts {
        name: (*name).to_owned(),
        logical_type: Some(*logical_type),
        physical_type: logical_type.as_str().to_owned(),
    };
    TableFacts {
        row_count: 10,
        columns: columns.iter().map(column).collect(),
        typed: true,
    }
}

fn planned(spec: serde_json::Value) -> Result<Vec<PlannedCheck>, Vec<Problem>> {
    let spec: MlSpec = serde_json::from_value(spec).expect("a spec");
    let columns = [
        ("id", LogicalType::Integer),
        ("user", LogicalType::String),
        ("at", LogicalType::Timestamp),
        ("amount", LogicalType::Number),
        ("city", LogicalType::String),
        ("tags", LogicalType::Array),
        ("y", LogicalType::Boolean),
    ];
    let (splits, served) = (facts(&columns), facts(&columns[..5]));
    let personal = vec!["user".to_owned()];
    let dataset = |name, facts| MlDataset {
        name,
        facts,
        personal: &personal,
        types: &[],
    };
    let datasets = [
        dataset("train", &splits),
        dataset("valid", &splits),
        dataset("test", &splits),
        dataset("served", &served),
    ];
    let mut history = MlHistory::default();
    history
        .row_counts
        .insert("train".to_owned(), vec![9.0, 10.0]);
    history
        .null_fractions
        .insert(("train".to_owned(), "city".to_owned()), vec![0.0]);
    plan(&MlPlan {
        spec: &spec,
        datasets: &datasets,
        history: &history,
        as_of: chrono::DateTime::UNIX_EPOCH,
        locate: &|key| {
            Some(crate::evidence::Location {
                file: key.to_owned(),
                line: 1,
                column: 1,
            })
        },
    })
}

/// Requirement, dataset, column and key of each check.
fn shown(checks: &[PlannedCheck]) -> Vec<String> {
    let line = |check: &PlannedCheck| {
        let column = check
            .target
            .column
            .as_ref()
            .map_or(String::new(), |column| format!("/{column}"));
        let key = check
            .target
            .location
            .as_ref()
            .map_or("", |place| &place.file);
        format!(
            "{} {}{column} {key}",
            check.check.requirement().id,
            check.target.dataset
        )
    };
    checks.iter().map(line).collect()
}

#[test]
fn every_pair_of_splits_is_held_apart() {
    let checks = planned(json!({"splits": {
        "training": "train", "evaluation": ["valid", "test"], "key": ["id"], "entities": ["user"], "time": "at", "time_by_entity": true
    }}))
    .expect("a plan");
    let pair = |split: &str, other_is_training: bool| {
        let mut lines = vec![
            format!("split-leakage {split} splits.rows"),
            format!("split-leakage {split} splits.key"),
            format!("split-leakage {split} splits.entities"),
        ];
        if other_is_training {
            lines.extend([
                format!("time-leakage {split}/at splits.time"),
                format!("time-leakage {split}/at splits.time"),
            ]);
        }
        lines
    };
    assert_eq!(
        shown(&checks),
        [pair("valid", true), pair("test", true), pair("test", false)].concat()
    );
    assert_eq!(
        checks[0].check.parameters()["key"],
        json!(["user", "at", "amount", "city", "tags", "y"])
    );
    assert_eq!(checks[0].check.parameters()["nulls"], json!("equal"));
    assert_eq!(checks[2].check.parameters()["other"], json!("train"));
}

#[test]
fn features_are_what_nothing_else_is() {
    let checks = planned(json!({
        "splits": {"training": "train", "evaluation": ["test"], "rows": false, "key": ["id"], "entities": ["user"], "time": "at"},
        "labels": {"column": "y", "classes": ["true", "false"]}
    }))
    .expect("a plan");
    let expected = [
        "split-leakage test splits.key",
        "split-leakage test splits.entities",
        "time-leakage test/at splits.time",
        "null-fraction train/y labels.column",
        "accepted-values train/y labels.classes",
        "conflicting-labels train/y labels.conflicts_max",
        "class-balance train/y labels.share_min",
        "target-leakage train labels.power_max",
        "null-fraction test/y labels.column",
        "accepted-values test/y labels.classes",
        "conflicting-labels test/y labels.conflicts_max",
        "class-balance test/y labels.share_min",
        "class-shift test/y labels.shift_max",
        "new-categories test/y labels.column",
    ];
    assert_eq!(shown(&checks), expected);
    let leakage = checks[7].check.parameters();
    assert_eq!(
        (&leakage["numeric"], &leakage["categorical"]),
        (&json!(["amount"]), &json!(["city"]))
    );
    assert_eq!(leakage["unjudged"], json!("info"));
}

#[test]
fn what_features_must_be_is_planned_over_the_splits() {
    let splits = json!({"training": "train", "evaluation": ["test"], "rows": false, "key": ["id"], "entities": ["user"]});
    let planned_beside = |features: serde_json::Value| {
        let spec = json!({"splits": splits, "labels": {"column": "y", "without": ["at"]}, "features": features});
        let lines = shown(&planned(spec).expect("a plan"));
        lines
            .into_iter()
            .filter(|line| line.contains(" features."))
            .collect::<Vec<_>>()
    };
    let expected = [
        "constant-column train/amount features.constant",
        "constant-column train/city features.constant",
        "mixed-types train/city features.mixed_types",
        "special-characters train/city features.special_characters",
        "string-variants train/city features.string_variants",
        "mixed-types test/city features.mixed_types",
        "special-characters test/city features.special_characters",
        "string-variants test/city features.string_variants",
        "id-leakage train/id features.identifiers",
        "id-leakage test/id features.identifiers",
    ];
    assert_eq!(planned_beside(json!({})), expected);
    let few = json!({
        "columns": ["id", "amount"], "without": ["city"], "datasets": ["train"],
        "constant": {"enabled": false}, "identifiers": {"enabled": false}
    });
    let expected = ["feature-correlation train features.correlation"];
    assert_eq!(planned_beside(few), expected);
}

#[test]
fn what_was_not_chosen_by_name_does_not_block_unjudged() {
    let checks = planned(json!({
        "splits": {"training": "train", "evaluation": ["test"], "rows": false, "key": ["id"]},
        "features": {"correlation": {"severity": "error"}}
    }))
    .expect("a plan");
    for id in ["string-variants", "id-leakage"] {
        let found = checks
            .iter()
            .find(|check| check.check.requirement().id == id);
        let parameters = found.expect("planned").check.parameters();
        assert_eq!(parameters["unjudged"], json!("info"), "{id}");
    }
    let defaults = |id: &str| {
        let found = checks
            .iter()
            .find(|check| check.check.requirement().id == id);
        found
            .map(|check| (check.target.severity, check.check.parameters()))
            .expect("planned")
    };
    assert_eq!(
        defaults("mixed-types"),
        (Severity::Error, json!({"rare_min": 0.01, "rare_max": 0.1}))
    );
    assert_eq!(defaults("string-variants").0, Severity::Warning);
    assert_eq!(
        defaults("constant-column").1["share"],
        json!({"less_than": 1.0})
    );
}

#[test]
fn splits_by_time_may_be_told_by_identifiers() {
    let checks = planned(json!({
        "splits": {"training": "train", "evaluation": ["test"], "rows": false, "key": ["id"], "time": "at"},
        "features": {}
    }))
    .expect("a plan");
    assert!(
        !shown(&checks)
            .iter()
            .any(|line| line.starts_with("id-leakage"))
    );
}

#[test]
fn an_identifier_without_an_order_is_a_problem() {
    let problems = planned(json!({
        "splits": {"training": "train", "evaluation": ["test"]},
        "features": {"identifiers": {"columns": ["user", "uid"]}, "mixed_types": {"rare_min": 0.2}}
    }))
    .expect_err("problems");
    let keys: Vec<&str> = problems.iter().map(|(key, _)| key.as_str()).collect();
    let columns = "features.identifiers.columns";
    let expected = [
        "features.mixed_types.rare_min",
        columns,
        columns,
        columns,
        columns,
    ];
    assert_eq!(keys, expected);
    assert!(problems[1].1.starts_with("`user` of `train` is no number"));
    let problems = planned(json!({"features": {"identifiers": {"columns": ["id"]}}}));
    assert!(problems.expect_err("problems")[0].1.contains("`splits`"));
}

#[test]
fn serving_is_held_against_training_column_by_column() {
    let checks = planned(json!({"serving": {
        "dataset": "served", "reference": "train", "without": ["y", "tags"], "key": ["id"], "closeness": {"amount": {"absolute": 0.01}}
    }}))
    .expect("a plan");
    let lines = shown(&checks);
    assert_eq!(lines[0], "schema-skew served serving");
    assert!(lines.contains(&"new-categories served/city serving.new_categories_max".to_owned()));
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("served/y") || line.contains("served/id"))
    );
    let amount = checks.iter().find(|check| {
        check.check.requirement().id == "value-skew"
            && check.target.column.as_deref() == Some("amount")
    });
    assert_eq!(
        amount.expect("planned").check.parameters()["closeness"]["absolute"],
        json!(0.01)
    );
}

#[test]
fn personal_columns_of_the_contract_are_allowed() {
    let checks = planned(json!({"personal": {"names": true, "allow_columns": ["train.city"]}}))
        .expect("a plan");
    let lines = shown(&checks);
    assert!(lines.contains(&"personal-data test/city personal".to_owned()));
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("/user") || line.contains("train/city"))
    );
    assert_eq!(
        checks[0].check.parameters()["allow"],
        json!(["user", "city"])
    );
}

#[test]
fn slices_partitions_and_history_are_planned() {
    let checks = planned(json!({
        "splits": {"training": "train", "evaluation": ["test"], "rows": false},
        "labels": {"column": "y", "kind": "number"},
        "slices": [{"columns": ["city"], "positives": {"positive": "true", "rows_min": 5}, "reference": "train"}],
        "partitions": [{"dataset": "train", "column": "at", "every": "day", "by": ["city"], "days_max": 2.0}],
        "history": {"evidence": ["history/*.json"]}
    }))
    .expect("a plan");
    let lines = shown(&checks);
    let tail: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| !line.contains("labels"))
        .collect();
    let expected = [
        "slice-coverage test slices[0]",
        "slice-presence test slices[0].reference",
        "partition-sequence train/at partitions[0].every",
        "partition-freshness train/at partitions[0].days_max",
        "volume-history train history",
        "volume-history train/city history",
        "volume-history valid history",
        "volume-history test history",
        "volume-history served history",
    ];
    assert_eq!(tail, expected);
}

#[test]
fn what_is_not_there_is_a_problem_of_its_key() {
    let problems = planned(json!({
        "splits": {"training": "trian", "evaluation": ["test"]},
        "serving": {"dataset": "served", "reference": "train", "key": ["uid"]},
        "slices": [{"datasets": ["test"], "columns": ["county"], "positives": {"positive": "1", "rows_min": 1}}],
        "partitions": [{"dataset": "train", "column": "at", "by": ["city"]}]
    }))
    .expect_err("problems");
    let keys: Vec<&str> = problems.iter().map(|(key, _)| key.as_str()).collect();
    let expected = [
        "splits.training",
        "serving.key",
        "serving.key",
        "slices[0].positives",
        "slices[0].columns",
        "partitions[0]",
    ];
    assert_eq!(keys, expected);
    assert_eq!(
        problems[0].1,
        "`trian` is no dataset; there are `train`, `valid`, `test`, `served`"
    );
}

#[test]
fn a_dataset_beside_itself_is_a_problem() {
    let problems = planned(json!({
        "splits": {"training": "train", "evaluation": ["test", "test"]},
        "serving": {"dataset": "train", "reference": "train"}
    }))
    .expect_err("problems");
    let keys: Vec<&str> = problems.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["splits.evaluation", "serving.reference"]);
}

#[test]
fn fractions_beyond_one_are_refused_by_the_schema() {
    let schema = schemars::schema_for!(MlSpec).to_value();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (section, rest, key) in [
        (
            "splits",
            json!({"training": "a", "evaluation": ["b"]}),
            "shared_max",
        ),
        ("labels", json!({"column": "y"}), "power_max"),
        ("labels", json!({"column": "y"}), "share_min"),
        ("labels", json!({"column": "y"}), "shift_max"),
        ("labels", json!({"column": "y"}), "conflicts_max"),
        (
            "serving",
            json!({"dataset": "a", "reference": "b"}),
            "nulls_max",
        ),
        (
            "serving",
            json!({"dataset": "a", "reference": "b"}),
            "new_categories_max",
        ),
        (
            "serving",
            json!({"dataset": "a", "reference": "b"}),
            "differing_max",
        ),
    ] {
        for (value, fits) in [(1.0, true), (0.0, true), (5.0, false), (-0.1, false)] {
            let mut spec = rest.clone();
            spec[key] = json!(value);
            let spec = json!({section: spec});
            assert_eq!(validator.is_valid(&spec), fits, "{spec}");
        }
    }
}

#[test]
fn the_sections_are_closed_and_have_a_schema() {
    assert!(serde_json::from_value::<MlSpec>(json!({"split": {}})).is_err());
    let schema = schemars::schema_for!(MlSpec).to_value();
    assert_eq!(schema["additionalProperties"], json!(false));
}
