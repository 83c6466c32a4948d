//! Verifies bundles, fail closed: a later question is asked only when every earlier one is answered,
//! and what was not asked is recorded as not evaluated.

use std::path::Path;

use super::error::SigningError;
use super::keyless::KeylessError;
use super::trust::{Signatory, Trust};
use super::walk;
use crate::evidence::{
    Bound, Evidence, InputRef, Outcome, Quantity, Reason, Requirement, Severity, Sha256, Subject,
    Unit,
};
use crate::io::files::FileProblem;
use crate::manifest::oms::{self, SignedModel};
use crate::manifest::test_result::{self, Attestation};
use crate::manifest::{Difference, InvalidClaim, Manifest, compare};

const SIGNATURE: &str = "signature";
const ROOT_DIGEST: &str = "root-digest";
const SIGNED_FILES: &str = "signed-files";
const SIGNATURE_EXCLUSIONS: &str = "signature-exclusions";

const OMS: &str = "OpenSSF Model Signing specification 1.0";

/// What verifying a model asks.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: SIGNATURE,
        summary: "The bundle holds one signature over a statement, made by whom the verifier trusts.",
        remedy: "Get the bundle again from where the model was published, or ask who signed it with which key.",
        references: &[OMS, "DSSE 1.0", "FIPS 186-5"],
    },
    Requirement {
        id: ROOT_DIGEST,
        summary: "The signed list of files is well formed and hashes to the digest the statement is about.",
        remedy: "Sign the model again; the signer made a statement that contradicts itself.",
        references: &[OMS],
    },
    Requirement {
        id: SIGNED_FILES,
        summary: "Every file of the model is signed, every signed file is there, and each has the signed content.",
        remedy: "Get the model again from where it was published; do not load it.",
        references: &[OMS],
    },
    Requirement {
        id: SIGNATURE_EXCLUSIONS,
        summary: "Nothing in the model is left out of the signature, but for version control and the signature itself.",
        remedy: "Remove the paths left out, or ask the signer to sign them.",
        references: &[
            OMS,
            "https://github.com/sigstore/model-transparency/pull/590",
        ],
    },
];

/// Names on the disk a message shows; each has a record of its own besides.
const NAMES_SHOWN_MAX: usize = 5;

/// What is verified, and what to call it in the evidence.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions<'a> {
    /// Name of the model.
    pub model: &'a str,
    /// Where the model is, as the user gave it.
    pub model_locator: &'a str,
    /// Where the bundle is, as the user gave it.
    pub bundle_locator: &'a str,
    /// Paths in the model that the verifier does not expect to be signed: the bundle itself, the file
    /// of claims.
    pub ignore: &'a [&'a str],
}

/// Verifies that `bundle` is a signature that `trust` accepts over exactly the files at `path`.
///
/// Yields one record for each of [`REQUIREMENTS`], and one more for every file that is not as signed,
/// sorted by name. All but `signature-exclusions` are of severity "integrity".
#[must_use]
pub fn verify_model(
    bundle: &[u8],
    path: &Path,
    trust: &Trust,
    options: &VerifyOptions<'_>,
) -> Vec<Evidence> {
    let mut evidence = judge_claim(bundle, path, trust, options);
    for requirement in REQUIREMENTS {
        let id = requirement.id;
        if evidence
            .iter()
            .any(|record| record.requirement.as_str() == id)
        {
            continue;
        }
        let message = "not asked, because an earlier question has no good answer";
        let reason = Reason::EarlierStep;
        let record = Evidence::not_evaluated(id, subject_of(options), reason, message);
        evidence.push(record.severity(severity_of(id)));
    }
    evidence
}

/// Verifies that `bundle` is signed evidence of a run, and says by whom. Whether its subjects are the
/// model at hand and its verdict good enough is for the caller.
///
/// # Errors
/// When the bundle, the signature, the statement or the report in it is not acceptable.
pub fn verify_attestation(
    bundle: &[u8],
    trust: &Trust,
) -> Result<(Attestation, Signatory), SigningError> {
    let opened = trust.open(bundle)?;
    Ok((test_result::parse(&opened.payload)?, opened.by))
}

/// Asks one question after the other; stops at the first that has no good answer.
fn judge_claim(
    bundle: &[u8],
    path: &Path,
    trust: &Trust,
    options: &VerifyOptions<'_>,
) -> Vec<Evidence> {
    let input = InputRef {
        locator: options.bundle_locator.to_owned(),
        sha256: Sha256::of(bundle),
        fetched_at: None,
    };
    let record = |requirement: &'static str, outcome, message: String| {
        Evidence::new(requirement, subject_of(options), outcome, message)
            .severity(Severity::Integrity)
            .from_inputs(std::slice::from_ref(&input))
    };
    let opened = match trust.open(bundle) {
        Ok(opened) => opened,
        Err(error) => return vec![record(SIGNATURE, outcome_of(&error), error.to_string())],
    };
    let message = format!("the signature verifies with {}", opened.by.name);
    let mut evidence = vec![record(SIGNATURE, Outcome::Met, message)];
    let signed = match oms::parse(&opened.payload).map_err(SigningError::from) {
        Ok(signed) => signed,
        Err(error) => {
            evidence.push(record(ROOT_DIGEST, outcome_of(&error), error.to_string()));
            return evidence;
        }
    };
    let message = format!(
        "the list of {} signed files hashes to the signed digest {}",
        signed.files.len(),
        signed.root_digest
    );
    evidence.push(record(ROOT_DIGEST, Outcome::Met, message));
    evidence.extend(judge_files(path, &signed, options));
    if path.exists() {
        evidence.push(judge_exclusions(path, &signed, options));
    }
    evidence
}

fn severity_of(requirement: &str) -> Severity {
    if requirement == SIGNATURE_EXCLUSIONS {
        Severity::Warning
    } else {
        Severity::Integrity
    }
}

fn subject_of(options: &VerifyOptions<'_>) -> Subject {
    Subject::Signature {
        model: options.model.to_owned(),
        claim: "model".to_owned(),
    }
}

/// A format this program does not know is not evaluated; everything else it refuses. Both block.
pub(super) fn outcome_of(error: &SigningError) -> Outcome {
    match error {
        SigningError::Claim(
            InvalidClaim::Unsupported(_) | InvalidClaim::MediaType(_) | InvalidClaim::Method { .. },
        ) => Outcome::NotEvaluated(Reason::Unsupported),
        SigningError::Keyless(KeylessError::Unsupported(_) | KeylessError::Root(_)) => {
            Outcome::NotEvaluated(Reason::Unsupported)
        }
        SigningError::File(error) => match error.problem {
            FileProblem::NotFound => Outcome::NotEvaluated(Reason::MissingInput),
            FileProblem::AlreadyExists
            | FileProblem::IsInput
            | FileProblem::PermissionDenied
            | FileProblem::TooLarge(_)
            | FileProblem::NotRegular
            | FileProblem::NotUtf8(_)
            | FileProblem::Changed
            | FileProblem::Other(_) => Outcome::NotEvaluated(Reason::UnreadableInput),
        },
        SigningError::Claim(_)
        | SigningError::Manifest(_)
        | SigningError::IgnoredPath { .. }
        | SigningError::SymbolicLink(_)
        | SigningError::SpecialFile(_)
        | SigningError::NotUnicode(_)
        | SigningError::Key { .. }
        | SigningError::UnknownScheme { .. }
        | SigningError::NoPassword(_)
        | SigningError::Cryptography { .. }
        | SigningError::OtherKey { .. }
        | SigningError::Mismatch(_)
        | SigningError::Keyless(_) => Outcome::NotMet,
    }
}

fn judge_files(path: &Path, signed: &SignedModel, options: &VerifyOptions<'_>) -> Vec<Evidence> {
    let found = match walk::digest_as_signed(path, signed, options.ignore) {
        Ok(found) => found,
        Err(error) => {
            let outcome = outcome_of(&error);
            let record = Evidence::new(
                SIGNED_FILES,
                subject_of(options),
                outcome,
                error.to_string(),
            );
            return vec![record.severity(Severity::Integrity)];
        }
    };
    let differences = compare(signed, &found);
    let input = InputRef {
        locator: options.model_locator.to_owned(),
        sha256: found.root_digest(),
        fetched_at: None,
    };
    let single = differences.iter().map(|difference| {
        let subject = Subject::File {
            path: difference.path.clone(),
        };
        let message = format!("`{}` {}", difference.path, difference.problem);
        Evidence::new(SIGNED_FILES, subject, Outcome::NotMet, message)
    });
    std::iter::once(judge_differences(&differences, &found, options))
        .chain(single)
        .map(|record| {
            record
                .severity(Severity::Integrity)
                .from_inputs(std::slice::from_ref(&input))
        })
        .collect()
}

fn judge_differences(
    differences: &[Difference],
    found: &Manifest,
    options: &VerifyOptions<'_>,
) -> Evidence {
    let quantity = Quantity::new(differences.len() as f64, Unit::Files);
    let required = Bound::Exactly(0.0);
    let message = if differences.is_empty() {
        format!("all {} files are as signed", found.files().len())
    } else {
        let names = differences
            .iter()
            .map(|difference| format!("`{}` {}", difference.path, difference.problem));
        format!("{quantity} not as signed: {}", shown(names))
    };
    let outcome = required.judge(&quantity);
    Evidence::new(SIGNED_FILES, subject_of(options), outcome, message).measured(quantity, required)
}

fn judge_exclusions(path: &Path, signed: &SignedModel, options: &VerifyOptions<'_>) -> Evidence {
    let exclusions = if path.is_dir() {
        walk::unexpected_exclusions(path, signed, options.ignore)
    } else {
        Vec::new()
    };
    let quantity = Quantity::new(exclusions.len() as f64, Unit::Count);
    let required = Bound::Exactly(0.0);
    let message = if exclusions.is_empty() {
        "nothing in the model is left out of the signature".to_owned()
    } else {
        // The signer's own list is short and must be seen whole.
        let names: Vec<String> = exclusions.iter().map(|name| format!("`{name}`")).collect();
        format!(
            "left out of the signature and not verified: {}",
            names.join(", ")
        )
    };
    let outcome = required.judge(&quantity);
    Evidence::new(SIGNATURE_EXCLUSIONS, subject_of(options), outcome, message)
        .severity(Severity::Warning)
        .measured(quantity, required)
}

fn shown(names: impl ExactSizeIterator<Item = String>) -> String {
    let rest = names.len().saturating_sub(NAMES_SHOWN_MAX);
    let first: Vec<String> = names.take(NAMES_SHOWN_MAX).collect();
    let first = first.join(", ");
    if rest == 0 {
        first
    } else {
        format!("{first} and {rest} more")
    }
}
