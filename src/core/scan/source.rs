//! A window on a file: buffered, seekable, never past its end, never more in memory than asked for.

use std::io::{self, Read, Seek, SeekFrom};

/// What a scanner reads from. The caller opens it.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek + ?Sized> ReadSeek for T {}

/// Bytes read at a time: enough to hide the cost of the call, little enough that a jump over a
/// weight wastes nothing that matters.
const BUFFER_BYTES: usize = 32 << 10;
/// Bytes read first after a jump: a file that leads from place to place is not read whole at each.
const JUMP_BYTES: usize = 4 << 10;

/// Why bytes could not be had.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The window ends before.
    End,
    /// The file cannot be read.
    Io(String),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// A line of a text opcode, without its line feed.
pub(super) struct Line {
    /// Its first bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether `bytes` is all of it.
    pub(super) whole: bool,
}

/// A reader at a position inside a window of a file.
pub(super) struct Source<'a> {
    content: &'a mut dyn ReadSeek,
    buffer: Vec<u8>,
    /// Position in the file of the first byte of `buffer`.
    buffer_start: u64,
    /// Next byte, as an index into `buffer`; at most its length.
    next: usize,
    end: u64,
}

impl<'a> Source<'a> {
    /// The window from the start of `content` to `end`.
    pub(super) fn new(content: &'a mut dyn ReadSeek, end: u64) -> Self {
        Self {
            content,
            buffer: Vec::new(),
            buffer_start: 0,
            next: 0,
            end,
        }
    }

    /// Position in the file of the next byte.
    pub(super) fn position(&self) -> u64 {
        self.buffer_start.saturating_add(self.next as u64)
    }

    /// Position in the file where the window ends.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Narrows or widens the window; gives back the end it had.
    pub(super) fn set_end(&mut self, end: u64) -> u64 {
        std::mem::replace(&mut self.end, end)
    }

    /// Bytes between the position and the end of the window.
    pub(super) fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.position())
    }

    /// Moves to a position; one past the end is only noticed when read from.
    pub(super) fn seek(&mut self, position: u64) {
        match position.checked_sub(self.buffer_start) {
            Some(offset) if offset <= self.buffer.len() as u64 => self.next = offset as usize,
            Some(_) | None => {
                self.buffer.clear();
                self.buffer_start = position;
                self.next = 0;
            }
        }
    }

    /// Moves over `count` bytes without reading them.
    pub(super) fn skip(&mut self, count: u64) -> Result<(), ReadError> {
        if self.remaining() < count {
            return Err(ReadError::End);
        }
        self.seek(self.position().saturating_add(count));
        Ok(())
    }

    /// The bytes that can be read next without another call; empty only at the end of the window.
    pub(super) fn available(&mut self) -> Result<&[u8], ReadError> {
        if self.buffer.len() <= self.next {
            self.refill()?;
        }
        let remaining = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        let ready = self.buffer.get(self.next..).unwrap_or_default();
        Ok(ready.get(..remaining).unwrap_or(ready))
    }

    /// The next byte, which stays unread.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        Ok(self.available()?.first().copied())
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, ReadError> {
        let byte = self.peek()?.ok_or(ReadError::End)?;
        self.next += 1;
        Ok(byte)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    /// Moves over `count` bytes and gives back the first of them, at most `kept_max`.
    pub(super) fn prefix(&mut self, count: u64, kept_max: usize) -> Result<Vec<u8>, ReadError> {
        if self.remaining() < count {
            return Err(ReadError::End);
        }
        let kept = count.min(kept_max as u64);
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < kept {
            let wanted = (kept - bytes.len() as u64) as usize;
            let ready = self.available()?;
            let taken = ready.len().min(wanted);
            if taken == 0 {
                return Err(ReadError::End);
            }
            bytes.extend(ready.iter().take(taken));
            self.next += taken;
        }
        self.skip(count - kept)?;
        Ok(bytes)
    }

    /// Moves over a line and its line feed and gives back its first bytes, at most `kept_max`.
    pub(super) fn line(&mut self, kept_max: usize) -> Result<Line, ReadError> {
        let mut line = Line {
            bytes: Vec::new(),
            whole: true,
        };
        loop {
            let ready = self.available()?;
            if ready.is_empty() {
                // CPython takes off the last byte of a line, whatever it is, also at the end.
                return match line.bytes.pop() {
                    Some(_) => Ok(line),
                    None => Err(ReadError::End),
                };
            }
            let feed = ready.iter().position(|byte| *byte == b'\n');
            let part = ready.get(..feed.unwrap_or(ready.len())).unwrap_or(ready);
            let room = kept_max.saturating_sub(line.bytes.len());
            line.whole &= part.len() <= room;
            line.bytes.extend(part.iter().take(room));
            let moved = part.len();
            self.next += moved;
            if feed.is_some() {
                self.next += 1;
                return Ok(line);
            }
        }
    }

    /// The position where `pattern` stands next; nothing when it does not before the end of the window.
    pub(super) fn find(&mut self, pattern: &[u8]) -> Result<Option<u64>, ReadError> {
        loop {
            let start = self.position();
            if self.remaining() < pattern.len() as u64 {
                return Ok(None);
            }
            let ready = self.available()?;
            if let Some(place) = ready
                .windows(pattern.len())
                .position(|part| part == pattern)
            {
                return Ok(Some(start.saturating_add(place as u64)));
            }
            let passed = ready.len().saturating_sub(pattern.len() - 1);
            if 0 < passed {
                self.skip(passed as u64)?;
                continue;
            }
            // The pattern may stand across two buffers.
            if self.prefix(pattern.len() as u64, pattern.len())? == pattern {
                return Ok(Some(start));
            }
            self.seek(start.saturating_add(1));
        }
    }

    fn refill(&mut self) -> Result<(), ReadError> {
        let position = self.position();
        let bytes_max = if self.buffer.is_empty() {
            JUMP_BYTES
        } else {
            BUFFER_BYTES
        };
        self.buffer.clear();
        self.buffer_start = position;
        self.next = 0;
        if self.remaining() == 0 {
            return Ok(());
        }
        self.content.seek(SeekFrom::Start(position))?;
        let wanted = self.remaining().min(bytes_max as u64);
        (&mut *self.content)
            .take(wanted)
            .read_to_end(&mut self.buffer)?;
        Ok(())
    }
}

/// Reads to the end of the window, for parsers of other crates.
impl Read for Source<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let ready = match self.available() {
            Ok(ready) => ready,
            Err(ReadError::End) => return Ok(0),
            Err(ReadError::Io(problem)) => return Err(io::Error::other(problem)),
        };
        let count = ready.len().min(target.len());
        if let (Some(to), Some(from)) = (target.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.next += count;
        Ok(count)
    }
}

/// Moves inside the file, for readers of a part of it.
impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position().checked_add_signed(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
        };
        let target = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Source::seek(self, target);
        Ok(target)
    }
}
