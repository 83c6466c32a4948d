//! A key of any kind with a certificate for it: the signature is the same, but says whose it is.

use chrono::{DateTime, Utc};

use super::Signer;
use crate::manifest::{Material, Seal};
use crate::signing::certificates::{Certificate, CertificateProblem, CertificateTrust, Pins};
use crate::signing::error::SigningError;
use crate::signing::trust::Trust;

/// Signs with a key and adds its certificate, then those that lead to one others may trust.
pub struct CertificateSigner {
    key: Box<dyn Signer>,
    certificates: Vec<Certificate>,
    trust: Trust,
}

impl CertificateSigner {
    /// Signs with `key`; `certificates` are that of the key, then those of the authorities. Its own
    /// signatures it trusts by the last of them.
    ///
    /// # Errors
    /// When there is no certificate, the first is of another key or may not sign, or they do not lead
    /// from one to the next `now`: nobody could verify that.
    pub fn new(
        key: Box<dyn Signer>,
        certificates: Vec<Certificate>,
        now: DateTime<Utc>,
    ) -> Result<Self, SigningError> {
        let leaf = certificates
            .first()
            .ok_or(CertificateProblem::NoCertificate)?;
        match key.trust() {
            Trust::Key(public) if public == leaf.key()? => {}
            Trust::Key(_)
            | Trust::Certificates(_)
            | Trust::Identity(_, _)
            | Trust::AlsoOldBundles(_) => {
                return Err(CertificateProblem::OtherKey(leaf.subject()).into());
            }
        }
        let pins = Pins {
            spki_sha256: Some(leaf.spki_sha256()),
            ..Pins::default()
        };
        let roots = certificates.last().cloned().into_iter().collect();
        let trust = CertificateTrust::new(roots, pins, Vec::new(), now)?;
        trust.check(&certificates)?;
        Ok(Self {
            key,
            certificates,
            trust: Trust::Certificates(trust),
        })
    }
}

impl Signer for CertificateSigner {
    fn name(&self) -> String {
        let subject = self.certificates.first().map(Certificate::subject);
        format!("the certificate of `{}`", subject.unwrap_or_default())
    }

    fn trust(&self) -> Trust {
        self.trust.clone()
    }

    fn seal(&self, payload: &[u8]) -> Result<Seal, SigningError> {
        let certificates = self.certificates.iter();
        let chain = certificates.map(|certificate| certificate.der().to_vec());
        Ok(Seal {
            material: Material::Certificates(chain.collect()),
            ..self.key.seal(payload)?
        })
    }
}
