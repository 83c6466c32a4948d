//! Signatures by a certificate (X.509, RFC 5280) that an authority of the verifier's choice vouches for.
//!
//! There is no built-in list of authorities: those of the web would let any web server sign models. The
//! verifier names roots and who must have signed; [`path`] finds the way from one to the other, which
//! must be whole at the time a trusted time stamp confirms, or now.

mod certificate;
mod path;
mod problem;
mod timestamp;

use chrono::{DateTime, Utc};

use super::error::SigningError;
use super::trust::{Format, Opened, Signatory};
use crate::evidence::Sha256;
use crate::manifest::{Bundle, InvalidClaim, Material, Versions};
use crate::policy::verification::SignedBy;

pub use certificate::Certificate;
pub use problem::CertificateProblem;
pub use timestamp::TimestampAuthority;

/// Largest file of certificates read, in bytes: the roots of all the web have 250,000.
pub const CERTIFICATES_BYTES_MAX: u64 = 1 << 20;

/// Who must be named in the signer's certificate; at least one of them, and all that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    /// A subject alternative name, to the letter: an e-mail address, a URI or a DNS name.
    pub identity: Option<String>,
    /// The subject as RFC 4514 writes it, to the letter.
    pub subject: Option<String>,
    /// SHA-256 of the public key (SubjectPublicKeyInfo, DER).
    pub spki_sha256: Option<Sha256>,
}

/// Whose certificates count.
#[derive(Clone)]
pub struct CertificateTrust {
    roots: Vec<Certificate>,
    pins: Pins,
    authorities: Vec<TimestampAuthority>,
    now: DateTime<Utc>,
}

impl CertificateTrust {
    /// Trusts certificates that lead to one of `roots` and name whom `pins` say. What a time stamp by
    /// one of `authorities` confirms is judged at its time; all else `now`.
    ///
    /// # Errors
    /// When there is no root or no pin.
    pub fn new(
        roots: Vec<Certificate>,
        pins: Pins,
        authorities: Vec<TimestampAuthority>,
        now: DateTime<Utc>,
    ) -> Result<Self, CertificateProblem> {
        if roots.is_empty() {
            return Err(CertificateProblem::NoRoot);
        }
        if pins == Pins::default() {
            return Err(CertificateProblem::NoPin);
        }
        Ok(Self {
            roots,
            pins,
            authorities,
            now,
        })
    }

    /// What names the signer this trusts, as far as it is known before a signature is seen.
    #[must_use]
    pub fn id(&self) -> String {
        let pins = &self.pins;
        let spki = pins.spki_sha256.map(|sha256| sha256.to_string());
        let named = [pins.identity.clone(), pins.subject.clone(), spki];
        named.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The bundle, when it is signed by such a certificate.
    pub(super) fn open(
        &self,
        bundle: &[u8],
        format: Format,
        versions: Versions,
    ) -> Result<Opened, SigningError> {
        let bundle = Bundle::parse_of(bundle, versions)?;
        let Material::Certificates(chain) = &bundle.material else {
            let (found, required) = (bundle.material, "a certificate");
            return Err(InvalidClaim::Method { found, required }.into());
        };
        let (leaf, others) = split(chain)?;
        let stamped = timestamp::time_of(&bundle, &self.authorities)?;
        let at = stamped.unwrap_or(self.now);
        let path = self.path(&leaf, &others, at)?;
        let key = leaf.key()?;
        if !format.is_signed(&key, &bundle) {
            return Err(CertificateProblem::Signature(leaf.subject()).into());
        }
        Ok(Opened {
            by: Signatory {
                old_version: bundle.old_version,
                ..self.signatory(&leaf, &path, stamped)
            },
            payload: bundle.payload,
        })
    }

    /// Checks certificates as those of a signature made now: the signer's first, then those that came
    /// with it.
    ///
    /// # Errors
    /// When a signature with them would not count.
    pub fn check(&self, certificates: &[Certificate]) -> Result<(), CertificateProblem> {
        let split = certificates.split_first();
        let (leaf, others) = split.ok_or(CertificateProblem::NoCertificate)?;
        self.path(leaf, others, self.now).map(drop)
    }

    /// The way from the signer to a root, when the signer is who must have signed.
    fn path<'a>(
        &'a self,
        leaf: &'a Certificate,
        others: &'a [Certificate],
        at: DateTime<Utc>,
    ) -> Result<Vec<&'a Certificate>, CertificateProblem> {
        let path = path::find(leaf, others, &self.roots, at)?;
        leaf.check_signer()?;
        self.check_pins(leaf)?;
        Ok(path)
    }

    fn check_pins(&self, leaf: &Certificate) -> Result<(), CertificateProblem> {
        let names = leaf.names();
        let other = |required: &str, found: String| CertificateProblem::OtherSigner {
            required: required.to_owned(),
            found,
        };
        if let Some(identity) = &self.pins.identity
            && !names.contains(identity)
        {
            let found = match names.is_empty() {
                true => "nobody".to_owned(),
                false => names.join(", "),
            };
            return Err(other(identity, found));
        }
        if let Some(subject) = &self.pins.subject
            && *subject != leaf.subject()
        {
            return Err(other(subject, leaf.subject()));
        }
        if let Some(spki) = self.pins.spki_sha256
            && spki != leaf.spki_sha256()
        {
            return Err(other(&spki.to_string(), leaf.spki_sha256().to_string()));
        }
        Ok(())
    }

    fn signatory(
        &self,
        leaf: &Certificate,
        path: &[&Certificate],
        stamped: Option<DateTime<Utc>>,
    ) -> Signatory {
        let named = self.pins.identity.clone().unwrap_or_else(|| leaf.subject());
        let (from, to) = leaf.validity();
        let day = "%Y-%m-%d";
        let chain: Vec<String> = path.iter().map(|one| one.subject()).collect();
        Signatory {
            id: format!("{named} by {}", chain.last().map_or("", String::as_str)),
            name: format!(
                "the certificate of `{named}`, valid from {} to {}",
                from.format(day),
                to.format(day)
            ),
            by: SignedBy::Certificate {
                subject: leaf.subject(),
                names: leaf.names(),
                sha256: Sha256::of(leaf.der()),
            },
            chain,
            signed_at: stamped,
            old_version: None,
        }
    }
}

/// The signer's certificate, and those that came with it.
fn split(chain: &[Vec<u8>]) -> Result<(Certificate, Vec<Certificate>), CertificateProblem> {
    let (leaf, others) = chain
        .split_first()
        .ok_or(CertificateProblem::NoCertificate)?;
    let others = others.iter().map(|der| Certificate::parse(der));
    Ok((Certificate::parse(leaf)?, others.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests;
