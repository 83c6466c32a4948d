//! The Sigstore bundle, version 0.3, read as far as a signature over a statement needs it, and the
//! DSSE pre-authentication encoding. [`Seal`](super::Seal) writes what is read here.
//!
//! Versions 0.1 and 0.2 are read only where the caller says so ([`Versions`]).
//!
//! Strict on purpose: unknown and repeated fields are refused, so that nothing unsigned can ride
//! along. The payload is kept as the bytes that were signed and never written again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::InvalidClaim;
use super::files::shown;

/// Largest bundle read or written, in bytes: a model of about 290,000 files, at 225 bytes each.
pub const BUNDLE_BYTES_MAX: usize = 64 << 20;

/// Most certificates, and most time stamps, of one bundle: ten times what any authority needs.
const PROOFS_MAX: usize = 32;

pub(super) const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// What kind of content a bundle signs: a statement of in-toto.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Which versions of bundles count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Version 0.3.
    Current,
    /// Versions 0.1 and 0.2 as well, as somebody consented.
    AlsoOld,
}

/// A version of bundles below 0.3. Whoever hands over a bundle chooses its version, and older ones prove less:
/// 0.1 needs no proof that the log holds the entry, only the promise that it will.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldVersion {
    /// 0.1
    V0_1,
    /// 0.2
    V0_2,
}

impl OldVersion {
    fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "application/vnd.dev.sigstore.bundle+json;version=0.1" => Some(Self::V0_1),
            "application/vnd.dev.sigstore.bundle+json;version=0.2" => Some(Self::V0_2),
            _ => None,
        }
    }
}

/// The number.
impl std::fmt::Display for OldVersion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::V0_1 => "0.1",
            Self::V0_2 => "0.2",
        })
    }
}

/// A statement with the one signature over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The statement, exactly as signed.
    pub payload: Vec<u8>,
    /// Signature over [`pae`] of the payload; of an elliptic-curve key ASN.1 DER.
    pub signature: Vec<u8>,
    /// What the signer says of itself.
    pub material: Material,
    /// Time stamps over the signature (RFC 3161), DER.
    pub timestamps: Vec<Vec<u8>>,
    /// The version, when it is below 0.3.
    pub old_version: Option<OldVersion>,
}

/// What a signer says of itself: the method of the signature. Proves nothing by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// A plain key.
    Key {
        /// Which: SHA-256 over the PEM text of the public key, 64 hexadecimal digits. Bundles made
        /// before `model_signing` 1.1 have none.
        hint: Option<String>,
    },
    /// Certificates (X.509, DER), the signer's first, then those that lead to one that is trusted.
    Certificates(Vec<Vec<u8>>),
    /// A short-lived certificate (X.509, DER) that Sigstore gave to an identity.
    Identity(Vec<u8>),
}

/// What it is called in messages.
impl std::fmt::Display for Material {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Key { .. } => "a plain key",
            Self::Certificates(_) => "a certificate",
            Self::Identity(_) => "a keyless certificate",
        })
    }
}

impl Bundle {
    /// Reads a bundle of version 0.3 over a statement. Log entries are left to who verifies identities.
    ///
    /// # Errors
    /// When it is too large, not such a bundle, or has not exactly one signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidClaim> {
        Self::parse_of(bytes, Versions::Current)
    }

    /// As [`Bundle::parse`], for bundles of other versions too, when those count.
    ///
    /// # Errors
    /// As [`Bundle::parse`].
    pub fn parse_of(bytes: &[u8], versions: Versions) -> Result<Self, InvalidClaim> {
        if BUNDLE_BYTES_MAX < bytes.len() {
            return Err(InvalidClaim::TooLarge(BUNDLE_BYTES_MAX));
        }
        let document: Document = serde_json::from_slice(bytes).map_err(InvalidClaim::malformed)?;
        let old_version = OldVersion::of(&document.media_type);
        match (old_version, versions) {
            (Some(old), Versions::Current) => return Err(InvalidClaim::OldVersion(old)),
            (None, _) if document.media_type != MEDIA_TYPE => {
                return Err(InvalidClaim::MediaType(shown(&document.media_type)));
            }
            (_, _) => {}
        }
        let envelope = document.dsse_envelope.ok_or(InvalidClaim::NoEnvelope)?;
        let [signature] = envelope.signatures.as_slice() else {
            return Err(InvalidClaim::SignatureCount(envelope.signatures.len()));
        };
        let (material, timestamps) = document.verification_material.read()?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(InvalidClaim::PayloadType(shown(&envelope.payload_type)));
        }
        Ok(Self {
            payload: decode(&envelope.payload, "the payload")?,
            signature: decode(&signature.sig, "the signature")?,
            material,
            timestamps,
            old_version,
        })
    }
}

/// The bytes a DSSE signature over `payload` is computed over: type and payload, each with its length.
#[must_use]
pub fn pae(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "DSSEv1 {} {PAYLOAD_TYPE} {} ",
        PAYLOAD_TYPE.len(),
        payload.len()
    )
    .into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl MaterialJson {
    /// The method, of which there must be exactly one, and the time stamps.
    fn read(self) -> Result<(Material, Vec<Vec<u8>>), InvalidClaim> {
        let material = match (
            self.public_key,
            self.x509_certificate_chain,
            self.certificate,
        ) {
            (Some(key), None, None) => Material::Key {
                hint: key.hint.filter(|hint| !hint.is_empty()),
            },
            (None, Some(chain), None) => {
                let certificates = chain.certificates.iter();
                let certificates =
                    certificates.map(|certificate| decode(&certificate.raw_bytes, CERTIFICATE));
                Material::Certificates(few(certificates, CERTIFICATE)?)
            }
            (None, None, Some(certificate)) => {
                Material::Identity(decode(&certificate.raw_bytes, CERTIFICATE)?)
            }
            (None, None, None) => return Err(InvalidClaim::NoMethod),
            (_, _, _) => return Err(InvalidClaim::SeveralMethods),
        };
        let timestamps = self.timestamp_verification_data.unwrap_or_default();
        let timestamps = timestamps.rfc3161_timestamps.unwrap_or_default();
        let timestamps = timestamps
            .iter()
            .map(|timestamp| decode(&timestamp.signed_timestamp, TIMESTAMP));
        Ok((material, few(timestamps, TIMESTAMP)?))
    }
}

fn few(
    parts: impl ExactSizeIterator<Item = Result<Vec<u8>, InvalidClaim>>,
    what: &'static str,
) -> Result<Vec<Vec<u8>>, InvalidClaim> {
    if PROOFS_MAX < parts.len() {
        return Err(InvalidClaim::TooMany(what, PROOFS_MAX));
    }
    parts.collect()
}

fn decode(text: &str, what: &'static str) -> Result<Vec<u8>, InvalidClaim> {
    STANDARD
        .decode(text)
        .map_err(|_| InvalidClaim::Base64(what))
}

const CERTIFICATE: &str = "a certificate";
const TIMESTAMP: &str = "a time stamp";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    media_type: String,
    verification_material: MaterialJson,
    dsse_envelope: Option<Envelope>,
    #[serde(rename = "messageSignature")]
    _message_signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MaterialJson {
    public_key: Option<Key>,
    x509_certificate_chain: Option<Chain>,
    certificate: Option<Certificate>,
    // A log entry adds nothing to a signature by a key or certificate the verifier already trusts;
    // who verifies identities reads the bundle anew.
    #[serde(rename = "tlogEntries")]
    _tlog_entries: Option<Vec<IgnoredAny>>,
    timestamp_verification_data: Option<TimestampData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Key {
    hint: Option<String>,
    // The key itself, in bundles before `model_signing` 1.1. A key that comes with the signature
    // proves nothing and is never used.
    #[serde(rename = "rawBytes")]
    _raw_bytes: Option<IgnoredAny>,
    #[serde(rename = "keyDetails")]
    _key_details: Option<IgnoredAny>,
    #[serde(rename = "validFor")]
    _valid_for: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chain {
    certificates: Vec<Certificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Certificate {
    raw_bytes: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimestampData {
    #[serde(rename = "rfc3161Timestamps")]
    rfc3161_timestamps: Option<Vec<Timestamp>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Timestamp {
    signed_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    sig: String,
    // Empty, absent or null depending on the producer; not authenticated, so of no use.
    #[serde(rename = "keyid")]
    _keyid: Option<String>,
}
