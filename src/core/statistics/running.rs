//! A mean, or a mean difference, of rows that arrive: what may be said at one look when there are others
//! before and after it, and how many rows that takes.
//!
//! A mean has the sequence of a normal mixture, with the variance as it was seen; a share one that is exact.
//! (See [`sequential`](super::sequential).)

use super::decision::Claim;
use super::estimate::{checked_rate, checked_values, same_length};
use super::proportion::{PairedShares, Share};
use super::sequential::{NormalMixture, difference_interval, share_interval};
use super::special::normal_quantile;
use super::{Interval, Undefined};

/// Rows for which sequences are narrowest. A sequence must be tuned before rows are looked at: too wide to
/// say much in the first dozens, where the variance is hardly known, and wider by a third than it could be
/// at a million.
pub const TUNED_FOR_ROWS: f64 = 1000.0;

/// The error rate for which they are narrowest, whatever the level asked for: an interval of one level must
/// lie within that of a higher one.
const TUNED_AT: f64 = 0.05;

/// Rows from which on the variance seen is taken as known, by the evidence of simulation.
pub const ROWS_MIN: u64 = 30;

/// Rows of which only one model has it right, from which on their difference is taken as a mean of known
/// variance.
const DISCORDANT_MIN: u64 = 30;

/// The mean of rows so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunningMean {
    mean: f64,
    variance: f64,
    rows: u64,
}

impl RunningMean {
    /// The mean of these rows, with their variance.
    ///
    /// # Errors
    /// [`Undefined::TooFew`] below [`ROWS_MIN`]; [`Undefined::NotFinite`].
    pub fn of(values: &[f64]) -> Result<Self, Undefined> {
        checked_values(values, ROWS_MIN)?;
        let rows = values.len() as f64;
        let mean = values.iter().sum::<f64>() / rows;
        let squares = values.iter().map(|value| (value - mean) * (value - mean));
        Ok(Self {
            mean,
            variance: squares.sum::<f64>() / (rows - 1.0),
            rows: values.len() as u64,
        })
    }

    /// The mean of `first` - `second`, row by row.
    ///
    /// # Errors
    /// [`Undefined::LengthsDiffer`]; else as [`RunningMean::of`].
    pub fn of_differences(first: &[f64], second: &[f64]) -> Result<Self, Undefined> {
        same_length(first.len(), second.len())?;
        let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        Self::of(&differences)
    }

    /// The difference of two shares of the same rows.
    ///
    /// # Errors
    /// [`Undefined::TooFew`] when the two differ in too few rows.
    pub fn of_shares(pairs: PairedShares) -> Result<Self, Undefined> {
        let discordant = pairs.first_only.saturating_add(pairs.second_only);
        if discordant < DISCORDANT_MIN {
            return Err(Undefined::TooFew {
                of: "rows in which the two differ",
                count: discordant,
                needed: DISCORDANT_MIN,
            });
        }
        let (rows, mean) = (pairs.rows(), pairs.difference());
        let discordant = discordant as f64 / rows as f64;
        let corrected = rows as f64 / (rows - 1) as f64;
        Ok(Self {
            mean,
            variance: (discordant - mean * mean).max(0.0) * corrected,
            rows,
        })
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The same with the sign changed.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            mean: -self.mean,
            ..self
        }
    }

    /// The interval at this look, which holds the truth at all looks together with chance `level`; of rows
    /// that are all the same number, that number.
    ///
    /// # Errors
    /// [`Undefined::Setting`] for a level not within (0, 1).
    pub fn interval(&self, level: f64) -> Result<Interval, Undefined> {
        let reach = self.reach(self.rows as f64, 1.0 - level)?;
        Ok(Interval {
            lower: self.mean - reach,
            upper: self.mean + reach,
            level,
        })
    }

    /// Half the width of the interval at so many rows.
    fn reach(&self, rows: f64, alpha: f64) -> Result<f64, Undefined> {
        // In units of the deviation of a row, so that no row that was seen tunes the sequence.
        let mixture = NormalMixture::tuned(TUNED_FOR_ROWS, TUNED_AT)?;
        Ok(self.variance.sqrt() * mixture.boundary(rows, alpha)? / rows)
    }

    /// The least effect that would be told from none at this look with chance `power`, each of met and not
    /// met with the error rate `alpha` over all looks.
    ///
    /// # Errors
    /// [`Undefined::Setting`] for rates not within (0, 1).
    pub fn detectable(&self, alpha: f64, power: f64) -> Result<f64, Undefined> {
        self.needed(self.rows as f64, alpha, power)
    }

    /// The distance to a bound at which so many rows show the right side with chance `power`.
    fn needed(&self, rows: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
        checked_rate("the power", power)?;
        let error = (self.variance / rows).sqrt();
        Ok(self.reach(rows, 2.0 * alpha)? + normal_quantile(power) * error)
    }

    /// How many rows would meet the claim at one look with chance `power`, were the truth `assumed`, so that
    /// fewer do in all when one looks before. `None` when no number would, or more than a million million.
    ///
    /// # Errors
    /// [`Undefined::Setting`] for rates not within (0, 1) or a margin that is none.
    pub fn rows_needed(
        &self,
        claim: Claim,
        assumed: f64,
        alpha: f64,
        power: f64,
    ) -> Result<Option<u64>, Undefined> {
        const ROWS_MAX: u64 = 1_000_000_000_000;
        let bounds = claim.bounds()?;
        let above = assumed - bounds.above;
        let distance = bounds
            .below
            .map_or(above, |below| above.min(below - assumed));
        // Of two ends, each may fail half as often.
        let power = match bounds.below {
            Some(_) => (1.0 + power) / 2.0,
            None => power,
        };
        let enough = |rows: u64| Ok(self.needed(rows as f64, alpha, power)? <= distance);
        if !enough(ROWS_MAX)? {
            return Ok(None);
        }
        let (mut low, mut high) = (0, ROWS_MAX);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            match enough(middle)? {
                true => high = middle,
                false => low = middle,
            }
        }
        Ok(Some(high))
    }
}

/// The interval of a share at this look.
///
/// # Errors
/// [`Undefined::Setting`] for a level not within (0, 1).
pub fn of_share(share: Share, level: f64) -> Result<Interval, Undefined> {
    share_interval(share, 1.0 - level)
}

/// The interval of the difference of two shares of the same rows at this look. With few rows of which only one
/// is right their variance is hardly known: then the ends are those of the exact sequences of both kinds of
/// such rows, with half the error rate each, which do not need to be independent.
///
/// # Errors
/// [`Undefined::TooFew`] without rows; [`Undefined::Setting`] for a level not within (0, 1).
pub fn of_shares(pairs: PairedShares, level: f64) -> Result<Interval, Undefined> {
    if let Ok(mean) = RunningMean::of_shares(pairs) {
        return mean.interval(level);
    }
    let rows = pairs.rows();
    let first = Share::new(pairs.first_only, rows)?;
    let second = Share::new(pairs.second_only, rows)?;
    difference_interval(first, second, 1.0 - level)
}
