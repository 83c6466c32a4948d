//! Pickles inside constants. They only run when something loads them, and whatever does is on the
//! dangerous list; they are read because they show what an attack wants.

use std::io::Cursor;

use super::{Mode, Reading};
use crate::scan::pickle::machine::Halt;
use crate::scan::source::Source;

/// Longest text that is held to look for a pickle in it.
pub(super) const NESTED_TEXT_BYTES_MAX: usize = 1 << 20;

/// Pickles inside constants inside pickles.
const NESTED_MAX: usize = 4;

impl Reading<'_, '_> {
    /// Looks into the next `length` bytes, and comes back.
    pub(super) fn inner_window(&mut self, length: u64) -> Result<(), Halt> {
        let start = self.source.position();
        let head = self.source.prefix(length, 2)?;
        if matches!(head.as_slice(), [0x80, 2..=5]) {
            self.source.seek(start);
            let end = self.source.set_end(start.saturating_add(length));
            let outcome = self.inner();
            self.source.set_end(end);
            outcome?;
        }
        self.source.seek(start);
        Ok(())
    }

    pub(super) fn inner_text(&mut self, text: &str, whole: bool) -> Result<(), Halt> {
        let mut characters = text.chars();
        if characters.next() != Some('\u{80}')
            || !matches!(characters.next(), Some('\u{2}'..='\u{5}'))
        {
            return Ok(());
        }
        if !whole {
            return Err(Halt::Limit(
                "a text that begins like a pickle is too long to be looked into".to_owned(),
            ));
        }
        let bytes: Vec<u8> = text
            .chars()
            .map_while(|character| u8::try_from(u32::from(character)).ok())
            .collect();
        self.inner_copy(&bytes)
    }

    pub(super) fn inner_copy(&mut self, bytes: &[u8]) -> Result<(), Halt> {
        if !matches!(bytes, [0x80, 2..=5, ..]) {
            return Ok(());
        }
        let offset = self.offset();
        let mut cursor = Cursor::new(bytes);
        let mut source = Source::new(&mut cursor, bytes.len() as u64);
        let mut inner = Reading::new(&mut source, self.report, self.policy, Mode::Probe);
        inner.depth = deeper(self.depth)?;
        inner.origin = Some(offset);
        inner.run_inner()
    }

    /// Reads a pickle from the window the source was narrowed to.
    fn inner(&mut self) -> Result<(), Halt> {
        let mut inner = Reading::new(self.source, self.report, self.policy, Mode::Probe);
        inner.depth = deeper(self.depth)?;
        inner.origin = self.origin;
        inner.run_inner()
    }

    /// Runs a reading of which it is not known that it is a pickle at all.
    fn run_inner(self) -> Result<(), Halt> {
        match self.run() {
            Ok(()) | Err(Halt::Malformed(_)) => Ok(()),
            Err(halt) => Err(halt),
        }
    }
}

fn deeper(depth: usize) -> Result<usize, Halt> {
    if NESTED_MAX <= depth {
        return Err(Halt::Limit(format!(
            "it holds pickles more than {NESTED_MAX} deep"
        )));
    }
    Ok(depth + 1)
}
