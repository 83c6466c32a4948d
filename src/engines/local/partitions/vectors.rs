//! What is kept of the vectors of one file. Vectors are packed as base64 of their little-endian numbers, in
//! single precision where that holds every bit: a sample is a thousand of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::state::{Kept, State};
use crate::measure::{ExactSum, Lengths, SumDigits, VectorSketch};

/// Bytes of packed vectors kept of a file. With more, its vectors are read again by the next run, so that
/// there is room for the results of other measures.
const BYTES_MAX: usize = 8 << 20;

/// What is kept of vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::engines::local) struct VectorsState {
    rows: u64,
    nulls: u64,
    broken: u64,
    first_broken: Option<u64>,
    /// Length and row of the shortest and the longest vector.
    lengths: Option<[(usize, u64); 2]>,
    /// Sign, first digit and digits.
    sums: Vec<(bool, usize, Vec<u32>)>,
    /// Priority, row and numbers.
    sample: Vec<(u64, u64, Packed)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Packed {
    Single(String),
    Double(String),
}

impl VectorsState {
    /// What is kept of a file whose first row is `first_row`.
    pub(in crate::engines::local) fn kept(sketch: &VectorSketch, first_row: u64) -> Kept {
        let own = |row: u64| row.saturating_sub(first_row);
        let sample: Vec<(u64, u64, Packed)> = sketch
            .sample
            .iter()
            .map(|((priority, row), vector)| (*priority, own(*row), Packed::of(vector)))
            .collect();
        let bytes: usize = sample
            .iter()
            .map(|(_, _, packed)| packed.text().len())
            .sum();
        let sums = sketch.sums.iter().map(|sum| {
            let sum = sum.to_digits();
            (sum.negative, sum.first, sum.digits)
        });
        let state = Self {
            rows: sketch.row_count,
            nulls: sketch.null_count,
            broken: sketch.broken_count,
            first_broken: sketch.first_broken.map(own),
            lengths: sketch.lengths.map(|lengths| {
                [lengths.shortest, lengths.longest].map(|(length, row)| (length, own(row)))
            }),
            sums: sums.collect(),
            sample,
        };
        Kept {
            state: State::Vectors(state),
            is_whole: bytes <= BYTES_MAX,
        }
    }

    /// The same in a table.
    pub(in crate::engines::local) fn sketch(&self, first_row: u64) -> VectorSketch {
        let there = |row: u64| row.saturating_add(first_row);
        let sums = self.sums.iter().map(|(negative, first, digits)| {
            ExactSum::from_digits(&SumDigits {
                negative: *negative,
                first: *first,
                digits: digits.clone(),
            })
        });
        let sample = self
            .sample
            .iter()
            .map(|(priority, row, packed)| ((*priority, there(*row)), packed.numbers()));
        VectorSketch {
            row_count: self.rows,
            null_count: self.nulls,
            broken_count: self.broken,
            first_broken: self.first_broken.map(there),
            lengths: self.lengths.map(|[shortest, longest]| Lengths {
                shortest: (shortest.0, there(shortest.1)),
                longest: (longest.0, there(longest.1)),
            }),
            sums: sums.collect(),
            sample: sample.collect(),
            end: None,
        }
    }
}

impl Packed {
    fn of(vector: &[f64]) -> Self {
        let is_single = |number: &f64| f64::from(*number as f32).to_bits() == number.to_bits();
        if vector.iter().all(is_single) {
            let bytes: Vec<u8> = vector
                .iter()
                .flat_map(|number| (*number as f32).to_le_bytes())
                .collect();
            return Self::Single(STANDARD.encode(bytes));
        }
        let bytes: Vec<u8> = vector
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect();
        Self::Double(STANDARD.encode(bytes))
    }

    fn text(&self) -> &str {
        match self {
            Self::Single(text) | Self::Double(text) => text,
        }
    }

    fn numbers(&self) -> Vec<f64> {
        // What was written with the key of the cache is base64.
        let bytes = STANDARD.decode(self.text()).unwrap_or_default();
        match self {
            Self::Single(_) => {
                let (numbers, _) = bytes.as_chunks::<4>();
                numbers
                    .iter()
                    .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
                    .collect()
            }
            Self::Double(_) => {
                let (numbers, _) = bytes.as_chunks::<8>();
                numbers
                    .iter()
                    .map(|bytes| f64::from_le_bytes(*bytes))
                    .collect()
            }
        }
    }
}
