//! The verdicts of foreign suites against those their own tools gave on the same data, recorded by the
//! `make.py` beside each: pandera 0.35.0 on pandas 3.1.1, frictionless-py 5.21.0, the validator of
//! tensorflow-data-validation 1.16.1, datacontract-cli 1.2.8.

mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use super::{Contract, DatasetPlan, PlanRequest, render};
use crate::checks::instant;
use crate::evidence::{Outcome, Severity};
use crate::measure::{LogicalType, Scalar};
use table::Table;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/suites");
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixture")]
    let text = std::fs::read_to_string(root.join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Json {
    serde_json::from_str(&read(path)).expect("JSON")
}

fn plan(folder: &str, case: &Json) -> DatasetPlan {
    let suite = case["suite"].as_str().expect("a suite");
    let text = read(&format!("{folder}/{suite}"));
    let request = PlanRequest {
        dataset: "data",
        object: case["object"].as_str(),
        environment: case["environment"].as_str(),
        as_of: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
    };
    Contract::parse(suite, &text)
        .and_then(|contract| contract.plan(&request))
        .unwrap_or_else(|problems| panic!("{suite}\n{}", render(&problems, &text)))
}

/// A CSV file without quotes: the fixtures have none.
fn csv(text: &str, types: BTreeMap<String, LogicalType>) -> Table {
    let mut lines = text.lines();
    let names = lines.next().expect("a header").split(',');
    let mut columns: Vec<_> = names
        .map(|name| (name.to_owned(), LogicalType::String, Vec::new()))
        .collect();
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line.split(',')) {
            let cell = (!cell.is_empty()).then(|| Scalar::Text(cell.to_owned()));
            column.2.push(cell);
        }
    }
    Table {
        typed: false,
        columns,
        types,
        others: BTreeMap::new(),
    }
}

/// A table with types, from the columns `make.py` wrote beside its Parquet file.
fn typed(columns: &Json) -> Table {
    let columns = columns.as_object().expect("columns").iter();
    let columns = columns.map(|(name, column)| {
        let kind: LogicalType = serde_json::from_value(column["type"].clone()).expect("a type");
        let cell = |value: &Json| match (value, kind) {
            (Json::Null, _) => None,
            (Json::String(text), LogicalType::Timestamp) => instant(text).map(Scalar::Instant),
            (Json::String(text), LogicalType::Number) => text.parse().ok().map(Scalar::Number),
            (value, LogicalType::Number) => value.as_f64().map(Scalar::Number),
            (value, _) => Scalar::from_json(value),
        };
        let values = column["values"].as_array().expect("values");
        (name.clone(), kind, values.iter().map(cell).collect())
    });
    Table {
        typed: true,
        columns: columns.collect(),
        types: BTreeMap::new(),
        others: BTreeMap::new(),
    }
}

/// Columns with errors that are not met, with the rows failing each; `None` for the dataset.
type Failing = BTreeMap<Option<String>, Vec<Option<u64>>>;

fn failing(plan: &DatasetPlan, table: &Table) -> Failing {
    let facts = table.facts();
    let mut found = Failing::new();
    for planned in &plan.checks {
        let measured: Vec<_> = planned
            .measures()
            .iter()
            .map(|measure| table.measure(measure))
            .collect();
        for one in planned.judge(&plan.masks, &facts, &measured) {
            if one.severity < Severity::Error || one.outcome == Outcome::Met {
                continue;
            }
            let column = planned.target.column.clone();
            let is_there = column
                .as_ref()
                .is_none_or(|column| facts.column(column).is_some());
            // Rules on a column that is missing cannot be evaluated; that it is missing is its own rule.
            if is_there {
                assert_eq!(one.outcome, Outcome::NotMet, "{}", one.message);
            }
            let rows = one.failing_rows.map(|rows| rows.count);
            found.entry(column).or_default().push(rows);
        }
    }
    found
}

fn recorded(case: &Json) -> Failing {
    let mut found = Failing::new();
    for one in case["failing"].as_array().expect("a list") {
        // A column that is too many is a matter of the dataset here.
        let is_new = one["reason"][0] == "SCHEMA_NEW_COLUMN";
        let column = one["column"]
            .as_str()
            .filter(|_| !is_new)
            .map(str::to_owned);
        found.entry(column).or_default().push(one["rows"].as_u64());
    }
    found
}

/// Compares every case of a folder; returns how they differ.
fn differences(folder: &str, table: impl Fn(&Json, &DatasetPlan) -> Table) -> Vec<String> {
    let verdicts = json(&format!("{folder}/verdicts.json"));
    let mut differences = Vec::new();
    for case in verdicts["cases"].as_array().expect("cases") {
        let plan = plan(folder, case);
        let (here, there) = (failing(&plan, &table(case, &plan)), recorded(case));
        let label = format!(
            "{} on {} {}",
            case["suite"], case["data"], case["environment"]
        );
        if case["passed"].as_bool() != Some(here.is_empty()) {
            differences.push(format!("{label}: passed {}, here {here:?}", case["passed"]));
        }
        if case["columns_compared"] == false {
            continue;
        }
        let columns = |failing: &Failing| {
            failing
                .keys()
                .flatten()
                .cloned()
                .collect::<BTreeSet<String>>()
        };
        if columns(&here) != columns(&there) {
            differences.push(format!("{label}: there {there:?}, here {here:?}"));
            continue;
        }
        for (column, rows) in there.iter().filter(|(column, _)| column.is_some()) {
            // Where both count rows: fractions of nulls, types and sets have none.
            let sum = |rows: &[Option<u64>]| rows.iter().copied().sum::<Option<u64>>();
            let (Some(there), Some(here_rows)) = (sum(rows), sum(&here[column])) else {
                continue;
            };
            if there != here_rows {
                differences.push(format!(
                    "{label}: {column:?} there {rows:?}, here {:?}",
                    here[column]
                ));
            }
        }
    }
    differences
}

#[test]
fn pandera_says_the_same() {
    let tables = json("pandera/tables.json");
    let found = differences("pandera", |case, _| {
        typed(&tables[case["data"].as_str().expect("a file")])
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn tensorflow_data_validation_says_the_same() {
    let tables = json("tfdv/tables.json");
    let found = differences("tfdv", |case, _| {
        typed(&tables[case["data"].as_str().expect("a file")])
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn frictionless_says_the_same() {
    let found = differences("frictionless", |case, plan| {
        let file = case["data"].as_str().expect("a file");
        let types = plan.types.iter().cloned().collect();
        let mut table = csv(&read(&format!("frictionless/{file}")), types);
        let parents = csv(&read("frictionless/parents.csv"), BTreeMap::new());
        table.others.insert("parents".to_owned(), parents);
        table
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn datacontract_cli_says_the_same() {
    let found = differences("datacontract", |case, plan| {
        let file = case["data"].as_str().expect("a file");
        let types = plan.types.iter().cloned().collect();
        csv(&read(&format!("datacontract/{file}")), types)
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}
