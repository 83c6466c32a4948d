//! The file around the records: header, blocks, codecs.

use std::io::Read as _;

use polars::prelude::*;
use serde_json::Value;

use super::schema::Schema;
use crate::engines::local::input::bytes::{ByteSource, Bytes};

const MAGIC: [u8; 4] = *b"Obj\x01";

/// Length of the marker behind each block, in bytes.
const MARKER_BYTES: usize = 16;

/// Largest schema, in bytes, and most entries of the header.
const SCHEMA_BYTES_MAX: usize = 16 << 20;
const ENTRIES_MAX: usize = 10_000;

/// Largest block, in bytes, as it is in the file and unpacked; writers cut blocks of 16 kB to a few MB.
const BLOCK_BYTES_MAX: usize = 256 << 20;

/// Most records of a block: records without any bytes have no other limit.
const BLOCK_RECORDS_MAX: usize = 1 << 24;

/// An open file, at the start of a block.
pub(super) struct Container {
    bytes: Bytes,
    schema: Vec<u8>,
    codec: Codec,
    marker: [u8; MARKER_BYTES],
}

/// Some records, not decoded.
pub(super) struct Block {
    pub(super) count: usize,
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Codec {
    Null,
    Deflate,
    Snappy,
    Zstandard,
}

impl Container {
    /// Reads the header.
    pub(super) fn open(source: &ByteSource) -> PolarsResult<Self> {
        let mut bytes = source.open()?;
        let mut magic = [0; MAGIC.len()];
        if bytes.read_exact(&mut magic).is_err() || magic != MAGIC {
            polars_bail!(ComputeError: "it is not an Avro object container file");
        }
        let (mut schema, mut codec) = (Vec::new(), b"null".to_vec());
        let mut entries = 0;
        loop {
            let count = long(&mut bytes)?;
            if count == 0 {
                break;
            }
            // A negative count is followed by the length of its entries, for those who skip them.
            if count < 0 {
                long(&mut bytes)?;
            }
            for _ in 0..count.unsigned_abs() {
                entries += 1;
                if ENTRIES_MAX < entries {
                    polars_bail!(ComputeError: "the header has more than {ENTRIES_MAX} entries");
                }
                let key = string(&mut bytes, SCHEMA_BYTES_MAX)?;
                let value = string(&mut bytes, SCHEMA_BYTES_MAX)?;
                match key.as_slice() {
                    b"avro.schema" => schema = value,
                    b"avro.codec" => codec = value,
                    _ => {}
                }
            }
        }
        let codec = match codec.as_slice() {
            b"null" => Codec::Null,
            b"deflate" => Codec::Deflate,
            b"snappy" => Codec::Snappy,
            b"zstandard" => Codec::Zstandard,
            other => polars_bail!(ComputeError:
                "the codec `{}` is not supported", String::from_utf8_lossy(other)
            ),
        };
        let mut marker = [0; MARKER_BYTES];
        bytes.read_exact(&mut marker)?;
        Ok(Self {
            bytes,
            schema,
            codec,
            marker,
        })
    }

    /// The schema the records were written with.
    pub(super) fn schema(&self) -> PolarsResult<Schema> {
        let json: Value = serde_json::from_slice(&self.schema)
            .map_err(|error| polars_err!(ComputeError: "the schema is not JSON: {error}"))?;
        Schema::parse(&json)
    }

    /// The next block, unpacked.
    pub(super) fn next_block(&mut self) -> PolarsResult<Option<Block>> {
        let mut first = [0];
        if self.bytes.read(&mut first)? == 0 {
            return Ok(None);
        }
        let count = long(&mut (&first[..]).chain(&mut self.bytes))?;
        let count = usize::try_from(count)
            .ok()
            .filter(|count| *count <= BLOCK_RECORDS_MAX)
            .ok_or_else(|| polars_err!(ComputeError: "a block says it has {count} records"))?;
        let packed = string(&mut self.bytes, BLOCK_BYTES_MAX)?;
        let mut marker = [0; MARKER_BYTES];
        self.bytes.read_exact(&mut marker)?;
        if marker != self.marker {
            polars_bail!(ComputeError: "a block does not end with the marker of the file");
        }
        let bytes = unpack(self.codec, packed)?;
        Ok(Some(Block { count, bytes }))
    }
}

fn unpack(codec: Codec, packed: Vec<u8>) -> PolarsResult<Vec<u8>> {
    let mut unpacked = Limited(Vec::new());
    match codec {
        Codec::Null => return Ok(packed),
        Codec::Deflate => {
            std::io::copy(
                &mut flate2::bufread::DeflateDecoder::new(packed.as_slice()),
                &mut unpacked,
            )?;
        }
        Codec::Zstandard => {
            zstd::stream::copy_decode(packed.as_slice(), &mut unpacked)?;
        }
        // Raw snappy, then the CRC-32 of what it unpacks to.
        Codec::Snappy => {
            let (packed, sum) = packed
                .split_last_chunk::<4>()
                .ok_or_else(|| polars_err!(ComputeError: "a block is too short"))?;
            let failed = |error: snap::Error| polars_err!(ComputeError: "{error}");
            if BLOCK_BYTES_MAX < snap::raw::decompress_len(packed).map_err(failed)? {
                return Err(too_large());
            }
            let bytes = snap::raw::Decoder::new()
                .decompress_vec(packed)
                .map_err(failed)?;
            let mut found = flate2::Crc::new();
            found.update(&bytes);
            if found.sum() != u32::from_be_bytes(*sum) {
                polars_bail!(ComputeError: "a block is damaged: its checksum is another");
            }
            return Ok(bytes);
        }
    }
    Ok(unpacked.0)
}

/// What a block unpacks to, up to a limit.
struct Limited(Vec<u8>);

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if BLOCK_BYTES_MAX < self.0.len() + bytes.len() {
            return Err(std::io::Error::other(too_large()));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn too_large() -> PolarsError {
    polars_err!(ComputeError: "a block is larger than {BLOCK_BYTES_MAX} bytes")
}

/// A number of variable length, seven bits a byte, the sign last.
fn long(bytes: &mut impl std::io::Read) -> PolarsResult<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let mut byte = [0];
        bytes.read_exact(&mut byte)?;
        value |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    polars_bail!(ComputeError: "a number is longer than 64 bits")
}

fn string(bytes: &mut Bytes, bytes_max: usize) -> PolarsResult<Vec<u8>> {
    let length = long(bytes)?;
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= bytes_max)
        .ok_or_else(|| polars_err!(ComputeError: "something is said to be {length} bytes long"))?;
    let mut found = Vec::new();
    bytes.take(length as u64).read_to_end(&mut found)?;
    if found.len() < length {
        polars_bail!(ComputeError: "the file is cut off");
    }
    Ok(found)
}
