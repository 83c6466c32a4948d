//! Distributions built value by value, merged over shards and days, and kept within a bounded size.
//!
//! **Numbers.** Exact while there are at most as many different values as allowed. Beyond, neighbouring
//! points are grouped, none heavier than twice the even share of a point, and each group becomes its
//! weighted median. Reading a rank off the result is wrong by at most half the heaviest group; errors of
//! repeated compactions add up, are tracked exactly in rows, and end in
//! [`NumericDistribution::rank_error`]. A value that occurs often stays a point of its own. Values
//! gather in a buffer of [`BUFFER_FACTOR`] times the limit first, so that `n` values cost about
//! `n / (16 limit²)` of rank error and never less than `1 / limit`: 0.0006 for a hundred million
//! different values at the default limit. (The idea is that of Manku, Rajagopalan and Lindsay 1998; no
//! coin is thrown, so the same values in the same order give the same bytes.)
//!
//! **Texts.** Exact while there are at most as many different texts as allowed. Beyond, the rarest are
//! counted together in `other_count`; the count of a text is short by at most that.

use std::collections::BTreeMap;

use super::{CategoricalDistribution, NumericDistribution};

/// Different values kept of one column when a distribution is bounded and nothing else is said: a few
/// megabytes of JSON at most.
pub const DISTINCT_MAX_DEFAULT: usize = 100_000;

/// Values that may wait before they are compacted, as a multiple of the limit.
const BUFFER_FACTOR: usize = 8;

/// Values that may wait to be sorted in, when nothing bounds the distinct ones.
const PENDING_MAX: usize = 1 << 16;

/// Builds the distribution of numbers.
#[derive(Clone, Debug)]
pub struct NumericBuilder {
    /// Sorted, different, compacted.
    points: Vec<(f64, u64)>,
    /// In any order, not yet in `points`.
    pending: Vec<(f64, u64)>,
    distinct_max: Option<usize>,
    null_count: u64,
    nan_count: u64,
    infinite_count: u64,
    /// Largest error of a rank so far, in rows.
    error_rows: f64,
}

impl NumericBuilder {
    /// Keeps every different value.
    #[must_use]
    pub fn exact() -> Self {
        Self::new(None)
    }

    /// Keeps at most `distinct_max` points, at least 2.
    #[must_use]
    pub fn bounded(distinct_max: usize) -> Self {
        Self::new(Some(distinct_max.max(2)))
    }

    fn new(distinct_max: Option<usize>) -> Self {
        Self {
            points: Vec::new(),
            pending: Vec::new(),
            distinct_max,
            null_count: 0,
            nan_count: 0,
            infinite_count: 0,
            error_rows: 0.0,
        }
    }

    /// Adds a value that occurs `count` times. Minus zero is zero.
    pub fn add(&mut self, value: f64, count: u64) {
        if count == 0 {
        } else if value.is_nan() {
            self.nan_count = self.nan_count.saturating_add(count);
        } else if value.is_infinite() {
            self.infinite_count = self.infinite_count.saturating_add(count);
        } else {
            self.pending.push((value + 0.0, count));
            let full = match self.distinct_max {
                Some(distinct_max) => distinct_max.saturating_mul(BUFFER_FACTOR),
                None => PENDING_MAX.max(self.points.len()),
            };
            if full <= self.pending.len() {
                self.settle();
            }
        }
    }

    /// Adds nulls.
    pub fn add_nulls(&mut self, count: u64) {
        self.null_count = self.null_count.saturating_add(count);
    }

    /// Adds a distribution built elsewhere: another shard, another day.
    pub fn merge(&mut self, other: &NumericDistribution) {
        self.null_count = self.null_count.saturating_add(other.null_count);
        self.nan_count = self.nan_count.saturating_add(other.nan_count);
        self.infinite_count = self.infinite_count.saturating_add(other.infinite_count);
        self.error_rows += other.rank_error * other.count() as f64;
        for (value, count) in &other.points {
            self.add(*value, *count);
        }
    }

    /// The distribution.
    #[must_use]
    pub fn finish(mut self) -> NumericDistribution {
        self.settle();
        let mut distribution = NumericDistribution {
            points: self.points,
            null_count: self.null_count,
            nan_count: self.nan_count,
            infinite_count: self.infinite_count,
            rank_error: 0.0,
        };
        let count = distribution.count();
        if 0 < count {
            distribution.rank_error = (self.error_rows / count as f64).min(1.0);
        }
        distribution
    }

    fn settle(&mut self) {
        self.points.append(&mut self.pending);
        // Stable and adaptive: what was sorted stays one run.
        self.points
            .sort_by(|left, right| left.0.total_cmp(&right.0));
        self.points.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            same
        });
        if let Some(distinct_max) = self.distinct_max
            && distinct_max < self.points.len()
        {
            self.error_rows += compact(&mut self.points, distinct_max);
        }
    }
}

/// Groups neighbours to at most `points_max` points and returns the largest error of a rank in rows.
///
/// Two groups that follow one another are together heavier than `weight_max`, which is twice the total
/// by the limit: so there are at most as many as allowed.
fn compact(points: &mut Vec<(f64, u64)>, points_max: usize) -> f64 {
    let total = points.iter().map(|(_, count)| *count as f64).sum::<f64>();
    let weight_max = 2.0 * total / points_max as f64;
    let (mut compacted, mut error) = (Vec::with_capacity(points_max), 0.0_f64);
    let mut start = 0;
    while start < points.len() {
        let (mut end, mut weight) = (start + 1, points[start].1 as f64);
        while end < points.len() && weight + points[end].1 as f64 <= weight_max {
            weight += points[end].1 as f64;
            end += 1;
        }
        let group = &points[start..end];
        if 1 < group.len() {
            error = error.max(weight / 2.0);
        }
        compacted.push(weighted_median(group));
        start = end;
    }
    *points = compacted;
    error
}

/// The first value with at least half the weight at or below it, with the whole weight.
fn weighted_median(group: &[(f64, u64)]) -> (f64, u64) {
    let total = group
        .iter()
        .fold(0, |sum: u64, (_, count)| sum.saturating_add(*count));
    let mut below = 0_u64;
    for (value, count) in group {
        below = below.saturating_add(*count);
        if total.div_ceil(2) <= below {
            return (*value, total);
        }
    }
    (group[group.len() - 1].0, total)
}

/// Builds the distribution of texts.
#[derive(Clone, Debug)]
pub struct CategoricalBuilder {
    counts: BTreeMap<String, u64>,
    distinct_max: Option<usize>,
    null_count: u64,
    other_count: u64,
}

impl CategoricalBuilder {
    /// Keeps every different text.
    #[must_use]
    pub fn exact() -> Self {
        Self::new(None)
    }

    /// Keeps at most `distinct_max` texts, at least 1.
    #[must_use]
    pub fn bounded(distinct_max: usize) -> Self {
        Self::new(Some(distinct_max.max(1)))
    }

    fn new(distinct_max: Option<usize>) -> Self {
        Self {
            counts: BTreeMap::new(),
            distinct_max,
            null_count: 0,
            other_count: 0,
        }
    }

    /// Adds a text that occurs `count` times.
    pub fn add(&mut self, value: &str, count: u64) {
        if count == 0 {
            return;
        }
        if let Some(found) = self.counts.get_mut(value) {
            *found = found.saturating_add(count);
            return;
        }
        self.counts.insert(value.to_owned(), count);
        if let Some(distinct_max) = self.distinct_max
            && distinct_max.saturating_mul(2) < self.counts.len()
        {
            self.forget_rarest(distinct_max);
        }
    }

    /// Adds nulls.
    pub fn add_nulls(&mut self, count: u64) {
        self.null_count = self.null_count.saturating_add(count);
    }

    /// Adds a distribution built elsewhere: another shard, another day.
    pub fn merge(&mut self, other: &CategoricalDistribution) {
        self.null_count = self.null_count.saturating_add(other.null_count);
        self.other_count = self.other_count.saturating_add(other.other_count);
        for (value, count) in &other.counts {
            self.add(value, *count);
        }
    }

    /// The distribution.
    #[must_use]
    pub fn finish(mut self) -> CategoricalDistribution {
        if let Some(distinct_max) = self.distinct_max
            && distinct_max < self.counts.len()
        {
            self.forget_rarest(distinct_max);
        }
        CategoricalDistribution {
            counts: self.counts,
            null_count: self.null_count,
            other_count: self.other_count,
        }
    }

    /// Keeps the `distinct_max` most frequent texts; of equally frequent ones the first in order.
    fn forget_rarest(&mut self, distinct_max: usize) {
        let mut entries: Vec<(String, u64)> =
            std::mem::take(&mut self.counts).into_iter().collect();
        // Stable, so that equal counts keep the order of their texts.
        entries.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let rare = entries.split_off(distinct_max.min(entries.len()));
        self.other_count = rare.iter().fold(self.other_count, |sum, (_, count)| {
            sum.saturating_add(*count)
        });
        self.counts = entries.into_iter().collect();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Largest difference of ranks over all values, as a fraction, just below and at each.
    fn rank_difference(exact: &NumericDistribution, sketch: &NumericDistribution) -> f64 {
        let mut values: Vec<f64> = exact.points.iter().map(|(value, _)| *value).collect();
        values.extend(sketch.points.iter().map(|(value, _)| *value));
        let rank = |of: &NumericDistribution, value: f64, or_equal: bool| -> f64 {
            let below = of
                .points
                .iter()
                .filter(|(point, _)| *point < value || or_equal && *point == value);
            below.map(|(_, count)| *count as f64).sum::<f64>() / of.count() as f64
        };
        let difference = |value: &f64| {
            [false, true]
                .map(|or_equal| {
                    (rank(exact, *value, or_equal) - rank(sketch, *value, or_equal)).abs()
                })
                .into_iter()
                .fold(0.0, f64::max)
        };
        values.iter().map(difference).fold(0.0, f64::max)
    }

    #[test]
    fn few_different_values_stay_exact() {
        let mut builder = NumericBuilder::bounded(10);
        for row in 0..10_000 {
            builder.add(f64::from(row % 10), 1);
        }
        builder.add_nulls(3);
        builder.add(f64::NAN, 2);
        builder.add(f64::NEG_INFINITY, 1);
        let distribution = builder.finish();
        assert_eq!(distribution.points.len(), 10);
        assert_eq!(distribution.points[3], (3.0, 1000));
        assert_eq!(
            (distribution.rank_error, distribution.count()),
            (0.0, 10_000)
        );
        assert_eq!((distribution.null_count, distribution.not_finite()), (3, 3));
    }

    #[test]
    fn zero_has_one_sign() {
        let distribution = NumericDistribution::of([Some(0.0), Some(-0.0), None]);
        assert_eq!(distribution.points, [(0.0, 2)]);
    }

    #[test]
    fn rare_texts_are_counted_together() {
        let mut builder = CategoricalBuilder::bounded(2);
        for (text, count) in [("a", 50), ("b", 1), ("c", 40), ("d", 2), ("e", 1)] {
            builder.add(text, count);
        }
        let distribution = builder.finish();
        assert_eq!(distribution.counts.keys().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!((distribution.other_count, distribution.count()), (4, 94));
    }

    proptest! {
        #[test]
        fn ranks_are_off_by_no_more_than_stated(
            values in prop::collection::vec((-1000..1000_i32, 1..9_u64), 1..600),
            limit in 2..40_usize,
            shards in 1..5_usize,
        ) {
            let mut exact = NumericBuilder::exact();
            let mut merged = NumericBuilder::bounded(limit);
            for shard in values.chunks(values.len().div_ceil(shards)) {
                let mut part = NumericBuilder::bounded(limit);
                for (value, count) in shard {
                    exact.add(f64::from(*value), *count);
                    part.add(f64::from(*value), *count);
                }
                merged.merge(&part.finish());
            }
            let (exact, sketch) = (exact.finish(), merged.finish());
            prop_assert_eq!(exact.count(), sketch.count());
            prop_assert!(sketch.points.len() <= limit + 1);
            prop_assert_eq!(super::super::Distribution::Numeric(sketch.clone()).check(), Ok(()));
            let found = rank_difference(&exact, &sketch);
            prop_assert!(found <= sketch.rank_error + 1e-12, "{} exceeds {}", found, sketch.rank_error);
        }
    }
}
