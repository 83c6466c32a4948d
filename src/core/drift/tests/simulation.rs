//! The default method on columns whose truth is known: seeded draws, 20 columns at once.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

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
    judge(spec, &compared(), &pairs, &|_| None)
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
