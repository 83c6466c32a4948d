//! A rule of a contract this program cannot run. It is reported, never skipped.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Evidence, Reason};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "unsupported-rule",
    summary: "Every rule of the contract can be evaluated.",
    remedy: "Write the rule as a library metric or a `proofmark` check, or lower its severity to `info`.",
    references: &["Open Data Contract Standard 3.1: quality types `sql` and `custom`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Never met and never not met: it exists so that a rule that cannot be run is seen.";

/// A rule that cannot be run.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnsupportedRule {
    /// The rule and why it cannot be run, as a sentence without a full stop.
    pub why: String,
}

impl Check for UnsupportedRule {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        Vec::new()
    }

    fn judge(&self, target: &Target, _: &TableFacts, _: &[Measured]) -> Vec<Evidence> {
        let message = format!("{}: {}", target.subject(), self.why);
        let subject = target.subject();
        target.finish(Evidence::not_evaluated(
            REQUIREMENT.id,
            subject,
            Reason::Unsupported,
            message,
        ))
    }
}
