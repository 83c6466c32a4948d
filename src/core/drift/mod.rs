//! Drift: how far the values of a column have moved from a reference. One file per statistic, one
//! table of all of them.
//!
//! A statistic is a pure function of two [`Column`]s of the same kind. It never yields NaN: equal
//! constants are 0 apart, disjoint columns as far as the statistic goes, and what cannot be compared is
//! [`Undefined`]. Reading columns is left to `engines`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod judge;
mod ks;
mod psi;
mod spec;

use std::collections::BTreeMap;

pub use judge::{Compared, REQUIREMENTS, judge};
pub use spec::{DriftSpec, Problem};

/// The values of one column of one dataset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Column<'a> {
    /// Numbers.
    Numeric {
        /// The values that are not null, in any order.
        values: &'a [f64],
        /// How many values are null.
        null_count: u64,
    },
    /// Anything else, counted by value.
    Categorical {
        /// How often each value occurs.
        counts: &'a BTreeMap<String, u64>,
        /// How many values are null.
        null_count: u64,
    },
}

impl Column<'_> {
    /// How many values a statistic sees: nulls count where they are a category of their own.
    #[must_use]
    pub fn compared_rows(&self) -> u64 {
        match self {
            Self::Numeric { values, .. } => values.len() as u64,
            Self::Categorical { counts, null_count } => counts
                .values()
                .fold(*null_count, |sum, count| sum.saturating_add(*count)),
        }
    }

    /// The kind of column as one lower-case word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Numeric { .. } => "numeric",
            Self::Categorical { .. } => "categorical",
        }
    }
}

/// What a statistic can compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    /// Numbers only.
    Numeric,
    /// Numbers and categories.
    Any,
}

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
    /// What it can compare.
    pub applies_to: AppliesTo,
    /// The statistic of reference and current, always finite and ≥ 0, or why there is none.
    pub compute: fn(&Column<'_>, &Column<'_>) -> Result<f64, Undefined>,
}

/// Why two columns cannot be compared. Reads after "is not defined: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// One side has nothing to compare.
    #[error("the {0} column has no values")]
    NoValues(Side),
    /// One side holds NaN or an infinity.
    #[error("the {side} column holds {count} values that are not finite numbers")]
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

/// Every statistic.
pub const STATISTICS: &[Statistic] = &[psi::PSI, ks::KS];

/// The statistic called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static Statistic> {
    STATISTICS.iter().find(|statistic| statistic.id == id)
}

/// A sorted copy of numbers that are all finite and at least one.
fn sorted(values: &[f64], side: Side) -> Result<Vec<f64>, Undefined> {
    checked(values, side)?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(sorted)
}

fn checked(values: &[f64], side: Side) -> Result<(), Undefined> {
    if values.is_empty() {
        return Err(Undefined::NoValues(side));
    }
    let count = values.iter().filter(|value| !value.is_finite()).count() as u64;
    if 0 < count {
        return Err(Undefined::NotFinite { side, count });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
