//! What `init` writes and what `doctor` says: from what was found to text and evidence.
//!
//! Pure: `commands/init.rs` walks the repository and measures its tables, `commands/doctor.rs` looks
//! at keys, directories and the CI job; what follows from that is decided here. Everything drafted is
//! a proposal with its reason beside it; no value of a column that may be personal is written down.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod config;
pub mod contract;
pub mod doctor;
pub mod inventory;
pub mod names;
pub mod profile;
pub mod workflow;
mod yaml;

pub use doctor::REQUIREMENTS;

/// Text of others as one line for a person: it drives neither a terminal nor a build system.
#[must_use]
pub fn one_line(text: &str) -> String {
    yaml::comment(text)
}

/// A text could not be rendered from its template: a mistake in this program.
pub type ScaffoldError = minijinja::Error;

/// One file that `init` writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Path relative to the directory of the configuration, with `/` between its parts.
    pub path: String,
    /// Content.
    pub text: String,
}

#[cfg(test)]
mod tests;
