//! Signs models and evidence: statement, signature, bundle.

use super::error::SigningError;
use super::keys::SigningKey;
use crate::evidence::{RunReport, SubjectDigest};
use crate::manifest::{BUNDLE_BYTES_MAX, Bundle, InvalidClaim, Manifest, oms, pae, test_result};

/// Signs a model. `name` is for people: usually the last part of its path. The bundle is what
/// `model_signing verify key` reads, one line of JSON.
///
/// # Errors
/// When the key fails, or the model has so many files that nobody would read the bundle.
pub fn sign_model(
    manifest: &Manifest,
    name: &str,
    key: &SigningKey,
) -> Result<Vec<u8>, SigningError> {
    seal(oms::statement(manifest, name), key)
}

/// Signs the evidence of a run about `subjects`; [`test_result::subjects_of`] says which.
///
/// # Errors
/// When there is no subject, the key fails, or the report is too large.
pub fn attest(
    report: &RunReport,
    subjects: &[SubjectDigest],
    key: &SigningKey,
) -> Result<Vec<u8>, SigningError> {
    seal(test_result::statement(report, subjects)?, key)
}

fn seal(payload: Vec<u8>, key: &SigningKey) -> Result<Vec<u8>, SigningError> {
    let bundle = Bundle {
        signature: key.sign(&pae(&payload))?,
        key_hint: Some(key.public().fingerprint().to_string()),
        payload,
    };
    let bytes = bundle.to_json();
    if BUNDLE_BYTES_MAX < bytes.len() {
        return Err(InvalidClaim::TooLarge(BUNDLE_BYTES_MAX).into());
    }
    Ok(bytes)
}
