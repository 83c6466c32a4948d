//! Whose signatures count, and what is known of who signed.

use std::fmt;

use chrono::{DateTime, Utc};

use super::certificates::CertificateTrust;
use super::error::SigningError;
use super::keyless::{self, Identity, TrustedRoots};
use super::keys::PublicKey;
use crate::evidence::Sha256;
use crate::manifest::{
    Bundle, Header, InvalidClaim, Material, OldVersion, Versions, digests_0_1, pae,
};
use crate::policy::verification::SignedBy;

/// Whose signatures count. Chosen by the verifier; nothing that comes with a bundle adds to it.
#[derive(Clone)]
pub enum Trust {
    /// The holder of this key.
    Key(PublicKey),
    /// Whoever a certificate under an authority of the verifier's choice names.
    Certificates(CertificateTrust),
    /// Whoever a keyless certificate under these roots names so.
    Identity(Identity, TrustedRoots),
    /// As this one, in bundles of the versions 0.1 and 0.2 as well. Anybody can change the version of a bundle,
    /// so this counts on less for every bundle.
    AlsoOldBundles(Box<Self>),
}

/// A bundle whose signature counts. What the payload says has not been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The statement, exactly as signed.
    pub payload: Vec<u8>,
    /// Who signed it.
    pub by: Signatory,
}

/// Who signed, as far as it was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// The same for the same signer: the fingerprint of a key, or a name with who vouches for it.
    pub id: String,
    /// For messages; reads after "signed by": `the key 0438…`.
    pub name: String,
    /// What policies ask about it.
    pub by: SignedBy,
    /// The certificates that lead from the signer to one that is trusted, by their subjects; none for a
    /// plain key.
    pub chain: Vec<String>,
    /// When it was signed at the latest, as far as a third party confirms it.
    pub signed_at: Option<DateTime<Utc>>,
    /// The version of the bundle, when it is below 0.3 and counts by consent.
    pub old_version: Option<OldVersion>,
}

impl Trust {
    /// The same with bundles of the versions 0.1 and 0.2, when there is `consent`.
    #[must_use]
    pub fn with_old_bundles(self, consent: bool) -> Self {
        match (consent, self) {
            (true, Self::AlsoOldBundles(trust)) => Self::AlsoOldBundles(trust),
            (true, trust) => Self::AlsoOldBundles(Box::new(trust)),
            (false, trust) => trust,
        }
    }

    /// As [`Trust::open`], for the claim before OMS 1.0 and its own way to sign.
    ///
    /// # Errors
    /// As [`Trust::open`], and when it is another claim.
    pub fn open_0_1(&self, bundle: &[u8]) -> Result<Opened, SigningError> {
        let (trust, versions) = self.versions();
        if !digests_0_1::is_claimed(&Bundle::parse_of(bundle, versions)?.payload) {
            let message = "the statement is not of the format before OMS 1.0".to_owned();
            return Err(InvalidClaim::Unsupported(message).into());
        }
        match trust {
            Self::Key(key) => open_by_key(bundle, key, Format::Digests0_1, versions),
            Self::Certificates(trust) => trust.open(bundle, Format::Digests0_1, versions),
            Self::Identity(_, _) | Self::AlsoOldBundles(_) => Err(InvalidClaim::Legacy.into()),
        }
    }

    /// What [`Signatory::id`] is for who this trusts.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Key(key) => key.fingerprint().to_string(),
            Self::Certificates(trust) => trust.id(),
            Self::Identity(identity, _) => identity.to_string(),
            Self::AlsoOldBundles(trust) => trust.id(),
        }
    }

    /// The bundle, when its signature counts.
    ///
    /// # Errors
    /// When it is no bundle over a statement, signed by somebody else or another way, or damaged.
    pub fn open(&self, bundle: &[u8]) -> Result<Opened, SigningError> {
        let (trust, versions) = self.versions();
        match trust {
            Self::Key(key) => open_by_key(bundle, key, Format::Dsse, versions),
            Self::Certificates(trust) => trust.open(bundle, Format::Dsse, versions),
            Self::Identity(_, _) | Self::AlsoOldBundles(_) => {
                let payload = Bundle::parse_of(bundle, versions)?.payload;
                let header = Header::parse(&payload)?;
                let subject = header.subjects.first();
                let subject = subject.ok_or(InvalidClaim::SubjectCount(0, "at least 1"))?;
                self.open_about(bundle, subject.sha256)
            }
        }
    }

    /// As [`Trust::open`], for a statement about something with this digest. A signature by an identity
    /// over another statement is refused here; who asks a key must look into the payload in any case.
    ///
    /// # Errors
    /// As [`Trust::open`].
    pub fn open_about(&self, bundle: &[u8], digest: Sha256) -> Result<Opened, SigningError> {
        let (trust, versions) = self.versions();
        match trust {
            Self::Key(key) => open_by_key(bundle, key, Format::Dsse, versions),
            Self::Certificates(trust) => trust.open(bundle, Format::Dsse, versions),
            Self::Identity(identity, roots) => {
                Ok(keyless::open(bundle, digest, identity, roots, versions)?)
            }
            // There is one consent, so there is nothing further in it.
            Self::AlsoOldBundles(trust) => trust.open_about(bundle, digest),
        }
    }

    /// Who is trusted, and in which versions of bundles.
    fn versions(&self) -> (&Self, Versions) {
        match self {
            Self::Key(_) | Self::Certificates(_) | Self::Identity(_, _) => {
                (self, Versions::Current)
            }
            Self::AlsoOldBundles(trust) => (trust, Versions::AlsoOld),
        }
    }
}

/// Over which bytes a signature is.
#[derive(Clone, Copy)]
pub(super) enum Format {
    /// Those DSSE says.
    Dsse,
    /// Those of [`digests_0_1`].
    Digests0_1,
}

impl Format {
    pub(super) fn is_signed(self, key: &PublicKey, bundle: &Bundle) -> bool {
        match self {
            Self::Dsse => key.verifies(&pae(&bundle.payload), &bundle.signature),
            Self::Digests0_1 => {
                key.verifies_sha256(&digests_0_1::pae(&bundle.payload), &bundle.signature)
            }
        }
    }
}

/// Reads after "signed by", and says by which certificates and when.
impl fmt::Display for Signatory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if !self.chain.is_empty() {
            write!(formatter, ", by {}", self.chain.join(" ← "))?;
        }
        if let Some(time) = self.signed_at {
            write!(formatter, ", at {}", time.to_rfc3339())?;
        }
        match self.old_version {
            Some(version) => write!(formatter, ", in a bundle of version {version}"),
            None => Ok(()),
        }
    }
}

fn open_by_key(
    bundle: &[u8],
    key: &PublicKey,
    format: Format,
    versions: Versions,
) -> Result<Opened, SigningError> {
    let bundle = Bundle::parse_of(bundle, versions)?;
    let given = key.fingerprint();
    match &bundle.material {
        Material::Key { hint: Some(hint) } if *hint != given.to_string() => {
            return Err(SigningError::OtherKey {
                signed_by: hint.chars().take(64).collect(),
                given,
            });
        }
        Material::Key { .. } => {}
        found @ (Material::Certificates(_) | Material::Identity(_)) => {
            let (found, required) = (found.clone(), "a plain key");
            return Err(InvalidClaim::Method { found, required }.into());
        }
    }
    if !format.is_signed(key, &bundle) {
        return Err(SigningError::Mismatch(given));
    }
    Ok(Opened {
        payload: bundle.payload,
        by: Signatory {
            id: given.to_string(),
            name: format!("the key {given}"),
            by: SignedBy::Key {
                fingerprint: given.to_string(),
            },
            chain: Vec::new(),
            signed_at: None,
            old_version: bundle.old_version,
        },
    })
}
