//! Opens Sigstore bundles that are signed by an identity: a short-lived certificate names who signed,
//! a transparency log or a time stamp says when. Asks no network: what is trusted is a file.
//!
//! The cryptography is that of `sigstore-verify`. Strict beyond it: only bundles of version 0.3 (the
//! proofs in older ones are not bound to the signature), only statements, and always an exact
//! identity and issuer.

use chrono::{DateTime, Utc};
use sigstore_trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_verify::types::{
    Artifact, ArtifactDigest, Bundle, MediaType, Sha256Hash, SignatureContent,
};
use sigstore_verify::{Error, IdentityMatcher, VerificationPolicy, Verifier};

use super::trust::{Opened, Signatory};
use crate::evidence::Sha256;
use crate::manifest::BUNDLE_BYTES_MAX;

/// The issuer of identities of GitHub Actions on github.com.
pub const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

/// Largest file of trusted roots read, in bytes: the two that GitHub gives out have 40,000.
pub const TRUSTED_ROOT_BYTES_MAX: u64 = 4 << 20;

/// Most trusted roots in one file.
const TRUSTED_ROOTS_MAX: usize = 16;

/// Who must have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name in the certificate, to the letter: for a workflow its URL with the ref it ran at.
    pub name: String,
    /// Who vouches for the name, to the letter.
    pub issuer: String,
}

/// The authorities and logs that are trusted, one set for each Sigstore instance.
#[derive(Clone)]
pub struct TrustedRoots(Vec<TrustedRoot>);

/// Why a bundle by an identity is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum KeylessError {
    /// Not a list of trusted roots.
    #[error("not a trusted root of Sigstore: {0}")]
    Root(String),
    /// Not a bundle, or one of an old version, or over something other than a statement.
    #[error("not a Sigstore bundle that can be verified: {0}")]
    Unsupported(String),
    /// Another identity signed, or another issuer vouches for it.
    #[error("signed by another: {0}")]
    OtherSigner(String),
    /// The statement is about other things.
    #[error("the statement is not about SHA-256 {0}")]
    OtherDigest(Sha256),
    /// Anything else that does not verify: signature, certificate, log, time.
    #[error("the signature does not verify: {0}")]
    Invalid(String),
}

impl TrustedRoots {
    /// The public instance of Sigstore, as of the release of this program.
    #[must_use]
    pub fn public() -> Self {
        let root = TrustedRoot::from_json(SIGSTORE_PRODUCTION_TRUSTED_ROOT);
        Self(vec![root.expect("the embedded root is well formed")])
    }

    /// Reads one trusted root, or several, one a line (`gh attestation trusted-root`).
    ///
    /// # Errors
    /// When there is none, or too many, or one cannot be used.
    pub fn parse(text: &str) -> Result<Self, KeylessError> {
        let malformed = |error: &dyn std::fmt::Display| KeylessError::Root(first_line(error));
        let roots = match TrustedRoot::from_json(text) {
            Ok(root) => vec![root],
            Err(whole) => text
                .lines()
                .filter(|line| !line.trim().is_empty())
                .take(TRUSTED_ROOTS_MAX + 1)
                .map(TrustedRoot::from_json)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|_| malformed(&whole))?,
        };
        if roots.is_empty() || TRUSTED_ROOTS_MAX < roots.len() {
            let count = roots.len();
            return Err(KeylessError::Root(format!(
                "{count} roots, required 1 to {TRUSTED_ROOTS_MAX}"
            )));
        }
        for root in &roots {
            Verifier::new(root).map_err(|error| malformed(&error))?;
        }
        Ok(Self(roots))
    }
}

/// The signed statement of a bundle, when it is about something with this digest and signed by
/// `identity` under one of `roots`.
///
/// # Errors
/// When any part of that does not hold.
pub fn open(
    bundle: &[u8],
    digest: Sha256,
    identity: &Identity,
    roots: &TrustedRoots,
) -> Result<Opened, KeylessError> {
    let bundle = parse(bundle)?;
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Err(KeylessError::Unsupported(
            "it holds no statement".to_owned(),
        ));
    };
    // The roots are alternatives: the error of the first is shown when none accepts.
    let mut refused = None;
    for root in &roots.0 {
        match verify(&bundle, digest, identity, root) {
            Ok(signed_at) => {
                return Ok(Opened {
                    payload: envelope.payload.as_bytes().to_vec(),
                    by: signatory(identity, signed_at),
                });
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    let no_root = || KeylessError::Root("there is none".to_owned());
    Err(refused.unwrap_or_else(no_root))
}

fn signatory(identity: &Identity, signed_at: Option<DateTime<Utc>>) -> Signatory {
    Signatory {
        id: format!("{} by {}", identity.name, identity.issuer),
        name: format!("`{}`", identity.name),
        chain: Vec::new(),
        signed_at,
    }
}

fn parse(bytes: &[u8]) -> Result<Bundle, KeylessError> {
    if BUNDLE_BYTES_MAX < bytes.len() {
        let message = format!("it has more than {BUNDLE_BYTES_MAX} bytes");
        return Err(KeylessError::Unsupported(message));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| KeylessError::Unsupported("it is not UTF-8 text".to_owned()))?;
    let bundle =
        Bundle::from_json(text).map_err(|error| KeylessError::Unsupported(first_line(&error)))?;
    if bundle.media_type != MediaType::Bundle0_3 {
        let message = "its version is not 0.3".to_owned();
        return Err(KeylessError::Unsupported(message));
    }
    Ok(bundle)
}

fn verify(
    bundle: &Bundle,
    digest: Sha256,
    identity: &Identity,
    root: &TrustedRoot,
) -> Result<Option<DateTime<Utc>>, KeylessError> {
    let verifier = Verifier::new(root).map_err(|error| KeylessError::Root(first_line(&error)))?;
    let sha256 = Sha256Hash::from_hex(&digest.to_string())
        .map_err(|error| KeylessError::Invalid(first_line(&error)))?;
    let artifact = Artifact::Digest(ArtifactDigest::sha256(sha256));
    let policy = policy(identity, root);
    match verifier.verify(artifact, bundle, &policy) {
        Ok(result) if result.certificate_verified() && result.identity_policy_checked() => {
            let times = result.verified_timestamps().iter();
            let seconds = times.map(|time| time.as_second()).min();
            Ok(seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
        }
        Ok(_) => Err(KeylessError::Invalid(
            "the certificate was not judged".to_owned(),
        )),
        Err(error) => Err(refusal(&error, digest)),
    }
}

/// An instance without logs, such as GitHub's for private repositories, proves the time by time
/// stamps alone, and its certificates are in no public log. That depends on the root, which is
/// trusted, never on the bundle, which is not.
fn policy(identity: &Identity, root: &TrustedRoot) -> VerificationPolicy {
    let name = if identity.name.contains("://") {
        IdentityMatcher::Uri(identity.name.clone())
    } else {
        IdentityMatcher::Exact(identity.name.clone())
    };
    let mut policy = VerificationPolicy::new(name, identity.issuer.clone());
    if root.tlogs.is_empty() {
        policy = policy.skip_tlog_unsafe();
    }
    if root.ctlogs.is_empty() {
        policy = policy.skip_sct();
    }
    policy
}

fn refusal(error: &Error, digest: Sha256) -> KeylessError {
    match error {
        Error::IdentityMismatch { .. } | Error::IssuerMismatch { .. } => {
            KeylessError::OtherSigner(first_line(error))
        }
        Error::ArtifactMismatch(_) => KeylessError::OtherDigest(digest),
        Error::UnsupportedBundle(_) => KeylessError::Unsupported(first_line(error)),
        // The type may grow; whatever else it says, the bundle did not verify.
        _ => KeylessError::Invalid(first_line(error)),
    }
}

/// Messages of the library may quote the input.
fn first_line(error: &dyn std::fmt::Display) -> String {
    const CHARACTERS_MAX: usize = 300;
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .filter(|character| !character.is_control())
        .take(CHARACTERS_MAX)
        .collect()
}
