//! Values must have been seen before: categories and labels the model was not trained on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Lookup, Measure, Measured, NullKeys, Presence, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "new-categories",
    summary: "Every value that is not null occurs in another dataset too.",
    remedy: "Map the new value to a known one, or train on data that has it.",
    references: &["Deepchecks 0.19 `NewCategoryTrainTest` and `NewLabelTrainTest` (0)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Null is not looked at. Values are compared as texts, case and all, so that 1 and 1.0 of two types differ as they are written. A dataset without rows has no new value.";

/// Bound on the rows with a value that another dataset does not have.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategories {
    /// The other dataset, by name.
    pub reference: String,
    /// The column there; the same name when absent.
    #[serde(default)]
    pub column_there: Option<String>,
    /// How many rows may have a new value; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for NewCategories {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let here = target.column_name();
        let there = self.column_there.clone().unwrap_or_else(|| here.clone());
        let text = |column| Value::Text(Box::new(Value::Column(column)));
        vec![Measure::Lookup(Lookup {
            key: vec![text(here)],
            dataset: self.reference.clone(),
            key_there: vec![text(there)],
            rows_there: None,
            fails: Presence::Absent,
            nulls: NullKeys::SkipAny,
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("values beside {}", self.reference));
        let [found] = measured else {
            return target.something_else(&REQUIREMENT);
        };
        let wrong = format!("do not occur in `{}`", self.reference);
        target.judge_failing(&REQUIREMENT, facts, found, self.tolerance, &wrong)
    }
}
