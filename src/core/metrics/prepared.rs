//! What a metric keeps of the rows it was computed from, so that it can be computed again on some of
//! them or with other weights without going back to labels and scores.
//!
//! Four shapes cover every metric. The shape decides how uncertainty is worked out (`estimate`), so that
//! a metric says what it is and never how it is tested.

use super::{Undefined, binary::ranking::Auc};

/// A metric of some rows, ready to be weighed.
pub enum Prepared<'a> {
    /// A smooth function of means over rows.
    Sums(Sums),
    /// A function of how often each cell of a table of counts occurs.
    Cells(Cells),
    /// The area under the ROC curve.
    Auc(Auc<'a>),
    /// Anything else: what it is on weighted rows.
    Other(Box<Weighed<'a>>),
}

/// A metric as a function of the weight in each cell.
pub type OfCells = dyn Fn(&[f64]) -> Result<f64, Undefined> + Send + Sync;

/// A metric as a function of weights.
pub type Weighed<'a> = dyn Fn(&Weights<'_>) -> Result<f64, Undefined> + Send + Sync + 'a;

/// A function of sums over rows that does not change when all weights are multiplied.
pub struct Sums {
    /// One value a row for each sum.
    pub terms: Vec<Vec<f64>>,
    /// What the metric is of the sums.
    pub shape: Shape,
}

/// What a metric is of the means of its terms.
#[derive(Clone, Copy)]
pub enum Shape {
    /// The mean of the only term.
    Mean,
    /// The mean of the first term divided by that of the second. The error where the second is zero.
    Ratio(fn() -> Undefined),
    /// The square root of the mean of the only term.
    RootMean,
    /// A differentiable function of the means.
    Function(fn(&[f64]) -> Result<f64, Undefined>),
}

/// Rows sorted into the cells of a table of counts.
pub struct Cells {
    /// The cell of each row.
    pub cell: Vec<u32>,
    /// How many cells there are.
    pub count: usize,
    /// The metric of the weight in each cell.
    pub value: Box<OfCells>,
}

/// How much each row counts: its sampling weight times how often a resample has drawn it.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    rows: usize,
    sampling: Option<&'a [f64]>,
    drawn: Option<&'a [u32]>,
}

impl<'a> Weights<'a> {
    /// Weights of `rows` rows: their sampling weights, or one each.
    #[must_use]
    pub fn of(rows: usize, sampling: Option<&'a [f64]>) -> Self {
        Self {
            rows,
            sampling,
            drawn: None,
        }
    }

    /// The same with each row repeated as often as it was drawn.
    #[must_use]
    pub fn drawn(self, drawn: &'a [u32]) -> Self {
        Self {
            drawn: Some(drawn),
            ..self
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The weight of a row; zero beyond the last.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> f64 {
        let of = |weights: &[f64]| weights.get(row).copied().unwrap_or(0.0);
        let drawn = |drawn: &[u32]| drawn.get(row).map_or(0.0, |count| f64::from(*count));
        match (self.sampling, self.drawn) {
            (None, None) => f64::from(u8::from(row < self.rows)),
            (Some(weights), None) => of(weights),
            (None, Some(counts)) => drawn(counts),
            (Some(weights), Some(counts)) => of(weights) * drawn(counts),
        }
    }

    /// The weights in the order of the rows.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.rows).map(|row| self.get(row))
    }

    /// All weights together.
    #[must_use]
    pub fn total(&self) -> f64 {
        match (self.sampling, self.drawn) {
            (None, None) => self.rows as f64,
            _ => self.iter().sum(),
        }
    }
}

impl Prepared<'_> {
    /// What each row contributes, when the metric is their mean: 0 or 1 each where it is a share.
    #[must_use]
    pub fn mean_of_rows(&self) -> Option<&[f64]> {
        match self {
            Self::Sums(Sums {
                terms,
                shape: Shape::Mean,
            }) => match terms.as_slice() {
                [terms] => Some(terms),
                _ => None,
            },
            Self::Sums(_) | Self::Cells(_) | Self::Auc(_) | Self::Other(_) => None,
        }
    }

    /// The metric of the weighted rows; always finite.
    ///
    /// # Errors
    /// When it is not defined on them.
    pub fn value(&self, weights: &Weights<'_>) -> Result<f64, Undefined> {
        let value = match self {
            Self::Sums(sums) => sums.value(weights),
            Self::Cells(cells) => (cells.value)(&cells.counts(weights)),
            Self::Auc(auc) => auc.value(weights),
            Self::Other(weighed) => weighed(weights),
        }?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Undefined::NotFinite)
        }
    }
}

impl Sums {
    /// A mean over rows.
    #[must_use]
    pub fn mean(terms: Vec<f64>) -> Self {
        Self {
            terms: vec![terms],
            shape: Shape::Mean,
        }
    }

    /// A ratio of two sums over rows.
    #[must_use]
    pub fn ratio(numerator: Vec<f64>, denominator: Vec<f64>, otherwise: fn() -> Undefined) -> Self {
        Self {
            terms: vec![numerator, denominator],
            shape: Shape::Ratio(otherwise),
        }
    }

    /// The weighted mean of each term.
    ///
    /// # Errors
    /// When all weights are zero.
    pub fn means(&self, weights: &Weights<'_>) -> Result<Vec<f64>, Undefined> {
        let total = weights.total();
        if total <= 0.0 {
            return Err(Undefined::NoRows);
        }
        let mean = |term: &Vec<f64>| {
            let weighted = term.iter().zip(weights.iter());
            weighted.map(|(value, weight)| value * weight).sum::<f64>() / total
        };
        Ok(self.terms.iter().map(mean).collect())
    }

    fn value(&self, weights: &Weights<'_>) -> Result<f64, Undefined> {
        self.shape.value(&self.means(weights)?)
    }
}

impl Shape {
    /// The metric of the means.
    ///
    /// # Errors
    /// When it is not defined for them.
    pub fn value(self, means: &[f64]) -> Result<f64, Undefined> {
        let mean = |index: usize| means.get(index).copied().unwrap_or(f64::NAN);
        match self {
            Self::Mean => Ok(mean(0)),
            Self::RootMean => Ok(mean(0).sqrt()),
            Self::Ratio(otherwise) if mean(1) == 0.0 => Err(otherwise()),
            Self::Ratio(_) => Ok(mean(0) / mean(1)),
            Self::Function(function) => function(means),
        }
    }

    /// The derivative by each mean; by central differences where the function has no closed one.
    ///
    /// # Errors
    /// When the metric is not defined around the means.
    pub fn gradient(self, means: &[f64]) -> Result<Vec<f64>, Undefined> {
        /// Balances rounding against curvature for a central difference in double precision.
        const STEP: f64 = 6e-6;
        let mean = |index: usize| means.get(index).copied().unwrap_or(f64::NAN);
        let gradient = match self {
            Self::Mean => vec![1.0],
            Self::RootMean => vec![0.5 / mean(0).sqrt()],
            Self::Ratio(otherwise) if mean(1) == 0.0 => return Err(otherwise()),
            Self::Ratio(_) => vec![1.0 / mean(1), -mean(0) / (mean(1) * mean(1))],
            Self::Function(function) => {
                let mut moved = means.to_vec();
                let mut slopes = Vec::with_capacity(means.len());
                for index in 0..means.len() {
                    let step = STEP * means[index].abs().max(f64::MIN_POSITIVE.sqrt());
                    moved[index] = means[index] + step;
                    let above = function(&moved)?;
                    moved[index] = means[index] - step;
                    let below = function(&moved)?;
                    moved[index] = means[index];
                    slopes.push((above - below) / (2.0 * step));
                }
                slopes
            }
        };
        if gradient.iter().all(|slope| slope.is_finite()) {
            Ok(gradient)
        } else {
            Err(Undefined::NotFinite)
        }
    }
}

impl Cells {
    /// The weight in each cell.
    #[must_use]
    pub fn counts(&self, weights: &Weights<'_>) -> Vec<f64> {
        let mut counts = vec![0.0; self.count];
        for (cell, weight) in self.cell.iter().zip(weights.iter()) {
            if let Some(count) = counts.get_mut(*cell as usize) {
                *count += weight;
            }
        }
        counts
    }
}
