//! Tests of foreign suites that are wrong, hostile, or ask for what cannot be evaluated.

use proptest::prelude::*;

use super::*;
use crate::evidence::Severity;

fn planned(
    format_id: &str,
    text: &str,
    environment: Option<&str>,
) -> Result<DatasetPlan, Vec<Problem>> {
    let request = PlanRequest {
        dataset: "d",
        object: None,
        environment,
        as_of: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
    };
    let format = format(format_id).expect("a format");
    Contract::parse_as(format, "suite", text)?.plan(&request)
}

fn problem(format_id: &str, text: &str) -> String {
    match planned(format_id, text, None) {
        Ok(plan) => panic!("no problem: {plan:?}"),
        Err(problems) => render(&problems, text),
    }
}

/// The rules that are not evaluated, with their severities.
fn unsupported(format_id: &str, text: &str) -> Vec<(String, Severity)> {
    let plan = planned(format_id, text, None);
    let plan = plan.unwrap_or_else(|problems| panic!("{}", render(&problems, text)));
    let rules = plan.checks.iter().filter_map(|planned| {
        let parameters = planned.check.parameters();
        let why = parameters.get("why")?.as_str()?.to_owned();
        Some((why, planned.target.severity))
    });
    rules.collect()
}

#[test]
fn problems_name_their_place() {
    let cases = [
        (
            "tfdv",
            "feature { name: \"a\" type: BYTES",
            "ends within a message",
            ":1:",
        ),
        (
            "tfdv",
            "feature {\n  name: \"a\n}",
            "no closing quote",
            ":3:",
        ),
        (
            "tfdv",
            "feature {\n  name: \"a\" type: TEXT }",
            "`TEXT` is not one of",
            ":2:13",
        ),
        (
            "tfdv",
            "feature { name: \"a\" type: BYTES\n domain: \"b\" }",
            "no string domain `b`",
            ":2:2",
        ),
        ("tfdv", "feature { type: INT }", "has no `name`", ":1:1"),
        ("tfdv", "feature 3", "`:` or `{` is expected", ":1:9"),
        (
            "pandera",
            "schema_type: dataframe\ncolumns:\n  a: {in_range: {min_value: 1}}\n",
            "needs the argument `max_value`",
            ":3:7",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns:\n  a: {dtype: int, greater_than: x}\n",
            "neither a number nor a date",
            ":3:19",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns:\n  a: {str_matches: 3}\n",
            "`pattern` of `str_matches` is no text",
            ":3:7",
        ),
        (
            "frictionless",
            "{\"fields\": [\n{\"name\": \"a\", \"type\": \"text\"}]}",
            "the type `text` is not one of",
            ":2:15",
        ),
        (
            "frictionless",
            "{\"fields\": [\n{\"name\": \"a\", \"constraints\": {\"min\": 1}}]}",
            "the constraint `min` is not known",
            ":2:31",
        ),
        (
            "frictionless",
            "{\"resources\": [\n{\"name\": \"a\", \"schema\": \"a.json\"}]}",
            "one in another file is not read",
            ":2:15",
        ),
        (
            "json-schema",
            "{\"type\": \"object\",\n\"properties\": {\"a\": {\"minimum\": \"x\"}}}",
            "not a JSON Schema",
            ":2:",
        ),
    ];
    for (format_id, text, message, place) in cases {
        let shown = problem(format_id, text);
        assert!(
            shown.contains(message) && shown.contains(&format!("--> suite{place}")),
            "{text}\n{shown}"
        );
    }
}

#[test]
fn an_environment_the_schema_does_not_name_is_refused() {
    let text = "feature { name: \"a\" type: INT in_environment: \"TRAINING\" }";
    let problems = planned("tfdv", text, Some("TRAINNG")).expect_err("refused");
    assert!(render(&problems, text).contains("it names `TRAINING`"));
    assert!(planned("tfdv", text, Some("TRAINING")).is_ok());
}

#[test]
fn what_cannot_be_evaluated_says_so() {
    let cases = [
        (
            "tfdv",
            "feature { name: \"a\" type: STRUCT struct_domain {} }",
            "nested values",
        ),
        (
            "tfdv",
            "feature { name: \"a\" type: INT value_count { min: 2 max: 2 } }",
            "other than one",
        ),
        (
            "tfdv",
            "feature { name: \"a\" type: INT shape { dim { size: 3 } } }",
            "a shape of 3",
        ),
        (
            "tfdv",
            "feature { name: \"a\" type: INT\n novelty { x: 1 } }",
            "`novelty` of a feature is not known",
        ),
        (
            "tfdv",
            "feature { name: \"a\" type: INT } sparse_feature { name: \"s\" }",
            "several columns",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns: {'x.*': {regex: true}}\n",
            "the pattern `x.*`",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns: {a: {my_check: 3}}\n",
            "not one of pandera's",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns: {a: {isin: {allowed_values: [1], groupby: b}}}\n",
            "on groups",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns: {a: {}}\nchecks: {greater_than: 0}\n",
            "set `strict: true`",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns: {a: {dtype: category}}\n",
            "cannot be seen in a file",
        ),
        (
            "pandera",
            "schema_type: dataframe\ncolumns: {a: {}}\nindex: [{dtype: int64, name: id}]\n",
            "make it a column",
        ),
        (
            "pandera",
            "schema_type: pyspark_sql_dataframe\n",
            "for pandas and polars are",
        ),
        (
            "frictionless",
            "{\"fields\": [{\"name\": \"a\", \"type\": \"number\", \"decimalChar\": \",\"}]}",
            "`decimalChar`",
        ),
        (
            "frictionless",
            "{\"fields\": [{\"name\": \"a\", \"type\": \"geopoint\"}]}",
            "`geopoint`",
        ),
        (
            "json-schema",
            "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"properties\": {\"a\": {\"$ref\": \"https://example.org/a.json\"}}}",
            "which is not fetched",
        ),
        (
            "json-schema",
            "{\"type\": \"object\", \"properties\": {}, \"minProperties\": 2}",
            "`minProperties`",
        ),
    ];
    for (format_id, text, message) in cases {
        let rules = unsupported(format_id, text);
        let found = rules
            .iter()
            .any(|(why, severity)| why.contains(message) && *severity == Severity::Error);
        assert!(found, "{text}\n{rules:?}");
    }
}

#[test]
fn comparators_warn_and_point_to_drift() {
    let text =
        "feature { name: \"a\" type: INT skew_comparator { infinity_norm { threshold: 0.1 } } }";
    let rules = unsupported("tfdv", text);
    assert!(matches!(rules.as_slice(), [(why, Severity::Warning)] if why.contains("data.drift")));
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("feature {}", "{ a ".repeat(100_000));
    assert!(problem("tfdv", &deep).contains("nested deeper"));
    let deep = format!("{}1{}", "{\"not\":".repeat(2_000), "}".repeat(2_000));
    assert!(planned("json-schema", &deep, None).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_planned_or_refused_without_panic(text in "[\\[\\]{}<>:,;#\"'\\\\ \n\\-a-z0-9.]{0,120}") {
        for format in FORMATS {
            let _ = planned(format.id, &text, None);
        }
    }

    #[test]
    fn a_schema_cut_anywhere_is_planned_or_refused_without_panic(cut in 0usize..1200) {
        let whole = include_str!("../../../fixtures/suites/tfdv/taxi.pbtxt");
        let cut: String = whole.chars().take(cut).collect();
        let _ = planned("tfdv", &cut, None);
    }
}

#[test]
fn keys_of_dbt_whose_tests_would_never_run_are_refused() {
    let file = |model: &str, column: &str| {
        format!(
            "models:\n  - name: d\n    data_tests: [{{dbt_utils.expression_is_true: {{expression: a > 0}}}}]\n{model}    columns:\n      - name: a\n        data_type: int\n        tags: [x]\n{column}"
        )
    };
    assert!(planned("dbt", &file("", ""), None).is_ok());
    for (model, column, hint) in [
        ("", "        data_test: [unique]\n", "`data_tests`"),
        ("", "        test: [not_null]\n", "`tests`"),
        ("    data_test: [x]\n", "", "`data_tests`"),
        (
            "    colums: [{name: b, tests: [unique]}]\n",
            "",
            "`columns`",
        ),
    ] {
        let shown = problem("dbt", &file(model, column));
        assert!(shown.contains(&format!("did you mean {hint}?")), "{shown}");
    }
}

#[test]
fn an_empty_suite_of_great_expectations_is_an_error_of_its_own() {
    for text in [
        r#"{"name": "s", "expectations": []}"#,
        r#"{"expectation_suite_name": "s", "expectations": []}"#,
    ] {
        let contract = Contract::parse("suite.json", text).expect("recognised");
        assert_eq!(contract.format().id, "great-expectations", "{text}");
        let shown = problem("great-expectations", text);
        assert!(shown.contains("demands nothing of the data"), "{shown}");
    }
}
