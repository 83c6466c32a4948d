//! Is a file the one that was released? Judges its digest against a list of checksums and against
//! signed statements. Pure but for the cryptography: bytes in, evidence out.

use serde::de::IgnoredAny;

use super::trust::Trust;
use super::{SigningError, verify};
use crate::evidence::{
    Evidence, InputRef, Outcome, Reason, Requirement, Severity, Sha256, Subject,
};
use crate::manifest::{
    Bundle, DigestedFile, Hashing, Header, Material, checksums, claim_about, claims, oms,
};

const CHECKSUM: &str = "release-checksum";
const PROVENANCE: &str = "release-provenance";

/// What is claimed of a file of a release unless the caller asks for something else.
pub const PROVENANCE_TYPE: &str = "https://slsa.dev/provenance/v1";

/// What can be asked of a file of a release.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: CHECKSUM,
        summary: "The SHA-256 of the program is one of those listed for the release.",
        remedy: "Get the program and the list again from the release page; do not run this one.",
        references: &["https://www.gnu.org/software/coreutils/sha2-utilities"],
    },
    Requirement {
        id: PROVENANCE,
        summary: "A statement about exactly this program is signed by the release workflow or the release key.",
        remedy: "Get the program again from the release page, with the bundle beside it; do not run this one.",
        references: &[
            "SLSA 1.0 provenance",
            "Sigstore bundle 0.3",
            "in-toto Statement v1",
        ],
    },
];

/// The file that is judged.
#[derive(Clone, Debug)]
pub struct Released {
    /// Where it is, for people.
    pub locator: String,
    /// Its digest.
    pub sha256: Sha256,
}

/// Judges the digest against a list of checksums.
#[must_use]
pub fn judge_checksums(file: &Released, locator: &str, bytes: &[u8]) -> Evidence {
    let parsed = std::str::from_utf8(bytes)
        .map_err(|_| "it is not UTF-8 text".to_owned())
        .and_then(|text| checksums::parse(text).map_err(|error| error.to_string()));
    let (outcome, message) = match parsed {
        Err(why) => (
            Outcome::NotEvaluated(Reason::UnreadableInput),
            format!("`{locator}` is no list of checksums: {why}"),
        ),
        Ok(listed) => match listed.iter().find(|(sha256, _)| *sha256 == file.sha256) {
            Some((_, name)) => (
                Outcome::Met,
                format!("SHA-256 {} is listed for `{name}`", file.sha256),
            ),
            None => (
                Outcome::NotMet,
                format!(
                    "SHA-256 {} is none of the {} listed in `{locator}`",
                    file.sha256,
                    listed.len()
                ),
            ),
        },
    };
    record(CHECKSUM, file, outcome, message).from_inputs(&[input(locator, bytes)])
}

/// Judges the digest against a bundle, or several in one file, one a line; one of them must hold.
#[must_use]
pub fn judge_bundles(
    file: &Released,
    locator: &str,
    bytes: &[u8],
    trust: &Trust,
    predicate_type: &str,
) -> Evidence {
    let (outcome, message) = match split(bytes) {
        Ok(bundles) => best(
            bundles
                .into_iter()
                .map(|bundle| judge_bundle(file, bundle, trust, predicate_type)),
        ),
        Err(why) => Err((Outcome::NotEvaluated(Reason::UnreadableInput), why)),
    }
    .map_or_else(
        |(outcome, why)| (outcome, format!("`{locator}`: {why}")),
        |message| (Outcome::Met, message),
    );
    record(PROVENANCE, file, outcome, message).from_inputs(&[input(locator, bytes)])
}

/// The record that nothing was given to verify with.
#[must_use]
pub fn nothing_to_verify_with(file: &Released, looked_in: &str) -> Evidence {
    let message = format!(
        "there is nothing to verify SHA-256 {} with: no `SHA256SUMS` and no \
         `proofmark*.sigstore.json` that can be used in {looked_in}",
        file.sha256
    );
    not_verified(file, message).remedy(
        "Give `--checksums` or `--bundle` from the release page, or ask `gh attestation verify`.",
    )
}

/// The record that the checksums hold and nobody has signed for them. They lay beside the file:
/// whoever replaced the one could replace the other.
#[must_use]
pub fn only_checksums(file: &Released, looked_in: &str) -> Evidence {
    let message = format!(
        "no signed statement was verified: the checksums come from {looked_in}, like the program"
    );
    not_verified(file, message)
        .severity(Severity::Warning)
        .remedy("Give `--bundle` from the release page, or `--checksums` from a place you trust.")
}

/// Whether the bundle is signed by a plain key; one that cannot be read is not.
#[must_use]
pub fn is_signed_by_key(bundle: &[u8]) -> bool {
    Bundle::parse(bundle).is_ok_and(|bundle| matches!(bundle.material, Material::Key { .. }))
}

type Refused = (Outcome, String);

fn split(bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        return Ok(vec![bytes]);
    }
    let bundles = claims::parse(bytes).map_err(|error| error.to_string())?;
    if bundles.is_empty() {
        return Err("it holds no bundle".to_owned());
    }
    Ok(bundles)
}

/// The first that holds; otherwise why the first does not.
fn best(judged: impl Iterator<Item = Result<String, Refused>>) -> Result<String, Refused> {
    let mut refused = None;
    for one in judged {
        match one {
            Ok(message) => return Ok(message),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    let unreadable = Outcome::NotEvaluated(Reason::UnreadableInput);
    Err(refused.unwrap_or((unreadable, "it holds no bundle".to_owned())))
}

fn judge_bundle(
    file: &Released,
    bundle: &[u8],
    trust: &Trust,
    predicate_type: &str,
) -> Result<String, Refused> {
    if matches!(trust, Trust::Identity(_, _)) && is_signed_by_key(bundle) {
        let why = "it is signed by a plain key; hint: give the `--key`".to_owned();
        return Err((Outcome::NotEvaluated(Reason::Unsupported), why));
    }
    let opened = trust.open_about(bundle, file.sha256).map_err(of_signing)?;
    let by = &opened.by.name;
    let found = claim(&opened.payload, file.sha256).map_err(of_signing)?;
    match found {
        None => Err((
            Outcome::NotMet,
            format!("the statement is not about SHA-256 {}", file.sha256),
        )),
        Some(found) if found == predicate_type || found == oms::PREDICATE_TYPE => Ok(format!(
            "SHA-256 {} is signed by {by} as `{found}`",
            file.sha256
        )),
        Some(found) => Err((
            Outcome::NotMet,
            format!(
                "the statement is a `{}`, required a `{predicate_type}`",
                shown(&found)
            ),
        )),
    }
}

/// What is claimed of something with this digest: by its subject, or, in the signature of a model, by
/// one of its files. A release signed as a model is a folder of assets.
fn claim(payload: &[u8], digest: Sha256) -> Result<Option<String>, SigningError> {
    let kind = Header::parse(payload).map(|header| header.predicate_type);
    if kind.is_ok_and(|kind| kind == oms::PREDICATE_TYPE) {
        let signed = oms::parse(payload)?;
        let is_file = |file: &DigestedFile| matches!(file.digests.as_slice(), [one] if **one == *digest.as_bytes());
        let listed = signed.hashing == Hashing::default() && signed.files.iter().any(is_file);
        return Ok(listed.then(|| oms::PREDICATE_TYPE.to_owned()));
    }
    Ok(claim_about(payload, digest)?)
}

fn of_signing(error: impl Into<SigningError>) -> Refused {
    let error = error.into();
    (verify::outcome_of(&error), error.to_string())
}

fn not_verified(file: &Released, message: String) -> Evidence {
    let outcome = Outcome::NotEvaluated(Reason::MissingInput);
    record(PROVENANCE, file, outcome, message)
}

fn record(
    requirement: &'static str,
    file: &Released,
    outcome: Outcome,
    message: String,
) -> Evidence {
    let subject = Subject::File {
        path: file.locator.clone(),
    };
    Evidence::new(requirement, subject, outcome, message).severity(Severity::Integrity)
}

fn input(locator: &str, bytes: &[u8]) -> InputRef {
    InputRef {
        locator: locator.to_owned(),
        sha256: Sha256::of(bytes),
        fetched_at: None,
    }
}

fn shown(text: &str) -> String {
    const CHARACTERS_MAX: usize = 120;
    text.chars().take(CHARACTERS_MAX).collect()
}
