//! What an estimate allows to say: not worse, better, the same; or that it cannot be said yet.
//!
//! A claim is that the truth lies above a bound, or between two. It is *met* when the one-sided interval
//! of the error rate lies on the right side of the bound, *not met* when the one-sided interval of the
//! other direction lies on the wrong side, and *inconclusive* else: so neither a lack of rows nor a wide
//! interval is ever an approval. Each of the two statements is false at most as often as the error rate.
//! (Wellek 2010; equivalence by two one-sided tests, Schuirmann 1987.)
//!
//! The effect is candidate less champion of a quantity that is better when higher: turn an estimate round
//! with [`Estimate::negated`] when lower is better.

use super::estimate::checked_rate;
use super::power::{critical_sum, rows_of};
use super::special::crossing;
use super::{Estimate, Interval, Undefined};

/// What is claimed of an effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Claim {
    /// The effect is above -`margin`, `margin` ≥ 0.
    NonInferior {
        /// The largest loss that does not matter.
        margin: f64,
    },
    /// The effect is above `by`, ≥ 0.
    Superior {
        /// The least gain asked for.
        by: f64,
    },
    /// The effect is between -`margin` and `margin`, `margin` > 0.
    Equivalent {
        /// The largest change that does not matter.
        margin: f64,
    },
}

/// What can be said of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The claim holds.
    Met,
    /// The claim does not hold.
    NotMet,
    /// The interval holds both what would meet the claim and what would not.
    Inconclusive,
}

/// A claim, decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// What can be said.
    pub outcome: Outcome,
    /// Chance, were the claim barely false, of data that speak for it at least this clearly: small when
    /// the claim is met.
    pub p_value: f64,
}

/// Bounds that the truth is claimed to lie between.
pub(super) struct Bounds {
    pub(super) above: f64,
    pub(super) below: Option<f64>,
}

impl Claim {
    pub(super) fn bounds(self) -> Result<Bounds, Undefined> {
        let (name, value, least, bounds) = match self {
            Self::NonInferior { margin } => ("the margin", margin, 0.0, one(-margin)),
            Self::Superior { by } => ("the gain asked for", by, 0.0, one(by)),
            Self::Equivalent { margin } => (
                "the margin",
                margin,
                f64::MIN_POSITIVE,
                Bounds {
                    above: -margin,
                    below: Some(margin),
                },
            ),
        };
        if value.is_finite() && least <= value {
            Ok(bounds)
        } else {
            Err(Undefined::Setting {
                name,
                value,
                required: "finite and not negative, above 0 for equivalence",
            })
        }
    }
}

fn one(above: f64) -> Bounds {
    Bounds { above, below: None }
}

/// Decides a claim from an estimate at an error rate of `alpha` for each of met and not met.
///
/// # Errors
/// [`Undefined::Setting`] for an `alpha` not within (0, 1) or a margin that is none;
/// [`Undefined::NotFinite`].
pub fn decide(estimate: &Estimate, claim: Claim, alpha: f64) -> Result<Decision, Undefined> {
    checked_rate("the error rate", alpha)?;
    let estimate = estimate.checked()?;
    let bounds = claim.bounds()?;
    let above = estimate.p_above(bounds.above);
    let mirrored = estimate.negated();
    let below = bounds.below.map(|below| mirrored.p_above(-below));
    let against_above = mirrored.p_above(-bounds.above);
    let against_below = bounds.below.map(|below| estimate.p_above(below));
    let p_value = above.max(below.unwrap_or(0.0));
    let against = against_above.min(against_below.unwrap_or(1.0));
    Ok(Decision {
        outcome: outcome(p_value < alpha, against < alpha),
        p_value,
    })
}

fn outcome(met: bool, not_met: bool) -> Outcome {
    match (met, not_met) {
        (true, false) => Outcome::Met,
        (false, true) => Outcome::NotMet,
        // Both only for an alpha above one half.
        (false, false) | (true, true) => Outcome::Inconclusive,
    }
}

/// Decides a claim from intervals: `interval` gives the two-sided one at any level, such as Newcombe's or
/// one of resamples. The p-value is the least error rate at which the claim is met, to 1e-12.
///
/// # Errors
/// As [`decide`], and what `interval` returns.
pub fn decide_by_interval(
    claim: Claim,
    alpha: f64,
    interval: impl Fn(f64) -> Result<Interval, Undefined>,
) -> Result<Decision, Undefined> {
    if !(0.0 < alpha && alpha < 0.5) {
        return Err(Undefined::Setting {
            name: "the error rate",
            value: alpha,
            required: "above 0 and below 0.5",
        });
    }
    let bounds = claim.bounds()?;
    let found = interval(1.0 - 2.0 * alpha)?;
    if found.lower.is_nan() || found.upper.is_nan() {
        return Err(Undefined::NotFinite);
    }
    let met = bounds.above < found.lower && bounds.below.is_none_or(|below| found.upper < below);
    let not_met =
        found.upper < bounds.above || bounds.below.is_some_and(|below| below < found.lower);
    // What is undefined at one level only has neither end beyond a bound.
    let ends = |tail: f64| interval(1.0 - 2.0 * tail).map(|found| (found.lower, found.upper));
    let above = p_from(
        |tail| ends(tail).is_ok_and(|(lower, _)| bounds.above < lower),
        |tail| ends(tail).is_ok_and(|(_, upper)| upper < bounds.above),
    );
    let below = bounds.below.map(|below| {
        p_from(
            |tail| ends(tail).is_ok_and(|(_, upper)| upper < below),
            |tail| ends(tail).is_ok_and(|(lower, _)| below < lower),
        )
    });
    Ok(Decision {
        outcome: outcome(met, not_met),
        p_value: above.max(below.unwrap_or(0.0)),
    })
}

/// The least tail at which an end is beyond the bound; above one half, one less the least tail at which
/// the other end is on the wrong side.
fn p_from(beyond: impl Fn(f64) -> bool, wrong: impl Fn(f64) -> bool) -> f64 {
    const LEAST: f64 = 1e-12;
    const MOST: f64 = 0.5 - 1e-9;
    if beyond(MOST) {
        crossing(LEAST, MOST, |tail| !beyond(tail))
    } else if wrong(MOST) {
        1.0 - crossing(LEAST, MOST, |tail| !wrong(tail))
    } else {
        0.5
    }
}

/// How many rows would meet the claim with chance `power`, were the truth `assumed`, judged by the
/// standard error of the `rows` there are: it falls with the root of rows. `None` when no number would,
/// because the claim is false or barely true of `assumed`.
///
/// Assume 0 for claims of not worse and the same, what is hoped for in claims of better. To assume the
/// effect seen is what makes such numbers jump about (Hoenig and Heisey 2001).
///
/// # Errors
/// [`Undefined::Setting`] for rates not within (0, 1); [`Undefined::NotFinite`];
/// [`Undefined::TooFew`] without rows.
pub fn rows_needed(
    estimate: &Estimate,
    rows: u64,
    claim: Claim,
    assumed: f64,
    alpha: f64,
    power: f64,
) -> Result<Option<u64>, Undefined> {
    checked_rate("the error rate", alpha)?;
    checked_rate("the power", power)?;
    let estimate = estimate.checked()?;
    let bounds = claim.bounds()?;
    if !assumed.is_finite() {
        return Err(Undefined::NotFinite);
    }
    super::power::some(rows)?;
    let deviation = estimate.standard_error * (rows as f64).sqrt();
    let above = assumed - bounds.above;
    let Some(below) = bounds.below.map(|below| below - assumed) else {
        return Ok((0.0 < above).then(|| rows_of(critical_sum(alpha, power) * deviation / above)));
    };
    let (near, far) = (above.min(below), above.max(below));
    if near <= 0.0 {
        return Ok(None);
    }
    // Power of two one-sided tests rises with the rows: the root is between what one test needs and
    // what two need that fail half as often each.
    let low = critical_sum(alpha, power) * deviation / near;
    let high = critical_sum(alpha, (1.0 + power) / 2.0) * deviation / near;
    let reached = |root: f64| {
        let error = deviation / root;
        super::power::of_equivalence(error, near, far, alpha)
    };
    Ok(Some(rows_of(crossing(low, high, |root| {
        reached(root) < power
    }))))
}
