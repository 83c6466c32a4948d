//! Arguments of `sign`, `attest`, `verify` and `digest`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args};

use crate::evidence::{Sha256, SubjectDigest};
use crate::manifest::HashAlgorithm;
use crate::policy::verification::BuildClaim;
use crate::signing::keys::Curve;
use crate::signing::signers::KeyReference;

/// Where the password of a key comes from; never from the command line, which every user of the machine
/// can see.
#[derive(Debug, Default, Args)]
pub struct PasswordArguments {
    /// Environment variable that holds the password of the key
    #[arg(long, value_name = "VARIABLE")]
    pub password_variable: Option<String>,
    /// Open file descriptor that the password of the key is read from
    #[arg(long, value_name = "NUMBER", conflicts_with = "password_variable")]
    pub password_fd: Option<u32>,
}

/// How the files of a model are digested.
#[derive(Debug, Args)]
pub struct HashingArguments {
    /// Hash function of the files: `sha256`, which everybody understands, `blake2b` or `blake3`
    #[arg(long, value_name = "FUNCTION", default_value = "sha256", value_parser = parse_hash)]
    pub hash: HashAlgorithm,
    /// Cut files into shards of this many bytes, which are digested at the same time
    #[arg(long, value_name = "BYTES")]
    pub shard_size: Option<NonZeroU64>,
}

fn parse_hash(text: &str) -> Result<HashAlgorithm, String> {
    text.parse()
}

/// How to sign by the identity of the job instead of a key.
#[derive(Debug, Default, Args)]
pub struct KeylessArguments {
    /// Sign by the identity of this job of GitHub Actions or GitLab, instead of a key: a certificate of
    /// Sigstore says for some minutes who it is, a time stamp and a log that it signed
    #[arg(long, conflicts_with = "key")]
    pub keyless: bool,
    /// Services of another Sigstore instance (`cosign signing-config create`); the public one by default
    #[arg(
        long,
        value_name = "FILE",
        requires = "keyless",
        requires = "trusted_root"
    )]
    pub signing_config: Option<PathBuf>,
    /// Trusted root of that instance (`cosign trusted-root create`): the signature is verified with it before
    /// it is written
    #[arg(long, value_name = "FILE", requires = "keyless")]
    pub trusted_root: Option<PathBuf>,
    /// Environment variable that holds an identity token for `sigstore`; by default SIGSTORE_ID_TOKEN, or else
    /// GitHub Actions is asked for one
    #[arg(long, value_name = "VARIABLE", requires = "keyless")]
    pub identity_token_variable: Option<String>,
}

/// A system that keeps attestations for others: `github`, or `github:OWNER/NAME` for another repository than
/// that of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationStore {
    /// The repository; that of the job by default.
    pub repository: Option<String>,
}

impl FromStr for AttestationStore {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "github" => Ok(Self { repository: None }),
            Some(("github", repository)) if !repository.is_empty() => Ok(Self {
                repository: Some(repository.to_owned()),
            }),
            Some(_) | None => Err(format!(
                "`{text}` keeps no attestations: expected `github` or `github:OWNER/NAME`"
            )),
        }
    }
}

/// Arguments of `sign`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("signer").args(["key", "keyless"]))]
pub struct SignArguments {
    /// Directory or file of the model, with --key or --keyless; the model of the configuration by default
    #[arg(long, value_name = "PATH", requires = "signer")]
    pub model: Option<PathBuf>,
    /// The private key: a PEM file, `env://VARIABLE` or a key service such as `awskms:///alias/NAME` (see
    /// docs/key-references.md); `sign.private_key` of the configuration by default
    #[arg(long, env = "PROOFMARK_KEY", value_name = "KEY")]
    pub key: Option<KeyReference>,
    /// Without a key, with --model.
    #[command(flatten)]
    pub keyless: KeylessArguments,
    /// Certificate of the key (PEM), with --model; the signature then says whose it is
    #[arg(
        long,
        value_name = "FILE",
        requires = "model",
        conflicts_with = "keyless"
    )]
    pub certificate: Option<PathBuf>,
    /// Certificates that lead from --certificate to a root (PEM); repeatable
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub certificate_chain: Vec<PathBuf>,
    /// Where the signature is written, with --model; `model.sig` in the report directory by default
    #[arg(long, value_name = "FILE", requires = "model")]
    pub signature: Option<PathBuf>,
    /// Path in the model to leave out, with --model; repeatable
    #[arg(long, value_name = "PATH", requires = "model")]
    pub ignore: Vec<String>,
    /// How files are digested, with --model.
    #[command(flatten)]
    pub hashing: HashingArguments,
    /// Take symbolic links in the model for what they point at, with --model
    #[arg(long, requires = "model")]
    pub allow_symlinks: bool,
    /// The password of the key.
    #[command(flatten)]
    pub password: PasswordArguments,
    /// Replace a signature that does not match the files
    #[arg(long)]
    pub replace: bool,
    /// Have GitHub keep what was signed, for everyone who may read the repository: `github`, or
    /// `github:OWNER/NAME` for another repository than that of the job; needs GITHUB_TOKEN with
    /// `attestations: write`
    #[arg(long, value_name = "STORE", conflicts_with = "generate_key")]
    pub publish: Option<AttestationStore>,
    /// Make a key pair and sign nothing
    #[arg(long, requires = "key", requires = "public_key")]
    pub generate_key: bool,
    /// Where --generate-key writes the public key
    #[arg(long, value_name = "FILE")]
    pub public_key: Option<PathBuf>,
    /// Curve of the key --generate-key makes
    #[arg(long, value_name = "CURVE", default_value = "p256", value_parser = parse_curve)]
    pub curve: Curve,
}

fn parse_curve(text: &str) -> Result<Curve, String> {
    match text.to_ascii_lowercase().as_str() {
        "p256" | "p-256" => Ok(Curve::P256),
        "p384" | "p-384" => Ok(Curve::P384),
        "p521" | "p-521" => Ok(Curve::P521),
        _ => Err(format!(
            "`{text}` is not a curve: expected `p256`, `p384` or `p521`"
        )),
    }
}

/// Arguments of `attest`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("signer").args(["key", "keyless"]))]
pub struct AttestArguments {
    /// Evidence files; those of the steps the stages require by default
    #[arg(value_name = "EVIDENCE")]
    pub evidence: Vec<PathBuf>,
    /// The private key: a PEM file, `env://VARIABLE` or a key service such as `awskms:///alias/NAME` (see
    /// docs/key-references.md); `sign.private_key` of the configuration by default
    #[arg(long, env = "PROOFMARK_KEY", value_name = "KEY")]
    pub key: Option<KeyReference>,
    /// Without a key.
    #[command(flatten)]
    pub keyless: KeylessArguments,
    /// Where the claims are written; `claims.jsonl` in the report directory by default
    #[arg(long, value_name = "FILE")]
    pub claims: Option<PathBuf>,
    /// Have GitHub keep what was signed, for everyone who may read the repository: `github`, or
    /// `github:OWNER/NAME` for another repository than that of the job; needs GITHUB_TOKEN with
    /// `attestations: write`
    #[arg(long, value_name = "STORE")]
    pub publish: Option<AttestationStore>,
    /// What is stated instead of evidence, or how it was made.
    #[command(flatten)]
    pub predicate: PredicateArguments,
    /// The password of the key.
    #[command(flatten)]
    pub password: PasswordArguments,
}

/// A statement other than evidence of a step; it is added to the file of claims.
#[derive(Debug, Args)]
pub struct PredicateArguments {
    /// URI of the type of a predicate, such as `https://cyclonedx.org/bom`
    #[arg(
        long,
        value_name = "URI",
        requires = "predicate",
        conflicts_with = "evidence"
    )]
    pub predicate_type: Option<String>,
    /// The predicate, a JSON object
    #[arg(long, value_name = "FILE", requires = "predicate_type")]
    pub predicate: Option<PathBuf>,
    /// State how the model was made (SLSA provenance v1): by this job, of the data that was validated
    #[arg(long, conflicts_with_all = ["predicate_type", "evidence"])]
    pub provenance: bool,
    /// Name and root digest of a model it was made from, as `NAME=SHA256`; repeatable
    #[arg(long, value_name = "NAME=SHA256", requires = "provenance", value_parser = parse_subject)]
    pub base_model: Vec<SubjectDigest>,
    /// Directory or file of the model, without a configuration; needs --key or --keyless
    #[arg(long, value_name = "PATH", requires = "signer", conflicts_with_all = ["evidence", "provenance"])]
    pub model: Option<PathBuf>,
}

fn parse_subject(text: &str) -> Result<SubjectDigest, String> {
    let (name, sha256) = text.split_once('=').ok_or("expected NAME=SHA256")?;
    let sha256 = sha256.strip_prefix("sha256:").unwrap_or(sha256);
    Ok(SubjectDigest {
        name: name.to_owned(),
        sha256: sha256.parse().map_err(|error| format!("{error}"))?,
    })
}

/// A policy that says what must have been stated.
#[derive(Debug, Args)]
pub struct PolicyArguments {
    /// Policy (YAML) that says what must be stated about the model and by whom; judges the file of claims
    #[arg(long, value_name = "FILE", conflicts_with = "signature")]
    pub policy: Option<PathBuf>,
    /// Write what came of it (the predicate of an SLSA verification summary) for `attest --predicate`
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub verification_summary: Option<PathBuf>,
    /// What the model is verified as, in the summary: `models/credit-risk/production`
    #[arg(long, value_name = "URI", requires = "verification_summary")]
    pub resource: Option<String>,
    /// Version of the model; that of the configuration by default
    #[arg(long, value_name = "VERSION", requires = "policy")]
    pub model_version: Option<String>,
    /// Highest version that was promoted so far, for `no_downgrade`
    #[arg(long, value_name = "VERSION", requires = "policy")]
    pub promoted_version: Option<String>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Directory or file of the model, with --signature and --key, --trust-root or
    /// --certificate-oidc-issuer, or with --policy; the model of the configuration by default
    #[arg(long, value_name = "PATH")]
    pub model: Option<PathBuf>,
    /// Signature; `model.sig` in the report directory by default
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
    /// The public key: a PEM file, `env://VARIABLE` or a key service such as `awskms:///alias/NAME`;
    /// `sign.public_key` of the configuration by default
    #[arg(long, env = "PROOFMARK_PUBLIC_KEY", value_name = "KEY")]
    pub key: Option<KeyReference>,
    /// Whose certificates count, instead of a key.
    #[command(flatten)]
    pub certificates: CertificateArguments,
    /// File of claims to verify too; `claims.jsonl` in the report directory by default
    #[arg(long, value_name = "FILE")]
    pub claims: Option<PathBuf>,
    /// Add what GitHub keeps about the model to the file of claims first, and take the signature from there
    /// where there is none: `github`, or `github:OWNER/NAME` for another repository than that of the job; with
    /// the token in GITHUB_TOKEN, when it is set
    #[arg(long, value_name = "STORE")]
    pub from: Option<AttestationStore>,
    /// What must have been stated.
    #[command(flatten)]
    pub policy: PolicyArguments,
    /// Path in the model that is not expected to be signed; repeatable
    #[arg(long, value_name = "PATH")]
    pub ignore: Vec<String>,
    /// Nothing but the signature may be left out of it: what belongs to version control is an error too,
    /// and so are names that are one on macOS and Windows
    #[arg(long)]
    pub strict: bool,
    /// Accept signatures of the format before OMS 1.0 (`model_signing` 0.2)
    #[arg(long)]
    pub allow_legacy: bool,
    /// Accept Sigstore bundles of the versions 0.1 and 0.2, which prove less than 0.3; the report says which.
    /// A policy says so itself
    #[arg(long, conflicts_with = "policy")]
    pub allow_old_bundle_versions: bool,
    /// Take symbolic links in the model for what they point at, when the signer did so
    #[arg(long)]
    pub allow_symlinks: bool,
}

/// Whose certificates count: of an authority of one's own, or of Sigstore, which gives them to identities.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("authority").args(["trust_root", "certificate_oidc_issuer"]))]
pub struct CertificateArguments {
    /// Certificates of authorities that are trusted (PEM), instead of a key; needs who must have signed;
    /// repeatable
    #[arg(long, value_name = "FILE")]
    pub trust_root: Vec<PathBuf>,
    /// E-mail address, URI or DNS name the signer's certificate must hold, to the letter
    #[arg(long, value_name = "NAME", requires = "authority")]
    pub certificate_identity: Option<String>,
    /// Who vouches for the identity that signed keyless, to the letter, such as
    /// `https://token.actions.githubusercontent.com`; needs who must have signed: --certificate-identity or
    /// --certificate-claim
    #[arg(long, value_name = "URL")]
    pub certificate_oidc_issuer: Option<String>,
    /// What the certificate of an identity must say of the build, to the letter, such as
    /// `source_repository_identifier=123456`, which stays when the repository is renamed; repeatable
    #[arg(long, value_name = "CLAIM=VALUE", requires = "certificate_oidc_issuer", value_parser = parse_claim)]
    pub certificate_claim: Vec<(BuildClaim, String)>,
    /// Trusted root of another Sigstore instance (`cosign trusted-root create`, `gh attestation
    /// trusted-root`); the public one by default
    #[arg(long, value_name = "FILE", requires = "certificate_oidc_issuer")]
    pub trusted_root: Option<PathBuf>,
    /// Subject of the signer's certificate, to the letter, such as `CN=trainer,O=Example` (RFC 4514)
    #[arg(long, value_name = "SUBJECT", requires = "trust_root")]
    pub certificate_subject: Option<String>,
    /// SHA-256 of the signer's public key (SubjectPublicKeyInfo, DER)
    #[arg(long, value_name = "SHA256", requires = "trust_root")]
    pub certificate_spki_sha256: Option<Sha256>,
    /// Certificates of an authority for time stamps (PEM, its own first, its root last): what it confirms
    /// is judged at that time instead of now; repeatable
    #[arg(long, value_name = "FILE", requires = "trust_root")]
    pub timestamp_root: Vec<PathBuf>,
}

fn parse_claim(text: &str) -> Result<(BuildClaim, String), String> {
    match text.split_once('=') {
        Some((claim, value)) if !value.is_empty() => Ok((claim.parse()?, value.to_owned())),
        Some(_) | None => Err(format!("expected CLAIM=VALUE, found `{text}`")),
    }
}

/// Arguments of `digest`.
#[derive(Debug, Args)]
pub struct DigestArguments {
    /// Directory or file of the model
    pub model: PathBuf,
    /// Path in the model to leave out; repeatable
    #[arg(long, value_name = "PATH")]
    pub ignore: Vec<String>,
    /// How files are digested.
    #[command(flatten)]
    pub hashing: HashingArguments,
    /// Take symbolic links in the model for what they point at
    #[arg(long)]
    pub allow_symlinks: bool,
}
