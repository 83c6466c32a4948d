//! `self verify`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Commands on the program itself.
#[derive(Debug, Subcommand)]
pub enum SelfCommand {
    /// Say what this program is and whether it is the one that was released; asks no network
    ///
    /// Holds the SHA-256 of the running program against the checksums and the signed statements of a
    /// release. Without options it takes `SHA256SUMS` and `proofmark*.sigstore.json` beside the
    /// program. What could not be verified has not passed.
    #[command(
        after_help = "Examples:\n  proofmark self verify\n  proofmark self verify --checksums SHA256SUMS\n  proofmark self verify --bundle proofmark-0.1.0.provenance.sigstore.json\n  proofmark self verify --bundle proofmark-0.1.0.sigstore.json --key proofmark.pub\n  proofmark self verify --file proofmark-0.1.0-x86_64-unknown-linux-musl.tar.gz --checksums SHA256SUMS\n\nA list of checksums proves only that the bytes are the listed ones; a bundle proves who built\nthem. Exit codes: 0 as released, 3 nothing to verify with, 6 not as released."
    )]
    Verify(SelfVerifyArguments),
}

/// Arguments of `self verify`.
#[derive(Debug, Args)]
pub struct SelfVerifyArguments {
    /// File of a release to verify, such as an archive; the running program by default
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// List of SHA-256 checksums that must hold the digest; `SHA256SUMS` beside the file by default
    #[arg(long, value_name = "FILE")]
    pub checksums: Option<PathBuf>,
    /// Sigstore bundle whose statement must be about the digest, or such bundles one a line;
    /// repeatable; `proofmark*.sigstore.json` beside the file by default
    #[arg(long, value_name = "FILE")]
    pub bundle: Vec<PathBuf>,
    /// PEM file of the public key the bundles must be signed by, instead of an identity
    #[arg(long, value_name = "FILE", conflicts_with_all = ["identity", "issuer", "trusted_root"])]
    pub key: Option<PathBuf>,
    /// Identity the certificate must name; the release workflow at the tag of this version by default
    #[arg(long, value_name = "URI")]
    pub identity: Option<String>,
    /// Issuer of the identity; GitHub Actions by default
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// Trusted root of another Sigstore instance, as `gh attestation trusted-root` or `cosign
    /// trusted-root` prints it; the public one by default
    #[arg(long, value_name = "FILE")]
    pub trusted_root: Option<PathBuf>,
    /// What the statement must claim; build provenance of SLSA by default
    #[arg(long, value_name = "URI")]
    pub predicate_type: Option<String>,
}
