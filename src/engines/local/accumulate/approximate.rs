//! Quantiles to a known accuracy in little memory.
//!
//! Numbers are counted by their sign, exponent and first eight bits, as an HDR histogram does (Tene 2012),
//! each count with the smallest and the largest number it stands for. So the ends between which a quantile
//! lies are certain whatever the data, and apart by at most 1/256 of the value; where a count stands for
//! one number only they are equal. Nothing depends on the order of rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use polars_arrow::bitmap::Bitmap;

use super::{Accumulator, OfFile, Portable, locked, not_its_own};
use crate::engines::local::evaluate::{Evaluated, Rows};
use crate::engines::local::keys::Spreading;
use crate::engines::local::numbers::{for_each, sortable, unsortable};
use crate::engines::local::partitions::state::{Kept, State};
use crate::measure::{Measured, Value};

/// Bits of a number that are not told apart: of 52 bits behind the point eight stay. At most a million
/// buckets, of numbers of all magnitudes; some thousands, of numbers as data has them.
const DROPPED_BITS: u32 = 52 - 8;

/// Numbers counted together.
#[derive(Clone, Copy)]
struct Bucket {
    count: u64,
    smallest: u64,
    largest: u64,
}

impl Bucket {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.smallest = self.smallest.min(other.smallest);
        self.largest = self.largest.max(other.largest);
    }
}

/// Where a quantile of a value lies.
pub(super) struct ApproximateQuantile<'a> {
    value: &'a Value,
    fraction: f64,
    buckets: Mutex<BTreeMap<u64, Bucket>>,
}

impl<'a> ApproximateQuantile<'a> {
    pub(super) fn new(value: &'a Value, fraction: f64) -> Self {
        Self {
            value,
            fraction,
            buckets: Mutex::default(),
        }
    }

    fn add(&self, found: impl Iterator<Item = Bucket>) {
        let mut buckets = locked(&self.buckets);
        for bucket in found {
            let known = buckets.entry(bucket.smallest >> DROPPED_BITS);
            known
                .and_modify(|known| known.add(bucket))
                .or_insert(bucket);
        }
    }
}

/// The bucket of the number at a rank, from 0.
fn at_rank(buckets: &BTreeMap<u64, Bucket>, rank: u64) -> Option<Bucket> {
    let mut before = 0_u64;
    buckets.values().copied().find(|bucket| {
        before = before.saturating_add(bucket.count);
        rank < before
    })
}

impl<'m> Accumulator<'m> for ApproximateQuantile<'m> {
    fn update(&self, rows: &Rows<'m, '_>, selected: Option<&Bitmap>) -> Evaluated<()> {
        let mut found: HashMap<u64, Bucket, Spreading> = HashMap::default();
        for_each(&rows.numbers(self.value)?, selected, |x| {
            if !x.is_nan() {
                let key = sortable(x);
                let bucket = Bucket {
                    count: 1,
                    smallest: key,
                    largest: key,
                };
                let known = found.entry(key >> DROPPED_BITS);
                known
                    .and_modify(|known| known.add(bucket))
                    .or_insert(bucket);
            }
        });
        self.add(found.into_values());
        Ok(())
    }

    fn finish(&self) -> Evaluated<Measured> {
        let buckets = locked(&self.buckets);
        let count = buckets
            .values()
            .fold(0_u64, |sum, bucket| sum.saturating_add(bucket.count));
        let Some(last) = count.checked_sub(1) else {
            return Ok(Measured::Between(None));
        };
        // Every interpolation gives a number between those at these ranks.
        let position = self.fraction.clamp(0.0, 1.0) * last as f64;
        let at = |position: f64| at_rank(&buckets, (position as u64).min(last));
        let (low, high) = (at(position.floor()), at(position.ceil()));
        Ok(Measured::Between(low.zip(high).map(|(low, high)| {
            (unsortable(low.smallest), unsortable(high.largest))
        })))
    }

    fn of_file(&self) -> Option<Box<dyn OfFile<'m> + 'm>> {
        Some(Box::new(Self::new(self.value, self.fraction)))
    }

    fn absorb(&self, state: &State, _: u64) -> Evaluated<()> {
        let State::Buckets(buckets) = state else {
            return Err(not_its_own());
        };
        self.add(buckets.iter().map(|(count, smallest, largest)| Bucket {
            count: *count,
            smallest: *smallest,
            largest: *largest,
        }));
        Ok(())
    }
}

impl Portable for ApproximateQuantile<'_> {
    fn kept(&self, _: u64) -> Kept {
        let buckets = locked(&self.buckets);
        let buckets = buckets.values();
        let buckets = buckets.map(|bucket| (bucket.count, bucket.smallest, bucket.largest));
        Kept::whole(State::Buckets(buckets.collect()))
    }
}
