//! Tests of texts, each different text of a dictionary once where that can be told cheaply.

use polars_arrow::array::{Array as _, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::MutableBitmap;

use super::truth::Truth;

/// Outcomes remembered, a power of two: fits the second-level cache.
const REMEMBERED: usize = 1 << 13;

/// Texts tested at once: enough to hide how long a step through an automaton takes.
pub(super) const TOGETHER: usize = 4;

/// The test in every row; null for null.
pub(super) fn tested(texts: &Utf8ViewArray, test: impl Fn(&str) -> bool) -> Truth {
    tested_together(texts, |several| {
        let mut outcomes = [false; TOGETHER];
        for (outcome, text) in outcomes.iter_mut().zip(several) {
            *outcome = test(text);
        }
        outcomes
    })
}

/// The test in every row, of up to [`TOGETHER`] texts at once; null for null.
///
/// Texts decoded from a dictionary share their place in memory, and short texts are their own place:
/// a text seen before is not tested again as long as it is remembered.
pub(super) fn tested_together(
    texts: &Utf8ViewArray,
    test: impl Fn(&[&str]) -> [bool; TOGETHER],
) -> Truth {
    let slots = texts.len().next_power_of_two().clamp(2, REMEMBERED);
    let mut remembered: Vec<(u128, bool)> = vec![(0, false); slots];
    let mut bits = MutableBitmap::from_len_zeroed(texts.len());
    let [empty, ..] = test(&[""]);
    let mut waiting: [(usize, usize, u128); TOGETHER] = Default::default();
    let mut waiting_texts = [""; TOGETHER];
    let mut count = 0;
    for (row, view) in texts.views().iter().enumerate() {
        // All zeros is the empty text, and what a null leaves behind.
        let key = view.as_u128();
        if key == 0 || view.length == 0 {
            if empty {
                bits.set(row, true);
            }
            continue;
        }
        let mixed = ((key >> 64) as u64 ^ key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let slot = (mixed >> (64 - slots.trailing_zeros())) as usize;
        match remembered.get(slot) {
            Some((known, outcome)) if *known == key => {
                if *outcome {
                    bits.set(row, true);
                }
                continue;
            }
            Some(_) | None => {}
        }
        waiting[count] = (row, slot, key);
        waiting_texts[count] = texts.value(row);
        count += 1;
        if count == TOGETHER {
            settle(
                &waiting[..count],
                test(&waiting_texts[..count]),
                &mut bits,
                &mut remembered,
            );
            count = 0;
        }
    }
    if 0 < count {
        settle(
            &waiting[..count],
            test(&waiting_texts[..count]),
            &mut bits,
            &mut remembered,
        );
    }
    Truth::new(bits.into(), texts.validity().cloned())
}

/// Notes the outcomes of rows that waited, each with its slot and what is remembered there.
fn settle(
    waiting: &[(usize, usize, u128)],
    outcomes: [bool; TOGETHER],
    bits: &mut MutableBitmap,
    remembered: &mut [(u128, bool)],
) {
    for ((row, slot, key), outcome) in waiting.iter().zip(outcomes) {
        if outcome {
            bits.set(*row, true);
        }
        if let Some(slot) = remembered.get_mut(*slot) {
            *slot = (*key, outcome);
        }
    }
}

/// The lengths in Unicode scalar values.
pub(super) fn lengths(texts: &Utf8ViewArray) -> PrimitiveArray<i64> {
    let lengths: Vec<i64> = texts
        .values_iter()
        .map(|text| {
            let length = if text.is_ascii() {
                text.len()
            } else {
                text.chars().count()
            };
            length as i64
        })
        .collect();
    PrimitiveArray::from_vec(lengths).with_validity(texts.validity().cloned())
}
