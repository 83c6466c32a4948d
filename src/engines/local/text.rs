//! Tests of texts, each different text of a dictionary once where that can be told cheaply.

use polars_arrow::array::{Array as _, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::MutableBitmap;

use super::truth::Truth;

/// Outcomes remembered, a power of two: fits the second-level cache.
const REMEMBERED: usize = 1 << 13;

/// The test in every row; null for null.
///
/// Texts decoded from a dictionary share their place in memory, and short texts are their own place:
/// a text seen before is not tested again as long as it is remembered.
pub(super) fn tested(texts: &Utf8ViewArray, test: impl Fn(&str) -> bool) -> Truth {
    let slots = texts.len().next_power_of_two().clamp(2, REMEMBERED);
    let mut remembered: Vec<(u128, bool)> = vec![(0, false); slots];
    let mut bits = MutableBitmap::with_capacity(texts.len());
    let empty = test("");
    for (row, view) in texts.views().iter().enumerate() {
        // All zeros is the empty text, and what a null leaves behind.
        let key = view.as_u128();
        let outcome = if key == 0 || view.length == 0 {
            empty
        } else {
            let mixed = ((key >> 64) as u64 ^ key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let place = (mixed >> (64 - slots.trailing_zeros())) as usize;
            match remembered.get_mut(place) {
                Some((known, outcome)) if *known == key => *outcome,
                Some(slot) => {
                    *slot = (key, test(texts.value(row)));
                    slot.1
                }
                None => test(texts.value(row)),
            }
        };
        bits.push(outcome);
    }
    Truth::new(bits.into(), texts.validity().cloned())
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
