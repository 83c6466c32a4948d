//! Tails of the distributions that p-values come from: normal, chi-square, Student's t, beta and
//! binomial, by the incomplete gamma and beta functions (Abramowitz and Stegun 1964, 6.1, 6.5 and 26.5;
//! continued fractions by Lentz's method), and the quantiles that intervals come from. Relative error
//! below 1e-9 down to tails of 1e-300.

/// Terms of a series or a continued fraction before it counts as converged: enough for ten million
/// degrees of freedom.
const TERMS_MAX: u32 = 100_000;

/// Keeps a denominator of Lentz's method away from zero.
const TINY: f64 = 1e-300;

/// Logarithm of the gamma function, for `x` > 0: Stirling's series after moving `x` above 15.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    /// B(2k) / (2k (2k-1)).
    const SERIES: [f64; 7] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
    ];
    let (mut moved, mut product) = (x, 1.0);
    while moved < 15.0 {
        product *= moved;
        moved += 1.0;
    }
    let square = moved * moved;
    let mut power = moved;
    let mut sum = 0.0;
    for coefficient in SERIES {
        sum += coefficient / power;
        power *= square;
    }
    (moved - 0.5) * moved.ln() - moved + 0.5 * std::f64::consts::TAU.ln() + sum - product.ln()
}

/// Logarithm of the number of ways to choose `k` of `n`.
pub(crate) fn ln_choose(n: f64, k: f64) -> f64 {
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
}

/// Upper regularised incomplete gamma function Q(a, x), for `a` > 0 and `x` ≥ 0.
fn gamma_upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let scale = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for step in 1..TERMS_MAX {
            term *= x / (a + f64::from(step));
            sum += term;
            if term < sum * f64::EPSILON / 4.0 {
                break;
            }
        }
        return (1.0 - scale * sum).clamp(0.0, 1.0);
    }
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..TERMS_MAX {
        let step = f64::from(step);
        let numerator = -step * (step - a);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    (scale * fraction).clamp(0.0, 1.0)
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// Regularised incomplete beta function I_x(a, b).
pub(crate) fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if 1.0 <= x {
        return 1.0;
    }
    let scale = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        scale * beta_fraction(x, a, b) / a
    } else {
        1.0 - scale * beta_fraction(1.0 - x, b, a) / b
    }
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..TERMS_MAX {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            change = d * c;
            fraction *= change;
        }
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

/// Chance that a chi-square variable with `degrees` of freedom is at least `x`; 1 without freedom.
pub(crate) fn chi_square_upper(x: f64, degrees: f64) -> f64 {
    if degrees <= 0.0 {
        return 1.0;
    }
    gamma_upper(degrees / 2.0, x / 2.0)
}

/// Chance that a standard normal variable is at least `z`.
pub(crate) fn normal_upper(z: f64) -> f64 {
    let tail = if z.is_infinite() {
        0.0
    } else {
        gamma_upper(0.5, z * z / 2.0) / 2.0
    };
    if 0.0 <= z { tail } else { 1.0 - tail }
}

/// Chance that Student's t with `degrees` of freedom is at least as far from 0 as `t`.
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> f64 {
    beta(degrees / (degrees + t * t), degrees / 2.0, 0.5)
}

/// Logarithm of the beta function.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Chance of at most `k` successes in `n` trials of chance `p`.
pub(crate) fn binomial_lower(k: u64, n: u64, p: f64) -> f64 {
    if n <= k {
        return 1.0;
    }
    beta(1.0 - p, (n - k) as f64, k as f64 + 1.0)
}

/// Chance of exactly `k` successes in `n` trials of chance one half.
pub(crate) fn binomial_half(k: u64, n: u64) -> f64 {
    (ln_choose(n as f64, k as f64) - n as f64 * std::f64::consts::LN_2).exp()
}

/// The z below which a standard normal variable lies with chance `p` (Wichura 1988, algorithm AS 241);
/// infinite at 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    /// Coefficients of numerator and denominator, from the constant up.
    type Ratio = ([f64; 8], [f64; 8]);
    const MIDDLE: Ratio = (
        [
            3.387_132_872_796_366_5,
            133.141_667_891_784_38,
            1_971.590_950_306_551_3,
            13_731.693_765_509_46,
            45_921.953_931_549_87,
            67_265.770_927_008_7,
            33_430.575_583_588_13,
            2_509.080_928_730_122_7,
        ],
        [
            1.0,
            42.313_330_701_600_91,
            687.187_007_492_057_9,
            5_394.196_021_424_751,
            21_213.794_301_586_597,
            39_307.895_800_092_71,
            28_729.085_735_721_943,
            5_226.495_278_852_545,
        ],
    );
    const NEAR: Ratio = (
        [
            1.423_437_110_749_683_5,
            4.630_337_846_156_546,
            5.769_497_221_460_691,
            3.647_848_324_763_204_5,
            1.270_458_252_452_368_4,
            0.241_780_725_177_450_6,
            0.022_723_844_989_269_184,
            7.745_450_142_783_414e-4,
        ],
        [
            1.0,
            2.053_191_626_637_759,
            1.676_384_830_183_803_8,
            0.689_767_334_985_1,
            0.148_103_976_427_480_08,
            0.015_198_666_563_616_457,
            5.475_938_084_995_345e-4,
            1.050_750_071_644_416_9e-9,
        ],
    );
    const FAR: Ratio = (
        [
            6.657_904_643_501_103,
            5.463_784_911_164_114,
            1.784_826_539_917_291_3,
            0.296_560_571_828_504_87,
            0.026_532_189_526_576_124,
            1.242_660_947_388_078_4e-3,
            2.711_555_568_743_487_6e-5,
            2.010_334_399_292_288_1e-7,
        ],
        [
            1.0,
            0.599_832_206_555_888,
            0.136_929_880_922_735_8,
            0.014_875_361_290_850_615,
            7.868_691_311_456_133e-4,
            1.846_318_317_510_054_7e-5,
            1.421_511_758_316_446e-7,
            2.044_263_103_389_939_8e-15,
        ],
    );
    let ratio = |(above, below): &Ratio, x: f64| {
        let sum = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * x + term);
        sum(above) / sum(below)
    };
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        return centred * ratio(&MIDDLE, 0.180_625 - centred * centred);
    }
    let tail = p.min(1.0 - p);
    if tail <= 0.0 {
        return f64::INFINITY.copysign(centred);
    }
    let depth = (-tail.ln()).sqrt();
    let size = if depth <= 5.0 {
        ratio(&NEAR, depth - 1.6)
    } else {
        ratio(&FAR, depth - 5.0)
    };
    size.copysign(centred)
}

/// The t that Student's t with `degrees` of freedom exceeds with chance `tail`, at most one half.
pub(crate) fn student_upper_quantile(tail: f64, degrees: f64) -> f64 {
    /// Beyond this the first term of the expansion around the normal leaves nothing in a double.
    const DEGREES_NORMAL: f64 = 1e7;
    let z = -normal_quantile(tail);
    if DEGREES_NORMAL < degrees {
        return z + (z * z * z + z) / (4.0 * degrees);
    }
    let mut upper = z.max(1.0);
    while 2.0 * tail < student_two_sided(upper, degrees) && upper < f64::MAX / 2.0 {
        upper *= 2.0;
    }
    crossing(0.0, upper, |t| 2.0 * tail < student_two_sided(t, degrees))
}

/// The x below which a beta variable lies with chance `p`.
pub(crate) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    crossing(0.0, 1.0, |x| beta(x, a, b) < p)
}

/// The place between `low` and `high` up to which `before` holds, to the last bit a double has or to
/// 1e-300.
pub(crate) fn crossing(mut low: f64, mut high: f64, before: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || high <= middle || (high - low).abs() < TINY {
            return middle;
        }
        if before(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17.1: `gammaln`, `chi2.sf`, `norm.sf`, `2 * t.sf`, `norm.ppf`, `t.isf`, `beta.ppf`,
    /// `binom.cdf`, `binom.pmf`, `betaln`.
    #[test]
    fn tails_equal_scipy() {
        let cases = [
            (ln_gamma(0.5), 0.572_364_942_924_7),
            (ln_gamma(1e5), 1_051_287.708_973_656_9),
            (chi_square_upper(3.0, 1.0), 0.083_264_516_663_550_4),
            (chi_square_upper(500.0, 4.0), 6.699_667_441_008_55e-107),
            (chi_square_upper(9_900.0, 10_000.0), 0.759_520_085_683_979_2),
            (normal_upper(-1.0), 0.841_344_746_068_542_9),
            (normal_upper(10.0), 7.619_853_024_160_47e-24),
            (student_two_sided(2.5, 7.3), 0.039_650_234_665_600_43),
            (student_two_sided(40.0, 900.0), 7.202_165_806_171_414e-202),
            (normal_quantile(0.975), 1.959963984540054),
            (normal_quantile(0.3), -0.5244005127080409),
            (normal_quantile(0.01), -2.3263478740408408),
            (normal_quantile(1e-20), -9.262340089798409),
            (student_upper_quantile(0.025, 1.0), 12.706204736174705),
            (student_upper_quantile(0.05, 12.5), 1.776366221247031),
            (student_upper_quantile(1e-6, 1e5), 4.753704716391288),
            (student_upper_quantile(0.025, 2e7), 1.9599641031536226),
            (beta_quantile(0.975, 1.0, 50.0), 0.07112173646419764),
            (beta_quantile(0.025, 501.0, 99_500.0), 0.004581809045869519),
            (beta_quantile(0.5, 0.5, 10.5), 0.021940166768717413),
            (binomial_lower(3, 10, 0.5), 0.171875),
            (binomial_lower(480, 1000, 0.5), 0.10872414660207075),
            (binomial_half(3, 10), 0.1171875),
            (ln_beta(2.5, 300.0), -13.981009470524214),
        ];
        for (found, expected) in cases {
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "{found} is not {expected}"
            );
        }
    }
}
