//! Tails of the Kolmogorov-Smirnov statistics, so that `ks` has the p-values of scipy `ks_2samp`.
//!
//! Two samples of at most [`EXACT_MAX`] values each: exact, by counting lattice paths (Hodges 1958).
//! Larger: the one-sample distribution at the rounded effective size `nm/(n+m)`, by the choice of
//! methods of Simard and L'Ecuyer (2011, J. Stat. Softw. 39:11): the matrix of Marsaglia, Tsang and Wang
//! (2003), the series of Pelz and Good (1976), and twice the one-sided tail of Smirnov.

use std::f64::consts::PI;

use crate::statistics::special::ln_choose;

/// Values of the larger side up to which the p-value is exact; scipy's `MAX_AUTO_N`.
const EXACT_MAX: u64 = 10_000;

/// Values beyond which the one-sided tail is its limit, as in scipy's `smirnov`.
const ONE_SIDED_SUM_MAX: f64 = 1e6;

/// Chance of a two-sample statistic of at least `distance` between equal distributions.
pub(super) fn two_sample_upper(distance: f64, n: u64, m: u64) -> f64 {
    if n.max(m) <= EXACT_MAX {
        // The statistic is a multiple of 1 / lcm; as that it is free of rounding.
        let divisor = greatest_common_divisor(n, m);
        let steps = (distance * (n / divisor * m) as f64).round() as u64;
        return paths_outside(n, m, steps.saturating_mul(divisor));
    }
    let (n, m) = (n as f64, m as f64);
    one_sample_upper((n * m / (n + m)).round_ties_even().max(1.0), distance)
}

fn greatest_common_divisor(mut left: u64, mut right: u64) -> u64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// The share of lattice paths from (0, 0) to (n, m) with a point (x, y) where |x m - y n| ≥ `bound`.
///
/// A path to (x, y) came from (x-1, y) with chance x/(x+y): so the share is a mean of the shares of its
/// two predecessors, every term is positive and nothing cancels. Beyond the band the share is 1.
fn paths_outside(n: u64, m: u64, bound: u64) -> f64 {
    if bound == 0 {
        return 1.0;
    }
    let (n, m, bound) = (n as i64, m as i64, bound as i64);
    let outside = |x: i64, y: i64| bound <= (x * m - y * n).abs();
    let mut share = vec![1.0_f64; m as usize + 1];
    share[0] = 0.0;
    for x in 0..=n {
        // Of the y with y n > x m - bound and y n < x m + bound.
        let first = ((x * m - bound).div_euclid(n) + 1).max(0);
        let last = ((x * m + bound - 1).div_euclid(n)).min(m);
        if 0 < first {
            share[first as usize - 1] = 1.0;
        }
        for y in first..=last {
            if (x, y) == (0, 0) {
                continue;
            }
            debug_assert!(!outside(x, y));
            let from_left = share[y as usize];
            let from_below = if y == 0 { 0.0 } else { share[y as usize - 1] };
            share[y as usize] = (x as f64 * from_left + y as f64 * from_below) / (x + y) as f64;
        }
        if last < m {
            share[last as usize + 1] = 1.0;
        }
    }
    share[m as usize].clamp(0.0, 1.0)
}

/// Chance that the one-sample two-sided statistic of `n` values is at least `x`.
fn one_sample_upper(n: f64, x: f64) -> f64 {
    if 1.0 <= x {
        return 0.0;
    }
    let scaled = n * x;
    if scaled <= 0.5 {
        return 1.0;
    }
    if scaled <= 1.0 {
        // Ruben and Gambino: n! (2x - 1/n)^n.
        let log = crate::statistics::special::ln_gamma(n + 1.0) - n * n.ln()
            + n * (2.0 * scaled - 1.0).ln();
        return (1.0 - log.exp()).clamp(0.0, 1.0);
    }
    if n - 1.0 <= scaled {
        return (2.0 * (1.0 - x).powf(n)).clamp(0.0, 1.0);
    }
    let square = scaled * x;
    let far = if n <= 140.0 {
        4.0 < square
    } else {
        2.2 <= square
    };
    if 0.5 <= x || far {
        return if 370.0 <= square && 140.0 < n {
            0.0
        } else {
            (2.0 * one_sided_upper(n, x)).clamp(0.0, 1.0)
        };
    }
    let below = if n <= 140.0 || n <= 100_000.0 && n * x.powf(1.5) <= 1.4 {
        matrix_below(n, x)
    } else {
        series_below(n, x)
    };
    (1.0 - below).clamp(0.0, 1.0)
}

/// Smirnov's sum for the one-sided statistic; all terms are positive.
fn one_sided_upper(n: f64, x: f64) -> f64 {
    if ONE_SIDED_SUM_MAX < n {
        return (-(6.0 * n * x + 1.0).powi(2) / (18.0 * n)).exp();
    }
    let last = (n * (1.0 - x)).floor() as u64;
    (0..=last)
        .map(|j| {
            let j = j as f64;
            let (above, below) = (1.0 - x - j / n, x + j / n);
            if above <= 0.0 {
                return if j == n { x * below.powf(n - 1.0) } else { 0.0 };
            }
            x * (ln_choose(n, j) + (n - j) * above.ln() + (j - 1.0) * below.ln()).exp()
        })
        .sum()
}

/// Marsaglia, Tsang and Wang: n!/n^n times the middle element of the n-th power of a matrix.
fn matrix_below(n: f64, x: f64) -> f64 {
    let scaled = n * x;
    let k = scaled.floor() as usize + 1;
    let size = 2 * k - 1;
    let h = k as f64 - scaled;
    let mut matrix = vec![0.0_f64; size * size];
    for row in 0..size {
        for column in 0..size {
            if column <= row + 1 {
                matrix[row * size + column] = 1.0;
            }
        }
    }
    for index in 0..size {
        matrix[index * size] -= h.powi(index as i32 + 1);
        matrix[(size - 1) * size + index] -= h.powi((size - index) as i32);
    }
    if 0.0 < 2.0 * h - 1.0 {
        matrix[(size - 1) * size] += (2.0 * h - 1.0).powi(size as i32);
    }
    for row in 0..size {
        for column in 0..=row {
            let factorial = crate::statistics::special::ln_gamma((row + 2 - column) as f64).exp();
            matrix[row * size + column] /= factorial;
        }
        // The element right of the diagonal is over 0!.
    }
    let (power, exponent) = matrix_power(&matrix, size, n as u64);
    let middle = power[(k - 1) * size + k - 1];
    // n! / n^n in logarithms, with the power of two taken out on the way.
    let log = crate::statistics::special::ln_gamma(n + 1.0) - n * n.ln();
    (middle.ln() + log + exponent * std::f64::consts::LN_2).exp()
}

/// The power as a matrix and a power of two it is to be multiplied with.
fn matrix_power(matrix: &[f64], size: usize, mut n: u64) -> (Vec<f64>, f64) {
    let mut result: Vec<f64> = (0..size * size)
        .map(|index| f64::from(u8::from(index / size == index % size)))
        .collect();
    let (mut result_exponent, mut square, mut square_exponent) = (0.0, matrix.to_vec(), 0.0);
    while 0 < n {
        if n % 2 == 1 {
            result = product(&result, &square, size);
            result_exponent += square_exponent + normalise(&mut result);
        }
        n /= 2;
        if 0 < n {
            square = product(&square, &square, size);
            square_exponent = 2.0 * square_exponent + normalise(&mut square);
        }
    }
    (result, result_exponent)
}

fn product(left: &[f64], right: &[f64], size: usize) -> Vec<f64> {
    let mut result = vec![0.0; size * size];
    for row in 0..size {
        for inner in 0..size {
            let factor = left[row * size + inner];
            if factor != 0.0 {
                let (target, source) = (row * size, inner * size);
                for column in 0..size {
                    result[target + column] += factor * right[source + column];
                }
            }
        }
    }
    result
}

/// Divides by a power of two so that the largest element is near 1, and returns its exponent.
fn normalise(matrix: &mut [f64]) -> f64 {
    let largest = matrix
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest <= 0.0 {
        return 0.0;
    }
    let exponent = largest.log2().floor();
    let scale = (-exponent).exp2();
    matrix.iter_mut().for_each(|value| *value *= scale);
    exponent
}

/// The series of Pelz and Good to the order n^-3/2, in the form that converges for small arguments.
fn series_below(n: f64, x: f64) -> f64 {
    let z = n.sqrt() * x;
    let pi2 = PI * PI;
    let (z2, z4, z6) = (z * z, z.powi(4), z.powi(6));
    let log_q = -pi2 / (8.0 * z2);
    let terms = (16.0 * z / PI).ceil() as u32;
    let mut sums = [0.0_f64; 4];
    for k in (1..=terms).rev() {
        let odd = f64::from(2 * k - 1);
        let (m2, m4, m6) = (odd.powi(2), odd.powi(4), odd.powi(6));
        let weight = (log_q * m2).exp();
        sums[0] += weight;
        sums[1] += weight * (pi2 / 4.0 * m2 - z2);
        sums[2] += weight
            * (6.0 * z6
                + 2.0 * z4
                + pi2 / 4.0 * (2.0 * z4 - 5.0 * z2) * m2
                + pi2 * pi2 / 16.0 * (1.0 - 2.0 * z2) * m4);
        sums[3] += weight
            * (pi2.powi(3) / 64.0 * (5.0 - 30.0 * z2) * m6
                + pi2 * pi2 / 16.0 * (-60.0 * z2 + 212.0 * z4) * m4
                + pi2 / 4.0 * (135.0 * z4 - 96.0 * z6) * m2
                - 30.0 * z6
                - 90.0 * z.powi(8));
    }
    let root = (2.0 * PI).sqrt();
    for (sum, divisor) in sums
        .iter_mut()
        .zip([z, 6.0 * z4, 72.0 * z.powi(7), 6480.0 * z.powi(10)])
    {
        *sum *= root / divisor;
    }
    let (mut second, mut third) = (0.0, 0.0);
    for k in (1..=terms).rev() {
        let k = f64::from(k);
        let weight = (-pi2 * k * k / (2.0 * z2)).exp();
        second += k * k * weight;
        third += (3.0 * z2 - pi2 * k * k) * k * k * weight;
    }
    sums[2] -= second * pi2 * root / (36.0 * z.powi(3));
    sums[3] += third * pi2 * root / (216.0 * z6);
    sums[0] + sums[1] / n.sqrt() + sums[2] / n + sums[3] / n.powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1, `kstwo.sf(x, n)`.
    #[test]
    fn one_sample_tails_equal_scipy() {
        let cases = include!("../../../fixtures/drift/kstwo.in");
        for (n, x, expected) in cases {
            let found = one_sample_upper(n, x);
            let close = (found - expected).abs() <= 1e-6 * expected + 1e-15;
            assert!(close, "n {n}, x {x}: {found} is not {expected}");
        }
    }
}
