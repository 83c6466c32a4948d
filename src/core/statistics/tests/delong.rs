//! DeLong against the definition over all pairs and MLstatkit 0.1.91; importance weights against the
//! jackknife; coverage by simulation.

use serde::Deserialize;

use super::{close, golden, normal};
use crate::statistics::Undefined;
use crate::statistics::delong::*;
use crate::statistics::random::{generator, uniform};

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    label: Vec<u8>,
    first: Vec<f64>,
    second: Vec<f64>,
    counts: Option<Vec<u32>>,
    auc: [f64; 2],
    variance: [f64; 2],
    covariance: f64,
    z: f64,
    p_value: f64,
    logit_interval: Option<[f64; 2]>,
}

#[test]
fn areas_and_their_covariance_equal_the_definition() {
    let golden: Golden = golden(include_str!("../../../../fixtures/statistics/delong.json"));
    for case in golden.cases {
        let name = &case.name;
        let label: Vec<bool> = case.label.iter().map(|label| *label == 1).collect();
        let weights = match &case.counts {
            Some(counts) => Weights::Counts(counts),
            None => Weights::Equal,
        };
        let found = paired(&label, &case.first, &case.second, weights).expect("defined");
        close(name, found.first.value, case.auc[0], 1e-12);
        close(name, found.second.value, case.auc[1], 1e-12);
        close(name, found.first.variance, case.variance[0], 1e-12);
        close(name, found.second.variance, case.variance[1], 1e-12);
        close(name, found.covariance, case.covariance, 1e-12);
        let alone = auc(&label, &case.second, weights).expect("defined");
        assert_eq!(alone, found.second, "{name}");
        let Ok(difference) = found.difference() else {
            assert_eq!(case.auc, [1.0, 1.0], "{name}: both separate the classes");
            continue;
        };
        close(name, difference.p_value(0.0), case.p_value, 1e-6);
        if difference.value != 0.0 {
            let z = (difference.value / difference.standard_error).abs();
            close(name, z, case.z, 1e-9);
        }
        if let Some([lower, upper]) = case.logit_interval {
            let interval = alone.logit_interval(0.95).expect("defined");
            close(name, interval.lower, lower, 1e-9);
            close(name, interval.upper, upper, 1e-9);
        }
    }
}

/// Scores of a negative and a positive class, one standard deviation apart.
fn drawn(rows: usize, seed: u64) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    let mut random = generator(seed, 0);
    let label: Vec<bool> = (0..rows).map(|row| row % 3 == 0).collect();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for label in &label {
        let base = f64::from(u8::from(*label)) + normal(&mut random);
        first.push(base);
        second.push(base + 0.8 * normal(&mut random));
    }
    (label, first, second)
}

/// Also of more rows than are put down at once, in whole numbers and in broken ones.
#[test]
fn equal_weights_of_any_kind_are_no_weights() {
    equal_weights_are_none(90);
    equal_weights_are_none(600_000);
}

fn equal_weights_are_none(rows: usize) {
    let (label, first, second) = drawn(rows, 1);
    let none = paired(&label, &first, &second, Weights::Equal).expect("defined");
    let ones = vec![1; rows];
    let counts = paired(&label, &first, &second, Weights::Counts(&ones)).expect("defined");
    let of = |found: &PairedAuc| {
        let areas = [found.first, found.second].map(|area| [area.value, area.variance]);
        [
            areas[0],
            areas[1],
            [found.covariance, found.difference_variance],
        ]
        .concat()
    };
    for (none, counts) in of(&none).into_iter().zip(of(&counts)) {
        close("as counts of one", counts, none, 1e-9);
    }
    let equal = vec![0.37; rows];
    let importance = paired(&label, &first, &second, Weights::Importance(&equal)).expect("defined");
    close(
        "variance",
        importance.difference_variance,
        none.difference_variance,
        1e-9,
    );
}

/// The delete-one jackknife of a weighted area, class by class.
#[test]
fn the_variance_under_importance_weights_is_that_of_the_jackknife() {
    let (label, score, _) = drawn(240, 2);
    let mut random = generator(3, 0);
    let weights: Vec<f64> = label
        .iter()
        .map(|_| 0.2 + 3.0 * uniform(&mut random))
        .collect();
    let found = auc(&label, &score, Weights::Importance(&weights)).expect("defined");
    let mut jackknife = 0.0;
    for class in [true, false] {
        let rows: Vec<usize> = (0..240).filter(|row| label[*row] == class).collect();
        let without = |row: usize| {
            let mut weights = weights.clone();
            weights[row] = 0.0;
            auc(&label, &score, Weights::Importance(&weights))
                .expect("defined")
                .value
        };
        let areas: Vec<f64> = rows.iter().map(|row| without(*row)).collect();
        let mean = areas.iter().sum::<f64>() / areas.len() as f64;
        let squares: f64 = areas.iter().map(|area| (area - mean).powi(2)).sum();
        jackknife += squares * (areas.len() as f64 - 1.0) / areas.len() as f64;
    }
    assert!(
        (found.variance / jackknife - 1.0).abs() < 0.02,
        "{} is not {jackknife}",
        found.variance
    );
}

#[test]
fn what_has_no_variance_is_undefined() {
    let label = [true, true, false, false];
    let separated = [0.9, 0.8, 0.2, 0.1];
    let other = [0.9, 0.7, 0.2, 0.1];
    let area = auc(&label, &separated, Weights::Equal).expect("an area");
    assert_eq!(area.value, 1.0);
    assert_eq!(area.estimate(), Err(Undefined::NoVariation));
    assert_eq!(area.logit_interval(0.95), Err(Undefined::NoVariation));
    let both = paired(&label, &separated, &other, Weights::Equal).expect("areas");
    assert_eq!(both.difference(), Err(Undefined::NoVariation));
    let same = paired(&label, &separated, &separated, Weights::Equal).expect("areas");
    let difference = same.difference().expect("nothing differs");
    assert_eq!((difference.value, difference.p_value(0.0)), (0.0, 1.0));
}

#[test]
fn what_cannot_be_ranked_is_refused() {
    let label = [true, true, false, false];
    let score = [0.4, 0.3, 0.2, 0.1];
    let few = auc(&[true, false, false, false], &score, Weights::Equal);
    assert!(matches!(few, Err(Undefined::TooFew { count: 1, .. })));
    assert!(auc(&[], &[], Weights::Equal).is_err());
    let nan = auc(&label, &[f64::NAN, 0.3, 0.2, 0.1], Weights::Equal);
    assert_eq!(nan, Err(Undefined::NotFinite));
    assert!(
        auc(
            &label,
            &[f64::INFINITY, 0.3, 0.2, f64::NEG_INFINITY],
            Weights::Equal
        )
        .is_ok()
    );
    assert!(matches!(
        auc(&label, &score[1..], Weights::Equal),
        Err(Undefined::LengthsDiffer { .. })
    ));
    for weights in [[1.0, -1.0, 1.0, 1.0], [f64::NAN; 4], [1e200; 4]] {
        let refused = auc(&label, &score, Weights::Importance(&weights));
        assert_eq!(refused, Err(Undefined::Weights));
    }
    let unweighted = auc(&label, &score, Weights::Importance(&[0.0; 4]));
    assert!(matches!(unweighted, Err(Undefined::TooFew { .. })));
    let zeros = auc(
        &[true, true, false, false],
        &[0.0, -0.0, 0.0, -0.0],
        Weights::Equal,
    );
    assert_eq!(zeros.expect("ties").value, 0.5);
}

/// Two noisy copies of one score: neither is better.
#[test]
fn equal_models_are_told_apart_as_often_as_promised() {
    let mut rejected = 0;
    for seed in 0..400 {
        let mut random = generator(7, seed);
        let label: Vec<bool> = (0..150).map(|row| row % 2 == 0).collect();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for label in &label {
            let base = f64::from(u8::from(*label)) + normal(&mut random);
            first.push(base + 0.5 * normal(&mut random));
            second.push(base + 0.5 * normal(&mut random));
        }
        let found = paired(&label, &first, &second, Weights::Equal).expect("defined");
        let p_value = found.difference().expect("varies").p_value(0.0);
        rejected += u32::from(p_value <= 0.05);
    }
    // 20 are expected of 400; 34 is three standard deviations more.
    assert!((6..=34).contains(&rejected), "{rejected} of 400");
}
