//! What a statistic is: two distributions in, a finite number out, or why there is none.

use super::shares::{self, Shares};
use crate::evidence::Requirement;
use crate::measure::{CategoricalDistribution, Distribution, NumericDistribution};

/// A measure of how far two columns are apart.
#[derive(Clone, Copy, Debug)]
pub struct Statistic {
    /// Stable snake_case name, as in configuration.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// The formula in words.
    pub definition: &'static str,
    /// Where the formula comes from and the implementation whose numbers these are.
    pub reference: &'static str,
    /// The requirement that bounds its value.
    pub requirement: Requirement,
    /// The requirement that bounds its p-value, when it has one.
    pub p_requirement: Option<Requirement>,
    /// How it is computed, which says what it can compare.
    pub compute: Compute,
}

/// How a statistic is computed.
#[derive(Clone, Copy, Debug)]
pub enum Compute {
    /// From numbers; both sides have at least one finite value.
    Numeric(fn(&NumericDistribution, &NumericDistribution) -> Result<Comparison, Undefined>),
    /// From categories; both sides have at least one value.
    Categorical(
        fn(&CategoricalDistribution, &CategoricalDistribution) -> Result<Comparison, Undefined>,
    ),
    /// From shares of the same bins: of numbers between the deciles of the reference, of categories by
    /// value.
    Shares(fn(&Shares) -> f64),
    /// From anything, nulls included.
    Rows(fn(&Distribution, &Distribution) -> Result<Comparison, Undefined>),
}

/// What a statistic says of two columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The statistic, finite.
    pub value: f64,
    /// Chance of at least such a value between equal distributions, 0 to 1; absent for distances.
    pub p_value: Option<f64>,
}

/// What a statistic can compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    /// Numbers only.
    Numeric,
    /// Categories only.
    Categorical,
    /// Numbers and categories.
    Any,
}

/// Why two columns cannot be compared. Reads after "is not defined: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// One side has nothing to compare.
    #[error("the {0} column has no values")]
    NoValues(Side),
    /// One side holds NaN or an infinity.
    #[error(
        "the {side} column holds {count} values that are not finite numbers; `not_finite: missing` counts them as nulls"
    )]
    NotFinite {
        /// Which side.
        side: Side,
        /// How many.
        count: u64,
    },
    /// One column is numeric and the other is not.
    #[error("one column is numeric, the other categorical")]
    KindsDiffer,
    /// The statistic is for numbers.
    #[error("the statistic compares numbers only")]
    NotNumeric,
    /// The statistic is for categories.
    #[error("the statistic compares categories only")]
    NotCategorical,
    /// The statistic is for two categories.
    #[error("the statistic compares columns of two different values, and there are {0}")]
    NotBinary(usize),
    /// The statistic needs more values.
    #[error("the {side} column has {count} values, and the statistic needs {needed}")]
    TooFewValues {
        /// Which side.
        side: Side,
        /// How many there are.
        count: u64,
        /// How many it needs.
        needed: u64,
    },
    /// Half of the values are one value.
    #[error(
        "the middle half of the values is one value, which the statistic divides by the spread of"
    )]
    NoSpread,
    /// The numbers do not fit into a double.
    #[error("the values are so large that the statistic overflows")]
    Overflow,
    /// Anything else, in words.
    #[error("{0}")]
    Other(&'static str),
}

/// One of the two columns compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What was.
    Reference,
    /// What is.
    Current,
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Reference => "reference",
            Self::Current => "current",
        })
    }
}

impl Undefined {
    /// Why a numeric and a categorical column cannot be compared: a column without values is neither,
    /// and says so instead of seeming to have changed its kind.
    #[must_use]
    pub fn between(reference: &Distribution, current: &Distribution) -> Self {
        let has_none = |side: &Distribution| side.row_count() == side.null_count();
        if has_none(reference) {
            Self::NoValues(Side::Reference)
        } else if has_none(current) {
            Self::NoValues(Side::Current)
        } else {
            Self::KindsDiffer
        }
    }

    /// Whether no other data of these columns could make it defined.
    #[must_use]
    pub fn is_unsupported(self) -> bool {
        match self {
            Self::KindsDiffer | Self::NotNumeric | Self::NotCategorical | Self::NotBinary(_) => {
                true
            }
            Self::NoValues(_)
            | Self::NotFinite { .. }
            | Self::TooFewValues { .. }
            | Self::NoSpread
            | Self::Overflow
            | Self::Other(_) => false,
        }
    }
}

impl Comparison {
    /// A distance.
    #[must_use]
    pub fn distance(value: f64) -> Self {
        Self {
            value,
            p_value: None,
        }
    }

    /// A test.
    #[must_use]
    pub fn test(value: f64, p_value: f64) -> Self {
        Self {
            value,
            p_value: Some(p_value),
        }
    }
}

impl Statistic {
    /// What it can compare.
    #[must_use]
    pub fn applies_to(&self) -> AppliesTo {
        match self.compute {
            Compute::Numeric(_) => AppliesTo::Numeric,
            Compute::Categorical(_) => AppliesTo::Categorical,
            Compute::Shares(_) | Compute::Rows(_) => AppliesTo::Any,
        }
    }

    /// The statistic of reference and current.
    ///
    /// # Errors
    /// When it is not defined on them.
    pub fn compare(
        &self,
        reference: &Distribution,
        current: &Distribution,
    ) -> Result<Comparison, Undefined> {
        let comparison = match (self.compute, reference, current) {
            (_, Distribution::Numeric(_), Distribution::Categorical(_))
            | (_, Distribution::Categorical(_), Distribution::Numeric(_)) => {
                Err(Undefined::between(reference, current))
            }
            (Compute::Rows(compute), _, _) => compute(reference, current),
            (
                Compute::Numeric(compute),
                Distribution::Numeric(before),
                Distribution::Numeric(now),
            ) => {
                finite(before, now)?;
                compute(before, now)
            }
            (Compute::Categorical(_), Distribution::Numeric(_), Distribution::Numeric(_)) => {
                Err(Undefined::NotCategorical)
            }
            (Compute::Numeric(_), Distribution::Categorical(_), Distribution::Categorical(_)) => {
                Err(Undefined::NotNumeric)
            }
            (
                Compute::Categorical(compute),
                Distribution::Categorical(before),
                Distribution::Categorical(now),
            ) => {
                some(before, now)?;
                compute(before, now)
            }
            (
                Compute::Shares(compute),
                Distribution::Numeric(before),
                Distribution::Numeric(now),
            ) => {
                finite(before, now)?;
                Ok(Comparison::distance(compute(&shares::of_numbers(
                    before, now,
                ))))
            }
            (
                Compute::Shares(compute),
                Distribution::Categorical(before),
                Distribution::Categorical(now),
            ) => {
                some(before, now)?;
                Ok(Comparison::distance(compute(&shares::of_categories(
                    before, now,
                ))))
            }
        }?;
        let finite = comparison.value.is_finite() && comparison.p_value.is_none_or(f64::is_finite);
        finite.then_some(comparison).ok_or(Undefined::Overflow)
    }
}

/// Both sides hold finite numbers only, and at least one.
pub(super) fn finite(
    reference: &NumericDistribution,
    current: &NumericDistribution,
) -> Result<(), Undefined> {
    for (numbers, side) in [(reference, Side::Reference), (current, Side::Current)] {
        let count = numbers.not_finite();
        if 0 < count {
            return Err(Undefined::NotFinite { side, count });
        }
        if numbers.points.is_empty() {
            return Err(Undefined::NoValues(side));
        }
    }
    Ok(())
}

fn some(
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Result<(), Undefined> {
    for (categories, side) in [(reference, Side::Reference), (current, Side::Current)] {
        if categories.count() == 0 {
            return Err(Undefined::NoValues(side));
        }
    }
    Ok(())
}
