//! The records of a zip archive, each read as it stands (PKWARE's APPNOTE 6.3.10, §4.3).

use crate::scan::source::{ReadError, Source};

pub(super) const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const END64_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64_SIGNATURE: [u8; 4] = *b"PK\x06\x07";
/// Bytes of the end record, without its comment.
const END_BYTES: u64 = 22;
const LOCATOR64_BYTES: u64 = 20;
/// Longest comment of the end record.
const COMMENT_BYTES_MAX: u64 = 65_535;
/// The extra field with the sizes that do not fit into 32 bits.
const EXTRA_ZIP64: u16 = 1;
/// A size or offset that is found in that field.
const IN_ZIP64: u32 = u32::MAX;

/// What a header says of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Bytes in the archive.
    pub(super) packed: u64,
    /// Bytes unpacked.
    pub(super) unpacked: u64,
}

/// An entry of the central directory.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) header: Header,
    /// Position of the local header, as the directory counts.
    pub(super) offset: u64,
    /// File type and permissions, where the archive was made on Unix.
    pub(super) mode: u32,
}

/// A local header.
pub(super) struct Local {
    pub(super) header: Header,
    /// Position of the member's data.
    pub(super) data: u64,
}

/// Where the central directory is.
pub(super) struct End {
    /// Position of the first of the records at the end.
    pub(super) position: u64,
    /// Position after the last of them.
    pub(super) after: u64,
    pub(super) directory_bytes: u64,
    pub(super) directory_offset: u64,
    pub(super) entries: u64,
}

/// The records at the end of an archive, or nothing when there are none.
pub(super) fn end(source: &mut Source<'_>) -> Result<Option<End>, ReadError> {
    let length = source.end();
    let tail_bytes = length.min(END_BYTES + COMMENT_BYTES_MAX);
    let start = length - tail_bytes;
    source.seek(start);
    let tail = source.prefix(tail_bytes, tail_bytes as usize)?;
    let found = tail
        .windows(END_SIGNATURE.len())
        .rposition(|part| part == END_SIGNATURE);
    let Some(place) = found.map(|place| start + place as u64) else {
        return Ok(None);
    };
    if length < place + END_BYTES {
        return Ok(None);
    }
    source.seek(place + 10);
    let entries = u16::from_le_bytes(source.array()?).into();
    let directory_bytes = u32::from_le_bytes(source.array()?).into();
    let directory_offset = u32::from_le_bytes(source.array()?).into();
    let comment = u64::from(u16::from_le_bytes(source.array()?));
    let end = End {
        position: place,
        after: place + END_BYTES + comment,
        directory_bytes,
        directory_offset,
        entries,
    };
    Ok(Some(end64(source, &end)?.unwrap_or(end)))
}

fn end64(source: &mut Source<'_>, end: &End) -> Result<Option<End>, ReadError> {
    let Some(locator) = end.position.checked_sub(LOCATOR64_BYTES) else {
        return Ok(None);
    };
    source.seek(locator);
    if source.array()? != LOCATOR64_SIGNATURE {
        return Ok(None);
    }
    source.skip(4)?;
    let place = u64::from_le_bytes(source.array()?);
    if locator <= place {
        return Ok(None);
    }
    source.seek(place);
    if source.array()? != END64_SIGNATURE {
        return Ok(None);
    }
    source.skip(28)?;
    Ok(Some(End {
        position: place,
        after: end.after,
        entries: u64::from_le_bytes(source.array()?),
        directory_bytes: u64::from_le_bytes(source.array()?),
        directory_offset: u64::from_le_bytes(source.array()?),
    }))
}

/// The entry of the central directory at the position; nothing when there is none.
pub(super) fn entry(source: &mut Source<'_>) -> Result<Option<Entry>, ReadError> {
    if source.array()? != CENTRAL_SIGNATURE {
        return Ok(None);
    }
    source.skip(4)?;
    let fields = Fields::read(source)?;
    let name_bytes = u16::from_le_bytes(source.array()?);
    let extra_bytes = u16::from_le_bytes(source.array()?);
    let comment_bytes = u16::from_le_bytes(source.array()?);
    source.skip(4)?;
    let attributes = u32::from_le_bytes(source.array()?);
    let offset = u32::from_le_bytes(source.array()?);
    let name = source.prefix(name_bytes.into(), name_bytes.into())?;
    let extra = source.prefix(extra_bytes.into(), extra_bytes.into())?;
    source.skip(comment_bytes.into())?;
    let mut wide = Zip64::of(&extra);
    let header = fields.header(name, &mut wide);
    Ok(Some(Entry {
        header,
        offset: wide.or(offset),
        mode: attributes >> 16,
    }))
}

/// The local header at the position; nothing when there is none.
pub(super) fn local(source: &mut Source<'_>) -> Result<Option<Local>, ReadError> {
    if source.array()? != LOCAL_SIGNATURE {
        return Ok(None);
    }
    source.skip(2)?;
    let fields = Fields::read(source)?;
    let name_bytes = u16::from_le_bytes(source.array()?);
    let extra_bytes = u16::from_le_bytes(source.array()?);
    let name = source.prefix(name_bytes.into(), name_bytes.into())?;
    let extra = source.prefix(extra_bytes.into(), extra_bytes.into())?;
    let header = fields.header(name, &mut Zip64::of(&extra));
    Ok(Some(Local {
        header,
        data: source.position(),
    }))
}

/// What both kinds of header have in the same order.
struct Fields {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    unpacked: u32,
}

impl Fields {
    fn read(source: &mut Source<'_>) -> Result<Self, ReadError> {
        let flags = u16::from_le_bytes(source.array()?);
        let method = u16::from_le_bytes(source.array()?);
        source.skip(4)?;
        Ok(Self {
            flags,
            method,
            crc: u32::from_le_bytes(source.array()?),
            packed: u32::from_le_bytes(source.array()?),
            unpacked: u32::from_le_bytes(source.array()?),
        })
    }

    fn header(&self, name: Vec<u8>, wide: &mut Zip64) -> Header {
        let unpacked = wide.or(self.unpacked);
        Header {
            name,
            flags: self.flags,
            method: self.method,
            crc: self.crc,
            packed: wide.or(self.packed),
            unpacked,
        }
    }
}

/// Sizes and offsets of 64 bits, in the order in which the narrow fields ask for them.
struct Zip64(std::collections::VecDeque<u64>);

impl Zip64 {
    fn of(extra: &[u8]) -> Self {
        let mut rest = extra;
        while let [a, b, c, d, after @ ..] = rest {
            let length = usize::from(u16::from_le_bytes([*c, *d]));
            let Some((body, next)) = after.split_at_checked(length) else {
                break;
            };
            if u16::from_le_bytes([*a, *b]) == EXTRA_ZIP64 {
                let numbers = body.as_chunks::<8>().0.iter();
                return Self(numbers.map(|bytes| u64::from_le_bytes(*bytes)).collect());
            }
            rest = next;
        }
        Self(std::collections::VecDeque::new())
    }

    fn or(&mut self, narrow: u32) -> u64 {
        let wide = (narrow == IN_ZIP64).then(|| self.0.pop_front()).flatten();
        wide.unwrap_or_else(|| narrow.into())
    }
}
