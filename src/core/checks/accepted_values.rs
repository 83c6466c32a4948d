//! Values must be of a list.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counted::Things;
use super::{Check, Requirement, Target, Tolerance, failing, listed, parameters_of, scalars};
use crate::evidence::{Evidence, FailingRows};
use crate::measure::{Condition, Grouping, Measure, Measured, NullKeys, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "accepted-values",
    summary: "Every value that is not null is one of the accepted values.",
    remedy: "Correct the values upstream, or add the new value to the contract if it is legitimate.",
    references: &[
        "Open Data Contract Standard 3.1: metric `invalidValues`, argument `validValues`",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met; the empty text is a value. Values are equal as numbers when both are numbers, also 1 and 1.0, otherwise as texts by Unicode scalar value, case and all; a text beside a number, date or boolean is read as one. NaN is no accepted value.";

/// The accepted values of a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedValues {
    /// The accepted values: texts, numbers, booleans.
    pub values: Vec<serde_json::Value>,
    /// Whether rows are counted, or different values.
    #[serde(default)]
    pub count: Counted,
    /// How many may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// What is counted when values are wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// The rows with a wrong value.
    #[default]
    Rows,
    /// The different wrong values, as dbt has it.
    Values,
}

impl AcceptedValues {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let column = Value::column(target.column_name());
        let wrong = Condition::In(column.clone(), scalars(&self.values)?).negated();
        match self.count {
            Counted::Rows => Ok(failing(target, wrong)),
            Counted::Values => {
                let groups = Measure::Groups(Grouping {
                    key: vec![column],
                    nulls: NullKeys::SkipAny,
                    shows_first: true,
                });
                Ok(vec![Measure::Where(Arc::new(wrong), Box::new(groups))])
            }
        }
    }
}

impl Check for AcceptedValues {
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
        let values = listed(&self.values);
        match measured {
            [Measured::Groups(groups)] => {
                let things = Things {
                    count: groups.distinct,
                    rows: FailingRows {
                        count: groups.rows,
                        eligible: facts.row_count,
                        examples: groups.examples.clone(),
                    },
                    words: [
                        format!("every value is one of {values}"),
                        format!("value is not one of {values}"),
                        format!("different values are not one of {values}"),
                    ],
                };
                target.judge_things(&REQUIREMENT, facts, &things, self.tolerance)
            }
            [failing] => {
                let wrong = format!("are not one of {values}");
                target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
            }
            _ => Vec::new(),
        }
    }
}
