//! Files put together again from the parts ("shards") a signature lists as `NAME:START:END`.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use super::error::InvalidClaim;
use super::files::shown;
use super::hashing::ContentDigest;
use super::resources::DigestedFile;

/// The parts of one file by where they start: where they end, and their digests.
type Parts = BTreeMap<u64, (u64, ContentDigest)>;

/// The files whose parts, of `size` bytes each, are listed in any order.
///
/// # Errors
/// When a name says no part, or the parts of a file leave a gap, overlap or are of other sizes.
pub(super) fn join(
    listed: Vec<(String, ContentDigest)>,
    size: NonZeroU64,
) -> Result<Vec<DigestedFile>, InvalidClaim> {
    let mut files: BTreeMap<String, Parts> = BTreeMap::new();
    for (name, digest) in listed {
        let Some((path, start, end)) = split(&name) else {
            let message = format!("`{}` is not `NAME:START:END`", shown(&name));
            return Err(InvalidClaim::Contradiction(message));
        };
        let parts = files.entry(path.to_owned()).or_default();
        if parts.insert(start, (end, digest)).is_some() {
            return Err(incomplete(path, "two parts start at the same byte"));
        }
    }
    let files = files.into_iter();
    files
        .map(|(path, parts)| whole(path, parts, size))
        .collect()
}

/// The name may hold colons itself; the last two are ours.
fn split(name: &str) -> Option<(&str, u64, u64)> {
    let mut fields = name.rsplitn(3, ':');
    let (end, start, path) = (fields.next()?, fields.next()?, fields.next()?);
    Some((path, number(start)?, number(end)?))
}

/// Digits as they are written, so that a part has one name: no sign, no leading zero.
fn number(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

fn whole(path: String, parts: Parts, size: NonZeroU64) -> Result<DigestedFile, InvalidClaim> {
    let mut digests = Vec::with_capacity(parts.len());
    let mut reached: u64 = 0;
    for (index, (start, (end, digest))) in parts.into_iter().enumerate() {
        if Some(start) != size.get().checked_mul(index as u64) || start != reached {
            return Err(incomplete(
                &path,
                "its parts leave a gap or are of other sizes",
            ));
        }
        if end <= start || size.get() < end - start {
            return Err(incomplete(&path, "a part is of another size"));
        }
        reached = end;
        digests.push(digest);
    }
    Ok(DigestedFile {
        path,
        size: Some(reached),
        digests,
    })
}

fn incomplete(path: &str, why: &str) -> InvalidClaim {
    InvalidClaim::Contradiction(format!("`{}` is not listed whole: {why}", shown(path)))
}
