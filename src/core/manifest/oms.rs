//! The statement a model signature is over: OMS specification 1.0, predicate
//! `https://model_signing/signature/v1.0`.
//!
//! Written as the specification says, but for the name of a model that is a single file: its base name
//! in the specification, `.` in `model_signing` 1.1.1, which accepts nothing else. Read in either
//! form, and with the files in any order. [`digests_0_1`](super::digests_0_1) reads what was before.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::error::InvalidClaim;
use super::files::shown;
use super::hashing::{ContentDigest, HashAlgorithm, Hashing, hex, parse_hex};
use super::parts;
use super::resources::{DigestedFile, Resources, root_of};
use super::statement::{Document, Header};
use super::{InvalidManifest, digests_0_1, files::check_files};
use crate::evidence::{Sha256, SubjectDigest};

/// Type of the claim "these are the files of the model".
pub const PREDICATE_TYPE: &str = "https://model_signing/signature/v1.0";

/// The name of the only file of a model that is no directory. The root digest does not depend on it.
pub const SINGLE_FILE_NAME: &str = ".";

const FILES: &str = "files";
const SHARDS: &str = "shards";

/// What somebody signed: the files of a model by name and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedModel {
    /// Name given by the signer; not to be relied upon.
    pub name: String,
    /// The digest the statement is about. Equal to the root of what is listed, in the order listed.
    pub root_digest: Sha256,
    /// How the files are digested.
    pub hashing: Hashing,
    /// Whether the signer took symbolic links for what they point at.
    pub allow_symlinks: bool,
    /// Every file, sorted by name, each once.
    pub files: Vec<DigestedFile>,
    /// The paths the signer left out, sorted.
    pub ignored: Vec<String>,
}

/// The statement over `resources`, as the bytes to sign. `name` is for people: usually the last part of
/// the model's path.
#[must_use]
pub fn statement(resources: &Resources, name: &str) -> Vec<u8> {
    let subject = SubjectDigest {
        name: name.to_owned(),
        sha256: resources.root_digest(),
    };
    let Hashing {
        algorithm,
        shard_size,
    } = resources.hashing;
    let listed = resources.named().map(|(name, digest)| Resource {
        name,
        algorithm: algorithm.id().to_owned(),
        digest: hex(digest),
    });
    let predicate = Predicate {
        resources: listed.collect(),
        serialization: Serialization {
            method: if shard_size.is_some() { SHARDS } else { FILES }.to_owned(),
            hash_type: algorithm.id().to_owned(),
            shard_size: shard_size.map(ShardSize::Integer),
            allow_symlinks: Some(resources.allow_symlinks),
            ignore_paths: Some(resources.ignored().to_vec()),
        },
    };
    Document::new(&[subject], PREDICATE_TYPE, predicate).to_json()
}

/// Reads a statement over a model.
///
/// # Errors
/// When it is another statement, a form this program does not verify, or breaks the rules of
/// [`Manifest`](super::Manifest).
pub fn parse(payload: &[u8]) -> Result<SignedModel, InvalidClaim> {
    let header = Header::parse(payload)?;
    if header.predicate_type == digests_0_1::PREDICATE_TYPE {
        return Err(InvalidClaim::Legacy);
    }
    header.expect(PREDICATE_TYPE)?;
    let [subject] = header.subjects.as_slice() else {
        return Err(InvalidClaim::SubjectCount(
            header.subjects.len(),
            "exactly 1",
        ));
    };
    let document: Document<Predicate> =
        serde_json::from_slice(payload).map_err(InvalidClaim::statement)?;
    let Predicate {
        resources,
        serialization,
    } = document.predicate;
    let hashing = hashing_of(&serialization)?;
    let listed = digests_of(resources, hashing)?;
    let computed = root_of(listed.iter().map(|(_, digest)| &**digest));
    if computed != subject.sha256 {
        return Err(InvalidClaim::RootDigest {
            stated: subject.sha256,
            computed,
        });
    }
    let files = match hashing.shard_size {
        None => listed.into_iter().map(whole).collect(),
        Some(size) => parts::join(listed, size)?,
    };
    signed(subject, hashing, files, serialization)
}

fn signed(
    subject: &SubjectDigest,
    hashing: Hashing,
    mut files: Vec<DigestedFile>,
    serialization: Serialization,
) -> Result<SignedModel, InvalidClaim> {
    let mut ignored = serialization.ignore_paths.unwrap_or_default();
    ignored.sort();
    ignored.dedup();
    files.sort_by(|left, right| left.path.cmp(&right.path));
    check_names(&files, &ignored)?;
    Ok(SignedModel {
        name: subject.name.clone(),
        root_digest: subject.sha256,
        hashing,
        allow_symlinks: serialization.allow_symlinks.unwrap_or_default(),
        files,
        ignored,
    })
}

fn whole((path, digest): (String, ContentDigest)) -> DigestedFile {
    DigestedFile {
        path,
        size: None,
        digests: vec![digest],
    }
}

fn hashing_of(serialization: &Serialization) -> Result<Hashing, InvalidClaim> {
    let unsupported = |message: String| InvalidClaim::Unsupported(message);
    let algorithm = serialization.hash_type.parse().map_err(|_| {
        unsupported(format!(
            "files are digested with `{}`, only `sha256`, `blake2b` and `blake3` are supported",
            shown(&serialization.hash_type)
        ))
    })?;
    let shard_size = match (serialization.method.as_str(), &serialization.shard_size) {
        (FILES, _) => None,
        (SHARDS, Some(size)) => Some(size.bytes().ok_or_else(|| {
            InvalidClaim::Contradiction("the size of shards is not a positive integer".to_owned())
        })?),
        (SHARDS, None) => {
            return Err(InvalidClaim::Contradiction(
                "files are cut into shards of no size".to_owned(),
            ));
        }
        (other, _) => {
            return Err(unsupported(format!(
                "files are digested by the method `{}`, only `files` and `shards` are supported",
                shown(other)
            )));
        }
    };
    Ok(Hashing {
        algorithm,
        shard_size,
    })
}

/// `model_signing` 1.1.1 calls the algorithm of a shard `sha256-sharded-1000000000`.
fn is_algorithm(text: &str, hashing: Hashing) -> bool {
    let id = hashing.algorithm.id();
    text == id
        || hashing
            .shard_size
            .is_some_and(|size| text == format!("{id}-sharded-{size}"))
}

fn digests_of(
    resources: Vec<Resource>,
    hashing: Hashing,
) -> Result<Vec<(String, ContentDigest)>, InvalidClaim> {
    let algorithm = hashing.algorithm;
    resources
        .into_iter()
        .map(|resource| {
            if !is_algorithm(&resource.algorithm, hashing) {
                return Err(InvalidClaim::Contradiction(format!(
                    "files are digested with `{algorithm}`, but `{}` with `{}`",
                    shown(&resource.name),
                    shown(&resource.algorithm)
                )));
            }
            let digest = parse_hex(&resource.digest, algorithm).ok_or_else(|| {
                let kind = match algorithm {
                    HashAlgorithm::Sha256 => "SHA-256",
                    HashAlgorithm::Blake2b => "BLAKE2b-512",
                    HashAlgorithm::Blake3 => "BLAKE3-256",
                };
                InvalidClaim::Contradiction(format!(
                    "the digest of `{}` is not a {kind}",
                    shown(&resource.name)
                ))
            })?;
            Ok((resource.name, digest))
        })
        .collect()
}

fn check_names(files: &[DigestedFile], ignored: &[String]) -> Result<(), InvalidManifest> {
    if let [file] = files
        && file.path == SINGLE_FILE_NAME
    {
        return Ok(());
    }
    check_files(files.iter().map(|file| file.path.as_str()), ignored)
}

#[derive(Serialize, Deserialize)]
struct Predicate {
    resources: Vec<Resource>,
    serialization: Serialization,
}

#[derive(Serialize, Deserialize)]
struct Resource {
    name: String,
    algorithm: String,
    digest: String,
}

#[derive(Serialize, Deserialize)]
struct Serialization {
    method: String,
    hash_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard_size: Option<ShardSize>,
    allow_symlinks: Option<bool>,
    ignore_paths: Option<Vec<String>>,
}

/// An integer in the specification; `model_signing` 1.1.1 writes `1000000000.0`, because its numbers
/// are those of JavaScript.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ShardSize {
    Integer(NonZeroU64),
    Float(f64),
}

impl ShardSize {
    fn bytes(&self) -> Option<NonZeroU64> {
        /// Up to here every integer is a number of JavaScript of its own.
        const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Integer(size) => Some(*size),
            Self::Float(size) if 1.0 <= *size && *size <= INTEGER_MAX && size.fract() == 0.0 => {
                NonZeroU64::new(*size as u64)
            }
            Self::Float(_) => None,
        }
    }
}
