//! The bytes of a file as its format wants them: unpacked, and as UTF-8 where it is text.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use encoding_rs::{Decoder, DecoderResult, Encoding};

use crate::io::files;

/// The bytes of a file.
pub(in crate::engines::local) type Bytes = Box<dyn Read + Send>;

/// Bytes a packed file may unpack to in any case, and how many times its own size beyond that. Deflate
/// reaches a factor of 1032 on zeros; data worth validating stays below 100.
const UNPACKED_BYTES_ALWAYS: u64 = 1 << 30;
const UNPACKED_FACTOR_MAX: u64 = 500;

/// Largest window of a zstd frame, as a power of two: what `zstd -d` accepts without being asked to.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// Bytes decoded from another encoding at once.
const DECODED_BYTES: usize = 1 << 16;

/// A file whose bytes can be read again and again.
#[derive(Clone, Debug)]
pub(in crate::engines::local) struct ByteSource {
    path: PathBuf,
    compression: Option<Compression>,
    /// The encoding of a text; what a byte-order mark says wins over UTF-8.
    encoding: Option<&'static Encoding>,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// What the first bytes say. The name may say nothing, or lie.
    fn of(file: &mut File) -> io::Result<Option<Self>> {
        use std::io::Seek as _;
        let mut magic = Vec::new();
        file.take(4).read_to_end(&mut magic)?;
        file.rewind()?;
        Ok(match magic.as_slice() {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd] => Some(Self::Zstd),
            _ => None,
        })
    }
}

impl ByteSource {
    /// The bytes of this file, unpacked if it is packed.
    pub(in crate::engines::local) fn new(path: &Path) -> io::Result<Self> {
        let mut file = files::open(path).map_err(io::Error::other)?;
        Ok(Self {
            path: path.to_owned(),
            compression: Compression::of(&mut file)?,
            encoding: None,
        })
    }

    /// The same as text in an encoding with this label; in UTF-8 or what a byte-order mark says when there
    /// is none.
    pub(in crate::engines::local) fn text(self, label: Option<&str>) -> io::Result<Self> {
        let encoding = match label {
            None => encoding_rs::UTF_8,
            Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| {
                io::Error::other(format!(
                    "`{label}` is no encoding; hint: `utf-8`, `utf-16le` and `windows-1252` are some"
                ))
            })?,
        };
        Ok(Self {
            encoding: Some(encoding),
            ..self
        })
    }

    /// Opens the file at its start.
    pub(in crate::engines::local) fn open(&self) -> io::Result<Bytes> {
        let file = files::open(&self.path).map_err(io::Error::other)?;
        let size = file.metadata()?.len();
        let limit = UNPACKED_BYTES_ALWAYS.max(size.saturating_mul(UNPACKED_FACTOR_MAX));
        let bytes: Bytes = match self.compression {
            None => Box::new(file),
            Some(Compression::Gzip) => Box::new(Limited {
                bytes: flate2::bufread::MultiGzDecoder::new(BufReader::new(file)),
                left: limit,
            }),
            Some(Compression::Zstd) => {
                let mut decoder = zstd::Decoder::new(file)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(Limited {
                    bytes: decoder,
                    left: limit,
                })
            }
        };
        match self.encoding {
            None => Ok(bytes),
            Some(encoding) => as_utf8(bytes, encoding),
        }
    }
}

/// Text as UTF-8, without a byte-order mark.
fn as_utf8(mut bytes: Bytes, encoding: &'static Encoding) -> io::Result<Bytes> {
    let mut head = Vec::new();
    (&mut bytes).take(3).read_to_end(&mut head)?;
    let marked = Encoding::for_bom(&head);
    let encoding = match marked {
        Some((marked, _)) if encoding == encoding_rs::UTF_8 => marked,
        _ => encoding,
    };
    let skipped = match marked {
        Some((marked, length)) if marked == encoding => length,
        _ => 0,
    };
    head.drain(..skipped);
    let bytes: Bytes = Box::new(io::Cursor::new(head).chain(bytes));
    // UTF-8 is checked by those who know in which line they are.
    if encoding == encoding_rs::UTF_8 {
        return Ok(bytes);
    }
    Ok(Box::new(Decoding {
        bytes,
        name: encoding.name(),
        decoder: encoding.new_decoder_without_bom_handling(),
        encoded: Vec::new(),
        decoded: Vec::new(),
        given: 0,
        ended: false,
    }))
}

/// Bytes that must end before a limit.
struct Limited<R> {
    bytes: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(into)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::other(format!(
                "it unpacks to more than {UNPACKED_FACTOR_MAX} times its size"
            ))
        })?;
        Ok(count)
    }
}

/// Text in another encoding, read as UTF-8.
struct Decoding {
    bytes: Bytes,
    name: &'static str,
    decoder: Decoder,
    encoded: Vec<u8>,
    decoded: Vec<u8>,
    /// Bytes of `decoded` handed out.
    given: usize,
    ended: bool,
}

impl Decoding {
    fn decode_on(&mut self) -> io::Result<()> {
        self.given = 0;
        self.encoded.clear();
        let read = (&mut self.bytes)
            .take(DECODED_BYTES as u64)
            .read_to_end(&mut self.encoded)?;
        self.ended = read == 0;
        let capacity = self
            .decoder
            .max_utf8_buffer_length_without_replacement(self.encoded.len())
            .ok_or_else(|| io::Error::other("too much text at once"))?;
        self.decoded.resize(capacity, 0);
        let (result, _, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.encoded,
            &mut self.decoded,
            self.ended,
        );
        self.decoded.truncate(written);
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::OutputFull | DecoderResult::Malformed(..) => {
                Err(io::Error::other(format!("it is not {} text", self.name)))
            }
        }
    }
}

impl Read for Decoding {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() && !self.ended {
            self.decode_on()?;
        }
        let rest = self.decoded.get(self.given..).unwrap_or_default();
        let count = (&mut &*rest).read(into)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_unpacks_without_end_is_given_up() {
        let mut endless = Limited {
            bytes: io::repeat(b'x'),
            left: 1000,
        };
        let mut some = [0; 1000];
        endless.read_exact(&mut some).expect("below the limit");
        let error = endless.read(&mut some).expect_err("above").to_string();
        assert_eq!(error, "it unpacks to more than 500 times its size");
    }
}
