//! Dates and times must be written in the form the contract gives.

use chrono::format::{Item, StrftimeItems};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{
    Condition, Format, LogicalType, Measure, Measured, RowRule, TableFacts, Value,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "date-format",
    summary: "Every date or time that is a text in the file is written in the form of the contract.",
    remedy: "Write the dates in the form of the contract upstream, or correct the form.",
    references: &[
        "Open Data Contract Standard 3.1: logicalTypeOptions `format` of date, timestamp and time",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met. Where the file has a type for dates, that type is compared and the form means nothing. Where the value is a text, all of it must be in the form of `strftime`, in the calendar of ISO 8601, with English names of months and days.";

/// The form of a column of dates or times.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DateFormat {
    /// The form, as `strftime` writes it: `%d.%m.%Y`.
    pub format: String,
    /// What is written: `date`, `timestamp` or `time`.
    pub logical_type: LogicalType,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl DateFormat {
    fn is_form(&self) -> bool {
        !StrftimeItems::new(&self.format).any(|item| matches!(item, Item::Error))
    }
}

impl Check for DateFormat {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        if !self.is_form() {
            return Vec::new();
        }
        let column = target.column_name();
        let raw = Value::Raw(column.clone());
        let has = Condition::HasFormat(raw.clone(), Format::Strftime(self.format.clone()));
        vec![Measure::Failing(RowRule {
            fails: has.negated(),
            eligible: Condition::IsNull(raw).negated(),
            shown: Some(column),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            let why = format!("`{}` is not a form of `strftime`", self.format);
            return target.unsupported(&REQUIREMENT, &why);
        };
        let column = facts.column(&target.column_name());
        let has_type = |column: &&crate::measure::ColumnFacts| {
            column.logical_type != Some(LogicalType::String)
        };
        if let Some(column) = column.filter(|_| facts.typed).filter(has_type) {
            let message = format!(
                "type of {} is `{}`, required `{}`",
                target.subject(),
                column.physical_type,
                self.logical_type.as_str()
            );
            let holds = column.logical_type == Some(self.logical_type);
            return target.verdict(&REQUIREMENT, holds, message);
        }
        let wrong = format!("are not written as `{}`", self.format);
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
