//! From text to types: data contracts, and what every reader of a YAML file needs; every problem of a
//! file is found at once and shown where it stands. `proofmark.yaml` itself is read by `config` of the
//! `proofmark` crate.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod compatibility;
pub mod convert;
mod dbt;
mod document;
mod draft;
mod frictionless;
mod great_expectations;
mod json_schema;
mod odcs;
mod pandera;
mod problem;
mod rules;
pub mod schema;
mod soda;
pub mod sql;
mod suite;
mod tfdv;
mod zone;

pub use document::{Document, Position, pointer_of};
pub use problem::{Problem, render};
pub use schema::closest;
pub use suite::{Contract, DatasetPlan, FORMATS, PlanRequest, SuiteFormat, SuiteText, format};

#[cfg(test)]
mod compatibility_tests;
#[cfg(test)]
mod conformance_tests;
#[cfg(test)]
mod foreign_problem_tests;
#[cfg(test)]
mod foreign_tests;
#[cfg(test)]
mod tests;

#[cfg(test)]
mod suite_tests;
