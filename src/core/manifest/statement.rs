//! What every in-toto Statement v1 has in common: its type, its subjects, the type of its predicate.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::error::InvalidClaim;
use super::files::shown;
use crate::evidence::{Sha256, SubjectDigest};

/// Most subjects of one statement: the limit of GitHub's attestation API.
pub const SUBJECTS_MAX: usize = 1024;

pub(super) const TYPE: &str = "https://in-toto.io/Statement/v1";

/// A statement without its predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the statement is about, in the order written.
    pub subjects: Vec<SubjectDigest>,
    /// URI of the kind of claim.
    pub predicate_type: String,
}

impl Header {
    /// Reads the type, the subjects and the predicate type of a statement. Other digests than SHA-256
    /// and unknown fields are ignored, as in-toto demands.
    ///
    /// # Errors
    /// When it is not an in-toto Statement v1, or a subject has no SHA-256 digest.
    pub fn parse(payload: &[u8]) -> Result<Self, InvalidClaim> {
        let document: Document<IgnoredAny> =
            serde_json::from_slice(payload).map_err(InvalidClaim::statement)?;
        Self::of(&document)
    }

    pub(super) fn of<P>(document: &Document<P>) -> Result<Self, InvalidClaim> {
        if document.kind != TYPE {
            return Err(InvalidClaim::StatementType(shown(&document.kind)));
        }
        if SUBJECTS_MAX < document.subject.len() {
            let count = document.subject.len();
            return Err(InvalidClaim::SubjectCount(count, "at most 1024"));
        }
        let subjects = document.subject.iter().map(Subject::digest);
        Ok(Self {
            subjects: subjects.collect::<Result<_, _>>()?,
            predicate_type: document.predicate_type.clone(),
        })
    }

    /// Checks that the statement is of the kind `required`.
    ///
    /// # Errors
    /// When it is of another kind.
    pub fn expect(&self, required: &'static str) -> Result<(), InvalidClaim> {
        if self.predicate_type == required {
            return Ok(());
        }
        Err(InvalidClaim::PredicateType {
            found: shown(&self.predicate_type),
            required,
        })
    }
}

/// The predicate type of a statement about something with this digest; nothing when it is about
/// other things. Subjects named by other digests than SHA-256, such as a commit, are passed over.
///
/// # Errors
/// When it is not an in-toto Statement v1.
pub fn claim_about(payload: &[u8], digest: Sha256) -> Result<Option<String>, InvalidClaim> {
    let document: Document<IgnoredAny> =
        serde_json::from_slice(payload).map_err(InvalidClaim::statement)?;
    if document.kind != TYPE {
        return Err(InvalidClaim::StatementType(shown(&document.kind)));
    }
    let about = document.subject.iter().any(|subject| {
        let sha256 = subject.digest.sha256.as_deref().and_then(parse_hex);
        sha256 == Some(digest)
    });
    Ok(about.then_some(document.predicate_type))
}

/// A statement as JSON, with predicate `P`.
#[derive(Serialize, Deserialize)]
pub(super) struct Document<P> {
    #[serde(rename = "_type")]
    pub kind: String,
    pub subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    pub predicate: P,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Subject {
    // Optional in the in-toto specification; only the digest counts.
    #[serde(default)]
    name: String,
    digest: DigestSet,
}

#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct DigestSet {
    pub sha256: Option<String>,
}

impl<P: Serialize> Document<P> {
    pub(super) fn new(subjects: &[SubjectDigest], predicate_type: &str, predicate: P) -> Self {
        let subject = |subject: &SubjectDigest| Subject {
            name: subject.name.clone(),
            digest: DigestSet::of(subject.sha256),
        };
        Self {
            kind: TYPE.to_owned(),
            subject: subjects.iter().map(subject).collect(),
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// The bytes to sign. Field order is fixed, so the same input gives the same bytes.
    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a statement has only string keys")
    }
}

impl DigestSet {
    pub(super) fn of(sha256: Sha256) -> Self {
        Self {
            sha256: Some(sha256.to_string()),
        }
    }
}

impl Subject {
    fn digest(&self) -> Result<SubjectDigest, InvalidClaim> {
        let sha256 = self.digest.sha256.as_deref().and_then(parse_hex);
        Ok(SubjectDigest {
            name: self.name.clone(),
            sha256: sha256.ok_or_else(|| InvalidClaim::SubjectDigest(shown(&self.name)))?,
        })
    }
}

/// 64 hexadecimal digits and nothing else.
pub(super) fn parse_hex(digits: &str) -> Option<Sha256> {
    if digits.len() == 64 {
        digits.parse().ok()
    } else {
        None
    }
}
