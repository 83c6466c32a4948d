//! Why a measure is not written as SQL. The local engine tells apart what makes no sense on a table and
//! what it cannot do; so does this, so that a record has the same outcome wherever it was measured.

use crate::evidence::Reason;
use crate::measure::Measured;

/// Why something is not asked of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It makes no sense on this table, whatever the engine.
    Senseless(String),
    /// The engine cannot be asked for it.
    Unsupported(String),
}

/// What could be written, or why not.
pub(super) type Written<T> = Result<T, Refusal>;

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self::Unsupported(why)
    }
}

impl From<&str> for Refusal {
    fn from(why: &str) -> Self {
        Self::Unsupported(why.to_owned())
    }
}

impl From<Refusal> for Measured {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Senseless(why) => Self::Failed(Reason::Undefined, why),
            Refusal::Unsupported(why) => Self::Failed(Reason::Unsupported, why),
        }
    }
}

/// That an engine cannot be asked for it.
pub(super) fn unsupported<T>(why: impl Into<String>) -> Written<T> {
    Err(Refusal::Unsupported(why.into()))
}

/// That it makes no sense on this table.
pub(super) fn senseless<T>(why: impl Into<String>) -> Written<T> {
    Err(Refusal::Senseless(why.into()))
}
