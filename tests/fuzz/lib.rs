//! What the targets do: scan the bytes, and keep those that reach the parser of the target.

#[path = "../../src/core/scan/tests/invariants.rs"]
pub mod invariants;

pub use libfuzzer_sys::{Corpus, fuzz_target};
use proofmark_core::evidence::{Evidence, Outcome};
pub use proofmark_core::scan::Format;
use proofmark_core::scan::{Coverage, FileScan, GlobalVerdict, ScanPolicy, scan};

/// Every which input is scanned twice.
const AGAIN_EVERY: usize = 8;

/// Scans bytes under a name that promises nothing, and checks what holds of every scan.
#[must_use]
pub fn scanned_as(formats: &[Format], bytes: &[u8]) -> Corpus {
    let found = invariants::sound(invariants::NAME, bytes);
    if !formats.contains(&found.format) {
        return Corpus::Reject;
    }
    if bytes.len() % AGAIN_EVERY == 0 {
        invariants::same_again(invariants::NAME, bytes);
    }
    Corpus::Keep
}
