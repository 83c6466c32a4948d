//! The one integration-test binary: the program as its users run it.

mod baseline;
mod chain;
mod cli;
mod config_errors;
mod diff;
mod docs;
mod drift;
mod features;
mod great_expectations;
mod hostile;
mod init;
mod layers;
mod pages;
mod partitions;
mod privacy;
mod promotion;
mod publish;
mod refused_values;
mod retrain;
mod self_verify;
mod spark;
mod sql_queries;
mod suites;
mod support;
mod tasks;
mod wrappers;
