//! What a file is, told by its content. A name only breaks ties.

use super::format::Format;
use super::pickle::{self, Persistent};
use super::source::{ReadError, Source};
use super::{ScanPolicy, archive, executable, onnx, python, safetensors, tensorflow, text, tflite};

/// Bytes looked at for the signature of a format: a header of tar is the longest.
const HEAD_BYTES: usize = 512;

/// What the file is; the error says why it cannot be read.
pub(super) fn sniff(
    source: &mut Source<'_>,
    path: &str,
    policy: &ScanPolicy,
) -> Result<Format, String> {
    match recognise(source, path, policy) {
        Ok(format) => Ok(format),
        Err(ReadError::End) => Ok(Format::Unknown),
        Err(ReadError::Io(problem)) => Err(problem),
    }
}

fn recognise(
    source: &mut Source<'_>,
    path: &str,
    policy: &ScanPolicy,
) -> Result<Format, ReadError> {
    let length = source.end();
    if length == 0 {
        return Ok(Format::Empty);
    }
    let head = source.prefix(length.min(HEAD_BYTES as u64), HEAD_BYTES)?;
    if let Some(format) = Format::signed(&head) {
        return Ok(format);
    }
    if archive::looks_like_tar(&head) {
        return Ok(Format::Tar);
    }
    if tflite::looks_like(&head) {
        return Ok(Format::Tflite);
    }
    if safetensors::looks_like(&head, length) {
        return Ok(Format::Safetensors);
    }
    // No other format begins so: protocol 2 and up.
    if matches!(head.as_slice(), [0x80, 0..=0x0f, ..]) || has_extension(path, PICKLE_EXTENSIONS) {
        return Ok(pickle_or(source, path, policy, &head));
    }
    source.seek(0);
    if let Some(format) = text::recognise(source, path)? {
        // Protocol 0 is text. It counts as a pickle when it would do something.
        return Ok(if acts(source, policy, &head) {
            Format::Pickle
        } else {
            format
        });
    }
    source.seek(0);
    if onnx::is_model(source) {
        return Ok(Format::Onnx);
    }
    if let Some(format) = tensorflow::recognise(source) {
        return Ok(format);
    }
    if executable::is_program(&head) {
        return Ok(Format::Executable);
    }
    if head.starts_with(b"#!") {
        return Ok(Format::Script);
    }
    if python::is_byte_code(&head, path) {
        return Ok(Format::PythonCode);
    }
    Ok(if reads_as_pickle(source, policy, &head) {
        Format::Pickle
    } else {
        Format::Unknown
    })
}

/// Names that promise a pickle; a file of protocol 0 or 1 has no signature of its own.
const PICKLE_EXTENSIONS: &[&str] = &[
    "pkl",
    "pickle",
    "joblib",
    "p",
    "pck",
    "dill",
    "cloudpickle",
    "debug_pkl",
];

/// Whether the name ends in one of the extensions.
pub(super) fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        extensions
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    })
}

/// A name that promises a pickle is believed when the first byte is an opcode.
fn pickle_or(source: &mut Source<'_>, path: &str, policy: &ScanPolicy, head: &[u8]) -> Format {
    let first = head.first().copied().unwrap_or_default();
    if pickle::is_opcode(first) {
        return Format::Pickle;
    }
    source.seek(0);
    match text::recognise(source, path) {
        Ok(Some(format)) => format,
        Ok(None) | Err(_) if reads_as_pickle(source, policy, head) => Format::Pickle,
        Ok(None) | Err(_) => Format::Unknown,
    }
}

fn acts(source: &mut Source<'_>, policy: &ScanPolicy, head: &[u8]) -> bool {
    if !head.first().copied().is_some_and(pickle::is_opcode) {
        return false;
    }
    source.seek(0);
    pickle::read(source, policy, Persistent::Refused).acts()
}

fn reads_as_pickle(source: &mut Source<'_>, policy: &ScanPolicy, head: &[u8]) -> bool {
    if !head.first().copied().is_some_and(pickle::is_opcode) {
        return false;
    }
    source.seek(0);
    let report = pickle::read(source, policy, Persistent::Refused);
    report.acts() || 0 < report.pickles
}
