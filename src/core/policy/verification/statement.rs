//! Statements: what is signed, about what, of which kind.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::signers::{Role, SignedBy};
use super::{Facts, Question, VerificationPolicy};
use crate::evidence::{Evidence, RunReport, Severity, Sha256, Step};
use crate::manifest::{OldVersion, claim_about, test_result};

pub(super) use crate::manifest::predicates::{HUMAN_REVIEW, PROVENANCE, VERIFICATION_SUMMARY};

/// CycloneDX; a version may follow.
pub(super) const CYCLONEDX: &str = "https://cyclonedx.org/bom";
/// SPDX; a version may follow.
pub(super) const SPDX: &str = "https://spdx.dev/Document";

/// A bundle of the file of claims.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Digest of the bundle.
    pub bundle_sha256: Sha256,
    /// Its version, when it is below 0.3 and counts by consent.
    pub old_version: Option<OldVersion>,
    /// What it holds, as far as that can be believed.
    pub content: Content,
}

/// What became of the signature of a statement.
#[derive(Clone, Debug)]
pub enum Content {
    /// It verifies.
    Signed {
        /// Who signed.
        by: SignedBy,
        /// When it was signed at the latest, by a time stamp or a log; `None` where nothing proves a time.
        at: Option<DateTime<Utc>>,
        /// The statement.
        payload: Vec<u8>,
    },
    /// Nothing the verifier trusts could have made it; why, as a fragment.
    Unknown(String),
    /// It is false; why, as a fragment.
    Invalid(String),
}

/// A statement about the model, read.
pub(super) struct Read<'a> {
    pub(super) signer: &'a SignedBy,
    pub(super) at: Option<DateTime<Utc>>,
    /// What it speaks of; `None` when it is of a kind no check asks for.
    pub(super) role: Option<Role>,
    pub(super) predicate_type: String,
    pub(super) predicate: Predicate,
    pub(super) bundle_sha256: Sha256,
}

/// What is stated.
pub(super) enum Predicate {
    /// A report of this program.
    Report(Box<RunReport>),
    /// Anything else.
    Other(Value),
}

/// A statement that counts.
pub(super) struct Known<'a> {
    pub(super) role: Role,
    pub(super) read: &'a Read<'a>,
}

impl Known<'_> {
    /// The predicate of a statement of another program; null for a report.
    pub(super) fn value(&self) -> &Value {
        match &self.read.predicate {
            Predicate::Report(_) => &Value::Null,
            Predicate::Other(value) => value,
        }
    }
}

impl Statement {
    /// The statement, when it verifies and is about this model; or why it cannot be read.
    fn about(&self, facts: &Facts<'_>) -> Option<Result<Read<'_>, String>> {
        let Content::Signed { by, at, payload } = &self.content else {
            return None;
        };
        let mut digests = facts.digests.iter();
        let predicate_type =
            digests.find_map(|digest| claim_about(payload, *digest).ok().flatten())?;
        let predicate = Predicate::parse(&predicate_type, payload);
        Some(predicate.map(|predicate| Read {
            signer: by,
            at: *at,
            role: role(&predicate_type, &predicate),
            predicate_type,
            predicate,
            bundle_sha256: self.bundle_sha256,
        }))
    }
}

impl Predicate {
    fn parse(predicate_type: &str, payload: &[u8]) -> Result<Self, String> {
        if predicate_type == test_result::PREDICATE_TYPE {
            let attestation = test_result::parse(payload).map_err(|error| error.to_string())?;
            return Ok(Self::Report(Box::new(attestation.report)));
        }
        let mut value: Value =
            serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let predicate = value.get_mut("predicate").map(Value::take);
        predicate
            .map(Self::Other)
            .ok_or_else(|| "it has no predicate".to_owned())
    }
}

fn role(predicate_type: &str, predicate: &Predicate) -> Option<Role> {
    let of_type = |wanted: &str| {
        predicate_type
            .strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match predicate {
        Predicate::Report(report) => match report.step {
            Step::DataValidation => Some(Role::Data),
            Step::Gate => Some(Role::Gate),
            Step::Scan => Some(Role::Scan),
            Step::Card => Some(Role::Card),
            Step::Sign
            | Step::Promote
            | Step::Retrain
            | Step::Run
            | Step::Doctor
            | Step::SelfVerify => None,
        },
        Predicate::Other(_) if of_type(PROVENANCE) => Some(Role::Provenance),
        Predicate::Other(_) if of_type(VERIFICATION_SUMMARY) => Some(Role::Verification),
        Predicate::Other(_) if of_type(HUMAN_REVIEW) => Some(Role::Approval),
        Predicate::Other(_) if of_type(CYCLONEDX) || of_type(SPDX) => Some(Role::BillOfMaterials),
        Predicate::Other(_) => None,
    }
}

/// The statements that verify and are about the model; apart from them those that cannot be read.
pub(super) fn about<'a>(facts: &Facts<'a>) -> (Vec<Read<'a>>, Vec<(Sha256, String)>) {
    let (mut about, mut unread) = (Vec::new(), Vec::new());
    for statement in facts.statements {
        match statement.about(facts) {
            Some(Ok(read)) => about.push(read),
            Some(Err(problem)) => unread.push((statement.bundle_sha256, problem)),
            None => {}
        }
    }
    (about, unread)
}

/// Those by signers who may make them.
pub(super) fn known<'a>(policy: &VerificationPolicy, about: &'a [Read<'a>]) -> Vec<Known<'a>> {
    let known = about.iter().filter_map(|read| {
        let role = read.role?;
        let mut rules = policy.signers.values();
        let may = rules.any(|rule| rule.may.contains(&role) && rule.names(read.signer));
        may.then_some(Known { role, read })
    });
    known.collect()
}

/// No statement is false, and each is of a type there may be.
pub(super) fn signatures(question: &Question<'_>) -> Vec<Evidence> {
    let statements = question.facts.statements;
    let mut evidence = Vec::new();
    let (mut verified, mut unknown) = (0, 0);
    for statement in statements {
        let bundle = statement.bundle_sha256.short();
        match &statement.content {
            Content::Signed { .. } => verified += 1,
            Content::Unknown(_) => unknown += 1,
            Content::Invalid(problem) => {
                let message = format!(
                    "bundle {bundle} does not verify: {problem}; remove it and find out where it came from"
                );
                let record = question.record("attestation-signature", &bundle, Err(message));
                evidence.push(record.severity(Severity::Integrity));
            }
        }
    }
    // What a new statement says must not be passed over in favour of what an old one said.
    for (bundle, problem) in question.unread {
        let message = format!("bundle {} cannot be read: {problem}", bundle.short());
        evidence.push(question.record("attestation-signature", &bundle.short(), Err(message)));
    }
    let allowed = &question.policy.predicate_types;
    for read in question
        .about
        .iter()
        .filter(|read| !allowed.is_empty() && !allowed.contains(&read.predicate_type))
    {
        let bundle = read.bundle_sha256.short();
        let message = format!(
            "bundle {bundle} is a statement of the type `{}`, which `predicate_types` does not list",
            read.predicate_type
        );
        evidence.push(question.record("attestation-signature", &bundle, Err(message)));
    }
    if evidence.is_empty() {
        let found = match verified {
            0 => Err(format!(
                "no statement verifies: {} by nobody the command line trusts; name their keys, roots or identities",
                counted(unknown)
            )),
            _ => Ok(format!(
                "{} verify; {} by nobody the command line trusts speak for nothing",
                counted(verified),
                counted(unknown)
            )),
        };
        evidence.push(question.record("attestation-signature", "claims", found));
    }
    evidence.extend(old_versions(question));
    evidence
}

/// What counts by consent alone is said each time.
fn old_versions(question: &Question<'_>) -> Vec<Evidence> {
    let statements = question.facts.statements.iter();
    let old = statements.filter_map(|statement| {
        let version = statement.old_version?;
        let bundle = statement.bundle_sha256.short();
        let message = format!(
            "bundle {bundle} is of version {version}, which proves less than 0.3, and counts by `trust.allow_old_bundle_versions`"
        );
        let record = question.record("attestation-signature", &bundle, Err(message));
        Some(record.severity(Severity::Warning))
    });
    old.collect()
}

fn counted(count: usize) -> String {
    match count {
        1 => "1 statement".to_owned(),
        count => format!("{count} statements"),
    }
}

/// Something is stated about exactly this model.
pub(super) fn subjects(question: &Question<'_>) -> Vec<Evidence> {
    let statements = question.facts.statements;
    let signed = |statement: &&Statement| matches!(statement.content, Content::Signed { .. });
    let all = statements.iter().filter(signed).count();
    let about = question.about.len() + question.unread.len();
    let digest = question
        .facts
        .digests
        .first()
        .map_or_else(String::new, Sha256::short);
    let found = match about {
        0 => Err(format!(
            "none of {} is about `{}` {digest}; state it of the model that is to be verified",
            counted(all),
            question.facts.model
        )),
        _ => Ok(format!(
            "{} of {all} about `{}` {digest}",
            counted(about),
            question.facts.model
        )),
    };
    vec![question.record("attestation-subject", "claims", found)]
}
