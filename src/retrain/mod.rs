//! Must the model that is live be trained again? A decision over evidence, as a pure function.
//!
//! [`decide`] looks at the evidence of the new data first: what did not pass validation is never
//! trained on, because a broken feed looks like drift. Then it asks each cause of the configuration,
//! one file each in [`causes`]; then it asks what speaks against starting now: another retraining,
//! the cooldown, the budget, or that retraining has not helped. Each answer is one record. The
//! decision has an id made of nothing but its inputs: whoever decides on the same inputs decides the
//! same thing, and it is carried out at most once. Who starts the training is left to
//! `orchestrators`, where decisions are claimed to `registries`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod causes;
mod data;
mod decision;
mod history;
mod holds;
mod requirements;
mod situation;
mod spec;

pub use decision::{Action, Decision, DecisionInputs, decide};
pub use history::{PastRetraining, Progress};
pub use requirements::{DECISION, DISPATCH, requirements};
pub use situation::{Content, EvidenceFile, Live, Releases, Situation};
pub use spec::{Budget, RetrainProblem, RetrainSpec};

#[cfg(test)]
mod tests;
