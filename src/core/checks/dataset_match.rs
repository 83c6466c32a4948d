//! A dataset must have the same rows as another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::{Evidence, FailingRows};
use crate::measure::{Lookup, Measure, Measured, NullKeys, Presence, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "dataset-match",
    summary: "Every row here is found in the other dataset, and every row there is found here.",
    remedy: "Make the two deliveries agree upstream, or adapt the rule in the contract.",
    references: &[
        "dbt-utils: equality",
        "Deequ: doesDatasetMatch",
        "DQDL: DatasetMatch",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The other dataset is one of the configuration; without it the rule is not evaluated. Rows are compared as sets, as SQL's `except` does: how often a row occurs does not matter; null equals null, NaN equals NaN. Two empty datasets match.";

/// The rows of two datasets.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetMatch {
    /// The other dataset.
    pub dataset: String,
    /// The columns compared; all, which must have the same names in both, when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Whether rows the other dataset has more are accepted.
    #[serde(default)]
    pub more_there_allowed: bool,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for DatasetMatch {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let key: Vec<Value> = self.columns.iter().map(Value::column).collect();
        let lookup = |dataset: &str| {
            Measure::Lookup(Lookup {
                key: key.clone(),
                dataset: dataset.to_owned(),
                key_there: key.clone(),
                rows_there: None,
                fails: Presence::Absent,
                nulls: NullKeys::Equal,
            })
        };
        let mut measures = vec![lookup(&self.dataset)];
        if !self.more_there_allowed {
            let back = lookup(&target.dataset);
            measures.push(Measure::Elsewhere(self.dataset.clone(), Box::new(back)));
        }
        measures
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let mut failing = FailingRows::default();
        for measured in measured {
            match measured {
                Measured::Failing(rows) => {
                    failing.count = failing.count.saturating_add(rows.count);
                    failing.eligible = failing.eligible.saturating_add(rows.eligible);
                    if failing.examples.is_empty() {
                        failing.examples = rows.examples.clone();
                    }
                }
                Measured::Failed(reason, why) => return target.failed(&REQUIREMENT, *reason, why),
                _ => return target.something_else(&REQUIREMENT),
            }
        }
        let wrong = format!("are in only one of this dataset and `{}`", self.dataset);
        target.judge_rows(&REQUIREMENT, facts, &failing, self.tolerance, &wrong)
    }
}
