//! Longest common subsequences, 64 cells of the table at a time (Hyyrö 2004, "Bit-parallel LCS-length
//! computation revisited").

use super::symbol_masks::SymbolMasks;

/// Length of the longest common subsequence.
pub(super) fn length(left: &[u32], right: &[u32]) -> u64 {
    let mut masks = SymbolMasks::new(left);
    let mut row = first_row(&masks);
    for symbol in right {
        if let Some(mask) = masks.of(*symbol) {
            advance(&mut row, mask);
        }
    }
    steps_before(&row, left.len())
}

/// Positions in `reference` of the longest common subsequence that rouge-score reads out of its table:
/// from the ends, a match is taken, else the shorter candidate when that loses less, else the shorter
/// reference. Falling order. Keeps a bit for every cell of the table.
pub(super) fn positions(reference: &[u32], candidate: &[u32], masks: &mut SymbolMasks) -> Vec<u32> {
    let blocks = masks.blocks();
    let mut rows = first_row(masks);
    rows.reserve_exact(reference.len() * blocks);
    let mut row = rows.clone();
    for symbol in reference {
        if let Some(mask) = masks.of(*symbol) {
            advance(&mut row, mask);
        }
        rows.extend_from_slice(&row);
    }
    let length = |i: usize, j: usize| steps_before(&rows[i * blocks..(i + 1) * blocks], j);
    let (mut i, mut j) = (reference.len(), candidate.len());
    let mut found = Vec::new();
    while 0 < i && 0 < j {
        if reference[i - 1] == candidate[j - 1] {
            (i, j) = (i - 1, j - 1);
            found.push(i as u32);
        } else if length(i, j - 1) > length(i - 1, j) {
            j -= 1;
        } else {
            i -= 1;
        }
    }
    found
}

/// The row of an empty text. A zero bit is a step: one more in common than a column before.
fn first_row(masks: &SymbolMasks) -> Vec<u64> {
    vec![u64::MAX; masks.blocks()]
}

/// The next row of the table.
fn advance(row: &mut [u64], mask: &[u64]) {
    let mut carry = false;
    for (block, mask) in row.iter_mut().zip(mask) {
        let matches = *block & mask;
        let (sum, over) = block.overflowing_add(matches);
        let (sum, over_again) = sum.overflowing_add(u64::from(carry));
        carry = over || over_again;
        *block = sum | (*block & !matches);
    }
}

/// How many steps the first `columns` columns hold: the length in common up to there.
fn steps_before(row: &[u64], columns: usize) -> u64 {
    let (whole, rest) = (columns / 64, columns % 64);
    let full: u64 = row
        .iter()
        .take(whole)
        .map(|block| u64::from(block.count_zeros()))
        .sum();
    let below = (1_u64 << rest) - 1;
    let last = row
        .get(whole)
        .map_or(0, |block| (!block & below).count_ones());
    full + u64::from(last)
}
