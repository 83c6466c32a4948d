//! Cases of the rules on whole rows and of queries.

use super::*;

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
    let found = planned.judge(&facts(), &nothing);
    assert_eq!(found.len(), 1);
    assert!(
        matches!(found[0].outcome, Outcome::NotEvaluated(_)),
        "{found:?}"
    );
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
        let evidence = planned.judge(&facts(), &measured);
        assert_eq!(evidence.len(), 1);
        let outcome = evidence[0].outcome;
        assert_eq!(outcome, Outcome::NotEvaluated(Reason::Undefined));
    }
}
