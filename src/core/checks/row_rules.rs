//! Rules on rows: which rows they speak of, and which of those fail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Target;
use crate::measure::{Condition, Measure, RowRule, Value};

/// Which rows a rule on several columns speaks of when some of them are null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NullRows {
    /// Not of rows in which any of them is null. Great Expectations: `either_value_is_missing`,
    /// `any_value_is_missing`.
    #[default]
    SkipAny,
    /// Not of rows in which all of them are null; with only some null, a row fails. Great Expectations:
    /// `both_values_are_missing`, `all_values_are_missing`.
    SkipAll,
    /// Of all rows; with a null, a row fails. Great Expectations: `never`.
    Fail,
}

/// What it means when the condition of a rule is null for a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NullCondition {
    /// The rule does not speak of the row.
    #[default]
    Skip,
    /// The row passes, as with a `CHECK` of SQL and dbt's `where not (…)`.
    Pass,
    /// The row fails, as with Deequ's `satisfies`.
    Fail,
}

/// A rule on the values of the target's column that are not null.
pub(super) fn failing(target: &Target, fails: Condition) -> Vec<Measure> {
    let column = target.column_name();
    vec![Measure::Failing(RowRule {
        fails,
        eligible: Condition::present(column.clone()),
        shown: Some(column),
    })]
}

/// A rule that holds for a row where `holds` is true.
pub(super) fn demanded(holds: Condition, nulls: NullCondition, shown: Option<String>) -> Measure {
    let (fails, eligible) = match nulls {
        NullCondition::Skip => (holds.clone().negated(), holds.is_null().negated()),
        NullCondition::Pass => (holds.negated(), Condition::Constant(true)),
        NullCondition::Fail => (holds.is_true().negated(), Condition::Constant(true)),
    };
    Measure::Failing(RowRule {
        fails,
        eligible,
        shown,
    })
}

/// A rule on several columns that holds for a row where `holds` is true.
pub(super) fn demanded_of(columns: &[String], holds: Condition, nulls: NullRows) -> Measure {
    let missing = |column: &String| Condition::IsNull(Value::column(column.clone()));
    let missing: Vec<Condition> = columns.iter().map(missing).collect();
    let eligible = match nulls {
        NullRows::SkipAny => Condition::Any(missing).negated(),
        NullRows::SkipAll => Condition::All(missing).negated(),
        NullRows::Fail => Condition::Constant(true),
    };
    Measure::Failing(RowRule {
        fails: holds.is_true().negated(),
        eligible,
        shown: None,
    })
}
