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
/// Bytes of the wide end record, without data that nobody writes.
const END64_BYTES: u64 = 56;
/// Longest comment of the end record.
const COMMENT_BYTES_MAX: u64 = 65_535;
/// The extra field with the sizes that do not fit into 32 bits.
const EXTRA_ZIP64: u16 = 1;
/// The extra field with the name in UTF-8, which Python takes for the name.
const EXTRA_NAME: u16 = 0x7075;
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
    /// The name in an extra field, where it is another.
    pub(super) second_name: Option<Vec<u8>>,
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
    /// Why readers can differ in where it is, as a clause that reads after the name of the archive.
    pub(super) problem: Option<&'static str>,
}

/// The records at the end of an archive, or nothing when there are none.
pub(super) fn end(source: &mut Source<'_>) -> Result<Option<End>, ReadError> {
    let length = source.end();
    let tail_bytes = length.min(END_BYTES + COMMENT_BYTES_MAX);
    let start = length - tail_bytes;
    source.seek(start);
    let tail = source.prefix(tail_bytes, tail_bytes as usize)?;
    // The fields and the comment of the record can hold its signature; behind the last one a whole record fits.
    let starts = tail.get(
        ..tail
            .len()
            .saturating_sub(END_BYTES as usize - END_SIGNATURE.len()),
    );
    let found = starts
        .unwrap_or_default()
        .windows(END_SIGNATURE.len())
        .rposition(|part| part == END_SIGNATURE);
    let Some(place) = found.map(|place| start + place as u64) else {
        return Ok(None);
    };
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
        problem: None,
    };
    end64(source, end).map(Some)
}

/// The wide record, where a locator stands before the narrow one. Python looks for it right before the locator,
/// PyTorch where the locator says.
fn end64(source: &mut Source<'_>, narrow: End) -> Result<End, ReadError> {
    let Some(locator) = narrow.position.checked_sub(LOCATOR64_BYTES) else {
        return Ok(narrow);
    };
    source.seek(locator);
    if source.array()? != LOCATOR64_SIGNATURE {
        return Ok(narrow);
    }
    source.skip(4)?;
    let said = u64::from_le_bytes(source.array()?);
    let before = locator.checked_sub(END64_BYTES);
    let problem = (before != Some(said)).then_some("has a wide end record in two places");
    for place in before.into_iter().chain([said]) {
        if locator <= place {
            continue;
        }
        match wide_end(source, place, &narrow) {
            Ok(Some(wide)) => return Ok(End { problem, ..wide }),
            Ok(None) | Err(ReadError::End) => {}
            Err(error) => return Err(error),
        }
    }
    let problem = Some("has a wide end record that is not where it should be");
    Ok(End { problem, ..narrow })
}

fn wide_end(source: &mut Source<'_>, place: u64, narrow: &End) -> Result<Option<End>, ReadError> {
    source.seek(place);
    if source.array()? != END64_SIGNATURE {
        return Ok(None);
    }
    source.skip(28)?;
    Ok(Some(End {
        position: place,
        after: narrow.after,
        entries: u64::from_le_bytes(source.array()?),
        directory_bytes: u64::from_le_bytes(source.array()?),
        directory_offset: u64::from_le_bytes(source.array()?),
        problem: None,
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
        second_name: second_name(&extra).filter(|second| *second != header.name),
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
        let body = extra_field(extra, EXTRA_ZIP64).unwrap_or_default();
        let numbers = body.as_chunks::<8>().0.iter();
        Self(numbers.map(|bytes| u64::from_le_bytes(*bytes)).collect())
    }

    fn or(&mut self, narrow: u32) -> u64 {
        let wide = (narrow == IN_ZIP64).then(|| self.0.pop_front()).flatten();
        wide.unwrap_or_else(|| narrow.into())
    }
}

/// The extra field of a kind.
fn extra_field(extra: &[u8], kind: u16) -> Option<&[u8]> {
    let mut rest = extra;
    while let [a, b, c, d, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let (body, next) = after.split_at_checked(length)?;
        if u16::from_le_bytes([*a, *b]) == kind {
            return Some(body);
        }
        rest = next;
    }
    None
}

/// The name in the extra field for names in UTF-8, behind a version and a checksum.
fn second_name(extra: &[u8]) -> Option<Vec<u8>> {
    const HEAD_BYTES: usize = 5;
    let name = extra_field(extra, EXTRA_NAME)?.get(HEAD_BYTES..)?;
    Some(name.to_vec())
}
