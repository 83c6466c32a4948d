//! What two summaries have in common, line by line (ROUGE-Lsum; Lin 2004, section 3.2).

use std::collections::{BTreeSet, HashMap};

use super::symbol_masks::SymbolMasks;
use super::{Budget, common_subsequence};
use crate::metrics::Undefined;

/// Cells of the tables of all pairs of lines of a row: 16,384 words against as many. The table of one pair is
/// kept, at a bit a cell, which are 32 MiB.
pub const LINE_CELLS_MAX: u64 = 1 << 28;

/// Pairs of lines in a row.
pub const LINE_PAIRS_MAX: u64 = 1 << 22;

/// What a row may cost: cells, pairs of lines.
pub(super) fn budgets() -> [Budget; 2] {
    let cells = Budget::new("pairs of words", LINE_CELLS_MAX);
    [cells, Budget::new("pairs of lines", LINE_PAIRS_MAX)]
}

/// How many words of the reference are in the union, over the lines of the answer, of a longest common
/// subsequence with a line of it; each word at most as often as it occurs in either text.
pub(super) fn common(
    reference: &[Vec<u32>],
    answer: &[Vec<u32>],
    [cells, pairs]: &mut [Budget; 2],
) -> Result<u64, Undefined> {
    let (reference, answer) = (with_words(reference), with_words(answer));
    pairs.spend(reference.len() as u64 * answer.len() as u64)?;
    cells.spend(words(&reference) * words(&answer))?;
    let (mut left_of_reference, mut left_of_answer) = (counts(&reference), counts(&answer));
    let mut masks: Vec<_> = answer.iter().map(|line| SymbolMasks::new(line)).collect();
    let mut hits = 0;
    for line in reference {
        let mut union = BTreeSet::new();
        for (candidate, masks) in answer.iter().zip(&mut masks) {
            union.extend(common_subsequence::positions(line, candidate, masks));
        }
        for position in union {
            let word = line[position as usize];
            if let (Some(expected @ 1..), Some(found @ 1..)) = (
                left_of_reference.get_mut(&word),
                left_of_answer.get_mut(&word),
            ) {
                hits += 1;
                *expected -= 1;
                *found -= 1;
            }
        }
    }
    Ok(hits)
}

fn with_words(lines: &[Vec<u32>]) -> Vec<&Vec<u32>> {
    lines.iter().filter(|line| !line.is_empty()).collect()
}

fn words(lines: &[&Vec<u32>]) -> u64 {
    lines.iter().map(|line| line.len() as u64).sum()
}

fn counts(lines: &[&Vec<u32>]) -> HashMap<u32, u64> {
    let mut counts = HashMap::new();
    for word in lines.iter().copied().flatten() {
        *counts.entry(*word).or_default() += 1;
    }
    counts
}
