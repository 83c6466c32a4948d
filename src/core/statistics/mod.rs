//! Statistics: how sure numbers are, and what may be decided from them.
//!
//! Pure functions of numbers: estimates with intervals, tests with p-values, decisions against a margin,
//! and how many rows a decision needs. They know neither metrics nor evidence; reading rows and wording
//! verdicts is left to others.
//!
//! # Which method when
//! | Situation | Module |
//! |---|---|
//! | a share of rows, or two of them | [`proportion`] |
//! | area under the ROC curve, one or two on the same rows | [`delong`] |
//! | average precision, by the influence of each row | [`average_precision`] |
//! | a mean of rows, a mean difference, a ratio of means | [`mean`] |
//! | two answers per row, as a test | [`paired`] |
//! | anything else, from resamples | [`bootstrap`] |
//! | not worse, better, the same | [`decision`] |
//! | rows needed, effects that can be found | [`power`] |
//! | looked at again while rows arrive | [`running`], by [`sequential`] |
//! | two raters, a judge with known errors, repeated answers | [`agreement`] |
//! | many at once | [`multiplicity`] |
//!
//! # What is never done
//! A number that is not defined is [`Undefined`], never a made-up 0 or 1. NaN and infinities are refused.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod agreement;
pub mod average_precision;
pub mod bootstrap;
pub mod decision;
pub mod delong;
mod estimate;
pub mod mean;
pub mod moments;
pub mod multiplicity;
pub mod order;
pub mod paired;
mod placements;
pub mod power;
pub mod proportion;
pub mod random;
pub mod running;
pub mod sequential;
pub(crate) mod special;

pub use estimate::{Estimate, Interval, Undefined};
pub use multiplicity::Correction;

#[cfg(test)]
mod tests;
