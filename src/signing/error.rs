//! Why signing or verifying failed.

use std::path::PathBuf;

use super::certificates::CertificateProblem;
use super::keyless::KeylessError;
use super::keys::KeyProblem;
use super::signers::ServiceProblem;
use super::signers::keyless::IdentityProblem;
use crate::evidence::Sha256;
use crate::io::files::FileError;
use crate::io::http::HttpSetupError;
use crate::io::remote::RemoteError;
use crate::io::secret::NotASecret;
use crate::manifest::{InvalidClaim, InvalidManifest};

/// Why signing or verifying failed. Only of a service that does not answer can it make sense to try again.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The files are not a model.
    #[error(transparent)]
    Manifest(#[from] InvalidManifest),
    /// A path to leave out is not a plain relative path.
    #[error("the path to ignore `{path}` {problem}; hint: give it relative to the model")]
    IgnoredPath {
        /// The path as given.
        path: String,
        /// What is wrong.
        problem: crate::manifest::NameProblem,
    },
    /// A link can point at other bytes tomorrow, so it cannot be signed.
    #[error("`{}` is a symbolic link; hint: replace it by a copy of its target, or take it for that with `--allow-symlinks`", .0.display())]
    SymbolicLink(PathBuf),
    /// A link to a directory it lies in.
    #[error("`{}` is a symbolic link to a directory that holds it", .0.display())]
    EndlessLink(PathBuf),
    /// A signature digests files in another way than evidence does.
    #[error("the files are not digested whole with SHA-256")]
    OtherHashing,
    /// A device, a socket or a pipe.
    #[error("`{}` is neither a file nor a directory", .0.display())]
    SpecialFile(PathBuf),
    /// A name that cannot be written in a signature.
    #[error("the name of `{}` is not Unicode", .0.display())]
    NotUnicode(PathBuf),
    /// A key cannot be used.
    #[error("failed to load key `{key}`: {problem}")]
    Key {
        /// The file of the key, or what else names it.
        key: String,
        /// What is wrong.
        problem: KeyProblem,
    },
    /// A reference to a key that begins with no known scheme.
    #[error(
        "`{reference}` names no key: expected a file or one of {}{}",
        listed(known),
        or_plugin(plugin)
    )]
    UnknownScheme {
        /// The reference as given.
        reference: String,
        /// How references may begin.
        known: Vec<&'static str>,
        /// The plug-in that would know it, and is not there.
        plugin: Option<String>,
    },
    /// A key that a service or a plug-in holds cannot be used.
    #[error("failed to use key `{key}`: {problem}")]
    Service {
        /// The reference to the key.
        key: String,
        /// What is wrong.
        problem: Box<ServiceProblem>,
    },
    /// The password of a key was to be taken from a variable that is not set.
    #[error("environment variable `{0}`, which should hold the password of the key, is not set")]
    NoPassword(String),
    /// The password of a key was to be read from a descriptor that gives nothing.
    #[error("`{}`, which should give the password of the key, gives nothing", .0.display())]
    EmptyPassword(PathBuf),
    /// The cryptographic library refused to make a key or a signature.
    #[error("failed to {operation}: {problem}")]
    Cryptography {
        /// `generate a key` or `sign`.
        operation: &'static str,
        /// What the library says.
        problem: String,
    },
    /// The bundle or the statement in it is not acceptable.
    #[error(transparent)]
    Claim(#[from] InvalidClaim),
    /// The bundle says that another key signed it.
    #[error("signed by the key with fingerprint {signed_by}, not by the given key {given}")]
    OtherKey {
        /// Fingerprint in the bundle, shortened when it is not one.
        signed_by: String,
        /// Fingerprint of the key given.
        given: Sha256,
    },
    /// The signature is not over these bytes, or not by this key.
    #[error("the signature does not verify with the key {0}")]
    Mismatch(Sha256),
    /// A file of certificates cannot be used.
    #[error("failed to read certificates from `{}`: {problem}", path.display())]
    CertificateFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: CertificateProblem,
    },
    /// The certificate of the signer does not count.
    #[error(transparent)]
    Certificate(#[from] CertificateProblem),
    /// The signature by an identity is not accepted.
    #[error(transparent)]
    Keyless(#[from] KeylessError),
    /// A store of attestations was asked about one digest and gave what is about another.
    #[error(
        "{store} gave an attestation that is not about sha256:{digest}; nothing of it was taken"
    )]
    OtherSubject {
        /// What gave it.
        store: String,
        /// What it was asked about.
        digest: Sha256,
    },
    /// A file that says whom to trust or whom to ask cannot be used.
    #[error("failed to read `{}`: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// This job has no identity to sign with.
    #[error(transparent)]
    Identity(#[from] IdentityProblem),
    /// A service did not do what it was asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The network cannot be used.
    #[error(transparent)]
    Network(#[from] HttpSetupError),
    /// A token cannot be used.
    #[error(transparent)]
    Secret(#[from] NotASecret),
}

fn or_plugin(plugin: &Option<String>) -> String {
    plugin.as_ref().map_or_else(String::new, |plugin| {
        format!("; a plug-in `{plugin}` is not on `PATH`")
    })
}

fn listed(prefixes: &[&str]) -> String {
    let prefixes: Vec<String> = prefixes.iter().map(|one| format!("`{one}…`")).collect();
    prefixes.join(", ")
}
