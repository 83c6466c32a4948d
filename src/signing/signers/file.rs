//! Keys in PEM files.

use std::path::Path;

use super::{KeyAccess, Signer};
use crate::manifest::{Seal, pae};
use crate::signing::error::SigningError;
use crate::signing::keys::{PublicKey, SigningKey};
use crate::signing::trust::Trust;

/// A private key at hand, wherever it was read from.
impl Signer for SigningKey {
    fn name(&self) -> String {
        format!("key {}", self.public().fingerprint().short())
    }

    fn trust(&self) -> Trust {
        Trust::Key(self.public().clone())
    }

    fn seal(&self, payload: &[u8]) -> Result<Seal, SigningError> {
        self.public().seal(payload, self.sign(&pae(payload))?)
    }
}

pub(super) fn signer(path: &Path, access: &KeyAccess<'_>) -> Result<Box<dyn Signer>, SigningError> {
    Ok(Box::new(SigningKey::load(path, access.password)?))
}

pub(super) fn trust(path: &Path) -> Result<Trust, SigningError> {
    Ok(Trust::Key(PublicKey::load(path)?))
}
