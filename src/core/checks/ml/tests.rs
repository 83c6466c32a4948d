//! Every kind has a met, a not-met and a not-evaluated case; numbers agree with the references that
//! `fixtures/ml-checks/make.py` names.

mod cases;
mod golden;
mod meaning;

use serde_json::Value as Json;

use super::super::{Check, find};
use super::*;
use crate::evidence::{Outcome, Severity};
use crate::measure::{ColumnFacts, LogicalType, TableFacts};

/// What a case expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Met,
    NotMet,
    NotEvaluated,
}

/// Check, parameters, what the engine measured, what is expected.
type Case = (&'static str, Json, Vec<Measured>, Expected);

/// What a kind can never say: a schema is always known once a file can be opened.
const NEVER_UNEVALUATED: &[&str] = &["schema-skew", "personal-names"];

/// Whether a kind is one of these and has a case of every outcome.
pub(in super::super) fn has_all_cases(id: &str) -> bool {
    let cases = cases::cases();
    let has = |expected| cases.iter().any(|case| case.0 == id && case.3 == expected);
    has(Expected::Met)
        && has(Expected::NotMet)
        && (has(Expected::NotEvaluated) || NEVER_UNEVALUATED.contains(&id))
}

fn facts() -> TableFacts {
    let column = |name: &str, logical_type| ColumnFacts {
        name: name.to_owned(),
        logical_type: Some(logical_type),
        physical_type: "x".to_owned(),
    };
    TableFacts {
        row_count: 100,
        columns: vec![
            column("amount", LogicalType::Number),
            column("city", LogicalType::String),
            column("latitude", LogicalType::Number),
        ],
        typed: true,
    }
}

fn target() -> Target {
    Target {
        dataset: "test".into(),
        column: Some("amount".into()),
        personal: true,
        severity: Severity::Error,
        ..Target::default()
    }
}

fn check(id: &str, parameters: &Json) -> Box<dyn Check> {
    let kind = find(id).unwrap_or_else(|| panic!("no check `{id}`"));
    (kind.parse)(parameters.clone()).unwrap_or_else(|error| panic!("{id}: {error}"))
}

fn judge(id: &str, parameters: &Json, measured: &[Measured]) -> Vec<Evidence> {
    let check = check(id, parameters);
    let wanted = check.measures(&target()).len();
    assert_eq!(wanted, measured.len(), "{id} {parameters}");
    check.judge(&target(), &facts(), measured)
}

#[test]
fn every_kind_has_its_three_cases() {
    for (id, parameters, measured, expected) in cases::cases() {
        let evidence = judge(id, &parameters, &measured);
        assert_eq!(evidence.len(), 1, "{id}");
        let record = &evidence[0];
        let found = match record.outcome {
            Outcome::Met => Expected::Met,
            Outcome::NotMet => Expected::NotMet,
            Outcome::NotEvaluated(_) => Expected::NotEvaluated,
        };
        assert_eq!(found, expected, "{id} {parameters}: {}", record.message);
        assert_eq!(record.requirement.as_str(), id);
        let shown = record.failing_rows.iter().flat_map(|rows| &rows.examples);
        assert!(
            !record.message.contains("secret"),
            "{id}: {}",
            record.message
        );
        assert!(shown.into_iter().all(|row| row.value.is_none()), "{id}");
    }
}

#[test]
fn what_could_not_be_measured_is_never_met() {
    for (id, parameters, measured, _) in cases::cases() {
        let failed =
            vec![Measured::Failed(Reason::UnreadableInput, "it is gone".into()); measured.len()];
        if failed.is_empty() {
            continue;
        }
        for record in judge(id, &parameters, &failed) {
            let outcome = Outcome::NotEvaluated(Reason::UnreadableInput);
            assert_eq!(record.outcome, outcome, "{id}: {}", record.message);
            assert!(record.message.contains("it is gone"), "{id}");
        }
        // One that is missing is not passed over either.
        for place in 0..measured.len() {
            let mut partly = measured.clone();
            partly[place] = failed[0].clone();
            let records = judge(id, &parameters, &partly);
            assert!(
                records.iter().all(|record| record.outcome != Outcome::Met),
                "{id} {place}"
            );
        }
    }
}
