//! What all targets do: scan the bytes, and keep those that reach the parser of the target.

use std::io::Cursor;

pub use libfuzzer_sys::{Corpus, fuzz_target};
pub use proofmark_core::scan::Format;
use proofmark_core::scan::{ScanPolicy, scan};

/// Scans bytes under a name that promises nothing; every file must end with evidence.
#[must_use]
pub fn scanned_as(formats: &[Format], bytes: &[u8]) -> Corpus {
    let length = bytes.len() as u64;
    let found = scan("model", &mut Cursor::new(bytes), length, &ScanPolicy::default());
    assert!(!found.evidence.is_empty(), "no evidence");
    if formats.contains(&found.format) {
        Corpus::Keep
    } else {
        Corpus::Reject
    }
}
