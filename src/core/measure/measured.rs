//! The values measured: what an engine answers a [`Measure`](super::Measure) with.

use chrono::{DateTime, Utc};

use super::{Distribution, NearFound, Paired, PersonalFound, Scalar, Vectors};
use crate::evidence::{FailingRows, Reason, RowExample};

/// A value measured, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// A count.
    Count(u64),
    /// A number; `None` when no row is eligible.
    Number(Option<f64>),
    /// A number that surely lies between two, ends included; `None` when no row is eligible.
    Between(Option<(f64, f64)>),
    /// Rows that fail a rule.
    Failing(FailingRows),
    /// The newest point in time; `None` when no row has one.
    Newest(Option<DateTime<Utc>>),
    /// Moments.
    Moments(Moments),
    /// Second moments of pairs.
    Comoments(Comoments),
    /// Smallest and largest value; `None` when no row has one.
    Extremes(Option<(Scalar, Scalar)>),
    /// How often keys repeat.
    Groups(Groups),
    /// Combinations with how often each occurs, most frequent first, equal ones in the order of their
    /// texts. A null is `None`.
    Frequencies(Vec<(Vec<Option<String>>, u64)>),
    /// A distribution.
    Distribution(Distribution),
    /// Vectors.
    Vectors(Box<Vectors>),
    /// A join of two datasets.
    Paired(Paired),
    /// Rows that nearly repeat another.
    Near(NearFound),
    /// Personal data.
    Personal(PersonalFound),
    /// The answer of a query.
    Answer(Answer),
    /// One measurement for each combination of values, in the order of their texts.
    Slices(Vec<Slice>),
    /// The measurement failed; a failed measurement is a value too, so that the others go on.
    Failed(Reason, String),
}

/// The measurement of one slice.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The value of each column of the slice; null is `None`.
    pub values: Vec<Option<String>>,
    /// What was measured.
    pub measured: Measured,
}

/// How often keys repeat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// Rows counted.
    pub rows: u64,
    /// Different keys.
    pub distinct: u64,
    /// Keys that occur more than once.
    pub repeated: u64,
    /// Rows whose key occurs more than once.
    pub rows_of_repeated: u64,
    /// Shannon entropy of the keys, in nats.
    pub entropy: f64,
    /// The first few rows of repeated keys, in file order, with the key when it is one column.
    pub examples: Vec<RowExample>,
}

impl Groups {
    /// Rows that repeat an earlier row.
    #[must_use]
    pub fn surplus(&self) -> u64 {
        self.rows.saturating_sub(self.distinct)
    }

    /// Keys that occur once.
    #[must_use]
    pub fn singletons(&self) -> u64 {
        self.distinct.saturating_sub(self.repeated)
    }
}

/// Moments of a number. Nulls do not count; a NaN or an infinity makes the moments NaN and is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Values that are not null.
    pub count: u64,
    /// Arithmetic mean; NaN without values.
    pub mean: f64,
    /// Sum, compensated.
    pub sum: f64,
    /// Sum of squared differences from the mean.
    pub m2: f64,
    /// Sum of cubed differences from the mean.
    pub m3: f64,
    /// Sum of fourth powers of differences from the mean.
    pub m4: f64,
    /// Values that are NaN.
    pub nan: u64,
    /// Values that are infinite.
    pub infinite: u64,
    /// Values that are zero.
    pub zeros: u64,
}

/// Second moments of pairs of numbers, over the rows in which both are finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Comoments {
    /// Rows in which both are finite.
    pub count: u64,
    /// Mean of the first.
    pub mean_x: f64,
    /// Mean of the second.
    pub mean_y: f64,
    /// Sum of squared differences of the first from its mean.
    pub m2_x: f64,
    /// Sum of squared differences of the second from its mean.
    pub m2_y: f64,
    /// Sum of products of differences.
    pub c: f64,
}

/// What a query gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Rows of the answer.
    pub row_count: u64,
    /// The first value of the first row as a number, when there is one and it is one.
    pub number: Option<f64>,
    /// The first few rows as texts.
    pub rows: Vec<Vec<Option<String>>>,
    /// The first few rows of the table that are rows of the answer, where each is one.
    pub examples: Vec<RowExample>,
}

impl Moments {
    /// Variance with `n - ddof` in the denominator; `None` with too few values.
    #[must_use]
    pub fn variance(&self, ddof: u8) -> Option<f64> {
        let ddof = u64::from(ddof);
        (ddof < self.count).then(|| self.m2 / (self.count - ddof) as f64)
    }

    /// Skewness, `m3 / m2^1.5` without correction for bias, as `scipy.stats.skew`; `None` without values
    /// or when all are equal.
    #[must_use]
    pub fn skewness(&self) -> Option<f64> {
        let n = self.count as f64;
        (0.0 < self.m2).then(|| (self.m3 / n) / (self.m2 / n).powf(1.5))
    }

    /// Excess kurtosis, `m4 / m2² - 3` without correction for bias, as `scipy.stats.kurtosis`; `None`
    /// without values or when all are equal.
    #[must_use]
    pub fn kurtosis(&self) -> Option<f64> {
        let n = self.count as f64;
        (0.0 < self.m2).then(|| (self.m4 / n) / (self.m2 / n).powi(2) - 3.0)
    }
}

impl Comoments {
    /// Pearson's correlation; `None` when either is constant.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let scale = (self.m2_x * self.m2_y).sqrt();
        (0.0 < scale).then(|| (self.c / scale).clamp(-1.0, 1.0))
    }
}
