//! What signs, and the references by which users name it.
//!
//! A [`Signer`] is a key in a file, in a variable, in a key management service, or an identity.
//! [`SCHEMES`] is the one table of references: a new kind of signer is a new file here and one line in
//! it. A scheme that is not in it is that of a [plug-in](plugin). Keys that are not at hand have
//! [`service`] in common. What is signed is for [`sign`](super::sign), whose signatures count for
//! [`trust`](super::trust).

mod aws_kms;
mod azure_kms;
mod certificate;
mod env;
mod file;
mod gcp_kms;
mod hashivault;
pub mod keyless;
mod plugin;
mod reference;
mod service;

use super::error::SigningError;
use super::keys::Password;
use super::trust::Trust;
use crate::io::World;
use crate::manifest::Seal;

pub use certificate::CertificateSigner;
pub use reference::KeyReference;
pub use service::ServiceProblem;

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
pub const SCHEMES: &[Scheme] = &[
    env::SCHEME,
    hashivault::SCHEME,
    aws_kms::SCHEME,
    azure_kms::SCHEME,
    gcp_kms::SCHEME,
];

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
        KeyReference::Other(text) => match scheme_of(text) {
            Some((scheme, rest)) => (scheme.signer)(rest, access),
            None => plugin::signer(text, access)?.ok_or_else(|| unknown(text)),
        },
    }
}

/// Finds what verifies the signatures by the key that `reference` names: a public key, wherever it is.
///
/// # Errors
/// When there is no such kind of reference, or the key is missing or cannot be used.
pub fn trust(reference: &KeyReference, access: &KeyAccess<'_>) -> Result<Trust, SigningError> {
    match reference {
        KeyReference::File(path) => file::trust(path),
        KeyReference::Other(text) => match scheme_of(text) {
            Some((scheme, rest)) => (scheme.trust)(rest, access),
            None => plugin::trust(text, access)?.ok_or_else(|| unknown(text)),
        },
    }
}

fn scheme_of(text: &str) -> Option<(&'static Scheme, &str)> {
    SCHEMES
        .iter()
        .find_map(|scheme| Some((scheme, text.strip_prefix(scheme.prefix)?)))
}

fn unknown(text: &str) -> SigningError {
    SigningError::UnknownScheme {
        reference: text.to_owned(),
        known: SCHEMES.iter().map(|scheme| scheme.prefix).collect(),
        plugin: plugin::program(text),
    }
}

#[cfg(test)]
mod service_tests;
#[cfg(test)]
mod tests;
