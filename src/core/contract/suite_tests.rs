//! Tests of foreign suites: the fixtures the original tools were run on, and what becomes of every rule.

use super::*;
use crate::checks::PlannedCheck;
use crate::evidence::Severity;

/// The suites under `fixtures/suites`, as they are handed to Soda and dbt.
pub(super) const SODA_CONTRACT: &str =
    include_str!("../../../fixtures/suites/soda/contract-orders.yaml");
pub(super) const SODA_FILTER: &str =
    include_str!("../../../fixtures/suites/soda/contract-filter.yaml");
pub(super) const SODA_LANGUAGE: &str =
    include_str!("../../../fixtures/suites/soda/checks-orders.yaml");
pub(super) const DBT: &str = include_str!("../../../fixtures/suites/dbt/schema.yml");

pub(super) fn plan(text: &str, object: Option<&str>) -> Result<DatasetPlan, Vec<Problem>> {
    let request = PlanRequest {
        dataset: "orders",
        object,
        as_of: chrono::DateTime::from_timestamp(1_793_534_400, 0).expect("2026-11-01T12:00Z"),
        environment: None,
    };
    Contract::parse("suite.yaml", text)?.plan(&request)
}

pub(super) fn planned(text: &str, object: Option<&str>) -> DatasetPlan {
    plan(text, object).unwrap_or_else(|problems| panic!("{}", render(&problems, text)))
}

/// One line for each check: where it stands, what it is, how much it matters, on which rows, and its
/// parameters.
pub(super) fn listed(plan: &DatasetPlan) -> String {
    plan.checks.iter().map(line).collect()
}

fn line(planned: &PlannedCheck) -> String {
    let target = &planned.target;
    let location = target
        .location
        .as_ref()
        .expect("every rule stands somewhere");
    let column = target.column.as_deref().unwrap_or("*");
    let severity = match target.severity {
        Severity::Error => String::new(),
        other => format!(" {}", other.as_str()),
    };
    let rows = planned
        .rows
        .as_ref()
        .map_or_else(String::new, |rows| format!(" where {rows}"));
    let slices = if planned.slices.is_empty() {
        String::new()
    } else {
        format!(" by {}", planned.slices.join(", "))
    };
    let counted = target
        .counted_as
        .map_or_else(String::new, |tool| format!(" as {tool}"));
    let parameters = compact(planned.check.parameters());
    format!(
        "{}: {column} {}{severity}{rows}{slices}{counted} {parameters}\n",
        location.line,
        planned.check.requirement().id,
    )
}

/// Parameters without what is absent.
fn compact(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) => members
            .into_iter()
            .map(|(key, member)| (key, compact(member)))
            .filter(|(_, member)| {
                !(member.is_null()
                    || member == &serde_json::json!({})
                    || member == &serde_json::json!({"of": "eligible_rows"})
                    || member == &serde_json::json!(false))
            })
            .collect(),
        other => other,
    }
}

fn unsupported(plan: &DatasetPlan) -> Vec<String> {
    let is = |planned: &&PlannedCheck| planned.check.requirement().id == "unsupported-rule";
    plan.checks.iter().filter(is).map(line).collect()
}

#[test]
fn suites_are_told_apart() {
    for (text, id) in [
        (SODA_CONTRACT, "soda-contract"),
        (SODA_FILTER, "soda-contract"),
        (SODA_LANGUAGE, "sodacl"),
        (DBT, "dbt"),
    ] {
        let contract = Contract::parse("suite.yaml", text).expect("a suite");
        assert_eq!(contract.format().id, id);
    }
}

/// Every rule of the matrix the original tools were run on can be run here, but for those named.
#[test]
fn the_matrix_is_run_as_a_whole() {
    for (text, object, not_run) in [
        (SODA_CONTRACT, None, &[][..]),
        (SODA_FILTER, None, &[][..]),
        (SODA_LANGUAGE, None, &["when wrong column index"][..]),
        (DBT, Some("orders"), &[][..]),
        (DBT, Some("countries"), &[][..]),
    ] {
        let plan = planned(text, object);
        let found = unsupported(&plan);
        assert_eq!(found.len(), not_run.len(), "{found:#?}");
        for (found, part) in found.iter().zip(not_run) {
            assert!(found.contains(part), "{found}");
        }
    }
}

#[test]
fn what_the_matrix_demands() {
    insta::assert_snapshot!("soda-contract", listed(&planned(SODA_CONTRACT, None)));
    insta::assert_snapshot!("soda-filter", listed(&planned(SODA_FILTER, None)));
    insta::assert_snapshot!("sodacl", listed(&planned(SODA_LANGUAGE, None)));
    insta::assert_snapshot!("dbt-orders", listed(&planned(DBT, Some("orders"))));
}

/// The rules a properties file with one test of the model `m` demands, as ids, and why what is not run is
/// not.
fn rules_of_dbt(test: &str, below_column: bool) -> Vec<String> {
    let text = if below_column {
        format!("models: [{{name: m, columns: [{{name: c, data_tests: [{test}]}}]}}]")
    } else {
        format!("models: [{{name: m, data_tests: [{test}]}}]")
    };
    let plan = planned(&text, None);
    let rule = |planned: &PlannedCheck| match planned.check.requirement().id {
        "unsupported-rule" => planned.check.parameters()["why"].to_string(),
        id => id.to_owned(),
    };
    plan.checks.iter().map(rule).collect()
}

/// Every test of dbt-utils and dbt-expectations, with arguments of the kind it takes.
#[test]
fn every_test_of_the_packages_has_its_rule() {
    let cases = include_str!("dbt/cases.txt");
    let mut seen = 0;
    for case in cases
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (test, wanted) = case.split_once(" => ").expect(case);
        let (place, test) = test.split_once(' ').expect(case);
        let found = rules_of_dbt(test, place == "column");
        let found = found.join(" ");
        match wanted.strip_prefix("! ") {
            Some(why) => assert!(
                found.starts_with('"') && found.contains(why),
                "{case}: {found}"
            ),
            None => assert_eq!(found, wanted, "{case}"),
        }
        seen += 1;
    }
    assert!(80 < seen, "{seen}");
}

#[test]
fn sources_have_freshness() {
    let text = "\
sources:
  - name: raw
    loaded_at_field: loaded_at
    freshness: {warn_after: {count: 12, period: hour}, error_after: {count: 2, period: day}}
    tables:
      - name: orders
      - name: items
        freshness: {error_after: {count: 1, period: day}, filter: \"kind = 'x'\"}
      - name: static
        freshness: null
";
    let found = |object| listed(&planned(text, Some(object)));
    assert_eq!(found("raw.orders").matches("freshness").count(), 2);
    assert!(found("items").contains("where `kind` = 'x'"));
    assert!(found("items").contains("\"days_max\":1.0"));
    assert_eq!(found("static"), "");
    assert!(plan(text, Some("other")).is_err());
}

#[test]
fn what_soda_cannot_have_here_is_told_by_rule() {
    let column =
        |checks: &str| format!("dataset: a/b/t\ncolumns:\n  - name: c\n    checks: [{checks}]\n");
    let dataset = |checks: &str| format!("dataset: a/b/t\ncolumns: []\nchecks: [{checks}]\n");
    let lines = |checks: &str| format!("checks for t:\n{checks}\n");
    for (text, part) in [
        (column("uniqueness: "), "no such check"),
        (
            column("missing: {threshhold: {must_be: 1}}"),
            "`threshhold`",
        ),
        (
            column("missing: {filter: \"${var.x} = 1\"}"),
            "`var.x` has no value",
        ),
        (
            column("missing: {column_expression: \"c::int\"}"),
            "column_expression",
        ),
        (column("invalid: "), "nothing says which values"),
        (column("aggregate: {function: avg}"), "needs a `threshold`"),
        (
            column("aggregate: {function: mode, threshold: {must_be: 1}}"),
            "`mode`",
        ),
        (column("row_count: "), "of the dataset"),
        (
            dataset("freshness: {column: c, threshold: {must_be_greater_than: 1}}"),
            "less than",
        ),
        (dataset("row_count: {scope: eu}"), "`eu` is not declared"),
        (
            dataset("failed_rows: {query: select 1, threshold: {metric: percent, must_be: 0}}"),
            "percentage",
        ),
        (
            lines("  - anomaly score for row_count < default"),
            "Soda Cloud",
        ),
        (
            lines("  - change avg last 7 for row_count < 50"),
            "Soda Cloud",
        ),
        (
            lines(
                "  - distribution_difference(c) > 0.05:\n      distribution reference file: x.yml",
            ),
            "drift",
        ),
        (
            lines("  - invalid_count(c) = 0:\n      valid format: money"),
            "`money`",
        ),
        (lines("  - mode(c) = 0"), "no metric `mode`"),
        (
            lines("  - schema:\n      fail: {when schema changes: any}"),
            "data diff",
        ),
        (
            lines("  - group by:\n      query: select 1"),
            "groups of a query",
        ),
        (
            lines("  - avg(c) < 1:\n      unknown key: 1"),
            "`unknown key`",
        ),
        (
            "checks for t [f]:\n  - row_count > 0\n".to_owned(),
            "`f` is not declared",
        ),
    ] {
        let plan = planned(&text, None);
        let found = unsupported(&plan);
        assert_eq!(
            (found.len(), plan.checks.len()),
            (1, 1),
            "{text}: {found:?}"
        );
        assert!(found[0].contains(part), "{text}: {}", found[0]);
    }
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    for (text, place, part) in [
        (
            "checks for t:\n  - row_count >> 5\n",
            "suite.yaml:2:16",
            "expected a number",
        ),
        (
            "checks for t:\n  - avg(c) < 5 or 6\n",
            "suite.yaml:2:16",
            "did not expect",
        ),
        (
            "checks for t:\n  - row_count > 0\nchecks four t: []\n",
            "suite.yaml:3:1",
            "unknown section",
        ),
        (
            "checks for a: [row_count > 0]\nchecks for b: [row_count > 0]\n",
            "suite.yaml:1:1",
            "several tables",
        ),
        (
            "dataset: a/t\ncolumns:\n  - {name: c}\n  - {name: c}\n",
            "suite.yaml:4:5",
            "described twice",
        ),
        (
            "dataset: a/t\ncolumns:\n  - name: c\n    checks: [missing]\n",
            "suite.yaml:4:14",
            "with a colon",
        ),
        (
            "models:\n  - name: m\n    columns: [{name: c, tests: [[unique]]}]\n",
            "suite.yaml:3:33",
            "a test is a name",
        ),
        (
            "models: [{name: m}, {name: n}]\n",
            "suite.yaml:1:1",
            "several models",
        ),
    ] {
        let problems = plan(text, None).expect_err(text);
        let shown = render(&problems, text);
        assert!(
            shown.contains(place) && shown.contains(part),
            "{text}: {shown}"
        );
    }
}

#[test]
fn a_scope_takes_the_place_of_the_filter() {
    let text = "\
dataset: a/t
filter: x > 1
scopes: {eu: {name: Europe, filter: \"region = 'EU'\"}}
variables: {n: {default: 3}}
columns: []
checks:
  - row_count: {scope: eu, filter: \"y = ${var.n}\"}
  - row_count:
";
    let plan = planned(text, None);
    let rows: Vec<String> = plan
        .checks
        .iter()
        .filter_map(|planned| planned.rows.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(rows, ["`region` = 'EU' and `y` = 3", "`x` > 1"]);
}
