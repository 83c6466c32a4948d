//! The pure half of signing: what is signed and how it is written, without keys and without files.
//!
//! - [`Manifest`]: the files of a model with their digests, and the root digest that names the model
//!   in every attestation (OpenSSF Model Signing, "OMS", specification 1.0).
//! - [`Resources`]: the same as one signature lists them, digested in the way its signer chose
//!   ([`Hashing`]).
//! - [`oms`]: the statement that a signature of a model is over, written and read.
//! - [`test_result`]: the statement that carries the evidence of one run.
//! - [`Bundle`], [`Seal`], [`pae`]: the Sigstore bundle around a signed statement, read and written, and
//!   the bytes the signature is computed over (DSSE).
//! - [`claims`]: several bundles about one model in one file.
//! - [`checksums`]: the list of SHA-256 digests that comes with a release.
//!
//! Whether a signature verifies, and what is on the disk, is for `signing`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod bundle;
pub mod checksums;
pub mod claims;
mod collisions;
mod compare;
pub mod digests_0_1;
mod error;
mod files;
mod hashing;
pub mod oms;
mod parts;
pub mod predicates;
mod resources;
mod seal;
mod statement;
pub mod test_result;

pub use bundle::{BUNDLE_BYTES_MAX, Bundle, Material, OldVersion, PAYLOAD_TYPE, Versions, pae};
pub use collisions::collisions;
pub use compare::{Difference, FileProblem, compare};
pub use error::InvalidClaim;
pub use files::{
    FileDigest, InvalidManifest, Manifest, NameProblem, RESOURCES_MAX, check_name, is_within,
};
pub use hashing::{ContentDigest, HashAlgorithm, Hashing, hex};
pub use resources::{DigestedFile, Resources};
pub use seal::Seal;
pub use statement::{Header, SUBJECTS_MAX, claim_about};

#[cfg(test)]
mod tests;
