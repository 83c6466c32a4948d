//! A single compressed stream, such as joblib writes: whatever it decodes to is scanned.

use super::decoded::Decoded;
use super::decoder::Codec;
use super::kind::Kind;
use super::members::Members;
use crate::scan::format::Format;
use crate::scan::job::Job;

/// Endings that compressed files add to their names.
const ENDINGS: &[&str] = &[".gz", ".bz2", ".xz", ".lzma", ".lz4", ".zst", ".z"];

/// Scans what the stream decodes to.
pub(super) fn scan(job: &mut Job<'_>, codec: Codec, format: Format) -> Format {
    let name = inner_name(job.judgement.path());
    let length = job.source.end();
    let (shared, mut members) = Members::begin(job, Kind::Stream(format));
    let decoded = Decoded::read(codec, shared.section(0, length), members.limits());
    if let Some(problem) = &decoded.problem {
        members.structure(&format!(
            "is damaged after {} decoded bytes: {problem}",
            decoded.length
        ));
    }
    // Loaders stop at the end of the stream, and do not see what follows it.
    if 0 < decoded.unread && decoded.problem.is_none() && decoded.reached.is_none() {
        members.structure(&format!("has {} bytes after its end", decoded.unread));
    }
    members.decoded(&name, decoded);
    members.finish()
}

/// The name of the file without the ending of its compression.
fn inner_name(path: &str) -> String {
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    let short = ENDINGS.iter().find_map(|ending| {
        let start = name.len().checked_sub(ending.len())?;
        let (stem, end) = name.split_at_checked(start)?;
        end.eq_ignore_ascii_case(ending).then_some(stem)
    });
    short
        .filter(|stem| !stem.is_empty())
        .unwrap_or(name)
        .to_owned()
}
