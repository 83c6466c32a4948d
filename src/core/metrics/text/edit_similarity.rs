//! How alike two texts are, character by character.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::symbol_masks::SymbolMasks;
use super::{Budget, Kernel, Statistics, TextMetric, common_subsequence, plain};
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Cells of the tables of a row: 131,072 characters against as many, a second.
pub const CELLS_MAX: u64 = 1 << 34;

/// Similarity by edit distance.
pub const EDIT_SIMILARITY: TextMetric = TextMetric {
    id: "edit_similarity",
    title: "Edit similarity",
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "1 - distance / longest possible distance over Unicode scalar values, best reference; two empty texts are 1. Levenshtein: insertions, deletions and substitutions over the longer length; indel: insertions and deletions over both lengths",
    reference: "RapidFuzz 3.14.6 `Levenshtein.normalized_similarity`, `Indel.normalized_similarity`",
    options: &[OptionSpec::choice(
        "distance",
        &["levenshtein", "indel"],
        "which edits count",
    )],
    recorded: false,
    build: plain::<EditSimilarity>,
};

/// Options of [`EDIT_SIMILARITY`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EditSimilarity {
    /// Which edits count.
    pub distance: Distance,
}

/// Which edits a distance counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Distance {
    /// Insertions, deletions and substitutions.
    #[default]
    Levenshtein,
    /// Insertions and deletions.
    Indel,
}

impl Kernel for EditSimilarity {
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let hypothesis = characters(hypothesis);
        let mut budget = Budget::new("pairs of characters", CELLS_MAX);
        let mut best = 0.0_f64;
        for reference in references {
            let reference = characters(reference);
            best = best.max(similarity(
                &reference,
                &hypothesis,
                self.distance,
                &mut budget,
            )?);
        }
        Ok(Statistics::of_value(best))
    }
}

/// The characters as numbers.
pub(super) fn characters(text: &str) -> Vec<u32> {
    text.chars().map(u32::from).collect()
}

fn similarity(
    left: &[u32],
    right: &[u32],
    distance: Distance,
    budget: &mut Budget,
) -> Result<f64, Undefined> {
    let (longer, both) = (left.len().max(right.len()), left.len() + right.len());
    let (left, right) = different_middle(left, right);
    budget.spend(left.len() as u64 * right.len() as u64)?;
    let (distance, most) = match distance {
        Distance::Levenshtein => (levenshtein(left, right), longer),
        Distance::Indel => {
            let common = common_subsequence::length(left, right);
            ((left.len() + right.len()) as u64 - 2 * common, both)
        }
    };
    if most == 0 {
        return Ok(1.0);
    }
    Ok(1.0 - distance as f64 / most as f64)
}

/// The texts without what they begin and end with alike, which changes no distance.
fn different_middle<'a>(left: &'a [u32], right: &'a [u32]) -> (&'a [u32], &'a [u32]) {
    let alike = |pair: &(&u32, &u32)| pair.0 == pair.1;
    let start = left.iter().zip(right).take_while(alike).count();
    let (left, right) = (&left[start..], &right[start..]);
    let end = left
        .iter()
        .rev()
        .zip(right.iter().rev())
        .take_while(alike)
        .count();
    (&left[..left.len() - end], &right[..right.len() - end])
}

/// Levenshtein distance, 64 cells at a time (Hyyrö 2003, "A bit-vector algorithm for computing
/// Levenshtein and Damerau edit distances").
fn levenshtein(pattern: &[u32], text: &[u32]) -> u64 {
    if pattern.is_empty() {
        return text.len() as u64;
    }
    let mut masks = SymbolMasks::new(pattern);
    let absent = vec![0; masks.blocks()];
    // Whether the cell is one more, or one less, than the cell above it.
    let (mut more, mut less) = (vec![u64::MAX; masks.blocks()], absent.clone());
    let last_bit = 1_u64 << ((pattern.len() - 1) % 64);
    let mut distance = pattern.len() as u64;
    for symbol in text {
        let mask = masks.of(*symbol).unwrap_or(&absent);
        let (mut carry_more, mut carry_less) = (1, 0);
        let (mut right_more, mut right_less) = (0, 0);
        for ((more, less), mask) in more.iter_mut().zip(&mut less).zip(mask) {
            let matches = mask | carry_less;
            let diagonal = ((matches & *more).wrapping_add(*more) ^ *more) | matches | *less;
            right_more = *less | !(diagonal | *more);
            right_less = diagonal & *more;
            let shifted_more = (right_more << 1) | carry_more;
            let shifted_less = (right_less << 1) | carry_less;
            (carry_more, carry_less) = (right_more >> 63, right_less >> 63);
            *more = shifted_less | !(diagonal | shifted_more);
            *less = shifted_more & diagonal;
        }
        distance += u64::from(right_more & last_bit != 0);
        distance -= u64::from(right_less & last_bit != 0);
    }
    distance
}
