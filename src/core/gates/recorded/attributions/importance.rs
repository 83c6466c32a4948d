//! How important features are: means of absolute attributions, their shares and ranks.

use std::collections::BTreeSet;

use crate::metrics;
use crate::recorded::{Attributions, Recording};

/// Pairs a rank correlation says something of; two are always in perfect order.
const PAIRS_MIN: usize = 3;

/// Importance of every feature.
pub(super) struct Importance<'a> {
    pub(super) attributions: &'a Attributions,
    /// Mean absolute attribution, in the order of the features.
    means: Vec<f64>,
    /// The sum of the means, above 0.
    total: f64,
    /// Features from the most important down.
    order: Vec<usize>,
}

impl<'a> Importance<'a> {
    /// The importance of the features of a recording.
    ///
    /// # Errors
    /// A fragment, when there are no attributions, or they are not numbers, or all zero.
    pub(super) fn of(recording: &'a Recording) -> Result<Self, String> {
        let origin = recording.origin();
        let missing = || format!("{origin} recorded no attributions");
        let attributions = recording.attributions.as_ref().ok_or_else(missing)?;
        let (rows, width) = (attributions.rows(), attributions.features.len());
        if rows == 0 || rows.checked_mul(width) != Some(attributions.values.len()) {
            return Err(format!("{origin} recorded no whole row of attributions"));
        }
        let names: BTreeSet<&str> = attributions.features.iter().map(String::as_str).collect();
        if names.len() != width {
            return Err(format!("two features in {origin} have the same name"));
        }
        let mut means = vec![0.0; width];
        for row in attributions.values.chunks(width) {
            for (mean, value) in means.iter_mut().zip(row) {
                *mean += value.abs() / rows as f64;
            }
        }
        for (feature, mean) in attributions.features.iter().zip(&means) {
            if !mean.is_finite() {
                return Err(format!(
                    "an attribution of `{feature}` in {origin} is not a finite number"
                ));
            }
        }
        let total: f64 = means.iter().sum();
        if !(0.0 < total && total.is_finite()) {
            return Err(format!("all attributions in {origin} are zero"));
        }
        let mut order: Vec<usize> = (0..width).collect();
        // Ties go by name, so that the order of columns does not matter.
        order.sort_by(|left, right| {
            let by_mean = means[*right].total_cmp(&means[*left]);
            by_mean.then_with(|| attributions.features[*left].cmp(&attributions.features[*right]))
        });
        Ok(Self {
            attributions,
            means,
            total,
            order,
        })
    }

    /// The features with their shares, from the most important down.
    pub(super) fn shares(&self) -> impl Iterator<Item = (&'a str, f64)> + '_ {
        self.order.iter().map(|index| {
            let name = self.attributions.features[*index].as_str();
            (name, self.means[*index] / self.total)
        })
    }

    /// The most important features; one that moves nothing is not among them.
    pub(super) fn top(&self, count: u64) -> BTreeSet<&'a str> {
        let shares = self.shares().filter(|(_, share)| 0.0 < *share);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        shares.take(count).map(|(name, _)| name).collect()
    }

    /// Mean absolute attribution of a feature.
    pub(super) fn mean(&self, feature: &str) -> Option<f64> {
        let index = self.attributions.position(feature)?;
        self.means.get(index).copied()
    }
}

/// Spearman's rank correlation.
///
/// # Errors
/// A fragment, when it says nothing: of few pairs, of a side that is constant.
pub(super) fn rank_correlation(left: &[f64], right: &[f64]) -> Result<f64, String> {
    let pairs = left.len();
    if pairs < PAIRS_MIN {
        return Err(format!(
            "a rank correlation of {pairs} pairs says nothing, it takes {PAIRS_MIN}"
        ));
    }
    let constant = |values: &[f64]| values.iter().all(|value| Some(value) == values.first());
    if constant(left) || constant(right) {
        return Err("the rank correlation with what is constant is not defined".to_owned());
    }
    metrics::spearman(left, right).map_err(|undefined| undefined.to_string())
}
