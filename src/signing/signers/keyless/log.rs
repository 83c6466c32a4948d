//! The entry in a transparency log, as bundles hold it (`TransparencyLogEntry`). Rekor 2 answers just that;
//! the answer of Rekor 1 is another document, rewritten here.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::not_understood;
use super::services::{Log, LogVersion};
use crate::evidence::Sha256;
use crate::io::http::{Body, Http, Repeat, Reply, Request};
use crate::manifest::{PAYLOAD_TYPE, pae};
use crate::signing::error::SigningError;
use crate::signing::pem;

/// What is made known.
pub(super) struct Signed<'a> {
    pub payload: &'a [u8],
    pub signature: &'a [u8],
    /// Of the signer, DER.
    pub certificate: &'a [u8],
}

/// Enters a signature into a log.
///
/// # Errors
/// When the log does not answer, or refuses it.
pub(super) fn enter(http: &Http, log: &Log, signed: &Signed<'_>) -> Result<Value, SigningError> {
    let url = log.url.trim_end_matches('/');
    let (url, proposal) = match log.version {
        LogVersion::One => (format!("{url}/api/v1/log/entries"), proposal_1(signed)),
        LogVersion::Two => (format!("{url}/api/v2/log/entries"), proposal_2(signed)),
    };
    let reply = http.send(&Request {
        method: Method::POST,
        url: &url,
        headers: Vec::new(),
        body: Body::Json(proposal),
        // A log refuses what it has already.
        repeat: Repeat::Never,
    })?;
    match log.version {
        LogVersion::One => entry_1(&reply),
        LogVersion::Two => Ok(reply.json()?),
    }
}

/// Only the digest of what is signed, also for statements: the log keeps no content.
fn proposal_2(signed: &Signed<'_>) -> Value {
    json!({"hashedRekordRequestV002": {
        "digest": STANDARD.encode(Sha256::of(&pae(signed.payload)).as_bytes()),
        "signature": {
            "content": STANDARD.encode(signed.signature),
            "verifier": {
                "x509Certificate": {"rawBytes": STANDARD.encode(signed.certificate)},
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            },
        },
    }})
}

fn proposal_1(signed: &Signed<'_>) -> Value {
    let envelope = json!({
        "payload": STANDARD.encode(signed.payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"sig": STANDARD.encode(signed.signature)}],
    });
    let verifier = pem::encode("CERTIFICATE", signed.certificate);
    json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": {
        "envelope": envelope.to_string(),
        "verifiers": [STANDARD.encode(verifier)],
    }}})
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry1 {
    body: String,
    integrated_time: u64,
    #[serde(rename = "logID")]
    log_id: String,
    log_index: u64,
    verification: Verification1,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification1 {
    inclusion_proof: Proof1,
    signed_entry_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof1 {
    checkpoint: String,
    hashes: Vec<String>,
    log_index: u64,
    root_hash: String,
    tree_size: u64,
}

/// The one entry of an answer, by its name. Digests are hexadecimal in it and base64 in bundles, numbers text.
pub(super) fn entry_1(reply: &Reply) -> Result<Value, SigningError> {
    let malformed = |what| not_understood(&reply.endpoint, what);
    let entries: BTreeMap<String, Entry1> = reply.json()?;
    let mut entries = entries.into_values();
    let (Some(entry), None) = (entries.next(), entries.next()) else {
        return Err(malformed("expected one entry"));
    };
    rewritten(&entry).ok_or_else(|| malformed("a digest that is not SHA-256 in hexadecimal digits"))
}

fn rewritten(entry: &Entry1) -> Option<Value> {
    let base64 = |hex: &String| {
        let digest: Sha256 = hex.parse().ok()?;
        Some(STANDARD.encode(digest.as_bytes()))
    };
    let proof = &entry.verification.inclusion_proof;
    let hashes: Option<Vec<String>> = proof.hashes.iter().map(base64).collect();
    Some(json!({
        "logIndex": entry.log_index.to_string(),
        "logId": {"keyId": base64(&entry.log_id)?},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": entry.integrated_time.to_string(),
        "inclusionPromise": {"signedEntryTimestamp": entry.verification.signed_entry_timestamp},
        "inclusionProof": {
            "logIndex": proof.log_index.to_string(),
            "rootHash": base64(&proof.root_hash)?,
            "treeSize": proof.tree_size.to_string(),
            "hashes": hashes?,
            "checkpoint": {"envelope": proof.checkpoint},
        },
        "canonicalizedBody": entry.body,
    }))
}
