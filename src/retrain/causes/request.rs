//! A person asks for it, and says why.

use super::model;
use crate::evidence::{Evidence, Outcome, Requirement};
use crate::retrain::Situation;

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "retraining-request",
    summary: "Nobody asks for the model to be trained again.",
    remedy: "Leave `--reason` out when the causes of the configuration are to decide.",
    references: &[],
};

/// The key of this cause beside those of the configuration.
pub(in crate::retrain) const KEY: &str = "request";

/// The request, when there is one. It is no way around what speaks against starting now.
pub(in crate::retrain) fn judge(situation: &Situation<'_>) -> Option<Evidence> {
    let reason = situation.reason?;
    let message = format!("`{}` asks for it: {reason}", situation.by);
    Some(Evidence::new(
        REQUIREMENT.id,
        model(situation),
        Outcome::NotMet,
        message,
    ))
}
