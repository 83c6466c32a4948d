//! Writes the Sigstore bundle, media type v0.3, around a signed statement.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use super::bundle::{MEDIA_TYPE, Material, PAYLOAD_TYPE};

/// A signature over [`pae`](super::pae) of a statement, with all that a verifier needs besides what it
/// trusts.
#[derive(Clone, Debug, PartialEq)]
pub struct Seal {
    /// The signature; of an elliptic-curve key ASN.1 DER.
    pub signature: Vec<u8>,
    /// What the signer says of itself.
    pub material: Material,
    /// Entries of transparency logs, each a `TransparencyLogEntry` of Sigstore in JSON.
    pub log_entries: Vec<Value>,
    /// Time stamps over the signature (RFC 3161), DER.
    pub timestamps: Vec<Vec<u8>>,
}

impl Seal {
    /// A seal by the signature and its method alone, without log entries and time stamps.
    #[must_use]
    pub fn plain(signature: Vec<u8>, material: Material) -> Self {
        Self {
            signature,
            material,
            log_entries: Vec::new(),
            timestamps: Vec::new(),
        }
    }

    /// The bundle of the statement `payload`, as one line of JSON without a line feed.
    #[must_use]
    pub fn bundle(&self, payload: &[u8]) -> Vec<u8> {
        let document = Document {
            media_type: MEDIA_TYPE,
            verification_material: VerificationMaterial {
                method: Method::of(&self.material),
                tlog_entries: &self.log_entries,
                timestamp_verification_data: TimestampData::of(&self.timestamps),
            },
            dsse_envelope: Envelope {
                payload: STANDARD.encode(payload),
                payload_type: PAYLOAD_TYPE,
                signatures: [Signature {
                    sig: STANDARD.encode(&self.signature),
                    keyid: "",
                }],
            },
        };
        serde_json::to_vec(&document).expect("strings and lists are always JSON")
    }
}

impl<'a> Method<'a> {
    fn of(material: &'a Material) -> Self {
        match material {
            Material::Key { hint } => Self::PublicKey {
                hint: hint.as_deref(),
            },
            Material::Certificates(chain) => Self::X509CertificateChain {
                certificates: chain.iter().map(|der| Certificate::of(der)).collect(),
            },
            Material::Identity(der) => Self::Certificate(Certificate::of(der)),
        }
    }
}

impl Certificate {
    fn of(der: &[u8]) -> Self {
        Self {
            raw_bytes: STANDARD.encode(der),
        }
    }
}

impl TimestampData {
    fn of(timestamps: &[Vec<u8>]) -> Option<Self> {
        let timestamp = |der: &Vec<u8>| Timestamp {
            signed_timestamp: STANDARD.encode(der),
        };
        (!timestamps.is_empty()).then(|| Self {
            rfc3161_timestamps: timestamps.iter().map(timestamp).collect(),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    media_type: &'static str,
    verification_material: VerificationMaterial<'a>,
    dsse_envelope: Envelope,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerificationMaterial<'a> {
    #[serde(flatten)]
    method: Method<'a>,
    tlog_entries: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp_verification_data: Option<TimestampData>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Method<'a> {
    PublicKey {
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'a str>,
    },
    X509CertificateChain {
        certificates: Vec<Certificate>,
    },
    Certificate(Certificate),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    raw_bytes: String,
}

#[derive(Serialize)]
struct TimestampData {
    #[serde(rename = "rfc3161Timestamps")]
    rfc3161_timestamps: Vec<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Timestamp {
    signed_timestamp: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: &'static str,
    signatures: [Signature; 1],
}

#[derive(Serialize)]
struct Signature {
    sig: String,
    keyid: &'static str,
}
