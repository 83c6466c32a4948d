//! The numbers of selected rows.

use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;

use super::truth::both;

/// Calls `take` with every selected value that is not null, in row order.
pub(super) fn for_each<T: NativeType>(
    array: &PrimitiveArray<T>,
    selected: Option<&Bitmap>,
    mut take: impl FnMut(T),
) {
    let validity = array
        .validity()
        .filter(|validity| 0 < validity.unset_bits());
    match both(validity, selected) {
        None => array.values().iter().for_each(|value| take(*value)),
        Some(chosen) => {
            let values = array.values();
            for row in chosen.true_idx_iter() {
                if let Some(value) = values.get(row) {
                    take(*value);
                }
            }
        }
    }
}

/// A float as an integer that sorts like it; NaNs are one value above all others, zeros are one value.
pub(super) fn sortable(float: f64) -> u64 {
    let float = if float.is_nan() {
        f64::NAN
    } else if float == 0.0 {
        0.0
    } else {
        float
    };
    let bits = float.to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

/// The reverse of [`sortable`].
pub(super) fn unsortable(bits: u64) -> f64 {
    f64::from_bits(if bits >> 63 == 1 {
        bits & !(1 << 63)
    } else {
        !bits
    })
}
