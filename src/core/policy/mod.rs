//! May this model go live in this stage? Rules over verified claims, as a pure function.
//!
//! A claim is a signed evidence report about a model. [`judge`] holds the claims, the signature of
//! the model and the history of the registry against the rules of one stage and answers with one
//! record for each clause, also when it is met. What is missing is refused. Signatures are verified
//! by `signing`, releases are recorded by `registries`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod claim;
mod judge;
mod name;
mod requirements;
mod rules;
pub mod verification;

pub use claim::{Claim, ClaimSignature};
pub use judge::{PastRelease, Proposal, judge};
pub use name::{InvalidName, ModelName, StageName};
pub use requirements::REQUIREMENTS;
pub use rules::{PolicyProblem, PromotionPolicy, StagePolicy, StageRules};

#[cfg(test)]
mod tests;
