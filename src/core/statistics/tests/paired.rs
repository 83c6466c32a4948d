//! Tests of paired answers against statsmodels 0.15.0 and scipy 1.17.1; their levels by simulation.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{close, golden, normal};
use crate::statistics::Undefined;
use crate::statistics::paired::*;
use crate::statistics::proportion::PairedShares;
use crate::statistics::random::{generator, uniform};

#[derive(Deserialize)]
struct Golden {
    mcnemar: Vec<Counts>,
    wilcoxon: Vec<Ranked>,
    permutation: Vec<Permuted>,
}

#[derive(Deserialize)]
struct Counts {
    counts: [u64; 2],
    exact: f64,
    mid_p: f64,
    chi_square: f64,
    chi_square_p_value: f64,
    sign_test: f64,
}

#[derive(Deserialize)]
struct Ranked {
    name: String,
    differences: Vec<f64>,
    found: BTreeMap<String, RankedFound>,
}

#[derive(Deserialize)]
struct RankedFound {
    less: f64,
    normal_p_value: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct Permuted {
    differences: Vec<f64>,
    p_value: f64,
}

fn reference() -> Golden {
    golden(include_str!("../../../../fixtures/statistics/paired.json"))
}

#[test]
fn mcnemar_equals_statsmodels() {
    for case in reference().mcnemar {
        let [b, c] = case.counts;
        let name = format!("{b} against {c}");
        close(&name, mcnemar_exact(b, c), case.exact, 1e-9);
        close(&name, mcnemar_mid_p(b, c), case.mid_p, 1e-9);
        let (statistic, p_value) = mcnemar_chi_square(b, c);
        close(&name, statistic, case.chi_square, 1e-12);
        close(&name, p_value, case.chi_square_p_value, 1e-9);
        assert_eq!(mcnemar(b, c), mcnemar_exact(b, c));
        let signs = [vec![0.3; b as usize], vec![-2.0; c as usize], vec![0.0]].concat();
        close(
            &name,
            sign_test(&signs).expect("defined"),
            case.sign_test,
            1e-9,
        );
    }
    assert_eq!(mcnemar(6_000, 5_000), mcnemar_chi_square(6_000, 5_000).1);
    let ratio = mcnemar_exact(6_000, 5_800) / mcnemar_chi_square(6_000, 5_800).1;
    assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
    assert!(mcnemar(u64::MAX, 1).is_finite());
}

#[test]
fn wilcoxon_equals_scipy() {
    for case in reference().wilcoxon {
        for (zeros, key) in [
            (Zeros::Dropped, "dropped"),
            (Zeros::Ranked, "ranked"),
            (Zeros::Split, "split"),
        ] {
            let name = format!("{}, zeros {key}", case.name);
            let expected = &case.found[key];
            let found = wilcoxon(&case.differences, zeros, Tail::Normal).expect("defined");
            close(&name, found.above.min(found.below), expected.less, 1e-12);
            close(&name, found.p_value, expected.normal_p_value, 1e-9);
            let found = wilcoxon(&case.differences, zeros, Tail::Auto).expect("defined");
            close(&name, found.p_value, expected.p_value, 1e-9);
        }
    }
    let nothing = wilcoxon(&[0.0, 0.0], Zeros::Split, Tail::Auto).expect("defined");
    assert_eq!(
        (nothing.above, nothing.below, nothing.p_value),
        (1.5, 1.5, 1.0)
    );
}

#[test]
fn the_exact_permutation_test_equals_scipy() {
    for case in reference().permutation {
        let found = permutation(&case.differences, 10, 0).expect("defined");
        close("permutation", found, case.p_value, 1e-12);
    }
}

#[test]
fn random_permutations_follow_the_seed_and_not_the_order_of_rows() {
    let mut random = generator(5, 0);
    let differences: Vec<f64> = (0..100).map(|_| normal(&mut random) + 0.2).collect();
    let found = permutation(&differences, 2_000, 1).expect("defined");
    let reversed: Vec<f64> = differences.iter().rev().copied().collect();
    assert_eq!(permutation(&reversed, 2_000, 1), Ok(found));
    assert_ne!(permutation(&differences, 2_000, 2), Ok(found));
    let t = crate::statistics::mean::paired(&differences, &[0.0; 100], &Default::default());
    let expected = t.expect("defined").p_value(0.0);
    let error = (expected * (1.0 - expected) / 2_000.0).sqrt();
    assert!(
        (found - expected).abs() < 4.0 * error + 0.003,
        "{found}, t has {expected}"
    );
}

#[test]
fn nothing_to_compare_is_undefined_and_nothing_that_differs_is_no_finding() {
    assert!(matches!(sign_test(&[]), Err(Undefined::TooFew { .. })));
    assert!(wilcoxon(&[], Zeros::Dropped, Tail::Auto).is_err());
    assert!(permutation(&[], 10, 0).is_err());
    for bad in [f64::NAN, f64::INFINITY] {
        assert_eq!(sign_test(&[bad]), Err(Undefined::NotFinite));
        assert_eq!(permutation(&[bad], 10, 0), Err(Undefined::NotFinite));
        assert!(wilcoxon(&[bad], Zeros::Split, Tail::Normal).is_err());
    }
    assert_eq!(
        permutation(&[f64::MAX; 3], 10, 0),
        Err(Undefined::NotFinite)
    );
    assert_eq!(sign_test(&[0.0]), Ok(1.0));
    assert_eq!(permutation(&[0.0; 40], 10, 0), Ok(1.0));
    assert_eq!(mcnemar(0, 0), 1.0);
}

#[test]
fn pairs_are_counted() {
    let first = [true, true, false, false, true];
    let second = [true, false, true, false, false];
    let found = PairedShares::of(&first, &second).expect("same length");
    assert_eq!(
        (
            found.both,
            found.first_only,
            found.second_only,
            found.neither
        ),
        (1, 2, 1, 1)
    );
    assert!(PairedShares::of(&first, &second[1..]).is_err());
}

#[test]
fn a_true_null_is_rejected_at_most_as_often_as_promised() {
    let mut rejected = BTreeMap::<&str, u32>::new();
    for seed in 0..600 {
        let mut random = generator(13, seed);
        let differences: Vec<f64> = (0..30).map(|_| normal(&mut random)).collect();
        let above = (0..40).filter(|_| uniform(&mut random) < 0.5).count() as u64;
        let ranks = wilcoxon(&differences, Zeros::Dropped, Tail::Auto).expect("defined");
        for (name, p_value) in [
            ("exact", mcnemar_exact(above, 40 - above)),
            ("mid-p", mcnemar_mid_p(above, 40 - above)),
            ("sign", sign_test(&differences).expect("defined")),
            ("wilcoxon", ranks.p_value),
            (
                "permutation",
                permutation(&differences, 199, 3).expect("defined"),
            ),
        ] {
            *rejected.entry(name).or_default() += u32::from(p_value <= 0.05);
        }
    }
    for (name, count) in rejected {
        // 30 are promised at most; 46 is three standard deviations more.
        assert!((8..=46).contains(&count), "{name}: {count} of 600");
    }
}
