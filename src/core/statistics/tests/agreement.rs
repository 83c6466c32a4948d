//! Agreement against statsmodels 0.15.0, scikit-learn 1.9.1 and krippendorff 0.9.0; the corrected rate by
//! simulation.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{close, golden};
use crate::statistics::Undefined;
use crate::statistics::agreement::*;
use crate::statistics::proportion::Share;
use crate::statistics::random::{generator, uniform};

#[derive(Deserialize)]
struct Golden {
    kappa: Vec<Kappa>,
    alpha: Vec<Alpha>,
    passes: Vec<Passes>,
}

#[derive(Deserialize)]
struct Kappa {
    first: Vec<u8>,
    second: Vec<u8>,
    found: BTreeMap<String, [f64; 2]>,
}

#[derive(Deserialize)]
struct Alpha {
    items: Vec<Vec<f64>>,
    nominal: f64,
    interval: f64,
}

#[derive(Deserialize)]
struct Passes {
    right: u64,
    answers: u64,
    k: u64,
    any: f64,
    all: f64,
}

fn reference() -> Golden {
    golden(include_str!(
        "../../../../fixtures/statistics/agreement.json"
    ))
}

#[test]
fn kappa_equals_statsmodels() {
    for case in reference().kappa {
        let table = rating_table(&case.first, &case.second).expect("same length");
        for (distance, key) in [
            (Distance::Nominal, "nominal"),
            (Distance::Linear, "linear"),
            (Distance::Quadratic, "quadratic"),
        ] {
            let found = cohen_kappa(&table, distance).expect("defined");
            let [kappa, error] = case.found[key];
            close(key, found.value, kappa, 1e-12);
            close(key, found.standard_error, error, 1e-9);
        }
    }
}

#[test]
fn alpha_equals_krippendorff() {
    for case in reference().alpha {
        let nominal = krippendorff_alpha(&case.items, Scale::Nominal).expect("defined");
        close("nominal", nominal, case.nominal, 1e-12);
        let interval = krippendorff_alpha(&case.items, Scale::Interval).expect("defined");
        close("interval", interval, case.interval, 1e-12);
    }
}

#[test]
fn passes_equal_what_counting_gives() {
    for case in reference().passes {
        let any = pass_at_k(case.right, case.answers, case.k).expect("defined");
        close("any", any, case.any, 1e-12);
        let all = pass_power_k(case.right, case.answers, case.k).expect("defined");
        close("all", all, case.all, 1e-12);
    }
    let many = pass_power_k(9_999_000, 10_000_000, 2_000).expect("defined");
    close("many", many, (0.9999_f64).powi(2_000), 1e-3);
}

#[test]
fn agreement_of_nothing_is_undefined() {
    assert!(cohen_kappa(&[], Distance::Nominal).is_err());
    assert!(cohen_kappa(&[vec![1, 2]], Distance::Nominal).is_err());
    let one = cohen_kappa(&[vec![9]], Distance::Quadratic);
    assert_eq!(one, Err(Undefined::NoVariation));
    let perfect = cohen_kappa(&[vec![4, 0], vec![0, 5]], Distance::Linear).expect("defined");
    assert_eq!(perfect.value, 1.0);
    let alone = krippendorff_alpha(&[vec![1.0], vec![]], Scale::Nominal);
    assert!(matches!(alone, Err(Undefined::TooFew { .. })));
    let same = krippendorff_alpha(&[vec![0.1; 3], vec![0.1; 2]], Scale::Interval);
    assert_eq!(same, Err(Undefined::NoVariation));
    let nan = krippendorff_alpha(&[vec![f64::NAN, 1.0]], Scale::Nominal);
    assert_eq!(nan, Err(Undefined::NotFinite));
    assert!(rating_table(&[1], &[1, 2]).is_err());
    assert!(pass_at_k(1, 2, 0).is_err() && pass_at_k(3, 2, 1).is_err());
    assert!(matches!(pass_at_k(1, 2, 3), Err(Undefined::TooFew { .. })));
}

#[test]
fn wins_ties_and_losses() {
    let found = win_rate(&[1.0, 1.0, 1.0, 0.5, 0.0, 0.75]).expect("defined");
    assert_eq!((found.wins, found.losses), (4, 1));
    close("rate", found.rate.value, 4.25 / 6.0, 1e-12);
    close("p", found.p_value, 0.375, 1e-12);
    assert!(win_rate(&[1.0, 2.0]).is_err());
    assert_eq!(win_rate(&[1.0, 1.0]), Err(Undefined::NoVariation));
}

#[test]
fn the_corrected_rate_covers_the_true_one() {
    let (truth, sensitivity, specificity) = (0.2, 0.9, 0.85);
    let mut covered = 0;
    for run in 0..400 {
        let mut random = generator(31, run);
        let mut share = |p: f64, trials: u64| {
            let successes = (0..trials).filter(|_| uniform(&mut random) < p).count() as u64;
            Share::new(successes, trials).expect("a share")
        };
        let judge = Judge {
            sensitivity: share(sensitivity, 80),
            specificity: share(specificity, 120),
        };
        let found = share(
            truth * sensitivity + (1.0 - truth) * (1.0 - specificity),
            500,
        );
        let corrected = rogan_gladen(found, judge).expect("defined");
        let interval = corrected.interval(0.95).expect("a level");
        covered += u32::from(interval.lower <= truth && truth <= interval.upper);
    }
    // 380 are expected of 400, within three standard deviations, or more.
    assert!(367 <= covered, "{covered} of 400");
    let half = Share::new(1, 2).expect("a share");
    let coin = Judge {
        sensitivity: half,
        specificity: half,
    };
    assert_eq!(rogan_gladen(half, coin), Err(Undefined::NoVariation));
    let all = Share::new(50, 50).expect("a share");
    let faultless = Judge {
        sensitivity: all,
        specificity: all,
    };
    let found = rogan_gladen(Share::new(0, 50).expect("a share"), faultless).expect("defined");
    assert!(found.value == 0.0 && 0.0 < found.standard_error);
}
