//! Model files, looked at for what loading them would do: bytes in, evidence out. Nothing is
//! executed and nothing is opened; the caller hands over each file.
//!
//! The format is told by content, never by name; a name only breaks ties. A file ends in one of
//! three ways ([`Coverage`]): scanned, declared opaque by the user, or unsupported, which does not
//! pass. Pickles (also inside joblib files and `.npy` arrays) are interpreted opcode by opcode,
//! and every import must be on an exact allow-list: block-lists lose. Members of archives are scanned
//! as files are; what is found in them is reported of the file, under `file!member`.
//!
//! Left to others: that the external files an ONNX model names are part of the model
//! ([`FileScan::external_files`]), and digests and signatures.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod allow;
mod archive;
mod dangerous;
mod executable;
mod format;
mod gguf;
mod hdf5;
mod hugging_face;
pub mod imports_lock;
mod job;
mod json;
mod json_value;
mod judge;
mod keras;
mod location;
mod npy;
mod onnx;
mod pickle;
mod protobuf;
mod python;
mod requirements;
mod safetensors;
mod skops;
mod sniff;
mod source;
mod structure;
mod template;
mod tensorflow;
mod text;
mod tflite;
mod torch;
mod verdict;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Import, Severity};

pub use format::Format;
pub use npy::NpyHeader;
pub use requirements::REQUIREMENTS;
pub use source::ReadSeek;
pub use verdict::GlobalVerdict;

use archive::Limits;
use imports_lock::ImportsLock;
use job::Job;

/// What the user has decided about model files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScanPolicy {
    /// Imports that were reviewed and are trusted, each exactly as `module.name`. An import known to
    /// be dangerous cannot be allowed.
    pub allow: Vec<String>,
    /// Files, by their path relative to the model, whose format cannot be scanned and that are
    /// accepted all the same. A pickle under such a name is scanned nevertheless.
    pub opaque: Vec<String>,
    /// Whether a version may import what an earlier one did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imports_lock: Option<ImportsLock>,
    /// How much a finding matters: `error` unless said otherwise. `integrity` counts as `error`.
    pub severity: Severity,
}

/// How much of a file was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All of it that could do anything.
    Scanned,
    /// None of it, by the user's decision.
    DeclaredOpaque,
    /// Not all of it: the format, or something in it, is not supported, or it cannot be read.
    Unsupported,
}

/// Something a pickle imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Global {
    /// The module as the pickle names it.
    pub module: String,
    /// The name in it, which can be dotted.
    pub name: String,
    /// Whether the pickle calls it, rather than only refers to it.
    pub called: bool,
    /// Position in the file of the opcode that imports it first; none in a configuration.
    pub offset: Option<u64>,
    /// Arguments of its first different calls, when it is not allowed: literals, and the calls whose
    /// results they are. Shortened and escaped for people; secrets are not shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<String>,
    /// The member of an archive it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// What the import is worth.
    pub verdict: GlobalVerdict,
}

impl Global {
    /// Module and name as one path, escaped for people.
    #[must_use]
    pub fn path(&self) -> String {
        let dot = if self.module.is_empty() { "" } else { "." };
        pickle::escape(&format!("{}{dot}{}", self.module, self.name))
    }
}

/// What is known of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileScan {
    /// Its path relative to the model.
    pub path: String,
    /// What it is.
    pub format: Format,
    /// How much of it was looked at.
    pub coverage: Coverage,
    /// The requirements evaluated on it.
    pub evidence: Vec<Evidence>,
    /// What it imports, in order of first appearance.
    pub globals: Vec<Global>,
    /// Files an ONNX or TensorFlow Lite model keeps weights in, by path relative to it, sorted. The caller checks that
    /// each is part of the model.
    pub external_files: Vec<String>,
}

impl FileScan {
    /// What it imports, for the evidence.
    pub fn imports(&self) -> impl Iterator<Item = Import> {
        self.globals.iter().map(|global| Import {
            file: global.member.clone().unwrap_or_else(|| self.path.clone()),
            module: global.module.clone(),
            name: global.name.clone(),
            called: global.called,
            calls: global.calls.clone(),
        })
    }
}

/// Scans one file of `length` bytes.
///
/// `path` is relative to the model, with `/` between its parts. Memory is bounded; weights are
/// jumped over. Whatever the bytes are, the answer is evidence, never a panic.
pub fn scan(path: &str, content: &mut dyn ReadSeek, length: u64, policy: &ScanPolicy) -> FileScan {
    let mut limits = Limits::new(length);
    Job::new(path, content, length, policy, &mut limits)
        .run()
        .scan
}

#[cfg(test)]
mod tests;
