//! Means against statsmodels 0.15.0 and scipy 1.17.1; coverage by simulation.

use serde::Deserialize;

use super::{close, golden, normal};
use crate::statistics::mean::*;
use crate::statistics::random::generator;
use crate::statistics::{Estimate, Undefined};

#[derive(Deserialize)]
struct Golden {
    means: Vec<Mean>,
    paired: Vec<Paired>,
    ratios: Vec<Ratio>,
    welch: Vec<Welch>,
}

#[derive(Deserialize)]
struct Welch {
    first: Vec<f64>,
    second: Vec<f64>,
    difference: f64,
    t: f64,
    degrees: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct Mean {
    name: String,
    values: Vec<f64>,
    weights: Option<Vec<f64>>,
    clusters: Option<Vec<u64>>,
    mean: f64,
    standard_error: f64,
    interval: [f64; 2],
    p_value: f64,
}

#[derive(Deserialize)]
struct Paired {
    first: Vec<f64>,
    second: Vec<f64>,
    difference: f64,
    t: f64,
    p_value: f64,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct Ratio {
    numerator: Vec<f64>,
    denominator: Vec<f64>,
    clusters: Option<Vec<u64>>,
    ratio: f64,
    standard_error: f64,
    interval: [f64; 2],
}

fn reference() -> Golden {
    golden(include_str!("../../../../fixtures/statistics/mean.json"))
}

#[track_caller]
fn same_interval(name: &str, found: &Estimate, [lower, upper]: [f64; 2]) {
    let interval = found.interval(0.95).expect("a level");
    close(name, interval.lower, lower, 1e-8);
    close(name, interval.upper, upper, 1e-8);
}

/// scipy 1.17.1: `ttest_ind(equal_var=False)`.
#[test]
fn means_of_unequal_variance_equal_scipy() {
    let moments = |values: &[f64]| {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.add(*value));
        moments
    };
    for case in reference().welch {
        let (first, second) = (moments(&case.first), moments(&case.second));
        let found = welch(first, second).expect("defined");
        let name = format!("{} and {}", case.first.len(), case.second.len());
        close(&name, found.value, case.difference, 1e-9);
        close(&name, found.value / found.standard_error, case.t, 1e-9);
        close(&name, found.degrees.expect("of t"), case.degrees, 1e-9);
        close(&name, found.p_value(0.0), case.p_value, 1e-8);
        // What is left when a part is taken away is the other part.
        let both = moments(&[case.first, case.second].concat());
        let again = welch(first, both.without(first)).expect("defined");
        close(&name, again.p_value(0.0), case.p_value, 1e-8);
    }
    let constant = moments(&[1.0, 1.0]);
    assert_eq!(welch(constant, constant), Err(Undefined::NoVariation));
    let one = moments(&[1.0]);
    assert!(matches!(
        welch(one, constant),
        Err(Undefined::TooFew { .. })
    ));
    let huge = moments(&[1e300, -1e300]);
    assert!(welch(huge, constant).is_err());
}

#[test]
fn means_equal_statsmodels() {
    for case in reference().means {
        let rows = Rows {
            values: &case.values,
            weights: case.weights.as_deref(),
            clusters: case.clusters.as_deref(),
        };
        let found = mean(&rows).expect("defined");
        close(&case.name, found.value, case.mean, 1e-12);
        // statsmodels loses digits of values far from 0.
        let tolerance = if case.mean < 1e6 { 1e-9 } else { 1e-6 };
        close(
            &case.name,
            found.standard_error,
            case.standard_error,
            tolerance,
        );
        same_interval(&case.name, &found, case.interval);
        close(&case.name, found.p_value(0.0), case.p_value, 1e-8);
    }
}

#[test]
fn paired_differences_equal_scipy() {
    for case in reference().paired {
        let found = paired(&case.first, &case.second, &Rows::default()).expect("defined");
        close("difference", found.value, case.difference, 1e-12);
        close("t", found.value / found.standard_error, case.t, 1e-9);
        close("p", found.p_value(0.0), case.p_value, 1e-8);
        same_interval("paired", &found, case.interval);
    }
}

#[test]
fn ratios_equal_statsmodels() {
    for case in reference().ratios {
        let found = ratio(&case.numerator, &case.denominator, case.clusters.as_deref());
        let found = found.expect("defined");
        close("ratio", found.value, case.ratio, 1e-12);
        close("error", found.standard_error, case.standard_error, 1e-9);
        same_interval("ratio", &found, case.interval);
    }
    let log = log_ratio(&Estimate::normal(3.0, 0.3), &Estimate::normal(2.0, 0.1)).expect("defined");
    close("log ratio", log.value, 1.5_f64.ln(), 1e-12);
    close("log ratio", log.standard_error, 0.0125_f64.sqrt(), 1e-12);
}

#[test]
fn what_has_no_mean_or_no_error_is_undefined() {
    assert!(matches!(
        mean(&Rows::of(&[])),
        Err(Undefined::TooFew { count: 0, .. })
    ));
    assert!(matches!(
        mean(&Rows::of(&[1.0])),
        Err(Undefined::TooFew { count: 1, .. })
    ));
    assert_eq!(mean(&Rows::of(&[0.1; 9])), Err(Undefined::NoVariation));
    assert_eq!(mean(&Rows::of(&[1.0, f64::NAN])), Err(Undefined::NotFinite));
    assert_eq!(
        mean(&Rows::of(&[f64::MAX, f64::MIN])),
        Err(Undefined::NotFinite)
    );
    let values = [1.0, 2.0, 3.0];
    let weighted = |weights: &[f64]| {
        mean(&Rows {
            weights: Some(weights),
            ..Rows::of(&values)
        })
    };
    assert_eq!(weighted(&[1.0, -1.0, 1.0]), Err(Undefined::Weights));
    assert_eq!(weighted(&[0.0; 3]), Err(Undefined::Weights));
    assert_eq!(weighted(&[f64::MAX; 3]), Err(Undefined::Weights));
    assert!(matches!(
        weighted(&[1.0]),
        Err(Undefined::LengthsDiffer { .. })
    ));
    assert!(matches!(
        weighted(&[1.0, 0.0, 0.0]),
        Err(Undefined::TooFew { count: 1, .. })
    ));
    let one_cluster = mean(&Rows {
        clusters: Some(&[4, 4, 4]),
        ..Rows::of(&values)
    });
    assert!(matches!(
        one_cluster,
        Err(Undefined::TooFew { count: 1, .. })
    ));
    let same = paired(&values, &values, &Rows::default()).expect("nothing differs");
    assert_eq!((same.value, same.standard_error), (0.0, 0.0));
    let shifted = paired(&[2.0, 3.0, 4.0], &values, &Rows::default());
    assert_eq!(shifted, Err(Undefined::NoVariation));
    let zero = ratio(&values, &[1.0, -2.0, 1.0], None);
    assert_eq!(zero, Err(Undefined::ZeroDenominator));
    assert!(log_ratio(&Estimate::normal(1.0, 0.1), &Estimate::normal(0.0, 0.1)).is_err());
}

/// Ten clusters of six rows that move together: an interval that knows of them covers as it says, one
/// that does not covers far less.
#[test]
fn clusters_are_needed_for_coverage() {
    let clusters: Vec<u64> = (0..60).map(|row| row / 6).collect();
    let (mut covered, mut covered_plain) = (0, 0);
    for seed in 0..500 {
        let mut random = generator(11, seed);
        let centres: Vec<f64> = (0..10).map(|_| normal(&mut random)).collect();
        let centre = |cluster: &u64| centres[*cluster as usize];
        let values: Vec<f64> = clusters
            .iter()
            .map(|c| centre(c) + normal(&mut random))
            .collect();
        let rows = Rows::of(&values);
        let clustered = Rows {
            clusters: Some(&clusters),
            ..rows
        };
        let covers = |rows: &Rows<'_>| {
            let interval = mean(rows)
                .expect("defined")
                .interval(0.95)
                .expect("a level");
            u32::from(interval.lower <= 0.0 && 0.0 <= interval.upper)
        };
        covered += covers(&clustered);
        covered_plain += covers(&rows);
    }
    // 475 are expected of 500, within three standard deviations.
    assert!((461..=489).contains(&covered), "{covered} of 500");
    assert!(covered_plain < 400, "{covered_plain} of 500");
}

#[test]
fn rows_of_one_value_do_not_vary_whatever_their_rounding() {
    let same = |rows: &Rows<'_>| assert_eq!(mean(rows), Err(Undefined::NoVariation));
    // 0.3 by two ways, which differ in their last digit.
    let rounded: Vec<f64> = (0..100)
        .map(|row| if row % 3 == 0 { 0.1 + 0.2 } else { 0.3 })
        .collect();
    same(&Rows::of(&rounded));
    let weights: Vec<f64> = (0..100).map(|row| 0.1 * f64::from(row)).collect();
    same(&Rows {
        weights: Some(&weights),
        ..Rows::of(&rounded)
    });
    // Rows that vary, in clusters that do not.
    let values = [0.8, 1.0, 0.7, 1.1, 0.4, 1.4, 0.9, 0.9];
    let clusters = [1, 1, 2, 2, 3, 3, 4, 4];
    same(&Rows {
        clusters: Some(&clusters),
        ..Rows::of(&values)
    });
    let doubled: Vec<f64> = values.iter().map(|value| 0.1 * value).collect();
    let ratio = ratio(&doubled, &values, None);
    assert_eq!(ratio, Err(Undefined::NoVariation));
}

#[test]
fn what_varies_little_varies() {
    let values: Vec<f64> = (0..100)
        .map(|row| 1e9 + 1e-3 * f64::from(row % 7))
        .collect();
    let found = mean(&Rows::of(&values)).expect("varies");
    assert!((found.standard_error - 2e-4).abs() < 2e-5, "{found:?}");
}
