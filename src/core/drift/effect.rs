//! The default method: how large is the difference at least?
//!
//! A p-value answers whether two columns differ at all, and in a million rows they always do. This asks
//! how far apart the distributions are, in a number a person can read, with an interval around it, and
//! says drift only when the *lower end of the interval* is above the threshold.
//!
//! | column | effect | reads as |
//! |---|---|---|
//! | numbers, dates | Kolmogorov-Smirnov distance D | "on one side of some point lie 12 % more rows than before" |
//! | categories | total variation distance T | "12 % of the rows would have to change their category" |
//! | nulls of any column | difference of the missing rates M | "12 % more rows are null than before" |
//!
//! # The interval
//! With `n` and `m` values and `v = n m / (n + m)`, the distance seen differs from the true one by more
//! than `e` with a chance of at most `2 exp(-2 v e²)`:
//!
//! - D: the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990), for two samples
//!   (Wei and Dudley 2012: of equal sizes and equal distributions it holds with the constant 2 from
//!   sizes of a few hundred, with the constant e at any size, which changes `e` by less than 6 %). For
//!   other sizes and distributions the exponent is that of the largest possible variance; this is an
//!   approximation, held by the simulations in the tests.
//! - T: McDiarmid's inequality (1989): one row changes T by at most 1/n or 1/m. T is too large on
//!   average, by at most half the sum over categories of the standard errors of their differences
//!   (Jensen; with the pooled share of a category where that is the larger error, because a category
//!   seen once shows none of its own). The lower end is the larger of two: T less that much; and T with
//!   categories below 1 % of the rows pooled, which can only lower it, less what that one is too large
//!   by. Two one-sided bounds at half the error rate each are what the constant 2 pays for. Pooling
//!   never lowers the upper end: what moved among rare categories may be all of their rows.
//! - M: Hoeffding's inequality (1963).
//!
//! What a sketch may be wrong by ([`NumericDistribution::rank_error`],
//! [`CategoricalDistribution::other_count`]) is added on both ends. No assumption on the shape of the
//! distributions, no random numbers: the same data give the same interval.
//!
//! # Many columns
//! The chance above with the distance beyond the threshold is a p-value for "the true distance is at most
//! the threshold". Those of all columns and of their nulls are corrected together ([`Correction`]), and
//! the interval shown is the one that decides the same.
//!
//! # How many rows it takes
//! A column is judged when chance and sketches can have moved its distance by at most
//! [`RESOLUTION_DEFAULT`], and the bias of its categories is at most that too. Then a true distance of
//! the threshold plus the bias plus twice the resolution is found with a chance of at least 1 - error
//! rate. With fewer rows the answer is `NotEvaluated` and says how many are needed, unless the interval
//! lies on one side of the threshold anyway: 185 on each side for 20 columns at 95 %, 110 for one; with
//! 50 equally frequent categories 613. A column whose values hardly repeat (identifiers, free text) is
//! not judged however different its values are: two samples of one such population share none either.
//!
//! [`Correction`]: super::Correction

use super::columns::joint;
use super::shares::of_categories;
use super::statistic::{Undefined, finite};
use super::statistics::{KS, MISSING_RATE, TVD};
use crate::evidence::Requirement;
use crate::measure::{CategoricalDistribution, Distribution, NumericDistribution};

/// Most that chance, and most that bias, may have moved a distance for a column to be judged.
pub const RESOLUTION_DEFAULT: f64 = 0.2;

/// Share of the rows of both sides below which categories are pooled.
const RARE: f64 = 0.01;

/// A distance with what its interval is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The requirement that bounds it.
    pub requirement: Requirement,
    /// The distance seen, 0 to 1.
    pub value: f64,
    /// How much too large it is on average, at most.
    pub bias: f64,
    /// What it may be wrong by because a side is a sketch.
    pub sketch_error: f64,
    /// Values of each side.
    pub counts: (u64, u64),
}

/// A total variation distance while its categories are added up.
#[derive(Clone, Copy, Default)]
struct Total {
    distance: f64,
    /// How much too large it is on average, at most.
    bias: f64,
}

impl Total {
    /// Adds a category by its shares of both sides.
    fn add(&mut self, (before, now): (f64, f64), (n, m): (u64, u64)) {
        let (n, m) = (n as f64, m as f64);
        let spread = |share: f64| share * (1.0 - share).max(0.0);
        let pooled = spread((before * n + now * m) / (n + m)) * (1.0 / n + 1.0 / m);
        let apart = spread(before) / n + spread(now) / m;
        self.distance += (before - now).abs() / 2.0;
        self.bias += pooled.max(apart).sqrt() / 2.0;
    }
}

impl Effect {
    /// The distance between the values of two columns.
    ///
    /// # Errors
    /// When it is not defined on them.
    pub fn of_values(reference: &Distribution, current: &Distribution) -> Result<Self, Undefined> {
        match (reference, current) {
            (Distribution::Numeric(before), Distribution::Numeric(now)) => {
                finite(before, now)?;
                Ok(Self::of_numbers(before, now))
            }
            (Distribution::Categorical(before), Distribution::Categorical(now)) => {
                // Also says which side has no values.
                TVD.compare(reference, current)?;
                Ok(Self::of_categories(before, now))
            }
            (Distribution::Numeric(_), Distribution::Categorical(_))
            | (Distribution::Categorical(_), Distribution::Numeric(_)) => {
                Err(Undefined::between(reference, current))
            }
        }
    }

    /// The distance between the missing rates of two columns.
    ///
    /// # Errors
    /// When a side has no rows.
    pub fn of_nulls(reference: &Distribution, current: &Distribution) -> Result<Self, Undefined> {
        let rates = [reference, current].map(super::statistics::missing_rate);
        let (Some(before), Some(now)) = (rates[0], rates[1]) else {
            return Err(MISSING_RATE
                .compare(reference, current)
                .err()
                .unwrap_or(Undefined::Overflow));
        };
        Ok(Self {
            requirement: MISSING_RATE.requirement,
            value: (before - now).abs(),
            bias: 0.0,
            sketch_error: 0.0,
            counts: (reference.row_count(), current.row_count()),
        })
    }

    fn of_numbers(reference: &NumericDistribution, current: &NumericDistribution) -> Self {
        let counts = (reference.count(), current.count());
        let (mut below, mut now, mut largest) = (0.0, 0.0, 0.0_f64);
        for point in joint(reference, current) {
            below += point.reference / counts.0 as f64;
            now += point.current / counts.1 as f64;
            largest = largest.max((below - now).abs());
        }
        Self {
            requirement: KS.requirement,
            value: largest.min(1.0),
            bias: 0.0,
            sketch_error: reference.rank_error + current.rank_error,
            counts,
        }
    }

    fn of_categories(
        reference: &CategoricalDistribution,
        current: &CategoricalDistribution,
    ) -> Self {
        let counts = (reference.count(), current.count());
        let (n, m) = (counts.0 as f64, counts.1 as f64);
        let shares = of_categories(reference, current);
        let (mut all, mut frequent) = (Total::default(), Total::default());
        let (mut rare, mut rare_now) = (0.0, 0.0);
        for (before, now) in shares.pairs() {
            all.add((before, now), counts);
            if (before * n + now * m) / (n + m) < RARE {
                rare += before;
                rare_now += now;
            } else {
                frequent.add((before, now), counts);
            }
        }
        frequent.add((rare, rare_now), counts);
        let least = (all.distance - all.bias).max(frequent.distance - frequent.bias);
        Self {
            requirement: TVD.requirement,
            value: all.distance.min(1.0),
            bias: all.distance - least,
            sketch_error: reference.other_count as f64 / n + current.other_count as f64 / m,
            counts,
        }
    }

    /// Harmonic size of both sides: n m / (n + m).
    fn size(&self) -> f64 {
        let (n, m) = (self.counts.0 as f64, self.counts.1 as f64);
        n * m / (n + m)
    }

    /// Chance of such a distance when the true one is at most `threshold`.
    #[must_use]
    pub fn p_value(&self, threshold: f64) -> f64 {
        let beyond = self.value - self.bias - self.sketch_error - threshold;
        if beyond <= 0.0 {
            return 1.0;
        }
        (2.0 * (-2.0 * self.size() * beyond * beyond).exp()).min(1.0)
    }

    /// How far the true distance may lie from the one seen by chance, at an error rate.
    fn chance(&self, rate: f64) -> f64 {
        ((2.0 / rate).ln() / (2.0 * self.size())).sqrt()
    }

    /// The ends of the interval at an error rate.
    #[must_use]
    pub fn interval(&self, rate: f64) -> (f64, f64) {
        let chance = self.chance(rate) + self.sketch_error;
        let lower = (self.value - self.bias - chance).max(0.0);
        (lower, (self.value + chance).min(1.0))
    }

    /// Whether there are enough rows for an error rate and a resolution.
    #[must_use]
    pub fn is_sharp(&self, rate: f64, resolution: f64) -> bool {
        self.chance(rate) + self.sketch_error <= resolution && self.bias <= resolution
    }

    /// Values needed on each side to be sharp; `None` when no number is enough.
    ///
    /// Chance and bias fall with the square root of the size.
    #[must_use]
    pub fn rows_needed(&self, rate: f64, resolution: f64) -> Option<u64> {
        let room = resolution - self.sketch_error;
        if room <= 0.0 {
            return None;
        }
        let growth = (self.chance(rate) / room).max(self.bias / resolution);
        Some((2.0 * self.size() * growth * growth).ceil() as u64)
    }
}
