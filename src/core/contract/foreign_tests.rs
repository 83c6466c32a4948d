//! Tests of foreign suites: what the fixtures demand, rule by rule, and that a contract made from them
//! demands the same.

use std::path::{Path, PathBuf};

use super::convert::{ContractName, convert};
use super::*;

/// Suites under `fixtures/suites`, with the object that is planned for where there are several.
const SUITES: [(&str, Option<&str>); 20] = [
    ("tfdv/taxi.pbtxt", None),
    ("pandera/flat.yaml", None),
    ("pandera/listed.yaml", None),
    ("pandera/nulls.yaml", None),
    ("pandera/frame.yaml", None),
    ("pandera/types.yaml", None),
    ("pandera/strict.yaml", None),
    ("pandera/ordered.yaml", None),
    ("pandera/optional.yaml", None),
    ("frictionless/people.schema.json", None),
    ("frictionless/exact.schema.json", None),
    ("frictionless/equal.schema.json", None),
    ("frictionless/subset.schema.json", None),
    ("frictionless/superset.schema.json", None),
    ("frictionless/missing.schema.json", None),
    ("frictionless/datapackage.json", Some("parents")),
    ("frictionless/datapackage.json", Some("children")),
    ("json-schema/orders.schema.json", None),
    ("json-schema/list.schema.json", None),
    ("datacontract/orders.odcs.yaml", None),
];

fn fixture(path: &str) -> (PathBuf, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/suites");
    let path = root.join(path);
    #[expect(clippy::disallowed_methods, reason = "a test reads its fixture")]
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (path, text)
}

fn request(object: Option<&'static str>) -> PlanRequest<'static> {
    PlanRequest {
        dataset: "data",
        object,
        environment: None,
        as_of: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
    }
}

fn planned(name: &str, text: &str, request: &PlanRequest<'_>) -> DatasetPlan {
    let plan = Contract::parse(name, text).and_then(|contract| contract.plan(request));
    plan.unwrap_or_else(|problems| panic!("{name}\n{}", render(&problems, text)))
}

/// A plan as lines: place, severity, column, check, parameters, rows.
fn described(plan: &DatasetPlan) -> String {
    let mut text = String::new();
    for planned in &plan.checks {
        let target = &planned.target;
        let line = target.location.as_ref().map_or(0, |location| location.line);
        let mut parameters = planned.check.parameters();
        if let Some(members) = parameters.as_object_mut() {
            members.retain(|_, value| !value.is_null());
            for value in members.values_mut() {
                if let Some(inner) = value.as_object_mut() {
                    inner.retain(|_, value| !value.is_null() && value != "eligible_rows");
                }
            }
            members.retain(|_, value| !value.as_object().is_some_and(serde_json::Map::is_empty));
        }
        text.push_str(&format!(
            "{line:>3} {:<7} {:<10} {} {parameters}",
            target.severity.as_str(),
            target.column.as_deref().unwrap_or("*"),
            planned.check.requirement().id,
        ));
        if let Some(rows) = &planned.rows {
            text.push_str(&format!(" where {rows}"));
        }
        if planned.optional {
            text.push_str(" if there");
        }
        text.push('\n');
    }
    for (column, logical_type) in &plan.types {
        text.push_str(&format!(
            "    {column} is read as {}\n",
            logical_type.as_str()
        ));
    }
    text
}

/// What is measured, in no order.
fn measures(plan: &DatasetPlan) -> Vec<String> {
    let all = plan.checks.iter().flat_map(|planned| planned.measures());
    let mut all: Vec<String> = all.map(|measure| format!("{measure:?}")).collect();
    all.sort();
    all
}

#[test]
fn suites_demand_what_their_tools_check() {
    let mut text = String::new();
    for (name, object) in SUITES {
        let plan = planned(name, &fixture(name).1, &request(object));
        text.push_str(&format!(
            "{name} {}\n{}\n",
            object.unwrap_or(""),
            described(&plan)
        ));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn each_suite_is_recognised_by_its_format() {
    for (name, _) in SUITES {
        let contract = Contract::parse(name, &fixture(name).1).expect("reads");
        let folder = name.split('/').next().expect("a folder");
        let expected = if folder == "datacontract" {
            "odcs"
        } else {
            folder
        };
        assert_eq!(contract.format().id, expected, "{name}");
    }
}

#[test]
fn a_contract_made_from_a_suite_measures_the_same() {
    let mut notes = String::new();
    for (name, object) in SUITES {
        let plan = planned(name, &fixture(name).1, &request(object));
        let called = ContractName {
            id: "made",
            version: "1.0.0",
            object: "data",
            made_from: name,
        };
        let conversion = convert(&plan, &called).unwrap_or_else(|why| panic!("{name}: {why}"));
        let again = planned("made.odcs.yaml", &conversion.text, &request(None));
        let lost = conversion
            .notes
            .iter()
            .filter(|note| note.message.contains("does not carry over"));
        if lost.count() == 0 {
            assert_eq!(
                measures(&again),
                measures(&plan),
                "{name}\n{}",
                conversion.text
            );
        }
        // Rules are never fewer, and what is not evaluated stays so.
        assert!(
            plan.checks.len() <= again.checks.len(),
            "{name}\n{}",
            conversion.text
        );
        for note in &conversion.notes {
            let line = note.location.as_ref().map_or(0, |location| location.line);
            notes.push_str(&format!("{name}:{line} {}\n", note.message));
        }
    }
    insta::assert_snapshot!(notes);
}

#[test]
fn a_converted_contract_reads_like_one() {
    let name = "pandera/flat.yaml";
    let plan = planned(name, &fixture(name).1, &request(None));
    let called = ContractName {
        id: "made",
        version: "1.0.0",
        object: "data",
        made_from: name,
    };
    insta::assert_snapshot!(convert(&plan, &called).expect("converts").text);
}

#[test]
fn hostile_names_stay_names() {
    let hostile = [
        "a: b",
        "- x",
        "#",
        "\"",
        "'",
        "{{ x }}",
        "a\n  - name: b",
        "null",
        "~",
        "1e3",
        "yes",
        "!tag",
        "&a",
        "*a",
        "| block",
        "\u{202e}x",
        "",
    ];
    for name in hostile {
        let schema = serde_json::json!({
            "type": "object",
            "required": [name],
            "properties": {name: {"enum": [name, "x"], "pattern": name.replace(['{', '*', '|'], "")}},
        });
        let text = schema.to_string();
        let plan = planned("s.json", &text, &request(None));
        let called = ContractName {
            id: name,
            version: name,
            object: "t",
            made_from: name,
        };
        let conversion = convert(&plan, &called).unwrap_or_else(|why| panic!("{name:?}: {why}"));
        let again = planned("c.yaml", &conversion.text, &request(None));
        let columns: Vec<_> = again
            .checks
            .iter()
            .filter_map(|one| one.target.column.clone())
            .collect();
        assert!(
            columns.iter().all(|column| column == name),
            "{name:?} {columns:?}"
        );
        assert_eq!(
            measures(&again),
            measures(&plan),
            "{name:?}\n{}",
            conversion.text
        );
    }
}
