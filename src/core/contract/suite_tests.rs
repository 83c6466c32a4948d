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
