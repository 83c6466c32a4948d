//! What a contract of the Open Data Contract Standard demands, key by key.

use serde_json::json;

use super::formats::strftime;
use crate::checks::PlannedCheck;
use crate::contract::{Contract, DatasetPlan, PlanRequest, Problem, render};
use crate::evidence::Severity;

fn text(version: &str, schema: &str, rest: &str) -> String {
    format!(
        "apiVersion: {version}\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\n{rest}schema:\n{schema}"
    )
}

fn plan_text(text: &str, object: &str) -> Result<DatasetPlan, Vec<Problem>> {
    let request = PlanRequest {
        dataset: "my-data",
        object: Some(object),
        as_of: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
        environment: None,
    };
    Contract::parse("c.yaml", text)?.plan(&request)
}

#[track_caller]
fn plan(version: &str, schema: &str, rest: &str) -> Vec<PlannedCheck> {
    let text = text(version, schema, rest);
    match plan_text(&text, "t") {
        Ok(plan) => plan.checks,
        Err(problems) => panic!("{}", render(&problems, &text)),
    }
}

/// The checks of a property besides its presence and its type.
#[track_caller]
fn of_property(property: &str) -> Vec<(&'static str, serde_json::Value)> {
    of_version("v3.1.0", property)
}

#[track_caller]
fn of_version(version: &str, property: &str) -> Vec<(&'static str, serde_json::Value)> {
    let schema = format!("  - name: t\n    properties:\n      - {property}\n");
    let found = plan(version, &schema, "");
    let found = found.iter().map(|planned| {
        let check = &planned.check;
        (check.requirement().id, check.parameters())
    });
    found
        .filter(|(id, _)| !["column-presence", "column-type"].contains(id))
        .collect()
}

fn problems(schema: &str) -> String {
    let text = text("v3.1.0", schema, "");
    match plan_text(&text, "t") {
        Ok(plan) => panic!("no problem: {plan:?}"),
        Err(problems) => render(&problems, &text),
    }
}

#[track_caller]
fn demands(property: &str, id: &str, parameters: &[(&str, serde_json::Value)]) {
    let found = of_property(property);
    let check = found.iter().find(|(found, _)| *found == id);
    let Some((_, check)) = check else {
        panic!("{property} demands {found:?}");
    };
    for (key, value) in parameters {
        assert_eq!(&check[key], value, "{property}: {check}");
    }
}

#[test]
fn type_options_become_checks() {
    demands(
        "{name: a, logicalType: integer, logicalTypeOptions: {multipleOf: 5}}",
        "value-multiple",
        &[("step", json!(5.0))],
    );
    demands(
        "{name: a, logicalType: integer, logicalTypeOptions: {format: u8}}",
        "value-range",
        &[("minimum", json!(0)), ("maximum", json!(255))],
    );
    demands(
        "{name: a, logicalType: string, logicalTypeOptions: {format: email}}",
        "value-format",
        &[("format", json!("email"))],
    );
    demands(
        "{name: a, logicalType: string, logicalTypeOptions: {format: byte}}",
        "value-pattern",
        &[("anchor", json!("whole"))],
    );
    demands(
        "{name: a, logicalType: string, logicalTypeOptions: {format: iban}}",
        "unsupported-rule",
        &[],
    );
    demands(
        "{name: a, logicalType: timestamp, logicalTypeOptions: {defaultTimezone: Europe/Oslo}}",
        "unsupported-rule",
        &[],
    );
    demands(
        "{name: a, logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy}}",
        "date-format",
        &[("format", json!("%d.%m.%Y"))],
    );
    assert_eq!(
        of_property("{name: a, logicalType: string, logicalTypeOptions: {format: password}}"),
        []
    );
}

#[test]
fn patterns_of_dates_become_forms_of_strftime() {
    for (pattern, expected) in [
        ("yyyy-MM-dd", Some("%Y-%m-%d")),
        (
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            Some("%Y-%m-%dT%H:%M:%S.%3f%:z"),
        ),
        (
            "EEE, d MMM uuuu hh 'o''clock' a",
            Some("%a, %-d %b %Y %I o'clock %p"),
        ),
        ("HH:mm:ss", Some("%H:%M:%S")),
        ("yyyy-'unclosed", None),
        ("yyyy[-MM]", None),
        ("w", None),
    ] {
        assert_eq!(strftime(pattern).as_deref(), expected, "{pattern}");
    }
}

#[test]
fn lists_and_records_are_held_against_a_json_schema() {
    demands(
        "{name: a, logicalType: array, logicalTypeOptions: {minItems: 1, uniqueItems: true}, items: {logicalType: integer}}",
        "value-format",
        &[(
            "format",
            json!({"json_schema": {
                "type": "array",
                "minItems": 1,
                "uniqueItems": true,
                "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            }}),
        )],
    );
    demands(
        "{name: a, logicalType: object, logicalTypeOptions: {required: [y]}, properties: [{name: b, physicalName: c, logicalType: string, required: true, logicalTypeOptions: {maxLength: 3}}]}",
        "value-format",
        &[(
            "format",
            json!({"json_schema": {
                "type": "object",
                "properties": {"c": {"type": "string", "maxLength": 3}},
                "required": ["y", "c"],
            }}),
        )],
    );
    demands(
        "{name: a, logicalType: object, properties: [{name: b, logicalType: string, logicalTypeOptions: {format: email}}]}",
        "unsupported-rule",
        &[],
    );
    // A rule inside is told to be out of reach.
    demands(
        "{name: a, logicalType: object, properties: [{name: b, unique: true}]}",
        "unsupported-rule",
        &[],
    );
}

#[test]
fn version_3_0_is_read_by_its_own_schema() {
    let range = "{name: a, logicalType: integer, logicalTypeOptions: {minimum: 0, exclusiveMinimum: true, maximum: 9}}";
    let found = of_version("v3.0.2", range);
    assert_eq!(found[0].1["exclusive_minimum"], json!(0));
    assert_eq!(found[0].1["maximum"], json!(9));
    let rules = "{name: a, quality: [{rule: duplicateCount, mustBe: 0}, {rule: validValues, validValues: [1, 2]}, {rule: looksNice, mustBe: 1}]}";
    let ids: Vec<&str> = of_version("v3.0.2", rules)
        .iter()
        .map(|(id, _)| *id)
        .collect();
    assert_eq!(ids, ["uniqueness", "accepted-values", "unsupported-rule"]);
    // What came with 3.1 is read in a contract that still says 3.0.
    let newer = "{name: a, quality: [{metric: nullValues, mustBe: 0}]}";
    assert_eq!(of_version("v3.0.2", newer)[0].0, "null-fraction");
    let wrong = "{name: a, logicalType: integer, logicalTypeOptions: {exclusiveMinimum: true}}";
    assert!(
        problems(&format!("  - name: t\n    properties:\n      - {wrong}\n")).contains("number"),
        "a boolean end is of version 3.0"
    );
}

const TWO: &str = "  - name: t
    id: t_id
    properties:
      - {name: owner, physicalName: OWNER_ID, relationships: [{to: u.id}]}
      - {name: a, id: a_id}
    relationships:
      - {from: [t.owner, t.a], to: [u.id, u.b]}
      - {from: /schema/t_id/properties/a_id, to: /schema/u_id/properties/id}
  - name: u
    id: u_id
    properties:
      - {name: id, physicalName: ID}
      - {name: b}
";

#[test]
fn relationships_look_keys_up() {
    let found = plan("v3.1.0", TWO, "");
    let lookups: Vec<serde_json::Value> = found
        .iter()
        .filter(|planned| planned.check.requirement().id == "referential-integrity")
        .map(|planned| planned.check.parameters())
        .collect();
    let sides: Vec<_> = lookups
        .iter()
        .map(|lookup| {
            (
                &lookup["columns"],
                &lookup["dataset"],
                &lookup["columns_there"],
            )
        })
        .collect();
    let u = json!("u");
    assert_eq!(
        sides,
        [
            (&json!(["OWNER_ID"]), &u, &json!(["ID"])),
            (&json!(["OWNER_ID", "a"]), &u, &json!(["ID", "b"])),
            (&json!(["a"]), &u, &json!(["ID"])),
        ]
    );
    assert!(problems(&TWO.replace("to: u.id", "to: u.gone")).contains("no property `u.gone`"));
    assert!(problems(&TWO.replace("from: [t.owner", "from: [u.id")).contains("its own properties"));
}

#[test]
fn queries_get_their_names() {
    for (query, expected) in [
        (
            "select count(*) from {object} where {property} < 0",
            "select count(*) from \"my-data\" where a < 0",
        ),
        (
            "select max(${column}) from ${table}",
            "select max(a) from \"my-data\"",
        ),
    ] {
        let rule =
            format!("{{name: a, quality: [{{type: sql, query: \"{query}\", mustBeLessThan: 3}}]}}");
        demands(
            &rule,
            "sql-rule",
            &[
                ("query", json!(expected)),
                ("bound", json!({"less_than": 3.0})),
            ],
        );
    }
    let unknown = "  - name: t\n    properties:\n      - {name: a, quality: [{type: sql, query: \"select ${x}\", mustBe: 3}]}\n";
    assert!(problems(unknown).contains("`${x}`"));
    let no_number = unknown
        .replace("select ${x}", "select 1")
        .replace("mustBe: 3", "mustBe: yes");
    assert!(problems(&no_number).contains("operator with a number"));
}

#[test]
fn service_levels_bound_ages() {
    let levels = "slaProperties:
  - {property: freshness, element: t.at, value: 12, unit: h}
  - {property: retention, element: t.at, value: 1, unit: y}
  - {property: freshness, element: other.at, value: 1, unit: d}
  - {property: availability, value: 99}
";
    let schema = "  - name: t\n    properties:\n      - {name: at, physicalName: AT}\n";
    let found = plan("v3.1.0", schema, levels);
    let ages: Vec<_> = found
        .iter()
        .skip(1)
        .map(|planned| {
            let check = &planned.check;
            let days = check.parameters()["days_max"].as_f64();
            (
                check.requirement().id,
                planned.target.column.as_deref(),
                days,
            )
        })
        .collect();
    assert_eq!(
        ages,
        [
            ("freshness", Some("AT"), Some(0.5)),
            ("retention", Some("AT"), Some(365.25)),
        ]
    );
}

#[test]
fn own_rules_speak_of_rows_and_slices() {
    let rule = |more: &str| {
        format!(
            "  - name: t\n    properties:\n      - name: a\n        quality:\n          - type: custom\n            engine: proofmark\n            implementation: {{check: mean, bound: {{at_least: 1}}{more}}}\n"
        )
    };
    let found = plan("v3.1.0", &rule(", where: b > 0, by: [c, d]"), "");
    let planned = found.last().expect("a check");
    assert_eq!(
        planned.rows.as_ref().map(ToString::to_string).as_deref(),
        Some("`b` > 0")
    );
    assert_eq!(planned.target.rows.as_deref(), Some("b > 0"));
    assert_eq!(planned.slices, ["c", "d"]);
    assert!(problems(&rule(", where: now() > b")).contains("the clock"));
    assert!(problems(&rule(", where: 3")).contains("an SQL expression"));
    assert!(problems(&rule(", by: 3")).contains("names of at most"));
}

#[test]
fn traps_of_the_standard_are_noted_once() {
    let schema = "  - name: t\n    properties:\n      - {name: a, quality: [{metric: nullValues, mustBeBetween: [0, 5]}, {metric: nullValues, mustBeBetween: [0, 6]}, {metric: duplicateValues, unit: percent, mustBeLessThan: 5}]}\n";
    let found = plan("v3.1.0", schema, "");
    let notes: Vec<_> = found
        .iter()
        .filter(|planned| planned.check.requirement().id == "contract-note")
        .collect();
    assert_eq!(notes.len(), 3);
    assert!(
        notes
            .iter()
            .all(|note| note.target.severity == Severity::Info)
    );
    // No duplicate at all is the same demand however they are counted.
    let none = "  - name: t\n    properties:\n      - {name: a, quality: [{metric: duplicateValues, unit: percent, mustBe: 0}]}\n";
    let found = plan("v3.1.0", none, "");
    assert!(
        found
            .iter()
            .all(|planned| planned.check.requirement().id != "contract-note")
    );
}

#[test]
fn percentages_are_divided_as_decimals() {
    let rule =
        "{name: a, quality: [{metric: nullValues, unit: percent, mustBeLessOrEqualTo: 0.7}]}";
    demands(
        rule,
        "null-fraction",
        &[("fraction", json!({"at_most": 0.007}))],
    );
}

#[test]
fn accepted_values_keep_their_types() {
    let rule = "{name: a, quality: [{metric: invalidValues, arguments: {validValues: [1, 'x', true]}, mustBe: 0}]}";
    demands(
        rule,
        "accepted-values",
        &[("values", json!([1, "x", true]))],
    );
}

#[test]
fn rules_that_no_data_could_keep_are_problems_of_the_contract() {
    let rule = |parameters: &str| {
        format!("quality: [{{type: custom, engine: proofmark, implementation: {{{parameters}}}}}]")
    };
    let cases = [
        (
            "check: value-pattern, pattern: '('",
            "the pattern `(` cannot be run",
        ),
        (
            "check: value-patterns, patterns: ['[']",
            "the pattern `[` cannot be run",
        ),
        (
            "check: row-condition, condition: 'amount > '",
            "the expression `amount > `",
        ),
        (
            "check: quantile, fraction: 1.5, bound: {at_most: 1}",
            "1.5 is no fraction: `fraction` lies between 0 and 1",
        ),
        (
            "check: null-fraction, fraction: {at_most: 5}",
            "5 is no fraction: `fraction` lies between 0 and 1",
        ),
        (
            "check: value-pattern, pattern: a, tolerance: {fraction: {at_most: 50}}",
            "50 is no fraction: `fraction` lies between 0 and 1",
        ),
        (
            "check: value-pattern, pattern: a, tolerance: {passing: {at_least: -0.5}}",
            "-0.5 is no fraction: `passing` lies between 0 and 1",
        ),
        (
            "check: mean, bound: {between: [3, 1]}",
            "the smaller number comes first in a range",
        ),
    ];
    for (parameters, expected) in cases {
        let rule = rule(parameters);
        let found = problems(&format!(
            "  - name: t\n    properties:\n      - {{name: a, {rule}}}\n"
        ));
        assert!(found.contains(expected), "{parameters}: {found}");
        assert!(found.contains(" --> c.yaml:"), "{found}");
    }
    let rule = rule("check: mean, bound: {between: [1, 3]}");
    let found = problems(&format!(
        "  - name: t\n    properties: [{{name: a}}]\n    {rule}\n"
    ));
    assert!(
        found.contains("`mean` speaks of a column; write it below a property"),
        "{found}"
    );
}

#[test]
fn a_column_is_described_once() {
    let found = problems("  - name: t\n    properties: [{name: a}, {name: b}, {name: a}]\n");
    assert!(
        found.contains("two properties speak of the column `a`"),
        "{found}"
    );
}
