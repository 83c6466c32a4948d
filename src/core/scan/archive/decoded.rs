//! A compressed stream as a file: decoded once to know how long it is and whether it is sound, then read
//! from memory when it is small, and decoded again as far as needed when it is not.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use super::decoder::{Codec, Decoder};
use super::limits::{Limits, Reached};
use super::section::Section;

/// Longest stream that is kept in memory.
const MEMORY_BYTES_MAX: u64 = 32 << 20;
/// Decoded bytes that are kept behind the position, for readers that look back.
const HISTORY_BYTES: usize = 4 << 20;
/// How often all of a stream may be decoded: readers look at it a few times, hostile ones for ever.
const PASSES_MAX: u64 = 16;
/// Bytes decoded at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// What the first pass over a stream has found.
pub(super) struct Decoded<'a> {
    /// Bytes it decodes to, as far as it can be decoded.
    pub(super) length: u64,
    /// CRC-32 of those.
    pub(super) crc: u32,
    /// Bytes of the input after its end.
    pub(super) unread: u64,
    /// Why it ends before its end.
    pub(super) problem: Option<String>,
    /// The limit that ended the pass.
    pub(super) reached: Option<Reached>,
    /// The decoded bytes.
    pub(super) content: Content<'a>,
}

/// The decoded bytes, seekable.
pub(super) enum Content<'a> {
    Memory(Cursor<Vec<u8>>),
    Stream(Box<Rewinding<'a>>),
}

impl<'a> Decoded<'a> {
    /// Decodes all of `input`.
    pub(super) fn read(codec: Codec, input: Section<'a>, limits: &mut Limits) -> Self {
        let mut found = Self {
            length: 0,
            crc: 0,
            unread: 0,
            problem: None,
            reached: None,
            content: Content::Memory(Cursor::default()),
        };
        let mut decoder = match Decoder::new(codec, input.clone()) {
            Ok(decoder) => decoder,
            Err(error) => {
                found.problem = Some(error.to_string());
                return found;
            }
        };
        let kept = found.pass(&mut decoder, limits);
        found.unread = decoder.unread();
        found.content = match kept {
            Some(bytes) => Content::Memory(Cursor::new(bytes)),
            None => Content::Stream(Box::new(Rewinding::new(
                codec,
                input,
                decoder,
                found.length,
            ))),
        };
        found
    }

    /// Gives back the bytes when there are few.
    fn pass(&mut self, decoder: &mut Decoder<'_>, limits: &mut Limits) -> Option<Vec<u8>> {
        let mut kept = Some(Vec::new());
        let mut crc = flate2::Crc::new();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let count = match decoder.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.problem = Some(error.to_string());
                    break;
                }
            };
            let bytes = chunk.get(..count).unwrap_or_default();
            crc.update(bytes);
            self.length += count as u64;
            if MEMORY_BYTES_MAX < self.length {
                kept = None;
            } else if let Some(kept) = &mut kept {
                kept.extend_from_slice(bytes);
            }
            if let Err(reached) = limits.decoded(count as u64) {
                self.reached = Some(reached);
                break;
            }
        }
        self.crc = crc.sum();
        kept
    }
}

impl Read for Content<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(target),
            Self::Stream(stream) => stream.read(target),
        }
    }
}

impl Seek for Content<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(to),
            Self::Stream(stream) => stream.seek(to),
        }
    }
}

/// A stream that begins anew when a reader goes farther back than is kept.
pub(super) struct Rewinding<'a> {
    codec: Codec,
    input: Section<'a>,
    decoder: Decoder<'a>,
    /// Decoded bytes up to where the decoder stands.
    history: Vec<u8>,
    /// Position of the first of them.
    history_start: u64,
    position: u64,
    length: u64,
    /// Bytes that may still be decoded.
    budget: u64,
}

impl<'a> Rewinding<'a> {
    fn new(codec: Codec, input: Section<'a>, decoder: Decoder<'a>, length: u64) -> Self {
        Self {
            codec,
            input,
            decoder,
            history: Vec::new(),
            // The decoder has run to its end; the first read begins anew.
            history_start: length,
            position: 0,
            length,
            budget: length.saturating_mul(PASSES_MAX),
        }
    }

    fn decoded_to(&self) -> u64 {
        self.history_start + self.history.len() as u64
    }

    fn begin_anew(&mut self) -> io::Result<()> {
        self.decoder = Decoder::new(self.codec, self.input.clone())?;
        self.history.clear();
        self.history_start = 0;
        Ok(())
    }

    fn decode_more(&mut self) -> io::Result<()> {
        if 2 * HISTORY_BYTES < self.history.len() {
            self.history.drain(..HISTORY_BYTES);
            self.history_start += HISTORY_BYTES as u64;
        }
        let known = self.history.len();
        self.history.resize(known + CHUNK_BYTES, 0);
        let room = self.history.get_mut(known..).unwrap_or_default();
        let outcome = self.decoder.read(room);
        let count = *outcome.as_ref().unwrap_or(&0);
        self.history.truncate(known + count);
        if outcome? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.budget = self.budget.checked_sub(count as u64).ok_or_else(|| {
            io::Error::other("a compressed stream would have to be unpacked too often")
        })?;
        Ok(())
    }
}

impl Read for Rewinding<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.length <= self.position || target.is_empty() {
            return Ok(0);
        }
        if self.position < self.history_start {
            self.begin_anew()?;
        }
        while self.decoded_to() <= self.position {
            self.decode_more()?;
        }
        let skipped = (self.position - self.history_start) as usize;
        let ready = self.history.get(skipped..).unwrap_or_default();
        let count = ready.len().min(target.len());
        if let (Some(to), Some(from)) = (target.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Rewinding<'_> {
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
