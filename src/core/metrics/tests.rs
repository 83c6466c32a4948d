//! Metrics against scikit-learn 1.8.0, Fairlearn 0.15.0 and numpy 2.4.6 (`fixtures/metrics/make.py`),
//! against scikit-learn 1.9.1 on real data (`fixtures/credit`), and properties no number may break.
use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::binary::calibration::calibration_bins;
use super::binary::ranking::{precision_recall_curve, roc_curve};
use super::bootstrap::{Plan, Replicates, replicates};
use super::estimate::{self, Asked, Compared, Method};
use super::fairness::{Comparison, FAIRNESS_METRICS, cut};
use super::groups::Groups;
use super::*;

const GOLDEN: &str = include_str!("../../../fixtures/metrics/golden.json");

/// Equal to twelve digits, relative to the larger of the value and one.
fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-12 * expected.abs().max(1.0)
}

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
    bootstrap: BootstrapCase,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    label: String,
    score: String,
    prediction: String,
    group: String,
    metrics: BTreeMap<String, Option<f64>>,
    fairness: BTreeMap<String, Option<f64>>,
}

#[derive(Deserialize)]
struct BootstrapCase {
    label: String,
    candidate: String,
    champion: String,
    threshold: f64,
    resamples: u32,
    replicates: u32,
    expected: BTreeMap<String, ExpectedInterval>,
}

#[derive(Deserialize)]
struct ExpectedInterval {
    difference: f64,
    interval_95: [f64; 2],
    spread: [f64; 2],
}

fn golden() -> Golden {
    serde_json::from_str(GOLDEN).expect("the golden file reads")
}

fn bits(text: &str) -> Vec<bool> {
    text.chars().map(|digit| digit == '1').collect()
}

fn numbers(text: &str) -> Vec<f64> {
    let parse = |text: &str| text.parse().expect("a number");
    text.split_whitespace().map(parse).collect()
}

fn sample(label: &[bool], score: &[f64], prediction: &[bool]) -> Sample {
    let binary = Binary::new(label.to_vec(), Some(score.to_vec()), prediction.to_vec());
    Sample::new(binary.expect("valid rows")).expect("a valid sample")
}

/// The metrics reports show of any binary classifier.
fn recorded() -> Vec<&'static Metric> {
    of_task(Task::Binary)
        .filter(|metric| metric.recorded)
        .collect()
}

fn chosen(id: &str) -> Chosen {
    let metric = find(Task::Binary, id).expect("a metric");
    metric.plain().expect("a metric without parameters")
}

#[test]
fn every_metric_equals_scikit_learn() {
    let golden = golden();
    assert!(40 <= golden.cases.len());
    for case in &golden.cases {
        let (label, score) = (bits(&case.label), numbers(&case.score));
        let prediction = bits(&case.prediction);
        let sample = sample(&label, &score, &prediction);
        assert_eq!(case.metrics.len(), recorded().len(), "{}", case.name);
        for metric in recorded() {
            let found = metric.compute(&sample);
            check(&case.name, metric.id, &found, case.metrics[metric.id]);
            if let Ok(value) = found {
                let (least, most) = metric.range;
                assert!(
                    least <= value && value <= most + 1e-15,
                    "{} {}",
                    case.name,
                    metric.id
                );
            }
        }
    }
}

#[test]
fn every_fairness_metric_equals_fairlearn() {
    for case in &golden().cases {
        let values: Vec<_> = case
            .group
            .chars()
            .map(|name| Some(name.to_string()))
            .collect();
        let (label, prediction) = (bits(&case.label), bits(&case.prediction));
        for (id, expected) in &case.fairness {
            let found = between_groups(id, &label, &prediction, &values);
            check(&case.name, id, &found, *expected);
        }
    }
}

/// The fairness metric of these decisions by the values of a column.
fn between_groups(
    id: &str,
    label: &[bool],
    prediction: &[bool],
    values: &[Option<String>],
) -> Result<f64, Undefined> {
    let binary = Binary::new(label.to_vec(), None, prediction.to_vec()).expect("valid rows");
    let sample = Sample::new(binary).expect("a sample");
    let metric = fairness::find(id).expect("a metric");
    let comparison = Comparison::named(metric).expect("a comparison");
    let groups = Groups::from(values.to_vec());
    let cut = cut(&sample, &[("group", &groups)], &[], 100).expect("few groups");
    comparison.value(&comparison.by_stratum(&cut)?)
}

fn check(case: &str, metric: &str, found: &Result<f64, Undefined>, expected: Option<f64>) {
    match (found, expected) {
        (Ok(found), Some(expected)) => {
            assert!(
                close(*found, expected),
                "{metric} on {case}: {found} is not {expected}"
            );
        }
        (Err(_), None) => {}
        (found, expected) => panic!("{metric} on {case}: {found:?} is not {expected:?}"),
    }
}

/// Columns of a file of `fixtures/credit/predictions`.
fn credit(text: &str) -> (Vec<bool>, Vec<f64>, Vec<bool>) {
    let (mut label, mut score, mut prediction) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        label.push(fields[1] == "1");
        score.push(fields[2].parse().expect("a score"));
        prediction.push(fields[3] == "1");
    }
    (label, score, prediction)
}

#[test]
fn real_predictions_give_the_numbers_of_scikit_learn() {
    let reference: serde_json::Value = serde_json::from_str(include_str!(
        "../../../fixtures/credit/reference/metrics.json"
    ))
    .expect("the reference reads");
    let files = [
        (
            "candidate",
            include_str!("../../../fixtures/credit/predictions/candidate.csv"),
        ),
        (
            "champion",
            include_str!("../../../fixtures/credit/predictions/champion.csv"),
        ),
    ];
    for (model, text) in files {
        let (label, score, prediction) = credit(text);
        let sample = sample(&label, &score, &prediction);
        let mut compared = 0;
        for metric in recorded() {
            let expected = &reference["models"][model]["overall"][metric.id];
            if let Some(expected) = expected.as_f64() {
                let found = metric.compute(&sample).expect("defined");
                assert!(close(found, expected), "{} of {model}: {found}", metric.id);
                compared += 1;
            }
        }
        assert!(11 <= compared);
        let points = roc_curve(&sample, usize::MAX).expect("two classes");
        // The steps under precision and recall are the average precision, which scikit-learn gives.
        let curve = precision_recall_curve(&sample, usize::MAX).expect("two classes");
        assert_eq!((curve[0], curve.len()), ([0.0, 1.0], points.len()));
        let steps = curve.windows(2);
        let area: f64 = steps.map(|at| (at[1][0] - at[0][0]) * at[1][1]).sum();
        let expected = reference["models"][model]["overall"]["average_precision"].as_f64();
        assert!(
            (area - expected.expect("a reference")).abs() < 1e-12,
            "{area}"
        );
        let expected = reference["models"][model]["overall"]["roc_curve_points_all"].as_u64();
        assert_eq!(Some(points.len() as u64), expected);
    }
}

fn bootstrap_metrics(case: &BootstrapCase) -> Vec<Chosen> {
    case.expected.keys().map(|id| chosen(id)).collect()
}

/// Both models of a case.
fn models(case: &BootstrapCase) -> (Sample, Sample) {
    let label = bits(&case.label);
    let (candidate, champion) = (numbers(&case.candidate), numbers(&case.champion));
    let decide = |score: &[f64]| -> Vec<bool> {
        score.iter().map(|score| case.threshold <= *score).collect()
    };
    (
        sample(&label, &candidate, &decide(&candidate)),
        sample(&label, &champion, &decide(&champion)),
    )
}

fn bootstrapped(case: &BootstrapCase, metrics: &[Chosen], seed: u64) -> Vec<Replicates> {
    let (candidate, champion) = models(case);
    let plan = Plan {
        resamples: case.resamples,
        seed,
    };
    replicates(metrics, &candidate, Some(&champion), &plan)
}

/// Everything there is to know of the metrics.
fn compare(
    metrics: &[Chosen],
    candidate: &Sample,
    champion: Option<&Sample>,
    plan: &Plan,
) -> Vec<Compared> {
    let asked: Vec<Asked> = metrics.iter().cloned().map(Asked::all).collect();
    estimate::compare(&asked, candidate, champion, plan)
}

fn compared(case: &BootstrapCase, metrics: &[Chosen]) -> Vec<Compared> {
    let (candidate, champion) = models(case);
    let plan = Plan {
        resamples: case.resamples,
        seed: 5,
    };
    compare(metrics, &candidate, Some(&champion), &plan)
}

/// The ends of the percentile interval of 95 %.
fn percentiles(values: &[f64]) -> [f64; 2] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let quantile = crate::statistics::bootstrap::quantile;
    [quantile(&sorted, 0.025), quantile(&sorted, 0.975)]
}

#[test]
fn intervals_equal_those_of_numpy_within_the_error_of_resampling() {
    let case = golden().bootstrap;
    let metrics = bootstrap_metrics(&case);
    let found = bootstrapped(&case, &metrics, 1);
    for (metric, replicates) in metrics.iter().zip(found) {
        let expected = &case.expected[metric.metric.id];
        let found = percentiles(&replicates.difference.expect("defined"));
        // One run of ours against the mean of theirs; a step of a count is the least that shows.
        let error = (1.0 + 1.0 / f64::from(case.replicates)).sqrt();
        for (end, found) in found.into_iter().enumerate() {
            let tolerance = 5.0 * error * expected.spread[end] + 1.0 / case.label.len() as f64;
            let difference = (found - expected.interval_95[end]).abs();
            assert!(difference <= tolerance, "{metric}: {found}");
        }
        assert!(found[0] <= expected.difference && expected.difference <= found[1]);
    }
}

/// Formulas and resampled cells are about as wide as the resampled rows of numpy, and hold the value.
#[test]
fn every_method_agrees_with_resampled_rows() {
    let case = golden().bootstrap;
    let metrics = bootstrap_metrics(&case);
    let mut methods = Vec::new();
    for (metric, compared) in metrics.iter().zip(compared(&case, &metrics)) {
        let expected = &case.expected[metric.metric.id];
        let gain = compared.gain.expect("a champion").expect("defined");
        let turned = if metric.metric.direction == Direction::LowerIsBetter {
            -1.0
        } else {
            1.0
        };
        assert!(
            close(turned * gain.value, expected.difference),
            "{metric}: {gain:?}"
        );
        let found = gain.interval(0.95).expect("an interval");
        let width = expected.interval_95[1] - expected.interval_95[0];
        let ratio = (found.upper - found.lower) / width;
        assert!(
            (0.85..1.2).contains(&ratio),
            "{metric}: {ratio} times as wide by {:?}",
            gain.method
        );
        assert!(found.lower <= gain.value && gain.value <= found.upper);
        methods.push(gain.method);
    }
    for method in [Method::DeLong, Method::Student, Method::Cells] {
        assert!(methods.contains(&method), "{method:?} of {methods:?}");
    }
}

#[test]
fn clusters_widen_intervals_and_weights_of_one_do_not() {
    let case = golden().bootstrap;
    let metrics = bootstrap_metrics(&case);
    let (candidate, champion) = models(&case);
    let plan = Plan {
        resamples: 400,
        seed: 5,
    };
    let width = |found: &Compared| {
        let found = found.gain.clone().expect("a champion").expect("defined");
        let found = found.interval(0.95).expect("an interval");
        found.upper - found.lower
    };
    let plain = compare(&metrics, &candidate, Some(&champion), &plan);
    let ones = |sample: &Sample| {
        let weights = vec![1.0; sample.len()];
        sample.clone().weighted(weights).expect("weights")
    };
    let weighted = compare(&metrics, &ones(&candidate), Some(&ones(&champion)), &plan);
    // Every row four times: as if there were four times as many, unless they are known to be the same.
    let rows: Vec<u32> = (0..4 * candidate.len() as u32).map(|row| row / 4).collect();
    let repeated = |sample: &Sample| {
        sample
            .select(&rows)
            .clustered(rows.clone())
            .expect("clusters")
    };
    let clustered = compare(
        &metrics,
        &repeated(&candidate),
        Some(&repeated(&champion)),
        &plan,
    );
    for (index, metric) in metrics.iter().enumerate() {
        let plain = width(&plain[index]);
        let of_weights = width(&weighted[index]) / plain;
        assert!((0.8..1.25).contains(&of_weights), "{metric}: {of_weights}");
        let of_clusters = width(&clustered[index]) / plain;
        assert!(
            (0.8..1.25).contains(&of_clusters),
            "{metric}: {of_clusters}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_interval_on_any_number_of_threads() {
    let case = golden().bootstrap;
    let metrics = bootstrap_metrics(&case);
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("a thread pool");
        pool.install(|| bootstrapped(&case, &metrics, seed))
    };
    assert_eq!(on(1, 7), on(3, 7));
    assert_ne!(on(1, 7), on(1, 8));
    let alone = bootstrapped(&case, &metrics[..1], 7);
    assert_eq!(alone[0], on(1, 7)[0], "other metrics must not matter");
}

#[test]
fn the_order_of_rows_does_not_change_an_interval() {
    let mut case = golden().bootstrap;
    let metrics = bootstrap_metrics(&case);
    let straight = bootstrapped(&case, &metrics, 3);
    let turned = |text: &str| text.split(' ').rev().collect::<Vec<_>>().join(" ");
    case.label = case.label.chars().rev().collect();
    case.candidate = turned(&case.candidate);
    case.champion = turned(&case.champion);
    assert_eq!(straight, bootstrapped(&case, &metrics, 3));
}

#[test]
fn an_interval_from_too_few_valid_resamples_is_undefined() {
    let label = [true, false, false, false];
    let score = [0.9, 0.1, 0.2, 0.3];
    let prediction = [true, false, false, false];
    let one = sample(&label, &score, &prediction);
    let plan = Plan {
        resamples: 200,
        seed: 1,
    };
    let found = compare(&[chosen("average_precision")], &one, Some(&one), &plan);
    assert!(matches!(
        found[0].candidate,
        Err(Undefined::Resamples { .. })
    ));
    assert!(matches!(
        found[0].gain,
        Some(Err(Undefined::Resamples { .. }))
    ));
    // One positive row has no variance.
    let found = compare(&[chosen("roc_auc")], &one, Some(&one), &plan);
    assert!(matches!(found[0].candidate, Err(Undefined::TooFew(_))));
}

#[test]
fn a_plan_that_says_nothing_is_refused() {
    let one = sample(&[true, false], &[0.9, 0.1], &[true, false]);
    let plan = Plan {
        resamples: 0,
        seed: 1,
    };
    let found = compare(&[chosen("accuracy")], &one, None, &plan);
    assert_eq!(found[0].candidate, Err(Undefined::InvalidPlan));
    let plan = Plan {
        resamples: 100,
        seed: 1,
    };
    let found = compare(&[chosen("accuracy")], &one, None, &plan);
    let found = found[0].candidate.clone().expect("a share");
    for level in [0.0, 1.0, f64::NAN] {
        assert!(found.interval(level).is_err(), "{level}");
    }
}

#[test]
fn models_on_other_rows_are_not_paired() {
    let (score, prediction) = ([0.9, 0.1], [true, false]);
    let plan = Plan {
        resamples: 100,
        seed: 1,
    };
    let candidate = sample(&[true, false], &score, &prediction);
    let champion = sample(&[false, true], &score, &prediction);
    let found = compare(&[chosen("accuracy")], &candidate, Some(&champion), &plan);
    assert_eq!(found[0].gain, Some(Err(Undefined::NotPaired)));
}

#[test]
fn what_is_not_finite_is_no_sample() {
    for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let scores = [0.5, score];
        let refused = Binary::new(vec![true, false], Some(scores.to_vec()), vec![true, false]);
        let expected = InvalidSample::NotFinite {
            what: "score",
            row_number: 2,
        };
        assert_eq!(refused.err(), Some(expected));
    }
}

#[test]
fn columns_of_different_length_are_no_sample() {
    assert!(Binary::new(vec![true], Some(vec![0.5, 0.5]), vec![true]).is_err());
    assert!(Binary::new(vec![true], Some(vec![0.5]), vec![]).is_err());
}

#[test]
fn no_rows_have_no_metric() {
    let empty = sample(&[], &[], &[]);
    for metric in recorded() {
        assert_eq!(
            metric.compute(&empty),
            Err(Undefined::NoRows),
            "{}",
            metric.id
        );
    }
    for metric in FAIRNESS_METRICS {
        let found = between_groups(metric.id, &[], &[], &[]);
        assert_eq!(found, Err(Undefined::NoRows), "{}", metric.id);
    }
}

#[test]
fn a_group_without_positives_is_named() {
    let values = ["a", "a", "b", "b"].map(|name| Some(name.to_owned()));
    let label = [true, false, false, false];
    let undefined = between_groups("equal_opportunity_difference", &label, &[true; 4], &values);
    assert_eq!(
        undefined.expect_err("`b` has no positives").to_string(),
        "group `b`: no row is labelled positive"
    );
}

#[test]
fn a_missing_group_is_a_group_of_its_own() {
    let groups = Groups::from(vec![None, Some("a".to_owned()), None]);
    let binary = Binary::new(vec![true; 3], None, vec![true; 3]).expect("rows");
    let sample = Sample::new(binary).expect("a sample");
    let cut = cut(&sample, &[("group", &groups)], &[], 100).expect("few groups");
    let groups = cut.strata.iter().flat_map(|stratum| &stratum.groups);
    let names: Vec<_> = groups
        .map(|group| (group.name.as_str(), group.rows))
        .collect();
    assert_eq!(names, [("a", 1), ("(missing)", 2)]);
}

#[test]
fn the_curve_keeps_its_ends_when_thinned() {
    let score: Vec<f64> = (0..1000).map(|row| f64::from(row) / 1000.0).collect();
    let label: Vec<bool> = (0..1000).map(|row| row % 3 == 0).collect();
    let sample = sample(&label, &score, &label);
    for points_max in [0, 2, 3, 200, 1001, 5000] {
        let points = roc_curve(&sample, points_max).expect("two classes");
        assert!(points.len() <= points_max.max(2));
        assert_eq!(points.first(), Some(&[0.0, 0.0]));
        assert_eq!(points.last(), Some(&[1.0, 1.0]));
    }
}

/// Wilson intervals of 8 of 10 and 0 of 5 by scipy 1.17.1, `binomtest(k, n).proportion_ci(method="wilson")`.
#[test]
fn calibration_bins_carry_wilson_intervals() {
    let label: Vec<bool> = (0..15).map(|row| row < 8).collect();
    let score: Vec<f64> = (0..15)
        .map(|row| if row < 10 { 0.99 } else { 0.01 })
        .collect();
    let sample = sample(&label, &score, &label);
    let bins = calibration_bins(&sample).expect("probabilities");
    let shown: Vec<_> = bins
        .iter()
        .map(|bin| (bin.index, bin.rows, bin.positive_fraction))
        .collect();
    assert_eq!(shown, [(0, 5, 0.0), (14, 10, 0.8)]);
    assert!((bins[1].interval.lower - 0.490_162).abs() < 1e-6);
    assert!((bins[1].interval.upper - 0.943_318).abs() < 1e-6);
    assert!(bins[0].interval.lower.abs() < 1e-15);
    assert!((bins[0].interval.upper - 0.434_482).abs() < 1e-6);
}

#[test]
fn ids_are_unique_and_found() {
    for metric in recorded() {
        let found = find(Task::Binary, metric.id).map(|found| found.title);
        assert_eq!(found, Some(metric.title));
    }
    for metric in FAIRNESS_METRICS {
        assert_eq!(
            fairness::find(metric.id).map(|found| found.title),
            Some(metric.title)
        );
    }
    assert!(find(Task::Binary, "roc-auc").is_none());
}

/// Rows with ties: few distinct scores.
fn rows() -> impl Strategy<Value = Vec<(bool, f64, bool)>> {
    let score = (0..8_u8).prop_map(|step| f64::from(step) / 7.0);
    prop::collection::vec((any::<bool>(), score, any::<bool>()), 0..40)
}

fn all_metrics(rows: &[(bool, f64, bool)]) -> Vec<Result<f64, Undefined>> {
    let label: Vec<bool> = rows.iter().map(|row| row.0).collect();
    let score: Vec<f64> = rows.iter().map(|row| row.1).collect();
    let prediction: Vec<bool> = rows.iter().map(|row| row.2).collect();
    let sample = sample(&label, &score, &prediction);
    recorded()
        .into_iter()
        .map(|metric| metric.compute(&sample))
        .collect()
}

fn alike(left: &Result<f64, Undefined>, right: &Result<f64, Undefined>) -> bool {
    match (left, right) {
        (Ok(left), Ok(right)) => close(*left, *right),
        (Err(left), Err(right)) => left == right,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(rows in rows(), keys in prop::collection::vec(any::<u32>(), 40)) {
        let mut shuffled: Vec<_> = rows.iter().zip(keys).collect();
        shuffled.sort_by_key(|(_, key)| *key);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(row, _)| *row).collect();
        for (metric, (one, other)) in recorded().iter().zip(all_metrics(&rows).iter().zip(&all_metrics(&shuffled))) {
            prop_assert!(alike(one, other), "{}: {one:?} {other:?}", metric.id);
        }
    }

    #[test]
    fn a_metric_is_finite_or_undefined(rows in rows()) {
        for value in all_metrics(&rows).into_iter().flatten() {
            prop_assert!(value.is_finite());
        }
    }

    #[test]
    fn a_weight_is_a_repeated_row(rows in rows(), weights in prop::collection::vec(0..4_u32, 40)) {
        let repeated: Vec<_> = rows.iter().zip(&weights)
            .flat_map(|(row, weight)| std::iter::repeat_n(*row, *weight as usize)).collect();
        prop_assume!(!repeated.is_empty());
        let label: Vec<bool> = rows.iter().map(|row| row.0).collect();
        let score: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let prediction: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let sample = sample(&label, &score, &prediction);
        let weights = &weights[..rows.len()];
        for (metric, expected) in recorded().iter().zip(all_metrics(&repeated)) {
            let found = metric.plain().expect("plain").prepare(&sample);
            let weights = sample.weights().drawn(weights);
            let found = found.and_then(|prepared| prepared.value(&weights));
            prop_assert!(alike(&found, &expected), "{}: {found:?} {expected:?}", metric.id);
        }
    }

    #[test]
    fn turning_scores_around_turns_the_area_around(rows in rows()) {
        let turned: Vec<_> = rows.iter().map(|row| (row.0, 1.0 - row.1, row.2)).collect();
        if let (Ok(area), Ok(turned)) = (&all_metrics(&rows)[0], &all_metrics(&turned)[0]) {
            prop_assert!((area + turned - 1.0).abs() < 1e-12);
        }
    }
}
