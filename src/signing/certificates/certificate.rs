//! One certificate, read strictly.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rustls_pki_types::CertificateDer;
use webpki::EndEntityCert;
use x509_cert::der::{Decode as _, Encode as _, asn1::ObjectIdentifier, oid::AssociatedOid};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints, SubjectAltName,
};

use super::problem::CertificateProblem;
use crate::evidence::Sha256;
use crate::io::files;
use crate::policy::verification::BuildClaim;
use crate::signing::error::SigningError;
use crate::signing::keys::PublicKey;
use crate::signing::pem::Block;

/// RFC 5280, 4.2.1.12.
const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
/// What Fulcio says of who asked: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md.
const FULCIO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1");
const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// A certificate (X.509 version 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// When it is not one, or has a critical extension that is not known.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateProblem> {
        let malformed = |why: String| CertificateProblem::Malformed(why);
        let parsed =
            x509_cert::Certificate::from_der(der).map_err(|error| malformed(error.to_string()))?;
        // Refuses critical extensions it does not know; every one it knows is judged in this module.
        EndEntityCert::try_from(&CertificateDer::from(der))
            .map_err(|error| malformed(error.to_string()))?;
        let certificate = Self {
            der: der.to_vec(),
            parsed,
        };
        if certificate.extension::<NameConstraints>()?.is_some() {
            return Err(malformed(
                "it has name constraints, which are not supported".to_owned(),
            ));
        }
        Ok(certificate)
    }

    /// Reads the certificates of a PEM file, in order; at least one.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something that is no certificate.
    pub fn load_all(path: &std::path::Path) -> Result<Vec<Self>, SigningError> {
        let failed = |problem| SigningError::CertificateFile {
            path: path.to_owned(),
            problem,
        };
        let bytes = files::read(path, super::CERTIFICATES_BYTES_MAX)?;
        let text = String::from_utf8_lossy(&bytes);
        let certificates = Block::all(&text)
            .filter(|block| block.label == "CERTIFICATE")
            .map(|block| {
                let der = block.decode();
                let not_base64 = || CertificateProblem::Malformed("it is not base64".to_owned());
                Self::parse(&der.ok_or_else(not_base64)?)
            });
        let certificates: Vec<Self> = certificates.collect::<Result<_, _>>().map_err(failed)?;
        match certificates.is_empty() {
            true => Err(failed(CertificateProblem::NoCertificate)),
            false => Ok(certificates),
        }
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whom it is about, as RFC 4514 writes names: `CN=trainer,O=Example`.
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// Its alternative names that are e-mail addresses, URIs or DNS names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.extension::<SubjectAltName>().ok().flatten();
        let names = names.into_iter().flat_map(|names| names.0);
        names
            .filter_map(|name| match name {
                GeneralName::Rfc822Name(text)
                | GeneralName::DnsName(text)
                | GeneralName::UniformResourceIdentifier(text) => Some(text.to_string()),
                _ => None,
            })
            .collect()
    }

    /// What a certificate of Fulcio says of the build that asked for it: extensions that hold a
    /// `UTF8String` (DER), once each; what is written another way says nothing.
    #[must_use]
    pub fn build_claims(&self) -> BTreeMap<BuildClaim, String> {
        let claims = BuildClaim::ALL.into_iter().filter_map(|(claim, arc)| {
            let value = self.fulcio_text(arc)?;
            Some((claim, value))
        });
        claims.collect()
    }

    /// The text of an extension of Fulcio.
    fn fulcio_text(&self, arc: u32) -> Option<String> {
        let oid = FULCIO.push_arc(arc).ok()?;
        let extensions = self.parsed.tbs_certificate().extensions();
        let mut found = extensions
            .into_iter()
            .flatten()
            .filter(|extension| extension.extn_id == oid);
        match (found.next(), found.next()) {
            (Some(one), None) => String::from_der(one.extn_value.as_bytes()).ok(),
            (_, _) => None,
        }
    }

    /// Who vouches for the names in a certificate of Fulcio.
    #[must_use]
    pub fn oidc_issuer(&self) -> Option<String> {
        /// Version 2 of the extension; version 1 is not DER.
        const ISSUER: u32 = 8;
        self.fulcio_text(ISSUER)
    }

    /// SHA-256 of its public key (SubjectPublicKeyInfo, DER).
    #[must_use]
    pub fn spki_sha256(&self) -> Sha256 {
        Sha256::of(&self.spki())
    }

    /// The key of the signer.
    ///
    /// # Errors
    /// When it is not on a curve that may sign models.
    pub fn key(&self) -> Result<PublicKey, CertificateProblem> {
        PublicKey::of_der(self.spki()).map_err(|_| CertificateProblem::Key(self.subject()))
    }

    /// Whether it may sign: its key usage, when it has one, holds digital signatures, and its extended
    /// key usage, when it has one, the signing of code.
    pub(super) fn check_signer(&self) -> Result<(), CertificateProblem> {
        let usage = self.extension::<KeyUsage>()?;
        if usage.is_some_and(|usage| !usage.digital_signature()) {
            return Err(self.not_for("signatures"));
        }
        self.check_code_signing()
    }

    /// Whether it may sign other certificates, with `below` authorities between it and the signer.
    pub(super) fn check_authority(&self, below: usize) -> Result<(), CertificateProblem> {
        let constraints = self.extension::<BasicConstraints>()?;
        let Some(BasicConstraints {
            ca: true,
            path_len_constraint,
        }) = constraints
        else {
            return Err(self.not_for("signing certificates"));
        };
        if path_len_constraint.is_some_and(|longest| usize::from(longest) < below) {
            return Err(self.not_for("so long a path of certificates"));
        }
        let usage = self.extension::<KeyUsage>()?;
        if usage.is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(self.not_for("signing certificates"));
        }
        self.check_code_signing()
    }

    /// From and until when it may be used.
    #[must_use]
    pub fn validity(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let validity = self.parsed.tbs_certificate().validity();
        let time = |time: x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
            DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
        };
        (time(validity.not_before), time(validity.not_after))
    }

    pub(super) fn check_time(&self, at: DateTime<Utc>) -> Result<(), CertificateProblem> {
        let (from, to) = self.validity();
        if from <= at && at <= to {
            return Ok(());
        }
        Err(CertificateProblem::NotValid {
            subject: self.subject(),
            from,
            to,
            at,
        })
    }

    /// Whether `issuer` is named as who signed this one.
    pub(super) fn names_issuer(&self, issuer: &Self) -> bool {
        self.parsed.tbs_certificate().issuer() == issuer.parsed.tbs_certificate().subject()
    }

    /// Whether the key of `issuer` signed this one.
    pub(super) fn is_signed_by(&self, issuer: &Self) -> bool {
        let der = CertificateDer::from(issuer.der.as_slice());
        let (Ok(issuer), Ok(message), Ok(algorithm)) = (
            EndEntityCert::try_from(&der),
            self.parsed.tbs_certificate().to_der(),
            self.parsed.signature_algorithm().to_der(),
        ) else {
            return false;
        };
        // The algorithm must be the same inside, where it is signed, and outside.
        if self.parsed.tbs_certificate().signature() != self.parsed.signature_algorithm() {
            return false;
        }
        let Some(signature) = self.parsed.signature().as_bytes() else {
            return false;
        };
        webpki::ALL_VERIFICATION_ALGS
            .iter()
            .filter(|known| is_content_of(known.signature_alg_id().as_ref(), &algorithm))
            .any(|known| issuer.verify_signature(*known, &message, signature).is_ok())
    }

    fn spki(&self) -> Vec<u8> {
        let spki = self.parsed.tbs_certificate().subject_public_key_info();
        spki.to_der().expect("what was read can be written")
    }

    fn check_code_signing(&self) -> Result<(), CertificateProblem> {
        let purposes = self.extension::<ExtendedKeyUsage>()?;
        let allows = |purpose: &ObjectIdentifier| [CODE_SIGNING, ANY_PURPOSE].contains(purpose);
        if purposes.is_some_and(|purposes| !purposes.0.iter().any(allows)) {
            return Err(self.not_for("signing code"));
        }
        Ok(())
    }

    fn not_for(&self, purpose: &'static str) -> CertificateProblem {
        CertificateProblem::Purpose {
            subject: self.subject(),
            purpose,
        }
    }

    /// The extension of kind `T`, unless there is none; a certificate has at most one of a kind.
    fn extension<T>(&self) -> Result<Option<T>, CertificateProblem>
    where
        T: for<'a> x509_cert::der::Decode<'a> + AssociatedOid,
    {
        let malformed = |why: String| CertificateProblem::Malformed(why);
        let extensions = self.parsed.tbs_certificate().extensions();
        let mut found = extensions
            .into_iter()
            .flatten()
            .filter(|extension| extension.extn_id == T::OID);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(one), None) => T::from_der(one.extn_value.as_bytes())
                .map(Some)
                .map_err(|_| malformed(format!("its extension {} cannot be read", T::OID))),
            (Some(_), Some(_)) => Err(malformed(format!("it has the extension {} twice", T::OID))),
        }
    }
}

/// Whether `element` in DER is a sequence of exactly `content`: the identifiers of `webpki` are without
/// the tag and length around them.
fn is_content_of(content: &[u8], element: &[u8]) -> bool {
    element.len() == content.len() + 2
        && element.first() == Some(&0x30)
        && element.ends_with(content)
}
