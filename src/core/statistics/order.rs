//! Rows in the order of their values, ties together: what ranks, areas and curves are read from.
//!
//! Sorting is what costs most of a comparison of two models. Values are therefore sorted by where they
//! lie between the lowest and the highest, as a whole number of 32 bits: first into buckets that fit the
//! caches, then digit by digit within each, in time linear in the rows; only values that fall on the same
//! number are compared. Values all in one place, such as with one outlier far from the rest, are compared
//! as ever.
//!
//! Whoever walks through the rows by their values asks for the class of each. Fetching it by the number of
//! the row misses the caches every time; it is a mark beside the number instead.

use std::cmp::Ordering;
use std::ops::Range;

/// Rows from the lowest value to the highest, by number where values are equal.
#[derive(Clone, Debug)]
pub struct Order {
    rows: Vec<Placed>,
    /// Whether the row at this place is the last of its tie.
    ends_tie: Vec<bool>,
}

/// A row at its place: its number above the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed(u32);

impl Placed {
    /// The number of the row.
    #[inline]
    #[must_use]
    pub fn row(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether the row is marked.
    #[inline]
    #[must_use]
    pub fn is_marked(self) -> bool {
        self.0 & 1 == 1
    }

    pub(super) fn to_bits(self) -> u32 {
        self.0
    }

    pub(super) fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

impl Order {
    /// Orders finite values, of which there are at most 2^31. -0 and 0 are tied. No row is marked.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        Self::sorted(values, |_| false)
    }

    /// The same with marks on some of the rows, such as those of one class.
    #[must_use]
    pub fn marked(values: &[f64], marks: &[bool]) -> Self {
        Self::sorted(values, |row| marks.get(row) == Some(&true))
    }

    fn sorted(values: &[f64], is_marked: impl Fn(usize) -> bool) -> Self {
        let mut order = Self {
            rows: Vec::with_capacity(values.len()),
            ends_tie: Vec::with_capacity(values.len()),
        };
        let mut buckets = Buckets::of(values, is_marked);
        let mut spare = Vec::new();
        for range in &buckets.ranges {
            let bucket = buckets.places.get_mut(range.clone()).unwrap_or_default();
            sort(bucket, &mut spare, buckets.digits);
            order.add(bucket, values);
        }
        order
    }

    /// Adds rows that are in order but for values that fall on the same number.
    fn add(&mut self, places: &mut [u64], values: &[f64]) {
        let value = |place: u64| values[placed(place).row()];
        for run in places.chunk_by_mut(|left, right| key_of(*left) == key_of(*right)) {
            if let [place] = run {
                self.rows.push(placed(*place));
                self.ends_tie.push(true);
                continue;
            }
            // Rows of one number are in their order already.
            let first = value(run[0]);
            if run.iter().any(|place| value(*place) != first) {
                run.sort_by(|left, right| by_value(value(*left), value(*right)));
            }
            self.rows.extend(run.iter().map(|place| placed(*place)));
            let pairs = run.windows(2);
            self.ends_tie
                .extend(pairs.map(|pair| value(pair[0]) != value(pair[1])));
            self.ends_tie.push(true);
        }
    }

    /// The rows of each tie, from the lowest value to the highest.
    pub fn rising(&self) -> impl Iterator<Item = &[Placed]> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let length = self.ends_tie.get(start..)?.iter().position(|ends| *ends)? + 1;
            let tie = self.rows.get(start..start + length);
            start += length;
            tie
        })
    }

    /// The rows of each tie, from the highest value to the lowest.
    pub fn falling(&self) -> impl Iterator<Item = &[Placed]> {
        let mut end = self.rows.len();
        std::iter::from_fn(move || {
            let before = self.ends_tie.get(..end.checked_sub(1)?)?;
            let start = before
                .iter()
                .rposition(|ends| *ends)
                .map_or(0, |last| last + 1);
            let tie = self.rows.get(start..end);
            end = start;
            tie
        })
    }

    /// How many rows of each tie are unmarked and marked, from the highest value to the lowest.
    pub fn falling_counts(&self) -> impl Iterator<Item = [u32; 2]> {
        let places = self.rows.iter().zip(&self.ends_tie).rev();
        let mut places = places.peekable();
        std::iter::from_fn(move || {
            let (placed, _) = places.next()?;
            let mut counts = [
                u32::from(!placed.is_marked()),
                u32::from(placed.is_marked()),
            ];
            while let Some((placed, _)) = places.next_if(|(_, ends)| !**ends) {
                counts[usize::from(placed.is_marked())] += 1;
            }
            Some(counts)
        })
    }

    /// The rows with whether each is the last of its tie, from the lowest value to the highest.
    pub(super) fn places(&self) -> (&[Placed], &[bool]) {
        (&self.rows, &self.ends_tie)
    }

    /// How many different values there are.
    #[must_use]
    pub fn ties(&self) -> usize {
        self.ends_tie.iter().filter(|ends| **ends).count()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// As numbers, so that -0 and 0 are equal and stay in the order of their rows.
fn by_value(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or(Ordering::Equal)
}

/// A row below the whole number its value falls on.
fn place(key: u32, row: usize, is_marked: bool) -> u64 {
    u64::from(key) << 32 | (row as u64) << 1 & 0xffff_ffff | u64::from(is_marked)
}

fn key_of(place: u64) -> u32 {
    (place >> 32) as u32
}

fn placed(place: u64) -> Placed {
    Placed(place as u32)
}

/// Bits of a digit of a key: so many streams are written at once without missing the nearest cache.
const DIGIT_BITS: u32 = 8;

/// Rows by the highest bits of the whole numbers their values fall on.
struct Buckets {
    places: Vec<u64>,
    ranges: Vec<Range<usize>>,
    /// Digits of the keys below the bits that all keys of a bucket share.
    digits: u32,
}

impl Buckets {
    fn of(values: &[f64], is_marked: impl Fn(usize) -> bool) -> Self {
        /// Rows of a bucket: with the space to sort them in, half of a cache of 512 KiB.
        const BUCKET_BITS: u32 = 14;
        /// Most bits buckets are told apart by: more of them are more than what keeps track of pages.
        const BITS_MAX: u32 = 10;
        let bits = values.len().checked_ilog2().unwrap_or(0);
        let bits = bits.saturating_sub(BUCKET_BITS).min(BITS_MAX);
        let bucket = |key: u32| (u64::from(key) >> (32 - bits)) as usize;
        let key = key(values);
        let mut ends = vec![0_usize; 1 << bits];
        for value in values {
            ends[bucket(key(*value))] += 1;
        }
        let mut start = 0;
        let mut ranges = Vec::with_capacity(ends.len());
        for end in &mut ends {
            let count = std::mem::replace(end, start);
            ranges.push(start..start + count);
            start += count;
        }
        let mut places = vec![0_u64; values.len()];
        for (row, value) in values.iter().enumerate() {
            let key = key(*value);
            let next = &mut ends[bucket(key)];
            places[*next] = place(key, row, is_marked(row));
            *next += 1;
        }
        Self {
            places,
            ranges,
            digits: (32 - bits).div_ceil(DIGIT_BITS),
        }
    }
}

/// The whole number a value falls on. Rounding is monotone, so that a higher value never falls on a lower
/// number.
fn key(values: &[f64]) -> impl Fn(f64) -> u32 + use<> {
    let (lowest, highest) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    let scale = f64::from(u32::MAX) / (highest - lowest);
    let scale = if scale.is_finite() { scale } else { 0.0 };
    move |value| ((value - lowest) * scale) as u32
}

/// Sorts by the upper 32 bits, of which only the lowest digits differ, by row where those are equal.
fn sort(places: &mut [u64], spare: &mut Vec<u64>, digits: u32) {
    /// Below so many rows, counting digits costs more than it saves.
    const COUNTED_FROM: usize = 1 << 10;
    const VALUES: usize = 1 << DIGIT_BITS;
    if places.len() < COUNTED_FROM {
        places.sort_unstable();
        return;
    }
    let digit = |place: u64, index: u32| (place >> (32 + DIGIT_BITS * index)) as usize % VALUES;
    let mut counts = [[0_u32; VALUES]; 4];
    for place in places.iter() {
        for (index, counts) in (0..digits).zip(&mut counts) {
            counts[digit(*place, index)] += 1;
        }
    }
    spare.resize(places.len().max(spare.len()), 0);
    let mut to = &mut spare[..places.len()];
    let mut from = places;
    let mut moved = false;
    for (index, counts) in (0..digits).zip(&mut counts) {
        if counts.contains(&(from.len() as u32)) {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            start += std::mem::replace(count, start);
        }
        for place in from.iter() {
            let next = &mut counts[digit(*place, index)];
            to[*next as usize] = *place;
            *next += 1;
        }
        std::mem::swap(&mut from, &mut to);
        moved = !moved;
    }
    if moved {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::random::{generator, uniform};

    fn rows<'a>(ties: impl Iterator<Item = &'a [Placed]>) -> Vec<Vec<u32>> {
        let row = |placed: &Placed| placed.row() as u32;
        ties.map(|tie| tie.iter().map(row).collect()).collect()
    }

    /// Against a sort that compares.
    fn check(values: &[f64]) {
        let mut sorted: Vec<u32> = (0..values.len() as u32).collect();
        let value = |row: &u32| values[*row as usize];
        sorted.sort_by(|left, right| by_value(value(left), value(right)));
        let expected: Vec<Vec<u32>> = sorted
            .chunk_by(|left, right| value(left) == value(right))
            .map(<[u32]>::to_vec)
            .collect();
        let marks: Vec<bool> = (0..values.len()).map(|row| row % 3 == 1).collect();
        let order = Order::marked(values, &marks);
        assert_eq!(rows(order.rising()), expected);
        let reversed: Vec<Vec<u32>> = expected.iter().rev().cloned().collect();
        assert_eq!(rows(order.falling()), reversed);
        let counts = reversed.iter().map(|tie| {
            let marked = tie.iter().filter(|row| **row % 3 == 1).count() as u32;
            [tie.len() as u32 - marked, marked]
        });
        assert_eq!(
            order.falling_counts().collect::<Vec<_>>(),
            counts.collect::<Vec<_>>()
        );
        let marked = order.rising().flatten().filter(|placed| placed.is_marked());
        assert!(marked.map(|placed| placed.row()).all(|row| marks[row]));
        assert_eq!(order.ties(), expected.len());
        assert_eq!(order.len(), values.len());
    }

    #[test]
    fn rows_are_ordered_as_by_comparison() {
        let mut random = generator(7, 0);
        let spread: Vec<f64> = (0..5000).map(|_| uniform(&mut random)).collect();
        let tied = spread.iter().map(|value| (value * 50.0).round() / 50.0);
        let skewed = spread.iter().map(|value| value.powi(40));
        let signed = spread.iter().map(|value| (value - 0.5) * 1e9);
        check(&tied.collect::<Vec<_>>());
        check(&skewed.collect::<Vec<_>>());
        check(&signed.collect::<Vec<_>>());
        check(&spread);
        // So many that they are put into buckets first.
        let many: Vec<f64> = (0..100_000).map(|_| uniform(&mut random).powi(2)).collect();
        let tied = many.iter().map(|value| (value * 5000.0).round() / 5000.0);
        check(&tied.collect::<Vec<_>>());
        check(&many);
    }

    #[test]
    fn extremes_are_ordered() {
        check(&[]);
        check(&[1.0]);
        check(&[0.0, -0.0, 1.0, -0.0, 0.0]);
        check(&[f64::MAX, f64::MIN, 0.0, 5e-324, -5e-324]);
        let mut outlier = vec![0.25; 3000];
        outlier.extend([1e300, 0.125, 0.5, 0.25]);
        check(&outlier);
        check(&vec![3.0; 2000]);
    }
}
