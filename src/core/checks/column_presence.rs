//! The columns of the contract must be there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Evidence, Outcome};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "column-presence",
    summary: "Every column of the contract exists in the dataset.",
    remedy: "Restore the column upstream, or remove it from the contract.",
    references: &["Open Data Contract Standard 3.1: schema `properties`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Names are compared by Unicode scalar value, case and all. Needs no data.";

/// The column must exist.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnPresence {}

impl Check for ColumnPresence {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        Vec::new()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, _: &[Measured]) -> Vec<Evidence> {
        let name = target.column_name();
        let (outcome, message) = if facts.column(&name).is_some() {
            (Outcome::Met, format!("{} exists", target.subject()))
        } else {
            let closest = facts
                .columns
                .iter()
                .map(|column| (strsim::damerau_levenshtein(&column.name, &name), column))
                .filter(|(distance, _)| *distance <= 2.max(name.chars().count() / 3))
                .min_by_key(|(distance, _)| *distance);
            let hint = match closest {
                Some((_, column)) => format!("; the closest column is `{}`", column.name),
                None => String::new(),
            };
            (
                Outcome::NotMet,
                format!("{} is missing{hint}", target.subject()),
            )
        };
        target.finish(Evidence::new(
            REQUIREMENT.id,
            target.subject(),
            outcome,
            message,
        ))
    }
}
