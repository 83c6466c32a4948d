//! Why a bundle or the statement in it is not accepted. One variant per reason, in the order in which
//! they are looked for.

use super::bundle::{Material, OldVersion};
use super::files::{InvalidManifest, shown};
use crate::evidence::Sha256;

/// Why a bundle or the statement in it is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum InvalidClaim {
    /// Larger than [`BUNDLE_BYTES_MAX`](super::BUNDLE_BYTES_MAX).
    #[error("the bundle has more than {0} bytes")]
    TooLarge(usize),
    /// Not JSON, or not a Sigstore bundle: an unknown, missing or repeated field.
    #[error("not a Sigstore bundle: {0}")]
    Malformed(String),
    /// A bundle format other than version 0.3.
    #[error("bundle media type `{0}` is not supported, only `{expected}`", expected = super::bundle::MEDIA_TYPE)]
    MediaType(String),
    /// A bundle format below version 0.3, to which nobody consented.
    #[error(
        "the bundle is of version {0}, which proves less than 0.3; hint: have it signed again, or say that it counts: `--allow-old-bundle-versions`, or `allow_old_bundle_versions` under `trust`"
    )]
    OldVersion(OldVersion),
    /// A bundle over something other than a statement.
    #[error("the bundle holds no DSSE envelope")]
    NoEnvelope,
    /// None, or several; which one would count is open to attack.
    #[error("the bundle holds {0} signatures, required exactly 1")]
    SignatureCount(usize),
    /// Nothing says how it is signed.
    #[error("the bundle is signed with neither a key nor a certificate")]
    NoMethod,
    /// Which one would count is open to attack.
    #[error("the bundle names several methods it is signed with, required exactly 1")]
    SeveralMethods,
    /// More certificates or time stamps than anybody needs.
    #[error("the bundle holds more than {1} times {0}")]
    TooMany(&'static str, usize),
    /// Signed by another method than the verifier trusts.
    #[error("the bundle is signed with {found}, required {required}")]
    Method {
        /// How it is signed.
        found: Material,
        /// What the verifier trusts.
        required: &'static str,
    },
    /// Not an in-toto statement.
    #[error("payload type `{0}` is not supported, only `{expected}`", expected = super::bundle::PAYLOAD_TYPE)]
    PayloadType(String),
    /// Payload or signature is not base64.
    #[error("{0} is not base64")]
    Base64(&'static str),
    /// The signed payload is not a statement of the kind it says it is.
    #[error("not a valid statement: {0}")]
    Statement(String),
    /// Something other than an in-toto Statement v1.
    #[error("statement type `{0}` is not supported, only `{expected}`", expected = super::statement::TYPE)]
    StatementType(String),
    /// A claim of another kind than asked for.
    #[error("the statement is a `{found}`, required a `{required}`")]
    PredicateType {
        /// The type in the statement.
        found: String,
        /// The type asked for.
        required: &'static str,
    },
    /// A signature of a model from before OMS 1.0, whose signature is over other bytes than it seems.
    #[error(
        "the signature is of the format before OMS 1.0 (`{}`); hint: sign the model again, or verify with `--allow-legacy`",
        super::digests_0_1::PREDICATE_TYPE
    )]
    Legacy,
    /// A valid form of the format that this program does not verify.
    #[error("{0}")]
    Unsupported(String),
    /// Too few or too many subjects.
    #[error("the statement has {0} subjects, required {1}")]
    SubjectCount(usize, &'static str),
    /// A subject without a usable SHA-256 digest.
    #[error("subject `{0}` has no valid `sha256` digest")]
    SubjectDigest(String),
    /// The files listed do not hash to the digest the statement is about.
    #[error("the files listed hash to {computed}, but the statement is about {stated}")]
    RootDigest {
        /// The digest of the subject.
        stated: Sha256,
        /// The digest of the digests listed.
        computed: Sha256,
    },
    /// The list of files breaks the rules.
    #[error("the statement lists no valid model: {0}")]
    Manifest(#[from] InvalidManifest),
    /// Two parts of the statement say different things.
    #[error("the statement contradicts itself: {0}")]
    Contradiction(String),
}

impl InvalidClaim {
    /// JSON that is no bundle. The message of the parser may quote megabytes of the input.
    pub(super) fn malformed(error: serde_json::Error) -> Self {
        Self::Malformed(shown(&error.to_string()))
    }

    /// JSON that is no statement.
    pub(super) fn statement(error: serde_json::Error) -> Self {
        Self::Statement(shown(&error.to_string()))
    }
}
