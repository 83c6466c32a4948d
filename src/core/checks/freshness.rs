//! The newest row must not be too old.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub use crate::measure::instant;

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "freshness",
    summary: "The newest value of a date or timestamp column is not older than the bound, nor in the future.",
    remedy: "Find out why the delivery is late, or adapt the service level in the contract.",
    references: &["Open Data Contract Standard 3.1: slaProperties `freshness`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls do not count; a column without values is not evaluated. Dates are midnight UTC, and so are times without an offset. A value more than five minutes in the future is not met unless allowed.";

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Clocks differ; a value this far in the future is still now.
const CLOCK_SKEW_SECONDS_MAX: f64 = 300.0;

/// The largest age of the newest row.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// Largest age in days.
    pub days_max: f64,
    /// The time the age is taken at.
    pub as_of: DateTime<Utc>,
    /// Whether a newest value in the future is accepted, as most tools do.
    #[serde(default)]
    pub future_allowed: bool,
}

impl Check for Freshness {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Newest(target.column_name())]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let newest = match measured {
            [Measured::Newest(Some(newest))] => *newest,
            [Measured::Newest(None)] => {
                return target.failed(&REQUIREMENT, Reason::Undefined, "no row has a value");
            }
            [Measured::Failed(reason, why)] => return target.failed(&REQUIREMENT, *reason, why),
            _ => return target.failed(&REQUIREMENT, Reason::Unsupported, "nothing was measured"),
        };
        let age_seconds = (self.as_of - newest).as_seconds_f64();
        let quantity = Quantity::new(age_seconds / SECONDS_PER_DAY, Unit::Days);
        let bound = if self.future_allowed {
            Bound::AtMost(self.days_max)
        } else {
            Bound::Between(-CLOCK_SKEW_SECONDS_MAX / SECONDS_PER_DAY, self.days_max)
        };
        let shown = Bound::AtMost(self.days_max);
        let message = if !self.future_allowed && age_seconds < -CLOCK_SKEW_SECONDS_MAX {
            format!(
                "newest value of {} is {}, in the future of {}",
                target.subject(),
                day(newest),
                day(self.as_of)
            )
        } else {
            format!(
                "newest value of {} is {}, {quantity} before {}, required {shown} days",
                target.subject(),
                day(newest),
                day(self.as_of)
            )
        };
        target.finish(
            Evidence::new(
                REQUIREMENT.id,
                target.subject(),
                bound.judge(&quantity),
                message,
            )
            .measured(quantity, bound),
        )
    }
}

fn day(instant: DateTime<Utc>) -> String {
    crate::measure::Scalar::Instant(instant).to_string()
}
