//! Drift: how far the values of a column have moved from a reference.
//!
//! # What is compared
//! Two [`Distribution`](crate::measure::Distribution)s: different values with how often each occurs. So a statistic costs as much as
//! there are different values, never as much as there are rows, and a reference profile
//! ([`profile::ReferenceProfile`]) stands for the data it was made of. Reading columns is left to
//! `engines`.
//!
//! # What is never done
//! - **NaN never leaves.** Equal constants are 0 apart with p = 1; disjoint columns as far as the
//!   statistic goes. What cannot be compared is [`Undefined`], and evidence of it is `NotEvaluated`.
//! - **Nulls never hide.** They are left out of every statistic but `psi`, where they are a category, and
//!   are compared by a statistic of their own, `missing_rate`.
//! - **NaN and infinities never vanish.** A column that holds them is undefined, unless the
//!   configuration says that they are missing values.
//! - **A new category never vanishes.** It is a bin of its own, and `new_categories` names it.
//!
//! # What decides
//! `method: default` ([`Effect`]): the distance between the two distributions with an
//! interval, a column drifts when the lower end of the interval is beyond the threshold, and the error
//! rate is shared among all columns. A list of statistics with thresholds: each number against its
//! bound, p-values after the same sharing. `method: evidently` and `method: tfdv`: what those tools say,
//! with their defects ([`evidently`], [`tfdv`]).

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod budget;
mod columns;
mod demand;
mod effect;
pub mod embedding;
pub mod evidently;
mod families;
mod judge;
mod kolmogorov;
mod names;
pub mod profile;
mod reference;
mod requirements;
mod shares;
mod spec;
mod spec_check;
mod statistic;
mod statistics;
pub mod tfdv;

pub use crate::statistics::Correction;
pub use effect::{Effect, RESOLUTION_DEFAULT};
pub use embedding::{EmbeddingPair, EmbeddingSpec};
pub use judge::{ColumnPair, Compared, Measurement, judge};
pub use names::{CurrentColumns, unknown_columns};
pub use profile::{ColumnProfile, ProfileError, ReferenceProfile};
pub use reference::{explanation, reference};
pub use requirements::REQUIREMENTS;
pub use spec::{
    Budget, ColumnSpec, DriftSpec, Kind, Method, NamedMethod, NotFinite, Problem, Threshold,
};
pub use statistic::{AppliesTo, Comparison, Compute, Side, Statistic, Undefined};
pub use statistics::{STATISTICS, find};

#[cfg(test)]
mod tests;
