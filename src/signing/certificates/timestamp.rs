//! When something was signed, as an authority for time stamps confirms it (RFC 3161). The cryptography is
//! that of `sigstore-tsa`.

use std::path::Path;

use chrono::{DateTime, Utc};
use sigstore_verify::tsa::verify_timestamp_for_authority;
use sigstore_verify::types::{DerCertificate, SignatureBytes, TimestampToken, TsaAuthority};

use super::certificate::Certificate;
use super::problem::CertificateProblem;
use crate::manifest::Bundle;
use crate::signing::error::SigningError;

/// Who confirms times, by its certificates.
#[derive(Clone, Debug)]
pub struct TimestampAuthority(pub(super) TsaAuthority);

impl TimestampAuthority {
    /// Reads the certificates of an authority in PEM: its own first, its root last.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold at least two certificates.
    pub fn load(path: &Path) -> Result<Self, SigningError> {
        let chain = Certificate::load_all(path)?;
        let [leaf, intermediates @ .., root] = chain.as_slice() else {
            let why = "expected the certificate of the authority, then those up to its root";
            return Err(SigningError::CertificateFile {
                path: path.to_owned(),
                problem: CertificateProblem::Malformed(why.to_owned()),
            });
        };
        let der = |certificate: &Certificate| DerCertificate::from_bytes(certificate.der());
        let intermediates = intermediates.iter().map(der).collect();
        Ok(Self(TsaAuthority::new(
            der(leaf),
            intermediates,
            der(root),
            None,
        )))
    }
}

/// The earliest time a stamp of the bundle confirms; nothing when it has none, or nobody is trusted to
/// confirm times.
///
/// # Errors
/// When it has stamps and none is by one of `authorities`.
pub(super) fn time_of(
    bundle: &Bundle,
    authorities: &[TimestampAuthority],
) -> Result<Option<DateTime<Utc>>, CertificateProblem> {
    if authorities.is_empty() || bundle.timestamps.is_empty() {
        return Ok(None);
    }
    let signature = SignatureBytes::from_bytes(&bundle.signature);
    let mut earliest: Option<DateTime<Utc>> = None;
    let mut refused = String::new();
    for token in &bundle.timestamps {
        let token = TimestampToken::from_bytes(token);
        for authority in authorities {
            match verify_timestamp_for_authority(&token, &signature, &authority.0) {
                Ok(time) => {
                    let time = DateTime::from_timestamp(time.as_second(), 0);
                    earliest = [earliest, time].into_iter().flatten().min();
                }
                Err(error) => refused = error.to_string().chars().take(300).collect(),
            }
        }
    }
    match earliest {
        Some(time) => Ok(Some(time)),
        None => Err(CertificateProblem::Timestamp(refused)),
    }
}
