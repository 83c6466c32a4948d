//! The default method on columns whose truth is known: seeded draws, 20 columns at once.

use std::collections::BTreeMap;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

use super::counted;
use super::judging::{compared, pair, spec};
use crate::drift::{Correction, DriftSpec, judge};
use crate::evidence::{Evidence, Outcome, Reason};
use crate::measure::{CategoricalDistribution, Distribution, NumericDistribution};

const COLUMNS: usize = 20;

/// Uniform in [0, 1).
fn uniform(generator: &mut Xoshiro256PlusPlus) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Approximately normal: four uniforms (Irwin-Hall) of variance 1, moved; to two places, so that large samples are
/// few points.
fn normal(generator: &mut Xoshiro256PlusPlus, moved: f64) -> f64 {
    let sum: f64 = (0..4).map(|_| uniform(generator)).sum();
    (((sum - 2.0) * 3.0_f64.sqrt() + moved) * 100.0).round() / 100.0
}

/// Odd columns are categories: eight, the first of them `moved` likelier.
fn column(
    generator: &mut Xoshiro256PlusPlus,
    index: usize,
    rows: usize,
    moved: f64,
) -> Distribution {
    if index.is_multiple_of(2) {
        let values = (0..rows).map(|_| Some(normal(generator, moved)));
        return Distribution::Numeric(NumericDistribution::of(values));
    }
    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let values: Vec<Option<&str>> = (0..rows)
        .map(|_| {
            if uniform(generator) < moved {
                return Some("a");
            }
            Some(NAMES[(generator.next_u64() % 8) as usize])
        })
        .collect();
    Distribution::Categorical(CategoricalDistribution::of(values))
}

fn run(spec: &DriftSpec, seed: u64, rows: usize, moved: f64) -> Vec<Evidence> {
    judged(spec, &drawn(seed, rows, moved))
}

/// Reference and current data of all columns.
fn drawn(seed: u64, rows: usize, moved: f64) -> Vec<(Distribution, Distribution)> {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..COLUMNS)
        .map(|index| {
            let before = column(&mut generator, index, rows, 0.0);
            (before, column(&mut generator, index, rows, moved))
        })
        .collect()
}

fn judged(spec: &DriftSpec, sides: &[(Distribution, Distribution)]) -> Vec<Evidence> {
    let names: Vec<String> = (0..COLUMNS).map(|index| format!("c{index}")).collect();
    let pairs: Vec<_> = names
        .iter()
        .zip(sides)
        .map(|(name, (before, now))| pair(name, before, now))
        .collect();
    judge(spec, &compared(), &pairs, &[], &|_| None)
}

fn count(evidence: &[Evidence], outcome: Outcome) -> usize {
    evidence
        .iter()
        .filter(|record| record.outcome == outcome)
        .count()
}

#[test]
fn equal_distributions_raise_no_more_alarms_than_the_error_rate() {
    // The hardest case: the null hypothesis is "no difference at all", which no row count excuses.
    let strictest = [Correction::Holm, Correction::BenjaminiHochberg].map(|correction| DriftSpec {
        threshold: Some(0.0),
        correction,
        ..spec()
    });
    for (rows, repeats) in [(200, 200), (2000, 30), (100_000, 1)] {
        let mut alarms = [0_u32; 2];
        for seed in 0..repeats {
            let sides = drawn(seed, rows, 0.0);
            for (alarms, spec) in alarms.iter_mut().zip(&strictest) {
                *alarms += u32::from(0 < count(&judged(spec, &sides), Outcome::NotMet));
            }
        }
        // 5 % of the runs, and two standard errors of that count.
        let expected = 0.05 * repeats as f64;
        let most = expected + 2.0 * (expected * 0.95).sqrt();
        for alarms in alarms {
            assert!(
                f64::from(alarms) <= most,
                "{alarms} of {repeats} runs at {rows} rows"
            );
        }
    }
}

#[test]
fn equal_distributions_are_met_from_200_rows_on() {
    for rows in [200, 2000, 100_000] {
        let evidence = run(&spec(), 11, rows, 0.0);
        assert_eq!(evidence.len(), 2 * COLUMNS);
        assert_eq!(count(&evidence, Outcome::Met), 2 * COLUMNS, "{rows} rows");
    }
}

#[test]
fn a_large_shift_is_found_in_every_column() {
    // A shift of 0.6 standard deviations has D 0.236, of 0.35 0.139; rows that become one of eight
    // categories with chance 0.3 have T 0.26, with 0.15 0.131.
    for (rows, moved_numbers, moved_categories) in [(2000, 0.6, 0.3), (100_000, 0.35, 0.15)] {
        for (moved, odd) in [(moved_numbers, 0), (moved_categories, 1)] {
            let evidence = run(&spec(), 3, rows, moved);
            let values = evidence
                .chunks_exact(2)
                .enumerate()
                .filter(|(index, _)| index % 2 == odd)
                .map(|(_, records)| &records[0]);
            for record in values {
                assert_eq!(
                    record.outcome,
                    Outcome::NotMet,
                    "{rows}: {}",
                    record.message
                );
            }
        }
    }
}

#[test]
fn a_difference_below_the_threshold_is_no_drift_however_many_rows_there_are() {
    // D of a shift of 0.05 standard deviations is 0.02: every p-value is 0 at this size.
    let evidence = run(&spec(), 5, 100_000, 0.05);
    assert_eq!(count(&evidence, Outcome::Met), 2 * COLUMNS);
}

#[test]
fn too_few_rows_are_not_evaluated_and_say_how_many_are_needed() {
    let evidence = run(&spec(), 7, 120, 0.0);
    let unknown = count(&evidence, Outcome::NotEvaluated(Reason::TooFewRows));
    assert!(COLUMNS <= unknown, "{unknown}");
    let numeric = &evidence[0];
    assert!(
        numeric
            .message
            .ends_with("185 values on each side are needed"),
        "{}",
        numeric.message
    );
    // And that many are enough.
    let enough = run(&spec(), 7, 185, 0.0);
    assert_eq!(enough[0].outcome, Outcome::Met);
}

/// Rows of as many categories as `weights`, each drawn in proportion to its weight.
fn drawn_by_weight(
    generator: &mut Xoshiro256PlusPlus,
    weights: &[f64],
    rows: usize,
) -> Distribution {
    let mut ends = Vec::with_capacity(weights.len());
    let mut end = 0.0;
    for weight in weights {
        end += weight;
        ends.push(end);
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..rows {
        let point = uniform(generator) * end;
        let index = ends.partition_point(|end| *end <= point);
        *counts.entry(index.to_string()).or_default() += 1;
    }
    counted(counts, 0)
}

/// Evidence of one column of categories, drawn from weights before and weights now.
fn of_weights(
    spec: &DriftSpec,
    seed: u64,
    (before, now): (&[f64], &[f64]),
    rows: (usize, usize),
) -> Evidence {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    let before = drawn_by_weight(&mut generator, before, rows.0);
    let now = drawn_by_weight(&mut generator, now, rows.1);
    judge(spec, &compared(), &[pair("c", &before, &now)], &[], &|_| {
        None
    })
    .remove(0)
}

/// Weights of many categories: equally frequent ones, and ones by Zipf's law.
fn many() -> Vec<(&'static str, Vec<f64>)> {
    let zipf = (1..=3000).map(|rank| 1.0 / f64::from(rank)).collect();
    vec![
        ("100 equal", vec![1.0; 100]),
        ("1,000 equal", vec![1.0; 1000]),
        ("100,000 equal", vec![1.0; 100_000]),
        ("3,000 by Zipf's law", zipf),
    ]
}

#[test]
fn many_equal_categories_raise_no_more_alarms_than_the_error_rate() {
    let strictest = DriftSpec {
        threshold: Some(0.0),
        ..spec()
    };
    let repeats = 100;
    // 5 % of the runs, and two standard errors of that count.
    let most = 9;
    for (name, weights) in many() {
        for rows in [(300, 300), (1500, 1500), (4000, 400), (400, 4000)] {
            let alarms = (0..repeats)
                .filter(|seed| {
                    of_weights(&strictest, *seed, (&weights, &weights), rows).outcome
                        == Outcome::NotMet
                })
                .count();
            assert!(alarms <= most, "{name}, {rows:?}: {alarms}");
        }
    }
}

#[test]
fn many_categories_moved_by_the_threshold_raise_no_more_alarms_than_the_error_rate() {
    for (name, weights) in many() {
        // One row in ten moves to a category there was not before: T is 0.1, the threshold.
        let total: f64 = weights.iter().sum();
        let (mut before, mut now) = (weights.clone(), weights);
        before.push(0.0);
        now.push(total / 9.0);
        let alarms = (0..100)
            .filter(|seed| {
                of_weights(&spec(), *seed, (&before, &now), (1500, 1500)).outcome == Outcome::NotMet
            })
            .count();
        assert!(alarms <= 9, "{name}: {alarms}");
    }
}

#[test]
fn categories_none_of_which_is_left_never_pass() {
    for count in [3, 50, 100, 101, 500, 1000, 1500, 100_000] {
        let before: Vec<f64> = (0..2 * count)
            .map(|index| f64::from(index < count))
            .collect();
        let now: Vec<f64> = before.iter().map(|weight| 1.0 - weight).collect();
        let record = of_weights(&spec(), 1, (&before, &now), (1500, 1500));
        if count <= 500 {
            assert_eq!(record.outcome, Outcome::NotMet, "{}", record.message);
        }
        assert_ne!(record.outcome, Outcome::Met, "{}", record.message);
        let observed = record.observed.expect("a distance");
        assert!((observed.value - 1.0).abs() < 1e-9, "{}", record.message);
    }
}

#[test]
fn many_categories_half_of_which_are_new_are_found() {
    // 200 categories; the rows of 100 of them are now of 100 others.
    let weight = |held: std::ops::Range<u32>| (0..300).map(move |at| f64::from(held.contains(&at)));
    let (before, now): (Vec<f64>, Vec<f64>) =
        (weight(0..200).collect(), weight(100..300).collect());
    let record = of_weights(&spec(), 2, (&before, &now), (5000, 5000));
    assert_eq!(record.outcome, Outcome::NotMet, "{}", record.message);
}

#[test]
fn many_equal_categories_are_met_when_there_are_rows_enough() {
    let weights = vec![1.0; 1000];
    let record = of_weights(&spec(), 4, (&weights, &weights), (100_000, 100_000));
    assert_eq!(record.outcome, Outcome::Met, "{}", record.message);
    let record = of_weights(&spec(), 4, (&weights, &weights), (1500, 1500));
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::TooFewRows));
    assert!(
        record
            .message
            .contains("its values repeat too seldom: at least"),
        "{}",
        record.message
    );
}
