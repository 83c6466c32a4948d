//! What a file is, told by its content. A name only breaks ties.
//!
//! A new format is a file of its own that judges it, a variant of [`Format`] and a line in [`FORMATS`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::archive::{self, Codec};
use super::job::{Job, inert, program, unsupported};
use super::pickle::Persistent;
use super::source::{ReadError, Source};
use super::{ScanPolicy, json, npy, onnx, pickle, python, safetensors, text};

/// Bytes looked at for the signature of a format: a header of tar is the longest.
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
    /// Pickles of PyTorch with tensors behind them, as it wrote them before version 1.6.
    TorchLegacy,
    /// A zip archive of PyTorch: pickles, tensors, TorchScript.
    Torch,
    /// The bytes of a tensor.
    Tensor,
    /// TorchScript code.
    TorchScript,
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
    /// Python source.
    Python,
    /// Python byte code.
    PythonCode,
    /// A script for another interpreter.
    Script,
    /// Machine or WebAssembly code.
    Executable,
    /// A zip archive: `.npz`, Keras, skops.
    Zip,
    /// A tar archive.
    Tar,
    /// A 7z archive.
    SevenZip,
    /// A gzip stream.
    Gzip,
    /// A zlib stream, as compressed joblib files are.
    Zlib,
    /// A bzip2 stream.
    Bzip2,
    /// An xz stream.
    Xz,
    /// An LZMA stream.
    Lzma,
    /// An LZ4 frame.
    Lz4,
    /// A Zstandard stream.
    Zstandard,
    /// HDF5, as older Keras models are.
    Hdf5,
    /// GGUF.
    Gguf,
    /// Anything else.
    Unknown,
}

/// What is known of a format.
struct Row {
    format: Format,
    /// The format as it reads after "is ".
    title: &'static str,
    /// How the file begins.
    signatures: &'static [&'static [u8]],
    /// Judges a file; gives back what it turned out to be.
    scan: fn(&mut Job<'_>) -> Format,
    /// Whether the file has to be read as a pickle as well: formats that are recognised and passed
    /// without having been read as one.
    may_hide_pickle: bool,
    /// Whether it ends where its members end, which are scanned themselves.
    is_archive: bool,
    /// How to get to a format that can be scanned, as the beginning of a sentence.
    remedy: Option<&'static str>,
}

/// A format without signature that is scanned and may also be a pickle.
const fn row(format: Format, title: &'static str, scan: fn(&mut Job<'_>) -> Format) -> Row {
    Row {
        format,
        title,
        signatures: &[],
        scan,
        may_hide_pickle: true,
        is_archive: false,
        remedy: None,
    }
}

impl Row {
    const fn begins(mut self, signatures: &'static [&'static [u8]]) -> Self {
        self.signatures = signatures;
        self
    }

    /// Nothing of it can be hidden from the scanner of the format.
    const fn read_as_pickle(mut self) -> Self {
        self.may_hide_pickle = false;
        self
    }

    const fn archive(mut self) -> Self {
        self.is_archive = true;
        self
    }

    const fn or(mut self, remedy: &'static str) -> Self {
        self.remedy = Some(remedy);
        self
    }
}

const UNKNOWN: Row = row(Format::Unknown, "of an unknown format", |job| {
    unsupported(Format::Unknown, job)
})
.or("Convert the file to a format that can be scanned");

/// Every format, those with signatures in the order in which they are tried.
const FORMATS: &[Row] = &[
    row(Format::Empty, "an empty file", |job| {
        inert(Format::Empty, job)
    })
    .read_as_pickle(),
    row(Format::Pickle, "a pickle", pickle::scan).read_as_pickle(),
    row(Format::Joblib, "a joblib file", pickle::scan).read_as_pickle(),
    row(Format::TorchLegacy, "a PyTorch file", pickle::scan).read_as_pickle(),
    row(Format::Npy, "a numpy array", npy::scan)
        .begins(&[b"\x93NUMPY"])
        .read_as_pickle(),
    // `P` asks for an object by a persistent id, which ends the reading of everything but PyTorch, and that
    // takes the file for an archive.
    row(Format::Zip, "a zip archive", archive::scan_zip)
        .begins(&[b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"])
        .archive()
        .read_as_pickle(),
    row(Format::Torch, "a PyTorch archive", archive::scan_zip).archive(),
    row(Format::Tensor, "the bytes of a tensor", |job| {
        inert(Format::Tensor, job)
    }),
    row(Format::TorchScript, "TorchScript code", |job| {
        program(Format::TorchScript, job)
    }),
    row(Format::Gzip, "a gzip stream", |job| {
        archive::scan_stream(job, Codec::Gzip, Format::Gzip)
    })
    .begins(&[b"\x1f\x8b"])
    .archive(),
    row(Format::Bzip2, "a bzip2 stream", |job| {
        archive::scan_stream(job, Codec::Bzip2, Format::Bzip2)
    })
    .begins(&[b"BZh"])
    .archive(),
    row(Format::Xz, "an xz stream", |job| {
        archive::scan_stream(job, Codec::Xz, Format::Xz)
    })
    .begins(&[b"\xfd7zXZ\x00"])
    .archive(),
    row(Format::Lzma, "an LZMA stream", |job| {
        archive::scan_stream(job, Codec::Lzma, Format::Lzma)
    })
    .begins(&[b"\x5d\x00\x00"])
    .archive(),
    row(Format::Lz4, "an LZ4 frame", |job| {
        archive::scan_stream(job, Codec::Lz4, Format::Lz4)
    })
    .begins(&[b"\x04\x22\x4d\x18"])
    .archive(),
    row(Format::Zstandard, "a Zstandard stream", |job| {
        archive::scan_stream(job, Codec::Zstandard, Format::Zstandard)
    })
    .begins(&[b"\x28\xb5\x2f\xfd"])
    .archive(),
    row(Format::SevenZip, "a 7z archive", archive::scan_sevenz)
        .begins(&[b"7z\xbc\xaf\x27\x1c"])
        .or("Unpack the archive and scan its files")
        .archive(),
    row(Format::Hdf5, "an HDF5 file", |job| {
        unsupported(Format::Hdf5, job)
    })
    .begins(&[b"\x89HDF\r\n\x1a\n"])
    .or("Export the model to safetensors or ONNX"),
    row(Format::Gguf, "a GGUF file", |job| {
        unsupported(Format::Gguf, job)
    })
    .begins(&[b"GGUF"])
    .or("Convert the file to a format that can be scanned"),
    row(Format::Executable, "an executable", |job| {
        program(Format::Executable, job)
    })
    .begins(&[
        b"\x7fELF",
        b"\x00asm",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
    ]),
    row(Format::Zlib, "a zlib stream", |job| {
        archive::scan_stream(job, Codec::Zlib, Format::Zlib)
    })
    .begins(&[b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"])
    .archive(),
    row(Format::Tar, "a tar archive", archive::scan_tar).archive(),
    row(Format::Safetensors, "a safetensors file", safetensors::scan),
    row(Format::Onnx, "an ONNX model", onnx::scan),
    row(Format::Json, "JSON", json::scan),
    row(Format::Text, "plain text", text::scan),
    row(Format::Python, "Python code", |job| {
        program(Format::Python, job)
    }),
    row(
        Format::PythonCode,
        "Python byte code",
        python::scan_byte_code,
    ),
    row(Format::Script, "a script", |job| {
        program(Format::Script, job)
    }),
    UNKNOWN,
];

impl Format {
    fn row(self) -> &'static Row {
        FORMATS
            .iter()
            .find(|row| row.format == self)
            .unwrap_or(&UNKNOWN)
    }

    /// The format as it reads after "is ".
    #[must_use]
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// How to get to a format that can be scanned, as the beginning of a sentence.
    pub(super) fn remedy(self) -> Option<&'static str> {
        self.row().remedy
    }

    /// Judges the file as one of this format; gives back what it turned out to be.
    pub(super) fn scan(self, job: &mut Job<'_>) -> Self {
        (self.row().scan)(job)
    }

    /// Whether a zip archive at the end of the file is one of its members.
    pub(super) fn is_archive(self) -> bool {
        self.row().is_archive
    }

    /// Whether the file has to be read as a pickle as well.
    pub(super) fn may_hide_pickle(self) -> bool {
        self.row().may_hide_pickle
    }
}

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
    let begins = |row: &&Row| row.signatures.iter().any(|magic| head.starts_with(magic));
    if let Some(row) = FORMATS.iter().find(begins) {
        return Ok(row.format);
    }
    if archive::looks_like_tar(&head) {
        return Ok(Format::Tar);
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
