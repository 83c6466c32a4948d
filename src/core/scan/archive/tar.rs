//! Tar archives: NeMo, TorchServe, old PyTorch; as POSIX (pax) and GNU tar write them.

use std::collections::BTreeSet;

use super::kind::Kind;
use super::members::Members;
use super::names;
use crate::scan::format::Format;
use crate::scan::job::Job;
use crate::scan::pickle::escape;
use crate::scan::source::{ReadError, Source};

const BLOCK_BYTES: u64 = 512;
/// Longest name or pax header that is read.
const LONG_BYTES_MAX: u64 = 1 << 20;
/// Members that are listed; the rest is refused.
const ENTRIES_MAX: usize = 100_000;

/// Whether a file that begins with `head` is a tar archive: the sum over its first header is right.
pub(super) fn looks_like(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<512>() else {
        return false;
    };
    header.first() != Some(&0) && sum_is_right(header)
}

/// Scans the members of an archive.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    scan_listed(job, Listing::default())
}

/// Scans the members of a file that is taken for something else and begins like an archive all the same: the
/// name of a first member can be the signature of another format.
pub(super) fn scan_hidden(job: &mut Job<'_>) {
    let mut listing = Listing::default();
    listing.faults.insert("can also be read as a tar archive");
    scan_listed(job, listing);
}

fn scan_listed(job: &mut Job<'_>, mut listing: Listing) -> Format {
    match listing.read(&mut job.source) {
        Ok(()) => {}
        Err(ReadError::End) => listing.problems.push("ends inside a member".to_owned()),
        Err(ReadError::Io(problem)) => {
            job.judgement.unreadable(&problem);
            return Format::Tar;
        }
    }
    let (shared, mut members) = Members::begin(job, Kind::Files(Format::Tar));
    for problem in &listing.problems {
        members.structure(problem);
    }
    for fault in &listing.faults {
        members.structure(fault);
    }
    for path in &listing.paths {
        members.path(path);
    }
    if let Some(limit) = &listing.limit {
        members.incomplete(limit);
    }
    for entry in &listing.files {
        if !members.goes_on() {
            break;
        }
        let mut section = shared.section(entry.data, entry.length);
        members.member(&entry.name, &mut section, entry.length);
    }
    members.finish()
}

struct File {
    name: String,
    data: u64,
    length: u64,
}

/// What a header, or the headers that amend it, say of the next member.
#[derive(Default)]
struct Amended {
    name: Option<Vec<u8>>,
    length: Option<u64>,
}

#[derive(Default)]
struct Listing {
    files: Vec<File>,
    problems: Vec<String>,
    /// Problems that are told once, however many members have them.
    faults: BTreeSet<&'static str>,
    paths: Vec<String>,
    limit: Option<String>,
    is_damaged: bool,
}

impl Listing {
    fn read(&mut self, source: &mut Source<'_>) -> Result<(), ReadError> {
        let mut amended = Amended::default();
        let mut seen = std::collections::HashSet::new();
        while 0 < source.remaining() {
            let at = source.position();
            let header: [u8; 512] = source.array()?;
            if header.iter().all(|byte| *byte == 0) {
                self.end(source)?;
                continue;
            }
            if !sum_is_right(&header) {
                // Python stops here, and other programs go on to the next header.
                if !std::mem::replace(&mut self.is_damaged, true) {
                    self.problems
                        .push(format!("has a damaged header at byte {at}"));
                }
                continue;
            }
            let kind = header.get(156).copied().unwrap_or_default();
            let is_amendment = matches!(kind, b'L' | b'K' | b'x' | b'g');
            // What amends a member says nothing of the next amendment.
            let length = match amended.length.take_if(|_| !is_amendment) {
                Some(length) => length,
                None => number(header.get(124..136).unwrap_or_default()).ok_or(ReadError::End)?,
            };
            let data = source.position();
            let padded = length.div_ceil(BLOCK_BYTES).saturating_mul(BLOCK_BYTES);
            if is_amendment {
                self.amend(source, kind, length, &mut amended)?;
            } else {
                let own_name = header_name(&header);
                // In the oldest format a folder is a file whose name, before it is amended, ends so: Python looks for
                // the next header where its bytes begin.
                let is_old_folder = kind == 0 && own_name.ends_with(b"/");
                let name = amended.name.take().unwrap_or(own_name);
                if 0 < length && (is_old_folder || name.ends_with(b"/")) {
                    self.faults.insert("has a folder with bytes of its own");
                }
                self.member(kind, &name, data, length);
                if !seen.insert(name.clone()) {
                    let name = escape(&String::from_utf8_lossy(&name));
                    self.problems
                        .push(format!("has several members named `{name}`"));
                }
            }
            source.seek(data);
            source.skip(padded.min(source.remaining()))?;
            if source.end() < data.saturating_add(length) {
                return Err(ReadError::End);
            }
            if ENTRIES_MAX < self.files.len() || ENTRIES_MAX < self.problems.len() {
                self.limit = Some("it has too many members".to_owned());
                return Ok(());
            }
        }
        Ok(())
    }

    /// After a block of zeros nothing but zeros may follow: Python stops here, others look on. Moves to the
    /// block where they would find something.
    fn end(&mut self, source: &mut Source<'_>) -> Result<(), ReadError> {
        loop {
            let at = source.position();
            let ready = source.available()?;
            if ready.is_empty() {
                return Ok(());
            }
            if let Some(place) = ready.iter().position(|byte| *byte != 0) {
                let found = at + place as u64;
                self.problems
                    .push(format!("has more bytes after its end at byte {found}"));
                source.seek(found - found % BLOCK_BYTES);
                return Ok(());
            }
            let count = ready.len() as u64;
            source.skip(count)?;
        }
    }

    fn amend(
        &mut self,
        source: &mut Source<'_>,
        kind: u8,
        length: u64,
        amended: &mut Amended,
    ) -> Result<(), ReadError> {
        if LONG_BYTES_MAX < length {
            self.limit = Some("it has a header that is too long".to_owned());
            return Ok(());
        }
        let bytes = source.prefix(length, length as usize)?;
        match kind {
            b'L' => self.rename(amended, until_nul(&bytes)),
            b'K' => {}
            _ => self.pax(kind == b'g', &bytes, amended),
        }
        Ok(())
    }

    /// Where two amendments of one thing meet, or one holds for all members, readers differ in which they follow.
    fn pax(&mut self, is_global: bool, bytes: &[u8], amended: &mut Amended) {
        let (records, is_whole) = pax_records(bytes);
        if !is_whole {
            self.faults.insert("has a damaged pax header");
        }
        for (key, value) in records {
            match key {
                b"path" | b"size" if is_global => {
                    self.faults
                        .insert("gives all its members one name or one size");
                }
                b"path" => self.rename(amended, value),
                b"size" => {
                    let length = decimal(value);
                    if length.is_none() || amended.length.is_some() {
                        self.faults.insert("gives a member two sizes, or none");
                    }
                    amended.length = length;
                }
                // The bytes of the member are not those that stand in the archive.
                _ if key.starts_with(b"GNU.sparse.") => {
                    self.faults.insert("has a member with holes");
                }
                _ => {}
            }
        }
    }

    fn rename(&mut self, amended: &mut Amended, name: &[u8]) {
        if amended.name.replace(name.to_vec()).is_some() {
            self.faults.insert("gives a member two names");
        }
    }

    fn member(&mut self, kind: u8, name: &[u8], data: u64, length: u64) {
        let shown = escape(&String::from_utf8_lossy(name));
        if let Some(problem) = names::problem(name) {
            self.paths
                .push(format!("has a member that {problem}: `{shown}`"));
        }
        match kind {
            b'0' | 0 | b'7' if name.ends_with(b"/") && length == 0 => {}
            b'0' | 0 | b'7' => self.files.push(File {
                name: shown,
                data,
                length,
            }),
            b'5' if length == 0 => {}
            b'1' | b'2' => self.paths.push(format!("has a link `{shown}`")),
            b'3' | b'4' | b'6' => self.paths.push(format!("has a device `{shown}`")),
            _ => self.problems.push(format!(
                "has a member `{shown}` of the unknown type {kind:#04x}"
            )),
        }
    }
}

fn header_name(header: &[u8; 512]) -> Vec<u8> {
    let name = until_nul(header.get(..100).unwrap_or_default());
    let is_ustar = header.get(257..262) == Some(b"ustar");
    let prefix = until_nul(header.get(345..500).unwrap_or_default());
    // GNU tar keeps times where POSIX keeps the prefix.
    if is_ustar && header.get(262) == Some(&0) && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number in octal, or in base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && *first == 0x80
    {
        return rest.iter().try_fold(0_u64, |value, byte| {
            Some(value.checked_mul(256)? | u64::from(*byte))
        });
    }
    let text = std::str::from_utf8(until_nul(field)).ok()?.trim();
    match text {
        "" => Some(0),
        text => u64::from_str_radix(text, 8).ok(),
    }
}

/// The sum of the header's bytes, its own field taken as spaces.
fn sum_is_right(header: &[u8; 512]) -> bool {
    let field = 148..156;
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(place, byte)| {
            if field.contains(&place) {
                32
            } else {
                u64::from(*byte)
            }
        })
        .sum();
    number(header.get(field).unwrap_or_default()) == Some(sum)
}

/// A key and a value of a pax header.
type Record<'b> = (&'b [u8], &'b [u8]);

/// The records `LENGTH KEY=VALUE` of a pax header, and whether it is made of nothing else.
fn pax_records(bytes: &[u8]) -> (Vec<Record<'_>>, bool) {
    let mut records = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some(record) = pax_record(&mut rest) else {
            return (records, false);
        };
        records.push(record);
    }
    (records, true)
}

/// The first record of a pax header, after which `rest` goes on.
fn pax_record<'b>(rest: &mut &'b [u8]) -> Option<Record<'b>> {
    let space = rest.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(rest.get(..space)?)?).ok()?;
    let (record, after) = rest.split_at_checked(length)?;
    let body = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    *rest = after;
    Some((body.get(..equals)?, body.get(equals + 1..)?))
}

fn decimal(text: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(text).ok()?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain)
}
