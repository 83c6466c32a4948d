//! Sequences against their closed forms in scipy 1.17.1 and published boundaries; their promise under
//! looking at every row, by simulation.

use serde::Deserialize;

use super::{close, golden, normal};
use crate::statistics::Undefined;
use crate::statistics::proportion::Share;
use crate::statistics::random::{generator, uniform};
use crate::statistics::sequential::*;

#[derive(Deserialize)]
struct Golden {
    mixtures: Vec<Mixture>,
    shares: Vec<SharesAt>,
    boundaries: Vec<Boundaries>,
}

#[derive(Deserialize)]
struct Mixture {
    tuned_for: f64,
    variance_sum: f64,
    alpha: f64,
    boundary: f64,
}

#[derive(Deserialize)]
struct SharesAt {
    successes: u64,
    trials: u64,
    alpha: f64,
    interval: [f64; 2],
    p_value_of_half: f64,
}

#[derive(Deserialize)]
struct Boundaries {
    spending: String,
    fractions: Vec<f64>,
    z: Vec<f64>,
}

fn reference() -> Golden {
    golden(include_str!(
        "../../../../fixtures/statistics/sequential.json"
    ))
}

#[test]
fn the_normal_mixture_is_where_its_martingale_reaches_one_over_alpha() {
    for case in reference().mixtures {
        let mixture = NormalMixture::tuned(case.tuned_for, case.alpha).expect("defined");
        let found = mixture
            .boundary(case.variance_sum, case.alpha)
            .expect("defined");
        close("boundary", found, case.boundary, 1e-9);
        let (rows, variance) = (100, case.variance_sum / 100.0);
        let mean = found / 100.0;
        let p_value = mixture.p_value(mean, 0.0, variance, rows).expect("defined");
        close("p", p_value, case.alpha, 1e-9);
        let interval = mixture
            .interval(mean, variance, rows, case.alpha)
            .expect("defined");
        assert!(interval.lower.abs() < 1e-9 * mean);
    }
}

/// `TestTwoSidedNormalMixture` of confseq, whose values come from an implementation in R.
#[test]
fn the_boundary_is_that_of_confseq() {
    let mixture = NormalMixture::tuned(100.0, 0.05).expect("defined");
    let found = mixture.boundary(100.0, 0.05).expect("defined");
    assert!((found - 30.35209).abs() < 1e-5, "{found}");
}

#[test]
fn shares_are_those_the_beta_mixture_does_not_reject() {
    for case in reference().shares {
        let share = Share::new(case.successes, case.trials).expect("a share");
        let name = format!("{} of {}", case.successes, case.trials);
        let found = share_interval(share, case.alpha).expect("defined");
        close(&name, found.lower, case.interval[0], 1e-7);
        close(&name, found.upper, case.interval[1], 1e-7);
        let p_value = share_p_value(share, 0.5).expect("defined");
        close(&name, p_value, case.p_value_of_half, 1e-7);
    }
}

#[test]
fn boundaries_of_two_looks_equal_their_integral() {
    for case in reference().boundaries {
        let spending = match case.spending.as_str() {
            "obrien_fleming" => Spending::OBrienFleming,
            _ => Spending::Pocock,
        };
        let found = spending.boundaries(&case.fractions, 0.05).expect("defined");
        for (found, expected) in found.iter().zip(&case.z) {
            assert!((found - expected).abs() < 2e-4, "{found} is not {expected}");
        }
    }
}

/// Five equal looks, two-sided 5 %: ldbounds and Proschan, Lan and Wittes 2006.
#[test]
fn boundaries_are_the_published_ones() {
    let looks = [0.2, 0.4, 0.6, 0.8, 1.0];
    for (spending, published) in [
        (
            Spending::OBrienFleming,
            [4.8769, 3.3569, 2.6803, 2.2898, 2.0310],
        ),
        (Spending::Pocock, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ] {
        let found = spending.boundaries(&looks, 0.05).expect("defined");
        for (found, published) in found.iter().zip(published) {
            assert!(
                (found - published).abs() < 2e-4,
                "{found} is not {published}"
            );
        }
        assert_eq!(spending.spent(0.025, 0.0), 0.0);
        close("all is spent", spending.spent(0.025, 1.0), 0.025, 1e-12);
    }
}

#[test]
fn what_is_no_look_is_refused() {
    assert!(NormalMixture::tuned(0.0, 0.05).is_err());
    assert!(NormalMixture::tuned(1.0, 0.0).is_err());
    let mixture = NormalMixture::tuned(100.0, 0.05).expect("defined");
    assert!(mixture.interval(0.0, 1.0, 0, 0.05).is_err());
    assert_eq!(
        mixture.interval(0.0, 0.0, 9, 0.05),
        Err(Undefined::NoVariation)
    );
    assert_eq!(
        mixture.p_value(f64::NAN, 0.0, 1.0, 9),
        Err(Undefined::NotFinite)
    );
    assert!(share_p_value(Share::new(1, 2).expect("a share"), 1.5).is_err());
    assert_eq!(
        share_p_value(Share::new(1, 2).expect("a share"), 0.0),
        Ok(0.0)
    );
    for fractions in [&[0.5, 0.5][..], &[0.0], &[1.1], &[f64::NAN]] {
        assert!(Spending::Pocock.boundaries(fractions, 0.05).is_err());
    }
}

#[test]
fn looking_at_every_row_finds_nothing_that_is_not_there() {
    let runs = 300;
    let (mut mixture_found, mut naive_found, mut share_found) = (0, 0, 0);
    let mixture = NormalMixture::tuned(200.0, 0.05).expect("defined");
    for run in 0..runs {
        let mut random = generator(23, run);
        let (mut sum, mut squares, mut successes) = (0.0, 0.0, 0);
        let (mut crossed, mut naive, mut share_crossed) = (false, false, false);
        for rows in 1..=400_u64 {
            let value = normal(&mut random);
            sum += value;
            squares += value * value;
            successes += u64::from(uniform(&mut random) < 0.3);
            let n = rows as f64;
            if 20 <= rows {
                let variance = (squares - sum * sum / n) / (n - 1.0);
                let p = mixture
                    .p_value(sum / n, 0.0, variance, rows)
                    .expect("defined");
                crossed |= p <= 0.05;
                naive |= 1.96 < sum.abs() / (n * variance).sqrt();
            }
            let share = Share::new(successes, rows).expect("a share");
            share_crossed |= share_p_value(share, 0.3).expect("defined") <= 0.05;
        }
        mixture_found += u32::from(crossed);
        naive_found += u32::from(naive);
        share_found += u32::from(share_crossed);
    }
    // 15 of 300 are promised at most; 27 is three standard deviations more.
    assert!(mixture_found <= 27, "{mixture_found} of 300");
    assert!(share_found <= 27, "{share_found} of 300");
    assert!(60 < naive_found, "{naive_found} of 300");
}

#[test]
fn what_is_there_is_found_before_long() {
    let mixture = NormalMixture::tuned(200.0, 0.05).expect("defined");
    let found = |run: u32| {
        let mut random = generator(29, run);
        let mut sum = 0.0;
        (1..=400_u64).any(|rows| {
            sum += 0.3 + normal(&mut random);
            let interval = mixture.interval(sum / rows as f64, 1.0, rows, 0.05);
            0.0 < interval.expect("defined").lower
        })
    };
    let count = (0..100).filter(|run| found(*run)).count();
    assert!(95 <= count, "{count} of 100");
    let (good, bad) = (Share::new(900, 1_000), Share::new(700, 1_000));
    let interval = difference_interval(good.expect("a share"), bad.expect("a share"), 0.05);
    let interval = interval.expect("defined");
    assert!(0.1 < interval.lower && interval.upper < 0.3, "{interval:?}");
}
