//! TensorFlow Data Validation's comparators, by name: L-infinity for categories, Jensen-Shannon
//! divergence to base 2 for numbers.
//!
//! Written from the behaviour of its `anomalies/metrics.cc` and compared with 1.16.1 number by number
//! (`fixtures/drift/make_tfdv.py`). Its habits are kept:
//!
//! - Categories: the largest difference of the shares of a value, over the 1000 most frequent values of
//!   each side, which is all its statistics keep. `normalized_abs_difference` divides by the count of both
//!   sides instead.
//! - Numbers: two histograms are brought to the union of their edges, what lies in a bucket is spread
//!   evenly over it, a bucket without width stays a point of its own.
//! - Infinite values of the two sides are never the same, and so are NaN: even shared ones are as far
//!   apart as can be. And yet NaN count only when both histograms have the same edges: where they must
//!   be aligned, their number gets lost on the way.
//! - A column drifts when the distance is greater than the threshold; there is no default threshold.
//!   [`THRESHOLD_DEFAULT`] is that of its tutorial.
//!
//! Different from it: TFDV derives the ten buckets of equal width of each side from a sketch of
//! quantiles; here they are counted.

use std::collections::{BTreeMap, BTreeSet};

use super::statistic::{Side, Undefined};
use crate::measure::{CategoricalDistribution, Distribution, NumericDistribution};

/// Threshold of both comparators in TFDV's tutorial for skew.
pub const THRESHOLD_DEFAULT: f64 = 0.01;

/// Buckets of a standard histogram.
const BUCKETS: usize = 10;

/// Values a rank histogram keeps.
const RANKS_MAX: usize = 1000;

/// A histogram as TFDV's statistics hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Buckets, ascending.
    pub buckets: Vec<Bucket>,
    /// How many values are NaN.
    pub nan_count: f64,
}

/// The values from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Lower end.
    pub low: f64,
    /// Upper end; equal to the lower one for a point.
    pub high: f64,
    /// How many values there are.
    pub count: f64,
}

/// The distance of two columns as the comparator of their kind computes it.
///
/// # Errors
/// When a side is empty or the kinds differ.
pub fn compare(reference: &Distribution, current: &Distribution) -> Result<f64, Undefined> {
    match (reference, current) {
        (Distribution::Numeric(before), Distribution::Numeric(now)) => {
            jensen_shannon_divergence(&histogram(before), &histogram(now))
        }
        (Distribution::Categorical(before), Distribution::Categorical(now)) => {
            l_infinity(before, now)
        }
        (Distribution::Numeric(_), Distribution::Categorical(_))
        | (Distribution::Categorical(_), Distribution::Numeric(_)) => {
            Err(Undefined::between(reference, current))
        }
    }
}

/// `infinity_norm`: the largest difference of the shares of a value.
///
/// # Errors
/// When a side is empty.
pub fn l_infinity(
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Result<f64, Undefined> {
    let (before, now) = (ranked(reference), ranked(current));
    largest_difference(&before, &now, total(&before), total(&now))
}

/// `normalized_abs_difference`: the largest difference of the counts of a value over the count of both
/// sides.
///
/// # Errors
/// When a side is empty.
pub fn normalized_absolute_difference(
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Result<f64, Undefined> {
    let (before, now) = (ranked(reference), ranked(current));
    let both = total(&before) + total(&now);
    largest_difference(&before, &now, both, both)
}

fn ranked(of: &CategoricalDistribution) -> BTreeMap<&str, f64> {
    let mut entries: Vec<(&str, u64)> = of
        .counts
        .iter()
        .map(|(value, count)| (value.as_str(), *count))
        .collect();
    // TFDV breaks ties by the greater text.
    entries.sort_by(|left, right| right.1.cmp(&left.1).then(right.0.cmp(left.0)));
    entries.truncate(RANKS_MAX);
    entries
        .into_iter()
        .map(|(value, count)| (value, count as f64))
        .collect()
}

fn total(counts: &BTreeMap<&str, f64>) -> f64 {
    counts.values().sum()
}

fn largest_difference(
    reference: &BTreeMap<&str, f64>,
    current: &BTreeMap<&str, f64>,
    scale: f64,
    current_scale: f64,
) -> Result<f64, Undefined> {
    for (counts, side) in [(reference, Side::Reference), (current, Side::Current)] {
        if total(counts) == 0.0 {
            return Err(Undefined::NoValues(side));
        }
    }
    let values: BTreeSet<&&str> = reference.keys().chain(current.keys()).collect();
    let share = |counts: &BTreeMap<&str, f64>, value: &str, scale: f64| {
        counts.get(value).copied().unwrap_or(0.0) / scale
    };
    let differences = values
        .iter()
        .map(|value| (share(reference, value, scale) - share(current, value, current_scale)).abs());
    Ok(differences.fold(0.0, f64::max))
}

/// Ten buckets of equal width from the smallest to the largest value; a constant is one point.
/// Infinite values are a bucket without end.
#[must_use]
pub fn histogram(of: &NumericDistribution) -> Histogram {
    let mut buckets = Vec::new();
    if let (Some((low, _)), Some((high, _))) = (of.points.first(), of.points.last()) {
        let (low, high) = (*low, *high);
        let count = if low == high { 1 } else { BUCKETS };
        let width = (high - low) / count as f64;
        buckets.extend((0..count).map(|index| Bucket {
            low: low + index as f64 * width,
            high: if index + 1 == count {
                high
            } else {
                low + (index + 1) as f64 * width
            },
            count: 0.0,
        }));
        for (value, times) in &of.points {
            let index = buckets.partition_point(|bucket| bucket.high <= *value);
            buckets[index.min(count - 1)].count += *times as f64;
        }
    }
    if 0 < of.infinite_count {
        let low = of
            .points
            .last()
            .map_or(f64::NEG_INFINITY, |(value, _)| *value);
        buckets.push(Bucket {
            low,
            high: f64::INFINITY,
            count: of.infinite_count as f64,
        });
    }
    Histogram {
        buckets,
        nan_count: of.nan_count as f64,
    }
}

/// `jensen_shannon_divergence` to base 2, 0 to 1, of two histograms.
///
/// # Errors
/// When a side is empty.
pub fn jensen_shannon_divergence(
    reference: &Histogram,
    current: &Histogram,
) -> Result<f64, Undefined> {
    let bins = aligned(reference, current);
    let before: f64 = bins.iter().map(|(before, _)| before).sum();
    let now: f64 = bins.iter().map(|(_, now)| now).sum();
    for (count, side) in [(before, Side::Reference), (now, Side::Current)] {
        if count == 0.0 {
            return Err(Undefined::NoValues(side));
        }
    }
    let term = |share: f64, mean: f64| {
        if 0.0 < share {
            share * (share / mean).log2()
        } else {
            0.0
        }
    };
    let terms = bins.iter().map(|(first, second)| {
        let (first, second) = (first / before, second / now);
        let mean = first.midpoint(second);
        term(first, mean) + term(second, mean)
    });
    Ok((terms.sum::<f64>() / 2.0).clamp(0.0, 1.0))
}

/// What each side has in each bin of both.
fn aligned(reference: &Histogram, current: &Histogram) -> Vec<(f64, f64)> {
    let (before, now) = (Parts::of(reference), Parts::of(current));
    let same_edges = before.edges() == now.edges();
    let edges: Vec<f64> = before
        .edges()
        .into_iter()
        .chain(now.edges())
        .map(Ordered)
        .collect::<BTreeSet<Ordered>>()
        .into_iter()
        .map(|edge| edge.0)
        .collect();
    let mut bins: Vec<(f64, f64)> = edges
        .windows(2)
        .map(|pair| {
            (
                before.within(pair[0], pair[1]),
                now.within(pair[0], pair[1]),
            )
        })
        .collect();
    let points: BTreeSet<Ordered> = before
        .points
        .keys()
        .chain(now.points.keys())
        .copied()
        .collect();
    let at = |parts: &Parts, point: &Ordered| parts.points.get(point).copied().unwrap_or(0.0);
    bins.extend(
        points
            .iter()
            .map(|point| (at(&before, point), at(&now, point))),
    );
    bins.push((before.infinite, 0.0));
    bins.push((0.0, now.infinite));
    if same_edges {
        bins.push((0.0, current.nan_count));
        bins.push((reference.nan_count, 0.0));
    }
    bins
}

/// A histogram taken apart.
struct Parts {
    spread: Vec<Bucket>,
    points: BTreeMap<Ordered, f64>,
    infinite: f64,
}

/// A finite number that can be a key.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Parts {
    fn of(histogram: &Histogram) -> Self {
        let mut parts = Self {
            spread: Vec::new(),
            points: BTreeMap::new(),
            infinite: 0.0,
        };
        for bucket in &histogram.buckets {
            if !bucket.low.is_finite() || !bucket.high.is_finite() {
                parts.infinite += bucket.count;
            } else if bucket.low == bucket.high {
                *parts.points.entry(Ordered(bucket.low + 0.0)).or_default() += bucket.count;
            } else {
                parts.spread.push(*bucket);
            }
        }
        parts
    }

    fn edges(&self) -> Vec<f64> {
        let ends = self
            .spread
            .iter()
            .flat_map(|bucket| [bucket.low, bucket.high]);
        let edges: BTreeSet<Ordered> = ends.map(|end| Ordered(end + 0.0)).collect();
        edges.into_iter().map(|edge| edge.0).collect()
    }

    /// What lies between two neighbouring edges: all buckets have their ends among the edges.
    fn within(&self, low: f64, high: f64) -> f64 {
        let covering = self
            .spread
            .iter()
            .filter(|bucket| bucket.low <= low && high <= bucket.high);
        covering
            .map(|bucket| (high - low) / (bucket.high - bucket.low) * bucket.count)
            .sum()
    }
}
