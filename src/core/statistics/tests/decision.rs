//! Decisions and power against statsmodels 0.15.0 and scipy 1.17.1; error rates and power by simulation.

use serde::Deserialize;

use super::{close, golden, normal};
use crate::statistics::decision::*;
use crate::statistics::mean::{Rows, mean};
use crate::statistics::power::*;
use crate::statistics::proportion::{PairedShares, Share, newcombe, newcombe_paired};
use crate::statistics::random::{generator, uniform};
use crate::statistics::{Estimate, Undefined};

#[derive(Deserialize)]
struct Golden {
    claims: Vec<Claimed>,
    power: Vec<Power>,
    shares: Vec<Shares>,
}

#[derive(Deserialize)]
struct Claimed {
    differences: Vec<f64>,
    margin: f64,
    not_worse: f64,
    better: f64,
    worse: f64,
    same: f64,
}

#[derive(Deserialize)]
struct Power {
    effect: f64,
    rows: f64,
    alpha: f64,
    power: f64,
    rows_for_80: f64,
}

#[derive(Deserialize)]
struct Shares {
    first: f64,
    second: f64,
    alpha: f64,
    power: f64,
    rows: f64,
    power_of_1000: f64,
}

fn reference() -> Golden {
    golden(include_str!(
        "../../../../fixtures/statistics/decision.json"
    ))
}

#[test]
fn claims_have_the_p_values_of_scipy_and_statsmodels() {
    for case in reference().claims {
        let estimate = mean(&Rows::of(&case.differences)).expect("defined");
        let margin = case.margin;
        let alpha = 0.05;
        for (claim, expected) in [
            (Claim::NonInferior { margin }, case.not_worse),
            (Claim::Superior { by: margin }, case.better),
            (Claim::Equivalent { margin }, case.same),
        ] {
            let found = decide(&estimate, claim, alpha).expect("defined");
            close("p", found.p_value, expected, 1e-8);
            assert_eq!(found.outcome == Outcome::Met, expected < alpha);
            let by_interval = decide_by_interval(claim, alpha, |level| estimate.interval(level));
            let by_interval = by_interval.expect("defined");
            assert_eq!(by_interval.outcome, found.outcome);
            assert!((by_interval.p_value - expected).abs() < 1e-7, "{expected}");
        }
        let not_worse = decide(&estimate, Claim::NonInferior { margin }, alpha).expect("defined");
        assert_eq!(not_worse.outcome == Outcome::NotMet, case.worse < alpha);
    }
}

#[test]
fn each_claim_can_be_met_not_met_and_inconclusive() {
    let outcome = |value: f64, error: f64, claim: Claim| {
        decide(&Estimate::normal(value, error), claim, 0.05)
            .expect("defined")
            .outcome
    };
    for (claim, met, not_met) in [
        (Claim::NonInferior { margin: 1.0 }, 0.0, -2.0),
        (Claim::Superior { by: 1.0 }, 2.0, 0.0),
        (Claim::Equivalent { margin: 1.0 }, 0.0, -2.0),
        (Claim::Equivalent { margin: 1.0 }, 0.0, 2.0),
    ] {
        assert_eq!(outcome(met, 0.1, claim), Outcome::Met);
        assert_eq!(outcome(not_met, 0.1, claim), Outcome::NotMet);
        assert_eq!(outcome(met, 5.0, claim), Outcome::Inconclusive);
        assert_eq!(outcome(not_met, 5.0, claim), Outcome::Inconclusive);
    }
    // A model against itself is not worse, the same, and not better.
    assert_eq!(
        outcome(0.0, 0.0, Claim::NonInferior { margin: 0.1 }),
        Outcome::Met
    );
    assert_eq!(
        outcome(0.0, 0.0, Claim::Equivalent { margin: 0.1 }),
        Outcome::Met
    );
    assert_eq!(
        outcome(0.0, 0.0, Claim::Superior { by: 0.1 }),
        Outcome::NotMet
    );
    assert_eq!(
        outcome(0.0, 0.0, Claim::Superior { by: 0.0 }),
        Outcome::Inconclusive
    );
}

#[test]
fn what_is_no_claim_is_refused() {
    let estimate = Estimate::normal(0.0, 1.0);
    for margin in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = decide(&estimate, Claim::NonInferior { margin }, 0.05);
        assert!(matches!(refused, Err(Undefined::Setting { .. })));
    }
    assert!(decide(&estimate, Claim::Equivalent { margin: 0.0 }, 0.05).is_err());
    assert!(decide(&estimate, Claim::Superior { by: 0.0 }, 1.0).is_err());
    let nan = Estimate::normal(f64::NAN, 1.0);
    assert_eq!(
        decide(&nan, Claim::Superior { by: 0.0 }, 0.05),
        Err(Undefined::NotFinite)
    );
    let claim = Claim::Superior { by: 0.0 };
    let refused = decide_by_interval(claim, 0.05, |_| Err(Undefined::NoVariation));
    assert_eq!(refused, Err(Undefined::NoVariation));
    assert!(decide_by_interval(claim, 0.5, |level| estimate.interval(level)).is_err());
    assert!(rows_needed(&estimate, 0, claim, 1.0, 0.05, 0.8).is_err());
    assert!(rows_needed(&estimate, 10, claim, f64::NAN, 0.05, 0.8).is_err());
    assert!(detectable(1.0, 0.05, 1.0).is_err());
    assert!(rows_per_group(0.5, 0.5, 0.05, 0.8).is_err());
    assert!(rows_per_group(1.5, 0.5, 0.05, 0.8).is_err());
    assert!(paired_power(0.1, 0.2, 10, 0.05).is_err());
    assert!(paired_power(1.0, 1.0, 1, 0.05).is_ok_and(|power| !power.is_nan()));
}

#[test]
fn power_and_rows_equal_statsmodels() {
    for case in reference().power {
        let found = power(1.0 / case.rows.sqrt(), case.effect, case.alpha).expect("defined");
        close("power", found, case.power, 1e-9);
        let rows = rows_for_mean(1.0, case.effect, case.alpha, 0.8).expect("defined");
        assert_eq!(rows as f64, case.rows_for_80.ceil());
        let distance = detectable(1.0 / case.rows.sqrt(), case.alpha, found).expect("defined");
        close(
            "the effect that has this power",
            distance,
            case.effect,
            1e-9,
        );
    }
    for case in reference().shares {
        let found = rows_per_group(case.first, case.second, case.alpha, case.power);
        assert_eq!(found.expect("defined") as f64, case.rows.ceil());
        let found = shares_power(case.first, case.second, 1_000, case.alpha);
        close(
            "power of shares",
            found.expect("defined"),
            case.power_of_1000,
            1e-9,
        );
    }
}

/// The golden number of the model gate: 0.80 against 0.78, one-sided 5 %, power 80 %.
#[test]
fn telling_80_from_78_per_cent_takes_5128_rows_a_group() {
    assert_eq!(rows_per_group(0.80, 0.78, 0.05, POWER_DEFAULT), Ok(5_128));
    let share = detectable_share_below(0.80, 5_128, 0.05, 0.8).expect("defined");
    assert!((share.expect("reachable") - 0.78).abs() < 1e-5);
    assert_eq!(detectable_share_below(0.01, 10, 0.05, 0.8), Ok(None));
}

#[test]
fn rows_needed_have_the_power_asked_for() {
    let estimate = Estimate::normal(0.3, 0.2);
    let margin = 0.1;
    let needed = |claim, assumed| rows_needed(&estimate, 100, claim, assumed, 0.05, 0.8);
    let error = |rows: u64| 2.0 / (rows as f64).sqrt();
    let rows = needed(Claim::NonInferior { margin }, 0.0)
        .expect("defined")
        .expect("reachable");
    assert_eq!(Ok(rows), rows_for_mean(2.0, margin, 0.05, 0.8));
    assert!(0.8 <= power(error(rows), margin, 0.05).expect("defined"));
    assert!(power(error(rows - 1), margin, 0.05).expect("defined") < 0.8);
    // Two one-sided tests at an equal candidate: statsmodels' z's of 0.95 and 0.9.
    let rows = needed(Claim::Equivalent { margin }, 0.0)
        .expect("defined")
        .expect("reachable");
    assert_eq!(
        rows,
        (2.0_f64 * (1.644_853_627 + 1.281_551_566) / 0.1)
            .powi(2)
            .ceil() as u64
    );
    let off = needed(Claim::Equivalent { margin }, 0.05)
        .expect("defined")
        .expect("reachable");
    assert!(rows < off);
    assert_eq!(needed(Claim::Equivalent { margin }, 0.1), Ok(None));
    assert_eq!(needed(Claim::Superior { by: 0.2 }, 0.2), Ok(None));
    assert!(
        needed(Claim::Superior { by: 0.2 }, 0.3)
            .expect("defined")
            .is_some()
    );
}

#[test]
fn paired_rows_power_and_effect_agree() {
    let rows = rows_for_paired(0.1, 0.02, 0.05, 0.8).expect("defined");
    let reached = paired_power(0.1, 0.02, rows, 0.05).expect("defined");
    assert!((0.8..0.801).contains(&reached), "{reached}");
    let found = detectable_paired(0.1, rows, 0.05, 0.8)
        .expect("defined")
        .expect("reachable");
    assert!((found - 0.02).abs() < 1e-5, "{found}");
    assert_eq!(detectable_paired(0.01, 20, 0.05, 0.8), Ok(None));
}

/// How often a claim is met, of `runs`.
fn met(runs: u32, claim: Claim, draw: impl Fn(u32) -> Option<Estimate>) -> f64 {
    let outcomes = (0..runs).filter_map(draw);
    let met = outcomes.filter(|estimate| {
        decide(estimate, claim, 0.05).is_ok_and(|found| found.outcome == Outcome::Met)
    });
    met.count() as f64 / f64::from(runs)
}

#[test]
fn claims_are_met_as_often_as_predicted() {
    let runs = 500;
    let draw = |truth: f64, rows: u64| {
        move |run: u32| {
            let mut random = generator(17, run);
            let values: Vec<f64> = (0..rows).map(|_| truth + normal(&mut random)).collect();
            mean(&Rows::of(&values)).ok()
        }
    };
    let claim = Claim::NonInferior { margin: 0.3 };
    let rows = rows_for_mean(1.0, 0.3, 0.05, 0.8).expect("defined");
    let at_zero = met(runs, claim, draw(0.0, rows));
    assert!((at_zero - 0.8).abs() < 0.055, "{at_zero}");
    let at_margin = met(runs, claim, draw(-0.3, rows));
    assert!(at_margin < 0.05 + 0.03, "{at_margin}");
    let same = Claim::Equivalent { margin: 0.3 };
    let at_margin = met(runs, same, draw(0.3, rows));
    assert!(at_margin < 0.05 + 0.03, "{at_margin}");
}

#[test]
fn shares_are_told_apart_as_often_as_predicted() {
    let runs = 300;
    let rows = rows_per_group(0.9, 0.8, 0.05, 0.8).expect("defined");
    let discordant = 0.3;
    let paired_rows = rows_for_paired(discordant, 0.1, 0.05, 0.8).expect("defined");
    let (mut met, mut met_paired) = (0, 0);
    for run in 0..runs {
        let mut random = generator(19, run);
        let mut share = |p: f64| {
            let successes = (0..rows).filter(|_| uniform(&mut random) < p).count() as u64;
            Share::new(successes, rows).expect("a share")
        };
        let (first, second) = (share(0.9), share(0.8));
        let claim = Claim::Superior { by: 0.0 };
        let found = decide_by_interval(claim, 0.05, |level| newcombe(first, second, level));
        met += u32::from(found.expect("defined").outcome == Outcome::Met);
        let mut pairs = PairedShares {
            both: 0,
            first_only: 0,
            second_only: 0,
            neither: 0,
        };
        for _ in 0..paired_rows {
            match uniform(&mut random) {
                place if place < 0.2 => pairs.first_only += 1,
                place if place < discordant => pairs.second_only += 1,
                place if place < 0.8 => pairs.both += 1,
                _ => pairs.neither += 1,
            }
        }
        let found = decide_by_interval(claim, 0.05, |level| newcombe_paired(pairs, level));
        met_paired += u32::from(found.expect("defined").outcome == Outcome::Met);
    }
    for (name, met) in [("independent", met), ("paired", met_paired)] {
        // 240 are predicted of 300, within three standard deviations.
        assert!((219..=261).contains(&met), "{name}: {met} of 300");
    }
}
