//! What was understood where a contract can be read in more than one way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Evidence, Outcome, Severity};
use crate::measure::{Measure, Measured, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "contract-note",
    summary: "The contract says nothing that tools read differently.",
    remedy: "Write the rule so that it means one thing: with one-sided operators, or as a `proofmark` check.",
    references: &["Open Data Contract Standard 3.1, where its text and its schema differ"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Always of severity info, so it never changes a verdict; looks at no data.";

/// A remark on a rule.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractNote {
    /// What was understood, as a sentence without a full stop.
    pub note: String,
}

impl Check for ContractNote {
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
        let target = Target {
            severity: Severity::Info,
            ..target.clone()
        };
        let message = format!("{}: {}", target.subject(), self.note);
        target.finish(Evidence::new(
            REQUIREMENT.id,
            target.subject(),
            Outcome::NotMet,
            message,
        ))
    }
}
