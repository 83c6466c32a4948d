//! From text to types: data contracts, and what every reader of a YAML file needs; every problem of a
//! file is found at once and shown where it stands. `proofmark.yaml` itself is read by `config` of the
//! `proofmark` crate.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod dbt;
mod document;
mod great_expectations;
mod draft;
mod odcs;
mod problem;
pub mod schema;
mod soda;
pub mod sql;
mod suite;
mod zone;

pub use document::{Document, Position, pointer_of};
pub use problem::{Problem, render};
pub use schema::closest;
pub use suite::{Contract, DatasetPlan, FORMATS, PlanRequest, SuiteFormat, SuiteText, format};

#[cfg(test)]
mod tests;

#[cfg(test)]
mod suite_tests;
