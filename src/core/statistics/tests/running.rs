//! Means at repeated looks: their formula, the rows they need, and their promise by simulation.

use super::close;
use crate::statistics::Undefined;
use crate::statistics::decision::Claim;
use crate::statistics::proportion::PairedShares;
use crate::statistics::random::{generator, uniform};
use crate::statistics::running::*;
use crate::statistics::sequential::NormalMixture;

fn pairs(first_only: u64, second_only: u64, rows: u64) -> PairedShares {
    PairedShares {
        both: rows - first_only - second_only,
        first_only,
        second_only,
        neither: 0,
    }
}

#[test]
fn a_mean_has_the_interval_of_its_mixture() {
    let values: Vec<f64> = (0..400).map(|row| f64::from(row % 5)).collect();
    let found = RunningMean::of(&values).expect("rows").interval(0.95);
    let found = found.expect("defined");
    // The variance of 0 to 4 is 2, by rows less one.
    let variance: f64 = 2.0 * 400.0 / 399.0;
    // A mixture tuned for the variance of a thousand rows is the same in the unit of the rows.
    let mixture = NormalMixture::tuned(1000.0 * variance, 0.05).expect("defined");
    let expected = mixture.interval(2.0, variance, 400, 0.05).expect("defined");
    close("lower", found.lower, expected.lower, 1e-12);
    close("upper", found.upper, expected.upper, 1e-12);
}

#[test]
fn few_rows_and_rows_that_do_not_differ_say_little() {
    let few = RunningMean::of(&[1.0; 29]).expect_err("too few");
    assert!(matches!(few, Undefined::TooFew { needed: 30, .. }), "{few}");
    let same = RunningMean::of(&[1.0; 30]).expect("rows").interval(0.95);
    assert_eq!(same.map(|same| (same.lower, same.upper)), Ok((1.0, 1.0)));
    // No row differs: of a thousand, some in a hundred may.
    let none = of_shares(pairs(0, 0, 1000), 0.95).expect("defined");
    assert!((0.005..0.012).contains(&none.upper), "{none:?}");
    close("symmetric", none.lower, -none.upper, 1e-12);
}

#[test]
fn an_interval_lies_within_that_of_a_higher_level() {
    for shares in [pairs(3, 5, 200), pairs(40, 30, 200)] {
        let widths = [0.5, 0.9, 0.95, 0.99].map(|level| {
            let found = of_shares(shares, level).expect("defined");
            found.upper - found.lower
        });
        assert!(widths.is_sorted(), "{widths:?}");
    }
}

#[test]
fn the_rows_that_are_said_to_be_needed_are() {
    let (alpha, power) = (0.025, 0.8);
    let mean = RunningMean::of_shares(pairs(150, 150, 1000)).expect("rows");
    let claim = Claim::NonInferior { margin: 0.02 };
    let rows = mean.rows_needed(claim, 0.0, alpha, power).expect("defined");
    let rows = rows.expect("enough are enough") as usize;
    // Of an equal model, looked at once, at that many rows.
    let met = (0..300).filter(|seed| {
        let mut generator = generator(5, *seed);
        let mut counts = [0_u64; 2];
        for _ in 0..rows {
            match uniform(&mut generator) {
                one if one < 0.15 => counts[0] += 1,
                other if other < 0.3 => counts[1] += 1,
                _ => {}
            }
        }
        let found = of_shares(pairs(counts[0], counts[1], rows as u64), 0.95);
        -0.02 < found.expect("defined").lower
    });
    let met = met.count() as f64 / 300.0;
    assert!((0.73..0.87).contains(&met), "{met} of {rows} rows");
    let never = mean.rows_needed(claim, -0.02, alpha, power);
    assert_eq!(never, Ok(None));
    let same = Claim::Equivalent { margin: 0.02 };
    let of_both = mean.rows_needed(same, 0.0, alpha, power).expect("defined");
    assert!(Some(rows as u64) < of_both, "{of_both:?}");
}

/// Rows of a skewed kind, looked at at every tenth of 3,000: the truth is outside at some look in at most
/// one run in twenty, in which a fixed interval fails in one of three.
#[test]
fn the_truth_is_inside_at_every_look() {
    let (mut outside, mut outside_fixed) = (0, 0);
    for seed in 0..400 {
        let mut generator = generator(6, seed);
        let mut values = Vec::new();
        let (mut missed, mut missed_fixed) = (false, false);
        while values.len() < 3000 {
            values.extend((0..10).map(|_| -uniform(&mut generator).max(1e-300).ln()));
            let Ok(mean) = RunningMean::of(&values) else {
                continue;
            };
            let found = mean.interval(0.95).expect("defined");
            missed |= !(found.lower..=found.upper).contains(&1.0);
            let fixed = 1.96 / (values.len() as f64).sqrt();
            missed_fixed |= fixed < (mean.mean() - 1.0).abs();
        }
        outside += u32::from(missed);
        outside_fixed += u32::from(missed_fixed);
    }
    assert!(outside <= 20, "{outside} of 400");
    assert!(130 < outside_fixed, "{outside_fixed} of 400");
}
