//! The clauses of a stage, judged one by one.

use chrono::{DateTime, Utc};

use super::claim::{Claim, ClaimSignature, StepClaim};
use super::name::{ModelName, StageName};
use super::rules::StageRules;
use crate::evidence::{
    Bound, Evidence, Location, Outcome, Quantity, Reason, Severity, Sha256, Step, Subject, Unit,
};

/// How far the clock of the machine that ran a step may be ahead of ours, in seconds.
pub(super) const CLOCK_SKEW_SECONDS: f64 = 300.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// What is to go live where, and all that speaks for it.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// The model.
    pub model: &'a ModelName,
    /// Its OMS root digest.
    pub digest: Sha256,
    /// The rules of the stage it is to go live in.
    pub rules: &'a StageRules<'a>,
    /// What verification of the signature of the model found.
    pub model_signature: &'a [Evidence],
    /// All claims there are; those about other models and steps do no harm.
    pub claims: &'a [Claim],
    /// Digest of the configuration in force. Evidence made under another one answers other
    /// questions. Without it the clause is not judged.
    pub configuration: Option<Sha256>,
    /// What is or was live, of this model, in any stage.
    pub history: &'a [PastRelease],
    /// The time now.
    pub now: DateTime<Utc>,
}

/// A model that is or was live in a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRelease {
    /// The stage.
    pub stage: StageName,
    /// The OMS root digest.
    pub digest: Sha256,
}

/// Finds the line of the configuration behind a path such as `promote.stages[0].after`.
type Locate<'a> = &'a dyn Fn(&str) -> Option<Location>;

/// Judges a promotion: one record for each clause of the stage, in the order of the policy. The
/// stage may go live when nothing in the answer blocks.
#[must_use]
pub fn judge(proposal: &Proposal<'_>, locate: Locate<'_>) -> Vec<Evidence> {
    let mut evidence = vec![judge_model_signature(proposal)];
    for (index, step) in proposal.rules.policy.requires.iter().enumerate() {
        let location = proposal.locate(&format!("requires[{index}]"), locate);
        let records = judge_step(proposal, *step, locate);
        evidence.extend(records.into_iter().map(|record| {
            let location = record.location.clone().or_else(|| location.clone());
            record.at(location)
        }));
    }
    if let Some(after) = &proposal.rules.policy.after {
        evidence.push(judge_previous_stage(proposal, after).at(proposal.locate("after", locate)));
    }
    let stage_location = locate(&proposal.rules.path);
    for record in &mut evidence {
        if record.location.is_none() {
            record.location.clone_from(&stage_location);
        }
    }
    evidence
}

impl Proposal<'_> {
    fn locate(&self, key: &str, locate: Locate<'_>) -> Option<Location> {
        locate(&format!("{}.{key}", self.rules.path))
    }

    fn signature_of(&self, claim: &str) -> Subject {
        Subject::Signature {
            model: self.model.to_string(),
            claim: claim.to_owned(),
        }
    }

    /// Reads inside a sentence: "`credit-risk` 3f2a9c01b7de".
    fn release(&self) -> String {
        format!("`{}` {}", self.model, self.digest.short())
    }
}

fn judge_model_signature(proposal: &Proposal<'_>) -> Evidence {
    let records = proposal.model_signature;
    let open =
        |record: &&Evidence| record.outcome != Outcome::Met && Severity::Error <= record.severity;
    let verified = records.iter().any(|record| record.outcome == Outcome::Met);
    let worst = records
        .iter()
        .filter(open)
        .max_by_key(|record| record.severity);
    let release = proposal.release();
    let (outcome, severity, message) = match worst {
        None if verified => (
            Outcome::Met,
            Severity::Error,
            format!("the signature of {release} verifies"),
        ),
        None => (
            Outcome::NotMet,
            Severity::Error,
            format!("no verified signature of {release}; run `proofmark sign`"),
        ),
        Some(record) => (
            Outcome::NotMet,
            record.severity,
            format!(
                "the signature of {release} does not verify: {}; run `proofmark verify`",
                record.message
            ),
        ),
    };
    Evidence::new(
        "model-signature",
        proposal.signature_of("model"),
        outcome,
        message,
    )
    .severity(severity)
}

fn judge_previous_stage(proposal: &Proposal<'_>, after: &StageName) -> Evidence {
    let was_live = proposal
        .history
        .iter()
        .any(|past| past.stage == *after && past.digest == proposal.digest);
    let release = proposal.release();
    let (outcome, message) = if was_live {
        (
            Outcome::Met,
            format!("{release} is or was live in `{after}`"),
        )
    } else {
        let message = format!(
            "{release} was never live in `{after}`; run `proofmark promote plan` for `{after}` first"
        );
        (Outcome::NotMet, message)
    };
    let subject = Subject::Release {
        model: proposal.model.to_string(),
        stage: proposal.rules.policy.name.to_string(),
    };
    Evidence::new("previous-stage", subject, outcome, message)
}

/// The clauses on one step. Each needs the one before: where that fails, the rest is not evaluated.
fn judge_step(proposal: &Proposal<'_>, step: Step, locate: Locate<'_>) -> Vec<Evidence> {
    let claims = proposal.claims.iter();
    let about: Vec<StepClaim<'_>> = claims
        .filter_map(|claim| StepClaim::of(claim, step))
        .collect();
    let signed: Vec<&StepClaim<'_>> = about.iter().filter(is_verified).collect();
    // Of several about this model the latest speaks: an old pass must not hide a new failure.
    let latest = signed
        .iter()
        .filter(|claim| claim.names(proposal.digest))
        .max_by_key(|claim| {
            let passed = claim.verdict(proposal.now.date_naive()).passed();
            (claim.started_at(), !passed)
        });

    let mut evidence = vec![judge_present(proposal, step, &about)];
    evidence.push(judge_signed(proposal, step, &about));
    evidence.push(judge_digest(proposal, step, &signed));
    evidence.push(match latest {
        Some(claim) => judge_verdict(proposal, step, claim),
        None => not_reached("evidence-verdict", proposal, step),
    });
    if let Some(in_force) = proposal.configuration {
        evidence.push(match latest {
            Some(claim) => judge_configuration(proposal, step, claim, in_force),
            None => not_reached("evidence-configuration", proposal, step),
        });
    }
    if let Some(days_max) = proposal.rules.policy.max_age_days {
        let record = match latest {
            Some(claim) => judge_age(proposal, step, claim, days_max),
            None => not_reached("evidence-age", proposal, step),
        };
        evidence.push(record.at(proposal.locate("max_age_days", locate)));
    }
    evidence
}

fn is_verified(claim: &&StepClaim<'_>) -> bool {
    matches!(claim.claim.signature, ClaimSignature::Verified { .. })
}

fn judge_present(proposal: &Proposal<'_>, step: Step, about: &[StepClaim<'_>]) -> Evidence {
    let (outcome, message) = if about.is_empty() {
        let message = format!(
            "no `{}` evidence for {}; {}",
            step.as_str(),
            proposal.release(),
            fix(step)
        );
        (Outcome::NotMet, message)
    } else {
        let message = format!("there is `{}` evidence ({})", step.as_str(), about.len());
        (Outcome::Met, message)
    };
    Evidence::new(
        "evidence-present",
        proposal.signature_of(step.as_str()),
        outcome,
        message,
    )
}

/// A signature that is there but false is never passed over, even when another one is good.
fn judge_signed(proposal: &Proposal<'_>, step: Step, about: &[StepClaim<'_>]) -> Evidence {
    if about.is_empty() {
        return not_reached("evidence-signed", proposal, step);
    }
    let name = step.as_str();
    let invalid = about.iter().find_map(|claim| match &claim.claim.signature {
        ClaimSignature::Invalid { problem } => Some((claim.claim.bundle_sha256, problem)),
        ClaimSignature::Verified { .. } | ClaimSignature::Unsigned => None,
    });
    let (outcome, severity, message) = match invalid {
        Some((bundle, problem)) => (
            Outcome::NotMet,
            Severity::Integrity,
            format!(
                "the signature on `{name}` evidence {} is false: {problem}; remove that bundle and \
                 find out where it came from",
                bundle.short()
            ),
        ),
        None => match about.iter().find_map(signer) {
            Some(by) => (
                Outcome::Met,
                Severity::Error,
                format!("`{name}` evidence is signed by `{by}`"),
            ),
            None => (
                Outcome::NotMet,
                Severity::Error,
                format!(
                    "no signed `{name}` evidence for {}; {}",
                    proposal.release(),
                    fix(step)
                ),
            ),
        },
    };
    Evidence::new(
        "evidence-signed",
        proposal.signature_of(name),
        outcome,
        message,
    )
    .severity(severity)
}

fn signer<'a>(claim: &StepClaim<'a>) -> Option<&'a str> {
    match &claim.claim.signature {
        ClaimSignature::Verified { by } => Some(by),
        ClaimSignature::Unsigned | ClaimSignature::Invalid { .. } => None,
    }
}

fn judge_digest(proposal: &Proposal<'_>, step: Step, signed: &[&StepClaim<'_>]) -> Evidence {
    let Some(first) = signed.first() else {
        return not_reached("evidence-digest", proposal, step);
    };
    let name = step.as_str();
    let matching: Vec<_> = signed
        .iter()
        .filter(|claim| claim.names(proposal.digest))
        .collect();
    let contradiction = matching
        .iter()
        .find_map(|claim| claim.contradiction(proposal.model.as_str(), proposal.digest));
    let (outcome, severity, message) = if let Some(stated) = contradiction {
        let message = format!(
            "signed `{name}` evidence is stated for {} but its report speaks of {}; {}",
            proposal.release(),
            stated.short(),
            fix(step)
        );
        (Outcome::NotMet, Severity::Integrity, message)
    } else if matching.is_empty() {
        let others = first.claim.model_digests.first();
        let message = format!(
            "no signed `{name}` evidence for {}: what there is speaks of {}; {}",
            proposal.release(),
            others.map_or_else(|| "no model".to_owned(), Sha256::short),
            fix(step)
        );
        (Outcome::NotMet, Severity::Integrity, message)
    } else {
        let message = format!("signed `{name}` evidence speaks of {}", proposal.release());
        (Outcome::Met, Severity::Integrity, message)
    };
    Evidence::new(
        "evidence-digest",
        proposal.signature_of(name),
        outcome,
        message,
    )
    .severity(severity)
}

fn judge_verdict(proposal: &Proposal<'_>, step: Step, claim: &StepClaim<'_>) -> Evidence {
    let today = proposal.now.date_naive();
    let verdict = claim.verdict(today);
    let summary = claim.summary(today);
    let mut message = format!(
        "signed `{}` evidence for {} says {verdict}: {} met, {} not met, {} not evaluated, {} \
         warnings",
        step.as_str(),
        proposal.release(),
        summary.met,
        summary.not_met,
        summary.not_evaluated,
        summary.warnings
    );
    let expired = claim.expired_waivers(today);
    if 0 < expired {
        message.push_str(&format!("; {expired} of its waivers have run out since"));
    }
    let outcome = if verdict.passed() {
        Outcome::Met
    } else {
        message.push_str(&format!("; correct what it names, then {}", fix(step)));
        Outcome::NotMet
    };
    Evidence::new(
        "evidence-verdict",
        proposal.signature_of(step.as_str()),
        outcome,
        message,
    )
}

/// A pass under looser bounds is not a pass under those in force.
fn judge_configuration(
    proposal: &Proposal<'_>,
    step: Step,
    claim: &StepClaim<'_>,
    in_force: Sha256,
) -> Evidence {
    let name = step.as_str();
    let (outcome, message) = if claim.was_made_under(in_force) {
        let message = format!("`{name}` evidence was made under the configuration in force");
        (Outcome::Met, message)
    } else {
        let message = format!(
            "`{name}` evidence was made under another configuration than {}, which is in force; {}",
            in_force.short(),
            fix(step)
        );
        (Outcome::NotMet, message)
    };
    let subject = proposal.signature_of(name);
    Evidence::new("evidence-configuration", subject, outcome, message)
}

fn judge_age(
    proposal: &Proposal<'_>,
    step: Step,
    claim: &StepClaim<'_>,
    days_max: u32,
) -> Evidence {
    let name = step.as_str();
    let age_seconds = (proposal.now - claim.started_at()).num_seconds() as f64;
    let ahead = Quantity::new(-age_seconds, Unit::Seconds);
    let ahead_max = Bound::AtMost(CLOCK_SKEW_SECONDS);
    if ahead_max.judge(&ahead) != Outcome::Met {
        let message = format!(
            "`{name}` evidence is dated {ahead} in the future, {ahead_max} s is allowed for clocks; \
             set the clock of the machine that ran it, then {}",
            fix(step)
        );
        let subject = proposal.signature_of(name);
        return Evidence::new("evidence-age", subject, ahead_max.judge(&ahead), message)
            .measured(ahead, ahead_max);
    }
    let age = Quantity::new(age_seconds.max(0.0) / SECONDS_PER_DAY, Unit::Days);
    let bound = Bound::AtMost(f64::from(days_max));
    let outcome = bound.judge(&age);
    let mut message = format!("`{name}` evidence is {age} old, required {bound}");
    if outcome != Outcome::Met {
        message.push_str(&format!("; {}", fix(step)));
    }
    Evidence::new(
        "evidence-age",
        proposal.signature_of(name),
        outcome,
        message,
    )
    .measured(age, bound)
}

fn not_reached(id: &'static str, proposal: &Proposal<'_>, step: Step) -> Evidence {
    let message = format!(
        "there is no signed `{}` evidence for {} to judge; {}",
        step.as_str(),
        proposal.release(),
        fix(step)
    );
    let subject = proposal.signature_of(step.as_str());
    Evidence::not_evaluated(id, subject, Reason::EarlierStep, message)
}

/// What to run so that the evidence of `step` exists, signed.
fn fix(step: Step) -> &'static str {
    match step {
        Step::DataValidation => "run `proofmark data validate` and `proofmark attest`",
        Step::Gate => "run `proofmark gate` and `proofmark attest`",
        Step::Scan => "run `proofmark scan` and `proofmark attest`",
        Step::Card => "run `proofmark card build` and `proofmark attest`",
        Step::Sign
        | Step::Promote
        | Step::Retrain
        | Step::Run
        | Step::Doctor
        | Step::SelfVerify => "run `proofmark run` and `proofmark attest`",
    }
}
