//! Model files, looked at for what loading them would do: bytes in, evidence out. Nothing is
//! executed and nothing is opened; the caller hands over each file.
//!
//! The format is told by content, never by name; a name only breaks ties. A file ends in one of
//! three ways ([`Coverage`]): scanned, declared opaque by the user, or unsupported, which does not
//! pass. Pickles (also inside joblib files and `.npy` arrays) are interpreted opcode by opcode,
//! and every import must be on an exact allow-list: block-lists lose.
//!
//! Left to others: that the external files an ONNX model names are part of the model
//! ([`FileScan::external_files`]), and digests and signatures.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod allow;
mod dangerous;
mod format;
mod judge;
mod npy;
mod onnx;
mod pickle;
mod protobuf;
mod requirements;
mod safetensors;
mod source;
mod text;
mod verdict;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Evidence, Severity};

pub use format::Format;
pub use npy::NpyHeader;
pub use requirements::REQUIREMENTS;
pub use source::ReadSeek;
pub use verdict::GlobalVerdict;

use judge::Judgement;
use source::Source;

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
    /// Position in the file of the opcode that imports it first.
    pub offset: u64,
    /// Arguments of its first call with literal ones, when it is not allowed; shortened and escaped
    /// for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// What the import is worth.
    pub verdict: GlobalVerdict,
}

impl Global {
    /// Module and name as one path, escaped for people.
    #[must_use]
    pub fn path(&self) -> String {
        pickle::escape(&format!("{}.{}", self.module, self.name))
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
    /// Files an ONNX model keeps weights in, by path relative to it, sorted. The caller checks that
    /// each is part of the model.
    pub external_files: Vec<String>,
}

/// Scans one file of `length` bytes.
///
/// `path` is relative to the model, with `/` between its parts. Memory is constant; weights are
/// jumped over. Whatever the bytes are, the answer is evidence, never a panic.
pub fn scan(path: &str, content: &mut dyn ReadSeek, length: u64, policy: &ScanPolicy) -> FileScan {
    let mut source = Source::new(content, length);
    let mut judgement = Judgement::new(path, policy);
    let format = match format::sniff(&mut source, path, policy) {
        Ok(format) => format,
        Err(problem) => {
            judgement.unreadable(&problem);
            return judgement.finish(Format::Unknown);
        }
    };
    source.seek(0);
    let format = match format {
        Format::Pickle | Format::Joblib => scan_pickle(&mut source, policy, &mut judgement),
        Format::Npy => npy::scan(&mut source, policy, &mut judgement),
        Format::Safetensors => safetensors::scan(&mut source, &mut judgement),
        Format::Onnx => onnx::scan(&mut source, &mut judgement),
        Format::Empty | Format::Json | Format::Text => {
            judgement.covered(&format!("{} holds nothing that runs", format.title()));
            format
        }
        Format::Python | Format::Script | Format::Executable => {
            judgement.executable(format);
            format
        }
        other => {
            judgement.unsupported(other);
            other
        }
    };
    if format.may_hide_pickle() {
        hidden_pickle(&mut source, policy, &mut judgement);
    }
    judgement.finish(format)
}

fn scan_pickle(source: &mut Source<'_>, policy: &ScanPolicy, judgement: &mut Judgement) -> Format {
    let report = pickle::read(source, policy);
    let format = match report.arrays {
        0 => Format::Pickle,
        _ => Format::Joblib,
    };
    judgement.pickle(report, format);
    format
}

/// One file can be two things at once. Whatever a file of another format would do as a pickle counts
/// as found in it.
fn hidden_pickle(source: &mut Source<'_>, policy: &ScanPolicy, judgement: &mut Judgement) {
    source.seek(0);
    if !matches!(source.peek(), Ok(Some(byte)) if pickle::is_opcode(byte)) {
        return;
    }
    let report = pickle::read(source, policy);
    if report.acts() {
        judgement.hidden(report);
    }
}

#[cfg(test)]
mod tests;
