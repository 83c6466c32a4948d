//! How numbers are spread, as bins of equal width.

use serde::Serialize;

use crate::measure::NumericDistribution;

/// Bins of a histogram.
const BINS: usize = 24;

/// One bin of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Where it begins.
    pub lower: f64,
    /// Where it ends; the last bin holds its end.
    pub upper: f64,
    /// Values in it.
    pub count: u64,
}

/// The histogram of finite values; one bin when all are equal, none when there are none.
#[must_use]
pub fn histogram(numeric: &NumericDistribution) -> Vec<Bin> {
    let (Some((low, _)), Some((high, _))) = (numeric.points.first(), numeric.points.last()) else {
        return Vec::new();
    };
    let width = (high - low) / BINS as f64;
    if !width.is_finite() || width <= 0.0 {
        return vec![Bin {
            lower: *low,
            upper: *high,
            count: numeric.count(),
        }];
    }
    let mut bins: Vec<Bin> = (0..BINS)
        .map(|place| Bin {
            lower: low + width * place as f64,
            upper: low + width * (place + 1) as f64,
            count: 0,
        })
        .collect();
    for (value, count) in &numeric.points {
        let place = ((value - low) / width) as usize;
        if let Some(bin) = bins.get_mut(place.min(BINS - 1)) {
            bin.count += count;
        }
    }
    bins
}
