//! Signing and verifying models and evidence with elliptic-curve keys, and reading a model from disk
//! for it.
//!
//! [`walk`] digests the files of a model, [`keys`] loads and makes keys, [`sign`] writes bundles and
//! [`verify`] judges them. What the signed statements look like is for
//! [`manifest`](crate::manifest). Verification of models and evidence trusts one key that the caller
//! names, never anything that comes with the bundle; certificates and keyless signatures are refused,
//! not skipped.
//!
//! [`keyless`] opens bundles signed by an identity instead of a key, and [`release`] judges with both
//! whether a file is the one that was released.

mod error;
pub mod keyless;
pub mod keys;
mod pem;
pub mod release;
pub mod sign;
pub mod verify;
pub mod walk;

pub use error::SigningError;
pub use verify::REQUIREMENTS;

#[cfg(test)]
mod release_tests;
#[cfg(test)]
mod tests;
