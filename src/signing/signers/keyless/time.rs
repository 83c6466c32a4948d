//! The time stamp: an authority confirms that a signature was there at a time (RFC 3161).

use reqwest::Method;

use super::IdentityProblem;
use crate::evidence::Sha256;
use crate::io::http::{Body, Http, Repeat, Request};
use crate::signing::error::SigningError;

/// A `TimeStampReq` (RFC 3161, 2.4.1) over a SHA-256, in DER, up to the digest: version 1 and the algorithm.
const BEFORE_DIGEST: [u8; 24] = [
    0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];

/// What follows the digest: `certReq` is true, so that the stamp says by which certificate it is. There is no
/// nonce: no stamp made earlier is over a signature made just now.
const AFTER_DIGEST: [u8; 3] = [0x01, 0x01, 0xff];

/// The authority's answer, a `TimeStampResp` in DER. Whether it is one by whom one trusts is for the
/// verification that follows.
///
/// # Errors
/// When the authority does not answer or grants nothing.
pub(super) fn stamp(http: &Http, url: &str, signature: &[u8]) -> Result<Vec<u8>, SigningError> {
    let reply = http.send(&Request {
        method: Method::POST,
        url,
        headers: Vec::new(),
        body: Body::Bytes {
            kind: "application/timestamp-query",
            bytes: query(signature),
        },
        repeat: Repeat::Safe,
    })?;
    match reply.body.is_empty() {
        true => Err(IdentityProblem::Answer(format!("{}: no time stamp", reply.endpoint)).into()),
        false => Ok(reply.body),
    }
}

pub(super) fn query(signature: &[u8]) -> Vec<u8> {
    let digest = Sha256::of(signature);
    [&BEFORE_DIGEST, digest.as_bytes().as_slice(), &AFTER_DIGEST].concat()
}
