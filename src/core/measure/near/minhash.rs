//! Shingles of a text and their MinHash signature.

use std::collections::HashSet;

use super::{ShingleUnit, Shingling};

/// Bands of a signature, and hashes in each. With 32 bands of 4 a pair of similarity 0.8 is missed in
/// one of 10^7 cases, one of 0.5 in one of 8.
pub(super) const BANDS: usize = 32;
pub(super) const BAND_ROWS: usize = 4;
const HASHES: usize = BANDS * BAND_ROWS;

/// Shingles of one text that are kept; a longer text is known by its first ones.
const SHINGLES_MAX: usize = 4096;

/// The different shingles of a text as hashes, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

/// The smallest value of each of 128 hash functions over the shingles of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature(Box<[u32]>);

impl Shingles {
    /// The shingles of a text.
    #[must_use]
    pub fn of(text: &str, shingling: Shingling) -> Self {
        let words = normalised(text);
        let size = usize::from(shingling.size.max(1));
        let mut found = HashSet::new();
        match shingling.of {
            ShingleUnit::Words => {
                let hashes: Vec<u64> = words.iter().map(|word| hash(word.as_bytes())).collect();
                runs(&hashes, size, |run| found.insert(combined(run)));
            }
            ShingleUnit::Characters => {
                let characters: Vec<u64> = words.join(" ").chars().map(u64::from).collect();
                runs(&characters, size, |run| found.insert(combined(run)));
            }
        }
        let mut found: Vec<u64> = found.into_iter().collect();
        found.sort_unstable();
        Self(found)
    }

    /// Whether the text has no letter and no digit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One hash of all shingles.
    pub(super) fn identity(&self) -> u64 {
        combined(&self.0)
    }

    /// Jaccard similarity: shingles in both by shingles in either, in [0, 1]; 1 when both have none.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let (mut mine, mut others) = (self.0.as_slice(), other.0.as_slice());
        let mut shared = 0_usize;
        while let ([first, rest @ ..], [second, more @ ..]) = (mine, others) {
            match first.cmp(second) {
                std::cmp::Ordering::Less => mine = rest,
                std::cmp::Ordering::Greater => others = more,
                std::cmp::Ordering::Equal => {
                    shared += 1;
                    (mine, others) = (rest, more);
                }
            }
        }
        match self.0.len() + other.0.len() - shared {
            0 => 1.0,
            either => shared as f64 / either as f64,
        }
    }
}

impl Signature {
    /// The signature of shingles.
    #[must_use]
    pub fn of(shingles: &Shingles) -> Self {
        let mut smallest = vec![u32::MAX; HASHES];
        for shingle in &shingles.0 {
            // The hash functions are a + i·b (Kirsch and Mitzenmacher 2006), mixed once more each.
            let (a, b) = (mixed(*shingle), mixed(shingle ^ 0x5851_f42d_4c95_7f2d) | 1);
            for (place, least) in (0_u64..).zip(smallest.iter_mut()) {
                let value = mixed(a.wrapping_add(place.wrapping_mul(b))) >> 32;
                *least = (*least).min(value as u32);
            }
        }
        Self(smallest.into_boxed_slice())
    }

    /// The signature of the shingles of both texts together.
    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).min(*others);
        }
    }

    /// The similarity as the signatures estimate it; standard error `sqrt(s (1 - s) / 128)`.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let equal = self
            .0
            .iter()
            .zip(&other.0)
            .filter(|(mine, others)| mine == others);
        equal.count() as f64 / HASHES as f64
    }

    /// One key for each band; texts that share one are candidates.
    pub fn bands(&self) -> impl Iterator<Item = u64> {
        self.0.chunks(BAND_ROWS).zip(0_u64..).map(|(band, place)| {
            band.iter()
                .fold(mixed(place), |key, value| mixed(key ^ u64::from(*value)))
        })
    }
}

fn normalised(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn runs(items: &[u64], size: usize, mut add: impl FnMut(&[u64]) -> bool) {
    if items.is_empty() {
        return;
    }
    if items.len() < size {
        add(items);
        return;
    }
    for run in items.windows(size).take(SHINGLES_MAX) {
        add(run);
    }
}

fn combined(run: &[u64]) -> u64 {
    run.iter()
        .fold(run.len() as u64, |key, item| mixed(key ^ item))
}

/// FNV-1a, then mixed: the same on every machine.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let folded = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |key, byte| {
        (key ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed(folded)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
pub(super) fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
