//! What other verifications said: of the stage before, and of several who verify independently.

use std::collections::BTreeSet;

use super::provenance::text;
use super::signers::Role;
use super::{Question, statement::Known};
use crate::evidence::Evidence;

pub(super) fn previous_stage(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.previous_stage else {
        return Vec::new();
    };
    let of_stage = question
        .by(Role::Verification)
        .filter(|known| text(known.value(), "/resourceUri") == rule.resource);
    let latest = of_stage.max_by_key(|known| text(known.value(), "/timeVerified"));
    let found = match latest {
        None => Err(format!("it was never verified as `{}`", rule.resource)),
        Some(known) => passed(question, known, rule.max_age_days)
            .map(|()| format!("{} verified it as `{}`", known.read.signer, rule.resource)),
    };
    vec![question.record("attested-previous-stage", Role::Verification.name(), found)]
}

pub(super) fn verifiers(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.verifiers else {
        return Vec::new();
    };
    let passed = question
        .by(Role::Verification)
        .filter(|known| passed(question, known, None).is_ok());
    let signers: BTreeSet<String> = passed.map(|known| known.read.signer.to_string()).collect();
    let count = signers.len();
    let found = if rule.at_least <= count {
        let all: Vec<String> = signers.into_iter().collect();
        Ok(format!("verified by {}", all.join(" and ")))
    } else {
        Err(format!("verified by {count} of {} required", rule.at_least))
    };
    vec![question.record("attested-verifiers", Role::Verification.name(), found)]
}

/// That a verification passed, not too long ago.
fn passed(question: &Question<'_>, known: &Known<'_>, days_max: Option<u32>) -> Result<(), String> {
    let result = text(known.value(), "/verificationResult");
    if result != "PASSED" {
        return Err(format!("{} says `{result}`", known.read.signer));
    }
    let stated = text(known.value(), "/timeVerified").parse().ok();
    match known.read.at.or(stated) {
        Some(at) => question.recent("the verification", at, days_max),
        None => Err("the verification has no time".to_owned()),
    }
}
