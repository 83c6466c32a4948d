//! Signing and verifying models and evidence, and reading a model from disk for it.
//!
//! [`walk`] digests the files of a model, [`signers`] finds what signs, [`sign`] writes bundles and
//! [`verify`] judges them. What the signed statements look like is for
//! [`manifest`](crate::manifest). Verification trusts what the caller names, a [`trust::Trust`], never
//! anything that comes with the bundle; a bundle signed by another method than the one trusted is
//! refused, not skipped.
//!
//! [`keys`] is elliptic-curve keys in PEM, [`certificates`] who an authority says holds one, [`keyless`]
//! opens bundles signed by an identity instead of a key, and [`release`] judges whether a file is the
//! one that was released.

pub mod certificates;
pub mod digest;
mod error;
mod exclusions;
mod hasher;
pub mod keyless;
pub mod keys;
mod pbes2;
mod pem;
pub mod release;
pub mod sign;
pub mod signers;
pub mod statements;
pub mod trust;
pub mod verify;
pub mod walk;

pub use error::SigningError;
pub use verify::REQUIREMENTS;

#[cfg(test)]
mod old_bundle_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod release_tests;
#[cfg(test)]
mod tests;
