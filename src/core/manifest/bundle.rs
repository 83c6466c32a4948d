//! The Sigstore bundle, media type v0.3, as far as signatures by a plain key need it, and the DSSE
//! pre-authentication encoding.
//!
//! Strict on purpose: unknown and repeated fields are refused, so that nothing unsigned can ride
//! along. The payload is kept as the bytes that were signed and never written again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::error::InvalidClaim;
use super::files::shown;

/// Largest bundle read or written, in bytes: a model of about 290,000 files, at 225 bytes each.
pub const BUNDLE_BYTES_MAX: usize = 64 << 20;

pub(super) const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A statement with the one signature over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The statement, exactly as signed.
    pub payload: Vec<u8>,
    /// ECDSA signature over [`pae`] of the payload, ASN.1 DER.
    pub signature: Vec<u8>,
    /// Which key signed: SHA-256 over the PEM text of the public key, 64 hexadecimal digits. Only to
    /// tell people; bundles made before `model_signing` 1.1 have none.
    pub key_hint: Option<String>,
}

impl Bundle {
    /// Reads a bundle that is signed by a plain key.
    ///
    /// # Errors
    /// When it is too large, not such a bundle, or has not exactly one signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidClaim> {
        if BUNDLE_BYTES_MAX < bytes.len() {
            return Err(InvalidClaim::TooLarge(BUNDLE_BYTES_MAX));
        }
        let document: Document = serde_json::from_slice(bytes).map_err(InvalidClaim::malformed)?;
        if document.media_type != MEDIA_TYPE {
            return Err(InvalidClaim::MediaType(shown(&document.media_type)));
        }
        let envelope = document.dsse_envelope.ok_or(InvalidClaim::NoEnvelope)?;
        let [signature] = envelope.signatures.as_slice() else {
            return Err(InvalidClaim::SignatureCount(envelope.signatures.len()));
        };
        let key_hint = hint_of(document.verification_material)?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(InvalidClaim::PayloadType(shown(&envelope.payload_type)));
        }
        Ok(Self {
            payload: decode(&envelope.payload, "the payload")?,
            signature: decode(&signature.sig, "the signature")?,
            key_hint,
        })
    }

    /// The bundle as one line of JSON without a line feed.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let document = Written {
            media_type: MEDIA_TYPE,
            verification_material: WrittenMaterial {
                public_key: WrittenKey {
                    hint: self.key_hint.as_deref(),
                },
                tlog_entries: [],
            },
            dsse_envelope: WrittenEnvelope {
                payload: STANDARD.encode(&self.payload),
                payload_type: PAYLOAD_TYPE,
                signatures: [WrittenSignature {
                    sig: STANDARD.encode(&self.signature),
                    keyid: "",
                }],
            },
        };
        serde_json::to_vec(&document).expect("strings and lists are always JSON")
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

fn hint_of(material: Material) -> Result<Option<String>, InvalidClaim> {
    match material {
        Material {
            certificate: Some(_),
            ..
        } => Err(InvalidClaim::Method("a keyless certificate")),
        Material {
            x509_certificate_chain: Some(_),
            ..
        } => Err(InvalidClaim::Method("a certificate")),
        Material {
            public_key: Some(key),
            ..
        } => Ok(key.hint.filter(|hint| !hint.is_empty())),
        Material {
            public_key: None, ..
        } => Err(InvalidClaim::Method("neither a key nor a certificate")),
    }
}

fn decode(text: &str, what: &'static str) -> Result<Vec<u8>, InvalidClaim> {
    STANDARD
        .decode(text)
        .map_err(|_| InvalidClaim::Base64(what))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Option<Envelope>,
    #[serde(rename = "messageSignature")]
    _message_signature: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Material {
    public_key: Option<Key>,
    x509_certificate_chain: Option<IgnoredAny>,
    certificate: Option<IgnoredAny>,
    // A log entry or a time stamp adds nothing to a signature by a key the verifier already trusts.
    #[serde(rename = "tlogEntries")]
    _tlog_entries: Option<Vec<IgnoredAny>>,
    #[serde(rename = "timestampVerificationData")]
    _timestamp_verification_data: Option<IgnoredAny>,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    media_type: &'a str,
    verification_material: WrittenMaterial<'a>,
    dsse_envelope: WrittenEnvelope,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenMaterial<'a> {
    public_key: WrittenKey<'a>,
    tlog_entries: [(); 0],
}

#[derive(Serialize)]
struct WrittenKey<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEnvelope {
    payload: String,
    payload_type: &'static str,
    signatures: [WrittenSignature; 1],
}

#[derive(Serialize)]
struct WrittenSignature {
    sig: String,
    keyid: &'static str,
}
