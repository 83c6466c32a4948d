//! What is versioned beside the model and changes what it answers: prompts, configurations of its context,
//! parameters, indexes it retrieves from.
//!
//! Evidence pins each of them by a SHA-256, so that a verdict says which versions it is about. Reading
//! files is left to the command.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::problems::Problem;
use super::requirements::VERSIONED_INPUT;
use crate::evidence::{Evidence, Outcome, Severity, Sha256, Subject};

/// Something versioned beside the model: a file or directory, or a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionedInput {
    /// What evidence calls it: `prompt`, `retrieval index`, `temperature`.
    pub name: String,
    /// The file or directory; of a directory the root digest of its manifest is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The value, where it stands nowhere else: the digest is of its JSON with sorted keys and without
    /// spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl VersionedInput {
    /// What pins it: the path, or the name where there is none.
    #[must_use]
    pub fn locator(&self) -> &str {
        self.path.as_deref().unwrap_or(&self.name)
    }

    /// The digest of the value.
    #[must_use]
    pub fn value_digest(&self) -> Option<Sha256> {
        let value = self.value.as_ref()?;
        Some(Sha256::of(value.to_string().as_bytes()))
    }

    /// The record of which version was judged.
    #[must_use]
    pub fn record(&self, model: &str, sha256: &Sha256) -> Evidence {
        let name = &self.name;
        let subject = Subject::Model {
            model: format!("{model}:{name}"),
        };
        let of = match &self.path {
            Some(path) => format!("`{path}`"),
            None => "its value".to_owned(),
        };
        let message =
            format!("`{name}` of `{model}` is the version with SHA-256 {sha256}, of {of}");
        Evidence::new(VERSIONED_INPUT, subject, Outcome::Met, message).severity(Severity::Info)
    }
}

/// Everything wrong with what is named as versioned.
pub(super) fn check(inputs: &[VersionedInput], problems: &mut Vec<Problem>) {
    for (index, input) in inputs.iter().enumerate() {
        let path = format!("gate.versioned[{index}]");
        let name = &input.name;
        if name.trim().is_empty() {
            let message = "`name` is empty".to_owned();
            problems.push((format!("{path}.name"), message));
        }
        if inputs[..index].iter().any(|other| other.name == *name) {
            let message = format!("`{name}` is listed twice");
            problems.push((format!("{path}.name"), message));
        }
        if input.path.is_some() == input.value.is_some() {
            let message = format!("`{name}` needs either `path` or `value`");
            problems.push((path, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{VersionedInput, check};

    fn input(text: &str) -> VersionedInput {
        serde_json::from_str(text).expect("an input")
    }

    /// Expected: `printf '{"a":1,"b":[true]}' | sha256sum`.
    #[test]
    fn a_value_has_one_digest_however_it_is_written() {
        let first = input(r#"{"name": "p", "value": {"b": [true], "a": 1}}"#);
        let second = input(r#"{"name": "p", "value": {"a": 1,  "b": [ true ]}}"#);
        assert_eq!(first.value_digest(), second.value_digest());
        let digest = first.value_digest().expect("a digest").to_string();
        assert!(
            digest.contains("90eddf64b875cb5fa184bb12503cc7309b6ce21b175521a80bd8d83082bae604"),
            "{digest}"
        );
    }

    #[test]
    fn each_is_a_path_or_a_value_with_a_name_of_its_own() {
        let inputs = [
            input(r#"{"name": "a", "path": "a.txt"}"#),
            input(r#"{"name": "a", "value": 1}"#),
            input(r#"{"name": "b"}"#),
            input(r#"{"name": "c", "path": "c", "value": 1}"#),
        ];
        let mut problems = Vec::new();
        check(&inputs, &mut problems);
        let places: Vec<&str> = problems.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(
            places,
            [
                "gate.versioned[1].name",
                "gate.versioned[2]",
                "gate.versioned[3]"
            ]
        );
    }
}
