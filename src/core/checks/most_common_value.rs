//! The most common value must be of a list.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::distinct_values::reads_as;
use super::{Check, Requirement, Target, listed, parameters_of, scalars};
use crate::evidence::{Evidence, Reason};
use crate::measure::{Condition, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "most-common-value",
    summary: "The value that occurs most often is one of the list.",
    remedy: "Look for a changed population upstream, or adapt the list in the contract.",
    references: &[
        "Great Expectations: expect_column_most_common_value_to_be_in_set",
        "dbt-expectations: the same",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; without values it is not evaluated, nor with more different values than can be listed. When several values occur equally often, all of them are the most common.";

/// The most common values of a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MostCommonValue {
    /// The list.
    pub values: Vec<serde_json::Value>,
    /// Whether, when several values are the most common, one of the list is enough; without it there
    /// may be one most common value only.
    #[serde(default)]
    pub ties_allowed: bool,
}

/// Different values of a column that are listed to find the most common one.
const VALUES_MAX: usize = 1_000_000;

impl MostCommonValue {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        scalars(&self.values)?;
        let column = Value::column(target.column_name());
        let present = Condition::present(target.column_name());
        let listed = Measure::Frequencies {
            values: vec![column],
            combinations_max: VALUES_MAX,
        };
        Ok(vec![Measure::Where(Arc::new(present), Box::new(listed))])
    }
}

impl Check for MostCommonValue {
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
        let frequencies = match measured {
            [Measured::Frequencies(frequencies)] => frequencies,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let values = || {
            frequencies
                .iter()
                .filter_map(|(values, count)| Some((values.first()?.as_deref()?, *count)))
        };
        let Some(most) = values().map(|(_, count)| count).max() else {
            return target.failed(&REQUIREMENT, Reason::Undefined, "no row has a value");
        };
        let modes: Vec<&str> = values()
            .filter(|(_, count)| *count == most)
            .map(|(value, _)| value)
            .collect();
        let of_list = |mode: &&str| self.values.iter().any(|value| reads_as(mode, value));
        let found = modes.iter().any(of_list);
        let holds = found && (self.ties_allowed || modes.len() == 1);
        let message = match modes.as_slice() {
            [mode] if !target.personal => format!(
                "most common value of {} is `{mode}`, {most} times, required one of {}",
                target.subject(),
                listed(&self.values)
            ),
            modes => format!(
                "{} values of {} occur {most} times each, required one of {}",
                modes.len(),
                target.subject(),
                listed(&self.values)
            ),
        };
        target.verdict(&REQUIREMENT, holds, message)
    }
}
