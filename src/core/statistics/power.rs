//! Power: how likely a test finds what is there, how many rows it needs, and how small an effect it can
//! find. All by the normal distribution, one-sided at `alpha`; for a two-sided test pass half its rate,
//! which leaves out the chance of finding the opposite.
//!
//! Sizes are for planning: that the variance of rows is known is taken for granted, which says too little
//! below about 30 rows.

use super::Undefined;
use super::estimate::checked_rate;
use super::special::{crossing, normal_quantile, normal_upper};

/// The power most plans ask for.
pub const POWER_DEFAULT: f64 = 0.8;

/// Standard errors between the bound of a test and the truth that it finds with chance `power`.
pub(super) fn critical_sum(alpha: f64, power: f64) -> f64 {
    -normal_quantile(alpha) + normal_quantile(power)
}

/// The square of `root`, rounded up; at least 1.
pub(super) fn rows_of(root: f64) -> u64 {
    (root * root).ceil().max(1.0) as u64
}

fn checked(alpha: f64, power: f64) -> Result<(), Undefined> {
    checked_rate("the error rate", alpha)?;
    checked_rate("the power", power)?;
    Ok(())
}

fn chance(name: &'static str, value: f64) -> Result<f64, Undefined> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Undefined::Setting {
            name,
            value,
            required: "from 0 to 1",
        })
    }
}

/// Chance that a test of error rate `alpha` finds an effect `distance` beyond its bound.
///
/// # Errors
/// [`Undefined::Setting`] for a rate not within (0, 1); [`Undefined::NotFinite`].
pub fn power(standard_error: f64, distance: f64, alpha: f64) -> Result<f64, Undefined> {
    checked_rate("the error rate", alpha)?;
    if !(0.0 < standard_error && standard_error.is_finite() && distance.is_finite()) {
        return Err(Undefined::NotFinite);
    }
    Ok(normal_upper(
        -normal_quantile(alpha) - distance / standard_error,
    ))
}

/// Chance that two one-sided tests both find their bound, `near` and `far` from the truth.
pub(super) fn of_equivalence(standard_error: f64, near: f64, far: f64, alpha: f64) -> f64 {
    let missed = |distance: f64| normal_upper(distance / standard_error + normal_quantile(alpha));
    (1.0 - missed(near) - missed(far)).max(0.0)
}

/// The least distance beyond its bound that a test finds with chance `power`: the minimum detectable
/// effect, and the least margin at which an equal candidate passes.
///
/// # Errors
/// [`Undefined::Setting`] for rates not within (0, 1).
pub fn detectable(standard_error: f64, alpha: f64, power: f64) -> Result<f64, Undefined> {
    checked(alpha, power)?;
    Ok(critical_sum(alpha, power) * standard_error)
}

/// Rows for a mean, or a mean difference, whose rows have this standard deviation.
///
/// # Errors
/// [`Undefined::Setting`] for rates not within (0, 1) or a distance not above 0.
pub fn rows_for_mean(
    deviation: f64,
    distance: f64,
    alpha: f64,
    power: f64,
) -> Result<u64, Undefined> {
    checked(alpha, power)?;
    distinct(distance)?;
    Ok(rows_of(critical_sum(alpha, power) * deviation / distance))
}

fn distinct(distance: f64) -> Result<(), Undefined> {
    if 0.0 < distance && distance.is_finite() {
        Ok(())
    } else {
        Err(Undefined::Setting {
            name: "the effect",
            value: distance,
            required: "above 0",
        })
    }
}

/// Chance that the z-test of two proportions finds that `first` is not `second`, with `rows` rows in each
/// group: the test has the variance of the pooled share, the truth that of each (Fleiss, Levin and Paik
/// 2003, 4.2).
///
/// # Errors
/// [`Undefined::Setting`] for an `alpha` not within (0, 1), shares not from 0 to 1, or equal shares;
/// [`Undefined::TooFew`] without rows.
pub fn shares_power(first: f64, second: f64, rows: u64, alpha: f64) -> Result<f64, Undefined> {
    checked_rate("the error rate", alpha)?;
    some(rows)?;
    let apart = Apart::of(first, second)?;
    let reach = (rows as f64).sqrt() * apart.difference + normal_quantile(alpha) * apart.pooled;
    Ok(normal_upper(-reach / apart.own.max(f64::MIN_POSITIVE)))
}

/// Two shares: how far apart, and the deviation of a row of their difference, pooled and as it is.
struct Apart {
    difference: f64,
    pooled: f64,
    own: f64,
}

impl Apart {
    fn of(first: f64, second: f64) -> Result<Self, Undefined> {
        chance("a share", first)?;
        chance("a share", second)?;
        let difference = (first - second).abs();
        distinct(difference)?;
        let middle = (first + second) / 2.0;
        Ok(Self {
            difference,
            pooled: (2.0 * middle * (1.0 - middle)).sqrt(),
            own: (first * (1.0 - first) + second * (1.0 - second)).sqrt(),
        })
    }
}

/// Rows in each of two groups of independent rows to tell the shares `first` and `second` apart.
///
/// # Errors
/// As [`shares_power`], for both rates.
pub fn rows_per_group(first: f64, second: f64, alpha: f64, power: f64) -> Result<u64, Undefined> {
    checked(alpha, power)?;
    let apart = Apart::of(first, second)?;
    let sum = normal_quantile(power) * apart.own - normal_quantile(alpha) * apart.pooled;
    Ok(rows_of(sum / apart.difference))
}

/// The share nearest below `share` that two groups of `rows` tell from it with chance `power`; `None`
/// when 0 is not far enough.
///
/// # Errors
/// As [`shares_power`], for both rates.
pub fn detectable_share_below(
    share: f64,
    rows: u64,
    alpha: f64,
    power: f64,
) -> Result<Option<f64>, Undefined> {
    checked(alpha, power)?;
    if shares_power(share, 0.0, rows, alpha)? < power {
        return Ok(None);
    }
    // Equal shares, which are no difference, are not found.
    let found =
        |other: f64| shares_power(share, other, rows, alpha).is_ok_and(|found| power <= found);
    Ok(Some(crossing(0.0, share, found)))
}

pub(super) fn some(rows: u64) -> Result<(), Undefined> {
    if rows == 0 {
        return Err(Undefined::TooFew {
            of: "rows",
            count: 0,
            needed: 1,
        });
    }
    Ok(())
}

/// Chance that McNemar's test finds a difference of paired shares: `discordant` is the share of rows on
/// which the two answers differ, in which `difference` is contained (Connor 1987).
///
/// # Errors
/// [`Undefined::Setting`] for an `alpha` not within (0, 1), a share not from 0 to 1, or a difference that
/// is 0 or beyond the share; [`Undefined::TooFew`] without rows.
pub fn paired_power(
    discordant: f64,
    difference: f64,
    rows: u64,
    alpha: f64,
) -> Result<f64, Undefined> {
    checked_rate("the error rate", alpha)?;
    some(rows)?;
    let difference = paired_difference(discordant, difference)?;
    let root = (rows as f64).sqrt();
    let reach = root * difference + normal_quantile(alpha) * discordant.sqrt();
    let variance = (discordant - difference * difference).max(f64::MIN_POSITIVE);
    Ok(normal_upper(-reach / variance.sqrt()))
}

fn paired_difference(discordant: f64, difference: f64) -> Result<f64, Undefined> {
    chance("the share of discordant rows", discordant)?;
    let difference = difference.abs();
    if 0.0 < difference && difference <= discordant {
        Ok(difference)
    } else {
        Err(Undefined::Setting {
            name: "the difference",
            value: difference,
            required: "above 0, at most the share of discordant rows",
        })
    }
}

/// Rows for McNemar's test (Connor 1987).
///
/// # Errors
/// As [`paired_power`], for both rates.
pub fn rows_for_paired(
    discordant: f64,
    difference: f64,
    alpha: f64,
    power: f64,
) -> Result<u64, Undefined> {
    checked(alpha, power)?;
    let difference = paired_difference(discordant, difference)?;
    let known = -normal_quantile(alpha) * discordant.sqrt();
    let seen = normal_quantile(power) * (discordant - difference * difference).sqrt();
    Ok(rows_of((known + seen) / difference))
}

/// The least difference of paired shares that McNemar's test finds among `rows` with chance `power`; `None`
/// when even all discordant rows on one side would not do.
///
/// # Errors
/// As [`paired_power`], for both rates.
pub fn detectable_paired(
    discordant: f64,
    rows: u64,
    alpha: f64,
    power: f64,
) -> Result<Option<f64>, Undefined> {
    checked(alpha, power)?;
    let reached = |difference: f64| paired_power(discordant, difference, rows, alpha);
    if reached(discordant)? < power {
        return Ok(None);
    }
    let before = |difference: f64| reached(difference).map_or(true, |found| found < power);
    Ok(Some(crossing(0.0, discordant, before)))
}
