//! Keys that a service or a plug-in holds: the public half is fetched, the private one is asked for a
//! signature. Only keys that OMS allows are taken, and no signature is given out that does not verify.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::Signer;
use crate::io::World;
use crate::io::files::FileError;
use crate::io::http::{self, Body, Http, HttpSetupError, Repeat, Request};
use crate::io::process::ProcessError;
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::{NotASecret, Secret};
use crate::manifest::{Seal, pae};
use crate::signing::error::SigningError;
use crate::signing::keys::{Curve, PublicKey};
use crate::signing::trust::Trust;

/// Why a key that is held elsewhere cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ServiceProblem {
    /// The reference is not of the form its kind has.
    #[error("expected `{0}`")]
    Reference(&'static str),
    /// It is not known where to ask, or as whom.
    #[error("{what} is not known; hint: set {set}")]
    NotSet {
        /// What is not known: `the address of the service`.
        what: &'static str,
        /// What says it.
        set: &'static str,
    },
    /// Credentials would go where they do not belong.
    #[error("no credentials are sent to `{place}`: {why}")]
    Place {
        /// The host or address.
        place: String,
        /// Why not.
        why: &'static str,
    },
    /// What a variable or file holds is no token.
    #[error(transparent)]
    Secret(#[from] NotASecret),
    /// A file with credentials cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The network cannot be used.
    #[error(transparent)]
    Network(#[from] HttpSetupError),
    /// The service did not answer, refused, or is not understood.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// A plug-in did not run to its end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The key is of a kind that is not allowed for models.
    #[error(
        "the key is of the kind `{0}`, required one on the elliptic curve P-256, P-384 or P-521 that signs, the only ones allowed for models"
    )]
    Kind(String),
}

/// What holds a private key and signs with it.
pub(super) trait KeyService {
    /// Signs `message` with the key whose public half is `public` and the hash of its curve: ECDSA, ASN.1
    /// DER.
    fn sign(&self, public: &PublicKey, message: &[u8]) -> Result<Vec<u8>, ServiceProblem>;
}

/// A key held elsewhere, with its public half at hand.
pub(super) struct HeldKey<S> {
    reference: String,
    public: PublicKey,
    service: S,
}

impl<S: KeyService> HeldKey<S> {
    /// Opens the key that `reference` names, by `open`.
    pub(super) fn open(
        reference: String,
        open: impl FnOnce() -> Result<(S, PublicKey), ServiceProblem>,
    ) -> Result<Self, SigningError> {
        match open() {
            Ok((service, public)) => Ok(Self {
                reference,
                public,
                service,
            }),
            Err(problem) => Err(failed(reference, problem)),
        }
    }
}

impl<S: KeyService> Signer for HeldKey<S> {
    fn name(&self) -> String {
        let fingerprint = self.public.fingerprint();
        format!("key {} of `{}`", fingerprint.short(), self.reference)
    }

    fn trust(&self) -> Trust {
        Trust::Key(self.public.clone())
    }

    fn seal(&self, payload: &[u8]) -> Result<Seal, SigningError> {
        let signature = self.service.sign(&self.public, &pae(payload));
        let signature = signature.map_err(|problem| failed(self.reference.clone(), problem))?;
        self.public.seal(payload, signature)
    }
}

fn failed(key: String, problem: ServiceProblem) -> SigningError {
    SigningError::Service {
        key,
        problem: Box::new(problem),
    }
}

/// Bits of the hash that belongs to a curve.
pub(super) fn hash_bits(curve: Curve) -> u16 {
    match curve {
        Curve::P256 => 256,
        Curve::P384 => 384,
        Curve::P521 => 512,
    }
}

/// The digest that a signature on `curve` is over.
pub(super) fn digest(curve: Curve, message: &[u8]) -> Vec<u8> {
    match curve {
        Curve::P256 => Sha256::digest(message).to_vec(),
        Curve::P384 => Sha384::digest(message).to_vec(),
        Curve::P521 => Sha512::digest(message).to_vec(),
    }
}

/// A public key a service gave, in PEM; `kind` is what the service calls its kind.
pub(super) fn public_key(pem: &str, kind: &str) -> Result<PublicKey, ServiceProblem> {
    PublicKey::parse(pem.as_bytes()).map_err(|_| ServiceProblem::Kind(kind.to_owned()))
}

/// Exchanges with a service, with what all of them must not forget.
pub(super) struct Session {
    pub(super) http: Http,
}

impl Session {
    pub(super) fn new(world: &World) -> Result<Self, ServiceProblem> {
        Ok(Self {
            http: Http::new(world)?,
        })
    }

    /// Asks, and reads the JSON of the answer. Signing twice does what signing once does, so that every
    /// request may be sent again.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        headers: Vec<(&'static str, Secret)>,
        body: Body,
    ) -> Result<T, ServiceProblem> {
        check_encrypted(url)?;
        let request = Request {
            method,
            url,
            headers,
            body,
            repeat: Repeat::Safe,
        };
        Ok(self.http.send(&request)?.json()?)
    }

    /// Asks for a token: what is rejected is the proof of who asks.
    pub(super) fn log_in<T: DeserializeOwned>(
        &self,
        url: &str,
        headers: Vec<(&'static str, Secret)>,
        body: Body,
    ) -> Result<T, ServiceProblem> {
        self.ask(Method::POST, url, headers, body)
            .map_err(|problem| match problem {
                ServiceProblem::Remote(error) => error.of_credentials().into(),
                other => other,
            })
    }
}

fn check_encrypted(url: &str) -> Result<(), ServiceProblem> {
    let parsed = Url::parse(url).ok();
    let is_fit = parsed.as_ref().is_some_and(|url| match url.scheme() {
        "https" => true,
        "http" => is_loopback(url.host_str().unwrap_or_default()),
        _ => false,
    });
    match is_fit {
        true => Ok(()),
        false => Err(ServiceProblem::Place {
            place: http::endpoint(&Method::GET, url)
                .trim_start_matches("GET ")
                .to_owned(),
            why: "expected an address with `https://`",
        }),
    }
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether a host with an optional port is this machine.
pub(super) fn is_loopback_place(place: &str) -> bool {
    let host = match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) | None => place,
    };
    is_loopback(host)
}

/// Whether `text` is a name as services have them, which can stand in an address as it is.
pub(super) fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !text.is_empty()
        && text.len() <= 256
        && !matches!(text, "." | "..")
        && text.bytes().all(is_allowed)
}

/// Bytes in base64 that a service gave as `field`; `endpoint` is what was asked.
pub(super) fn decoded(endpoint: &str, field: &str, text: &str) -> Result<Vec<u8>, ServiceProblem> {
    STANDARD
        .decode(text)
        .map_err(|_| malformed(endpoint, &format!("`{field}` is not base64")))
}

/// An answer that does not hold what it must.
pub(super) fn malformed(endpoint: &str, why: &str) -> ServiceProblem {
    RemoteError::new(endpoint, RemoteProblem::Malformed)
        .saying(why)
        .into()
}
