//! Every kind of check has a met, a not-met and a not-evaluated case, over one small table.

use serde_json::json;

use super::*;
use crate::evidence::Outcome;
use crate::measure::{ColumnFacts, LogicalType};

/// What a case expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Expected {
    Met,
    NotMet,
    NotEvaluated,
}

use Expected::{Met, NotEvaluated, NotMet};

fn facts() -> TableFacts {
    let column = |name: &str, logical_type, physical_type: &str| ColumnFacts {
        name: name.to_owned(),
        logical_type: Some(logical_type),
        physical_type: physical_type.to_owned(),
    };
    TableFacts {
        row_count: 10,
        columns: vec![
            column("age", LogicalType::Integer, "i64"),
            column("name", LogicalType::String, "str"),
        ],
        typed: true,
    }
}

fn rows(count: u64, eligible: u64) -> Measured {
    Measured::Failing(FailingRows {
        count,
        eligible,
        examples: vec![crate::evidence::RowExample {
            row_number: 3,
            value: Some("secret".into()),
            masked: false,
        }],
    })
}

fn moments(mean: Option<f64>) -> Measured {
    Measured::Moments(crate::measure::Moments {
        count: if mean.is_some() { 10 } else { 0 },
        mean: mean.unwrap_or(f64::NAN),
        ..Default::default()
    })
}

/// `surplus` of `rows` rows repeat one key.
fn repeated(surplus: u64, rows: u64) -> Measured {
    Measured::Groups(Groups {
        rows,
        distinct: rows - surplus,
        repeated: u64::from(0 < surplus),
        rows_of_repeated: if surplus == 0 { 0 } else { surplus + 1 },
        ..Default::default()
    })
}

fn failed() -> Measured {
    Measured::Failed(Reason::Undefined, "the column is missing".into())
}

fn newest(text: &str) -> Measured {
    Measured::Newest(freshness::instant(text))
}

fn target(column: Option<&str>) -> Target {
    Target {
        dataset: "d".into(),
        column: column.map(str::to_owned),
        personal: true,
        severity: Severity::Error,
        location: None,
        rows: None,
        counted_as: None,
    }
}

/// Check, parameters, column, what the engine measured, what is expected.
type Case = (
    &'static str,
    serde_json::Value,
    Option<&'static str>,
    Vec<Measured>,
    Expected,
);

fn cases() -> Vec<Case> {
    let age = Some("age");
    let name = Some("name");
    let fresh = json!({"days_max": 7.0, "as_of": "2026-01-10T00:00:00Z"});
    vec![
        (
            "accepted-values",
            json!({"values": ["a"]}),
            name,
            vec![rows(0, 9)],
            Met,
        ),
        (
            "accepted-values",
            json!({"values": ["a"]}),
            name,
            vec![rows(0, 0)],
            Met,
        ),
        (
            "accepted-values",
            json!({"values": ["a"]}),
            name,
            vec![rows(1, 9)],
            NotMet,
        ),
        (
            "accepted-values",
            json!({"values": ["a"], "tolerance": {"rows": {"at_most": 1.0}}}),
            name,
            vec![rows(1, 9)],
            Met,
        ),
        (
            "accepted-values",
            json!({"values": ["a"], "tolerance": {"fraction": {"at_most": 0.1}}}),
            name,
            vec![rows(1, 9)],
            NotMet,
        ),
        (
            "accepted-values",
            json!({"values": ["a"]}),
            name,
            vec![failed()],
            NotEvaluated,
        ),
        ("column-presence", json!({}), age, vec![], Met),
        ("column-presence", json!({}), Some("agee"), vec![], NotMet),
        (
            "column-type",
            json!({"logical_type": "integer"}),
            age,
            vec![rows(0, 9)],
            Met,
        ),
        (
            "column-type",
            json!({"logical_type": "number"}),
            age,
            vec![rows(0, 9)],
            Met,
        ),
        (
            "column-type",
            json!({"logical_type": "date"}),
            age,
            vec![rows(0, 9)],
            NotMet,
        ),
        (
            "column-type",
            json!({"logical_type": "date"}),
            Some("gone"),
            vec![failed()],
            NotEvaluated,
        ),
        (
            "duplicate-rows",
            json!({}),
            None,
            vec![repeated(0, 10)],
            Met,
        ),
        (
            "duplicate-rows",
            json!({}),
            None,
            vec![repeated(2, 10)],
            NotMet,
        ),
        (
            "duplicate-rows",
            json!({}),
            None,
            vec![failed()],
            NotEvaluated,
        ),
        (
            "freshness",
            fresh.clone(),
            age,
            vec![newest("2026-01-05")],
            Met,
        ),
        (
            "freshness",
            fresh.clone(),
            age,
            vec![newest("2026-01-02T23:59:59Z")],
            NotMet,
        ),
        (
            "freshness",
            fresh.clone(),
            age,
            vec![newest("2026-01-11")],
            NotMet,
        ),
        (
            "freshness",
            fresh,
            age,
            vec![Measured::Newest(None)],
            NotEvaluated,
        ),
        (
            "mean",
            json!({"bound": {"between": [1.0, 2.0]}}),
            age,
            vec![moments(Some(1.5))],
            Met,
        ),
        (
            "mean",
            json!({"bound": {"between": [1.0, 2.0]}}),
            age,
            vec![moments(Some(2.5))],
            NotMet,
        ),
        (
            "mean",
            json!({"bound": {"at_most": 2.0}}),
            age,
            vec![moments(None)],
            NotEvaluated,
        ),
        (
            "mean",
            json!({"bound": {"at_most": 2.0}}),
            age,
            vec![moments(Some(f64::NAN))],
            NotEvaluated,
        ),
        (
            "missing-values",
            json!({"values": ["n/a"]}),
            name,
            vec![rows(0, 10)],
            Met,
        ),
        (
            "missing-values",
            json!({"values": ["n/a"]}),
            name,
            vec![rows(1, 10)],
            NotMet,
        ),
        (
            "missing-values",
            json!({"values": ["n/a"]}),
            name,
            vec![failed()],
            NotEvaluated,
        ),
        (
            "null-fraction",
            json!({}),
            age,
            vec![Measured::Count(0)],
            Met,
        ),
        (
            "null-fraction",
            json!({"fraction": {"at_most": 0.1}}),
            age,
            vec![Measured::Count(1)],
            Met,
        ),
        (
            "null-fraction",
            json!({"fraction": {"at_most": 0.1}}),
            age,
            vec![Measured::Count(2)],
            NotMet,
        ),
        (
            "null-fraction",
            json!({"rows": {"less_than": 2.0}}),
            age,
            vec![Measured::Count(2)],
            NotMet,
        ),
        (
            "null-fraction",
            json!({}),
            age,
            vec![failed()],
            NotEvaluated,
        ),
        (
            "quantile",
            json!({"fraction": 0.5, "bound": {"at_least": 3.0}}),
            age,
            vec![Measured::Number(Some(3.0))],
            Met,
        ),
        (
            "quantile",
            json!({"fraction": 0.5, "bound": {"at_least": 3.0}}),
            age,
            vec![Measured::Number(Some(2.9))],
            NotMet,
        ),
        (
            "quantile",
            json!({"fraction": 1.5, "bound": {"at_least": 3.0}}),
            age,
            vec![],
            NotEvaluated,
        ),
        (
            "row-count",
            json!({"rows": {"at_least": 10.0}}),
            None,
            vec![],
            Met,
        ),
        (
            "row-count",
            json!({"rows": {"at_least": 11.0}}),
            None,
            vec![],
            NotMet,
        ),
        (
            "row-count",
            json!({"rows": {"at_least": f64::MAX}}),
            None,
            vec![],
            NotMet,
        ),
        ("uniqueness", json!({}), age, vec![repeated(0, 10)], Met),
        (
            "uniqueness",
            json!({"columns": ["age", "name"]}),
            None,
            vec![repeated(1, 10)],
            NotMet,
        ),
        ("uniqueness", json!({}), age, vec![failed()], NotEvaluated),
        (
            "unsupported-rule",
            json!({"why": "an SQL rule"}),
            None,
            vec![],
            NotEvaluated,
        ),
        (
            "value-length",
            json!({"minimum": 1, "maximum": 3}),
            name,
            vec![rows(0, 9)],
            Met,
        ),
        (
            "value-length",
            json!({"minimum": 1}),
            name,
            vec![rows(1, 9)],
            NotMet,
        ),
        (
            "value-length",
            json!({"maximum": 1}),
            name,
            vec![failed()],
            NotEvaluated,
        ),
        (
            "value-pattern",
            json!({"pattern": "^a"}),
            name,
            vec![rows(0, 9)],
            Met,
        ),
        (
            "value-pattern",
            json!({"pattern": "^a"}),
            name,
            vec![rows(1, 9)],
            NotMet,
        ),
        (
            "value-pattern",
            json!({"pattern": "(?=look)"}),
            name,
            vec![],
            NotEvaluated,
        ),
        (
            "value-range",
            json!({"minimum": 1}),
            age,
            vec![rows(0, 9)],
            Met,
        ),
        (
            "value-range",
            json!({"exclusive_maximum": "2026-01-01"}),
            age,
            vec![rows(1, 9)],
            NotMet,
        ),
        (
            "value-range",
            json!({"minimum": "soon"}),
            age,
            vec![],
            NotEvaluated,
        ),
    ]
}

#[test]
fn every_kind_has_its_three_cases() {
    for (id, parameters, column, measured, expected) in cases() {
        let kind = find(id).unwrap_or_else(|| panic!("no check `{id}`"));
        let check =
            (kind.parse)(parameters.clone()).unwrap_or_else(|error| panic!("{id}: {error}"));
        let target = target(column);
        assert_eq!(
            check.measures(&target).len(),
            measured.len(),
            "{id} {parameters}"
        );
        let evidence = check.judge(&target, &facts(), &measured);
        assert_eq!(evidence.len(), 1, "{id}");
        let found = match evidence[0].outcome {
            Outcome::Met => Met,
            Outcome::NotMet => NotMet,
            Outcome::NotEvaluated(_) => NotEvaluated,
        };
        assert_eq!(
            found, expected,
            "{id} {parameters}: {}",
            evidence[0].message
        );
        assert_eq!(evidence[0].requirement.as_str(), id);
        assert!(!evidence[0].message.contains("secret"), "{id}");
    }
}

/// What a kind can never say, with the reason.
const IMPOSSIBLE: &[(&str, Expected)] = &[
    // A schema is always known once a file can be opened.
    ("column-presence", NotEvaluated),
    ("row-count", NotEvaluated),
    // It exists to say that nothing was evaluated.
    ("unsupported-rule", Met),
    ("unsupported-rule", NotMet),
];

#[test]
fn a_new_kind_without_cases_is_noticed() {
    let cases = cases();
    for kind in CHECKS {
        let id = kind.requirement.id;
        if ml::tests::has_all_cases(id) {
            continue;
        }
        for expected in [Met, NotMet, NotEvaluated] {
            let covered = cases.iter().any(|case| case.0 == id && case.4 == expected);
            assert!(
                covered || IMPOSSIBLE.contains(&(id, expected)),
                "`{id}` has no {expected:?} case"
            );
        }
    }
}

#[test]
fn values_of_personal_columns_are_masked() {
    let check = AcceptedValues {
        values: vec![],
        tolerance: Tolerance::none(),
    };
    let mut target = target(Some("name"));
    let example = |target: &Target| {
        let evidence = check.judge(target, &facts(), &[rows(1, 1)]);
        evidence[0].failing_rows.clone().expect("rows").examples[0].clone()
    };
    assert_eq!(
        (example(&target).value, example(&target).masked),
        (None, true)
    );
    target.personal = false;
    assert_eq!(example(&target).value.as_deref(), Some("secret"));
}

#[test]
fn the_schema_of_every_kind_is_closed() {
    for kind in CHECKS {
        let schema = (kind.schema)().to_value();
        assert_eq!(
            schema["additionalProperties"],
            json!(false),
            "{}",
            kind.requirement.id
        );
    }
}
