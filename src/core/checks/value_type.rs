//! Values must be readable as one of several types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, LogicalType, Measure, Measured, RowRule, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-type",
    summary: "Every value that is not null can be read as one of the types.",
    remedy: "Correct the values upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_column_values_to_be_in_type_list, _be_of_type",
        "Deequ: hasDataType",
        "Soda: data_type",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met. A text reads as a number when all of it spells one, as a date or timestamp in the forms of ISO 8601; a whole number reads as a number. A column with a type of its own reads as that type.";

/// The types of a column of mixed values.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueType {
    /// The accepted types.
    pub types: Vec<LogicalType>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ValueType {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = target.column_name();
        let reads = |kind: &LogicalType| Condition::ReadsAs(column.clone(), *kind);
        let reads = Condition::Any(self.types.iter().map(reads).collect());
        vec![Measure::Failing(RowRule {
            fails: reads.negated(),
            eligible: Condition::IsNull(Value::Raw(column.clone())).negated(),
            shown: Some(column),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let types: Vec<&str> = self.types.iter().map(|kind| kind.as_str()).collect();
        let wrong = format!("cannot be read as `{}`", types.join("` or `"));
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
