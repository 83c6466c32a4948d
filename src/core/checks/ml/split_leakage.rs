//! Rows, keys and entities must not be in two splits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use super::{columns, no_columns};
use crate::evidence::Evidence;
use crate::measure::{Lookup, Measure, Measured, NullKeys, Presence, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "split-leakage",
    summary: "No row, key or entity of this split is in another split.",
    remedy: "Split by the entity the model must generalise over, and drop the shared rows from the training split; then train and evaluate again.",
    references: &[
        "Deepchecks 0.19 `TrainTestSamplesMix` (at most 0.05 there) and `IndexTrainTestLeakage` (0)",
        "Kapoor and Narayanan 2023, Leakage and the reproducibility crisis in machine-learning-based science",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "A row of this split counts once however often its key is in the other. Rows with a null in the key are left out unless `nulls` says otherwise. Keys are compared exactly, texts with case and all, numbers without a tolerance. A split without rows shares nothing.";

/// Bound on the rows whose key is in another split.
///
/// The fraction is of the rows of this split, so that the split that judges the model is the target and
/// the one it was trained on is `other`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitLeakage {
    /// The other split, by the name of its dataset.
    pub other: String,
    /// The columns of the key: all features for whole rows, an identifier for keys, a person or group
    /// for entities.
    pub key: Vec<String>,
    /// Their names in the other split, in the same order; the same names when empty.
    #[serde(default)]
    pub key_there: Vec<String>,
    /// What is shared, in one word: `row`, `user`. The names of the key when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// What a null in the key means.
    #[serde(default)]
    pub nulls: NullKeys,
    /// How many rows may be shared; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl SplitLeakage {
    fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.key.join(" + "))
    }
}

impl Check for SplitLeakage {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        if self.key.is_empty() {
            return Vec::new();
        }
        let there = match self.key_there.as_slice() {
            [] => &self.key,
            _ => &self.key_there,
        };
        vec![Measure::Lookup(Lookup {
            key: columns(&self.key),
            dataset: self.other.clone(),
            key_there: columns(there),
            rows_there: None,
            fails: Presence::Found,
            nulls: self.nulls,
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("{} shared with {}", self.name(), self.other));
        let [found] = measured else {
            return no_columns(&target, &REQUIREMENT);
        };
        let wrong = format!("have a {} that is in `{}` too", self.name(), self.other);
        target.judge_failing(&REQUIREMENT, facts, found, self.tolerance, &wrong)
    }
}
