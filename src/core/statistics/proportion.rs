//! Shares of rows: intervals of one, of the difference and the ratio of two, and tests.

use super::estimate::{same_length, tail_of};
use super::special::{beta_quantile, ln_choose, normal_quantile, normal_upper};
use super::{Interval, Undefined};

/// Successes among trials, at least one trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    successes: u64,
    trials: u64,
}

impl Share {
    /// `successes` of `trials`.
    ///
    /// # Errors
    /// [`Undefined::TooFew`] without trials, [`Undefined::MoreThanTrials`].
    pub fn new(successes: u64, trials: u64) -> Result<Self, Undefined> {
        if trials == 0 {
            return Err(Undefined::TooFew {
                of: "trials",
                count: 0,
                needed: 1,
            });
        }
        if trials < successes {
            return Err(Undefined::MoreThanTrials { successes, trials });
        }
        Ok(Self { successes, trials })
    }

    /// The share, 0 to 1.
    #[must_use]
    pub fn value(self) -> f64 {
        self.x() / self.n()
    }

    /// Successes.
    #[must_use]
    pub fn successes(self) -> u64 {
        self.successes
    }

    /// Trials, at least 1.
    #[must_use]
    pub fn trials(self) -> u64 {
        self.trials
    }

    fn x(self) -> f64 {
        self.successes as f64
    }

    fn n(self) -> f64 {
        self.trials as f64
    }

    /// Variance of the share as it was seen.
    fn variance(self) -> f64 {
        self.value() * (1.0 - self.value()) / self.n()
    }
}

/// Score interval (Wilson 1927): the shares that a z-test with their own variance does not reject. Close
/// to its level on average at any size; the default.
///
/// # Errors
/// [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn wilson(share: Share, level: f64) -> Result<Interval, Undefined> {
    let z = -normal_quantile(tail_of(level)?);
    let (p, n) = (share.value(), share.n());
    let scale = 1.0 + z * z / n;
    let middle = (p + z * z / (2.0 * n)) / scale;
    let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    let lower = if share.successes == 0 {
        0.0
    } else {
        (middle - reach).max(0.0)
    };
    let upper = if share.successes == share.trials {
        1.0
    } else {
        (middle + reach).min(1.0)
    };
    Ok(Interval {
        lower,
        upper,
        level,
    })
}

/// Exact interval (Clopper and Pearson 1934): covers at least at its level, whatever the share. For
/// limits of safety.
///
/// # Errors
/// [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn clopper_pearson(share: Share, level: f64) -> Result<Interval, Undefined> {
    let tail = tail_of(level)?;
    Ok(Interval {
        lower: exact_lower(share, tail),
        upper: exact_upper(share, tail),
        level,
    })
}

fn exact_lower(share: Share, tail: f64) -> f64 {
    if share.successes == 0 {
        return 0.0;
    }
    beta_quantile(tail, share.x(), share.n() - share.x() + 1.0)
}

fn exact_upper(share: Share, tail: f64) -> f64 {
    if share.successes == share.trials {
        return 1.0;
    }
    if share.successes == 0 {
        return -(tail.ln() / share.n()).exp_m1();
    }
    // From the side of failures, where a share near 1 keeps its digits.
    1.0 - beta_quantile(tail, share.n() - share.x(), share.x() + 1.0)
}

/// One-sided exact upper limit: with chance `level` the share is at most this. For 0 of n it is
/// 1 - (1 - level)^(1/n), about 3/n at 95 % (the rule of three; Hanley and Lippman-Hand 1983).
///
/// # Errors
/// [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn upper_limit(share: Share, level: f64) -> Result<f64, Undefined> {
    tail_of(level)?;
    Ok(exact_upper(share, 1.0 - level))
}

/// One-sided exact lower limit: with chance `level` the share is at least this.
///
/// # Errors
/// [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn lower_limit(share: Share, level: f64) -> Result<f64, Undefined> {
    tail_of(level)?;
    Ok(exact_lower(share, 1.0 - level))
}

/// Equal-tailed interval of the posterior under Jeffreys' prior Beta(½, ½); the end is 0 at no success
/// and 1 at no failure (Brown, Cai and DasGupta 2001), which statsmodels leaves out.
///
/// # Errors
/// [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn jeffreys(share: Share, level: f64) -> Result<Interval, Undefined> {
    let tail = tail_of(level)?;
    let (a, b) = (share.x() + 0.5, share.n() - share.x() + 0.5);
    Ok(Interval {
        lower: if share.successes == 0 {
            0.0
        } else {
            beta_quantile(tail, a, b)
        },
        upper: if share.successes == share.trials {
            1.0
        } else {
            1.0 - beta_quantile(tail, b, a)
        },
        level,
    })
}

/// Interval of `first` - `second`, of independent rows: the ends of the two Wilson intervals, squared
/// and added (Newcombe 1998, method 10 of "Interval estimation for the difference between independent
/// proportions").
///
/// # Errors
/// [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn newcombe(first: Share, second: Share, level: f64) -> Result<Interval, Undefined> {
    let difference = first.value() - second.value();
    let first = Ends::of(first, level)?;
    let second = Ends::of(second, level)?;
    Ok(Interval {
        lower: difference - first.below.hypot(second.above),
        upper: difference + first.above.hypot(second.below),
        level,
    })
}

/// How far the ends of a Wilson interval are from the share.
struct Ends {
    below: f64,
    above: f64,
}

impl Ends {
    fn of(share: Share, level: f64) -> Result<Self, Undefined> {
        let interval = wilson(share, level)?;
        Ok(Self {
            below: share.value() - interval.lower,
            above: interval.upper - share.value(),
        })
    }
}

/// Two answers to the same rows, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairedShares {
    /// Rows that both have right.
    pub both: u64,
    /// Rows that only the first has right.
    pub first_only: u64,
    /// Rows that only the second has right.
    pub second_only: u64,
    /// Rows that neither has right.
    pub neither: u64,
}

impl PairedShares {
    /// Counts two columns of what is right.
    ///
    /// # Errors
    /// [`Undefined::LengthsDiffer`].
    pub fn of(first: &[bool], second: &[bool]) -> Result<Self, Undefined> {
        same_length(first.len(), second.len())?;
        let count = |pair: (bool, bool)| {
            let rows = first.iter().copied().zip(second.iter().copied());
            rows.filter(|row| *row == pair).count() as u64
        };
        Ok(Self {
            both: count((true, true)),
            first_only: count((true, false)),
            second_only: count((false, true)),
            neither: count((false, false)),
        })
    }

    /// The second before the first.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            first_only: self.second_only,
            second_only: self.first_only,
            ..self
        }
    }

    /// All rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        [self.first_only, self.second_only, self.neither]
            .iter()
            .fold(self.both, |sum, count| sum.saturating_add(*count))
    }

    /// The share of the first minus that of the second; NaN without rows.
    #[must_use]
    pub fn difference(&self) -> f64 {
        (self.first_only as f64 - self.second_only as f64) / self.rows() as f64
    }

    /// Correlation of the two answers, its numerator drawn towards 0 by half the rows when positive;
    /// 0 when an answer does not vary.
    fn correlation(&self) -> f64 {
        let [a, b, c, d] = [
            self.both as f64,
            self.first_only as f64,
            self.second_only as f64,
            self.neither as f64,
        ];
        let scale = ((a + b) * (c + d)).sqrt() * ((a + c) * (b + d)).sqrt();
        if scale == 0.0 {
            return 0.0;
        }
        let covariance = a * d - b * c;
        let corrected = if 0.0 < covariance {
            (covariance - (a + b + c + d) / 2.0).max(0.0)
        } else {
            covariance
        };
        corrected / scale
    }
}

/// Interval of first - second on the same rows: as [`newcombe`], with the correlation of the answers
/// (Newcombe 1998, method 10 of "Improved confidence intervals for the difference between binomial
/// proportions based on paired data").
///
/// # Errors
/// [`Undefined::TooFew`] without rows; [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn newcombe_paired(pairs: PairedShares, level: f64) -> Result<Interval, Undefined> {
    let rows = pairs.rows();
    let first = Share::new(pairs.both.saturating_add(pairs.first_only), rows)?;
    let second = Share::new(pairs.both.saturating_add(pairs.second_only), rows)?;
    let (first, second) = (Ends::of(first, level)?, Ends::of(second, level)?);
    let correlation = pairs.correlation();
    let reach = |one: f64, other: f64| {
        let square = one * one - 2.0 * correlation * one * other + other * other;
        square.max(0.0).sqrt()
    };
    Ok(Interval {
        lower: pairs.difference() - reach(first.below, second.above),
        upper: pairs.difference() + reach(first.above, second.below),
        level,
    })
}

/// Interval of `first` / `second`, of independent rows: normal on the logarithm of the ratio, with
/// variance 1/x₁ - 1/n₁ + 1/x₂ - 1/n₂ (Katz and others 1978).
///
/// # Errors
/// [`Undefined::ZeroDenominator`] when the second has no success; [`Undefined::NoVariation`] when the
/// first has none, whose logarithm is not finite; [`Undefined::Setting`].
pub fn katz_ratio(first: Share, second: Share, level: f64) -> Result<Interval, Undefined> {
    let z = -normal_quantile(tail_of(level)?);
    if second.successes == 0 {
        return Err(Undefined::ZeroDenominator);
    }
    if first.successes == 0 {
        return Err(Undefined::NoVariation);
    }
    let part = |share: Share| 1.0 / share.x() - 1.0 / share.n();
    let reach = z * (part(first) + part(second)).max(0.0).sqrt();
    let ratio = first.value() / second.value();
    Ok(Interval {
        lower: ratio * (-reach).exp(),
        upper: ratio * reach.exp(),
        level,
    })
}

/// z of the difference under one pooled share, and its two-sided p-value. When all trials of both
/// succeed, or none does, nothing differs: 0 with p = 1.
#[must_use]
pub fn two_proportion_z(first: Share, second: Share) -> (f64, f64) {
    let pooled = (first.x() + second.x()) / (first.n() + second.n());
    let error = (pooled * (1.0 - pooled) * (1.0 / first.n() + 1.0 / second.n())).sqrt();
    if error == 0.0 {
        return (0.0, 1.0);
    }
    let z = (first.value() - second.value()) / error;
    (z, (2.0 * normal_upper(z.abs())).min(1.0))
}

/// Standard error of `first` - `second`, each with its own variance; 0 when neither varies.
#[must_use]
pub fn difference_error(first: Share, second: Share) -> f64 {
    (first.variance() + second.variance()).sqrt()
}

/// Fisher's exact test, two-sided: the chance, given the margins, of a table no likelier than the one
/// seen. Costs as much as there are tables within 60 standard deviations.
#[must_use]
pub fn fisher_exact(first: Share, second: Share) -> f64 {
    /// Tables this little likelier count as equally likely, as in scipy.
    const SLACK: f64 = 1.0 + 1e-14;
    /// What a logarithm of a chance may be off by rounding, relative to the size of its terms.
    const ROUNDING: f64 = 1e-13;
    /// Standard deviations, and tables, looked at on either side.
    const REACH: f64 = 60.0;
    let (n, m) = (first.n(), second.n());
    let successes = first.x() + second.x();
    let total = n + m;
    if successes == 0.0 || successes == total {
        return 1.0;
    }
    let all = ln_choose(total, successes);
    let ln_chance = |cell: f64| ln_choose(n, cell) + ln_choose(m, successes - cell) - all;
    // Farther from the middle than this a table has a chance below the smallest double.
    let middle = successes * n / total;
    let reach = REACH * (middle * m / total * (total - successes) / total).sqrt() + REACH;
    let least = (successes - m).max(0.0).max((middle - reach).floor());
    let most = successes.min(n).min((middle + reach).ceil());
    let seen = ln_chance(first.x()) + SLACK.ln() + ROUNDING * total.max(1.0).ln();
    let mut sum = 0.0;
    let mut cell = least;
    while cell <= most {
        let ln_chance = ln_chance(cell);
        if ln_chance <= seen + ROUNDING * all.abs() {
            sum += ln_chance.exp();
        }
        cell += 1.0;
    }
    sum.min(1.0)
}
