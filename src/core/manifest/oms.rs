//! The statement a model signature is over: OMS specification 1.0, predicate
//! `https://model_signing/signature/v1.0`.
//!
//! Written as the specification says, but for the name of a model that is a single file: its base name
//! in the specification, `.` in `model_signing` 1.1.1, which accepts nothing else. Read in either
//! form, and with the files in any order.

use serde::{Deserialize, Serialize};

use super::error::InvalidClaim;
use super::files::{InvalidManifest, Manifest, check_files, root_of, shown};
use super::statement::{Document, Header, parse_hex};
use crate::evidence::{Sha256, SubjectDigest};

/// Type of the claim "these are the files of the model".
pub const PREDICATE_TYPE: &str = "https://model_signing/signature/v1.0";

/// The claim before version 1.0, whose signature was over other bytes than it seemed.
const PREDICATE_TYPE_0_1: &str = "https://model_signing/Digests/v0.1";

/// The name of the only file of a model that is no directory. The root digest does not depend on it.
pub const SINGLE_FILE_NAME: &str = ".";

/// What somebody signed: the files of a model by name and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedModel {
    /// Name given by the signer; not to be relied upon.
    pub name: String,
    /// The digest the statement is about. Equal to the root of `files` in the order listed.
    pub root_digest: Sha256,
    /// Name and digest of every file, sorted by name, each once.
    pub files: Vec<(String, Sha256)>,
    /// The paths the signer left out, sorted.
    pub ignored: Vec<String>,
}

/// The statement over `manifest`, as the bytes to sign. `name` is for people: usually the last part of
/// the model's path.
#[must_use]
pub fn statement(manifest: &Manifest, name: &str) -> Vec<u8> {
    let subject = SubjectDigest {
        name: name.to_owned(),
        sha256: manifest.root_digest(),
    };
    let resources = manifest.files().iter().map(|file| Resource {
        name: if manifest.is_single_file() {
            SINGLE_FILE_NAME.to_owned()
        } else {
            file.path.clone()
        },
        algorithm: "sha256".to_owned(),
        digest: file.sha256.to_string(),
    });
    let predicate = Predicate {
        resources: resources.collect(),
        serialization: Serialization {
            method: "files".to_owned(),
            hash_type: "sha256".to_owned(),
            allow_symlinks: Some(false),
            ignore_paths: Some(manifest.ignored().to_vec()),
        },
    };
    Document::new(&[subject], PREDICATE_TYPE, predicate).to_json()
}

/// Reads a statement over a model.
///
/// # Errors
/// When it is another statement, a form this program does not verify, or breaks the rules of
/// [`Manifest`].
pub fn parse(payload: &[u8]) -> Result<SignedModel, InvalidClaim> {
    let header = Header::parse(payload)?;
    if header.predicate_type == PREDICATE_TYPE_0_1 {
        return Err(InvalidClaim::Unsupported(format!(
            "the signature is of the format before OMS 1.0 (`{PREDICATE_TYPE_0_1}`), which is not supported; hint: sign the model again"
        )));
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
    check_serialization(&serialization)?;
    let mut files = files_of(resources)?;
    let computed = root_of(files.iter().map(|(_, sha256)| sha256));
    if computed != subject.sha256 {
        return Err(InvalidClaim::RootDigest {
            stated: subject.sha256,
            computed,
        });
    }
    let mut ignored = serialization.ignore_paths.unwrap_or_default();
    ignored.sort();
    ignored.dedup();
    files.sort_by(|left, right| left.0.cmp(&right.0));
    check_names(&files, &ignored)?;
    Ok(SignedModel {
        name: subject.name.clone(),
        root_digest: subject.sha256,
        files,
        ignored,
    })
}

fn check_serialization(serialization: &Serialization) -> Result<(), InvalidClaim> {
    if serialization.method != "files" {
        return Err(InvalidClaim::Unsupported(format!(
            "files are digested by the method `{}`, only `files` is supported",
            shown(&serialization.method)
        )));
    }
    if serialization.hash_type != "sha256" {
        return Err(InvalidClaim::Unsupported(format!(
            "files are digested with `{}`, only `sha256` is supported",
            shown(&serialization.hash_type)
        )));
    }
    Ok(())
}

fn files_of(resources: Vec<Resource>) -> Result<Vec<(String, Sha256)>, InvalidClaim> {
    resources
        .into_iter()
        .map(|resource| {
            if resource.algorithm != "sha256" {
                return Err(InvalidClaim::Contradiction(format!(
                    "files are digested with `sha256`, but `{}` with `{}`",
                    shown(&resource.name),
                    shown(&resource.algorithm)
                )));
            }
            let sha256 = parse_hex(&resource.digest).ok_or_else(|| {
                InvalidClaim::Contradiction(format!(
                    "the digest of `{}` is not a SHA-256",
                    shown(&resource.name)
                ))
            })?;
            Ok((resource.name, sha256))
        })
        .collect()
}

fn check_names(files: &[(String, Sha256)], ignored: &[String]) -> Result<(), InvalidManifest> {
    if let [(name, _)] = files
        && name == SINGLE_FILE_NAME
    {
        return Ok(());
    }
    check_files(files.iter().map(|(name, _)| name.as_str()), ignored)
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
    // Read and ignored: symbolic links are refused when the model is read, whatever the signer did.
    allow_symlinks: Option<bool>,
    ignore_paths: Option<Vec<String>>,
}
