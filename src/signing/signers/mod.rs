//! What signs, and the references by which users name it.
//!
//! A [`Signer`] is a key in a file, in a variable, in a key management service, or an identity.
//! [`SCHEMES`] is the one table of references: a new kind of signer is a new file here and one line in
//! it. What is signed is for [`sign`](super::sign), whose signatures count for
//! [`trust`](super::trust).

mod certificate;
mod env;
mod file;
mod reference;

use super::error::SigningError;
use super::keys::Password;
use super::trust::Trust;
use crate::io::World;
use crate::manifest::Seal;

pub use certificate::CertificateSigner;
pub use reference::KeyReference;

/// Signs statements.
pub trait Signer {
    /// What messages call it; reads after "signed with": `key 0438f1a9e06d`.
    fn name(&self) -> String;

    /// What verifies its signatures, and nobody else's.
    fn trust(&self) -> Trust;

    /// Signs the statement `payload`: the signature is over its [`pae`](crate::manifest::pae). It is
    /// verified before it is given out; a faulty one can give away a key, and helps nobody.
    ///
    /// # Errors
    /// When the key cannot be used or the service that holds it does not answer.
    fn seal(&self, payload: &[u8]) -> Result<Seal, SigningError>;
}

/// What opening a key may use.
#[derive(Clone, Copy)]
pub struct KeyAccess<'a> {
    /// Variables, clock, and with them the network.
    pub world: &'a World,
    /// The password of the key, when it has one.
    pub password: Option<&'a Password>,
}

/// What signs, or why there is none.
pub type Opened = Result<Box<dyn Signer>, SigningError>;

/// A kind of reference to a key. `rest` is what follows the prefix.
pub struct Scheme {
    /// What references of this kind begin with.
    pub prefix: &'static str,
    /// What they name, for help.
    pub summary: &'static str,
    /// Opens what signs.
    pub signer: fn(rest: &str, access: &KeyAccess<'_>) -> Opened,
    /// Finds what verifies, with the public half alone where there is one.
    pub trust: fn(rest: &str, access: &KeyAccess<'_>) -> Result<Trust, SigningError>,
}

/// Every kind of reference but the path of a file, which has no prefix.
pub const SCHEMES: &[Scheme] = &[env::SCHEME];

/// Opens the signer that `reference` names.
///
/// # Errors
/// When there is no such kind of reference, or the key is missing or cannot be used.
pub fn open(
    reference: &KeyReference,
    access: &KeyAccess<'_>,
) -> Result<Box<dyn Signer>, SigningError> {
    match reference {
        KeyReference::File(path) => file::signer(path, access),
        KeyReference::Other(text) => {
            let (scheme, rest) = scheme_of(text)?;
            (scheme.signer)(rest, access)
        }
    }
}

/// Finds what verifies the signatures by the key that `reference` names: a public key, wherever it is.
///
/// # Errors
/// When there is no such kind of reference, or the key is missing or cannot be used.
pub fn trust(reference: &KeyReference, access: &KeyAccess<'_>) -> Result<Trust, SigningError> {
    match reference {
        KeyReference::File(path) => file::trust(path),
        KeyReference::Other(text) => {
            let (scheme, rest) = scheme_of(text)?;
            (scheme.trust)(rest, access)
        }
    }
}

fn scheme_of(text: &str) -> Result<(&'static Scheme, &str), SigningError> {
    SCHEMES
        .iter()
        .find_map(|scheme| Some((scheme, text.strip_prefix(scheme.prefix)?)))
        .ok_or_else(|| SigningError::UnknownScheme {
            reference: text.to_owned(),
            known: SCHEMES.iter().map(|scheme| scheme.prefix).collect(),
        })
}

#[cfg(test)]
mod tests;
