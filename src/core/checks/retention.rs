//! No row may be kept for too long.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, Scalar, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "retention",
    summary: "The oldest value of a date or timestamp column is not older than the bound.",
    remedy: "Delete the rows that are too old, or adapt the service level in the contract.",
    references: &["Open Data Contract Standard 3.1: slaProperties `retention`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; a column without values is not evaluated; dates are midnight UTC, and so are times without an offset. A year is 365.25 days.";

/// The largest age of the oldest row.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Largest age in days.
    pub days_max: f64,
    /// The time the age is taken at.
    pub as_of: DateTime<Utc>,
}

const SECONDS_PER_DAY: f64 = 86_400.0;

impl Check for Retention {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Extremes(Value::column(target.column_name()))]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let oldest = match measured {
            [Measured::Extremes(Some((Scalar::Instant(oldest), _)))] => *oldest,
            [Measured::Extremes(None)] => {
                return target.failed(&REQUIREMENT, Reason::Undefined, "no row has a value");
            }
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.unsupported(&REQUIREMENT, "the column does not hold dates"),
        };
        let days = (self.as_of - oldest).as_seconds_f64() / SECONDS_PER_DAY;
        let quantity = Quantity::new(days, Unit::Days);
        let bound = Bound::AtMost(self.days_max);
        let message = format!(
            "oldest value of {} is {}, {quantity} before {}, required {bound} days",
            target.subject(),
            Scalar::Instant(oldest),
            Scalar::Instant(self.as_of)
        );
        let outcome = bound.judge(&quantity);
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, bound),
        )
    }
}
