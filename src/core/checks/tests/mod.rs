//! Every kind of check has a met, a not-met and a not-evaluated case, over one small table.

mod conditions;
mod datasets;
mod first;
mod groups;
mod mapping;
mod numbers;
mod order;
mod rows;
mod schema;
mod statistics;
mod values;

use serde_json::json;

use super::*;
use crate::evidence::{FailingRows, Outcome, Reason, Severity};
use crate::measure::{ColumnFacts, Groups, LogicalType};

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
            is_null: false,
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

/// This many different values, each once.
fn different(distinct: u64) -> Measured {
    Measured::Groups(Groups {
        rows: distinct,
        distinct,
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

/// A case that is met, one that is not, and one whose measurement failed.
fn three(
    id: &'static str,
    parameters: serde_json::Value,
    column: Option<&'static str>,
    met: Vec<Measured>,
    not_met: Vec<Measured>,
) -> Vec<Case> {
    let broken = vec![failed(); met.len()];
    vec![
        (id, parameters.clone(), column, met, Met),
        (id, parameters.clone(), column, not_met, NotMet),
        (id, parameters, column, broken, NotEvaluated),
    ]
}

fn cases() -> Vec<Case> {
    let families = [
        first::cases(),
        values::cases(),
        rows::cases(),
        order::cases(),
        statistics::cases(),
        groups::cases(),
        schema::cases(),
        datasets::cases(),
    ];
    families.into_iter().flatten().collect()
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
    ("column-count", NotEvaluated),
    ("column-order", NotEvaluated),
    ("column-set", NotEvaluated),
    ("column-presence", NotEvaluated),
    ("row-count", NotEvaluated),
    // It remarks on the contract, not on data.
    ("contract-note", Met),
    ("contract-note", NotEvaluated),
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
        ..AcceptedValues::default()
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
