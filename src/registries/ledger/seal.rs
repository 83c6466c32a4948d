//! Entries of a log as text that tells whether a byte of it was changed: canonical JSON with the digest
//! of the rest as its seal.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{InvalidEntry, canonical, newer_version};
use crate::evidence::Sha256;

const SEAL: &str = "seal";

/// The bytes of an entry that are kept.
pub fn seal(entry: &impl Serialize) -> String {
    let mut value = serde_json::to_value(entry).expect("an entry has only string keys");
    let seal = Sha256::of(canonical(&value).as_bytes());
    if let Some(object) = value.as_object_mut() {
        object.insert(SEAL.to_owned(), seal.to_string().into());
    }
    canonical(&value)
}

/// Reads an entry back, and believes it only when it is byte for byte as [`seal`] writes it and
/// `validate` finds nothing wrong with it.
///
/// # Errors
/// When the bytes are of a newer version, of another shape, or were changed.
pub fn unseal<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    validate: impl Fn(&T) -> Result<(), String>,
) -> Result<T, InvalidEntry> {
    let malformed = |problem: String| InvalidEntry::Malformed(problem);
    let text =
        std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8 text".to_owned()))?;
    if let Some(version) = newer_version(text) {
        return Err(InvalidEntry::Newer(version));
    }
    let mut value: Value =
        serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
    if let Some(object) = value.as_object_mut() {
        object.remove(SEAL);
    }
    let entry: T = serde_json::from_value(value).map_err(|error| malformed(error.to_string()))?;
    validate(&entry).map_err(malformed)?;
    if seal(&entry) != text {
        return Err(InvalidEntry::Seal);
    }
    Ok(entry)
}
