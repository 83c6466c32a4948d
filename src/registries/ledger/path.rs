//! Paths of files within a release: relative, and unable to leave it.

use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// Longest path: PATH_MAX of Linux is 4096, and the registry stands in front of it.
const PATH_BYTES_MAX: usize = 1024;

/// The path of a file within a model: `/` between its parts, no part empty, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FilePath(String);

/// The text cannot be the path of a file within a model.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not a path within a model: {problem}")]
pub struct InvalidPath {
    text: String,
    problem: &'static str,
}

impl FilePath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FilePath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        match problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(problem) => Err(InvalidPath {
                text: text.chars().take(200).collect(),
                problem,
            }),
        }
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn problem(text: &str) -> Option<&'static str> {
    if PATH_BYTES_MAX < text.len() {
        return Some("it is longer than 1024 bytes");
    }
    // A backslash separates on Windows, a control character deceives whoever reads a report.
    if text
        .chars()
        .any(|character| character == '\\' || character.is_control())
    {
        return Some("it has a backslash or a control character");
    }
    if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("a part of it is empty, `.` or `..`");
    }
    // What the operating system takes for a root or a drive, whatever the text looks like.
    let ordinary = |part: Component<'_>| matches!(part, Component::Normal(_));
    if !Path::new(text).components().all(ordinary) {
        return Some("it is not relative");
    }
    None
}
