//! Why a certificate does not count.

use chrono::{DateTime, Utc};

/// Why a certificate does not count. Names of certificates are their subjects (RFC 4514).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// Nothing to trust.
    #[error("there is no certificate to trust")]
    NoRoot,
    /// Anybody whom the authority knows could sign.
    #[error(
        "nothing says who must have signed; hint: give the identity, the subject or the SHA-256 of the public key"
    )]
    NoPin,
    /// An empty list.
    #[error("there is no certificate")]
    NoCertificate,
    /// Not a certificate, or with a critical extension that is not known.
    #[error("not a certificate that can be verified: {0}")]
    Malformed(String),
    /// A key that may not sign models.
    #[error("the key of the certificate of `{0}` is not on P-256, P-384 or P-521")]
    Key(String),
    /// The private key belongs to another certificate.
    #[error("the private key is not that of the certificate of `{0}`")]
    OtherKey(String),
    /// No way leads to a certificate that is trusted.
    #[error("no path of certificates leads from `{leaf}` to one that is trusted: {why}")]
    NoPath {
        /// The signer.
        leaf: String,
        /// Why the way that came closest does not.
        why: String,
    },
    /// Used before or after it may be.
    #[error("the certificate of `{subject}` is valid from {from} to {to}, not at {at}")]
    NotValid {
        /// Of whom.
        subject: String,
        /// From when.
        from: DateTime<Utc>,
        /// Until when.
        to: DateTime<Utc>,
        /// The time of the signature, or now.
        at: DateTime<Utc>,
    },
    /// Its purposes do not hold the signing of code.
    #[error("the certificate of `{subject}` may not be used for {purpose}")]
    Purpose {
        /// Of whom.
        subject: String,
        /// What it would be used for.
        purpose: &'static str,
    },
    /// Somebody else's.
    #[error("signed by another: the certificate names {found}, required `{required}`")]
    OtherSigner {
        /// Who must have signed.
        required: String,
        /// Who did.
        found: String,
    },
    /// The signature is not over these bytes, or not by this certificate.
    #[error("the signature does not verify with the certificate of `{0}`")]
    Signature(String),
    /// None of the time stamps is by an authority that is trusted, over this signature.
    #[error("the time stamp does not verify: {0}")]
    Timestamp(String),
}
