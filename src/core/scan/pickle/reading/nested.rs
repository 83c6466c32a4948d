//! Pickles and code inside constants, also packed. They only run when something loads them, and whatever
//! does is on the dangerous list; they are read because they show what an attack wants.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::{Mode, Reading};
use crate::scan::archive::{self, Codec};
use crate::scan::pickle::is_opcode;
use crate::scan::pickle::machine::Halt;
use crate::scan::pickle::report::{PickleReport, Problem};
use crate::scan::python;
use crate::scan::source::Source;

/// Longest constant that is held to look into it.
pub(super) const NESTED_TEXT_BYTES_MAX: usize = 1 << 20;
/// Bytes unpacked from the constants of one file, together.
const UNPACKED_BYTES_MAX: usize = 64 << 20;
/// Bytes of a constant that tell whether it is looked into.
const HEAD_BYTES: usize = 64;
/// Pickles inside constants inside pickles.
const NESTED_MAX: usize = 4;
/// Shortest text that is taken for base64; a call of `os.system` has 40.
const BASE64_BYTES_MIN: usize = 16;

/// How compressed constants begin.
const PACKED: &[(&[u8], Codec)] = &[
    (b"\x1f\x8b", Codec::Gzip),
    (b"\x78\x01", Codec::Zlib),
    (b"\x78\x5e", Codec::Zlib),
    (b"\x78\x9c", Codec::Zlib),
    (b"\x78\xda", Codec::Zlib),
    (b"BZh", Codec::Bzip2),
    (b"\xfd7zXZ\x00", Codec::Xz),
    (b"\x5d\x00\x00", Codec::Lzma),
    (b"\x04\x22\x4d\x18", Codec::Lz4),
    (b"\x28\xb5\x2f\xfd", Codec::Zstandard),
];

impl Reading<'_, '_> {
    /// Looks into the next `length` bytes, and comes back.
    pub(super) fn inner_window(&mut self, length: u64) -> Result<(), Halt> {
        let start = self.source.position();
        let head = self.source.prefix(length, HEAD_BYTES)?;
        self.source.seek(start);
        if is_pickle(&head) {
            let end = self.source.set_end(start.saturating_add(length));
            let outcome = self.inner();
            self.source.set_end(end);
            outcome?;
        } else if length <= NESTED_TEXT_BYTES_MAX as u64 && is_interesting(&head, length) {
            let bytes = self.source.prefix(length, NESTED_TEXT_BYTES_MAX)?;
            self.inner_copy(&bytes)?;
        }
        self.source.seek(start);
        Ok(())
    }

    /// Looks into a text, in which bytes are written as Latin-1.
    pub(super) fn inner_text(&mut self, text: &str, whole: bool) -> Result<(), Halt> {
        if !looks_nested(text, text.len() as u64) {
            return Ok(());
        }
        if !whole && is_pickle(&latin_1(text.chars().take(HEAD_BYTES))) {
            return Err(Halt::Limit(
                "a text that begins like a pickle is too long to be looked into".to_owned(),
            ));
        }
        self.inner_copy(&latin_1(text.chars()))
    }

    /// Looks into bytes that are not those of the file.
    pub(super) fn inner_copy(&mut self, bytes: &[u8]) -> Result<(), Halt> {
        let offset = self.offset();
        if python::is_code(bytes) {
            let names = python::names(bytes).join("`, `");
            self.problem(
                "executable-content",
                format!("holds Python byte code that names `{names}`"),
            );
            return Ok(());
        }
        if is_pickle(bytes) || is_text_pickle(bytes) {
            let depth = deeper(self.depth)?;
            let mut found = self.report.inside();
            let mut cursor = Cursor::new(bytes);
            let mut source = Source::new(&mut cursor, bytes.len() as u64);
            let mut inner = Reading::new(&mut source, &mut found, self.policy, Mode::Probe);
            inner.depth = depth;
            inner.origin = Some(offset);
            let outcome = inner.run();
            return self.judge_inner(found, outcome, is_pickle(bytes));
        }
        let packed = PACKED.iter().find(|(magic, _)| bytes.starts_with(magic));
        let unpacked = match packed {
            Some((_, codec)) => archive::unpack(*codec, bytes, self.unpacked_room()),
            None => base64_of(bytes).unwrap_or_default(),
        };
        if unpacked.is_empty() {
            return Ok(());
        }
        self.report.nested_bytes += unpacked.len();
        let depth = self.depth;
        self.depth = deeper(depth)?;
        let outcome = self.inner_copy(&unpacked);
        self.depth = depth;
        outcome
    }

    fn unpacked_room(&self) -> usize {
        UNPACKED_BYTES_MAX.saturating_sub(self.report.nested_bytes)
    }

    /// Reads a pickle from the window the source was narrowed to.
    fn inner(&mut self) -> Result<(), Halt> {
        let depth = deeper(self.depth)?;
        let mut found = self.report.inside();
        let mut inner = Reading::new(self.source, &mut found, self.policy, Mode::Probe);
        inner.depth = depth;
        inner.origin = Some(self.origin.unwrap_or(self.at));
        let outcome = inner.run();
        self.judge_inner(found, outcome, true)
    }

    /// What begins like a pickle is believed; text only when it is one to its end, or does harm.
    fn judge_inner(
        &mut self,
        found: PickleReport,
        outcome: Result<(), Halt>,
        is_certain: bool,
    ) -> Result<(), Halt> {
        self.report.opcodes = found.opcodes;
        self.report.nested_bytes = found.nested_bytes;
        let is_whole = outcome.is_ok() && found.names_imports();
        if is_certain || is_whole || found.does_harm() {
            self.report.adopt(found);
        }
        match outcome {
            Ok(()) | Err(Halt::Malformed(_)) => Ok(()),
            Err(halt) => Err(halt),
        }
    }
}

/// Places after an error at which another pickle is looked for.
const RESUMED_MAX: u32 = 64;

/// Looks for pickles behind the place where a file stopped being one. It fails whatever they are; what they
/// would do is worth knowing.
pub(in crate::scan::pickle) fn resume(
    source: &mut Source<'_>,
    report: &mut PickleReport,
    policy: &crate::scan::ScanPolicy,
) {
    let start = source.position();
    for protocol in 2..=5 {
        let mut at = start;
        for _ in 0..RESUMED_MAX {
            source.seek(at);
            let Ok(Some(place)) = source.find(&[0x80, protocol]) else {
                break;
            };
            source.seek(place);
            let mut found = report.inside();
            let outcome = Reading::new(source, &mut found, policy, Mode::Probe).run();
            (report.opcodes, report.nested_bytes) = (found.opcodes, found.nested_bytes);
            if (outcome.is_ok() && found.names_imports()) || found.does_harm() {
                report.problem(Problem {
                    requirement: "pickle-malformed",
                    clause: format!("has another pickle at byte {place}"),
                });
                report.adopt(found);
            }
            at = place + 1;
        }
    }
}

/// Whether a text of `length` bytes that begins so is looked into.
pub(super) fn looks_nested(text: &str, length: u64) -> bool {
    let head = latin_1(text.chars().take(HEAD_BYTES));
    is_pickle(&head) || is_interesting(&head, length)
}

fn latin_1(characters: impl Iterator<Item = char>) -> Vec<u8> {
    characters
        .map_while(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

/// Protocol 2 and up.
fn is_pickle(head: &[u8]) -> bool {
    matches!(head, [0x80, 2..=5, ..])
}

/// Protocols 0 and 1 begin with an opcode and import with two lines.
fn is_text_pickle(head: &[u8]) -> bool {
    matches!(head, [b'c' | b'(' | b'i', ..])
        && head.contains(&b'\n')
        && head.first().copied().is_some_and(is_opcode)
}

fn is_interesting(head: &[u8], length: u64) -> bool {
    PACKED.iter().any(|(magic, _)| head.starts_with(magic))
        || matches!(head, [0xe3 | b'c', 0..=0xff, 0, 0, 0, ..])
        || is_text_pickle(head)
        || (BASE64_BYTES_MIN as u64 <= length
            && !head.is_empty()
            && head.iter().all(|byte| is_base64(*byte)))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'\n' | b'\r')
}

/// What a base64 text decodes to, when that is something that is looked into.
fn base64_of(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < BASE64_BYTES_MIN || !bytes.iter().all(|byte| is_base64(*byte)) {
        return None;
    }
    let text: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let decoded = STANDARD
        .decode(&text)
        .or_else(|_| URL_SAFE.decode(&text))
        .ok()?;
    let is_worth = is_pickle(&decoded)
        || is_text_pickle(&decoded)
        || python::is_code(&decoded)
        || PACKED.iter().any(|(magic, _)| decoded.starts_with(magic))
        || decoded.iter().take(HEAD_BYTES).all(|byte| is_base64(*byte));
    is_worth.then_some(decoded)
}

fn deeper(depth: usize) -> Result<usize, Halt> {
    if NESTED_MAX <= depth {
        return Err(Halt::Limit(format!(
            "it holds pickles more than {NESTED_MAX} deep"
        )));
    }
    Ok(depth + 1)
}
