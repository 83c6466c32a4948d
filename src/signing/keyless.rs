//! Opens Sigstore bundles that are signed by an identity: a short-lived certificate names who signed,
//! a transparency log or a time stamp says when. Asks no network: what is trusted is a file.
//!
//! The cryptography is that of `sigstore-verify`. Strict beyond it: only bundles of version 0.3 unless somebody
//! consented to older ones (0.1 needs no proof that the log holds the entry), only statements, and always an
//! exact issuer with an exact name or exact claims of the build.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use chrono::{DateTime, Utc};
use sigstore_trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_verify::types::{
    Artifact, ArtifactDigest, Bundle, MediaType, Sha256Hash, SignatureContent,
};
use sigstore_verify::{Error, IdentityMatcher, VerificationPolicy, Verifier};

use super::certificates::Certificate;
use super::error::SigningError;
use super::trust::{Opened, Signatory};
use crate::evidence::Sha256;
use crate::io::files;
use crate::manifest::{BUNDLE_BYTES_MAX, InvalidClaim, OldVersion, Versions};
use crate::policy::verification::{BuildClaim, SignedBy};

/// The issuer of identities of GitHub Actions on github.com.
pub const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";

/// Largest file of trusted roots read, in bytes: the two that GitHub gives out have 40,000.
const TRUSTED_ROOT_BYTES_MAX: u64 = 4 << 20;

/// Most trusted roots in one file.
const TRUSTED_ROOTS_MAX: usize = 16;

/// Who must have signed. Never everybody an issuer vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    issuer: String,
    name: Option<String>,
    claims: BTreeMap<BuildClaim, String>,
}

impl Identity {
    /// Whom `issuer` vouches for by this name, both to the letter: for a workflow the name is its URL with
    /// the ref it ran at.
    #[must_use]
    pub fn named(name: impl Into<String>, issuer: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            name: Some(name.into()),
            claims: BTreeMap::new(),
        }
    }

    /// Whom `issuer` vouches for by this name, if one is given, and with these claims of the build, all to
    /// the letter. Nothing when that is everybody.
    #[must_use]
    pub fn new(
        issuer: String,
        name: Option<String>,
        claims: BTreeMap<BuildClaim, String>,
    ) -> Option<Self> {
        (name.is_some() || !claims.is_empty()).then_some(Self {
            issuer,
            name,
            claims,
        })
    }

    /// Who signed, when what the certificate says of the build is what it must say.
    fn check(&self, certificate: &[u8], name: &str) -> Result<SignedBy, KeylessError> {
        let parsed = Certificate::parse(certificate);
        let parsed = parsed.map_err(|error| KeylessError::Invalid(first_line(&error)))?;
        let claims = parsed.build_claims();
        for (claim, required) in &self.claims {
            let found = claims.get(claim).map_or("nothing", String::as_str);
            if found != required {
                return Err(KeylessError::OtherSigner(first_line(&format!(
                    "the certificate says {found} as `{claim}`, required {required}"
                ))));
            }
        }
        Ok(SignedBy::Identity {
            issuer: self.issuer.clone(),
            name: name.to_owned(),
            claims,
            sha256: Sha256::of(certificate),
        })
    }
}

/// The name or the claims, and who vouches for them.
impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claims = self.claims.iter();
        let claims = claims.map(|(claim, value)| format!("{claim}={value}"));
        let parts: Vec<String> = self.name.clone().into_iter().chain(claims).collect();
        write!(formatter, "{} by {}", parts.join(" "), self.issuer)
    }
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
    /// Not a bundle, or over something other than a statement.
    #[error("not a Sigstore bundle that can be verified: {0}")]
    Unsupported(String),
    /// A bundle of an old version, to which nobody consented.
    #[error("{}", InvalidClaim::OldVersion(*.0))]
    Old(OldVersion),
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

    /// The roots in this file, or else those of the public instance.
    ///
    /// # Errors
    /// When the file cannot be read or holds none that can be used.
    pub fn load(path: Option<&Path>) -> Result<Self, SigningError> {
        let Some(path) = path else {
            return Ok(Self::public());
        };
        let bytes = files::read(path, TRUSTED_ROOT_BYTES_MAX)?;
        let text = String::from_utf8(bytes).map_err(|error| error.to_string());
        let roots = text.and_then(|text| Self::parse(&text).map_err(|error| error.to_string()));
        roots.map_err(|problem| SigningError::Malformed {
            path: path.to_owned(),
            problem,
        })
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
    versions: Versions,
) -> Result<Opened, KeylessError> {
    let (bundle, old_version) = parse(bundle, versions)?;
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Err(KeylessError::Unsupported(
            "it holds no statement".to_owned(),
        ));
    };
    // The roots are alternatives: the error of the first is shown when none accepts.
    let mut refused = None;
    for root in &roots.0 {
        match verify(&bundle, digest, identity, root) {
            Ok(by) => {
                return Ok(Opened {
                    payload: envelope.payload.as_bytes().to_vec(),
                    by: Signatory { old_version, ..by },
                });
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    let no_root = || KeylessError::Root("there is none".to_owned());
    Err(refused.unwrap_or_else(no_root))
}

fn parse(bytes: &[u8], versions: Versions) -> Result<(Bundle, Option<OldVersion>), KeylessError> {
    if BUNDLE_BYTES_MAX < bytes.len() {
        let message = format!("it has more than {BUNDLE_BYTES_MAX} bytes");
        return Err(KeylessError::Unsupported(message));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| KeylessError::Unsupported("it is not UTF-8 text".to_owned()))?;
    let bundle =
        Bundle::from_json(text).map_err(|error| KeylessError::Unsupported(first_line(&error)))?;
    let old = match bundle.media_type {
        MediaType::Bundle0_3 => return Ok((bundle, None)),
        MediaType::Bundle0_2 => OldVersion::V0_2,
        MediaType::Bundle0_1 => OldVersion::V0_1,
        // The type may grow.
        _ => {
            let message = "its version is not 0.3".to_owned();
            return Err(KeylessError::Unsupported(message));
        }
    };
    match versions {
        Versions::AlsoOld => Ok((bundle, Some(old))),
        Versions::Current => Err(KeylessError::Old(old)),
    }
}

fn verify(
    bundle: &Bundle,
    digest: Sha256,
    identity: &Identity,
    root: &TrustedRoot,
) -> Result<Signatory, KeylessError> {
    let verifier = Verifier::new(root).map_err(|error| KeylessError::Root(first_line(&error)))?;
    let sha256 = Sha256Hash::from_hex(&digest.to_string())
        .map_err(|error| KeylessError::Invalid(first_line(&error)))?;
    let artifact = Artifact::Digest(ArtifactDigest::sha256(sha256));
    let policy = policy(identity, root);
    let result = verifier
        .verify(artifact, bundle, &policy)
        .map_err(|error| refusal(&error, digest))?;
    let judged = result.certificate_verified() && result.identity_policy_checked();
    let (true, Some(name), Some(certificate)) =
        (judged, result.identity(), bundle.signing_certificate())
    else {
        let why = "the certificate was not judged".to_owned();
        return Err(KeylessError::Invalid(why));
    };
    let by = identity.check(certificate.as_bytes(), name.as_str())?;
    let times = result.verified_timestamps().iter();
    Ok(Signatory {
        id: identity.to_string(),
        name: format!("`{}`", name.as_str()),
        by,
        chain: Vec::new(),
        signed_at: earliest(times.map(|time| time.as_second())),
        old_version: None,
    })
}

fn earliest(seconds: impl Iterator<Item = i64>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds.min()?, 0)
}

/// An instance without logs, such as GitHub's for private repositories, proves the time by time
/// stamps alone, and its certificates are in no public log. That depends on the root, which is
/// trusted, never on the bundle, which is not.
fn policy(identity: &Identity, root: &TrustedRoot) -> VerificationPolicy {
    let mut policy = VerificationPolicy::any_identity().require_issuer(identity.issuer.clone());
    if let Some(name) = identity.name.clone() {
        policy = policy.require_identity(match name.contains("://") {
            true => IdentityMatcher::Uri(name),
            false => IdentityMatcher::Exact(name),
        });
    }
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
