//! Forecasts against utilsforecast 0.2.17 and sktime 1.2.0 (`fixtures/metrics/forecasting.py`).

use serde::Deserialize;

use super::super::estimate::{Asked, Method, compare};
use super::super::task_tests::{Case, each_is_tried};
use super::super::{Regression, Sample, Task, bootstrap::Plan, find};
use super::{Forecast, dependent};

const GOLDEN: &str = include_str!("../../../../fixtures/metrics/forecasting.json");

#[derive(Deserialize)]
struct Golden {
    forecasting: Vec<Case>,
}

fn golden() -> Vec<Case> {
    let golden: Golden = serde_json::from_str(GOLDEN).expect("the golden file reads");
    golden.forecasting
}

fn sample(case: &Case) -> Sample {
    let numbers = Regression::new(case.numbers("label"), case.numbers("prediction"));
    let (series, time) = (case.classes("series"), case.classes("time"));
    let forecast = Forecast::new(numbers.expect("rows"), series, time).expect("series");
    let quantiles = [0.1, 0.5, 0.9].into_iter().zip(case.matrix("quantile"));
    let forecast = forecast.with_quantiles(quantiles.collect());
    let mut sample = case.sample(forecast.expect("quantiles"));
    for name in ["scale", "squared_scale"] {
        sample = sample
            .with_column(name, case.numbers(name))
            .expect("a column");
    }
    sample
}

#[test]
fn metrics_of_forecasts_equal_their_references() {
    for case in golden() {
        case.check(Task::Forecasting, &sample(&case));
    }
}

#[test]
fn the_order_of_rows_is_nothing() {
    for case in golden() {
        let sample = sample(&case);
        let backwards: Vec<u32> = (0..sample.len() as u32).rev().collect();
        case.check(Task::Forecasting, &sample.select(&backwards));
    }
}

#[test]
fn every_metric_of_forecasts_has_a_reference_value() {
    each_is_tried(Task::Forecasting, &golden(), &[]);
}

#[test]
fn one_series_is_cut_into_blocks_of_time_and_several_are_kept_whole() {
    let time: Vec<u32> = (0..10).map(|time| 5 * time).collect();
    assert_eq!(dependent(&[7; 10], &time), [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]);
    assert_eq!(dependent(&[7, 7, 8], &[0, 1, 0]), [7, 7, 8]);
}

#[test]
fn uncertainty_is_that_of_series() {
    let case = golden().swap_remove(4);
    let sample = sample(&case);
    let metrics: Vec<_> = ["mase", "rmsse", "wql", "median_absolute_error"]
        .iter()
        .filter_map(|id| find(Task::Forecasting, id)?.plain())
        .map(Asked::all)
        .collect();
    let plan = Plan {
        resamples: 200,
        seed: 1,
    };
    let compared = compare(&metrics, &sample, None, &plan);
    let methods = compared.iter().map(|compared| {
        let uncertain = compared.candidate.as_ref().expect("an uncertainty");
        uncertain.method
    });
    let students = [Method::Student; 3].into_iter();
    assert!(methods.eq(students.chain([Method::Clusters])));
    // The error of a mean over series is that of the values of the series.
    let values = sample.forecast().expect("forecasts").series.clone();
    let scale = sample.column("scale").expect("a column");
    let numbers = sample.regression().expect("numbers");
    let of = |one: u32| {
        let rows: Vec<usize> = (0..values.len())
            .filter(|row| values[*row] == one)
            .collect();
        let error =
            |row: &usize| (numbers.prediction()[*row] - numbers.label()[*row]).abs() / scale[*row];
        rows.iter().map(error).sum::<f64>() / rows.len() as f64
    };
    let of_series: Vec<f64> = (0..8).map(of).collect();
    let mean = of_series.iter().sum::<f64>() / 8.0;
    let squares: f64 = of_series.iter().map(|value| (value - mean).powi(2)).sum();
    let expected = (squares / 7.0 / 8.0).sqrt();
    let found = compared[0].candidate.as_ref().expect("an uncertainty");
    let found = found.estimate().expect("an error").standard_error;
    assert!(
        (found - expected).abs() < 1e-12 * expected.max(1.0),
        "{found} {expected}"
    );
}

#[test]
fn levels_that_are_none_are_refused() {
    let refused = |levels: [f64; 2]| {
        let numbers = Regression::new(vec![1.0], vec![1.0]).expect("rows");
        let forecast = Forecast::new(numbers, vec![0], vec![0]).expect("series");
        let quantiles = levels.map(|level| (level, vec![1.0]));
        forecast.with_quantiles(quantiles.into()).is_err()
    };
    assert!(refused([0.1, 0.1]));
    assert!(refused([0.0, 0.5]));
    assert!(refused([0.5, f64::NAN]));
    assert!(!refused([0.9, 0.1]));
}
