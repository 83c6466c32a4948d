//! The members of a zip archive by both of its tables of contents: the central directory at the end, which
//! Python and PyTorch read, and the local headers in front of each member, which others read. Where the two
//! disagree, or bytes belong to neither, a scanner and a loader can see different archives.

use std::collections::HashSet;

use super::records::{self, Entry, Header, LOCAL_SIGNATURE, Local};
use crate::scan::pickle::escape;
use crate::scan::source::{ReadError, Source};

/// Entries of a central directory that are read; more are refused with the number of members.
const ENTRIES_MAX: usize = 100_000;
/// Bytes of names kept for one archive.
const NAME_BYTES_MAX: usize = 64 << 20;
/// Problems named for one archive.
const PROBLEMS_MAX: usize = 50;
/// Bytes without an owner that are looked through for another member.
const LOOKED_THROUGH_MAX: u64 = 64 << 20;
/// Bits of the flags: the member is encrypted (0), strongly (6), or the directory is (13).
const FLAGS_ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Sizes and CRC stand behind the data.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// Lengths of that descriptor: with and without signature, narrow and wide.
const DESCRIPTOR_BYTES: [u64; 4] = [12, 16, 20, 24];

/// A member and where its data are.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) header: Header,
    /// Position of its data.
    pub(super) data: u64,
    /// File type and permissions of Unix, 0 where not known.
    pub(super) mode: u32,
}

/// The members of an archive, and what is wrong with its structure.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) members: Vec<Member>,
    /// Clauses that read after the name of the archive.
    pub(super) problems: Vec<String>,
    /// Problems that were not kept.
    pub(super) more_problems: usize,
    /// What was not looked at.
    pub(super) limit: Option<String>,
    /// Byte ranges that members and directory take.
    taken: Vec<(u64, u64)>,
}

/// Reads both tables of contents.
pub(super) fn read(source: &mut Source<'_>) -> Result<Layout, ReadError> {
    let mut layout = Layout::default();
    match records::end(source)? {
        Some(end) => layout.directory(source, &end)?,
        None => layout.problem("has no central directory".to_owned()),
    }
    layout.rest(source)?;
    layout.repeated_names();
    Ok(layout)
}

/// Whether a file that begins otherwise ends like a zip archive, which is where Python's `zipfile` looks.
pub(in crate::scan) fn ends_like_one(source: &mut Source<'_>) -> bool {
    let Ok(Some(end)) = records::end(source) else {
        return false;
    };
    // Python counts back from the end record, others believe the place it names.
    let counted = end.position.checked_sub(end.directory_bytes);
    let places = counted.into_iter().chain([end.directory_offset]);
    0 < end.directory_bytes
        && places.into_iter().any(|place| {
            source.seek(place);
            matches!(records::entry(source), Ok(Some(_)))
        })
}

impl Layout {
    fn problem(&mut self, clause: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(clause);
        } else {
            self.more_problems += 1;
        }
    }

    /// Follows the central directory to its members.
    fn directory(&mut self, source: &mut Source<'_>, end: &records::End) -> Result<(), ReadError> {
        let length = source.end();
        if let Some(problem) = end.problem {
            self.problem(problem.to_owned());
        }
        if end.after < length {
            self.problem(format!(
                "has {} bytes after its end record",
                length - end.after
            ));
        }
        self.taken.push((end.position, length));
        let Some(start) = end.position.checked_sub(end.directory_bytes) else {
            self.problem("has a central directory that begins before the file".to_owned());
            return Ok(());
        };
        let Some(shift) = start.checked_sub(end.directory_offset) else {
            self.problem("has a central directory in two places".to_owned());
            return Ok(());
        };
        if 0 < shift {
            self.problem(format!("has {shift} bytes before it begins"));
        }
        let entries = self.entries(source, start, end)?;
        for entry in entries {
            self.follow(source, &entry, shift)?;
        }
        Ok(())
    }

    fn entries(
        &mut self,
        source: &mut Source<'_>,
        start: u64,
        end: &records::End,
    ) -> Result<Vec<Entry>, ReadError> {
        let mut entries = Vec::new();
        let mut name_bytes = 0;
        source.seek(start);
        while source.position() < end.position {
            let at = source.position();
            let Some(entry) = records::entry(source)? else {
                self.problem(format!("has a damaged central directory at byte {at}"));
                break;
            };
            name_bytes += entry.header.name.len();
            entries.push(entry);
            if ENTRIES_MAX < entries.len() || NAME_BYTES_MAX < name_bytes {
                self.limit = Some("its central directory is too long".to_owned());
                break;
            }
        }
        // A narrow count wraps around; the wide one does not.
        if entries.len() as u64 != end.entries && self.limit.is_none() {
            self.problem(format!(
                "says it has {} members and lists {}",
                end.entries,
                entries.len()
            ));
        }
        self.taken.push((start, end.position));
        Ok(entries)
    }

    /// From an entry to the member's data, by way of its local header.
    fn follow(
        &mut self,
        source: &mut Source<'_>,
        entry: &Entry,
        shift: u64,
    ) -> Result<(), ReadError> {
        let shown = shown(&entry.header.name);
        if let Some(second) = &entry.second_name {
            let second = self::shown(second);
            self.problem(format!("calls a member `{shown}` and also `{second}`"));
        }
        let at = entry.offset.saturating_add(shift);
        source.seek(at);
        let local = match records::local(source) {
            Ok(Some(local)) => local,
            Ok(None) | Err(ReadError::End) => {
                self.problem(format!("has no local header for `{shown}`"));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.compare(&entry.header, &local.header);
        let after = local.data.saturating_add(entry.header.packed);
        if source.end() < after {
            self.problem(format!("ends before `{shown}` does"));
        }
        self.taken.push((at, after));
        self.members.push(Member {
            header: entry.header.clone(),
            data: local.data,
            mode: entry.mode,
        });
        Ok(())
    }

    /// Holds what the directory says against what the member says.
    fn compare(&mut self, central: &Header, local: &Header) {
        let name = shown(&central.name);
        if central.name != local.name {
            let other = shown(&local.name);
            self.problem(format!(
                "calls a member `{name}` and, where it stands, `{other}`"
            ));
        }
        if central.method != local.method {
            self.problem(format!("names two compressions for `{name}`"));
        }
        if (central.flags | local.flags) & FLAGS_ENCRYPTED != 0 {
            self.problem(format!("marks `{name}` as encrypted"));
        }
        if central.flags != local.flags {
            self.problem(format!("has two sets of flags for `{name}`"));
        }
        let said = (local.packed, local.unpacked, local.crc);
        let behind = local.flags & FLAG_DESCRIPTOR != 0;
        let deferred =
            behind && (said == (0, 0, 0) || said == (u32::MAX.into(), u32::MAX.into(), 0));
        if said != (central.packed, central.unpacked, central.crc) && !deferred {
            self.problem(format!("gives two sizes or checksums for `{name}`"));
        }
    }

    /// What neither the directory nor its members cover: other members, or bytes without an owner.
    fn rest(&mut self, source: &mut Source<'_>) -> Result<(), ReadError> {
        let mut taken = std::mem::take(&mut self.taken);
        taken.sort_unstable();
        let described = self.members.iter();
        let described: HashSet<u64> = described
            .filter(|member| member.header.flags & FLAG_DESCRIPTOR != 0)
            .map(|member| member.data.saturating_add(member.header.packed))
            .collect();
        let mut reached = 0;
        for (start, end) in taken.into_iter().chain([(source.end(), source.end())]) {
            if start < reached && start < end {
                self.problem(format!("has two members in the bytes from {start} on"));
            }
            let is_descriptor = |start, end: u64| {
                described.contains(&start) && DESCRIPTOR_BYTES.contains(&(end - start))
            };
            let mut at = reached;
            while at < start && !is_descriptor(at, start) {
                at = self.unowned(source, at, start)?;
            }
            reached = reached.max(end);
        }
        Ok(())
    }

    /// What begins at `start` and no table of contents knows; gives back where it ends.
    fn unowned(&mut self, source: &mut Source<'_>, start: u64, end: u64) -> Result<u64, ReadError> {
        source.seek(start);
        let local = match records::local(source) {
            Ok(local) => local,
            Err(ReadError::End) => None,
            Err(error) => return Err(error),
        };
        let Some(Local { header, data }) = local else {
            let next = next_header(source, start + 1, end)?;
            let count = next - start;
            self.problem(format!(
                "has {count} bytes from byte {start} on that belong to no member"
            ));
            return Ok(next);
        };
        let name = shown(&header.name);
        self.problem(format!(
            "has a member `{name}` that its directory does not list"
        ));
        if ENTRIES_MAX <= self.members.len() {
            self.limit = Some("it has too many members".to_owned());
            return Ok(end);
        }
        let room = end.saturating_sub(data);
        let deferred = header.flags & FLAG_DESCRIPTOR != 0 && header.packed == 0;
        let packed = if deferred {
            room
        } else {
            header.packed.min(room)
        };
        self.members.push(Member {
            header: Header { packed, ..header },
            data,
            mode: 0,
        });
        Ok(data.saturating_add(packed).min(end))
    }

    fn repeated_names(&mut self) {
        let mut seen = HashSet::new();
        let names = self.members.iter().map(|member| &member.header.name);
        let repeated: Vec<String> = names
            .filter(|name| !seen.insert(name.as_slice()))
            .map(|name| shown(name))
            .collect();
        for name in repeated {
            self.problem(format!("has several members named `{name}`"));
        }
    }
}

/// The position of the next local header, or `end`.
fn next_header(source: &mut Source<'_>, start: u64, end: u64) -> Result<u64, ReadError> {
    let outer = source.set_end(end.min(start.saturating_add(LOOKED_THROUGH_MAX)));
    source.seek(start);
    let found = source.find(&LOCAL_SIGNATURE);
    source.set_end(outer);
    Ok(found?.unwrap_or(end))
}

/// The name of a member as messages show it.
pub(super) fn shown(name: &[u8]) -> String {
    escape(&String::from_utf8_lossy(name))
}
