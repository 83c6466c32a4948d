//! Exceptions people have made, in writing and for a time.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, Severity};
use super::record::Evidence;
use super::requirement::RequirementId;

/// Someone's decision to go on although a requirement is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The requirement waived.
    pub requirement: RequirementId,
    /// The subject it is waived on, as its name is printed: `current/age`.
    pub subject: String,
    /// Who decided it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The last day it holds.
    pub until: NaiveDate,
}

/// Attaches to every open record the waiver in force on `today`. Integrity is never waived.
pub fn apply_waivers(evidence: &mut [Evidence], waivers: &[Waiver], today: NaiveDate) {
    for record in evidence {
        if record.outcome == Outcome::Met || record.severity == Severity::Integrity {
            continue;
        }
        let subject = record.subject.name();
        record.waiver = waivers
            .iter()
            .find(|waiver| {
                waiver.requirement == record.requirement
                    && waiver.subject == subject
                    && today <= waiver.until
            })
            .cloned();
    }
}
