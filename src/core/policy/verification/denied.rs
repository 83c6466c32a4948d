//! What is refused whoever speaks for it, and steps back to an earlier version.

use super::Question;
use super::signers::SignedBy;
use super::spec::DenyRule;
use super::version::Version;
use crate::evidence::{Evidence, Outcome, Reason, Severity};

pub(super) fn judge(question: &Question<'_>) -> Vec<Evidence> {
    let deny = &question.policy.deny;
    if *deny == DenyRule::default() {
        return Vec::new();
    }
    let found = match refused(question, deny) {
        Some(why) => Err(why),
        None => Ok("neither the model nor whoever speaks of it is on the list".to_owned()),
    };
    vec![
        question
            .record("denied", "model", found)
            .severity(Severity::Integrity),
    ]
}

fn refused(question: &Question<'_>, deny: &DenyRule) -> Option<String> {
    let facts = question.facts;
    let files = facts
        .files
        .iter()
        .map(|(path, sha256)| (path.as_str(), sha256));
    let model = facts.digests.iter().map(|sha256| (facts.model, sha256));
    let mut digests = model.chain(files);
    if let Some((name, sha256)) = digests.find(|(_, sha256)| deny.digests.contains(sha256)) {
        return Some(format!("`{name}` {} is on the list", sha256.short()));
    }
    let mut signers = question.about.iter().map(|read| read.signer);
    let denied = signers.find(|signer| names(deny, signer))?;
    Some(format!("{denied} is on the list"))
}

fn names(deny: &DenyRule, signer: &SignedBy) -> bool {
    let listed = |name: &String| deny.identities.contains(name);
    match signer {
        SignedBy::Key { fingerprint } => listed(fingerprint),
        SignedBy::Certificate {
            subject,
            names,
            sha256,
        } => listed(subject) || names.iter().any(listed) || deny.certificates.contains(sha256),
        SignedBy::Identity { name, sha256, .. } => {
            listed(name) || deny.certificates.contains(sha256)
        }
    }
}

/// An old version with a known weakness is signed as well as any.
pub(super) fn downgrade(question: &Question<'_>) -> Vec<Evidence> {
    if !question.policy.require.no_downgrade {
        return Vec::new();
    }
    let versions = match question.facts.versions {
        Ok(versions) => versions,
        Err(why) => {
            let mut record = question.record("no-downgrade", "model", Err(why.to_owned()));
            record.outcome = Outcome::NotEvaluated(Reason::MissingInput);
            return vec![record];
        }
    };
    let this = versions.this;
    let found = match versions.highest_promoted {
        None => Ok(format!("{this} is the first version that is promoted")),
        Some(highest) => match (Version::parse(this), Version::parse(highest)) {
            (Some(ours), Some(theirs)) if theirs <= ours => Ok(format!(
                "{this} is not below {highest}, the highest promoted"
            )),
            (Some(_), Some(_)) => Err(format!(
                "{this} is below {highest}, which was promoted; roll back by the registry instead"
            )),
            (_, _) => Err(format!(
                "{this} and {highest} are not versions such as `1.4.0`"
            )),
        },
    };
    vec![question.record("no-downgrade", "model", found)]
}
