//! 7z archives with LZMA and stored members; what other methods hold is not looked at.

use std::io::{Cursor, Read};

use sevenz_rust2::{ArchiveReader, Error, Password};

use super::kind::Kind;
use super::members::Members;
use super::names;
use crate::scan::format::Format;
use crate::scan::job::Job;
use crate::scan::pickle::escape;

/// Memory that headers and dictionaries may take, in KiB: twice that of `7z -mx=9`.
const MEMORY_KIB_MAX: usize = 128 << 10;
/// Longest member that is looked at: a solid archive can only be read in its order, so each is held.
const MEMBER_BYTES_MAX: u64 = 64 << 20;
/// The attributes that say the upper half is a Unix mode, and the type of a link in it.
const ATTRIBUTE_UNIX: u32 = 0x8000;
const TYPE_MASK: u32 = 0o170_000;
const TYPE_FILE: u32 = 0o100_000;
const TYPE_FOLDER: u32 = 0o040_000;

/// Scans the members of an archive.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let length = job.source.end();
    let (shared, mut members) = Members::begin(job, Kind::Files(Format::SevenZip));
    let section = shared.section(0, length);
    let opened = ArchiveReader::new_with_memory_limit(section, Password::empty(), MEMORY_KIB_MAX);
    let mut reader = match opened {
        Ok(reader) => reader,
        Err(error) => {
            members.incomplete(&format!("it cannot be opened: {}", said(&error)));
            return members.finish();
        }
    };
    reader.set_thread_count(1);
    let mut seen = std::collections::HashSet::new();
    let outcome = reader.for_each_entries(|entry, content| {
        let name = escape(entry.name());
        if let Some(problem) = names::problem(entry.name().as_bytes()) {
            members.path(&format!("has a member that {problem}: `{name}`"));
        }
        if !seen.insert(entry.name().to_owned()) {
            members.structure(&format!("has several members named `{name}`"));
        }
        let attributes = entry.windows_attributes();
        let mode = if attributes & ATTRIBUTE_UNIX != 0 {
            attributes >> 16
        } else {
            0
        };
        if !matches!(mode & TYPE_MASK, 0 | TYPE_FILE | TYPE_FOLDER) {
            members.path(&format!("has a member `{name}` that is a link or a device"));
        }
        if entry.has_stream() && !entry.is_directory() {
            member(&mut members, &name, content)?;
        }
        Ok(members.goes_on())
    });
    if let Err(error) = outcome {
        members.incomplete(&format!("it cannot be unpacked: {}", said(&error)));
    }
    members.finish()
}

fn member(members: &mut Members<'_, '_>, name: &str, content: &mut dyn Read) -> Result<(), Error> {
    let mut bytes = Vec::new();
    content.take(MEMBER_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let length = bytes.len() as u64;
    if MEMBER_BYTES_MAX < length {
        members.incomplete(&format!(
            "`{name}` has more than {} MiB",
            MEMBER_BYTES_MAX >> 20
        ));
        return Ok(());
    }
    members.spend(length);
    members.member(name, &mut Cursor::new(bytes), length);
    Ok(())
}

/// What went wrong, in words.
fn said(error: &Error) -> String {
    match error {
        Error::Io(error, _) => escape(&error.to_string()),
        Error::UnsupportedCompressionMethod(method) => {
            format!("it is packed by the method {}", escape(method))
        }
        Error::PasswordRequired | Error::MaybeBadPassword(_) => "it is encrypted".to_owned(),
        Error::MaxMemLimited { .. } => format!("it takes more than {} MiB", MEMORY_KIB_MAX >> 10),
        other => escape(&other.to_string()),
    }
}
