//! The columns must have the type of the contract.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::{Evidence, Outcome};
use crate::measure::{Condition, LogicalType, Measure, Measured, RowRule, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "column-type",
    summary: "A column has the logical type of the contract; in CSV and JSON Lines every value can be read as it.",
    remedy: "Write the column with the type of the contract, or correct `logicalType`.",
    references: &["Open Data Contract Standard 3.1: property `logicalType`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Where the file has types, they are compared and no value is looked at; a whole number is a number, the reverse is not. Where it has none, every value that is not null must read as the type: a number when all of the text spells one, a date or timestamp in the forms of ISO 8601, a boolean as `true` or `false` in any case. The empty text is null in CSV and a text in JSON Lines. What JSON Lines do not write as a text is no `string`; among values of several kinds a text that is itself a value of JSON counts as that value. Empty data is met.";

/// The type of a column.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnType {
    /// The type demanded.
    pub logical_type: LogicalType,
}

impl Check for ColumnType {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = target.column_name();
        vec![Measure::Failing(RowRule {
            fails: Condition::ReadsAs(column.clone(), self.logical_type).negated(),
            eligible: Condition::IsNull(Value::Raw(column.clone())).negated(),
            shown: Some(column),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let wanted = self.logical_type;
        let Some(column) = facts.column(&target.column_name()) else {
            return target.judge_failing(&REQUIREMENT, facts, failing, Tolerance::none(), "");
        };
        if !facts.typed {
            let wrong = format!("cannot be read as `{}`", wanted.as_str());
            return target.judge_failing(&REQUIREMENT, facts, failing, Tolerance::none(), &wrong);
        }
        // A whole number is a number; the reverse loses fractions.
        let holds = column.logical_type == Some(wanted)
            || (wanted == LogicalType::Number && column.logical_type == Some(LogicalType::Integer));
        let outcome = if holds { Outcome::Met } else { Outcome::NotMet };
        let message = format!(
            "type of {} is `{}`, required `{}`",
            target.subject(),
            column.physical_type,
            wanted.as_str()
        );
        target.finish(Evidence::new(
            REQUIREMENT.id,
            target.subject(),
            outcome,
            message,
        ))
    }
}
