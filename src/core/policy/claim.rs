//! A claim: an evidence report that somebody stands for with a signature.

use chrono::{DateTime, NaiveDate, Utc};

use crate::evidence::{Evidence, RunReport, Sha256, Step, Summary, Verdict};

/// An evidence report about a model, with what the signature on it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The evidence. Its verdict is computed, never read.
    pub report: RunReport,
    /// OMS root digests among the subjects of the signed statement.
    pub model_digests: Vec<Sha256>,
    /// Digest of the bundle the claim was read from.
    pub bundle_sha256: Sha256,
    /// What the signature says.
    pub signature: ClaimSignature,
}

/// What became of the signature of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimSignature {
    /// It verifies under a key the configuration trusts.
    Verified {
        /// Fingerprint of the key, or the identity in the certificate.
        by: String,
    },
    /// There is none.
    Unsigned,
    /// There is one, and it does not verify.
    Invalid {
        /// Why not, as a fragment.
        problem: String,
    },
}

/// The part of a claim that is about one step.
pub(super) struct StepClaim<'a> {
    pub(super) claim: &'a Claim,
    sections: Vec<&'a RunReport>,
}

impl<'a> StepClaim<'a> {
    /// The part about `step`; absent when the claim does not speak of it. A report of a whole run
    /// speaks of each of its steps.
    pub(super) fn of(claim: &'a Claim, step: Step) -> Option<Self> {
        let mut sections = claim.report.sections();
        sections.retain(|section| section.step == step);
        (!sections.is_empty()).then_some(Self { claim, sections })
    }

    /// When the oldest run in it began.
    pub(super) fn started_at(&self) -> DateTime<Utc> {
        let times = self.sections.iter().map(|section| section.run.started_at);
        times.min().unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// Whether the statement is about the model `digest`.
    pub(super) fn names(&self, digest: Sha256) -> bool {
        self.claim.model_digests.contains(&digest)
    }

    /// The digest the report itself gives for `model`, when that is another than `digest`.
    pub(super) fn contradiction(&self, model: &str, digest: Sha256) -> Option<Sha256> {
        self.sections.iter().find_map(|section| {
            let mut stated = section
                .subjects
                .iter()
                .filter(|subject| subject.name == model);
            let first = stated.next()?.sha256;
            let agrees = first == digest || stated.any(|subject| subject.sha256 == digest);
            (!agrees).then_some(first)
        })
    }

    /// Whether every run behind it read the configuration with this digest.
    pub(super) fn was_made_under(&self, configuration: Sha256) -> bool {
        self.sections.iter().all(|section| {
            let mut read = section.run.configuration.iter();
            read.any(|input| input.sha256 == configuration)
        })
    }

    /// The verdict as of `today`: a waiver that has run out since the run covers nothing.
    pub(super) fn verdict(&self, today: NaiveDate) -> Verdict {
        let verdicts = self
            .sections
            .iter()
            .map(|section| verdict_on(&section.evidence, today));
        verdicts.max().unwrap_or(Verdict::NotPassed)
    }

    /// How many records ended how, as of `today`.
    pub(super) fn summary(&self, today: NaiveDate) -> Summary {
        let mut total = Summary::default();
        for section in &self.sections {
            let mut section = (*section).clone();
            section.evidence = in_force(&section.evidence, today);
            let part = section.summary();
            total.met += part.met;
            total.not_met += part.not_met;
            total.not_evaluated += part.not_evaluated;
            total.warnings += part.warnings;
        }
        total
    }

    /// How many waivers in it have run out before `today`.
    pub(super) fn expired_waivers(&self, today: NaiveDate) -> usize {
        let records = self.sections.iter().flat_map(|section| &section.evidence);
        records.filter(|record| is_expired(record, today)).count()
    }
}

/// The verdict of evidence as of `today`: a waiver that has run out since covers nothing.
pub(super) fn verdict_on(evidence: &[Evidence], today: NaiveDate) -> Verdict {
    Verdict::of(&in_force(evidence, today))
}

fn in_force(evidence: &[Evidence], today: NaiveDate) -> Vec<Evidence> {
    let mut evidence = evidence.to_vec();
    for record in &mut evidence {
        if is_expired(record, today) {
            record.waiver = None;
        }
    }
    evidence
}

fn is_expired(record: &Evidence, today: NaiveDate) -> bool {
    record
        .waiver
        .as_ref()
        .is_some_and(|waiver| waiver.until < today)
}
