//! Differences between groups of people: a metric in each group, and what is made of these values.
//!
//! Any metric of a task can be reduced over groups as Fairlearn's `MetricFrame` does: the smallest, the
//! largest, their difference and their ratio, between groups or to all rows, within strata of control
//! columns. The named metrics are such reductions of rates. Differences are the largest value less the
//! smallest, never below 0 (AIF360 signs them: unprivileged less privileged); ratios are the smallest by
//! the largest, never above 1.
//!
//! Fairlearn reads a rate that has nothing to be divided by as 0, so that a group without positive
//! labels looks like the most wronged one. Here such a group makes the metric [`Undefined`], by name.

pub mod adverse_impact;
mod comparison;
mod cut;
mod named;
mod rates;
mod reduction;
mod resampling;

use super::{Chosen, Direction, Metric, Sample, Undefined};
pub use comparison::{Comparison, StratumValue};
pub use cut::{Cut, Group, Stratum, cut};
pub use named::{FAIRNESS_METRICS, FairnessMetric};
pub(super) use rates::{GENERALIZED_ENTROPY_INDEX, THEIL_INDEX};
pub use reduction::{Aggregate, Method, Reduction};
pub use resampling::{By, Sure};

/// The fairness metric called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static FairnessMetric> {
    FAIRNESS_METRICS.iter().find(|metric| metric.id == id)
}

/// Which way a fairness metric or a reduction of a metric gets better, by its name in evidence.
#[must_use]
pub fn direction(name: &str) -> Option<Direction> {
    let id = name.split('(').next().unwrap_or(name);
    if let Some(metric) = find(id) {
        return Some(metric.direction());
    }
    Reduction::ALL.iter().find_map(|reduction| {
        let of = id.strip_suffix(reduction.name())?.strip_suffix('_')?;
        let metric = super::all().find(|metric| metric.id == of)?;
        Some(reduction.direction(metric.direction))
    })
}
