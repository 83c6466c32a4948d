//! Proportions against statsmodels 0.15.0, scipy 1.17.1 and a published table; coverage by exact sums.

use serde::Deserialize;

use super::{close, golden};
use crate::statistics::proportion::*;
use crate::statistics::special::{ln_choose, normal_quantile};
use crate::statistics::{Interval, Undefined};

#[derive(Deserialize)]
struct Golden {
    one: Vec<One>,
    two: Vec<Two>,
    paired: Vec<Paired>,
}

#[derive(Deserialize)]
struct One {
    successes: u64,
    trials: u64,
    level: f64,
    wilson: [f64; 2],
    clopper_pearson: [f64; 2],
    jeffreys: [f64; 2],
    upper_limit: f64,
    lower_limit: f64,
}

#[derive(Deserialize)]
struct Two {
    first: [u64; 2],
    second: [u64; 2],
    newcombe: [f64; 2],
    katz_ratio: Option<[f64; 2]>,
    z: f64,
    z_p_value: f64,
    fisher_p_value: f64,
}

#[derive(Deserialize)]
struct Paired {
    table: [u64; 4],
    newcombe: [f64; 2],
}

fn reference() -> Golden {
    golden(include_str!(
        "../../../../fixtures/statistics/proportion.json"
    ))
}

fn share([successes, trials]: [u64; 2]) -> Share {
    Share::new(successes, trials).expect("a share")
}

#[track_caller]
fn same(name: &str, found: Interval, [lower, upper]: [f64; 2]) {
    close(name, found.lower, lower, 1e-9);
    close(name, found.upper, upper, 1e-9);
}

#[test]
fn intervals_of_one_share_equal_statsmodels() {
    for case in reference().one {
        let one = share([case.successes, case.trials]);
        let level = case.level;
        let name = format!("{} of {} at {level}", case.successes, case.trials);
        same(&name, wilson(one, level).expect("defined"), case.wilson);
        let exact = clopper_pearson(one, level).expect("defined");
        same(&name, exact, case.clopper_pearson);
        same(&name, jeffreys(one, level).expect("defined"), case.jeffreys);
        let limit = upper_limit(one, level).expect("defined");
        close(&name, limit, case.upper_limit, 1e-9);
        let limit = lower_limit(one, level).expect("defined");
        close(&name, limit, case.lower_limit, 1e-9);
    }
}

#[test]
fn comparisons_of_two_shares_equal_statsmodels_and_scipy() {
    for case in reference().two {
        let (first, second) = (share(case.first), share(case.second));
        let name = format!("{:?} against {:?}", case.first, case.second);
        same(
            &name,
            newcombe(first, second, 0.95).expect("defined"),
            case.newcombe,
        );
        match (katz_ratio(first, second, 0.95), case.katz_ratio) {
            (Ok(found), Some(expected)) => same(&name, found, expected),
            (Err(_), None) => {}
            (found, expected) => panic!("{name}: {found:?} is not {expected:?}"),
        }
        let (z, p_value) = two_proportion_z(first, second);
        close(&name, z, case.z, 1e-9);
        close(&name, p_value, case.z_p_value, 1e-9);
        close(
            &name,
            fisher_exact(first, second),
            case.fisher_p_value,
            1e-9,
        );
    }
}

#[test]
fn the_paired_interval_equals_the_formula_over_the_intervals_of_statsmodels() {
    for case in reference().paired {
        let [both, first_only, second_only, neither] = case.table;
        let pairs = PairedShares {
            both,
            first_only,
            second_only,
            neither,
        };
        let found = newcombe_paired(pairs, 0.95).expect("defined");
        same(&format!("{:?}", case.table), found, case.newcombe);
    }
}

/// Complete response before and after consolidation (Cavo and others 2012), by the R package
/// contingencytables, `Newcombe_square_and_add_CI_paired_2x2`.
#[test]
fn the_paired_interval_is_that_of_a_published_table() {
    let pairs = PairedShares {
        both: 59,
        first_only: 6,
        second_only: 16,
        neither: 80,
    };
    let found = newcombe_paired(pairs, 0.95).expect("defined");
    assert!((pairs.difference() + 0.0621).abs() < 5e-5);
    assert!((found.lower + 0.1186).abs() < 5e-5 && (found.upper + 0.0046).abs() < 5e-5);
}

/// The golden table of the model gate: selection rates of two groups.
#[test]
fn the_ratio_and_difference_of_selection_rates_are_those_of_the_note() {
    let (first, second) = (share([170, 969]), share([250, 1031]));
    let ratio = katz_ratio(first, second, 0.95).expect("defined");
    assert!((first.value() / second.value() - 0.7235).abs() < 5e-5);
    assert!((ratio.lower - 0.608).abs() < 5e-4 && (ratio.upper - 0.861).abs() < 5e-4);
    let difference = newcombe(first, second, 0.95).expect("defined");
    assert!((difference.lower + 0.102).abs() < 5e-4 && (difference.upper + 0.031).abs() < 5e-4);
}

#[test]
fn what_is_no_share_is_refused() {
    assert!(matches!(Share::new(0, 0), Err(Undefined::TooFew { .. })));
    assert!(matches!(
        Share::new(2, 1),
        Err(Undefined::MoreThanTrials { .. })
    ));
    let one = share([1, 2]);
    for level in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(matches!(wilson(one, level), Err(Undefined::Setting { .. })));
    }
    let (none, some) = (share([0, 5]), share([1, 5]));
    assert_eq!(
        katz_ratio(some, none, 0.95),
        Err(Undefined::ZeroDenominator)
    );
    assert_eq!(katz_ratio(none, some, 0.95), Err(Undefined::NoVariation));
    let nothing = PairedShares {
        both: 0,
        first_only: 0,
        second_only: 0,
        neither: 0,
    };
    assert!(newcombe_paired(nothing, 0.95).is_err());
    let all = PairedShares {
        both: u64::MAX,
        first_only: u64::MAX,
        second_only: 1,
        neither: 0,
    };
    let found = newcombe_paired(all, 0.95).expect("huge counts do not overflow");
    assert!(found.lower.is_finite() && found.upper.is_finite());
}

/// Chance that the interval holds the share, summed over every outcome.
fn coverage(trials: u64, p: f64, interval: impl Fn(Share) -> Interval) -> f64 {
    let covers = |x: &u64| {
        let found = interval(share([*x, trials]));
        found.lower <= p && p <= found.upper
    };
    let chance = |x: u64| {
        let (x, n) = (x as f64, trials as f64);
        (ln_choose(n, x) + x * p.ln() + (n - x) * (1.0 - p).ln()).exp()
    };
    (0..=trials).filter(covers).map(chance).sum()
}

#[test]
fn coverage_is_what_is_promised() {
    let mut wilson_sum = 0.0;
    let shares = [0.01, 0.05, 0.1, 0.3, 0.5, 0.77, 0.95, 0.995];
    for p in shares {
        let exact = coverage(40, p, |one| clopper_pearson(one, 0.95).expect("defined"));
        assert!(0.95 <= exact, "Clopper-Pearson covers {p} with {exact}");
        let score = coverage(40, p, |one| wilson(one, 0.95).expect("defined"));
        assert!(0.90 <= score, "Wilson covers {p} with {score}");
        wilson_sum += score / shares.len() as f64;
    }
    assert!((wilson_sum - 0.95).abs() < 0.02, "{wilson_sum}");
    let z = -normal_quantile(0.025);
    assert!((z - 1.959_963_984_540_054).abs() < 1e-14);
}
