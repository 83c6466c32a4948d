//! Rows that are nearly the same: texts by the Jaccard similarity of their shingles, numbers within a
//! tolerance, everything else equal. Candidates come from MinHash signatures in bands (Broder 1997;
//! Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3) or from cells of a grid, and
//! every candidate is then compared exactly: a pair that is reported is near, a pair that is near is
//! missed with the probability [`Near::miss_probability`] gives for texts and never for numbers.

mod index;
mod minhash;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Value;
use crate::evidence::{FailingRows, RowExample};

pub use index::{NearIndex, Nearest};
pub use minhash::{Shingles, Signature};

/// What makes two rows nearly the same, and where the other row is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// Texts compared by similarity; together they are one text, in this order.
    pub texts: Vec<Value>,
    /// Numbers compared within a tolerance each. Null is near null only.
    pub numbers: Vec<(Value, f64)>,
    /// Values that must be equal, as texts; null equals null.
    pub equal: Vec<Value>,
    /// Least Jaccard similarity of the texts, in (0, 1].
    pub similarity_min: f64,
    /// How texts are cut.
    pub shingles: Shingling,
    /// The other dataset, whose columns have the same names; when absent, earlier rows of this one.
    pub dataset: Option<String>,
}

/// How a text is cut into shingles: in lower case (Unicode), each run of what is neither letter nor
/// digit being one space, then every run of `size` words or characters. A text of fewer is one shingle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shingling {
    /// Of what.
    #[serde(default)]
    pub of: ShingleUnit,
    /// How many, at least 1.
    #[serde(default = "three")]
    pub size: u16,
}

fn three() -> u16 {
    3
}

/// What a shingle is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShingleUnit {
    /// Words: for texts of sentences.
    #[default]
    Words,
    /// Unicode scalar values: for names and addresses.
    Characters,
}

impl Default for Shingling {
    fn default() -> Self {
        Self {
            of: ShingleUnit::default(),
            size: three(),
        }
    }
}

/// One row as it is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NearRow {
    /// The texts, nulls left out.
    pub text: String,
    /// The numbers; null and NaN are `None`.
    pub numbers: Vec<Option<f64>>,
    /// The values that must be equal.
    pub equal: Vec<Option<String>>,
}

/// Rows with a near duplicate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NearFound {
    /// Rows with a near duplicate in the other dataset, or earlier in this one.
    pub failing: FailingRows,
    /// The number of the row each example is near, from 1, in the order of the examples.
    pub nearest: Vec<u64>,
    /// Rows for which the search ended at [`CANDIDATES_MAX`] without a near one: they may have one.
    pub unfinished: u64,
}

/// Candidates compared for one row before the search ends.
pub const CANDIDATES_MAX: usize = 1000;

impl NearFound {
    /// Adds what the search for a row came to. Beside another dataset, index its rows and then search
    /// for each row of this one; within one dataset, search for a row before it is added to the index,
    /// in file order. `value` is what is shown of the row; asked for only where it is.
    pub fn update(
        &mut self,
        row_number: u64,
        value: impl FnOnce() -> Option<String>,
        nearest: Nearest,
        examples_max: usize,
    ) {
        self.failing.eligible += 1;
        match nearest {
            Nearest::None => {}
            Nearest::Unfinished => self.unfinished += 1,
            Nearest::Row(other) => {
                self.failing.count += 1;
                if self.failing.examples.len() < examples_max {
                    self.failing.examples.push(RowExample {
                        row_number,
                        value: value(),
                        masked: false,
                        is_null: false,
                    });
                    self.nearest.push(other);
                }
            }
        }
    }
}

impl Near {
    /// The probability that a pair whose texts have this similarity is missed: `(1 - s^r)^b` with `b`
    /// bands of `r` hashes.
    #[must_use]
    pub fn miss_probability(similarity: f64) -> f64 {
        let band = similarity.powi(minhash::BAND_ROWS as i32);
        (1.0 - band).powi(minhash::BANDS as i32)
    }
}

#[cfg(test)]
mod tests;
