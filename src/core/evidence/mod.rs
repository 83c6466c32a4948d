//! The one type everything the program learns is written in, and the pure functions of it.
//!
//! A check, a metric, a scanner, a signature verification or a promotion clause yields [`Evidence`]:
//! one record for each requirement evaluated, also when it was met. Reports render it, the
//! [`Verdict`] and the [`ExitCode`] are computed from it, attestations sign it. Nothing here reads a
//! file, a clock or the environment.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod bound;
mod comparison;
mod digest;
mod figure;
mod import;
mod outcome;
mod record;
mod report;
mod requirement;
mod subject;
mod verdict;
mod waiver;

pub use bound::{Bound, Interval, Quantity, Unit};
pub use comparison::{Comparison, Detectable};
pub use digest::Sha256;
pub use figure::{Figure, Series};
pub use import::Import;
pub use outcome::{Outcome, Reason, Severity};
pub use record::{Evidence, FailingRows, InputRef, Location, RowExample};
pub use report::{
    CiContext, DatasetPartitions, RunIdentity, RunReport, SCHEMA_VERSION, Step, SubjectDigest,
    Summary, Tool, path_below,
};
pub use requirement::{OF_CHANGES, Requirement, RequirementId};
pub use subject::Subject;
pub use verdict::{ExitCode, Verdict};
pub use waiver::{Waiver, apply_waivers};

#[cfg(test)]
mod tests;
