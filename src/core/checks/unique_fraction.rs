//! The share of rows whose value occurs once must stay within its bound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::{key_groups, ratio};
use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Groups, Measure, Measured, NullKeys, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "unique-fraction",
    summary: "The number of values that occur exactly once divided by the number of rows stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["Deequ: hasUniqueness", "DQDL: Uniqueness"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Which keys with nulls count is a parameter; by default a row with a null in its key does not. NaN equals NaN, 0 equals −0, texts are equal when their scalar values are. Without rows it is not evaluated.";

/// Bound on the unique fraction of a key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UniqueFraction {
    /// The columns of the key; the column the rule stands at when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Which keys with nulls count.
    #[serde(default)]
    pub nulls: NullKeys,
    /// The bound.
    pub bound: Bound,
}

impl Check for UniqueFraction {
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
        let statistic = |groups: &Groups| ratio(groups.singletons(), groups.rows);
        target.judge_group_number(&REQUIREMENT, groups, statistic, Unit::Fraction, self.bound)
    }
}
