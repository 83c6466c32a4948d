//! A condition must hold for so many of the rows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Unit};
use crate::measure::{Measure, Measured, TableFacts, sql};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "condition-fraction",
    summary: "The share, or the number, of rows for which the condition is true stays within its bound.",
    remedy: "Look at what changed upstream in the rows the condition selects, or adapt the bound.",
    references: &[
        "Deequ: satisfies with an assertion, hasHistogramValues",
        "whylogs: condition_meets, condition_count_below",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The expression is SQL of the common ground of DuckDB, Spark and PostgreSQL, with three-valued logic; names of columns are case-sensitive; texts are compared by Unicode scalar value; a text beside a number or a date is read as one; division is floating-point, and by zero null; times are in UTC; the clock is not known. A row for which the condition is null is one for which it is not true; the share is of all rows, and not evaluated without rows.";

/// The share of a condition.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionFraction {
    /// The condition.
    pub condition: String,
    /// Bound on the share of rows, in [0, 1].
    #[serde(default)]
    pub fraction: Option<Bound>,
    /// Bound on the number of rows; used instead of `fraction`.
    #[serde(default)]
    pub rows: Option<Bound>,
}

impl ConditionFraction {
    fn plan(&self) -> Result<Vec<Measure>, String> {
        let condition = super::row_condition::expression(&self.condition, sql::condition)?;
        Ok(vec![Measure::Count(condition)])
    }
}

impl Check for ConditionFraction {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, _target: &Target) -> Option<String> {
        self.plan().err()
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        self.plan().unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan() {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let count = match measured {
            [Measured::Count(count)] => *count,
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.something_else(&REQUIREMENT),
        };
        let (quantity, bound) = match (self.rows, self.fraction) {
            (Some(bound), _) => (Quantity::rows(count), bound),
            (None, bound) => {
                let fraction = count as f64 / facts.row_count.max(1) as f64;
                let quantity = Quantity::new(fraction, Unit::Fraction).of(facts.row_count);
                (quantity, bound.unwrap_or(Bound::AtLeast(1.0)))
            }
        };
        let message = format!(
            "{}: {count} of {} rows have `{}`, required {bound}",
            target.subject(),
            facts.row_count,
            self.condition
        );
        let outcome = bound.judge(&quantity);
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, bound),
        )
    }
}
