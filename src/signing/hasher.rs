//! The hash functions of the OMS specification behind one face.

use std::io::{self, Read};

use blake3::hazmat::{self, ChainingValue, HasherExt as _, Mode};
use sha2::Digest as _;

use crate::manifest::{ContentDigest, HashAlgorithm};

/// Bytes read at a time: large enough to hide the cost of the call, small enough for the cache and for
/// as many threads as there are.
const CHUNK_BYTES: u64 = 256 << 10;

/// Bytes of a file that BLAKE3 digests on one core; a power of two, as its tree demands.
pub(super) const SUBTREE_BYTES: u64 = 4 << 20;

/// A hash function at work.
enum Hasher {
    Sha256(sha2::Sha256),
    Blake2b(Box<blake2::Blake2b512>),
    Blake3(Box<blake3::Hasher>),
}

impl Hasher {
    fn new(algorithm: HashAlgorithm) -> Self {
        match algorithm {
            HashAlgorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            HashAlgorithm::Blake2b => Self::Blake2b(Box::new(blake2::Blake2b512::new())),
            HashAlgorithm::Blake3 => Self::Blake3(Box::new(blake3::Hasher::new())),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Blake2b(hasher) => hasher.update(bytes),
            Self::Blake3(hasher) => {
                hasher.update(bytes);
            }
        }
    }

    fn finish(self) -> ContentDigest {
        match self {
            Self::Sha256(hasher) => hasher.finalize().as_slice().into(),
            Self::Blake2b(hasher) => hasher.finalize().as_slice().into(),
            Self::Blake3(hasher) => hasher.finalize().as_bytes().as_slice().into(),
        }
    }
}

/// The digest of the next `length` bytes of `source`; nothing when there are fewer. `read` is told of
/// bytes as they come.
pub(super) fn digest(
    algorithm: HashAlgorithm,
    source: impl Read,
    length: u64,
    read: &dyn Fn(u64),
) -> io::Result<Option<ContentDigest>> {
    let mut hasher = Hasher::new(algorithm);
    let whole = feed(source, length, |bytes| {
        hasher.update(bytes);
        read(bytes.len() as u64);
    })?;
    Ok(whole.then(|| hasher.finish()))
}

/// What BLAKE3 computes for the next `length` bytes of `source`, which are not the whole file and start
/// at `offset` of it, a multiple of [`SUBTREE_BYTES`].
pub(super) fn subtree(
    source: impl Read,
    offset: u64,
    length: u64,
    read: &dyn Fn(u64),
) -> io::Result<Option<ContentDigest>> {
    let mut hasher = blake3::Hasher::new();
    hasher.set_input_offset(offset);
    let whole = feed(source, length, |bytes| {
        hasher.update(bytes);
        read(bytes.len() as u64);
    })?;
    Ok(whole.then(|| hasher.finalize_non_root().as_slice().into()))
}

/// The BLAKE3 digest of `length` bytes from its subtrees, in order; nothing when they are not that many.
pub(super) fn join_subtrees(subtrees: &[ContentDigest], length: u64) -> Option<ContentDigest> {
    let values: Vec<ChainingValue> = subtrees
        .iter()
        .map(|digest| ChainingValue::try_from(&**digest).ok())
        .collect::<Option<_>>()?;
    let (left, right) = halves(&values, length)?;
    let digest = hazmat::merge_subtrees_root(&left, &right, Mode::Hash);
    Some(digest.as_bytes().as_slice().into())
}

/// The two sides of the tree over `length` bytes, more than one subtree.
fn halves(values: &[ChainingValue], length: u64) -> Option<(ChainingValue, ChainingValue)> {
    if length <= SUBTREE_BYTES {
        return None;
    }
    let left_length = hazmat::left_subtree_len(length);
    let middle = usize::try_from(left_length / SUBTREE_BYTES).ok()?;
    let (left, right) = values.split_at_checked(middle)?;
    Some((join(left, left_length)?, join(right, length - left_length)?))
}

fn join(values: &[ChainingValue], length: u64) -> Option<ChainingValue> {
    if length <= SUBTREE_BYTES {
        return match values {
            [value] => Some(*value),
            _ => None,
        };
    }
    let (left, right) = halves(values, length)?;
    Some(hazmat::merge_subtrees_non_root(&left, &right, Mode::Hash))
}

/// Gives the next `length` bytes to `eat`; says whether there were as many.
fn feed(mut source: impl Read, length: u64, mut eat: impl FnMut(&[u8])) -> io::Result<bool> {
    let mut chunk = vec![0; usize::try_from(length.min(CHUNK_BYTES)).unwrap_or(0)];
    let mut missing = length;
    while 0 < missing {
        let wanted =
            usize::try_from(missing).map_or(chunk.len(), |missing| missing.min(chunk.len()));
        match source.read(&mut chunk[..wanted]) {
            Ok(0) => return Ok(false),
            Ok(count) => {
                eat(&chunk[..count]);
                missing -= count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf abc | sha256sum`, `b2sum` (coreutils 9.1) and `b3sum` 1.8.
    #[test]
    fn digests_are_those_of_the_command_line_tools() {
        let cases = [
            (
                HashAlgorithm::Sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                HashAlgorithm::Blake2b,
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            ),
            (
                HashAlgorithm::Blake3,
                "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
            ),
        ];
        for (algorithm, expected) in cases {
            let found = digest(algorithm, b"abc".as_slice(), 3, &|_| ()).expect("memory");
            assert_eq!(crate::manifest::hex(&found.expect("three bytes")), expected);
            let short = digest(algorithm, b"abc".as_slice(), 4, &|_| ()).expect("memory");
            assert_eq!(short, None);
        }
    }

    #[test]
    fn subtrees_join_to_the_digest_of_the_whole() {
        let size = usize::try_from(SUBTREE_BYTES).expect("small");
        for length in [size + 1, 2 * size, 2 * size + 5, 5 * size - 1] {
            let content: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
            let subtrees: Vec<ContentDigest> = content
                .chunks(size)
                .enumerate()
                .map(|(index, part)| {
                    let offset = (index * size) as u64;
                    let found = subtree(part, offset, part.len() as u64, &|_| ());
                    found.expect("memory").expect("whole")
                })
                .collect();
            let joined = join_subtrees(&subtrees, length as u64).expect("as many as needed");
            assert_eq!(*joined, *blake3::hash(&content).as_bytes());
            assert_eq!(join_subtrees(&subtrees[1..], length as u64), None);
        }
    }
}
