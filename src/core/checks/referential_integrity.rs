//! Keys must exist in another dataset, or must not.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Lookup, Measure, Measured, NullKeys, Presence, TableFacts, Value, sql};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "referential-integrity",
    summary: "Every key is found in the other dataset.",
    remedy: "Deliver the missing rows of the other dataset, or remove the rows that refer to them.",
    references: &[
        "Open Data Contract Standard 3.1: `relationships` of type `foreignKey`",
        "dbt: relationships",
        "dbt-utils: relationships_where",
        "Soda: valid_reference_data",
        "DQDL: ReferentialIntegrity",
        "Frictionless: foreignKeys",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The other dataset is one of the configuration; without it the rule is not evaluated. Values are equal as in a join: numbers as numbers, texts by Unicode scalar value, times as instants; NaN equals NaN. Which keys with nulls are looked up is a parameter; by default those without any. Empty data is met.";

/// A key of another dataset.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferentialIntegrity {
    /// The columns of the key here; the column the rule stands at when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The other dataset.
    pub dataset: String,
    /// The columns of the key there; those of the same names when empty.
    #[serde(default)]
    pub columns_there: Vec<String>,
    /// The rows there that count, as an SQL expression; all when absent.
    #[serde(default)]
    pub rows_there: Option<String>,
    /// What is wrong: a key that is not found there, or one that is.
    #[serde(default)]
    pub fails: Fails,
    /// Which keys with nulls are looked up.
    #[serde(default)]
    pub nulls: NullKeys,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fails {
    /// That it is not found in the other dataset.
    #[default]
    Absent,
    /// That it is found there: rows of the training data among those of the test.
    Found,
}

impl ReferentialIntegrity {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let key: Vec<String> = if self.columns.is_empty() {
            target.column.iter().cloned().collect()
        } else {
            self.columns.clone()
        };
        let key_there = if self.columns_there.is_empty() {
            key.clone()
        } else {
            self.columns_there.clone()
        };
        if key.is_empty() || key.len() != key_there.len() {
            return Err(
                "the keys of the two datasets have different numbers of columns".to_owned(),
            );
        }
        let rows_there = self.rows_there.as_deref();
        let rows_there =
            rows_there.map(|text| super::row_condition::expression(text, sql::condition));
        let columns = |names: Vec<String>| names.into_iter().map(Value::Column).collect();
        Ok(vec![Measure::Lookup(Lookup {
            key: columns(key),
            dataset: self.dataset.clone(),
            key_there: columns(key_there),
            rows_there: rows_there.transpose()?,
            fails: match self.fails {
                Fails::Absent => Presence::Absent,
                Fails::Found => Presence::Found,
            },
            nulls: self.nulls,
        })])
    }
}

impl Check for ReferentialIntegrity {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        self.plan(target).err()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.plan(target).unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = match self.fails {
            Fails::Absent => format!("are not in dataset `{}`", self.dataset),
            Fails::Found => format!("are in dataset `{}`", self.dataset),
        };
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
