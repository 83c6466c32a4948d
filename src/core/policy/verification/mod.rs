//! May a model be used, by all that is stated about it and by whom? The policy behind
//! `verify --policy`, as a pure function of statements whose signatures were verified.
//!
//! Each check is one line of [`CHECKS`] and one requirement; a check the policy does not ask for yields no
//! record. A statement speaks for something only when its signature verifies, it is about exactly this
//! model, and the policy lets its signer say such things. What is missing is refused.

mod approvals;
mod bill_of_materials;
mod chain;
mod denied;
mod provenance;
mod reports;
mod requirements;
mod signers;
mod spec;
mod statement;
mod version;

use chrono::{DateTime, Utc};

use crate::evidence::{Evidence, Location, Outcome, Severity, Sha256, Subject};
use crate::policy::judge::CLOCK_SKEW_SECONDS;

pub use requirements::REQUIREMENTS;
pub use signers::{BuildClaim, Role, SignedBy, SignerRule};
pub use spec::{
    ApprovalRule, BillRule, CardRule, DenyRule, PreviousStageRule, ProvenanceRule, ReportRule,
    Required, ScanRule, TrustSpec, VerificationPolicy, VerifierRule,
};
pub use statement::{Content, Statement};
pub use version::highest;

use statement::{Known, Read};

/// JSON Schema (draft 2020-12) of a policy.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(VerificationPolicy).to_value();
    schema["title"] = serde_json::Value::from("Verification policy of Proofmark");
    schema
}

/// What is verified, and all that is stated about it.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Name of the model.
    pub model: &'a str,
    /// Its OMS root digest, and that in the order of the reference implementation where it differs: a
    /// statement is about the model when it names either.
    pub digests: &'a [Sha256],
    /// The files of the model, by path relative to it, with their digests.
    pub files: &'a [(String, Sha256)],
    /// The statements, whoever signed them and whatever they are about.
    pub statements: &'a [Statement],
    /// The version of the model and the highest that was promoted; or why they are not known.
    pub versions: Result<Versions<'a>, &'a str>,
    /// The time now.
    pub now: DateTime<Utc>,
}

/// How a model stands among those promoted before.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    /// The version that is verified.
    pub this: &'a str,
    /// The highest version promoted so far; `None` when there is none.
    pub highest_promoted: Option<&'a str>,
}

/// Finds the line of the policy behind a path such as `require.gate.max_age_days`.
pub type Locate<'a> = &'a dyn Fn(&str) -> Option<Location>;

/// One check: the records it yields, none when the policy does not ask for it.
type Check = fn(&Question<'_>) -> Vec<Evidence>;

/// The checks, in the order of the report.
const CHECKS: &[Check] = &[
    statement::signatures,
    statement::subjects,
    signers::judge,
    provenance::judge,
    reports::gate,
    reports::data,
    reports::scan,
    bill_of_materials::judge,
    reports::card,
    approvals::judge,
    chain::previous_stage,
    denied::judge,
    denied::downgrade,
    chain::verifiers,
];

/// What every check is asked.
struct Question<'a> {
    policy: &'a VerificationPolicy,
    facts: &'a Facts<'a>,
    /// The statements that verify and are about this model.
    about: &'a [Read<'a>],
    /// The bundles of those that verify and are about this model, but say what cannot be read; why.
    unread: &'a [(Sha256, String)],
    /// Those by signers who may say such things.
    known: Vec<Known<'a>>,
}

/// Judges a model by a policy, in the order of the checks. It may be used when nothing in the answer blocks.
#[must_use]
pub fn judge(policy: &VerificationPolicy, facts: &Facts<'_>, locate: Locate<'_>) -> Vec<Evidence> {
    let (about, unread) = statement::about(facts);
    let question = Question {
        policy,
        facts,
        about: &about,
        unread: &unread,
        known: statement::known(policy, &about),
    };
    let mut evidence = Vec::new();
    for check in CHECKS {
        evidence.extend(check(&question));
    }
    for record in &mut evidence {
        if record.location.is_none() {
            let path = requirements::path(record.requirement.as_str());
            record.location = locate(path);
        }
    }
    evidence
}

impl Question<'_> {
    /// A record about what is stated of the model. What decides whether it may be used is of severity
    /// "error"; forgeries are of severity "integrity" and say so themselves.
    fn record(
        &self,
        requirement: &'static str,
        claim: &str,
        found: Result<String, String>,
    ) -> Evidence {
        let (outcome, message) = match found {
            Ok(message) => (Outcome::Met, message),
            Err(message) => (Outcome::NotMet, message),
        };
        let subject = Subject::Signature {
            model: self.facts.model.to_owned(),
            claim: claim.to_owned(),
        };
        Evidence::new(requirement, subject, outcome, message).severity(Severity::Error)
    }

    /// The statements by those who may play this role.
    fn by(&self, role: Role) -> impl Iterator<Item = &Known<'_>> {
        self.known.iter().filter(move |known| known.role == role)
    }

    /// That a time lies in the past, by no more than so many days.
    fn recent(&self, what: &str, at: DateTime<Utc>, days_max: Option<u32>) -> Result<(), String> {
        let age = self.facts.now - at;
        if CLOCK_SKEW_SECONDS < -age.num_seconds() as f64 {
            return Err(format!("{what} is dated {at}, which is in the future"));
        }
        match days_max {
            Some(days_max) if chrono::TimeDelta::days(i64::from(days_max)) < age => Err(format!(
                "{what} is {} days old, required at most {days_max}",
                age.num_days()
            )),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
