#![no_main]

use proofmark_fuzz::{Corpus, Format, fuzz_target, scanned_as};

const FORMATS: &[Format] = &[Format::Pickle, Format::Joblib, Format::TorchLegacy];

fuzz_target!(|bytes: &[u8]| -> Corpus { scanned_as(FORMATS, bytes) });
