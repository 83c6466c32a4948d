//! Signs models and evidence: statement, signature, bundle.

use super::error::SigningError;
use super::signers::Signer;
use crate::evidence::{RunReport, SubjectDigest};
use crate::manifest::{BUNDLE_BYTES_MAX, InvalidClaim, Resources, oms, test_result};

/// Signs a model. `name` is for people: usually the last part of its path. The bundle is what
/// `model_signing verify` reads, one line of JSON.
///
/// # Errors
/// When the signer fails, or the model has so many files that nobody would read the bundle.
pub fn sign_model(
    resources: &Resources,
    name: &str,
    signer: &dyn Signer,
) -> Result<Vec<u8>, SigningError> {
    seal(oms::statement(resources, name), signer)
}

/// Signs the evidence of a run about `subjects`; [`test_result::subjects_of`] says which.
///
/// # Errors
/// When there is no subject, the signer fails, or the report is too large.
pub fn attest(
    report: &RunReport,
    subjects: &[SubjectDigest],
    signer: &dyn Signer,
) -> Result<Vec<u8>, SigningError> {
    seal(test_result::statement(report, subjects)?, signer)
}

/// Signs a statement.
///
/// # Errors
/// When the signer fails, or the statement is too large.
pub fn seal(payload: Vec<u8>, signer: &dyn Signer) -> Result<Vec<u8>, SigningError> {
    let bytes = signer.seal(&payload)?.bundle(&payload);
    if BUNDLE_BYTES_MAX < bytes.len() {
        return Err(InvalidClaim::TooLarge(BUNDLE_BYTES_MAX).into());
    }
    Ok(bytes)
}
