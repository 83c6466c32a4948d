//! Everything that can be required, by id: what `explain`, SARIF rules and remedies are made of.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use crate::evidence::Requirement;
use crate::{
    cards, checks, contract, drift, gates, policy, report, retrain, scaffold, scan, signing,
};

/// A required input can be read. Emitted by the commands that read.
pub const READABLE_INPUT: Requirement = Requirement {
    id: "readable-input",
    summary: "Every input a step needs exists and can be read.",
    remedy: "Correct the path in the configuration, or produce the file in an earlier job.",
    references: &[],
};

/// The steps before this one passed. Emitted for steps that were not tried.
pub const EARLIER_STEP: Requirement = Requirement {
    id: "earlier-step",
    summary: "Every earlier step of the chain passed.",
    remedy: "Mend the step that did not pass; this one follows by itself.",
    references: &[],
};

/// The model is live. Emitted when a promotion was carried out.
pub const RELEASE: Requirement = Requirement {
    id: "release",
    summary: "The model is live in the stage, recorded in the ledger.",
    remedy: "Look at `proofmark promote status`.",
    references: &[],
};

const OWN: [Requirement; 3] = [READABLE_INPUT, EARLIER_STEP, RELEASE];

/// Every requirement, in the order of the chain.
pub fn requirements() -> impl Iterator<Item = &'static Requirement> {
    OWN.iter()
        .chain(checks::requirements())
        .chain(checks::ml::quality_diff::REQUIREMENTS)
        .chain([
            &contract::compatibility::COMPATIBILITY,
            &contract::compatibility::LOOSENING,
        ])
        .chain(drift::REQUIREMENTS)
        .chain(gates::REQUIREMENTS)
        .chain(scan::REQUIREMENTS)
        .chain(cards::REQUIREMENTS)
        .chain(signing::REQUIREMENTS)
        .chain(signing::release::REQUIREMENTS)
        .chain(policy::REQUIREMENTS)
        .chain(policy::verification::REQUIREMENTS)
        .chain(report::REQUIREMENTS)
        .chain(retrain::requirements())
        .chain(scaffold::REQUIREMENTS)
}

/// The requirements of signatures.
pub fn of_signatures() -> impl Iterator<Item = &'static Requirement> {
    signing::REQUIREMENTS.iter()
}

/// The requirement with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Requirement> {
    requirements().find(|requirement| requirement.id == id)
}

#[cfg(test)]
mod tests {
    use super::requirements;
    use crate::cards::Topic;
    use crate::wildcard;

    #[test]
    fn topics_of_the_card_name_requirements_there_are() {
        for topic in Topic::ALL {
            for pattern in topic.requirements() {
                let known = requirements().any(|known| wildcard::fits(pattern, known.id));
                assert!(known, "{topic:?}: `{pattern}`");
            }
        }
    }
}
