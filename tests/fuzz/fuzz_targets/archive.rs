#![no_main]

use proofmark_fuzz::{Corpus, Format, fuzz_target, scanned_as};

const FORMATS: &[Format] = &[Format::Zip, Format::Tar, Format::SevenZip, Format::Torch];

fuzz_target!(|bytes: &[u8]| -> Corpus { scanned_as(FORMATS, bytes) });
