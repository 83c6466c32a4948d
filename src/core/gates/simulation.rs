//! How often the gate is wrong, over many simulated pairs of models with fixed seeds: an equal model is
//! not called worse more often than said, whatever the number of slices, and a model that is worse than
//! the margin does not pass.
use std::collections::BTreeMap;

use super::*;
use crate::evidence::Outcome;
use crate::metrics::Binary;
use crate::statistics::random::{generator, uniform};

/// Simulated pairs of models.
const PAIRS: u32 = 200;

/// Predictions of a model that is right with chance `accuracy` on each row, on the rows of `seed`; one of
/// 20 slices for each row.
fn model(name: &str, rows: usize, seed: u32, model: u32, accuracy: f64) -> Predictions {
    let mut of_rows = generator(1, seed);
    let mut of_model = generator(u64::from(model), seed);
    let label: Vec<bool> = (0..rows).map(|_| uniform(&mut of_rows) < 0.5).collect();
    let score: Vec<f64> = label
        .iter()
        .map(|label| {
            let right = uniform(&mut of_model) < accuracy;
            let sure = 0.5 * uniform(&mut of_model);
            if right == *label {
                0.5 + sure
            } else {
                0.499 - 0.9 * sure
            }
        })
        .collect();
    let prediction = decide(&score, 0.5);
    let slice: Vec<_> = (0..rows)
        .map(|row| Some(format!("s{}", row % 20)))
        .collect();
    let answers = Binary::new(label, Some(score), prediction).expect("rows");
    let sample = Sample::new(answers).expect("a sample");
    let groups = BTreeMap::from([("slice".to_owned(), slice)]);
    Predictions::new(name, Vec::new(), sample, groups).expect("predictions")
}

/// What the gate says of `requirement`, for each pair: how many records have each outcome.
struct Said {
    met: u32,
    not_met: u32,
}

fn simulated(text: &str, rows: usize, accuracy: f64, requirement: &str) -> Vec<Said> {
    let text = format!("candidate: c\nchampion: h\nresamples: 200\nslice_rows_min: 10\n{text}");
    let spec: GateSpec = serde_saphyr::from_str(&text).expect("a gate");
    assert_eq!(spec.check(), []);
    (0..PAIRS)
        .map(|seed| {
            let candidate = model("candidate", rows, seed, 2, accuracy);
            let champion = model("champion", rows, seed, 3, 0.8);
            let judged = judge(&spec, &candidate, Some(&champion), &|_| None);
            let records = judged.evidence.iter();
            let records = records.filter(|record| record.requirement.as_str() == requirement);
            let outcomes: Vec<Outcome> = records.map(|record| record.outcome).collect();
            assert!(!outcomes.is_empty());
            let count = |wanted| outcomes.iter().filter(|found| **found == wanted).count() as u32;
            Said {
                met: count(Outcome::Met),
                not_met: count(Outcome::NotMet),
            }
        })
        .collect()
}

fn share(said: &[Said], of: impl Fn(&Said) -> bool) -> f64 {
    said.iter().filter(|said| of(said)).count() as f64 / said.len() as f64
}

#[test]
fn an_equal_model_is_hardly_ever_called_worse() {
    for (metric, margin) in [("accuracy", 0.0), ("roc_auc", 0.0), ("f1", 0.0)] {
        let text = format!("metrics: [{{metric: {metric}, non_inferiority_margin: {margin}}}]");
        let said = simulated(&text, 400, 0.8, "metric-regression");
        // 2.5 % with a margin of zero; five standard errors of 200 pairs above it.
        let false_alarms = share(&said, |said| 0 < said.not_met);
        assert!(false_alarms <= 0.08, "{metric}: {false_alarms}");
    }
}

#[test]
fn an_equal_model_is_hardly_ever_called_worse_on_any_of_many_slices() {
    let text =
        "slices: [slice]\nmetrics: [{metric: accuracy, slices: {non_inferiority_margin: 0.02}}]";
    for rows in [400, 2000] {
        let said = simulated(text, rows, 0.8, "slice-regression");
        let false_alarms = share(&said, |said| 0 < said.not_met);
        assert!(false_alarms <= 0.05, "{rows} rows: {false_alarms}");
    }
    // Without sharing the error rate it would be.
    let wolf = text.replace("0.02}", "0.0, correction: none}");
    let said = simulated(&wolf, 2000, 0.8, "slice-regression");
    assert!(0.15 < share(&said, |said| 0 < said.not_met));
}

#[test]
fn a_model_that_is_worse_than_the_margin_does_not_pass() {
    for metric in ["accuracy", "roc_auc", "balanced_accuracy"] {
        let text = format!("metrics: [{{metric: {metric}, non_inferiority_margin: 0.02}}]");
        // Five points of accuracy, and about as much of the area.
        let said = simulated(&text, 1000, 0.75, "metric-regression");
        let passed = share(&said, |said| 0 < said.met);
        assert!(passed <= 0.005, "{metric}: {passed}");
    }
}

#[test]
fn a_much_worse_model_is_found_with_the_power_that_is_said() {
    let text = "metrics: [{metric: accuracy, non_inferiority_margin: 0.0}]";
    // 0.80 against 0.72 on 500 independent answers: z = 0.08 / sqrt((0.16 + 0.2016) / 500) = 2.97, so
    // that the one-sided test at 2.5 % finds it with chance 0.84.
    let said = simulated(text, 500, 0.72, "metric-regression");
    let found = share(&said, |said| 0 < said.not_met);
    assert!((0.74..0.94).contains(&found), "{found}");
    // And an equal one passes a margin it can be shown to keep: 0.07 is 2.77 standard errors.
    let text = "metrics: [{metric: accuracy, non_inferiority_margin: 0.07}]";
    let said = simulated(text, 500, 0.8, "metric-regression");
    let passed = share(&said, |said| 0 < said.met);
    assert!((0.68..0.9).contains(&passed), "{passed}");
}

#[test]
fn better_and_the_same_are_shown_not_assumed() {
    let text = "metrics: [{metric: accuracy, superiority_margin: 0.0}]";
    let equal = simulated(text, 400, 0.8, "metric-improvement");
    assert!(share(&equal, |said| 0 < said.met) <= 0.08);
    let better = simulated(text, 400, 0.92, "metric-improvement");
    assert!(0.9 < share(&better, |said| 0 < said.met));
    let text = "metrics: [{metric: accuracy, equivalence_margin: 0.05}]";
    let worse = simulated(text, 1000, 0.75, "metric-equivalence");
    assert!(share(&worse, |said| 0 < said.met) <= 0.06);
    let equal = simulated(text, 4000, 0.8, "metric-equivalence");
    assert!(0.9 < share(&equal, |said| 0 < said.met));
}

/// Every look sees the rows of the looks before, as a canary does.
#[test]
fn an_equal_model_is_hardly_ever_called_worse_at_any_look() {
    let text = "metrics: [{metric: accuracy, non_inferiority_margin: 0.0, sequential: true}]";
    let mut alarmed = vec![false; PAIRS as usize];
    for rows in [100, 200, 400, 800, 1600] {
        let said = simulated(text, rows, 0.8, "metric-regression");
        for (alarmed, said) in alarmed.iter_mut().zip(&said) {
            *alarmed |= 0 < said.not_met;
        }
    }
    let alarmed = alarmed.iter().filter(|alarmed| **alarmed).count();
    assert!(alarmed <= PAIRS as usize / 20, "{alarmed} of {PAIRS}");
    // One that is worse is found all the same: by 0.2 at 1,600 rows.
    let said = simulated(text, 1600, 0.6, "metric-regression");
    assert!(0.95 < share(&said, |said| 0 < said.not_met));
}
