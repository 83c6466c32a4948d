//! The set of values of a column must be within, contain or equal a list.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, listed, parameters_of, scalars};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Condition, Grouping, Measure, Measured, NullKeys, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "distinct-values",
    summary: "The set of different values is within, contains or equals the list.",
    remedy: "Correct the values upstream, or adapt the list in the contract.",
    references: &[
        "Great Expectations: expect_column_distinct_values_to_be_in_set, _to_contain_set, _to_equal_set",
        "dbt-expectations: the same",
        "pandera: unique_values_eq",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count. Values are equal as in `accepted-values`, so `1` and `1.0` are the same number. Empty data has the empty set, which is within every list.";

/// The set of values of a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DistinctValues {
    /// The list.
    pub values: Vec<serde_json::Value>,
    /// How the set of values and the list relate.
    #[serde(default)]
    pub relation: SetRelation,
}

/// How a set of values and a list relate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetRelation {
    /// Every value is of the list.
    #[default]
    Within,
    /// Every item of the list occurs.
    Contains,
    /// Both.
    Equals,
}

/// Spellings of one value that are listed: `1`, `1.0`, `01`.
const SPELLINGS_MAX: usize = 8;

/// Whether a value listed as text is the value of the contract.
pub(super) fn reads_as(text: &str, value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(wanted) => {
            text == wanted
                || (text
                    .parse::<f64>()
                    .is_ok_and(|number| wanted.parse() == Ok(number)))
                || super::freshness::instant(text)
                    .is_some_and(|instant| super::freshness::instant(wanted) == Some(instant))
        }
        serde_json::Value::Number(number) => {
            number.to_string() == text
                || text
                    .parse::<f64>()
                    .is_ok_and(|found| number.as_f64() == Some(found))
        }
        serde_json::Value::Bool(wanted) => text.eq_ignore_ascii_case(&wanted.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
            false
        }
    }
}

impl DistinctValues {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let column = Value::column(target.column_name());
        let listed = Condition::In(column.clone(), scalars(&self.values)?);
        let only = |condition, measure| Measure::Where(Arc::new(condition), Box::new(measure));
        let strangers = Measure::Groups(Grouping {
            key: vec![column.clone()],
            nulls: NullKeys::SkipAny,
            shows_first: true,
        });
        let found = Measure::Frequencies {
            values: vec![column],
            combinations_max: self.values.len().saturating_mul(SPELLINGS_MAX),
        };
        Ok(vec![
            only(listed.clone().negated(), strangers),
            only(listed, found),
        ])
    }
}

impl Check for DistinctValues {
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

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let (strangers, found) = match measured {
            [Measured::Groups(strangers), Measured::Frequencies(found)] => (strangers, found),
            [failed @ Measured::Failed(..), _] | [_, failed @ Measured::Failed(..)] => {
                return target.judge_number(
                    &REQUIREMENT,
                    failed,
                    Unit::Count,
                    None,
                    Bound::AtMost(0.0),
                );
            }
            _ => return target.something_else(&REQUIREMENT),
        };
        let found: Vec<&str> = found
            .iter()
            .filter_map(|(values, _)| values.first()?.as_deref())
            .collect();
        let absent: Vec<serde_json::Value> = self
            .values
            .iter()
            .filter(|value| !found.iter().any(|text| reads_as(text, value)))
            .cloned()
            .collect();
        let (others, absent) = match self.relation {
            SetRelation::Within => (strangers.distinct, Vec::new()),
            SetRelation::Contains => (0, absent),
            SetRelation::Equals => (strangers.distinct, absent),
        };
        let wrong = match (others, absent.as_slice()) {
            (0, []) => "as required".to_owned(),
            (others, []) => format!("{others} are not of {}", listed(&self.values)),
            (0, absent) => format!("{} are missing", listed(absent)),
            (others, absent) => format!(
                "{others} are not of {}, and {} are missing",
                listed(&self.values),
                listed(absent)
            ),
        };
        let message = format!("different values of {}: {wrong}", target.subject());
        target.verdict(&REQUIREMENT, others == 0 && absent.is_empty(), message)
    }
}
