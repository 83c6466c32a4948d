//! Suites of both generations as text, and what they come to. The verdicts on data are compared with
//! those of Great Expectations in `tests/it/great_expectations.rs`.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::json;

use crate::contract::{Contract, DatasetPlan, PlanRequest, render};
use crate::evidence::{Outcome, Severity};
use crate::measure::{Condition, Measure, TableFacts};

fn request() -> PlanRequest<'static> {
    PlanRequest {
        dataset: "t",
        object: None,
        as_of: DateTime::<Utc>::UNIX_EPOCH,
        environment: None,
    }
}

fn planned(text: &str) -> DatasetPlan {
    let contract = Contract::parse("suite.json", text).expect("a suite");
    assert_eq!(contract.format().id, "great-expectations");
    contract.plan(&request()).expect("planned")
}

/// The plan of a 1.x suite with one expectation.
fn one(kind: &str, arguments: serde_json::Value) -> DatasetPlan {
    let suite = json!({"name": "s", "expectations": [{"type": kind, "kwargs": arguments}]});
    planned(&suite.to_string())
}

/// Why the only check of a plan cannot be run.
fn refused(plan: &DatasetPlan) -> String {
    let check = &plan.checks[0];
    let facts = TableFacts {
        row_count: 0,
        columns: Vec::new(),
        typed: true,
    };
    let evidence = check.judge(&crate::checks::Masks::default(), &facts, &[]);
    assert_eq!(evidence[0].requirement.to_string(), "unsupported-rule");
    assert!(matches!(evidence[0].outcome, Outcome::NotEvaluated(_)));
    evidence[0].message.clone()
}

#[test]
fn both_generations_are_read_at_their_lines() {
    let legacy = r#"{
  "data_asset_type": null,
  "evaluation_parameters": {"most": 10},
  "expectation_suite_name": "orders",
  "expectations": [
    {
      "expectation_type": "expect_column_to_exist",
      "ge_cloud_id": "5c4b5c1e-0000-4000-8000-000000000000",
      "kwargs": {"column": "a"}, "meta": {}
    },
    {
      "expectation_type": "expect_table_row_count_to_be_between",
      "kwargs": {"max_value": {"$PARAMETER": "most"}, "result_format": "COMPLETE"}, "meta": {}
    }
  ],
  "ge_cloud_id": null,
  "meta": {"great_expectations_version": "0.18.22"}
}"#;
    let plan = planned(legacy);
    let lines: Vec<_> = plan
        .checks
        .iter()
        .map(|check| check.target.location.as_ref().map(|location| location.line))
        .collect();
    assert_eq!(lines, [Some(6), Some(11)]);
    assert_eq!(
        plan.checks[1].check.parameters(),
        json!({"rows": {"at_most": 10.0}})
    );
    let current = r#"{"name": "orders", "suite_parameters": {"most": 3}, "expectations": [
  {"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "severity": "warning"},
  {"type": "expect_table_row_count_to_equal", "kwargs": {"value": {"$PARAMETER": "most"}}, "severity": "info"}]}"#;
    let plan = planned(current);
    let severities: Vec<_> = plan
        .checks
        .iter()
        .map(|check| check.target.severity)
        .collect();
    assert_eq!(severities, [Severity::Warning, Severity::Info]);
    let yaml = "expectation_suite_name: orders\nexpectations:\n  - expectation_type: expect_column_to_exist\n    kwargs: {column: a}\n";
    let line = planned(yaml).checks[0]
        .target
        .location
        .as_ref()
        .map(|location| location.line);
    assert_eq!(line, Some(3));
}

#[test]
fn escapes_of_json_in_a_suite_are_read() {
    let suite = r#"{"name": "s", "expectations": [{"type": "expect_column_values_to_be_in_set",
      "kwargs": {"column": "a\/b", "value_set": ["\u00e9", "\ud83d\ude80"]}}]}"#;
    let plan = planned(suite);
    assert_eq!(plan.checks[0].target.column.as_deref(), Some("a/b"));
    assert_eq!(
        plan.checks[0].check.parameters()["values"],
        json!(["é", "🚀"])
    );
}

#[test]
fn what_cannot_be_evaluated_says_why_and_is_never_passed_over() {
    let cases = [
        (
            "expect_column_values_to_be_prime",
            json!({"column": "a"}),
            "custom expectations are Python",
        ),
        (
            "expect_column_values_to_be_uniqe",
            json!({"column": "a"}),
            "did you mean `expect_column_values_to_be_unique`?",
        ),
        (
            "expect_column_values_to_not_be_null",
            json!({"column": "a", "windows": [{}]}),
            "`windows` is not supported",
        ),
        (
            "expect_column_values_to_not_be_null",
            json!({}),
            "`column` is missing",
        ),
        (
            "expect_column_values_to_not_be_null",
            json!({"column": "a", "mostly": 1.5}),
            "between 0 and 1",
        ),
        (
            "expect_column_values_to_not_be_null",
            json!({"column": "a", "mostly": {"$PARAMETER": "gone"}}),
            "parameter `gone` no value",
        ),
        (
            "expect_column_values_to_not_be_null",
            json!({"column": "a", "mostly": {"$PARAMETER": "now() - 1"}}),
            "computed from other results",
        ),
        (
            "expect_column_values_to_match_regex",
            json!({"column": "a", "regex": "a++"}),
            "possessive",
        ),
        (
            "expect_column_chisquare_test_p_value_to_be_greater_than",
            json!({"column": "a"}),
            "no longer runs",
        ),
        (
            "expect_query_results_to_match_comparison",
            json!({"base_query": "select 1"}),
            "two data sources",
        ),
        (
            "expect_column_values_to_be_of_type",
            json!({"column": "a", "type_": "complex128"}),
            "no type of pandas",
        ),
        (
            "expect_column_mean_to_be_between",
            json!({"column": "a"}),
            "both missing",
        ),
        (
            "expect_column_values_to_be_unique",
            json!({"column": "a", "row_condition": "b > 1"}),
            "needs a `condition_parser`",
        ),
        (
            "expect_column_values_to_be_unique",
            json!({"column": "a", "row_condition": "b > @x", "condition_parser": "pandas"}),
            "`@` that is not understood",
        ),
        (
            "expect_column_values_to_be_unique",
            json!({"column": "a", "row_condition": "b > 1", "condition_parser": "duck"}),
            "unknown `condition_parser` `duck`",
        ),
        (
            "expect_column_values_to_be_unique",
            json!({"column": "a", "row_condition": {"type": "and", "conditions": [{"type": "or", "conditions": []}]}}),
            "`or` inside another",
        ),
    ];
    for (kind, arguments, why) in cases {
        let message = refused(&one(kind, arguments.clone()));
        assert!(message.contains(why), "{kind} {arguments}: {message}");
        assert!(message.contains(kind), "{message}");
    }
}

#[test]
fn what_is_no_suite_is_a_problem_at_its_place() {
    let cases = [
        (r#"{"expectation_suite_name": "s"}"#, "needs `expectations`"),
        (
            r#"{"name": "s", "expectations": [{"type": "expect_x", "kwargs": []}]}"#,
            "must be an object",
        ),
        (
            r#"{"expectation_suite_name": "s", "expectations": [7]}"#,
            "needs a `type`",
        ),
        (
            r#"{"name": "s", "expectations": [{"type": "expect_x", "severity": "critcal"}]}"#,
            "did you mean `critical`?",
        ),
    ];
    for (text, expected) in cases {
        let contract = Contract::parse("s.json", text).expect("looks like a suite");
        let problems = contract.plan(&request()).expect_err("problems");
        let shown = render(&problems, text);
        assert!(shown.contains(expected), "{text}\n{shown}");
    }
}

#[test]
fn row_conditions_of_every_form_select_rows() {
    let compared = |operator: &str, parameter| json!({"type": "comparison", "column": {"name": "a"}, "operator": operator, "parameter": parameter});
    let cases = [
        (
            json!("a > 1 & b == \"x\" | c"),
            "pandas",
            "(`a` > 1 and `b` = 'x') or `c` = true",
        ),
        (
            json!("(a > 1) and not b.isnull()"),
            "pandas",
            "`a` > 1 and `b` is not null",
        ),
        (json!("0 < a <= 2"), "pandas", "0 < `a` and `a` <= 2"),
        (
            json!("`a b` in [1, 2.5, \"x\"]"),
            "pandas",
            "`a b` in (1, 2.5, x)",
        ),
        (json!("a != -1"), "pandas", "`a` is null or `a` != -1"),
        (
            json!("a + 2 * b >= c"),
            "pandas",
            "not (`b` reads as number) or not (`a` reads as number) or (`a` + (2 * `b`)) >= `c`",
        ),
        (
            json!("col(\"a\") > date(\"2026-01-01\")"),
            "great_expectations__experimental__",
            "`a` > '2026-01-01'",
        ),
        (
            json!("col(\"a\").notNull()"),
            "great_expectations",
            "`a` is not null",
        ),
        (compared("==", json!(1)), "", "`a` = 1"),
        (
            compared("NOT_IN", json!(["x"])),
            "",
            "`a` is null or not (`a` in (x))",
        ),
        (
            json!({"type": "nullity", "column": {"name": "a"}, "is_null": true}),
            "",
            "`a` is null",
        ),
        (
            json!({"type": "or", "conditions": [compared("<", json!(1)), compared(">", json!(5))]}),
            "",
            "`a` < 1 or `a` > 5",
        ),
        (
            json!({"type": "pass_through", "pass_through_filter": "a < 3 and b"}),
            "",
            "`a` < 3 and `b` = true",
        ),
    ];
    for (condition, parser, expected) in cases {
        let parser = if parser.is_empty() {
            json!(null)
        } else {
            json!(parser)
        };
        let plan = one(
            "expect_column_values_to_be_unique",
            json!({"column": "a", "row_condition": condition, "condition_parser": parser}),
        );
        let rows = plan.checks[0].rows.as_ref().map(Condition::to_string);
        assert_eq!(rows.as_deref(), Some(expected), "{condition}");
        assert!(plan.checks[0].target.rows.is_some());
    }
}

#[test]
fn every_expectation_of_the_reference_suites_measures_something() {
    for text in [
        include_str!("../../../../fixtures/suites/great_expectations/version_1.json"),
        include_str!("../../../../fixtures/suites/great_expectations/version_0_18.json"),
    ] {
        let plan = planned(text);
        for check in &plan.checks {
            let id = check.check.requirement().id;
            let by_facts = [
                "column-presence",
                "column-order",
                "column-set",
                "row-count",
                "column-count",
            ]
            .contains(&id);
            assert!(id != "unsupported-rule", "{check:?}");
            assert!(by_facts || !check.measures().is_empty(), "{check:?}");
        }
    }
}

#[test]
fn mostly_is_a_share_of_the_values_and_repeats_count_in_full() {
    let plan = one(
        "expect_column_values_to_be_unique",
        json!({"column": "a", "mostly": 0.9}),
    );
    let check = &plan.checks[0];
    assert_eq!(
        check.check.parameters(),
        json!({"columns": [], "count": "all_rows", "nulls": "skip_any",
            "tolerance": {"rows": null, "fraction": null, "passing": {"at_least": 0.9}, "of": "eligible_rows"}})
    );
    assert_eq!(check.target.counted_as, Some("Great Expectations 1"));
    assert!(matches!(check.measures().as_slice(), [Measure::Groups(_)]));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_row_condition_is_read_or_refused(text in "[a-c0-9 ()\\[\\]\"'`.,<>=!&|~+*/-]{0,40}|(not |\\(|~|-){0,200}a") {
        let _ = super::query::parse(&text);
    }

    #[test]
    fn any_arguments_make_a_check(kind in 0..super::EXPECTATIONS.len(), a in "[ -~é🚀]{0,12}", n in proptest::num::f64::ANY, flag: bool) {
        let (kind, _) = super::EXPECTATIONS[kind];
        let values = json!([a, n, null, [a, n], {"bins": [n, a], "weights": [n], "values": [a]}]);
        for key in ["column", "column_list", "value_set", "min_value", "regex", "partition_object", "quantile_ranges", "value"] {
            for value in values.as_array().expect("a list") {
                let plan = one(kind, json!({"column": "c", "column_A": "a", "column_B": "b", key: value, "mostly": n, "strict_min": flag}));
                prop_assert_eq!(plan.checks.len(), 1);
                let _ = plan.checks[0].measures();
            }
        }
    }
}
