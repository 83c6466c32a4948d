//! The claim before OMS 1.0, as `model_signing` 0.2 wrote it, for those who still have one:
//! `https://model_signing/Digests/v0.1`. Every file is a subject; the predicate says nothing.
//!
//! Its signatures are over other bytes than DSSE says, by a mistake: the payload as Python prints bytes,
//! `b'…'`. Nothing but this claim may be verified so.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::bundle::PAYLOAD_TYPE;
use super::error::InvalidClaim;
use super::files::{RESOURCES_MAX, check_files, shown};
use super::hashing::{HashAlgorithm, Hashing, parse_hex};
use super::oms::{SINGLE_FILE_NAME, SignedModel};
use super::resources::{DigestedFile, root_of};
use super::statement::TYPE;

/// Type of the claim.
pub const PREDICATE_TYPE: &str = "https://model_signing/Digests/v0.1";

/// Whether `payload` says it is such a claim.
#[must_use]
pub fn is_claimed(payload: &[u8]) -> bool {
    let kind = serde_json::from_slice::<Kind>(payload);
    kind.is_ok_and(|kind| kind.predicate_type == PREDICATE_TYPE)
}

/// The bytes a signature over `payload` is computed over, with SHA-256 whatever the key.
#[must_use]
pub fn pae(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "DSSEV1 {} {PAYLOAD_TYPE} {} ",
        PAYLOAD_TYPE.len(),
        payload.len()
    )
    .into_bytes();
    bytes.extend(printed(payload));
    bytes
}

/// Bytes as Python prints them: in single quotes unless there are single quotes and no double ones.
fn printed(payload: &[u8]) -> Vec<u8> {
    let quote = match payload.contains(&b'\'') && !payload.contains(&b'"') {
        true => b'"',
        false => b'\'',
    };
    let mut text = vec![b'b', quote];
    for byte in payload {
        match *byte {
            b'\\' => text.extend(br"\\"),
            b'\t' => text.extend(br"\t"),
            b'\n' => text.extend(br"\n"),
            b'\r' => text.extend(br"\r"),
            byte if byte == quote => text.extend([b'\\', byte]),
            b' '..=b'~' => text.push(*byte),
            byte => text.extend(format!("\\x{byte:02x}").into_bytes()),
        }
    }
    text.push(quote);
    text
}

/// Reads the claim. Its files have no root digest of their own; it is computed in the order listed.
///
/// # Errors
/// When it is another claim, or breaks the rules of [`Manifest`](super::Manifest).
pub fn parse(payload: &[u8]) -> Result<SignedModel, InvalidClaim> {
    let document: Document = serde_json::from_slice(payload).map_err(InvalidClaim::statement)?;
    if document.kind != TYPE {
        return Err(InvalidClaim::StatementType(shown(&document.kind)));
    }
    if document.predicate_type != PREDICATE_TYPE {
        return Err(InvalidClaim::PredicateType {
            found: shown(&document.predicate_type),
            required: PREDICATE_TYPE,
        });
    }
    if RESOURCES_MAX < document.subject.len() {
        let count = document.subject.len();
        return Err(InvalidClaim::SubjectCount(count, "at most 2000000"));
    }
    let mut files = document
        .subject
        .into_iter()
        .map(Subject::file)
        .collect::<Result<Vec<_>, _>>()?;
    let root_digest = root_of(
        files
            .iter()
            .flat_map(|file| &file.digests)
            .map(|digest| &**digest),
    );
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let single = matches!(files.as_slice(), [file] if file.path == SINGLE_FILE_NAME);
    if !single {
        check_files(files.iter().map(|file| file.path.as_str()), &[])?;
    }
    Ok(SignedModel {
        name: String::new(),
        root_digest,
        hashing: Hashing::default(),
        allow_symlinks: false,
        files,
        ignored: Vec::new(),
    })
}

impl Subject {
    fn file(self) -> Result<DigestedFile, InvalidClaim> {
        let unsupported = |message| Err(InvalidClaim::Unsupported(message));
        if let Some(annotations) = &self.annotations
            && annotations.actual_hash_algorithm != "file-sha256"
        {
            return unsupported(format!(
                "`{}` is digested with `{}`, only `file-sha256` is supported",
                shown(&self.name),
                shown(&annotations.actual_hash_algorithm)
            ));
        }
        let digest = parse_hex(&self.digest.sha256, HashAlgorithm::Sha256);
        Ok(DigestedFile {
            digests: vec![digest.ok_or_else(|| InvalidClaim::SubjectDigest(shown(&self.name)))?],
            path: self.name,
            size: None,
        })
    }
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "predicateType")]
    predicate_type: String,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    #[serde(rename = "predicate")]
    _predicate: IgnoredAny,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: DigestSet,
    annotations: Option<Annotations>,
}

#[derive(Deserialize)]
struct DigestSet {
    sha256: String,
}

#[derive(Deserialize)]
struct Annotations {
    actual_hash_algorithm: String,
}
