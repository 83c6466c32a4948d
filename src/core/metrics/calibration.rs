//! How far probabilities are from frequencies: expected calibration error, and the bins of the
//! reliability diagram.

use super::sample::Sample;
use super::{Direction, Metric, Undefined};
use crate::evidence::Interval;

/// Bins of equal width over [0, 1]; 15 as in Guo et al. 2017.
pub const BINS: usize = 15;

/// Normal quantile of a two-sided 95 % interval.
const NORMAL_QUANTILE_95: f64 = 1.959_963_984_540_054;

/// Expected calibration error.
pub const ECE: Metric = Metric {
    id: "ece",
    title: "Expected calibration error",
    direction: Direction::LowerIsBetter,
    range: (0.0, 1.0),
    needs_probability: true,
    definition: "15 bins of equal width over [0, 1], the upper end in the last; sum over the bins of their share of rows times |share of positives - mean probability|",
    reference: "Guo et al. 2017, On Calibration of Modern Neural Networks, with numpy; biased upward on few rows",
    weighted: expected_calibration_error,
};

/// One bin of the reliability diagram that holds rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationBin {
    /// Index of the bin, from 0: it spans from `index / 15` to `(index + 1) / 15`.
    pub index: usize,
    /// Mean probability of its rows.
    pub score_mean: f64,
    /// Share of its rows that are positive.
    pub positive_fraction: f64,
    /// Wilson 95 % interval of that share.
    pub interval: Interval,
    /// How many rows it holds, at least 1.
    pub rows: u64,
}

/// The bins that hold rows, from the lowest probability.
///
/// # Errors
/// When there are no rows or scores are not probabilities.
pub fn calibration_bins(sample: &Sample<'_>) -> Result<Vec<CalibrationBin>, Undefined> {
    if sample.is_empty() {
        return Err(Undefined::NoRows);
    }
    let rows = sample.rows_outside_unit_interval();
    if 0 < rows {
        return Err(Undefined::NotProbabilities { rows });
    }
    let bins = binned(sample, &vec![1; sample.len()]);
    let filled = bins.iter().enumerate().filter(|(_, bin)| 0 < bin.rows);
    Ok(filled
        .map(|(index, bin)| CalibrationBin {
            index,
            score_mean: bin.score_sum / bin.rows as f64,
            positive_fraction: bin.positives as f64 / bin.rows as f64,
            interval: wilson(bin.positives, bin.rows),
            rows: bin.rows,
        })
        .collect())
}

/// Wilson's score interval of a proportion at 95 %, as scipy's
/// `binomtest(k, n).proportion_ci(method="wilson")`. `rows` is at
/// least 1.
fn wilson(positives: u64, rows: u64) -> Interval {
    let (count, share) = (rows as f64, positives as f64 / rows as f64);
    let squared = NORMAL_QUANTILE_95 * NORMAL_QUANTILE_95;
    let centre = (share + squared / (2.0 * count)) / (1.0 + squared / count);
    let spread = share * (1.0 - share) / count + squared / (4.0 * count * count);
    let half = NORMAL_QUANTILE_95 * spread.sqrt() / (1.0 + squared / count);
    Interval {
        lower: (centre - half).max(0.0),
        upper: (centre + half).min(1.0),
        level: 0.95,
    }
}

#[derive(Clone, Copy, Default)]
struct Bin {
    rows: u64,
    positives: u64,
    score_sum: f64,
}

fn expected_calibration_error(sample: &Sample<'_>, weights: &[u32]) -> Result<f64, Undefined> {
    let bins = binned(sample, weights);
    let total: u64 = bins.iter().map(|bin| bin.rows).sum();
    if total == 0 {
        return Err(Undefined::NoRows);
    }
    // n/N · |positives/n - sum/n| is |positives - sum| / N.
    let gaps = bins
        .iter()
        .map(|bin| (bin.positives as f64 - bin.score_sum).abs());
    Ok(gaps.sum::<f64>() / total as f64)
}

fn binned(sample: &Sample<'_>, weights: &[u32]) -> [Bin; BINS] {
    let mut bins = [Bin::default(); BINS];
    let rows = sample.label().iter().zip(sample.score()).zip(weights);
    for ((label, score), weight) in rows {
        // Scores are in [0, 1] here, so that the conversion truncates as floor does.
        let bin = &mut bins[((score * BINS as f64) as usize).min(BINS - 1)];
        bin.rows += u64::from(*weight);
        bin.positives += u64::from(*label) * u64::from(*weight);
        bin.score_sum += score * f64::from(*weight);
    }
    bins
}
