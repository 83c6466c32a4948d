//! Means of rows with their standard errors: plain, paired, weighted and by cluster; ratios of means.
//!
//! All of them are one formula: the mean is Σwy / Σw, and its variance G/(G-1) · Σ_g (Σ w(y - mean))² /
//! (Σw)², summed over the G clusters, a row without cluster being one of its own. That is Student's
//! variance for plain rows, the linearised variance of a ratio estimator for weights (Särndal, Swensson
//! and Wretman 1992, 5.7), and the cluster-robust CR1 for clusters (Liang and Zeger 1986), as statsmodels.
//! The error is Student's t with G - 1 degrees of freedom. Rows, or clusters, are taken to be independent.

use std::collections::BTreeMap;

use super::estimate::{checked_values, same_length};
use super::{Estimate, Undefined};

/// Values with what is known of their rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rows<'a> {
    /// The values.
    pub values: &'a [f64],
    /// How much of the population each row stands for; finite, ≥ 0, of any scale.
    pub weights: Option<&'a [f64]>,
    /// Which cluster each row belongs to, such as the item a repeated answer is to.
    pub clusters: Option<&'a [u64]>,
}

impl<'a> Rows<'a> {
    /// Rows of which only the values are known.
    #[must_use]
    pub fn of(values: &'a [f64]) -> Self {
        Self {
            values,
            ..Self::default()
        }
    }
}

/// Whether a standard error is more than the rounding of values of this size (their mean without signs):
/// rows, or the sums of clusters, that are the same number differ in its last digits.
#[must_use]
pub fn varies(standard_error: f64, size: f64) -> bool {
    /// Some fifty units in the last place of a double.
    const ROUNDING: f64 = 1e-14;
    ROUNDING * size < standard_error
}

/// The mean.
///
/// # Errors
/// [`Undefined::TooFew`] with fewer than two values of weight, or clusters; [`Undefined::NoVariation`]
/// for a constant (see [`varies`]); [`Undefined::NotFinite`], [`Undefined::LengthsDiffer`], [`Undefined::Weights`].
pub fn mean(rows: &Rows<'_>) -> Result<Estimate, Undefined> {
    let estimate = unchecked_mean(rows)?;
    if varies(estimate.standard_error, size(rows)) {
        Ok(estimate)
    } else {
        Err(Undefined::NoVariation)
    }
}

/// The mean of `first` - `second`, row by row; weights and clusters as in `rows`, whose values are not
/// looked at. 0 ± 0 when no row differs: so shares, where few rows differ by nature, are better compared
/// by [`newcombe_paired`](super::proportion::newcombe_paired).
///
/// # Errors
/// As [`mean`]; [`Undefined::NoVariation`] when all rows differ by the same number other than 0.
pub fn paired(first: &[f64], second: &[f64], rows: &Rows<'_>) -> Result<Estimate, Undefined> {
    same_length(first.len(), second.len())?;
    let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
    let rows = Rows {
        values: &differences,
        ..*rows
    };
    if differences.iter().all(|difference| *difference == 0.0) {
        return unchecked_mean(&rows);
    }
    mean(&rows)
}

/// The sum of `numerator` over the sum of `denominator`, of the same rows, by the delta method: the error
/// is that of the mean of numerator - ratio · denominator, over the mean of the denominator.
///
/// # Errors
/// [`Undefined::ZeroDenominator`] when the denominators sum to 0; else as [`mean`].
pub fn ratio(
    numerator: &[f64],
    denominator: &[f64],
    clusters: Option<&[u64]>,
) -> Result<Estimate, Undefined> {
    same_length(numerator.len(), denominator.len())?;
    checked_values(numerator, 2)?;
    checked_values(denominator, 2)?;
    let below: f64 = denominator.iter().sum();
    if below == 0.0 {
        return Err(Undefined::ZeroDenominator);
    }
    let ratio = numerator.iter().sum::<f64>() / below;
    let parts = numerator.iter().zip(denominator);
    let residuals: Vec<f64> = parts.map(|(a, b)| a - ratio * b).collect();
    let groups = groups(&residuals, clusters)?;
    let error = (scatter(&groups)?).sqrt() / below.abs();
    let size = numerator.iter().map(|value| value.abs()).sum::<f64>() / below.abs();
    if !varies(error, size) {
        return Err(Undefined::NoVariation);
    }
    Estimate::student(ratio, error, groups.len() as f64 - 1.0).checked()
}

/// The logarithm of the ratio of two independent means, by the delta method: exponentiate its interval.
/// Its error is taken to be normal.
///
/// # Errors
/// [`Undefined::ZeroDenominator`] when a mean is not above 0.
pub fn log_ratio(first: &Estimate, second: &Estimate) -> Result<Estimate, Undefined> {
    if !(0.0 < first.value && 0.0 < second.value) {
        return Err(Undefined::ZeroDenominator);
    }
    let relative = |estimate: &Estimate| estimate.standard_error / estimate.value;
    let error = relative(first).hypot(relative(second));
    Estimate::normal(first.value.ln() - second.value.ln(), error).checked()
}

/// Count, sum and sum of squares of some values, taken from an origin near their mean: what is left when
/// some of them are taken away is known without going through the others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    sum: f64,
    squares: f64,
}

impl Moments {
    /// Takes in a value.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
    }

    /// The values less `part` of them.
    #[must_use]
    pub fn without(self, part: Self) -> Self {
        Self {
            count: self.count.saturating_sub(part.count),
            sum: self.sum - part.sum,
            squares: self.squares - part.squares,
        }
    }

    /// How many values there are.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }

    /// Their sum.
    #[must_use]
    pub fn sum(self) -> f64 {
        self.sum
    }

    /// Their mean; NaN without any.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.sum / self.count as f64
    }

    /// The square of the standard error of the mean.
    fn error_squared(self) -> f64 {
        let count = self.count as f64;
        let around = self.squares - self.sum * self.sum / count;
        around.max(0.0) / (count - 1.0) / count
    }
}

/// The mean of `first` - that of `second`, of independent rows whose variances may differ (Welch 1947), as
/// scipy's `ttest_ind(equal_var=False)`.
///
/// # Errors
/// [`Undefined::TooFew`] with fewer than two values on a side; [`Undefined::NoVariation`] when neither
/// varies; [`Undefined::NotFinite`].
pub fn welch(first: Moments, second: Moments) -> Result<Estimate, Undefined> {
    let fewer = first.count.min(second.count);
    if fewer < 2 {
        return Err(Undefined::TooFew {
            of: "values",
            count: fewer,
            needed: 2,
        });
    }
    let (one, other) = (first.error_squared(), second.error_squared());
    let both = one + other;
    if both == 0.0 {
        return Err(Undefined::NoVariation);
    }
    let part = |squared: f64, moments: Moments| squared * squared / (moments.count as f64 - 1.0);
    let degrees = both * both / (part(one, first) + part(other, second));
    Estimate::student(first.mean() - second.mean(), both.sqrt(), degrees).checked()
}

fn unchecked_mean(rows: &Rows<'_>) -> Result<Estimate, Undefined> {
    checked_values(rows.values, 2)?;
    let Some(weights) = rows.weights else {
        let count = rows.values.len() as f64;
        let mean = centre(rows.values, |_| 1.0, count);
        let residuals: Vec<f64> = rows.values.iter().map(|value| value - mean).collect();
        let groups = groups(&residuals, rows.clusters)?;
        let error = scatter(&groups)?.sqrt() / count;
        return Estimate::student(mean, error, groups.len() as f64 - 1.0).checked();
    };
    same_length(weights.len(), rows.values.len())?;
    if weights
        .iter()
        .any(|weight| !weight.is_finite() || *weight < 0.0)
    {
        return Err(Undefined::Weights);
    }
    let weighing: Vec<usize> = (0..weights.len())
        .filter(|row| 0.0 < weights[*row])
        .collect();
    let total: f64 = weights.iter().sum();
    if !(0.0 < total && total.is_finite()) {
        return Err(Undefined::Weights);
    }
    let mean = centre(rows.values, |row| weights[row], total);
    let residual = |row: &usize| weights[*row] * (rows.values[*row] - mean);
    let residuals: Vec<f64> = weighing.iter().map(residual).collect();
    let clusters: Option<Vec<u64>> = match rows.clusters {
        Some(clusters) => {
            same_length(clusters.len(), rows.values.len())?;
            Some(weighing.iter().map(|row| clusters[*row]).collect())
        }
        None => None,
    };
    let groups = groups(&residuals, clusters.as_deref())?;
    let error = scatter(&groups)?.sqrt() / total;
    Estimate::student(mean, error, groups.len() as f64 - 1.0).checked()
}

/// The weighted mean, as the first value plus the mean of what the others differ from it: a constant is
/// its own mean, to the last bit.
fn centre(values: &[f64], weight: impl Fn(usize) -> f64, total: f64) -> f64 {
    let start = values[0];
    let values = values.iter().enumerate();
    let sum: f64 = values
        .map(|(row, value)| weight(row) * (value - start))
        .sum();
    start + sum / total
}

/// The weighted mean of the values without their signs.
fn size(rows: &Rows<'_>) -> f64 {
    let sizes = rows.values.iter().map(|value| value.abs());
    match rows.weights {
        None => sizes.sum::<f64>() / rows.values.len() as f64,
        Some(weights) => {
            let weighted = sizes.zip(weights).map(|(size, weight)| size * weight);
            weighted.sum::<f64>() / weights.iter().sum::<f64>()
        }
    }
}

/// The sums of each cluster.
fn groups(residuals: &[f64], clusters: Option<&[u64]>) -> Result<Vec<f64>, Undefined> {
    let Some(clusters) = clusters else {
        return Ok(residuals.to_vec());
    };
    same_length(clusters.len(), residuals.len())?;
    let mut sums: BTreeMap<u64, f64> = BTreeMap::new();
    for (cluster, residual) in clusters.iter().zip(residuals) {
        *sums.entry(*cluster).or_default() += residual;
    }
    Ok(sums.into_values().collect())
}

/// G/(G-1) times the sum of squares.
fn scatter(groups: &[f64]) -> Result<f64, Undefined> {
    if groups.len() < 2 {
        return Err(Undefined::TooFew {
            of: "independent rows or clusters",
            count: groups.len() as u64,
            needed: 2,
        });
    }
    let count = groups.len() as f64;
    let squares: f64 = groups.iter().map(|sum| sum * sum).sum();
    Ok(squares * count / (count - 1.0))
}
