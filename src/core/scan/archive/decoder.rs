//! The compressed streams that model files come in, each read to its own end.
//!
//! What a decoder may allocate is bounded before it allocates. The encodings are those of RFC 1950 to
//! 1952, bzip2, `.xz` and `.lzma` (tukaani.org), LZ4 frames, RFC 8878, and methods 8, 12, 14, 93 and 95
//! of PKWARE's APPNOTE 6.3.10.

use std::io::{self, BufReader, Read};

use super::section::Section;

/// Memory a dictionary of LZMA may take, in KiB: twice that of `xz -9`.
const LZMA_MEMORY_KIB_MAX: u32 = 128 << 10;
/// Largest window of Zstandard, as a power of two: what `zstd` itself accepts without `--long`.
const ZSTANDARD_WINDOW_LOG_MAX: u32 = 27;

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scan) enum Codec {
    /// Bare, as in zip archives.
    Deflate,
    Zlib,
    Gzip,
    Bzip2,
    Xz,
    /// `.lzma`, with its 13 bytes of header.
    Lzma,
    /// LZMA as in zip archives.
    ZipLzma,
    Lz4,
    Zstandard,
}

type Input<'a> = BufReader<Section<'a>>;

/// A stream being decoded.
pub(super) enum Decoder<'a> {
    Deflate(flate2::bufread::DeflateDecoder<Input<'a>>),
    Zlib(flate2::bufread::ZlibDecoder<Input<'a>>),
    Gzip(flate2::bufread::MultiGzDecoder<Input<'a>>),
    Bzip2(bzip2::bufread::MultiBzDecoder<Input<'a>>),
    Xz(Box<lzma_rust2::XzReader<Input<'a>>>),
    Lzma(Box<lzma_rust2::LzmaReader<Input<'a>>>),
    Lz4(lz4::Decoder<Input<'a>>),
    Zstandard(zstd::stream::read::Decoder<'static, Input<'a>>),
}

impl<'a> Decoder<'a> {
    /// A decoder at the beginning of `input`.
    pub(super) fn new(codec: Codec, input: Section<'a>) -> io::Result<Self> {
        let mut input = BufReader::new(input);
        Ok(match codec {
            Codec::Deflate => Self::Deflate(flate2::bufread::DeflateDecoder::new(input)),
            Codec::Zlib => Self::Zlib(flate2::bufread::ZlibDecoder::new(input)),
            Codec::Gzip => Self::Gzip(flate2::bufread::MultiGzDecoder::new(input)),
            Codec::Bzip2 => Self::Bzip2(bzip2::bufread::MultiBzDecoder::new(input)),
            Codec::Xz => {
                let reader = lzma_rust2::XzReader::new_mem_limit(input, true, LZMA_MEMORY_KIB_MAX);
                Self::Xz(Box::new(reader))
            }
            Codec::Lzma => {
                let reader =
                    lzma_rust2::LzmaReader::new_mem_limit(input, LZMA_MEMORY_KIB_MAX, None)?;
                Self::Lzma(Box::new(reader))
            }
            Codec::ZipLzma => Self::Lzma(Box::new(zip_lzma(&mut input).and_then(
                |(properties, dictionary)| {
                    lzma_rust2::LzmaReader::new_with_props(
                        input,
                        u64::MAX,
                        properties,
                        dictionary,
                        None,
                    )
                },
            )?)),
            Codec::Lz4 => Self::Lz4(lz4::Decoder::new(input)?),
            Codec::Zstandard => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
                decoder.window_log_max(ZSTANDARD_WINDOW_LOG_MAX)?;
                Self::Zstandard(decoder)
            }
        })
    }

    /// Bytes of the input that were not needed.
    pub(super) fn unread(&self) -> u64 {
        let input = match self {
            Self::Deflate(decoder) => decoder.get_ref(),
            Self::Zlib(decoder) => decoder.get_ref(),
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Bzip2(decoder) => decoder.get_ref(),
            Self::Xz(decoder) => decoder.inner(),
            Self::Lzma(decoder) => decoder.inner(),
            Self::Lz4(decoder) => decoder.reader(),
            Self::Zstandard(decoder) => decoder.get_ref(),
        };
        let section = input.get_ref();
        section.length().saturating_sub(section.position()) + input.buffer().len() as u64
    }
}

/// Properties and dictionary size before LZMA data of a zip archive.
fn zip_lzma(input: &mut Input<'_>) -> io::Result<(u8, u32)> {
    let mut header = [0; 9];
    input.read_exact(&mut header)?;
    let [_, _, 5, 0, properties, dictionary @ ..] = header else {
        return Err(io::Error::other("its LZMA properties are not five bytes"));
    };
    let dictionary = u32::from_le_bytes(dictionary);
    if LZMA_MEMORY_KIB_MAX < dictionary >> 10 {
        return Err(io::Error::other("its LZMA dictionary is too large"));
    }
    Ok((properties, dictionary))
}

impl Read for Decoder<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Deflate(decoder) => decoder.read(target),
            Self::Zlib(decoder) => decoder.read(target),
            Self::Gzip(decoder) => decoder.read(target),
            Self::Bzip2(decoder) => decoder.read(target),
            Self::Xz(decoder) => decoder.read(target),
            Self::Lzma(decoder) => decoder.read(target),
            Self::Lz4(decoder) => decoder.read(target),
            Self::Zstandard(decoder) => decoder.read(target),
        }
    }
}
