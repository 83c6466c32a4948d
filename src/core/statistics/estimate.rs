//! An estimate with its standard error, an interval, and why there may be none.

use super::special::{normal_quantile, normal_upper, student_two_sided, student_upper_quantile};

/// Why a statistic has no value on what it was given.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Undefined {
    /// Fewer values, clusters or items than the method needs.
    #[error("{count} {of}, at least {needed} needed")]
    TooFew {
        /// What was counted, in the plural.
        of: &'static str,
        /// How many there are.
        count: u64,
        /// How many there must be.
        needed: u64,
    },
    /// A value, or what became of it, is NaN or infinite.
    #[error("a value is NaN, infinite or too large to compute with")]
    NotFinite,
    /// Without variation there is no standard error to divide by.
    #[error("the values do not vary, so that their uncertainty cannot be estimated")]
    NoVariation,
    /// A count of successes above the count of trials.
    #[error("{successes} successes in {trials} trials")]
    MoreThanTrials {
        /// Successes.
        successes: u64,
        /// Trials.
        trials: u64,
    },
    /// Columns of different lengths.
    #[error("{left} values cannot be matched with {right}")]
    LengthsDiffer {
        /// Values of the first column.
        left: usize,
        /// Values of the second.
        right: usize,
    },
    /// A ratio whose lower number is 0.
    #[error("the denominator is 0")]
    ZeroDenominator,
    /// A weight that is negative, or weights that sum to 0.
    #[error("weights must not be negative, and one must be above 0")]
    Weights,
    /// A setting outside its range.
    #[error("{name} is {value}, required {required}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it is.
        value: f64,
        /// Its range, as words.
        required: &'static str,
    },
}

/// A confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// Two-sided coverage, a fraction in (0, 1).
    pub level: f64,
}

/// A number whose error is normal, or Student's t when `degrees` are given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error, ≥ 0; 0 only for what cannot vary, such as a model against itself.
    pub standard_error: f64,
    /// Degrees of freedom of Student's t; `None` for the normal distribution.
    pub degrees: Option<f64>,
}

impl Estimate {
    /// An estimate whose error is normal.
    #[must_use]
    pub fn normal(value: f64, standard_error: f64) -> Self {
        Self {
            value,
            standard_error,
            degrees: None,
        }
    }

    /// An estimate whose error is Student's t.
    #[must_use]
    pub fn student(value: f64, standard_error: f64, degrees: f64) -> Self {
        Self {
            value,
            standard_error,
            degrees: Some(degrees),
        }
    }

    /// The estimate, or that it does not fit into a double.
    ///
    /// # Errors
    /// [`Undefined::NotFinite`].
    pub fn checked(self) -> Result<Self, Undefined> {
        if self.value.is_finite() && self.standard_error.is_finite() {
            Ok(self)
        } else {
            Err(Undefined::NotFinite)
        }
    }

    /// How many standard errors a tail of chance `tail`, at most one half, is away.
    #[must_use]
    pub fn critical(&self, tail: f64) -> f64 {
        match self.degrees {
            Some(degrees) => student_upper_quantile(tail, degrees),
            None => -normal_quantile(tail),
        }
    }

    /// The two-sided interval: value ± critical · standard error.
    ///
    /// # Errors
    /// [`Undefined::Setting`] when `level` is not within (0, 1).
    pub fn interval(&self, level: f64) -> Result<Interval, Undefined> {
        let reach = self.critical(tail_of(level)?) * self.standard_error;
        Ok(Interval {
            lower: self.value - reach,
            upper: self.value + reach,
            level,
        })
    }

    /// Chance, when the truth is `null`, of a value at least this far from it on either side. Without
    /// a standard error: 1 at `null`, 0 elsewhere.
    #[must_use]
    pub fn p_value(&self, null: f64) -> f64 {
        let above = self.p_above(null);
        (2.0 * above.min(self.p_above_mirrored(null))).min(1.0)
    }

    /// Chance, when the truth is `null`, of a value at least this high: small when the truth is higher.
    #[must_use]
    pub fn p_above(&self, null: f64) -> f64 {
        upper_tail(self.score(null), self.degrees)
    }

    fn p_above_mirrored(&self, null: f64) -> f64 {
        upper_tail(-self.score(null), self.degrees)
    }

    fn score(&self, null: f64) -> f64 {
        let distance = self.value - null;
        if distance == 0.0 {
            0.0
        } else {
            distance / self.standard_error
        }
    }

    /// The estimate turned round, for what is better when lower.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            value: -self.value,
            ..self
        }
    }
}

/// Chance of a value of at least `score`.
fn upper_tail(score: f64, degrees: Option<f64>) -> f64 {
    let Some(degrees) = degrees else {
        return normal_upper(score);
    };
    let tail = student_two_sided(score, degrees) / 2.0;
    if 0.0 <= score { tail } else { 1.0 - tail }
}

/// The chance outside on each side of a two-sided interval.
pub(super) fn tail_of(level: f64) -> Result<f64, Undefined> {
    if 0.0 < level && level < 1.0 {
        Ok((1.0 - level) / 2.0)
    } else {
        Err(Undefined::Setting {
            name: "the level",
            value: level,
            required: "above 0 and below 1",
        })
    }
}

/// An error rate or a power, strictly between 0 and 1.
pub(super) fn checked_rate(name: &'static str, value: f64) -> Result<f64, Undefined> {
    if 0.0 < value && value < 1.0 {
        Ok(value)
    } else {
        Err(Undefined::Setting {
            name,
            value,
            required: "above 0 and below 1",
        })
    }
}

/// That columns have the same length.
pub(super) fn same_length(left: usize, right: usize) -> Result<(), Undefined> {
    if left == right {
        Ok(())
    } else {
        Err(Undefined::LengthsDiffer { left, right })
    }
}

/// That there are at least `needed` values, none of them NaN or infinite.
pub(super) fn checked_values(values: &[f64], needed: u64) -> Result<(), Undefined> {
    if (values.len() as u64) < needed {
        return Err(Undefined::TooFew {
            of: "values",
            count: values.len() as u64,
            needed,
        });
    }
    if values.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(Undefined::NotFinite)
    }
}
