//! From text to types: `proofmark.yaml` and data contracts, with every problem of a file found at
//! once and shown where it stands.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod config;
mod document;
mod odcs;
mod problem;
mod schema;

pub use config::{
    AsOf, Config, DataSpec, DatasetSpec, FILE_NAME, ModelSpec, ReportSpec, SignSpec, json_schema,
};
pub use document::{Document, Position};
pub use odcs::{Contract, DatasetPlan, PlanRequest};
pub use problem::{Problem, render};
pub(crate) use schema::closest;

#[cfg(test)]
mod tests;
