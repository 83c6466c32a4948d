//! Predictive power and agreement against scikit-learn 1.9.1, krippendorff 0.9.0 and statsmodels 0.15.0:
//! `fixtures/ml-checks`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::agreement::{cohen_kappa, fleiss_kappa, krippendorff_alpha};
use super::super::power::{Cells, cells_of_numbers};
use crate::measure::NumericDistribution;

#[derive(Deserialize)]
struct Golden {
    power: Vec<Power>,
    explained: Vec<Explained>,
    agreement: Vec<Agreement>,
}

#[derive(Deserialize)]
struct Power {
    name: String,
    ordered: bool,
    values: Vec<String>,
    labels: Vec<String>,
    power: f64,
}

#[derive(Deserialize)]
struct Explained {
    name: String,
    values: Vec<String>,
    labels: Vec<String>,
    power: f64,
}

#[derive(Deserialize)]
struct Agreement {
    name: String,
    rows: Vec<Vec<Option<String>>>,
    krippendorff_alpha: Option<f64>,
    cohen_kappa: Option<f64>,
    fleiss_kappa: Option<f64>,
}

fn golden() -> Golden {
    let text = include_str!("../../../../../fixtures/ml-checks/golden.json");
    serde_json::from_str(text).expect("golden values")
}

/// The largest difference that is rounding: sums of a few hundred terms of size 1.
const ROUNDING: f64 = 1e-12;

fn assert_close(found: f64, expected: f64, name: &str) {
    assert!(
        (found - expected).abs() <= ROUNDING,
        "{name}: {found} {expected}"
    );
}

/// The classes in their order, by their text or as numbers.
fn classes(labels: &[String]) -> BTreeMap<&str, usize> {
    let mut names: Vec<&str> = labels.iter().map(String::as_str).collect();
    names.sort_by_key(|name| name.parse::<i64>().unwrap_or_default());
    names.dedup();
    names.into_iter().zip(0..).collect()
}

fn cells_of_texts(values: &[String], labels: &[String]) -> Cells {
    let classes = classes(labels);
    let pairs = values.iter().zip(labels);
    let pairs = pairs.map(|(value, label)| (Some(value.as_str()), classes[label.as_str()], 1));
    Cells::of_categories(pairs, classes.len())
}

#[test]
fn power_is_that_of_scikit_learn() {
    for case in golden().power {
        let power = if case.ordered {
            let classes = classes(&case.labels);
            let mut points = vec![BTreeMap::<i64, (f64, u64)>::new(); classes.len()];
            for (value, label) in case.values.iter().zip(&case.labels) {
                let value: f64 = value.parse().expect("a number");
                let key = (value * 1000.0).round() as i64;
                points[classes[label.as_str()]]
                    .entry(key)
                    .or_insert((value, 0))
                    .1 += 1;
            }
            let numbers: Vec<NumericDistribution> = points
                .into_iter()
                .map(|points| NumericDistribution {
                    points: points.into_values().collect(),
                    ..Default::default()
                })
                .collect();
            cells_of_numbers(&numbers.iter().collect::<Vec<_>>()).ordered_power(10)
        } else {
            cells_of_texts(&case.values, &case.labels).categorical_power(10)
        };
        assert_close(power.expect("defined"), case.power, &case.name);
    }
}

#[test]
fn explained_rank_is_that_of_scikit_learn() {
    for case in golden().explained {
        let found = cells_of_texts(&case.values, &case.labels).explained();
        assert_close(found.expect("defined"), case.power, &case.name);
    }
}

#[test]
fn agreement_is_that_of_the_references() {
    for case in golden().agreement {
        let mut combinations: BTreeMap<Vec<Option<String>>, u64> = BTreeMap::new();
        for row in &case.rows {
            *combinations.entry(row.clone()).or_default() += 1;
        }
        let combinations: Vec<_> = combinations.into_iter().collect();
        let alpha = krippendorff_alpha(&combinations).expect("defined");
        assert_close(alpha, case.krippendorff_alpha.expect("defined"), &case.name);
        let fleiss = fleiss_kappa(&combinations).expect("defined");
        assert_close(fleiss, case.fleiss_kappa.expect("defined"), &case.name);
        if let Some(expected) = case.cohen_kappa {
            assert_close(
                cohen_kappa(&combinations).expect("defined"),
                expected,
                &case.name,
            );
        }
    }
}
