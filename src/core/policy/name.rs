//! Names of models and stages: parsed once, safe as one part of a path.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Longest name: with `.json` behind it, far below the 255 bytes file systems allow.
const NAME_BYTES_MAX: usize = 100;

/// What a name looks like, for JSON Schema.
const PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";

/// The name of a model in a registry: a letter or digit, then up to 99 letters, digits, `.`, `_`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ModelName(String);

/// The name of a stage of a registry; spelled like [`ModelName`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct StageName(String);

/// The text cannot be a name.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{text}` cannot name a {kind}: expected a letter or digit, then at most 99 letters, digits, \
     `.`, `_` or `-`"
)]
pub struct InvalidName {
    /// `model` or `stage`.
    kind: &'static str,
    /// The text, shortened.
    text: String,
}

impl ModelName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl StageName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ModelName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        parse("model", text).map(Self)
    }
}

impl FromStr for StageName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        parse("stage", text).map(Self)
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ModelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for StageName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for ModelName {
    fn schema_name() -> Cow<'static, str> {
        "ModelName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schema("The name of a model in a registry.")
    }
}

impl JsonSchema for StageName {
    fn schema_name() -> Cow<'static, str> {
        "StageName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schema("The name of a stage of a registry.")
    }
}

fn schema(description: &str) -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "pattern": PATTERN, "description": description })
}

fn parse(kind: &'static str, text: &str) -> Result<String, InvalidName> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let starts_well = text
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphanumeric);
    if starts_well && text.len() <= NAME_BYTES_MAX && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    Err(InvalidName {
        kind,
        text: text.chars().take(NAME_BYTES_MAX).collect(),
    })
}
