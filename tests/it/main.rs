//! The one integration-test binary: the program as its users run it.

mod baseline;
mod chain;
mod cli;
mod config_errors;
mod docs;
mod hostile;
mod init;
mod layers;
mod promotion;
mod publish;
mod support;
mod wrappers;
