//! Python byte code: `.pyc` files, and code objects as `marshal` writes them.
//!
//! Byte code differs between all versions of Python and is not interpreted; the names in it say what it uses.

use std::collections::BTreeSet;

use super::format::Format;
use super::job::Job;
use super::judge::joined;
use super::pickle::escape;
use super::sniff::has_extension;
use super::source::ReadError;
use crate::evidence::Outcome;

/// Bytes of a file that are looked through for names.
const BYTES_MAX: usize = 4 << 20;
/// Names that are shown.
const NAMES_MAX: usize = 40;
/// A code object, and the same with the flag that it is referred to again.
const CODE: [u8; 2] = [b'c', b'c' | 0x80];
/// Bytes between the type of a code object and its byte code: five numbers, or six in Python 3.8 to 3.10.
const NUMBERS_BYTES: [usize; 2] = [20, 24];

/// Whether the bytes are a code object of Python 3.
pub(super) fn is_code(bytes: &[u8]) -> bool {
    let Some((kind, rest)) = bytes.split_first() else {
        return false;
    };
    let small = |place: usize| {
        rest.get(place..place + 4)
            .is_some_and(|number| number.ends_with(&[0, 0, 0]))
    };
    let code_at = |place: usize| {
        matches!(rest.get(place).map(|kind| kind & 0x7f), Some(b's'))
            && rest
                .get(place + 1..place + 5)
                .and_then(|length| length.first_chunk::<4>())
                .is_some_and(|length| u32::from_le_bytes(*length) as usize <= rest.len())
    };
    CODE.contains(kind) && small(0) && small(4) && NUMBERS_BYTES.into_iter().any(code_at)
}

/// The names in a code object: what stands in it as short text and could be one.
pub(super) fn names(bytes: &[u8]) -> Vec<String> {
    // Short texts, interned or not: ASCII with one byte of length.
    const SHORT: [u8; 2] = [b'z', b'Z'];
    let mut names = BTreeSet::new();
    let mut at = 0;
    while let Some([kind, length]) = bytes
        .get(at..at + 2)
        .and_then(|head| head.first_chunk::<2>())
    {
        let length = usize::from(*length);
        let text = bytes
            .get(at + 2..at + 2 + length)
            .filter(|text| is_name(text));
        match text.filter(|_| SHORT.contains(&(kind & 0x7f))) {
            Some(text) => {
                names.insert(escape(&String::from_utf8_lossy(text)));
                at += 2 + length;
            }
            None => at += 1,
        }
    }
    names.into_iter().take(NAMES_MAX).collect()
}

fn is_name(text: &[u8]) -> bool {
    text.first()
        .is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

/// Whether a file is byte code: its magic number ends in a line break, and a code object follows its header.
pub(super) fn is_byte_code(head: &[u8], path: &str) -> bool {
    let marked = head.get(2..4) == Some(b"\r\n");
    let follows = |place: usize| head.get(place).is_some_and(|kind| CODE.contains(kind));
    (marked && (follows(16) || follows(12))) || has_extension(path, &["pyc", "pyo"])
}

/// Judges byte code: it is a program.
pub(super) fn scan_byte_code(job: &mut Job<'_>) -> Format {
    let length = job.source.remaining();
    let names = match job.source.prefix(length, BYTES_MAX) {
        Ok(bytes) => names(&bytes),
        Err(ReadError::End) => Vec::new(),
        Err(ReadError::Io(problem)) => {
            job.judgement.unreadable(&problem);
            return Format::PythonCode;
        }
    };
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let clause = format!("is Python byte code that names {}", joined(&names));
    job.judgement
        .record("executable-content", Outcome::NotMet, &clause);
    job.judgement.covered("recognised as Python byte code");
    Format::PythonCode
}
