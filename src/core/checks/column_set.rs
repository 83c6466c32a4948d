//! Which columns a dataset must have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "column-set",
    summary: "The set of columns relates to the list as demanded.",
    remedy: "Restore the schema upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_table_columns_to_match_set",
        "dbt-expectations: expect_table_columns_to_contain_set, _to_not_contain_set, _to_match_set",
        "Soda: schema `allow_extra_columns`",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Names are compared by Unicode scalar value, case and all, unless the parameter says otherwise. Needs no data.";

/// The columns of a dataset.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnSet {
    /// The list of names.
    pub columns: Vec<String>,
    /// How the columns and the list relate.
    #[serde(default)]
    pub relation: ColumnRelation,
    /// Whether upper and lower case are the same.
    #[serde(default)]
    pub ignore_case: bool,
}

/// How the columns of a dataset and a list of names relate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRelation {
    /// The same names, in any order.
    #[default]
    Equals,
    /// Every name of the list is a column; there may be others.
    Contains,
    /// Every column is of the list; not all need be there.
    Within,
    /// No name of the list is a column.
    Disjoint,
}

impl Check for ColumnSet {
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
        let same = |one: &str, other: &str| {
            one == other || (self.ignore_case && one.to_lowercase() == other.to_lowercase())
        };
        let names: Vec<&str> = facts
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let missing = self.columns.iter().map(String::as_str);
        let missing: Vec<&str> = missing
            .filter(|wanted| !names.iter().any(|name| same(name, wanted)))
            .collect();
        let is_listed = |name: &&&str| self.columns.iter().any(|wanted| same(name, wanted));
        let (known, others): (Vec<&&str>, Vec<&&str>) =
            names.iter().partition(|name| is_listed(name));
        let quoted = |names: &[&str]| {
            names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let others: Vec<&str> = others.into_iter().copied().collect();
        let known: Vec<&str> = known.into_iter().copied().collect();
        let missing = || (!missing.is_empty()).then(|| format!("{} missing", quoted(&missing)));
        let others =
            || (!others.is_empty()).then(|| format!("{} not in the list", quoted(&others)));
        let wrong: Vec<String> = match self.relation {
            ColumnRelation::Equals => missing().into_iter().chain(others()).collect(),
            ColumnRelation::Contains => missing().into_iter().collect(),
            ColumnRelation::Within => others().into_iter().collect(),
            ColumnRelation::Disjoint if known.is_empty() => Vec::new(),
            ColumnRelation::Disjoint => vec![format!("{} forbidden", quoted(&known))],
        };
        let message = if wrong.is_empty() {
            format!("columns of {} are as required", target.subject())
        } else {
            format!("columns of {}: {}", target.subject(), wrong.join("; "))
        };
        target.verdict(&REQUIREMENT, wrong.is_empty(), message)
    }
}
