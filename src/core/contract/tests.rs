//! Tests of reading configurations and contracts: places, hints, and what a contract demands.

use proptest::prelude::*;

use super::*;
use crate::evidence::Severity;
use crate::measure::{Condition, Grouping, LogicalType, Measure, NullKeys, Value};

fn contract(properties: &str) -> String {
    format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nschema:\n  - name: t\n    properties:\n{properties}"
    )
}

fn plan(text: &str) -> Result<DatasetPlan, Vec<Problem>> {
    let request = PlanRequest {
        dataset: "d",
        object: None,
        environment: None,
        as_of: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
    };
    Contract::parse("c.yaml", text)?.plan(&request)
}

fn measures(text: &str) -> Vec<Measure> {
    let plan = plan(text).unwrap_or_else(|problems| panic!("{}", render(&problems, text)));
    plan.checks
        .iter()
        .flat_map(|planned| planned.check.measures(&planned.target))
        .collect()
}

fn problem(text: &str) -> String {
    match plan(text) {
        Ok(plan) => panic!("no problem: {plan:?}"),
        Err(problems) => render(&problems, text),
    }
}
#[test]
fn a_property_becomes_checks_in_order() {
    let text = contract(
        "      - name: age\n        logicalType: integer\n        required: true\n        unique: true\n        logicalTypeOptions: {minimum: 0, exclusiveMaximum: 130}\n",
    );
    let column = || "age".to_owned();
    let found = measures(&text);
    let Measure::Failing(rule) = &found[0] else {
        panic!("{found:?}")
    };
    assert_eq!(
        rule.fails,
        Condition::ReadsAs(column(), LogicalType::Integer).negated()
    );
    assert_eq!(found[1], Measure::NullCount(column()));
    assert_eq!(
        found[2],
        Measure::Groups(Grouping {
            key: vec![Value::column(column())],
            nulls: NullKeys::SkipAny,
            shows_first: false,
        })
    );
    let Measure::Failing(rule) = &found[3] else {
        panic!("{found:?}")
    };
    let name = column();
    assert_eq!(
        rule.fails.to_string(),
        format!("not ([`{name}` >= 0 and `{name}` < 130] or else 0 != 0)")
    );
    assert_eq!(found.len(), 4);
}

#[test]
fn a_composite_primary_key_is_one_check_in_key_order() {
    let text = contract(
        "      - {name: b, primaryKey: true, primaryKeyPosition: 2}\n      - {name: a, primaryKey: true, primaryKeyPosition: 1}\n",
    );
    let key = Measure::Groups(Grouping {
        key: vec![Value::column("a"), Value::column("b")],
        nulls: NullKeys::SkipAny,
        shows_first: false,
    });
    assert_eq!(measures(&text).last(), Some(&key));
}

#[test]
fn the_physical_name_is_the_column() {
    let text = contract("      - {name: age, physicalName: AGE_YEARS, required: true}\n");
    assert_eq!(measures(&text), [Measure::NullCount("AGE_YEARS".into())]);
}

#[test]
fn severities_and_locations_come_from_the_rule() {
    let text = contract(
        "      - name: a\n        quality:\n          - {metric: nullValues, mustBe: 0, severity: warning}\n",
    );
    let plan = plan(&text).expect("a plan");
    let rule = plan.checks.last().expect("a check");
    assert_eq!(rule.target.severity, Severity::Warning);
    assert_eq!(
        rule.target.location.as_ref().map(|location| location.line),
        Some(11)
    );
}

#[test]
fn rules_that_cannot_be_run_are_kept_and_say_so() {
    let text = contract(
        "      - name: a\n        quality:\n          - {type: sql, query: select 1, mustBe: 0}\n          - {type: custom, engine: soda, implementation: x}\n          - {type: text, description: looks nice}\n",
    );
    let plan = plan(&text).expect("a plan");
    let severities: Vec<_> = plan.checks[1..]
        .iter()
        .map(|planned| planned.target.severity)
        .collect();
    assert_eq!(
        severities,
        [Severity::Error, Severity::Error, Severity::Info]
    );
}

#[test]
fn percentages_become_fractions() {
    let text = contract(
        "      - name: a\n        quality:\n          - {metric: nullValues, unit: percent, mustBeLessOrEqualTo: 5}\n",
    );
    let plan = plan(&text).expect("a plan");
    let shown = format!("{:?}", plan.checks.last().expect("a check").check);
    assert!(shown.contains("AtMost(0.05)"), "{shown}");
}

#[test]
fn problems_name_place_and_remedy() {
    let cases = [
        ("      - {nam: a}\n", "unknown key `nam`"),
        ("      - {nam: a}\n", "did you mean `name`?"),
        (
            "      - {name: a, required: maybe}\n",
            "expected true or false, found `maybe`",
        ),
        (
            "      - {name: a, logicalType: text}\n",
            "`text` is not one of `string`",
        ),
        (
            "      - {name: a, logicalType: date, logicalTypeOptions: {minimum: soon}}\n",
            "neither a number nor an ISO 8601 date",
        ),
        (
            "      - {name: a, quality: [{metric: rowCount}]}\n",
            "one of the keys `mustBe`",
        ),
        (
            "      - {name: a, quality: [{metric: rowCount, mustBeBetween: [9, 1]}]}\n",
            "smaller number comes first",
        ),
        (
            "      - {name: a, quality: [{metric: invalidValues, mustBe: 0}]}\n",
            "`validValues` or `pattern`",
        ),
        (
            "      - {name: a, quality: [{metric: rowCount, mustBe: 0, severity: dire}]}\n",
            "`dire` is not one of",
        ),
        (
            "      - {name: a, quality: [{type: custom, engine: proofmark, implementation: {check: maen}}]}\n",
            "did you mean `mean`?",
        ),
        (
            "      - {name: a, quality: [{type: custom, engine: proofmark, implementation: {check: mean}}]}\n",
            "the key `bound` is missing",
        ),
        (
            "      - {name: a, quality: [{type: custom, engine: proofmark, implementation: {check: mean, bound: {at_mst: 1}}}]}\n",
            "did you mean `at_most`?",
        ),
        (
            "      - {name: a, quality: [{type: custom, engine: proofmark, implementation: {check: mean, bound: {at_most: x}}}]}\n",
            "expected a number, found `x`",
        ),
        (
            "      - {name: a, quality: [{type: custom, engine: proofmark, implementation: {check: mean, bound: 5}}]}\n",
            "expected a mapping, found `5`",
        ),
        (
            "      - {name: a, quality: [{type: custom, engine: proofmark, implementation: {check: freshness, days_max: 1, as_of: soon}}]}\n",
            "`proofmark explain freshness`",
        ),
    ];
    for (properties, expected) in cases {
        let shown = problem(&contract(properties));
        assert!(
            shown.contains(expected) && shown.contains("--> c.yaml:9"),
            "{properties}\n{shown}"
        );
    }
}

#[test]
fn a_date_is_a_time_to_judge_at() {
    let rule = "{type: custom, engine: proofmark, implementation: {check: freshness, days_max: 1, as_of: 2031-01-01}}";
    let text = contract(&format!("      - {{name: a, quality: [{rule}]}}\n"));
    let plan = plan(&text).expect("a plan");
    let shown = format!("{:?}", plan.checks.last().expect("a check").check);
    assert!(shown.contains("2031-01-01T00:00:00Z"), "{shown}");
}

#[test]
fn options_without_a_type_are_one_problem() {
    let text = contract("      - {name: a, logicalTypeOptions: {pattern: '^a', minLength: 1}}\n");
    let shown = problem(&text);
    assert!(shown.contains("needs `logicalType` beside it"), "{shown}");
    assert_eq!(shown.matches("error: ").count(), 1, "{shown}");
}

#[test]
fn several_objects_need_a_name() {
    let text = contract("      - {name: a}\n") + "  - name: u\n";
    let shown = problem(&text);
    assert!(
        shown.contains("set `object`") && shown.contains("`t`, `u`"),
        "{shown}"
    );
}

#[test]
fn aliases_work_and_bombs_do_not() {
    let document = Document::parse("f", "a: &x [1, 2]\nb: *x\n").expect("parses");
    assert_eq!(document.value["b"], document.value["a"]);
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        bomb.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{before}"); 10].join(",")
        ));
    }
    let problems = Document::parse("f", &bomb).expect_err("too large");
    assert!(problems[0].message.contains("more than"), "{problems:?}");
    let deep = "[".repeat(5_000);
    assert!(Document::parse("f", &deep).is_err());
}

#[test]
fn numbers_are_not_rounded_without_a_word() {
    let kept = "[1.50, 0.10000000000000001, 18446744073709551615, '9007199254740993.5', 1e22]";
    let document = Document::parse("f", kept).expect("parses");
    let expected = serde_json::json!([1.5, 0.1, u64::MAX, "9007199254740993.5", 1e22]);
    assert_eq!(document.value, expected);
    let problems = Document::parse("f", "a: 1\nb: {least: 9007199254740993.5}\n");
    let [problem] = &problems.expect_err("rounded")[..] else {
        panic!("one problem")
    };
    assert_eq!((problem.position.line, problem.position.column), (2, 12));
    assert!(problem.message.contains("more digits"), "{problem:?}");
    let hint = problem.hint.as_deref().unwrap_or_default();
    assert!(hint.contains("quotes"), "{problem:?}");
}

#[test]
fn paths_are_located() {
    let document = Document::parse("f", "gate:\n  metrics:\n    - {metric: a, at_least: 1}\n")
        .expect("parses");
    let location = document.locate("gate.metrics[0].at_least");
    assert_eq!((location.line, location.column), (3, 19));
    assert_eq!(document.locate("gate.metrics[9].gone").line, 2);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in ".{0,200}") {
        let _ = Document::parse("f", &text);
    }
}
