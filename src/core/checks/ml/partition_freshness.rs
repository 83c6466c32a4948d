//! Every partition must be fresh: the newest row of all hides a region that stopped delivering.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::slice_coverage::in_words;
use super::{listed, no_columns};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Unit};
use crate::measure::{Measure, Measured, Slice, TableFacts};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "partition-freshness",
    summary: "The newest row of every partition is not older than the bound.",
    remedy: "Find out why the partitions named are not delivered any more.",
    references: &["dbt-expectations `expect_grouped_row_values_to_have_recent_data`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Times without an offset are UTC. A partition without any time is older than every bound; a time in the future is fresh. A null in a column of the partition is a partition of its own. No partitions are not evaluated.";

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Bound on the age of the newest row of each combination of values of the partition's columns.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartitionFreshness {
    /// The columns that make a partition: a region, a source.
    pub partitions: Vec<String>,
    /// Largest age in days.
    pub days_max: f64,
    /// The time the age is taken at.
    pub as_of: DateTime<Utc>,
    /// How many partitions may be older; none by default.
    #[serde(default)]
    pub budget: u64,
}

impl Check for PartitionFreshness {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        if self.partitions.is_empty() {
            return Vec::new();
        }
        let newest = Measure::Newest(target.column_name());
        vec![Measure::By(self.partitions.clone(), Box::new(newest))]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&format!("partitions by {}", self.partitions.join(", ")));
        match measured {
            [Measured::Slices(slices)] if slices.is_empty() => {
                target.failed(&REQUIREMENT, Reason::Undefined, "there are no partitions")
            }
            [Measured::Slices(slices)] => self.judge_partitions(&target, slices),
            [Measured::Failed(reason, why)] => target.failed(&REQUIREMENT, *reason, why),
            [] => no_columns(&target, &REQUIREMENT),
            _ => target.something_else(&REQUIREMENT),
        }
    }
}

impl PartitionFreshness {
    fn judge_partitions(&self, target: &Target, slices: &[Slice]) -> Vec<Evidence> {
        let mut late: Vec<(f64, String)> = Vec::new();
        for slice in slices {
            let newest = match &slice.measured {
                Measured::Newest(newest) => newest,
                Measured::Failed(reason, why) => return target.failed(&REQUIREMENT, *reason, why),
                _ => return target.something_else(&REQUIREMENT),
            };
            // A partition without any time has never been fresh.
            let days = newest.map_or(f64::INFINITY, |newest| {
                (self.as_of - newest).as_seconds_f64() / SECONDS_PER_DAY
            });
            if self.days_max < days {
                let name = in_words(&self.partitions, &slice.values);
                late.push((
                    days,
                    if days.is_finite() {
                        format!("{name} ({days:.1} days)")
                    } else {
                        format!("{name} (no time)")
                    },
                ));
            }
        }
        late.sort_by(|one, other| other.0.total_cmp(&one.0));
        let names: Vec<String> = late.into_iter().map(|(_, name)| name).collect();
        let (quantity, bound) = (
            Quantity::new(names.len() as f64, Unit::Count),
            Bound::AtMost(self.budget as f64),
        );
        let message = match names.as_slice() {
            [] => format!(
                "{}: all {} partitions have a row of the last {} days",
                target.subject(),
                slices.len(),
                self.days_max
            ),
            names if target.personal => format!(
                "{}: {} of {} partitions are older than {} days, required {bound}",
                target.subject(),
                names.len(),
                slices.len(),
                self.days_max
            ),
            names => format!(
                "{}: {} of {} partitions are older than {} days: {}, required {bound}",
                target.subject(),
                names.len(),
                slices.len(),
                self.days_max,
                listed(names)
            ),
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
