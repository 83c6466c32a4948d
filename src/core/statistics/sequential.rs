//! Statements that hold however often one looks: confidence sequences and always-valid p-values for means
//! and shares, and boundaries for looks that are planned.
//!
//! A confidence sequence holds the truth at *all* looks together with chance 1 - `alpha`, with no horizon
//! fixed beforehand: one may stop, or go on, whenever one likes. Its price is an interval wider by about a
//! half at the look it is tuned for. (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021, "Time-uniform,
//! nonparametric, nonasymptotic confidence sequences".)

use super::estimate::{checked_rate, tail_of};
use super::power::some;
use super::proportion::Share;
use super::special::{crossing, ln_beta, normal_quantile, normal_upper};
use super::{Interval, Undefined};

/// A normal mixture of effects: what the mixture sequential probability ratio test (Johari, Pekelis and
/// Walsh 2017) and the confidence sequence of Robbins are made of. Two-sided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalMixture {
    rho: f64,
}

impl NormalMixture {
    /// The mixture whose boundary is about narrowest when the variances of the rows seen sum to
    /// `variance_sum`: n times the variance of a row for a look at n rows. It must be chosen before data
    /// are looked at: ρ = v / (2 ln(1/α) + ln(1 + 2 ln(1/α))) (Howard and others 2021, as confseq).
    ///
    /// # Errors
    /// [`Undefined::Setting`] for an `alpha` not within (0, 1) or a sum not above 0.
    pub fn tuned(variance_sum: f64, alpha: f64) -> Result<Self, Undefined> {
        checked_rate("the error rate", alpha)?;
        if !(0.0 < variance_sum && variance_sum.is_finite()) {
            return Err(Undefined::Setting {
                name: "the sum of variances to tune for",
                value: variance_sum,
                required: "above 0 and finite",
            });
        }
        let evidence = -2.0 * alpha.ln();
        Ok(Self {
            rho: variance_sum / (evidence + evidence.ln_1p()),
        })
    }

    /// How far the sum of rows may be from its expectation when their variances sum to `variance_sum`:
    /// √((v + ρ) ln((v + ρ) / (ρ α²))).
    ///
    /// # Errors
    /// [`Undefined::Setting`] for an `alpha` not within (0, 1).
    pub fn boundary(&self, variance_sum: f64, alpha: f64) -> Result<f64, Undefined> {
        checked_rate("the error rate", alpha)?;
        let moved = variance_sum + self.rho;
        Ok((moved * ((moved / self.rho).ln() - 2.0 * alpha.ln())).sqrt())
    }

    /// The interval of a mean of `rows` rows at this look. Exact in its promise for rows that are normal, or
    /// sub-Gaussian, with this `variance`; with the variance as it was seen it holds from some tens of rows
    /// on (Waudby-Smith and others 2024, asymptotic confidence sequences).
    ///
    /// # Errors
    /// [`Undefined::Setting`], [`Undefined::NotFinite`]; [`Undefined::TooFew`] without rows;
    /// [`Undefined::NoVariation`] without variance.
    pub fn interval(
        &self,
        mean: f64,
        variance: f64,
        rows: u64,
        alpha: f64,
    ) -> Result<Interval, Undefined> {
        let variance_sum = variance_sum(mean, variance, rows)?;
        let reach = self.boundary(variance_sum, alpha)? / rows as f64;
        Ok(Interval {
            lower: mean - reach,
            upper: mean + reach,
            level: 1.0 - alpha,
        })
    }

    /// The p-value of this look that the mean is `null`; the least over all looks so far is valid at all of
    /// them.
    ///
    /// # Errors
    /// As [`Self::interval`].
    pub fn p_value(
        &self,
        mean: f64,
        null: f64,
        variance: f64,
        rows: u64,
    ) -> Result<f64, Undefined> {
        let moved = variance_sum(mean, variance, rows)? + self.rho;
        let sum = rows as f64 * (mean - null);
        let ln_ratio = 0.5 * (self.rho / moved).ln() + sum * sum / (2.0 * moved);
        Ok((-ln_ratio).exp().min(1.0))
    }
}

fn variance_sum(mean: f64, variance: f64, rows: u64) -> Result<f64, Undefined> {
    some(rows)?;
    if !(mean.is_finite() && variance.is_finite()) {
        return Err(Undefined::NotFinite);
    }
    if variance <= 0.0 {
        return Err(Undefined::NoVariation);
    }
    Ok(variance * rows as f64)
}

/// The interval of a share at this look: the shares that a beta mixture with Beta(½, ½) does not reject,
/// B(x + ½, n - x + ½) / B(½, ½) < p^x (1 - p)^(n - x) / α. Exact in its promise for rows that succeed
/// independently with the same chance (Robbins 1970; Ville 1939).
///
/// # Errors
/// [`Undefined::Setting`] for an `alpha` not within (0, 1).
pub fn share_interval(share: Share, alpha: f64) -> Result<Interval, Undefined> {
    checked_rate("the error rate", alpha)?;
    let seen = share.value();
    let holds = |p: f64| ln_share_ratio(share, p) < -alpha.ln();
    Ok(Interval {
        lower: if share.successes() == 0 {
            0.0
        } else {
            crossing(0.0, seen, |p| !holds(p))
        },
        upper: if share.successes() == share.trials() {
            1.0
        } else {
            crossing(seen, 1.0, holds)
        },
        level: 1.0 - alpha,
    })
}

/// The p-value of this look that the share is `null`; the least over all looks so far is valid at all of
/// them.
///
/// # Errors
/// [`Undefined::Setting`] when `null` is not from 0 to 1.
pub fn share_p_value(share: Share, null: f64) -> Result<f64, Undefined> {
    if !(0.0..=1.0).contains(&null) {
        return Err(Undefined::Setting {
            name: "the share",
            value: null,
            required: "from 0 to 1",
        });
    }
    Ok((-ln_share_ratio(share, null)).exp().min(1.0))
}

/// Logarithm of how much likelier the rows are under the mixture than under `p`.
fn ln_share_ratio(share: Share, p: f64) -> f64 {
    let (x, failures) = (
        share.successes() as f64,
        (share.trials() - share.successes()) as f64,
    );
    let term = |count: f64, ln: f64| if count == 0.0 { 0.0 } else { count * ln };
    let mixture = ln_beta(x + 0.5, failures + 0.5) - std::f64::consts::PI.ln();
    mixture - term(x, p.ln()) - term(failures, (-p).ln_1p())
}

/// The interval of `first` - `second` at this look, of independent rows: the ends of two sequences of half
/// the error rate each. Exact in its promise, and wider than it would need to be.
///
/// # Errors
/// As [`share_interval`].
pub fn difference_interval(first: Share, second: Share, alpha: f64) -> Result<Interval, Undefined> {
    checked_rate("the error rate", alpha)?;
    let one = share_interval(first, alpha / 2.0)?;
    let two = share_interval(second, alpha / 2.0)?;
    Ok(Interval {
        lower: one.lower - two.upper,
        upper: one.upper - two.lower,
        level: 1.0 - alpha,
    })
}

/// How the error rate is spent over looks that are planned (Lan and DeMets 1983).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spending {
    /// Little at first: 2 - 2 Φ(z / √t), near O'Brien and Fleming 1979.
    OBrienFleming,
    /// About the same at every look: α ln(1 + (e - 1) t), near Pocock 1977.
    Pocock,
}

impl Spending {
    /// What is spent, of `alpha` on one side, when the `fraction` of the rows planned is seen.
    #[must_use]
    pub fn spent(self, alpha: f64, fraction: f64) -> f64 {
        if fraction <= 0.0 {
            return 0.0;
        }
        let fraction = fraction.min(1.0);
        match self {
            Self::OBrienFleming => {
                2.0 * normal_upper(-normal_quantile(alpha / 2.0) / fraction.sqrt())
            }
            Self::Pocock => alpha * (fraction * (std::f64::consts::E - 1.0)).ln_1p(),
        }
    }

    /// The z to exceed, on either side, at looks after these `fractions` of the rows planned: the chance to
    /// exceed any of them, when nothing differs, is `alpha`, two-sided. By numerical integration over what
    /// has not been stopped (Armitage, McPherson and Rowe 1969), to four decimals.
    ///
    /// # Errors
    /// [`Undefined::Setting`] for an `alpha` not within (0, 1), or fractions that do not rise from above 0
    /// to at most 1.
    pub fn boundaries(self, fractions: &[f64], alpha: f64) -> Result<Vec<f64>, Undefined> {
        let side = tail_of(1.0 - alpha)?;
        let mut before = Vec::new();
        let mut density: Vec<(f64, f64)> = Vec::new();
        let (mut time, mut spent) = (0.0, 0.0);
        for fraction in fractions.iter().copied() {
            if !(time < fraction && fraction <= 1.0) {
                return Err(Undefined::Setting {
                    name: "the fraction of rows at a look",
                    value: fraction,
                    required: "above that of the look before and at most 1",
                });
            }
            let spend = self.spent(side, fraction) - spent;
            let step = (fraction - time).sqrt();
            let beyond = |z: f64| {
                let limit = z * fraction.sqrt();
                let tail = |place: f64| normal_upper((limit - place) / step);
                if density.is_empty() {
                    return tail(0.0);
                }
                density
                    .iter()
                    .map(|(place, mass)| mass * tail(*place))
                    .sum()
            };
            let z = crossing(0.0, FARTHEST, |z| spend < beyond(z));
            density = moved(&density, z * fraction.sqrt(), step);
            before.push(z);
            spent += spend;
            time = fraction;
        }
        Ok(before)
    }
}

/// Beyond this z there is nothing to spend.
const FARTHEST: f64 = 38.0;

/// Places at which what goes on is known, an odd number.
const PLACES: usize = 401;

/// Simpson's rule over what lies within `limit` after a normal step from what there was.
fn moved(density: &[(f64, f64)], limit: f64, step: f64) -> Vec<(f64, f64)> {
    // Farther than eight deviations there is nothing, however far the limit.
    let limit = limit.min(8.0);
    let width = 2.0 * limit / (PLACES - 1) as f64;
    let at = |place: f64, from: f64| {
        let z = (place - from) / step;
        (-z * z / 2.0).exp() / (step * std::f64::consts::TAU.sqrt())
    };
    (0..PLACES)
        .map(|index| {
            let place = -limit + width * index as f64;
            let simpson = match index {
                0 => 1.0,
                last if last == PLACES - 1 => 1.0,
                odd if odd % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let height = if density.is_empty() {
                at(place, 0.0)
            } else {
                density
                    .iter()
                    .map(|(from, mass)| mass * at(place, *from))
                    .sum()
            };
            (place, height * simpson * width / 3.0)
        })
        .collect()
}
