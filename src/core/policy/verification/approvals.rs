//! Approvals by people who neither built nor tested the model.

use std::collections::BTreeSet;

use super::Question;
use super::provenance::text;
use super::signers::Role;
use crate::evidence::Evidence;

pub(super) fn judge(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.approvals else {
        return Vec::new();
    };
    let made = [
        Role::Provenance,
        Role::Gate,
        Role::Data,
        Role::Scan,
        Role::Card,
    ];
    let makers: BTreeSet<String> = question
        .known
        .iter()
        .filter(|known| made.contains(&known.role))
        .map(|known| known.read.signer.to_string())
        .collect();
    let mut people = BTreeSet::new();
    let mut refused = Vec::new();
    for known in question.by(Role::Approval) {
        let person = known.read.signer.to_string();
        let result = text(known.value(), "/result");
        let stated = text(known.value(), "/timestamp").parse().ok();
        let recent = match known.read.at.or(stated) {
            Some(at) => question.recent("the approval", at, rule.max_age_days),
            None if rule.max_age_days.is_some() => Err("the approval has no time".to_owned()),
            None => Ok(()),
        };
        match (result.as_str(), recent) {
            ("pass", Ok(())) if !makers.contains(&person) => {
                people.insert(person);
            }
            ("pass", Ok(())) => refused.push(format!(
                "{person} made statements about the making of the model"
            )),
            ("pass", Err(why)) => refused.push(format!("of {person}: {why}")),
            // Whoever said no is not outvoted.
            _ => {
                let message = format!("{person} says `{result}`");
                return vec![question.record(
                    "attested-approvals",
                    Role::Approval.name(),
                    Err(message),
                )];
            }
        }
    }
    let found = if rule.count <= people.len() {
        let all: Vec<String> = people.into_iter().collect();
        Ok(format!("approved by {}", all.join(" and ")))
    } else {
        let others = match refused.first() {
            Some(refused) => format!("; not counted: {refused}"),
            None => String::new(),
        };
        Err(format!(
            "{} of {} approvals{others}",
            people.len(),
            rule.count
        ))
    };
    vec![question.record("attested-approvals", Role::Approval.name(), found)]
}
