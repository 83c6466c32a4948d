//! The Gaussian kernel between all pairs of vectors of two samples, and what follows from it.
//!
//! `k(x, y) = exp(-gamma |x - y|²)`. Without a `gamma` it is one over the median of the squared distances
//! of all pairs of both sides, so that the result does not depend on the scale of the vectors. Nothing but
//! the permutations of the test is random, and those follow from a seed that never changes.

use crate::drift::statistic::{Side, Undefined};
use crate::measure::Vectors;
use crate::statistics::random::{below, generator};

/// Permutations of the test; its p-value is at least one over one more.
pub const PERMUTATIONS: u32 = 999;

/// Where the permutations start from.
const SEED: u64 = 0x6d6d_6420_7465_7374;

/// Numbers added side by side, so that the processor can do so at once.
const LANES: usize = 8;

/// The kernel of all pairs.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Vectors of the reference, then those of the current side: how many of each.
    counts: (usize, usize),
    /// Of each vector with all after it, one after the other.
    pairs: Vec<f64>,
    /// Of each vector with all others, added up.
    totals: Vec<f64>,
    /// Sums over the pairs within the reference, within the current side, and across.
    sums: [f64; 3],
}

impl Kernel {
    /// The kernel of the samples of both sides.
    ///
    /// # Errors
    /// When the samples are not of one dimension, a side has fewer than two vectors, or distances do not
    /// fit into a double.
    pub fn of(
        reference: &Vectors,
        current: &Vectors,
        gamma: Option<f64>,
    ) -> Result<Self, Undefined> {
        let dimension = reference.mean.len();
        if dimension == 0 || dimension != current.mean.len() {
            return Err(Undefined::Other(
                "the vectors of the two sides differ in length",
            ));
        }
        let counts = (
            reference.sample.len() / dimension,
            current.sample.len() / dimension,
        );
        for (count, side) in [(counts.0, Side::Reference), (counts.1, Side::Current)] {
            if count < 2 {
                return Err(Undefined::TooFewValues {
                    side,
                    count: count as u64,
                    needed: 2,
                });
            }
        }
        let vectors: Vec<&[f64]> = reference
            .sample
            .chunks_exact(dimension)
            .chain(current.sample.chunks_exact(dimension))
            .collect();
        let mut pairs = Vec::with_capacity(vectors.len() * (vectors.len() - 1) / 2);
        for (index, left) in vectors.iter().enumerate() {
            let after = vectors.iter().skip(index + 1);
            pairs.extend(after.map(|right| square(left, right)));
        }
        let gamma = gamma.unwrap_or_else(|| 1.0 / median(pairs.clone()));
        for pair in &mut pairs {
            *pair = (-gamma * *pair).exp();
        }
        let kernel = Self {
            counts,
            totals: totals(&pairs, vectors.len()),
            sums: [0.0; 3],
            pairs,
        };
        let sums = kernel.added(|index| index < counts.0);
        let finite = sums.iter().all(|sum| sum.is_finite());
        finite
            .then_some(Self { sums, ..kernel })
            .ok_or(Undefined::Overflow)
    }

    /// Squared maximum mean discrepancy, unbiased: around 0 for equal distributions, and below by chance.
    #[must_use]
    pub fn mmd(&self) -> f64 {
        self.unbiased(self.sums)
    }

    /// Maximum mean discrepancy by the biased estimate, over the largest there is: 0 to 1.
    #[must_use]
    pub fn distance(&self) -> f64 {
        let [within, within_current, across] = self.sums;
        let (n, m) = self.sizes();
        // Every vector is as near to itself as can be.
        let square = (n + 2.0 * within) / (n * n) + (m + 2.0 * within_current) / (m * m)
            - 2.0 * across / (n * m);
        (square.max(0.0) / 2.0).sqrt().min(1.0)
    }

    /// How much too large the distance is on average, at most: the mean features of both samples vary.
    #[must_use]
    pub fn bias(&self) -> f64 {
        let [within, within_current, _] = self.sums;
        let (n, m) = self.sizes();
        let spread = |within: f64, n: f64| (1.0 - 2.0 * within / (n * (n - 1.0))).max(0.0) / n;
        ((spread(within, n) + spread(within_current, m)) / 2.0).sqrt()
    }

    /// Chance of at least such a discrepancy when all vectors come from one distribution: the share of
    /// divisions of them into two samples that give one, the division seen among them.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let seen = self.mmd();
        // A division into equal halves differs by rounding alone.
        let least = seen - 1e-12 * (1.0 + seen.abs());
        let count = self.counts.0 + self.counts.1;
        let as_large = (0..PERMUTATIONS)
            .filter(|index| {
                let mut is_first: Vec<bool> = (0..count).map(|at| at < self.counts.0).collect();
                let mut generator = generator(SEED, *index);
                for left in (1..count).rev() {
                    is_first.swap(left, below(&mut generator, left + 1));
                }
                let sums = self.added(|at| is_first.get(at).copied().unwrap_or_default());
                least <= self.unbiased(sums)
            })
            .count();
        (as_large + 1) as f64 / f64::from(PERMUTATIONS + 1)
    }

    fn sizes(&self) -> (f64, f64) {
        (self.counts.0 as f64, self.counts.1 as f64)
    }

    fn unbiased(&self, [within, within_current, across]: [f64; 3]) -> f64 {
        let (n, m) = self.sizes();
        2.0 * within / (n * (n - 1.0)) + 2.0 * within_current / (m * (m - 1.0))
            - 2.0 * across / (n * m)
    }

    /// The sums when these vectors are the reference. Those across and within the others follow from what
    /// each vector adds up to with all others, which is the same for every division.
    fn added(&self, is_first: impl Fn(usize) -> bool) -> [f64; 3] {
        let weights: Vec<f64> = (0..self.totals.len())
            .map(|index| if is_first(index) { 1.0 } else { 0.0 })
            .collect();
        let (mut within, mut of_first) = (0.0, 0.0);
        let mut rest = self.pairs.as_slice();
        for ((index, weight), total) in weights.iter().enumerate().zip(&self.totals) {
            let after = weights.get(index + 1..).unwrap_or_default();
            let (row, more) = rest.split_at(after.len().min(rest.len()));
            rest = more;
            if *weight == 1.0 {
                within += added(row, after, |kernel, weight| kernel * weight);
                of_first += total;
            }
        }
        let across = of_first - 2.0 * within;
        let all = self.totals.iter().sum::<f64>() / 2.0;
        [within, all - within - across, across]
    }
}

/// What the kernels of each vector with all others add up to.
fn totals(pairs: &[f64], count: usize) -> Vec<f64> {
    let mut totals = vec![0.0; count];
    let mut rest = pairs;
    for index in 0..count {
        let mut own = 0.0;
        let (_, after) = totals.split_at_mut(index + 1);
        let (row, more) = rest.split_at(after.len().min(rest.len()));
        rest = more;
        for (other, kernel) in after.iter_mut().zip(row) {
            *other += kernel;
            own += kernel;
        }
        if let Some(total) = totals.get_mut(index) {
            *total += own;
        }
    }
    totals
}

fn square(left: &[f64], right: &[f64]) -> f64 {
    added(left, right, |left, right| {
        let difference = left - right;
        difference * difference
    })
}

/// The sum of a term of two numbers each, several at once: that is as exact and much faster.
fn added(left: &[f64], right: &[f64], term: impl Fn(f64, f64) -> f64) -> f64 {
    let (lefts, rights) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
    let rest = lefts.remainder().iter().zip(rights.remainder());
    let rest: f64 = rest.map(|(left, right)| term(*left, *right)).sum();
    let mut lanes = [0.0; LANES];
    for (left, right) in lefts.zip(rights) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += term(*left, *right);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// The upper median; 1 when it is 0, so that equal vectors have a kernel.
fn median(mut squares: Vec<f64>) -> f64 {
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    if *median == 0.0 { 1.0 } else { *median }
}
