#![no_main]

use proofmark_fuzz::{Corpus, Format, fuzz_target, scanned_as};

const FORMATS: &[Format] = &[
    Format::Gzip,
    Format::Zlib,
    Format::Bzip2,
    Format::Xz,
    Format::Lzma,
    Format::Lz4,
    Format::Zstandard,
];

fuzz_target!(|bytes: &[u8]| -> Corpus { scanned_as(FORMATS, bytes) });
