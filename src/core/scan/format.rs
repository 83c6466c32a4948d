//! What a file is, told by its content. A name only breaks ties.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::{ReadError, Source};
use super::{ScanPolicy, onnx, pickle, safetensors, text};

/// Bytes looked at for the signature of a format: the tar signature is the farthest in.
const HEAD_BYTES: usize = 512;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// No bytes at all.
    Empty,
    /// A Python pickle, or several.
    Pickle,
    /// A pickle with joblib's arrays in it.
    Joblib,
    /// A numpy array.
    Npy,
    /// Tensors behind a JSON header.
    Safetensors,
    /// An ONNX model.
    Onnx,
    /// JSON text.
    Json,
    /// Other text.
    Text,
    /// Python source or byte code.
    Python,
    /// A script for another interpreter.
    Script,
    /// Machine or WebAssembly code.
    Executable,
    /// A zip archive: PyTorch, `.npz`, Keras.
    Zip,
    /// A gzip stream.
    Gzip,
    /// A zlib stream, as compressed joblib files are.
    Zlib,
    /// Another compressed stream: bzip2, xz, lzma, lz4, zstandard.
    Compressed,
    /// A tar or 7z archive.
    Archive,
    /// HDF5, as older Keras models are.
    Hdf5,
    /// GGUF.
    Gguf,
    /// Anything else.
    Unknown,
}

impl Format {
    /// The format as it reads after "is ".
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Empty => "an empty file",
            Self::Pickle => "a pickle",
            Self::Joblib => "a joblib file",
            Self::Npy => "a numpy array",
            Self::Safetensors => "a safetensors file",
            Self::Onnx => "an ONNX model",
            Self::Json => "JSON",
            Self::Text => "plain text",
            Self::Python => "Python code",
            Self::Script => "a script",
            Self::Executable => "an executable",
            Self::Zip => "a zip archive",
            Self::Gzip => "a gzip stream",
            Self::Zlib => "a zlib stream",
            Self::Compressed => "a compressed stream",
            Self::Archive => "an archive",
            Self::Hdf5 => "an HDF5 file",
            Self::Gguf => "a GGUF file",
            Self::Unknown => "of an unknown format",
        }
    }

    /// How to get to a format that can be scanned, as the beginning of a sentence.
    pub(super) fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Zip | Self::Hdf5 => Some("Export the model to safetensors or ONNX"),
            Self::Zlib | Self::Gzip | Self::Compressed => {
                Some("Write the file uncompressed (`joblib.dump(model, path, compress=0)`)")
            }
            Self::Archive => Some("Unpack the archive and scan its files"),
            Self::Gguf | Self::Unknown => Some("Convert the file to a format that can be scanned"),
            Self::Empty
            | Self::Pickle
            | Self::Joblib
            | Self::Npy
            | Self::Safetensors
            | Self::Onnx
            | Self::Json
            | Self::Text
            | Self::Python
            | Self::Script
            | Self::Executable => None,
        }
    }

    /// Whether the file has to be read as a pickle as well: formats that were recognised and passed
    /// without having been read as one.
    pub(super) fn may_hide_pickle(self) -> bool {
        match self {
            Self::Pickle | Self::Joblib | Self::Empty | Self::Npy => false,
            Self::Safetensors
            | Self::Onnx
            | Self::Json
            | Self::Text
            | Self::Python
            | Self::Script
            | Self::Executable
            | Self::Zip
            | Self::Gzip
            | Self::Zlib
            | Self::Compressed
            | Self::Archive
            | Self::Hdf5
            | Self::Gguf
            | Self::Unknown => true,
        }
    }
}

/// Signatures at the start of a file. Those of two bytes are left to [`two_byte_signature`].
const SIGNATURES: &[(&[u8], Format)] = &[
    (b"\x93NUMPY", Format::Npy),
    (b"PK\x03\x04", Format::Zip),
    (b"PK\x05\x06", Format::Zip),
    (b"PK\x07\x08", Format::Zip),
    (b"\x1f\x8b", Format::Gzip),
    (b"BZh", Format::Compressed),
    (b"\xfd7zXZ\x00", Format::Compressed),
    (b"\x5d\x00\x00", Format::Compressed),
    (b"\x04\x22\x4d\x18", Format::Compressed),
    (b"\x28\xb5\x2f\xfd", Format::Compressed),
    (b"7z\xbc\xaf\x27\x1c", Format::Archive),
    (b"\x89HDF\r\n\x1a\n", Format::Hdf5),
    (b"GGUF", Format::Gguf),
    (b"\x7fELF", Format::Executable),
    (b"\x00asm", Format::Executable),
    (b"\xfe\xed\xfa\xce", Format::Executable),
    (b"\xfe\xed\xfa\xcf", Format::Executable),
    (b"\xce\xfa\xed\xfe", Format::Executable),
    (b"\xcf\xfa\xed\xfe", Format::Executable),
    (b"\xca\xfe\xba\xbe", Format::Executable),
    (b"\x78\x01", Format::Zlib),
    (b"\x78\x5e", Format::Zlib),
    (b"\x78\x9c", Format::Zlib),
    (b"\x78\xda", Format::Zlib),
];

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
    if let Some((_, format)) = SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Ok(*format);
    }
    if head.get(257..262) == Some(b"ustar") {
        return Ok(Format::Archive);
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
    if is_windows_program(&head) {
        return Ok(Format::Executable);
    }
    if has_extension(path, &["pyc"]) {
        return Ok(Format::Python);
    }
    Ok(if reads_as_pickle(source, policy, &head) {
        Format::Pickle
    } else {
        Format::Unknown
    })
}

/// Names that promise a pickle; a file of protocol 0 or 1 has no signature of its own.
const PICKLE_EXTENSIONS: &[&str] = &["pkl", "pickle", "joblib", "p", "pck", "dill", "cloudpickle"];

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
    pickle::read(source, policy).acts()
}

fn reads_as_pickle(source: &mut Source<'_>, policy: &ScanPolicy, head: &[u8]) -> bool {
    if !head.first().copied().is_some_and(pickle::is_opcode) {
        return false;
    }
    source.seek(0);
    let report = pickle::read(source, policy);
    report.acts() || 0 < report.pickles
}

/// `MZ`, and the place it names says `PE`.
fn is_windows_program(head: &[u8]) -> bool {
    let place = match head.get(0x3c..0x40) {
        Some([a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]) as usize,
        _ => return false,
    };
    head.starts_with(b"MZ")
        && place
            .checked_add(4)
            .and_then(|end| head.get(place..end))
            .is_none_or(|signature| signature == b"PE\0\0")
}
