//! Whose signatures count, and what is known of who signed.

use chrono::{DateTime, Utc};

use super::error::SigningError;
use super::keyless::{self, Identity, TrustedRoots};
use super::keys::PublicKey;
use crate::evidence::Sha256;
use crate::manifest::{Bundle, Header, InvalidClaim, Material, pae};

/// Whose signatures count. Chosen by the verifier; nothing that comes with a bundle adds to it.
#[derive(Clone)]
pub enum Trust {
    /// The holder of this key.
    Key(PublicKey),
    /// Whoever a keyless certificate under these roots names so.
    Identity(Identity, TrustedRoots),
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
    /// The certificates that lead from the signer to one that is trusted, by their subjects; none for a
    /// plain key.
    pub chain: Vec<String>,
    /// When it was signed at the latest, as far as a third party confirms it.
    pub signed_at: Option<DateTime<Utc>>,
}

impl Trust {
    /// What [`Signatory::id`] is for who this trusts.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Key(key) => key.fingerprint().to_string(),
            Self::Identity(identity, _) => format!("{} by {}", identity.name, identity.issuer),
        }
    }

    /// The bundle, when its signature counts.
    ///
    /// # Errors
    /// When it is no bundle over a statement, signed by somebody else or another way, or damaged.
    pub fn open(&self, bundle: &[u8]) -> Result<Opened, SigningError> {
        match self {
            Self::Key(key) => open_by_key(bundle, key),
            Self::Identity(_, _) => {
                let payload = Bundle::parse(bundle)?.payload;
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
        match self {
            Self::Key(key) => open_by_key(bundle, key),
            Self::Identity(identity, roots) => Ok(keyless::open(bundle, digest, identity, roots)?),
        }
    }
}

fn open_by_key(bundle: &[u8], key: &PublicKey) -> Result<Opened, SigningError> {
    let bundle = Bundle::parse(bundle)?;
    let given = key.fingerprint();
    match bundle.material {
        Material::Key { hint: Some(hint) } if hint != given.to_string() => {
            return Err(SigningError::OtherKey {
                signed_by: hint.chars().take(64).collect(),
                given,
            });
        }
        Material::Key { .. } => {}
        found @ (Material::Certificates(_) | Material::Identity(_)) => {
            let required = "a plain key";
            return Err(InvalidClaim::Method { found, required }.into());
        }
    }
    if !key.verifies(&pae(&bundle.payload), &bundle.signature) {
        return Err(SigningError::Mismatch(given));
    }
    Ok(Opened {
        payload: bundle.payload,
        by: Signatory {
            id: given.to_string(),
            name: format!("the key {given}"),
            chain: Vec::new(),
            signed_at: None,
        },
    })
}
