//! The number of different values must stay within its bound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::key_groups;
use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Groups, Measure, Measured, NullKeys, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "distinct-count",
    summary: "The number of different values stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &[
        "Great Expectations: expect_column_unique_value_count_to_be_between",
        "dbt-utils: not_constant",
        "dbt-expectations: expect_column_distinct_count_to_equal, _be_greater_than, _be_less_than",
        "Deequ: hasNumberOfDistinctValues, hasApproxCountDistinct (counted exactly here)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Which keys with nulls count is a parameter; by default a row with a null in its key does not. NaN equals NaN, 0 equals −0, texts are equal when their scalar values are. Empty data has 0.";

/// Bound on the distinct count of a key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DistinctCount {
    /// The columns of the key; the column the rule stands at when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Which keys with nulls count.
    #[serde(default)]
    pub nulls: NullKeys,
    /// The bound.
    pub bound: Bound,
}

impl Check for DistinctCount {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![key_groups(target, &self.columns, self.nulls)]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [groups] = measured else {
            return Vec::new();
        };
        let statistic = |groups: &Groups| Some(groups.distinct as f64);
        target.judge_group_number(&REQUIREMENT, groups, statistic, Unit::Count, self.bound)
    }
}
