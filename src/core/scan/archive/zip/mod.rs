//! Zip archives: PyTorch, Keras, skops, `.npz`, `.mar`.

mod layout;
mod records;

use std::io::Read as _;

use super::decoded::Decoded;
use super::decoder::Codec;
use super::members::Members;
use super::names;
use super::section::{Section, Shared};
use crate::scan::format::Format;
use crate::scan::job::Job;
use crate::scan::source::ReadError;
use layout::{Layout, Member, shown};

pub(super) use layout::ends_like_one;

/// Bytes read at a time to compute a checksum.
const CHUNK_BYTES: usize = 256 << 10;
/// The file type in a Unix mode, and that of plain files and folders.
const TYPE_MASK: u32 = 0o170_000;
const TYPE_FILE: u32 = 0o100_000;
const TYPE_FOLDER: u32 = 0o040_000;

/// Scans the members of an archive.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let layout = match layout::read(&mut job.source) {
        Ok(layout) => layout,
        Err(ReadError::End) => {
            let mut layout = Layout::default();
            layout.problems.push("ends inside its directory".to_owned());
            layout
        }
        Err(ReadError::Io(problem)) => {
            job.judgement.unreadable(&problem);
            return Format::Zip;
        }
    };
    let names = layout.members.iter();
    let kind = super::kind::of_zip(names.map(|member| member.header.name.as_slice()));
    let end = job.source.end();
    let (shared, mut members) = Members::begin(job, kind);
    for problem in &layout.problems {
        members.structure(problem);
    }
    if 0 < layout.more_problems {
        members.structure(&format!("has {} more such faults", layout.more_problems));
    }
    if let Some(limit) = &layout.limit {
        members.incomplete(limit);
    }
    let (first, rest): (Vec<&Member>, Vec<&Member>) = layout
        .members
        .iter()
        .partition(|member| super::kind::is_first(&member.header.name));
    for member in first.into_iter().chain(rest) {
        if !members.goes_on() {
            break;
        }
        scan_member(&mut members, &shared, end, member);
    }
    members.finish()
}

/// Scans a member of an archive that ends at `end`.
fn scan_member(members: &mut Members<'_, '_>, shared: &Shared<'_>, end: u64, member: &Member) {
    let name = shown(&member.header.name);
    if let Some(problem) = names::problem(&member.header.name) {
        members.path(&format!("has a member that {problem}: `{name}`"));
    }
    if !matches!(member.mode & TYPE_MASK, 0 | TYPE_FILE | TYPE_FOLDER) {
        members.path(&format!("has a member `{name}` that is a link or a device"));
    }
    let header = &member.header;
    if header.name.ends_with(b"/") && header.unpacked == 0 && header.packed == 0 {
        return;
    }
    if !members.affords(header.packed.min(end.saturating_sub(member.data))) {
        return;
    }
    let section = shared.section(member.data, header.packed);
    let codec = match header.method {
        0 => {
            stored(members, section, &name, member);
            return;
        }
        8 => Codec::Deflate,
        12 => Codec::Bzip2,
        14 => Codec::ZipLzma,
        93 => Codec::Zstandard,
        95 => Codec::Xz,
        method => {
            members.incomplete(&format!("`{name}` is compressed by method {method}"));
            return;
        }
    };
    let decoded = Decoded::read(codec, section, members.limits());
    if let Some(problem) = &decoded.problem {
        members.structure(&format!("has a damaged member `{name}`: {problem}"));
    }
    if 0 < decoded.unread {
        members.structure(&format!(
            "has {} bytes after the data of `{name}`",
            decoded.unread
        ));
    }
    sums(members, &name, member, decoded.length, decoded.crc);
    members.decoded(&name, decoded);
}

fn stored(members: &mut Members<'_, '_>, section: Section<'_>, name: &str, member: &Member) {
    match checksum(section.clone()) {
        Ok((length, crc)) => sums(members, name, member, length, crc),
        Err(problem) => members.incomplete(&format!("`{name}` cannot be read: {problem}")),
    }
    let length = member.header.packed;
    members.member(name, &mut { section }, length);
}

/// Length and CRC-32 of what is stored.
fn checksum(mut section: Section<'_>) -> std::io::Result<(u64, u32)> {
    let mut crc = flate2::Crc::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut length = 0;
    loop {
        match section.read(&mut chunk)? {
            0 => return Ok((length, crc.sum())),
            count => {
                crc.update(chunk.get(..count).unwrap_or_default());
                length += count as u64;
            }
        }
    }
}

fn sums(members: &mut Members<'_, '_>, name: &str, member: &Member, length: u64, crc: u32) {
    // Python refuses a wrong checksum, PyTorch does not look at it.
    if crc != member.header.crc {
        members.structure(&format!("states a wrong checksum for `{name}`"));
    }
    if length != member.header.unpacked {
        let said = member.header.unpacked;
        members.structure(&format!(
            "says `{name}` has {said} bytes, and it has {length}"
        ));
    }
}
