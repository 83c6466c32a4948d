//! How the files of a model are digested for a signature: with which function, whole or in parts.
//!
//! OMS specification 1.0: SHA-256 must be understood by everybody, BLAKE2b (64 bytes) and BLAKE3 may be.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

/// The digest of a file or a part of one; 32 or 64 bytes.
pub type ContentDigest = Box<[u8]>;

/// A hash function of the OMS specification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// FIPS 180-4.
    #[default]
    Sha256,
    /// RFC 7693, with 64 bytes.
    Blake2b,
    /// With 32 bytes.
    Blake3,
}

impl HashAlgorithm {
    /// All of them, the one everybody understands first.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Blake2b, Self::Blake3];

    /// The identifier in signatures.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Blake2b => "blake2b",
            Self::Blake3 => "blake3",
        }
    }

    /// Length of a digest in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Sha256 | Self::Blake3 => 32,
            Self::Blake2b => 64,
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

impl FromStr for HashAlgorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|algorithm| algorithm.id() == text).ok_or_else(|| {
            format!("`{text}` is not a hash function: expected `sha256`, `blake2b` or `blake3`")
        })
    }
}

/// How files are digested; by default each as a whole with SHA-256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hashing {
    /// With which function.
    pub algorithm: HashAlgorithm,
    /// Size of the parts ("shards") each file is cut into, in bytes; the last is what remains. Files
    /// are digested as a whole without.
    pub shard_size: Option<NonZeroU64>,
}

impl Hashing {
    /// The parts of a file of `size` bytes, from and to which byte each: one for a whole file, none for
    /// an empty file that is cut.
    pub fn parts(self, size: u64) -> impl Iterator<Item = (u64, u64)> {
        let step = self.shard_size.map_or(size, NonZeroU64::get);
        let count = match self.shard_size {
            None => 1,
            Some(step) => size.div_ceil(step.get()),
        };
        (0..count).map(move |index| {
            // Neither overflows: the start is below the size.
            let start = index * step;
            (start, start.saturating_add(step).min(size))
        })
    }
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(digest: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(2 * digest.len());
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The digest that `digits` write, when there are exactly as many as `algorithm` makes.
pub(super) fn parse_hex(digits: &str, algorithm: HashAlgorithm) -> Option<ContentDigest> {
    if digits.len() != 2 * algorithm.bytes() {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| match *pair {
            [high, low] => u8::try_from(16 * value(high)? + value(low)?).ok(),
            _ => None,
        })
        .collect()
}
