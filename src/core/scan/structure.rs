//! What becomes of a file that describes its own parts by counts and offsets: it keeps to its description, it
//! breaks off, or it holds more than is read.

use super::format::Format;
use super::judge::Judgement;
use super::source::ReadError;
use crate::evidence::Outcome;

/// Why the description of a file was not followed to its end.
pub(super) enum Trouble {
    /// The file contradicts itself; a clause that reads after its name.
    Malformed(String),
    /// There is more of it than is read; a clause.
    Limit(String),
    /// It cannot be read.
    Unreadable(String),
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::End => Self::Malformed("ends before what it announces".to_owned()),
            ReadError::Io(problem) => Self::Unreadable(problem),
        }
    }
}

/// That the file contradicts itself.
pub(super) fn malformed<T>(clause: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Malformed(clause.into()))
}

/// Judges the structure of a file: `read` says what was read of it, `sound` what can then be said of it.
pub(super) fn judge(
    judgement: &mut Judgement,
    format: Format,
    read: Result<String, Trouble>,
    sound: &str,
) {
    let title = format.title();
    match read {
        Ok(parts) => {
            judgement.covered(&format!("{title} of {parts}"));
            judgement.record("model-structure", Outcome::Met, sound);
        }
        Err(Trouble::Malformed(problem)) => {
            judgement.covered(&format!("{title}, read to the place where it breaks off"));
            judgement.record("model-structure", Outcome::NotMet, &problem);
        }
        Err(Trouble::Limit(problem)) => judgement.not_read(format, &problem),
        Err(Trouble::Unreadable(problem)) => judgement.unreadable(&problem),
    }
}
