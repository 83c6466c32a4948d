//! How users name a key: `PATH` or `SCHEME://…`, as cosign has it.

use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Names a key. Holds no secret: a password or a token is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyReference {
    /// A PEM file.
    File(PathBuf),
    /// Anything with `://` in it; whether there is such a scheme is asked when the key is opened.
    Other(String),
}

impl KeyReference {
    /// The file, unless the key is elsewhere.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Other(_) => None,
        }
    }

    /// The same key, where a relative path starts at `directory`.
    #[must_use]
    pub fn within(self, directory: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(directory.join(path)),
            Self::Other(text) => Self::Other(text),
        }
    }
}

impl From<&str> for KeyReference {
    fn from(text: &str) -> Self {
        if text.contains("://") {
            Self::Other(text.to_owned())
        } else {
            Self::File(text.into())
        }
    }
}

/// For command lines.
impl FromStr for KeyReference {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl fmt::Display for KeyReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Other(text) => formatter.write_str(text),
        }
    }
}
