//! The entropy of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::keys::key_groups;
use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Groups, Measure, Measured, NullKeys, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "entropy",
    summary: "Shannon's entropy of the values stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &[
        "Deequ: hasEntropy (natural logarithm)",
        "scipy.stats.entropy",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Which keys with nulls count is a parameter; by default a row with a null in its key does not. NaN equals NaN, 0 equals −0, texts are equal when their scalar values are. Without rows it is not evaluated. It is in nats unless a base is given.";

/// Bound on the entropy of a key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entropy {
    /// The columns of the key; the column the rule stands at when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Which keys with nulls count.
    #[serde(default)]
    pub nulls: NullKeys,
    /// The base of the logarithm; e when absent.
    #[serde(default)]
    pub base: Option<f64>,
    /// The bound.
    pub bound: Bound,
}

impl Check for Entropy {
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
        let base = self.base.unwrap_or(std::f64::consts::E);
        let statistic = |groups: &Groups| (0 < groups.rows).then(|| groups.entropy / base.ln());
        target.judge_group_number(&REQUIREMENT, groups, statistic, Unit::Number, self.bound)
    }
}
