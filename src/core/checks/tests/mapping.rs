//! The table of foreign rules is whole: every rule is one of ours, or it says why not.

use std::collections::BTreeSet;

use super::*;
use crate::checks::reference::FOREIGN_RULES;

#[test]
fn every_foreign_rule_is_one_of_ours_or_says_why_not() {
    let rules = &*FOREIGN_RULES;
    let mut seen = BTreeSet::new();
    for rule in rules {
        assert!(
            seen.insert((&rule.tool, &rule.rule)),
            "{rule:?} is listed twice"
        );
        match &rule.requirement {
            Some(id) => assert!(find(id).is_some(), "{rule:?}"),
            None => assert!(rule.note.is_some(), "{rule:?}"),
        }
    }
    let tools: BTreeSet<&str> = rules.iter().map(|rule| rule.tool.as_str()).collect();
    for tool in [
        "odcs",
        "great-expectations",
        "soda",
        "dbt",
        "dbt-utils",
        "dbt-expectations",
        "pandera",
        "deequ",
    ] {
        assert!(tools.contains(tool), "{tool}");
    }
}

#[test]
fn the_reference_shows_every_rule_with_its_parameters() {
    let text = reference();
    for kind in CHECKS {
        let id = kind.requirement.id;
        assert!(text.contains(&format!("\n## `{id}`\n")), "{id}");
        assert!(
            40 < kind.semantics.len(),
            "{id} says nothing of the awkward cases"
        );
        let schema = (kind.schema)().to_value();
        for name in schema["properties"]
            .as_object()
            .into_iter()
            .flat_map(|properties| properties.keys())
        {
            assert!(text.contains(&format!("| `{name}` |")), "{id}: {name}");
        }
    }
    assert!(
        text.contains("expect_column_values_to_be_in_set"),
        "foreign rules are shown"
    );
    assert_eq!(text, reference(), "the same text every time");
}

#[test]
fn every_example_is_read_and_every_shape_is_written_out() {
    for kind in CHECKS {
        if let Some(serde_json::Value::Object(mut example)) = kind.example() {
            let id = kind.requirement.id;
            assert_eq!(example.remove("check"), Some(json!(id)));
            let example = serde_json::Value::Object(example);
            if let Err(error) = (kind.parse)(example.clone()) {
                panic!("{id}: {example}: {error}");
            }
        }
    }
    let shape = |id: &str, name: &str| {
        let parameters = find(id).expect("a kind").parameters();
        let found = parameters.into_iter().find(|one| one.name == name);
        found.expect("a parameter").shape
    };
    assert_eq!(
        shape("slice-coverage", "positives"),
        "{label: string, positive: string, rows_min: integer}"
    );
    assert!(
        shape("outliers", "fences").contains("{interquartile: {factor: number}}"),
        "{}",
        shape("outliers", "fences")
    );
}
