//! Cases of the rules on whole rows and of queries.

use super::super::Masks;
use super::*;
use crate::evidence::RowExample;
use crate::measure::Slice;

pub(super) fn cases() -> Vec<Case> {
    let rule = |id, parameters| {
        let met = vec![super::rows(0, 9)];
        let not_met = vec![super::rows(1, 9)];
        three(id, parameters, None, met, not_met)
    };
    let both = json!({"columns": ["age", "name"]});
    let answer = |rows: &[&str], number| {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| vec![Some((*row).to_owned())])
            .collect();
        Measured::Answer(crate::measure::Answer {
            row_count: rows.len() as u64,
            number,
            rows,
            examples: Vec::new(),
        })
    };
    let mut cases = [
        rule(
            "row-condition",
            json!({"condition": "age > 0 and name is not null"}),
        ),
        rule(
            "column-comparison",
            json!({"column": "age", "comparison": "less", "other": "name"}),
        ),
        rule(
            "value-combinations",
            json!({"columns": ["age", "name"], "values": [[1, "a"], [2, null]]}),
        ),
        rule(
            "row-sum",
            json!({"columns": ["age", "name"], "bound": {"exactly": 3.0}}),
        ),
        rule("columns-equal", both.clone()),
        rule("values-unique-in-row", both.clone()),
        rule("complete-rows", both),
        rule("json-schema", json!({"schema": {"required": ["age"]}})),
        three(
            "condition-fraction",
            json!({"condition": "age > 3", "fraction": {"at_least": 0.9}}),
            None,
            vec![Measured::Count(9)],
            vec![Measured::Count(8)],
        ),
        three(
            "sql-rule",
            json!({"query": "select sum(age) from d", "bound": {"at_most": 3.0}}),
            None,
            vec![answer(&["3"], Some(3.0))],
            vec![answer(&["4"], Some(4.0))],
        ),
        three(
            "failed-rows",
            json!({"query": "select * from d where age < 0"}),
            None,
            vec![answer(&[], None)],
            vec![answer(&["secret"], None)],
        ),
    ]
    .concat();
    cases.extend([
        (
            "row-condition",
            json!({"condition": "now() > age"}),
            None,
            vec![],
            NotEvaluated,
        ),
        (
            "json-schema",
            json!({"schema": {"type": "nothing"}}),
            None,
            vec![],
            NotEvaluated,
        ),
        (
            "json-schema",
            json!({"schema": {"$ref": "https://example.org/schema.json"}}),
            None,
            vec![],
            NotEvaluated,
        ),
        (
            "value-combinations",
            json!({"columns": ["age"], "values": [[1, 2]]}),
            None,
            vec![],
            NotEvaluated,
        ),
        (
            "row-sum",
            json!({"columns": [], "bound": {"exactly": 3.0}}),
            None,
            vec![],
            NotEvaluated,
        ),
        (
            "sql-rule",
            json!({"query": "select 1", "result": "rows", "bound": {"exactly": 2.0}}),
            None,
            vec![answer(&["1"], Some(1.0))],
            NotMet,
        ),
        (
            "sql-rule",
            json!({"query": "select 'a'", "bound": {"exactly": 2.0}}),
            None,
            vec![answer(&["a"], None)],
            NotEvaluated,
        ),
    ]);
    cases
}

#[test]
fn a_rule_by_slices_without_rows_is_not_evaluated() {
    let kind = find("null-fraction").expect("a kind");
    let check = (kind.parse)(json!({})).expect("parameters");
    let mut planned = PlannedCheck::new(target(Some("age")), check);
    planned.slices = vec!["region".to_owned()];
    let nothing = vec![Measured::Slices(Vec::new()); planned.measures().len()];
    let found = planned.judge(&Masks::default(), &facts(), &nothing);
    assert_eq!(found.len(), 1);
    assert!(
        matches!(found[0].outcome, Outcome::NotEvaluated(_)),
        "{found:?}"
    );
}

/// A dataset of which nothing is hidden but by masks.
fn open() -> Target {
    Target {
        personal: false,
        ..target(None)
    }
}

/// What a planned rule says of `measured` with `masks`, as JSON.
fn shown(implementation: serde_json::Value, masks: &Masks, measured: Measured) -> String {
    let mut parameters = implementation;
    let id = parameters["check"].as_str().expect("a check").to_owned();
    parameters.as_object_mut().expect("a map").remove("check");
    let check = (find(&id).expect("a kind").parse)(parameters).expect("parameters");
    let planned = PlannedCheck::new(open(), check);
    let measured = vec![measured; planned.measures().len()];
    let found = planned.judge(masks, &facts(), &measured);
    serde_json::to_string(&found).expect("evidence")
}

fn two_rows() -> FailingRows {
    let row = |row_number, value: &str| RowExample {
        row_number,
        value: Some(value.to_owned()),
        masked: false,
        is_null: false,
    };
    FailingRows {
        count: 2,
        eligible: 3,
        examples: vec![row(1, "blue-7"), row(2, "blue-8")],
    }
}

#[test]
fn no_rule_shows_values_of_a_personal_column() {
    let masks = Masks {
        classified: [("ssn".to_owned(), true), ("color".to_owned(), false)].into(),
        ..Masks::default()
    };
    let groups = Measured::Groups(Groups {
        rows: 3,
        distinct: 1,
        repeated: 1,
        rows_of_repeated: 3,
        examples: two_rows().examples,
        ..Groups::default()
    });
    let failing = Measured::Failing(two_rows());
    let slices = Measured::Frequencies(vec![(vec![Some("blue-7".to_owned())], 1)]);
    let rules = |column: &str| {
        [
            (
                json!({"check": "uniqueness", "columns": [column]}),
                groups.clone(),
            ),
            (
                json!({"check": "duplicate-rows", "columns": [column]}),
                groups.clone(),
            ),
            (
                json!({"check": "referential-integrity", "dataset": "o", "columns": [column]}),
                failing.clone(),
            ),
            (
                json!({"check": "split-leakage", "other": "o", "key": [column]}),
                failing.clone(),
            ),
            (
                json!({"check": "dataset-match", "dataset": "o", "columns": [column]}),
                failing.clone(),
            ),
            (
                json!({"check": "slice-coverage", "columns": [column], "rows_min": 5}),
                slices.clone(),
            ),
        ]
    };
    for (rule, measured) in rules("ssn") {
        let text = shown(rule.clone(), &masks, measured);
        assert!(!text.contains("blue-"), "{rule}: {text}");
    }
    for (rule, measured) in rules("color") {
        let text = shown(rule.clone(), &masks, measured);
        assert!(text.contains("blue-7"), "{rule}: {text}");
    }
}

#[test]
fn slices_by_a_personal_column_are_told_apart_by_number() {
    let kind = find("row-count").expect("a kind");
    let check = (kind.parse)(json!({"rows": {"at_least": 5}})).expect("parameters");
    let mut planned = PlannedCheck::new(open(), check);
    planned.slices = vec!["ssn".to_owned()];
    let slice = |value: &str| Slice {
        values: vec![Some(value.to_owned())],
        measured: Measured::Count(1),
    };
    let slices = Measured::Slices(vec![slice("blue-7"), slice("blue-8")]);
    let measured = vec![slices; planned.measures().len()];
    let masks = Masks {
        classified: [("ssn".to_owned(), true)].into(),
        ..Masks::default()
    };
    let found = planned.judge(&masks, &facts(), &measured);
    let names: Vec<String> = found.iter().map(|record| record.subject.name()).collect();
    assert_eq!(names.len(), 2);
    assert!(names[0].ends_with("ssn masked, slice 1"), "{names:?}");
    assert!(names[1].ends_with("ssn masked, slice 2"), "{names:?}");
}

#[test]
fn names_and_forms_mask_what_no_contract_classifies() {
    let foreign = Masks {
        by_name: true,
        ..Masks::default()
    };
    let rule = |column: &str| json!({"check": "uniqueness", "columns": [column]});
    let groups = |value: &str| {
        let mut rows = two_rows();
        rows.examples[0].value = Some(value.to_owned());
        Measured::Groups(Groups {
            rows: 3,
            distinct: 2,
            repeated: 1,
            rows_of_repeated: 2,
            examples: rows.examples,
            ..Groups::default()
        })
    };
    let key = "AKIAIOSFODNN7EXAMPLE";
    assert!(!shown(rule("user_email"), &foreign, groups("blue")).contains("blue"));
    assert!(shown(rule("code"), &foreign, groups("blue")).contains("blue"));
    assert!(!shown(rule("code"), &foreign, groups(key)).contains(key));
    assert!(!shown(rule("code"), &Masks::default(), groups(key)).contains(key));
    let public = Masks {
        classified: [("code".to_owned(), false)].into(),
        ..Masks::default()
    };
    assert!(shown(rule("code"), &public, groups(key)).contains(key));
}

#[test]
fn rows_that_cannot_be_told_apart_are_not_counted() {
    let missing = || Measured::Failed(Reason::Undefined, "the column `nope` is missing".into());
    let kind = find("row-count").expect("it exists");
    let planned = || {
        let parameters = json!({"rows": {"at_least": 1}});
        PlannedCheck::new(target(None), (kind.parse)(parameters).expect("it reads"))
    };
    let of_some = PlannedCheck {
        rows: Some(crate::measure::Condition::present("nope")),
        ..planned()
    };
    let by_slice = PlannedCheck {
        slices: vec!["nope".into()],
        ..planned()
    };
    for planned in [of_some, by_slice] {
        let measured = vec![missing(); planned.measures().len()];
        let evidence = planned.judge(&Masks::default(), &facts(), &measured);
        assert_eq!(evidence.len(), 1);
        let outcome = evidence[0].outcome;
        assert_eq!(outcome, Outcome::NotEvaluated(Reason::Undefined));
    }
}
