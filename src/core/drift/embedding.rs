//! Drift of embeddings: vectors instead of values.
//!
//! - **Cosine distance of the means**, 0 to 2: whether the vectors point elsewhere on average. Cheap, and
//!   blind to a change of spread.
//! - **Maximum mean discrepancy**, unbiased (Gretton et al. 2012, equation 3), with a Gaussian kernel whose
//!   width is the median distance of all vectors of both sides, `k(x, y) = exp(-|x - y|² / median)`: sees
//!   any difference of the distributions. Around 0 for equal ones and slightly negative by chance.
//!
//! Nothing is random: beyond [`VECTORS_MAX`] vectors a side, evenly spaced ones are taken for the
//! discrepancy, whose cost is quadratic.

use super::judge::{Compared, subject};
use super::requirements::{DRIFT_EMBEDDING_COSINE, DRIFT_EMBEDDING_MMD};
use super::statistic::{Side, Undefined};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Requirement, Severity, Unit};

/// Vectors of each side the discrepancy looks at.
pub const VECTORS_MAX: usize = 1000;

/// Vectors of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Embeddings<'a> {
    dimension: usize,
    values: &'a [f64],
}

/// What embeddings must satisfy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmbeddingBounds {
    /// Largest cosine distance of the means, 0 to 2.
    pub mean_cosine: Option<f64>,
    /// Largest maximum mean discrepancy.
    pub mmd: Option<f64>,
    /// Vectors below which, on either side, nothing is judged.
    pub rows_min: u64,
    /// How much it matters.
    pub severity: Severity,
}

impl<'a> Embeddings<'a> {
    /// Vectors of `dimension` numbers, one after the other.
    ///
    /// # Errors
    /// When they do not fill whole vectors.
    pub fn new(dimension: usize, values: &'a [f64]) -> Result<Self, Undefined> {
        if dimension == 0 || !values.len().is_multiple_of(dimension) {
            return Err(Undefined::Other("the vectors are not all of one length"));
        }
        Ok(Self { dimension, values })
    }

    /// How many vectors there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.values.len() / self.dimension
    }

    fn checked(&self, side: Side) -> Result<(), Undefined> {
        if self.values.is_empty() {
            return Err(Undefined::NoValues(side));
        }
        let count = self
            .values
            .iter()
            .filter(|value| !value.is_finite())
            .count() as u64;
        if 0 < count {
            return Err(Undefined::NotFinite { side, count });
        }
        Ok(())
    }

    fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.dimension];
        for vector in self.values.chunks_exact(self.dimension) {
            for (sum, value) in mean.iter_mut().zip(vector) {
                *sum += value;
            }
        }
        let count = self.count() as f64;
        mean.iter_mut().for_each(|sum| *sum /= count);
        mean
    }

    /// At most [`VECTORS_MAX`] of the vectors, evenly spaced.
    fn sampled(&self) -> Vec<&'a [f64]> {
        let count = self.count();
        let taken = count.min(VECTORS_MAX);
        (0..taken)
            .map(|index| {
                let row = index * count / taken;
                &self.values[row * self.dimension..(row + 1) * self.dimension]
            })
            .collect()
    }
}

fn comparable(reference: &Embeddings<'_>, current: &Embeddings<'_>) -> Result<(), Undefined> {
    if reference.dimension != current.dimension {
        return Err(Undefined::Other(
            "the vectors of the two sides differ in length",
        ));
    }
    reference.checked(Side::Reference)?;
    current.checked(Side::Current)
}

/// Cosine distance of the mean vectors, 0 to 2. Two zero means are 0 apart, one is 1 from anything.
///
/// # Errors
/// When a side is empty, holds numbers that are not finite, or has vectors of another length.
pub fn mean_cosine(reference: &Embeddings<'_>, current: &Embeddings<'_>) -> Result<f64, Undefined> {
    comparable(reference, current)?;
    let (before, now) = (reference.mean(), current.mean());
    let dot = |left: &[f64], right: &[f64]| {
        left.iter()
            .zip(right)
            .map(|(left, right)| left * right)
            .sum::<f64>()
    };
    let scale = dot(&before, &before).sqrt() * dot(&now, &now).sqrt();
    if before == now {
        return Ok(0.0);
    }
    if scale == 0.0 {
        return Ok(1.0);
    }
    let distance = 1.0 - dot(&before, &now) / scale;
    finite(distance).map(|distance| distance.clamp(0.0, 2.0))
}

/// Maximum mean discrepancy, squared and unbiased.
///
/// # Errors
/// When a side has fewer than two vectors, holds numbers that are not finite, or has vectors of another
/// length.
pub fn mmd(reference: &Embeddings<'_>, current: &Embeddings<'_>) -> Result<f64, Undefined> {
    comparable(reference, current)?;
    for (of, side) in [(reference, Side::Reference), (current, Side::Current)] {
        if of.count() < 2 {
            let count = of.count() as u64;
            return Err(Undefined::TooFewValues {
                side,
                count,
                needed: 2,
            });
        }
    }
    let (before, now) = (reference.sampled(), current.sampled());
    let (n, m) = (before.len(), now.len());
    let vectors: Vec<&[f64]> = before.into_iter().chain(now).collect();
    let mut squares = Vec::with_capacity(vectors.len() * (vectors.len() - 1) / 2);
    for (index, left) in vectors.iter().enumerate() {
        squares.extend(vectors[index + 1..].iter().map(|right| square(left, right)));
    }
    let width = median(squares.clone());
    let (mut within, mut within_current, mut across) = (0.0, 0.0, 0.0);
    let mut pairs = squares.into_iter();
    for index in 0..vectors.len() {
        for other in index + 1..vectors.len() {
            let kernel = pairs.next().map_or(0.0, |square| (-square / width).exp());
            match (index < n, other < n) {
                (true, true) => within += kernel,
                (false, false) => within_current += kernel,
                (true, false) | (false, true) => across += kernel,
            }
        }
    }
    let (n, m) = (n as f64, m as f64);
    finite(
        2.0 * within / (n * (n - 1.0)) + 2.0 * within_current / (m * (m - 1.0))
            - 2.0 * across / (n * m),
    )
}

fn square(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| (left - right).powi(2))
        .sum()
}

/// The upper median; 1 when it is 0, so that equal vectors have a kernel.
fn median(mut squares: Vec<f64>) -> f64 {
    let middle = squares.len() / 2;
    let (_, median, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    if *median == 0.0 { 1.0 } else { *median }
}

fn finite(value: f64) -> Result<f64, Undefined> {
    value
        .is_finite()
        .then_some(value)
        .ok_or(Undefined::Overflow)
}

/// Judges a column of embeddings.
#[must_use]
pub fn judge(
    bounds: &EmbeddingBounds,
    compared: &Compared<'_>,
    column: &str,
    reference: &Embeddings<'_>,
    current: &Embeddings<'_>,
) -> Vec<Evidence> {
    type Measure = fn(&Embeddings<'_>, &Embeddings<'_>) -> Result<f64, Undefined>;
    let demands: [(Requirement, &str, Measure, Option<f64>); 2] = [
        (
            DRIFT_EMBEDDING_COSINE,
            "cosine distance of the mean vectors",
            mean_cosine,
            bounds.mean_cosine,
        ),
        (
            DRIFT_EMBEDDING_MMD,
            "maximum mean discrepancy",
            mmd,
            bounds.mmd,
        ),
    ];
    let mut evidence = Vec::new();
    for (requirement, name, measure, threshold) in demands {
        let Some(threshold) = threshold else { continue };
        let bound = Bound::AtMost(threshold);
        let subject = subject(compared, Some(column));
        let of = format!("{name} of {subject} against `{}`", compared.reference);
        let fewest = reference.count().min(current.count()) as u64;
        let measured = if fewest < bounds.rows_min {
            let why = format!(
                "{fewest} vectors on a side, required at least {}",
                bounds.rows_min
            );
            Err((Reason::TooFewRows, why))
        } else {
            measure(reference, current)
                .map_err(|undefined| (Reason::Undefined, undefined.to_string()))
        };
        let record = match measured {
            Ok(value) => {
                let observed = Quantity::new(value, Unit::Number).of(current.count() as u64);
                let message = format!("{of} is {}, required {bound}", bound.beside(value));
                let outcome = bound.judge(&observed);
                Evidence::new(requirement.id, subject, outcome, message).measured(observed, bound)
            }
            Err((reason, why)) => {
                let message = format!("{of} is not judged: {why}");
                let mut record = Evidence::not_evaluated(requirement.id, subject, reason, message);
                record.required = Some(bound);
                record
            }
        };
        evidence.push(record.severity(bounds.severity));
    }
    evidence
}
