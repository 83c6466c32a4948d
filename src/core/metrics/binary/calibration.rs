//! How far probabilities are from frequencies: calibration errors, slope and intercept, and the bins
//! of the reliability diagram.

use super::Binary;
use super::confusion::indicator;
use super::ranking::classes;
use crate::evidence::Interval;
use crate::metrics::options::{OptionKind, OptionSpec, Options};
use crate::metrics::prepared::{Prepared, Weights};
use crate::metrics::{Direction, Metric, Sample, Task, Undefined};
use crate::statistics::proportion::{Share, wilson};

/// Bins of equal width over [0, 1]; 15 as in Guo et al. 2017.
pub const BINS: usize = 15;

/// Coverage of the intervals of the reliability diagram.
const LEVEL: f64 = 0.95;

const BINNING: &[OptionSpec] = &[
    OptionSpec {
        name: "bins",
        kind: OptionKind::Whole {
            default: BINS as u32,
            least: 1,
            most: 1000,
        },
        doc: "how many bins",
    },
    OptionSpec {
        name: "strategy",
        kind: OptionKind::Choice(&["uniform", "quantile"]),
        doc: "bins of equal width, or of equally many rows",
    },
];

/// Expected calibration error.
pub const ECE: Metric = Metric {
    id: "ece",
    title: "Expected calibration error",
    task: Some(Task::Binary),
    direction: Direction::LowerIsBetter,
    range: (0.0, 1.0),
    definition: "15 bins of equal width over [0, 1], the upper end in the last; sum over the bins of their share of rows times |share of positives - mean probability|",
    reference: "Guo et al. 2017, On Calibration of Modern Neural Networks, with numpy; biased upward on few rows",
    options: BINNING,
    recorded: true,
    prepare: |sample, options| {
        of_bins(sample, options, |bins| {
            let total: f64 = bins.iter().map(|bin| bin.rows).sum();
            // n/N · |positives/n - sum/n| is |positives - sum| / N.
            let gaps = bins.iter().map(|bin| (bin.positives - bin.score_sum).abs());
            gaps.sum::<f64>() / total
        })
    },
};

/// Maximum calibration error.
pub const MCE: Metric = Metric {
    id: "mce",
    title: "Maximum calibration error",
    definition: "bins as of the expected calibration error; the largest |share of positives - mean probability| of a bin that holds rows",
    recorded: false,
    prepare: |sample, options| {
        of_bins(sample, options, |bins| {
            let filled = bins.iter().filter(|bin| 0.0 < bin.rows);
            let gap = |bin: &Bin| (bin.positives - bin.score_sum).abs() / bin.rows;
            filled.map(gap).fold(0.0, f64::max)
        })
    },
    ..ECE
};

/// Calibration intercept.
pub const CALIBRATION_INTERCEPT: Metric = Metric {
    id: "calibration_intercept",
    title: "Calibration intercept",
    direction: Direction::Neither,
    range: (f64::NEG_INFINITY, f64::INFINITY),
    definition: "intercept of a logistic regression of the label on the logit of the probability with slope 1 (calibration in the large); 0 is right, above it probabilities are too low",
    reference: "statsmodels `GLM` with `Binomial` and the logit as offset; undefined on a single class or with probabilities of 0 or 1",
    options: &[],
    recorded: false,
    prepare: |sample, _| regression(sample, |intercept, _| intercept, true),
    ..ECE
};

/// Calibration slope.
pub const CALIBRATION_SLOPE: Metric = Metric {
    id: "calibration_slope",
    title: "Calibration slope",
    definition: "slope of a logistic regression of the label on the logit of the probability; 1 is right, below it probabilities are too extreme",
    reference: "statsmodels `GLM` with `Binomial`; undefined on a single class, with probabilities of 0 or 1, or where the classes are separated",
    prepare: |sample, _| regression(sample, |_, slope| slope, false),
    ..CALIBRATION_INTERCEPT
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

/// The bins that hold rows, from the lowest probability. Rows count one each.
///
/// # Errors
/// When there are no rows or scores are not probabilities.
pub fn calibration_bins(sample: &Sample) -> Result<Vec<CalibrationBin>, Undefined> {
    if sample.is_empty() {
        return Err(Undefined::NoRows);
    }
    let rows = sample.binary()?;
    let bins = uniform(rows, &Weights::of(sample.len(), None), BINS)?;
    let filled = bins.iter().enumerate().filter(|(_, bin)| 0.0 < bin.rows);
    filled
        .map(|(index, bin)| {
            let share = Share::new(bin.positives as u64, bin.rows as u64)?;
            let found = wilson(share, LEVEL)?;
            Ok(CalibrationBin {
                index,
                score_mean: bin.score_sum / bin.rows,
                positive_fraction: bin.positives / bin.rows,
                interval: Interval {
                    lower: found.lower,
                    upper: found.upper,
                    level: LEVEL,
                },
                rows: bin.rows as u64,
            })
        })
        .collect()
}

#[derive(Clone, Copy, Default)]
struct Bin {
    rows: f64,
    positives: f64,
    score_sum: f64,
}

impl Bin {
    fn add(&mut self, label: bool, score: f64, weight: f64) {
        self.rows += weight;
        self.positives += indicator(label) * weight;
        self.score_sum += score * weight;
    }
}

fn of_bins<'a>(
    sample: &'a Sample,
    options: &Options,
    read: fn(&[Bin]) -> f64,
) -> Result<Prepared<'a>, Undefined> {
    let rows = sample.binary()?;
    rows.probability()?;
    let (count, quantile) = (
        options.whole("bins").max(1),
        options.text("strategy") == "quantile",
    );
    Ok(Prepared::Other(Box::new(move |weights| {
        if weights.total() <= 0.0 {
            return Err(Undefined::NoRows);
        }
        let bins = match quantile {
            true => equal_mass(rows, weights, count)?,
            false => uniform(rows, weights, count)?,
        };
        Ok(read(&bins))
    })))
}

fn uniform(rows: &Binary, weights: &Weights<'_>, count: usize) -> Result<Vec<Bin>, Undefined> {
    let mut bins = vec![Bin::default(); count];
    let pairs = rows.label().iter().zip(rows.probability()?);
    for ((label, score), weight) in pairs.zip(weights.iter()) {
        // Scores are in [0, 1] here, so that the conversion truncates as floor does.
        let bin = &mut bins[((score * count as f64) as usize).min(count - 1)];
        bin.add(*label, *score, weight);
    }
    Ok(bins)
}

/// Bins that each hold an equal share of the weight, as evenly as rows of equal probability, which
/// stay together, allow.
fn equal_mass(rows: &Binary, weights: &Weights<'_>, count: usize) -> Result<Vec<Bin>, Undefined> {
    let score = rows.probability()?;
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_unstable_by(|left, right| score[*left].total_cmp(&score[*right]));
    let total = weights.total();
    let mut bins = vec![Bin::default(); count];
    let (mut before, mut index) = (0.0, 0);
    for (place, row) in order.iter().enumerate() {
        let begins = place == 0 || score[order[place - 1]] < score[*row];
        if begins {
            index = ((before / total * count as f64) as usize).min(count - 1);
        }
        bins[index].add(rows.label()[*row], score[*row], weights.get(*row));
        before += weights.get(*row);
    }
    Ok(bins)
}

/// A coefficient of the logistic regression of the label on the logit of the probability, by Newton's
/// method.
fn regression(
    sample: &Sample,
    read: fn(f64, f64) -> f64,
    offset: bool,
) -> Result<Prepared<'_>, Undefined> {
    let rows = sample.binary()?;
    let logit = |probability: &f64| (probability / (1.0 - probability)).ln();
    let logits: Vec<f64> = rows.probability()?.iter().map(logit).collect();
    let certain = logits.iter().filter(|logit| !logit.is_finite()).count() as u64;
    if 0 < certain {
        return Err(Undefined::CertainProbabilities { rows: certain });
    }
    Ok(Prepared::Other(Box::new(move |weights| {
        classes(rows, weights)?;
        let (intercept, slope) = fitted(rows.label(), &logits, weights, offset)?;
        Ok(read(intercept, slope))
    })))
}

/// Maximises the likelihood by Newton's method, halving a step that overshoots. Where classes are
/// separated there is no maximum, and the steps never end.
fn fitted(
    label: &[bool],
    logits: &[f64],
    weights: &Weights<'_>,
    offset: bool,
) -> Result<(f64, f64), Undefined> {
    /// Newton's method doubles the digits with each step; more steps mean that there is no maximum.
    const STEPS_MAX: u32 = 100;
    /// Beyond so many halvings a step is nothing.
    const HALVINGS_MAX: u32 = 40;
    let at = |intercept, slope| Likelihood::at(label, logits, weights, intercept, slope);
    let (mut intercept, mut slope) = (0.0, 1.0);
    let mut here = at(intercept, slope);
    for _ in 0..STEPS_MAX {
        let (mut up, mut along) = here.step(offset);
        if !(up.is_finite() && along.is_finite()) {
            return Err(Undefined::NotFinite);
        }
        // The error after a step is about the square of the step.
        if up.abs().max(along.abs()) <= 1e-9 * f64::abs(slope).max(1.0) {
            return Ok((intercept + up, slope + along));
        }
        let mut next = at(intercept + up, slope + along);
        for _ in 0..HALVINGS_MAX {
            // Near the maximum the gain drowns in rounding.
            if here.logarithm - 1e-12 * here.logarithm.abs() <= next.logarithm {
                break;
            }
            (up, along) = (0.5 * up, 0.5 * along);
            next = at(intercept + up, slope + along);
        }
        (intercept, slope) = (intercept + up, slope + along);
        here = next;
    }
    Err(Undefined::NotFinite)
}

/// The likelihood of a logistic regression, with its derivatives.
struct Likelihood {
    logarithm: f64,
    gradient: [f64; 2],
    /// By the intercept twice, by both, by the slope twice; with the sign turned.
    curvature: [f64; 3],
}

impl Likelihood {
    fn at(
        label: &[bool],
        logits: &[f64],
        weights: &Weights<'_>,
        intercept: f64,
        slope: f64,
    ) -> Self {
        let mut found = Self {
            logarithm: 0.0,
            gradient: [0.0; 2],
            curvature: [0.0; 3],
        };
        for ((label, logit), weight) in label.iter().zip(logits).zip(weights.iter()) {
            let linear = intercept + slope * logit;
            let fitted = 1.0 / (1.0 + (-linear).exp());
            let error = weight * (indicator(*label) - fitted);
            let spread = weight * fitted * (1.0 - fitted);
            let right = if *label { linear } else { -linear };
            // ln(1 / (1 + exp(-right))), without overflow.
            found.logarithm += weight * (right.min(0.0) - (-right.abs()).exp().ln_1p());
            found.gradient[0] += error;
            found.gradient[1] += error * logit;
            found.curvature[0] += spread;
            found.curvature[1] += spread * logit;
            found.curvature[2] += spread * logit * logit;
        }
        found
    }

    /// The step to the maximum of the parabola that touches here; along the intercept only when the
    /// slope is given.
    fn step(&self, slope_given: bool) -> (f64, f64) {
        let ([up, along], [aa, ab, bb]) = (self.gradient, self.curvature);
        if slope_given {
            return (up / aa, 0.0);
        }
        let determinant = aa * bb - ab * ab;
        (
            (bb * up - ab * along) / determinant,
            (aa * along - ab * up) / determinant,
        )
    }
}
