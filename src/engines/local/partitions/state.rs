//! What is kept of the rows of one file, in a form that can be written down and added to what was kept of
//! others: the very numbers an accumulator would have held, so that adding them is as good as reading.
//!
//! Floating-point numbers are written as their bits: no digit is lost, and NaN and infinities are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::vectors::VectorsState;
use crate::evidence::FailingRows;
use crate::measure::{Comoments, Decimal, Moments, PersonalFound, PersonalKind, Scalar};

/// What is kept of the rows of one file. Rows are numbered from the first of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::engines::local) enum State {
    Count(u64),
    Failing(FailingRows),
    /// By the first row of each batch.
    Moments(Vec<(u64, MomentsBits)>),
    /// By the first row of each batch.
    Comoments(Vec<(u64, ComomentsBits)>),
    Extremes(Option<(ScalarBits, ScalarBits)>),
    /// Microseconds since 1970-01-01T00:00Z.
    Newest(Option<i64>),
    Frequencies(Vec<(Vec<Option<String>>, u64)>),
    Personal(PersonalState),
    Numbers(Numbers),
    /// How often, smallest, largest, of numbers that are counted together, ascending.
    Buckets(Vec<(u64, u64, u64)>),
    Distribution(DistributionState),
    Vectors(VectorsState),
    Slices(Vec<(Vec<Option<String>>, State)>),
}

/// A state, and whether it is all there is: what was too much to keep has been handed on already.
pub(in crate::engines::local) struct Kept {
    pub(in crate::engines::local) state: State,
    pub(in crate::engines::local) is_whole: bool,
}

impl Kept {
    pub(in crate::engines::local) fn whole(state: State) -> Self {
        Self {
            state,
            is_whole: true,
        }
    }
}

/// Numbers that sort like the values, each with how often it occurs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::engines::local) struct Numbers {
    /// Ascending.
    pub(in crate::engines::local) counted: Vec<(u64, u64)>,
    pub(in crate::engines::local) nan: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::engines::local) struct DistributionState {
    pub(in crate::engines::local) nulls: u64,
    pub(in crate::engines::local) is_categorical: bool,
    pub(in crate::engines::local) categories: BTreeMap<String, u64>,
    pub(in crate::engines::local) others: u64,
    pub(in crate::engines::local) numbers: Numbers,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::engines::local) struct PersonalState {
    eligible: u64,
    sure: BTreeMap<PersonalKind, u64>,
    likely: BTreeMap<PersonalKind, u64>,
    alike: BTreeMap<PersonalKind, u64>,
    cut: u64,
    row_numbers: Vec<u64>,
}

impl PersonalState {
    /// What was found in a file whose first row is `first_row`.
    pub(in crate::engines::local) fn of(found: &PersonalFound, first_row: u64) -> Self {
        let rows = found.row_numbers.iter();
        Self {
            eligible: found.eligible,
            sure: found.sure.clone(),
            likely: found.likely.clone(),
            alike: found.alike.clone(),
            cut: found.cut,
            row_numbers: rows.map(|row| row.saturating_sub(first_row)).collect(),
        }
    }

    /// The same in a table.
    pub(in crate::engines::local) fn found(&self, first_row: u64) -> PersonalFound {
        let rows = self.row_numbers.iter();
        PersonalFound {
            eligible: self.eligible,
            sure: self.sure.clone(),
            likely: self.likely.clone(),
            alike: self.alike.clone(),
            cut: self.cut,
            row_numbers: rows.map(|row| row.saturating_add(first_row)).collect(),
        }
    }
}

/// [`Moments`], field by field.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::engines::local) struct MomentsBits([u64; 9]);

impl From<Moments> for MomentsBits {
    fn from(moments: Moments) -> Self {
        let Moments {
            count,
            mean,
            sum,
            m2,
            m3,
            m4,
            nan,
            infinite,
            zeros,
        } = moments;
        let [mean, sum, m2, m3, m4] = [mean, sum, m2, m3, m4].map(f64::to_bits);
        Self([count, mean, sum, m2, m3, m4, nan, infinite, zeros])
    }
}

impl From<MomentsBits> for Moments {
    fn from(MomentsBits(bits): MomentsBits) -> Self {
        let [count, mean, sum, m2, m3, m4, nan, infinite, zeros] = bits;
        Self {
            count,
            mean: f64::from_bits(mean),
            sum: f64::from_bits(sum),
            m2: f64::from_bits(m2),
            m3: f64::from_bits(m3),
            m4: f64::from_bits(m4),
            nan,
            infinite,
            zeros,
        }
    }
}

/// [`Comoments`], field by field.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::engines::local) struct ComomentsBits([u64; 6]);

impl From<Comoments> for ComomentsBits {
    fn from(moments: Comoments) -> Self {
        let Comoments {
            count,
            mean_x,
            mean_y,
            m2_x,
            m2_y,
            c,
        } = moments;
        let [mean_x, mean_y, m2_x, m2_y, c] = [mean_x, mean_y, m2_x, m2_y, c].map(f64::to_bits);
        Self([count, mean_x, mean_y, m2_x, m2_y, c])
    }
}

impl From<ComomentsBits> for Comoments {
    fn from(ComomentsBits(bits): ComomentsBits) -> Self {
        let [count, mean_x, mean_y, m2_x, m2_y, c] = bits;
        Self {
            count,
            mean_x: f64::from_bits(mean_x),
            mean_y: f64::from_bits(mean_y),
            m2_x: f64::from_bits(m2_x),
            m2_y: f64::from_bits(m2_y),
            c: f64::from_bits(c),
        }
    }
}

/// A [`Scalar`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::engines::local) enum ScalarBits {
    Integer(i64),
    Unsigned(u64),
    Number(u64),
    /// All digits as text.
    Decimal(String),
    Text(String),
    Boolean(bool),
    /// Microseconds since 1970-01-01T00:00Z, which is as fine as the engine reads.
    Instant(i64),
}

impl From<&Scalar> for ScalarBits {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Integer(value) => Self::Integer(*value),
            Scalar::Unsigned(value) => Self::Unsigned(*value),
            Scalar::Number(value) => Self::Number(value.to_bits()),
            Scalar::Decimal(value) => Self::Decimal(value.to_string()),
            Scalar::Text(text) => Self::Text(text.clone()),
            Scalar::Boolean(value) => Self::Boolean(*value),
            Scalar::Instant(instant) => Self::Instant(instant.timestamp_micros()),
        }
    }
}

impl ScalarBits {
    /// The scalar; `None` for an instant or a decimal that is none.
    pub(in crate::engines::local) fn scalar(&self) -> Option<Scalar> {
        Some(match self {
            Self::Integer(value) => Scalar::Integer(*value),
            Self::Unsigned(value) => Scalar::Unsigned(*value),
            Self::Number(bits) => Scalar::Number(f64::from_bits(*bits)),
            Self::Decimal(text) => Scalar::Decimal(Decimal::parse(text)?),
            Self::Text(text) => Scalar::Text(text.clone()),
            Self::Boolean(value) => Scalar::Boolean(*value),
            Self::Instant(micros) => {
                Scalar::Instant(chrono::DateTime::from_timestamp_micros(*micros)?)
            }
        })
    }
}
