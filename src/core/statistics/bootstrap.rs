//! Intervals from resamples, and the ways to resample: by cells of counts, by rows with Poisson weights,
//! by clusters, by blocks of a series.
//!
//! A resample is a weight for each row or cell, so that whatever takes weights can be resampled. What is
//! drawn follows from the seed and the number of the resample alone. (Efron and Tibshirani 1993.)

use rand_xoshiro::Xoshiro256PlusPlus;

use super::estimate::{checked_values, tail_of};
use super::random::{below, generator, scrambled, uniform, unit};
use super::special::{ln_gamma, normal_quantile, normal_upper};
use super::{Interval, Undefined};

/// How ends are found among resampled values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ends<'a> {
    /// The quantiles of the resampled values.
    Percentile,
    /// Twice the value seen less the quantiles of the other tail.
    Basic,
    /// Quantiles corrected for bias and acceleration (Efron 1987), as scipy's `BCa`.
    Bca {
        /// The value without each row, or cluster, in turn.
        jackknife: &'a [f64],
    },
}

/// The interval of a value `seen` in the data and `resampled` values of it.
///
/// # Errors
/// [`Undefined::TooFew`] with fewer than two resamples or jackknife values; [`Undefined::NotFinite`];
/// [`Undefined::NoVariation`] when BCa finds all resamples on one side or the jackknife constant;
/// [`Undefined::Setting`] when `level` is not within (0, 1).
pub fn interval(
    seen: f64,
    resampled: &[f64],
    ends: Ends<'_>,
    level: f64,
) -> Result<Interval, Undefined> {
    let tail = tail_of(level)?;
    checked_values(resampled, 2)?;
    checked_values(&[seen], 1)?;
    let mut sorted = resampled.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (lower, upper) = match ends {
        Ends::Percentile => (quantile(&sorted, tail), quantile(&sorted, 1.0 - tail)),
        Ends::Basic => (
            2.0 * seen - quantile(&sorted, 1.0 - tail),
            2.0 * seen - quantile(&sorted, tail),
        ),
        Ends::Bca { jackknife } => {
            let correction = Correction::of(seen, &sorted, jackknife)?;
            let z = normal_quantile(tail);
            (
                quantile(&sorted, correction.fraction(z)),
                quantile(&sorted, correction.fraction(-z)),
            )
        }
    };
    Ok(Interval {
        lower,
        upper,
        level,
    })
}

/// Where BCa looks for the quantiles.
struct Correction {
    bias: f64,
    acceleration: f64,
}

impl Correction {
    fn of(seen: f64, sorted: &[f64], jackknife: &[f64]) -> Result<Self, Undefined> {
        checked_values(jackknife, 2)?;
        let less = sorted.partition_point(|value| *value < seen);
        let at_most = sorted.partition_point(|value| *value <= seen);
        let share = (less + at_most) as f64 / (2 * sorted.len()) as f64;
        let mean = jackknife.iter().sum::<f64>() / jackknife.len() as f64;
        let (mut squares, mut cubes) = (0.0, 0.0);
        for value in jackknife {
            let deviation = mean - value;
            squares += deviation * deviation;
            cubes += deviation * deviation * deviation;
        }
        let bias = normal_quantile(share);
        let acceleration = cubes / (6.0 * f64::powf(squares, 1.5));
        if bias.is_finite() && acceleration.is_finite() {
            Ok(Self { bias, acceleration })
        } else {
            Err(Undefined::NoVariation)
        }
    }

    fn fraction(&self, z: f64) -> f64 {
        let moved = self.bias + z;
        normal_upper(-(self.bias + moved / (1.0 - self.acceleration * moved)))
    }
}

/// Quantile by linear interpolation (type 7 of Hyndman and Fan 1996, numpy's default) of values that
/// are sorted and not empty.
#[must_use]
pub fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let last = sorted.len() - 1;
    let position = fraction * last as f64;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// Draws as many rows as there are from cells that hold `counts` of them, with replacement: how many fall
/// into each cell. The same distribution as drawing rows, at a cost that depends on the cells alone: so
/// for any metric of a confusion matrix, and for two models the cells of label, first and second answer.
#[must_use]
pub fn resample_cells(counts: &[u64], seed: u64, index: u32) -> Vec<u64> {
    let mut random = generator(seed, index);
    let mut rows: u64 = counts
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count));
    let mut left = rows;
    let mut drawn = Vec::with_capacity(counts.len());
    // Each cell given those before it is binomial.
    for count in counts {
        let chance = if left == 0 {
            0.0
        } else {
            (*count as f64 / left as f64).min(1.0)
        };
        let found = binomial(&mut random, rows, chance);
        drawn.push(found);
        rows -= found;
        left = left.saturating_sub(*count);
    }
    drawn
}

/// A binomial number: by counting through below an expectation of 10, else by transformed rejection
/// (Hörmann 1993, algorithm BTRS).
fn binomial(random: &mut Xoshiro256PlusPlus, trials: u64, chance: f64) -> u64 {
    if trials == 0 || chance <= 0.0 {
        return 0;
    }
    if 1.0 <= chance {
        return trials;
    }
    if 0.5 < chance {
        return trials - binomial(random, trials, 1.0 - chance);
    }
    let n = trials as f64;
    if n * chance < 10.0 {
        return binomial_counted(random, trials, chance);
    }
    let odds = chance / (1.0 - chance);
    let deviation = (n * chance * (1.0 - chance)).sqrt();
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * chance;
    let centre = n * chance + 0.5;
    let alpha = (2.83 + 5.1 / b) * deviation;
    let v_r = 0.92 - 4.2 / b;
    let mode = ((n + 1.0) * chance).floor();
    let ln_at = |k: f64| -ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0) + k * odds.ln();
    let ln_mode = ln_at(mode);
    loop {
        let u = uniform(random) - 0.5;
        let v = uniform(random);
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + centre).floor();
        if !(0.0 <= k && k <= n) {
            continue;
        }
        if 0.07 <= us && v <= v_r {
            return (k as u64).min(trials);
        }
        let height = (v * alpha / (a / (us * us) + b)).ln();
        if height <= ln_at(k) - ln_mode {
            return (k as u64).min(trials);
        }
    }
}

/// By adding up geometric gaps between successes.
fn binomial_counted(random: &mut Xoshiro256PlusPlus, trials: u64, chance: f64) -> u64 {
    let scale = (-chance).ln_1p();
    let (mut place, mut successes) = (0.0, 0);
    loop {
        // 1 - u is in (0, 1]: its logarithm is finite.
        place += ((1.0 - uniform(random)).ln() / scale).floor() + 1.0;
        if (trials as f64) < place {
            return successes;
        }
        successes += 1;
    }
}

/// How often the row `key` is drawn in a resample: Poisson with mean 1 (Chamandy and others 2012). It
/// depends on the key alone, not on other rows: rows may be read in any order, in parts, and on other
/// machines, and a row has the same weights in the slices it is in. Resamples differ in size.
#[must_use]
pub fn poisson_weight(key: u64, seed: u64, index: u32) -> u32 {
    /// Beyond this there is less than 2^-53.
    const MOST: u32 = 18;
    let stream = scrambled(scrambled(seed).wrapping_add(u64::from(index)));
    let place = unit(scrambled(stream ^ scrambled(key)));
    let mut chance = (-1.0_f64).exp();
    let mut sum = chance;
    let mut weight = 0;
    while sum <= place && weight < MOST {
        weight += 1;
        chance /= f64::from(weight);
        sum += chance;
    }
    weight
}

/// Which rows belong together, as a number below the count of clusters for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    of_row: Vec<usize>,
    count: usize,
}

impl Clusters {
    /// Numbers the clusters of the rows, in the order of their ids.
    #[must_use]
    pub fn of(ids: &[u64]) -> Self {
        let mut different = ids.to_vec();
        different.sort_unstable();
        different.dedup();
        let number = |id: &u64| different.binary_search(id).expect("an id of its own list");
        Self {
            of_row: ids.iter().map(number).collect(),
            count: different.len(),
        }
    }

    /// How many clusters there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Draws as many clusters as there are, with replacement: the weight of each row is how often its
    /// cluster is drawn (Davison and Hinkley 1997, 3.8).
    #[must_use]
    pub fn resample(&self, seed: u64, index: u32) -> Vec<u32> {
        let mut weights = vec![0_u32; self.count];
        super::random::draw_rows(&mut weights, seed, index);
        self.of_row
            .iter()
            .map(|cluster| weights[*cluster])
            .collect()
    }
}

/// Where blocks of a series may start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blocks {
    /// Wherever a whole block fits (Künsch 1989): the first and last rows are drawn less often.
    Moving,
    /// Anywhere, going on at the beginning after the end (Politis and Romano 1992): every row is drawn as
    /// often.
    #[default]
    Circular,
}

/// Draws blocks of `length` neighbouring rows, of a series in its order, until there are as many rows as
/// before, the last block cut short: how often each row is drawn. Keeps dependence over fewer rows than a
/// block has; a length of the cube root of rows is a start.
///
/// # Errors
/// [`Undefined::Setting`] when `length` is 0 or more than the rows.
pub fn resample_blocks(
    rows: usize,
    length: usize,
    blocks: Blocks,
    seed: u64,
    index: u32,
) -> Result<Vec<u32>, Undefined> {
    if length == 0 || rows < length {
        return Err(Undefined::Setting {
            name: "the length of a block",
            value: length as f64,
            required: "at least 1 and at most the rows",
        });
    }
    let starts = match blocks {
        Blocks::Moving => rows - length + 1,
        Blocks::Circular => rows,
    };
    let mut random = generator(seed, index);
    let mut weights = vec![0; rows];
    let mut left = rows;
    while 0 < left {
        let start = below(&mut random, starts);
        for step in 0..length.min(left) {
            weights[(start + step) % rows] += 1;
        }
        left -= length.min(left);
    }
    Ok(weights)
}
