//! Wrappers for GitHub Actions, GitLab CI and Jenkins, generated from the command tree, so that a
//! flag is described once and no wrapper can lag behind it.
//!
//! Pure: a [`CommandSpec`] (what `commands` reads from clap) and `templates/wrappers/surfaces.yaml`
//! (what clap cannot know) go in, files come out. `proofmark dev generate` writes them; a test holds
//! the committed ones to the byte.
//!
//! ```text
//! spec       what a command and its flags look like, without clap
//! surfaces   the annotation file
//! wrapper    both joined: every flag an input or omitted, the names on each system, the plan
//! publishing what is published after a command, and how
//! verdicts   exit codes as words
//! render     wrappers → files
//! reference  wrappers → the pages that describe them
//! ```
//!
//! All logic of a wrapper is in one POSIX shell library, the same text on the three systems. It reads
//! a *plan*, lines such as `value any STAGE --stage`, and builds the arguments from environment
//! variables; no value is ever pasted into a script.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod publishing;
mod reference;
mod render;
mod spec;
mod surfaces;
mod verdicts;
mod wrapper;

pub use render::{GeneratedFile, generate};
pub use spec::{CommandSpec, Facts, FlagSpec, FormatSpec, Shape};
pub use surfaces::{Kind, System};
pub use wrapper::{Input, Wrapper, wrappers};

/// The wrappers cannot be generated: the annotation file and the command tree do not fit, or a
/// template is malformed. Never the fault of a user.
#[derive(Debug, thiserror::Error)]
pub enum WrapperError {
    /// The annotation file is malformed.
    #[error("failed to read surfaces.yaml: {0}")]
    Annotations(String),
    /// The annotation file and the command tree do not fit.
    #[error("{0}")]
    Mismatch(String),
    /// A template is malformed.
    #[error("failed to render a wrapper: {0}")]
    Template(#[from] minijinja::Error),
}

#[cfg(test)]
mod tests;
