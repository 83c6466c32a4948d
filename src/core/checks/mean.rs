//! The mean of a column must stay where it belongs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Requirement, Target};
use crate::evidence::{Bound, Evidence, Unit};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "mean",
    summary: "The arithmetic mean of the values that are not null stays within its bound.",
    remedy: "Look for a changed unit or population upstream, or adapt the bound in the contract.",
    references: &["numpy.mean"],
};

/// Bound on the mean of a column.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mean {
    /// The bound, in the unit of the column.
    pub bound: Bound,
}

impl Check for Mean {
    fn measures(&self, target: &Target) -> Vec<Measure> {
        vec![Measure::Mean(target.column_name())]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [mean] = measured else { return Vec::new() };
        target.judge_number(
            &REQUIREMENT,
            mean,
            Unit::Number,
            facts.row_count,
            self.bound,
        )
    }
}
