//! What was signed against what is there.

use std::fmt;

use super::oms::{SINGLE_FILE_NAME, SignedModel};
use super::resources::{DigestedFile, Resources};

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

/// Every file that is not as signed, sorted by name. Both must be digested in the same way. Only when
/// the model found is a single file may its signed name be `.`; an empty file that no digest covers is
/// not compared.
#[must_use]
pub fn compare(signed: &SignedModel, found: &Resources) -> Vec<Difference> {
    if let ([signed], [file], true) = (
        signed.files.as_slice(),
        found.files(),
        found.is_single_file(),
    ) && signed.path == SINGLE_FILE_NAME
    {
        return difference(&file.path, Some(signed), Some(file))
            .into_iter()
            .collect();
    }
    merge(signed, found)
}

/// Both lists are sorted, so one walk over them finds everything.
fn merge(signed: &SignedModel, found: &Resources) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut signed = signed.files.iter().peekable();
    let covered = |file: &&DigestedFile| !file.digests.is_empty();
    let mut found = found.files().iter().filter(covered).peekable();
    loop {
        let name = match (signed.peek(), found.peek()) {
            (None, None) => return differences,
            (Some(file), None) | (None, Some(file)) => &file.path,
            (Some(signed), Some(found)) => (&signed.path).min(&found.path),
        };
        let required = signed.next_if(|file| &file.path == name);
        let seen = found.next_if(|file| &file.path == name);
        differences.extend(difference(name, required, seen));
    }
}

fn difference(
    path: &str,
    required: Option<&DigestedFile>,
    seen: Option<&DigestedFile>,
) -> Option<Difference> {
    let problem = match (required, seen) {
        (Some(required), Some(seen)) if required.digests == seen.digests => return None,
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
