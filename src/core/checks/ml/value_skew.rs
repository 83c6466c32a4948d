//! A feature must have been served with the value it is trained on: both sides joined by key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use super::{columns, no_columns};
use crate::evidence::{Evidence, Reason};
use crate::measure::{Closeness, Measure, Measured, Paired, Pairing, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "value-skew",
    summary: "For the same key the column has the same value in both datasets, within the tolerance.",
    remedy: "Compute the feature in one place for training and serving, and as of the same time.",
    references: &[
        "TensorFlow Data Validation: feature skew detection",
        "https://developers.google.com/machine-learning/guides/rules-of-ml (rule 37)",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows with a null in the key, or whose key is not there, are not joined; keys on more than one row there are not evaluated, as is too small a fraction joined. Null agrees with null and NaN with NaN only; texts are compared exactly, a text that spells a number as the number.";

/// Bound on the joined rows whose values differ.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueSkew {
    /// The other dataset, by name.
    pub reference: String,
    /// The columns of the key.
    pub key: Vec<String>,
    /// Their names there; the same when empty.
    #[serde(default)]
    pub key_there: Vec<String>,
    /// The column there; the same name when absent.
    #[serde(default)]
    pub column_there: Option<String>,
    /// How far numbers may be apart and still agree.
    #[serde(default)]
    pub closeness: Closeness,
    /// Least fraction of the rows here that must be joined, so that the comparison says something.
    #[serde(default = "half")]
    pub joined_min: f64,
    /// How many joined rows may differ; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
}

fn half() -> f64 {
    0.5
}

impl ValueSkew {
    fn judge_paired(&self, target: &Target, facts: &TableFacts, paired: &Paired) -> Vec<Evidence> {
        let joined = paired.failing.eligible;
        let all = joined + paired.only_here;
        if 0 < paired.ambiguous_keys {
            let why = format!(
                "{} keys are on more than one row of `{}`",
                paired.ambiguous_keys, self.reference
            );
            return target.failed(&REQUIREMENT, Reason::Undefined, &why);
        }
        if joined == 0 || (joined as f64) < self.joined_min * all as f64 {
            let why = format!(
                "{joined} of {all} rows have their key in `{}`, required at least a fraction of {}",
                self.reference, self.joined_min
            );
            return target.failed(&REQUIREMENT, Reason::TooFewRows, &why);
        }
        let wrong = format!("differ from the value in `{}`", self.reference);
        target.judge_rows(&REQUIREMENT, facts, &paired.failing, self.tolerance, &wrong)
    }
}

impl Check for ValueSkew {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        if self.key.is_empty() {
            return Vec::new();
        }
        let here = target.column_name();
        let there = self.column_there.clone().unwrap_or_else(|| here.clone());
        let key_there = if self.key_there.is_empty() {
            &self.key
        } else {
            &self.key_there
        };
        vec![Measure::Paired(Pairing {
            key: columns(&self.key),
            dataset: self.reference.clone(),
            key_there: columns(key_there),
            here: Value::Column(here),
            there: Value::Column(there),
            tolerance: self.closeness,
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("same key in {}", self.reference));
        match measured {
            [Measured::Paired(paired)] => self.judge_paired(&target, facts, paired),
            [Measured::Failed(reason, why)] => target.failed(&REQUIREMENT, *reason, why),
            [] => no_columns(&target, &REQUIREMENT),
            _ => target.something_else(&REQUIREMENT),
        }
    }
}
