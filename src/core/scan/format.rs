//! The formats, and what is done with each.
//!
//! A new format is a file of its own that judges it, a variant of [`Format`] and a line in [`FORMATS`]. How a
//! file is recognised that has no signature is in `sniff.rs`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::archive::{self, Codec};
use super::job::{Job, inert, program, unsupported};
use super::{
    executable, gguf, hdf5, json, npy, onnx, pickle, python, safetensors, template, tensorflow,
    text, tflite,
};

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
    /// A Jinja template, as chats are formatted by.
    Template,
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
    /// A saved model of TensorFlow.
    SavedModel,
    /// A graph of TensorFlow by itself.
    TensorflowGraph,
    /// What Keras says of the layers of a saved model.
    KerasMetadata,
    /// A TensorFlow Lite model.
    Tflite,
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
    row(Format::Hdf5, "an HDF5 file", hdf5::scan)
        .begins(&[b"\x89HDF\r\n\x1a\n"])
        .or("Export the model to safetensors or ONNX"),
    row(Format::Gguf, "a GGUF file", gguf::scan)
        .begins(&[b"GGUF"])
        .or("Convert the file to a format that can be scanned"),
    row(Format::Executable, "an executable", |job| {
        program(Format::Executable, job)
    })
    .begins(executable::SIGNATURES),
    row(Format::Zlib, "a zlib stream", |job| {
        archive::scan_stream(job, Codec::Zlib, Format::Zlib)
    })
    .begins(&[b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"])
    .archive(),
    row(Format::Tar, "a tar archive", archive::scan_tar).archive(),
    row(Format::Safetensors, "a safetensors file", safetensors::scan),
    row(Format::Onnx, "an ONNX model", onnx::scan),
    row(
        Format::SavedModel,
        "a TensorFlow model",
        tensorflow::scan_saved_model,
    ),
    row(
        Format::TensorflowGraph,
        "a TensorFlow graph",
        tensorflow::scan_graph,
    ),
    row(
        Format::KerasMetadata,
        "metadata of Keras",
        tensorflow::scan_keras_metadata,
    ),
    row(Format::Tflite, "a TensorFlow Lite model", tflite::scan),
    row(Format::Json, "JSON", json::scan),
    row(Format::Template, "a Jinja template", template::scan),
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

    /// The format whose signature `head` begins with.
    pub(super) fn signed(head: &[u8]) -> Option<Self> {
        let begins = |row: &&Row| row.signatures.iter().any(|magic| head.starts_with(magic));
        FORMATS.iter().find(begins).map(|row| row.format)
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
