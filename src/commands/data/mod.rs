//! The commands on data.

mod changes;
pub mod compatibility;
pub mod convert;
mod dataset;
pub mod diff;
mod drift;
mod learning;
mod partitions;
pub mod profile;
pub mod validate;
