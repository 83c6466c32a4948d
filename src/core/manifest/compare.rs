//! What was signed against what is there.

use std::fmt;

use super::files::Manifest;
use super::oms::{SINGLE_FILE_NAME, SignedModel};
use crate::evidence::Sha256;

/// One file that is not as signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path relative to the model.
    pub path: String,
    /// What is wrong.
    pub problem: FileProblem,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// Signed, but not there.
    Missing,
    /// There, but not signed.
    Extra,
    /// There and signed, with another content.
    Changed,
}

/// Reads after the path.
impl fmt::Display for FileProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Missing => "is signed but missing",
            Self::Extra => "is there but not signed",
            Self::Changed => "has another content than signed",
        })
    }
}

/// Every file that is not as signed, sorted by name. Only when the model found is a single file may
/// its signed name be `.`.
#[must_use]
pub fn compare(signed: &SignedModel, found: &Manifest) -> Vec<Difference> {
    if let ([(name, digest)], [file], true) = (
        signed.files.as_slice(),
        found.files(),
        found.is_single_file(),
    ) && name == SINGLE_FILE_NAME
    {
        return difference(&file.path, Some(*digest), Some(file.sha256))
            .into_iter()
            .collect();
    }
    merge(signed, found)
}

/// Both lists are sorted, so one walk over them finds everything.
fn merge(signed: &SignedModel, found: &Manifest) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut signed = signed.files.iter().peekable();
    let mut found = found.files().iter().peekable();
    loop {
        let name = match (signed.peek(), found.peek()) {
            (None, None) => return differences,
            (Some((name, _)), None) => name,
            (None, Some(file)) => &file.path,
            (Some((name, _)), Some(file)) => name.min(&file.path),
        };
        let required = signed.next_if(|(other, _)| other == name);
        let seen = found.next_if(|file| &file.path == name);
        differences.extend(difference(
            name,
            required.map(|(_, sha256)| *sha256),
            seen.map(|file| file.sha256),
        ));
    }
}

fn difference(path: &str, required: Option<Sha256>, seen: Option<Sha256>) -> Option<Difference> {
    let problem = match (required, seen) {
        (Some(required), Some(seen)) if required == seen => return None,
        (Some(_), Some(_)) => FileProblem::Changed,
        (Some(_), None) => FileProblem::Missing,
        (None, Some(_)) => FileProblem::Extra,
        (None, None) => return None,
    };
    Some(Difference {
        path: path.to_owned(),
        problem,
    })
}
