//! What PyTorch keeps in its archives beside pickles: the bytes of tensors, and TorchScript.
//!
//! TorchScript is a small language of its own that only calls operators, so that its code is judged by the
//! operators it names (`torch/csrc/jit/serialization/python_print.cpp`, PyTorch 2.9).

use std::collections::BTreeSet;

use super::executable;
use super::format::Format;
use super::job::{Job, inert, program};
use super::judge::joined;
use super::pickle::escape;
use super::source::ReadError;
use crate::evidence::Outcome;

/// Longest code that is read.
const CODE_BYTES_MAX: u64 = 64 << 20;
/// Libraries of operators that come with PyTorch.
const OWN_LIBRARIES: &[&str] = &["aten", "prim", "prims", "quantized"];
/// Operators that read or write files, or call other machines.
const DANGEROUS: &[&str] = &[
    "from_file",
    "load",
    "save",
    "rpc_async",
    "rpc_remote",
    "rpc_sync",
];

/// Names of Python that TorchScript does not know. A file with one of them is not what its place says.
const PYTHON_ONLY: &[&str] = &[
    "__base__",
    "__bases__",
    "__builtins__",
    "__class__",
    "__code__",
    "__dict__",
    "__globals__",
    "__import__",
    "__mro__",
    "__subclasses__",
    "breakpoint",
    "compile",
    "eval",
    "exec",
    "globals",
    "import",
    "locals",
    "open",
    "vars",
];

/// The bytes of a tensor that a pickle names: nothing reads them as anything else.
pub(super) fn storage(job: &mut Job<'_>) -> Format {
    const HEAD_BYTES: usize = 512;
    let length = job.source.remaining().min(HEAD_BYTES as u64);
    // Numbers do not begin like this by chance.
    if let Ok(head) = job.source.prefix(length, HEAD_BYTES)
        && executable::is_program(&head)
    {
        return program(Format::Executable, job);
    }
    inert(Format::Tensor, job)
}

/// Judges TorchScript by the operators it calls.
pub(super) fn code(job: &mut Job<'_>) -> Format {
    let length = job.source.remaining();
    if CODE_BYTES_MAX < length {
        job.judgement.incomplete("its code is too long");
        return Format::TorchScript;
    }
    let text = match job.source.prefix(length, CODE_BYTES_MAX as usize) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(ReadError::End) => String::new(),
        Err(ReadError::Io(problem)) => {
            job.judgement.unreadable(&problem);
            return Format::TorchScript;
        }
    };
    let python = python_names(&text);
    if !python.is_empty() {
        let clause = format!("names {}, which only Python has", joined(&python));
        job.judgement
            .record("executable-content", Outcome::NotMet, &clause);
    }
    let operators = operators(&text);
    let count = operators.len();
    let (mut dangerous, mut unknown) = (Vec::new(), Vec::new());
    for operator in operators {
        let shown = format!("calls `{}`", escape(&operator));
        match judge(&operator) {
            Some(true) => dangerous.push(shown),
            Some(false) => unknown.push(shown),
            None => {}
        }
    }
    job.judgement
        .covered(&format!("TorchScript code that calls {count} operators"));
    for (requirement, clauses, met) in [
        (
            "unsafe-global",
            dangerous,
            "calls no operator known to be dangerous",
        ),
        ("unknown-global", unknown, "calls operators of PyTorch only"),
    ] {
        match clauses.as_slice() {
            [] => job.judgement.record(requirement, Outcome::Met, met),
            clauses => job
                .judgement
                .record(requirement, Outcome::NotMet, &joined(clauses)),
        }
    }
    Format::TorchScript
}

/// Whether an operator is dangerous (`true`) or unknown (`false`); nothing when it is neither.
fn judge(operator: &str) -> Option<bool> {
    let mut parts = operator.split('.');
    let (library, name) = match (parts.next(), parts.next(), parts.next()) {
        (Some("ops"), Some(library), Some(name)) => (library, name),
        (Some("torch"), Some(name), _) => ("aten", name),
        _ => return Some(false),
    };
    if DANGEROUS.contains(&name) || library == "rpc" {
        return Some(true);
    }
    (!OWN_LIBRARIES.contains(&library)).then_some(false)
}

/// Names that make the code Python; the oldest archives import their own code.
fn python_names(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("import __torch__"));
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let names = lines.flat_map(|line| line.split(move |character| !is_part(character)));
    let found: BTreeSet<&str> = names.filter(|name| PYTHON_ONLY.contains(name)).collect();
    found.into_iter().map(|name| format!("`{name}`")).collect()
}

/// Paths `torch.NAME` and `ops.LIBRARY.NAME`, called or only named.
fn operators(text: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.');
    let paths = text.split(|character| !is_part(character));
    paths
        .filter(|path| path.starts_with("torch.") || path.starts_with("ops."))
        .map(str::to_owned)
        .collect()
}
