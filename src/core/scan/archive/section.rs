//! Windows on one file that several readers share: the members of an archive.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::scan::source::ReadSeek;

/// A file that several sections read from, one at a time.
#[derive(Clone)]
pub(super) struct Shared<'a>(Rc<RefCell<&'a mut dyn ReadSeek>>);

impl<'a> Shared<'a> {
    /// Shares the file.
    pub(super) fn new(content: &'a mut dyn ReadSeek) -> Self {
        Self(Rc::new(RefCell::new(content)))
    }

    /// `length` bytes from `start` on.
    pub(super) fn section(&self, start: u64, length: u64) -> Section<'a> {
        Section {
            shared: self.clone(),
            start,
            length,
            position: 0,
        }
    }
}

/// A part of a shared file, with positions of its own.
#[derive(Clone)]
pub(super) struct Section<'a> {
    shared: Shared<'a>,
    start: u64,
    length: u64,
    position: u64,
}

impl Section<'_> {
    /// Its length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The position of the next byte.
    pub(super) fn position(&self) -> u64 {
        self.position
    }
}

impl Read for Section<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.position);
        let wanted = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(target.len());
        let Some(target) = target.get_mut(..wanted).filter(|part| !part.is_empty()) else {
            return Ok(0);
        };
        let mut content = self.shared.0.borrow_mut();
        content.seek(SeekFrom::Start(self.start.saturating_add(self.position)))?;
        let count = content.read(target)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Section<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
