//! What a metric keeps of the rows it was computed from, so that it can be computed again on some of
//! them or with other weights without going back to labels and scores.
//!
//! Five shapes cover every metric. The shape decides how uncertainty is worked out (`estimate`), so that
//! a metric says what it is and never how it is tested.

use std::ops::Range;

use super::linearised::Linearised;
use super::{Undefined, binary::ranking::Auc};

/// Rows read at a time: few enough for the nearest cache, enough to forget what a block costs.
const BLOCK_ROWS: usize = 1024;

/// A metric of some rows, ready to be weighed.
pub enum Prepared<'a> {
    /// A smooth function of means over rows.
    Sums(Sums<'a>),
    /// A function of how often each cell of a table of counts occurs.
    Cells(Cells<'a>),
    /// The area under the ROC curve.
    Auc(Auc<'a>),
    /// What is none of these, with the influence of each row.
    Linearised(Linearised<'a>),
    /// Anything else: what it is on weighted rows.
    Other(Box<Weighed<'a>>),
}

/// A metric as a function of the weight in each cell.
pub type OfCells = dyn Fn(&[f64]) -> Result<f64, Undefined> + Send + Sync;

/// A metric as a function of weights.
pub type Weighed<'a> = dyn Fn(&Weights<'_>) -> Result<f64, Undefined> + Send + Sync + 'a;

/// A function of sums over rows that does not change when all weights are multiplied.
pub struct Sums<'a> {
    /// One value a row for each sum.
    pub terms: Vec<Column<'a, f64>>,
    /// What the metric is of the sums.
    pub shape: Shape,
}

/// What a metric is of the means of its terms.
#[derive(Clone, Copy)]
pub enum Shape {
    /// The mean of the only term.
    Mean,
    /// The mean of the first term, where the means allow it.
    MeanWhere(fn(&[f64]) -> Result<(), Undefined>),
    /// The mean of the first term divided by that of the second. The error where the second is zero.
    Ratio(fn() -> Undefined),
    /// The square root of the mean of the only term.
    RootMean,
    /// A differentiable function of the means.
    Function(fn(&[f64]) -> Result<f64, Undefined>),
}

/// One value a row, kept or worked out whenever it is read: what follows from labels and scores in a few
/// instructions takes longer to fetch from memory than to work out.
pub enum Column<'a, T> {
    /// Kept.
    Kept(Vec<T>),
    /// Worked out: appends the values of some rows.
    Read(Box<Reading<'a, T>>),
}

/// Appends the values of some rows.
pub type Reading<'a, T> = dyn Fn(Range<usize>, &mut Vec<T>) + Send + Sync + 'a;

impl<T> From<Vec<T>> for Column<'_, T> {
    fn from(values: Vec<T>) -> Self {
        Self::Kept(values)
    }
}

impl<'a, T: Copy> Column<'a, T> {
    /// A function of two columns of equal length.
    pub fn of<A: Sync, B: Sync>(
        left: &'a [A],
        right: &'a [B],
        value: impl Fn(&A, &B) -> T + Send + Sync + 'a,
    ) -> Self {
        Self::Read(Box::new(move |rows, block| {
            let left = left.get(rows.clone()).unwrap_or_default();
            let right = right.get(rows).unwrap_or_default();
            block.extend(
                left.iter()
                    .zip(right)
                    .map(|(left, right)| value(left, right)),
            );
        }))
    }

    /// The values of some rows, in `block` instead of what is there.
    pub fn read(&self, rows: Range<usize>, block: &mut Vec<T>) {
        block.clear();
        match self {
            Self::Kept(values) => block.extend_from_slice(values.get(rows).unwrap_or_default()),
            Self::Read(read) => read(rows, block),
        }
    }

    /// Reads all of `rows` rows in their order.
    pub fn each(&self, rows: usize, mut each: impl FnMut(usize, T)) {
        let mut block = Vec::with_capacity(BLOCK_ROWS.min(rows));
        for rows in blocks(rows) {
            let start = rows.start;
            self.read(rows, &mut block);
            for (offset, value) in block.iter().enumerate() {
                each(start + offset, *value);
            }
        }
    }
}

/// Rows in parts that are read at a time.
pub fn blocks(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..rows).step_by(BLOCK_ROWS);
    starts.map(move |start| start..rows.min(start + BLOCK_ROWS))
}

/// Rows sorted into the cells of a table of counts.
pub struct Cells<'a> {
    /// The cell of each row.
    pub cell: Column<'a, u32>,
    /// How many cells there are.
    pub count: usize,
    /// How many rows are in each cell, where that is known.
    pub counted: Option<&'a [f64]>,
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

    /// Whether they are those of a resample.
    #[must_use]
    pub fn are_drawn(&self) -> bool {
        self.drawn.is_some()
    }

    /// Whether every row counts once.
    #[must_use]
    pub fn are_equal(&self) -> bool {
        self.sampling.is_none() && self.drawn.is_none()
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
    /// What each of `rows` rows contributes, when the metric is their mean: 0 or 1 each where it is a share.
    #[must_use]
    pub fn mean_of_rows(&self, rows: usize) -> Option<Vec<f64>> {
        match self {
            Self::Sums(Sums {
                terms,
                shape: Shape::Mean | Shape::MeanWhere(_),
            }) => {
                let term = terms.first()?;
                let mut values = Vec::with_capacity(rows);
                term.each(rows, |_, value| values.push(value));
                Some(values)
            }
            Self::Sums(_)
            | Self::Cells(_)
            | Self::Auc(_)
            | Self::Linearised(_)
            | Self::Other(_) => None,
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
            Self::Linearised(metric) => (metric.value)(weights),
            Self::Other(weighed) => weighed(weights),
        }?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Undefined::NotFinite)
        }
    }
}

impl<'a> Sums<'a> {
    /// A mean over rows.
    #[must_use]
    pub fn mean(terms: Vec<f64>) -> Self {
        Self::mean_of(terms.into())
    }

    /// A mean over rows.
    #[must_use]
    pub fn mean_of(terms: Column<'a, f64>) -> Self {
        Self {
            terms: vec![terms],
            shape: Shape::Mean,
        }
    }

    /// A ratio of two sums over rows.
    #[must_use]
    pub fn ratio(numerator: Vec<f64>, denominator: Vec<f64>, otherwise: fn() -> Undefined) -> Self {
        Self {
            terms: vec![numerator.into(), denominator.into()],
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
        let mean = |term: &Column<'_, f64>| {
            let mut sum = 0.0;
            term.each(weights.rows(), |row, value| sum += value * weights.get(row));
            sum / total
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
            Self::MeanWhere(allowed) => allowed(means).map(|()| mean(0)),
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
            Self::MeanWhere(_) => (0..means.len())
                .map(|index| f64::from(u8::from(index == 0)))
                .collect(),
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

impl Cells<'_> {
    /// The weight in each cell.
    #[must_use]
    pub fn counts(&self, weights: &Weights<'_>) -> Vec<f64> {
        if let Some(counted) = self.counted.filter(|_| weights.are_equal()) {
            return counted.to_vec();
        }
        let mut counts = vec![0.0; self.count];
        self.cell.each(weights.rows(), |row, cell| {
            if let Some(count) = counts.get_mut(cell as usize) {
                *count += weights.get(row);
            }
        });
        counts
    }
}
