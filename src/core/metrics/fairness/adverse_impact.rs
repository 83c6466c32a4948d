//! Whether a group is selected less than the one selected most (US Uniform Guidelines on Employee
//! Selection Procedures, 29 CFR 1607.4 D): the ratio of selection rates, how sure it is, and whether chance
//! alone would do.

use super::rates::share;
use super::{Group, Stratum, Undefined};
use crate::statistics::Interval;
use crate::statistics::multiplicity::Correction;
use crate::statistics::proportion::{Share, fisher_exact, katz_ratio, two_proportion_z};

/// A group against the one that is selected most.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    /// The group.
    pub group: String,
    /// The group selected most.
    pub reference: String,
    /// Its selection rate divided by that of the reference.
    pub ratio: f64,
    /// Katz's interval of the ratio; `None` when nobody of the group is selected. The error rate is
    /// shared equally among the groups.
    pub interval: Option<Interval>,
    /// p-value of Fisher's exact test, two-sided.
    pub fisher: f64,
    /// p-value of the z-test of two proportions with a pooled share, two-sided.
    pub z_test: f64,
    /// The p-value of Fisher's test with the error rate shared among the groups by Holm.
    pub adjusted: f64,
}

/// Every group of a stratum but the one selected most, in their order. Rows count one each.
///
/// # Errors
/// When there are fewer than two groups, nobody is selected, or `level` is not within (0, 1).
pub fn impacts(stratum: &Stratum, level: f64) -> Result<Vec<Impact>, Undefined> {
    let share = |group| -> Result<(&Group, Share), Undefined> {
        let group: &Group = group;
        let share = share("selection_rate", &group.counts()?).ok_or(Undefined::NoRows)?;
        Ok((group, share))
    };
    let shares: Vec<_> = stratum.groups.iter().map(share).collect::<Result<_, _>>()?;
    // From the back, so that of equals the first is taken.
    let by_rate = |one: &&(&Group, Share), other: &&(&Group, Share)| {
        one.1.value().total_cmp(&other.1.value())
    };
    let most = shares.iter().rev().max_by(by_rate);
    let Some((reference, most)) = most else {
        return Err(Undefined::NoRows);
    };
    if most.successes() == 0 {
        return Err(Undefined::ZeroInEveryGroup);
    }
    let others: Vec<_> = shares
        .iter()
        .filter(|(group, _)| group.name != reference.name)
        .collect();
    if others.is_empty() {
        return Err(Undefined::SingleGroup);
    }
    let fisher: Vec<f64> = others
        .iter()
        .map(|(_, share)| fisher_exact(*share, *most))
        .collect();
    let adjusted = Correction::Holm.adjusted(&fisher);
    let level = 1.0 - (1.0 - level) / others.len() as f64;
    let impact = |((group, share), (fisher, adjusted)): (&&(&Group, Share), (f64, f64))| Impact {
        group: group.name.clone(),
        reference: reference.name.clone(),
        ratio: share.value() / most.value(),
        interval: katz_ratio(*share, *most, level).ok(),
        fisher,
        z_test: two_proportion_z(*share, *most).1,
        adjusted,
    };
    let tests = fisher.into_iter().zip(adjusted);
    Ok(others.iter().zip(tests).map(impact).collect())
}
