//! The certificate: Fulcio gives one to whoever shows a token and holds a key (API 2, which is of version 1
//! in signing configurations).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{IdentityProblem, not_understood, token};
use crate::io::http::{Body, Http, Repeat, Request};
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;
use crate::signing::certificates::Certificate;
use crate::signing::error::SigningError;
use crate::signing::keys::{Curve, SigningKey};
use crate::signing::pem::Block;

/// A key with a certificate that says whose it is, for some minutes. Neither is ever written to disk.
pub(super) struct Holder {
    pub key: SigningKey,
    pub certificate: Certificate,
}

impl Holder {
    pub(super) fn not_after(&self) -> DateTime<Utc> {
        self.certificate.validity().1
    }

    /// The name in the certificate, and who vouches for it.
    pub(super) fn named(&self) -> Result<(String, String), IdentityProblem> {
        let names = self.certificate.names();
        match (names.as_slice(), self.certificate.oidc_issuer()) {
            ([name], Some(issuer)) => Ok((name.clone(), issuer)),
            (_, _) => Err(IdentityProblem::Answer(
                "the certificate does not say whose it is".to_owned(),
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    /// Without the proof of the log in the certificate nobody could verify it.
    signed_certificate_embedded_sct: Option<Embedded>,
}

#[derive(Deserialize)]
struct Embedded {
    chain: Chain,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Vec<String>,
}

/// What a token must be that is refused.
const TOKEN_HINT: &str =
    "is the token expired, not for `sigstore`, or by an issuer that this instance does not know?";

/// Fulcio says of a token it does not accept that the request is a bad one (status 400); nothing else in the
/// request can be wrong.
fn token_refused(error: RemoteError) -> RemoteError {
    match error.problem {
        RemoteProblem::Rejected => error.of_credentials().hint(TOKEN_HINT),
        RemoteProblem::NotAuthenticated
        | RemoteProblem::PermissionDenied
        | RemoteProblem::NotFound
        | RemoteProblem::Conflict
        | RemoteProblem::RateLimited
        | RemoteProblem::Unavailable
        | RemoteProblem::Unsupported
        | RemoteProblem::Malformed => error,
    }
}

/// Makes a key and asks for a certificate for it.
///
/// # Errors
/// When the token is refused or the authority does not answer.
pub(super) fn certify(http: &Http, url: &str, token: &Secret) -> Result<Holder, SigningError> {
    let key = SigningKey::generate(Curve::P256)?;
    let proof = key.sign(token::subject(token)?.as_bytes())?;
    let asked = http.send(&Request {
        method: Method::POST,
        url: &format!("{}/api/v2/signingCert", url.trim_end_matches('/')),
        headers: Vec::new(),
        body: Body::Json(json!({
            "credentials": {"oidcIdentityToken": token.expose()},
            "publicKeyRequest": {
                "publicKey": {"algorithm": "ECDSA", "content": key.public().to_pem()},
                "proofOfPossession": STANDARD.encode(proof),
            },
        })),
        // A certificate more does no harm.
        repeat: Repeat::Safe,
    });
    let reply = asked.map_err(token_refused)?;
    let malformed = |what: &str| not_understood(&reply.endpoint, what);
    let answer: Reply = reply.json()?;
    let embedded = answer.signed_certificate_embedded_sct;
    let chain = embedded.ok_or_else(|| malformed("no certificate that says it is in a log"))?;
    let der = chain.chain.certificates.first();
    let der = der.and_then(|pem| Block::find(pem, |label| label == "CERTIFICATE")?.decode());
    let der = der.ok_or_else(|| malformed("no certificate"))?;
    let certificate = Certificate::parse(&der).map_err(|error| malformed(&error.to_string()))?;
    match certificate.key() {
        Ok(certified) if certified == *key.public() => Ok(Holder { key, certificate }),
        Ok(_) | Err(_) => Err(IdentityProblem::OtherKey(reply.endpoint).into()),
    }
}
