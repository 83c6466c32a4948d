//! Verifies bundles, fail closed: a later question is asked only when every earlier one is answered,
//! and what was not asked is recorded as not evaluated.

use std::path::Path;

use super::digest::Progress;
use super::error::SigningError;
use super::exclusions;
use super::keyless::KeylessError;
use super::trust::{Opened, Signatory, Trust};
use super::walk::{self, ReadOptions};
use crate::evidence::{
    Bound, Evidence, InputRef, Outcome, Quantity, Reason, Requirement, Severity, Sha256, Subject,
    Unit,
};
use crate::io::files::FileProblem;
use crate::manifest::oms::{self, SignedModel};
use crate::manifest::test_result::{self, Attestation};
use crate::manifest::{
    Bundle, Difference, InvalidClaim, OldVersion, Resources, Versions, compare, digests_0_1,
};

/// Who signed.
pub const SIGNATURE: &str = "signature";
const ROOT_DIGEST: &str = "root-digest";
pub(super) const SIGNED_FILES: &str = "signed-files";
/// What is not signed.
pub const SIGNATURE_EXCLUSIONS: &str = "signature-exclusions";

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

/// What a verifier allows beyond the rule, or demands beyond it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Nothing may be left out of the signature but what [`VerifyOptions::ignore`] names.
    pub strict: bool,
    /// A signature of the format before OMS 1.0 counts.
    pub allow_legacy: bool,
    /// Symbolic links are taken for what they point at, when the signer did so.
    pub allow_symlinks: bool,
}

/// What is verified, and what to call it in the evidence.
#[derive(Clone, Copy)]
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
    /// What is allowed and demanded.
    pub rules: Rules,
    /// Who is told how far reading the model has come.
    pub progress: &'a dyn Progress,
}

impl Default for VerifyOptions<'_> {
    fn default() -> Self {
        Self {
            model: "model",
            model_locator: "model",
            bundle_locator: "model.sig",
            ignore: &[],
            rules: Rules::default(),
            progress: &(),
        }
    }
}

/// What verifying a model found.
#[derive(Debug)]
pub struct Verified {
    /// One record for each of [`REQUIREMENTS`], and one more for every file that is not as signed, sorted
    /// by name. All but `signature-exclusions` are of severity "integrity", and in strict verification
    /// that one too.
    pub evidence: Vec<Evidence>,
    /// The files that are there, digested as the signer did; absent when it did not come to that.
    pub found: Option<Resources>,
}

impl Verified {
    /// Whether the signature holds and every file is as signed.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.evidence.iter().all(|record| !record.blocks())
    }
}

/// Verifies that `bundle` is a signature that `trust` accepts over exactly the files at `path`, which are
/// read once.
#[must_use]
pub fn verify_model(
    bundle: &[u8],
    path: &Path,
    trust: &Trust,
    options: &VerifyOptions<'_>,
) -> Verified {
    let (mut evidence, found) = judge_claim(bundle, path, trust, options);
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
        evidence.push(record.severity(severity_of(id, options)));
    }
    Verified { evidence, found }
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
) -> (Vec<Evidence>, Option<Resources>) {
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
    let (opened, claim) = match open_model(bundle, trust, options.rules) {
        Ok(opened) => opened,
        Err(error) => {
            let record = record(SIGNATURE, outcome_of(&error), error.to_string());
            return (vec![record], None);
        }
    };
    let message = format!("the signature verifies with {}", opened.by);
    let mut evidence = vec![record(SIGNATURE, Outcome::Met, message)];
    let signed = match claim.parse(&opened.payload).map_err(SigningError::from) {
        Ok(signed) => signed,
        Err(error) => {
            evidence.push(record(ROOT_DIGEST, outcome_of(&error), error.to_string()));
            return (evidence, None);
        }
    };
    let message = format!(
        "the list of {} signed files hashes to the signed digest {}",
        signed.files.len(),
        signed.root_digest
    );
    evidence.push(record(ROOT_DIGEST, Outcome::Met, message));
    let (files, found) = judge_files(path, &signed, options);
    evidence.extend(files);
    if path.exists() {
        evidence.push(exclusions::judge(path, &signed, found.as_ref(), options));
    }
    if let Some(version) = opened.by.old_version {
        evidence.push(consented(version, &record));
    }
    (evidence, found)
}

/// That the bundle counts by consent alone, which is said each time.
fn consented(
    version: OldVersion,
    record: &impl Fn(&'static str, Outcome, String) -> Evidence,
) -> Evidence {
    let message = format!(
        "the bundle is of version {version}, which proves less than 0.3, and counts by consent (`allow-old-bundle-versions`)"
    );
    record(SIGNATURE_EXCLUSIONS, Outcome::NotMet, message).severity(Severity::Warning)
}

/// The claim a bundle is read as.
#[derive(Clone, Copy)]
enum ModelClaim {
    Oms,
    Digests0_1,
}

impl ModelClaim {
    fn parse(self, payload: &[u8]) -> Result<SignedModel, InvalidClaim> {
        match self {
            Self::Oms => oms::parse(payload),
            Self::Digests0_1 => digests_0_1::parse(payload),
        }
    }
}

/// Opens a bundle over a model. What was before OMS 1.0 is signed over other bytes; it is tried that
/// way only when the verifier allows it and the payload says it is that.
fn open_model(
    bundle: &[u8],
    trust: &Trust,
    rules: Rules,
) -> Result<(Opened, ModelClaim), SigningError> {
    let opened = trust.open(bundle);
    let legacy = opened.is_err()
        && Bundle::parse_of(bundle, Versions::AlsoOld)
            .is_ok_and(|bundle| digests_0_1::is_claimed(&bundle.payload));
    match (legacy, rules.allow_legacy) {
        (true, true) => Ok((trust.open_0_1(bundle)?, ModelClaim::Digests0_1)),
        (true, false) => Err(InvalidClaim::Legacy.into()),
        (false, _) => Ok((opened?, ModelClaim::Oms)),
    }
}

pub(super) fn severity_of(requirement: &str, options: &VerifyOptions<'_>) -> Severity {
    if requirement == SIGNATURE_EXCLUSIONS && !options.rules.strict {
        Severity::Warning
    } else {
        Severity::Integrity
    }
}

pub(super) fn subject_of(options: &VerifyOptions<'_>) -> Subject {
    Subject::Signature {
        model: options.model.to_owned(),
        claim: "model".to_owned(),
    }
}

/// A format this program does not know is not evaluated; everything else it refuses. Both block.
pub(super) fn outcome_of(error: &SigningError) -> Outcome {
    match error {
        SigningError::Claim(
            InvalidClaim::Unsupported(_)
            | InvalidClaim::MediaType(_)
            | InvalidClaim::OldVersion(_)
            | InvalidClaim::Legacy
            | InvalidClaim::Method { .. },
        ) => Outcome::NotEvaluated(Reason::Unsupported),
        SigningError::Keyless(
            KeylessError::Unsupported(_) | KeylessError::Old(_) | KeylessError::Root(_),
        ) => Outcome::NotEvaluated(Reason::Unsupported),
        // The public key is not at hand.
        SigningError::Service { .. } => Outcome::NotEvaluated(Reason::MissingInput),
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
        | SigningError::EndlessLink(_)
        | SigningError::OtherHashing
        | SigningError::SpecialFile(_)
        | SigningError::NotUnicode(_)
        | SigningError::Key { .. }
        | SigningError::UnknownScheme { .. }
        | SigningError::NoPassword(_)
        | SigningError::EmptyPassword(_)
        | SigningError::Cryptography { .. }
        | SigningError::OtherKey { .. }
        | SigningError::Mismatch(_)
        | SigningError::CertificateFile { .. }
        | SigningError::Certificate(_)
        | SigningError::OtherSubject { .. }
        | SigningError::Keyless(_) => Outcome::NotMet,
        SigningError::Malformed { .. } => Outcome::NotEvaluated(Reason::UnreadableInput),
        SigningError::Identity(_) | SigningError::Network(_) | SigningError::Secret(_) => {
            Outcome::NotEvaluated(Reason::NotPermitted)
        }
        SigningError::Remote(error) => Outcome::NotEvaluated(error.problem.reason()),
    }
}

fn judge_files(
    path: &Path,
    signed: &SignedModel,
    options: &VerifyOptions<'_>,
) -> (Vec<Evidence>, Option<Resources>) {
    let reading = ReadOptions {
        ignore: options.ignore,
        hashing: signed.hashing,
        allow_symlinks: options.rules.allow_symlinks && signed.allow_symlinks,
        progress: options.progress,
    };
    let found = match walk::read_as_signed(path, signed, &reading) {
        Ok(found) => found,
        Err(error) => {
            let outcome = outcome_of(&error);
            let record = Evidence::new(
                SIGNED_FILES,
                subject_of(options),
                outcome,
                error.to_string(),
            );
            return (vec![record.severity(Severity::Integrity)], None);
        }
    };
    let differences = compare(signed, &found);
    let input = InputRef {
        locator: options.model_locator.to_owned(),
        sha256: found.root_digest(),
        fetched_at: None,
    };
    let single = differences.iter().map(|difference| {
        let message = format!("`{}` {}", difference.path, difference.problem);
        Evidence::new(
            SIGNED_FILES,
            file(&difference.path),
            Outcome::NotMet,
            message,
        )
        .severity(Severity::Integrity)
    });
    let summary = judge_differences(&differences, &found, options).severity(Severity::Integrity);
    let evidence = std::iter::once(summary)
        .chain(single)
        .chain(exclusions::judge_names(&found, options))
        .map(|record| record.from_inputs(std::slice::from_ref(&input)))
        .collect();
    (evidence, Some(found))
}

pub(super) fn file(path: &str) -> Subject {
    Subject::File {
        path: path.to_owned(),
    }
}

fn judge_differences(
    differences: &[Difference],
    found: &Resources,
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
