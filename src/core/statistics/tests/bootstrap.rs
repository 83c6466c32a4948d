//! Intervals from resamples against scipy 1.17.1; what is drawn against its distribution.

use serde::Deserialize;

use super::{close, golden, normal};
use crate::statistics::Undefined;
use crate::statistics::bootstrap::*;
use crate::statistics::random::generator;
use crate::statistics::special::ln_choose;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    seen: f64,
    resampled: Vec<f64>,
    jackknife: Vec<f64>,
    percentile: [f64; 2],
    basic: [f64; 2],
    bca: [f64; 2],
}

#[test]
fn intervals_equal_scipy() {
    let golden: Golden = golden(include_str!(
        "../../../../fixtures/statistics/bootstrap.json"
    ));
    for case in golden.cases {
        let jackknife = &case.jackknife;
        for (ends, [lower, upper]) in [
            (Ends::Percentile, case.percentile),
            (Ends::Basic, case.basic),
            (Ends::Bca { jackknife }, case.bca),
        ] {
            let found = interval(case.seen, &case.resampled, ends, 0.9).expect("defined");
            close(&case.name, found.lower, lower, 1e-9);
            close(&case.name, found.upper, upper, 1e-9);
        }
    }
}

#[test]
fn what_resamples_do_not_tell_is_undefined() {
    let values = [1.0, 2.0, 3.0];
    assert!(interval(2.0, &values[..1], Ends::Percentile, 0.9).is_err());
    assert!(interval(2.0, &values, Ends::Percentile, 1.0).is_err());
    let nan = interval(2.0, &[f64::NAN, 1.0], Ends::Basic, 0.9);
    assert_eq!(nan, Err(Undefined::NotFinite));
    assert!(interval(f64::NAN, &values, Ends::Percentile, 0.9).is_err());
    let jackknife = &[2.0, 2.0, 2.0];
    let constant = interval(2.0, &values, Ends::Bca { jackknife }, 0.9);
    assert_eq!(constant, Err(Undefined::NoVariation));
    let jackknife = &values;
    let one_sided = interval(9.0, &values, Ends::Bca { jackknife }, 0.9);
    assert_eq!(one_sided, Err(Undefined::NoVariation));
}

/// Mean and variance of the first cell are binomial, on both sides of the two methods.
#[test]
fn cells_are_drawn_as_rows_would_be() {
    for counts in [[3, 20, 7], [300, 2_000, 700], [40, 0, 2], [0, 5, 0]] {
        let rows: u64 = counts.iter().sum();
        let draws: Vec<Vec<u64>> = (0..4_000)
            .map(|index| resample_cells(&counts, 1, index))
            .collect();
        for (cell, count) in counts.into_iter().enumerate() {
            let p = count as f64 / rows as f64;
            let values: Vec<f64> = draws.iter().map(|draw| draw[cell] as f64).collect();
            let mean = values.iter().sum::<f64>() / 4_000.0;
            let variance = values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
                / 4_000.0;
            let expected = rows as f64 * p * (1.0 - p);
            assert!(
                (mean - rows as f64 * p).abs() <= 4.0 * (expected / 4_000.0).sqrt(),
                "{mean}"
            );
            assert!(
                (variance - expected).abs() <= 0.12 * expected,
                "{variance} is not {expected}"
            );
        }
        assert!(draws.iter().all(|draw| draw.iter().sum::<u64>() == rows));
    }
    assert_eq!(resample_cells(&[], 1, 0), Vec::<u64>::new());
    assert_eq!(resample_cells(&[0, 0], 1, 0), [0, 0]);
    let huge = resample_cells(&[u64::MAX / 2, u64::MAX / 2], 1, 0);
    assert!(huge.iter().all(|count| 0 < *count));
}

/// Every outcome of a binomial of expectation 12 is as frequent as it should be: chi-square below its
/// 99.9 % point for 30 cells.
#[test]
fn binomial_numbers_have_their_distribution() {
    let mut seen = [0_u32; 41];
    for index in 0..20_000 {
        seen[resample_cells(&[12, 28], 9, index)[0] as usize] += 1;
    }
    let chance = |k: f64| (ln_choose(40.0, k) + k * 0.3_f64.ln() + (40.0 - k) * 0.7_f64.ln()).exp();
    let mut chi_square = 0.0;
    for (k, seen) in seen.into_iter().enumerate() {
        let expected = 20_000.0 * chance(k as f64);
        if 5.0 <= expected {
            chi_square += (f64::from(seen) - expected).powi(2) / expected;
        }
    }
    assert!(chi_square < 59.7, "{chi_square}");
}

#[test]
fn poisson_weights_have_mean_and_variance_one_and_follow_the_key() {
    let weights: Vec<f64> = (0..20_000)
        .map(|key| f64::from(poisson_weight(key, 3, 7)))
        .collect();
    let mean = weights.iter().sum::<f64>() / 20_000.0;
    let variance = weights
        .iter()
        .map(|weight| (weight - mean).powi(2))
        .sum::<f64>()
        / 20_000.0;
    assert!(
        (mean - 1.0).abs() < 0.03 && (variance - 1.0).abs() < 0.06,
        "{mean} {variance}"
    );
    assert_eq!(poisson_weight(5, 3, 7), poisson_weight(5, 3, 7));
    let differs =
        |other: fn(u64) -> u32| (0..100).any(|key| poisson_weight(key, 3, 7) != other(key));
    assert!(differs(|key| poisson_weight(key, 4, 7)));
    assert!(differs(|key| poisson_weight(key, 3, 8)));
    // The weights of one row over resamples do not hang together with those of the next.
    let pairs = (0..20_000).map(|index| (poisson_weight(1, 3, index), poisson_weight(2, 3, index)));
    let product: f64 = pairs
        .map(|(a, b)| (f64::from(a) - 1.0) * (f64::from(b) - 1.0))
        .sum();
    assert!((product / 20_000.0).abs() < 0.03, "{product}");
}

#[test]
fn rows_of_a_cluster_are_drawn_together() {
    let clusters = Clusters::of(&[7, 7, 3, 9, 3, 7]);
    assert_eq!(clusters.count(), 3);
    for index in 0..50 {
        let weights = clusters.resample(1, index);
        assert!(weights[0] == weights[1] && weights[1] == weights[5] && weights[2] == weights[4]);
        assert_eq!(weights[0] + weights[2] + weights[3], 3);
    }
    assert!(Clusters::of(&[]).resample(1, 0).is_empty());
}

#[test]
fn blocks_are_neighbours_and_as_many_rows_as_before() {
    for blocks in [Blocks::Moving, Blocks::Circular] {
        let mut drawn = vec![0_u32; 10];
        for index in 0..3_000 {
            let weights = resample_blocks(10, 4, blocks, 2, index).expect("a length");
            assert_eq!(weights.iter().sum::<u32>(), 10);
            drawn
                .iter_mut()
                .zip(weights)
                .for_each(|(sum, weight)| *sum += weight);
        }
        let ends_are_rare = drawn[0] < 2_000;
        assert_eq!(ends_are_rare, blocks == Blocks::Moving, "{drawn:?}");
    }
    assert!(resample_blocks(3, 0, Blocks::Moving, 1, 0).is_err());
    assert!(resample_blocks(3, 4, Blocks::Circular, 1, 0).is_err());
}

/// The variance of the mean of a series whose neighbours hang together: blocks see it, rows do not.
#[test]
fn blocks_keep_what_neighbours_share() {
    let mut random = generator(4, 0);
    let mut series = vec![0.0; 600];
    for row in 1..600 {
        series[row] = 0.7 * series[row - 1] + normal(&mut random);
    }
    let spread = |length: usize| {
        let means: Vec<f64> = (0..400)
            .map(|index| {
                let weights = resample_blocks(600, length, Blocks::Circular, 5, index);
                let weights = weights.expect("a length");
                let rows = series.iter().zip(weights);
                rows.map(|(value, weight)| value * f64::from(weight))
                    .sum::<f64>()
                    / 600.0
            })
            .collect();
        let mean = means.iter().sum::<f64>() / 400.0;
        (means
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / 400.0)
            .sqrt()
    };
    // The true deviation is 1 / (1 - 0.7) / sqrt(600).
    let expected = 1.0 / 0.3 / 600.0_f64.sqrt();
    assert!((spread(25) / expected - 1.0).abs() < 0.25, "{}", spread(25));
    assert!(spread(1) < 0.6 * expected, "{}", spread(1));
}

/// F1 of a confusion matrix, by cells: its interval covers as it says.
#[test]
fn intervals_of_cells_cover() {
    let truth = [60, 20, 30, 90];
    let f1 = |cells: &[u64]| {
        let [hits, misses, alarms] = [cells[0] as f64, cells[1] as f64, cells[2] as f64];
        2.0 * hits / (2.0 * hits + misses + alarms)
    };
    let mut covered = 0;
    for run in 0..200 {
        let data = resample_cells(&truth, 21, run);
        let resampled: Vec<f64> = (0..200)
            .map(|index| f1(&resample_cells(&data, 22, index)))
            .collect();
        let found = interval(f1(&data), &resampled, Ends::Percentile, 0.9).expect("defined");
        covered += u32::from(found.lower <= f1(&truth) && f1(&truth) <= found.upper);
    }
    // 180 are expected of 200, within three standard deviations and the error of 200 resamples.
    assert!((165..=194).contains(&covered), "{covered} of 200");
}
