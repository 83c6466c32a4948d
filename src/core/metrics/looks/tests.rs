//! What is said at repeated looks: never more often wrong than said, by simulation, and of no other metrics
//! than means.

use super::super::bootstrap::Plan;
use super::super::estimate::{Asked, Compared, Method, compare};
use super::super::{Binary, Chosen, Options, Sample, Task, Undefined, find};
use crate::statistics::random::{generator, uniform};

fn metric(id: &str) -> Chosen {
    find(Task::Binary, id)
        .and_then(|metric| metric.plain())
        .expect("a metric")
}

/// Rows in the order in which they arrive: the same labels for both models of a seed, which are right with
/// the same chance.
fn model(rows: usize, seed: u32, model: u64) -> Sample {
    let mut of_rows = generator(1, seed);
    let mut of_model = generator(model, seed);
    let label: Vec<bool> = (0..rows).map(|_| uniform(&mut of_rows) < 0.5).collect();
    let score = label.iter().map(|label| {
        let right = uniform(&mut of_model) < 0.8;
        let sure = 0.5 + 0.49 * uniform(&mut of_model);
        if right == *label { sure } else { 1.0 - sure }
    });
    let score: Vec<f64> = score.collect();
    let prediction = score.iter().map(|score| 0.5 <= *score).collect();
    Sample::new(Binary::new(label, Some(score), prediction).expect("rows")).expect("a sample")
}

fn looked(metric: &Chosen, candidate: &Sample, champion: &Sample, sequential: bool) -> Compared {
    let asked = Asked {
        sequential,
        ..Asked::all(metric.clone())
    };
    let plan = Plan {
        resamples: 100,
        seed: 0,
    };
    let mut compared = compare(&[asked], candidate, Some(champion), &plan);
    compared.pop().expect("one metric")
}

/// In which share of 160 pairs of equal models one is called worse, or better, at some of 10 looks.
fn false_alarms(id: &str, sequential: bool) -> f64 {
    let metric = metric(id);
    let alarmed = |seed: u32| {
        let (candidate, champion) = (model(1500, seed, 2), model(1500, seed, 3));
        (1..=10_u32).any(|look| {
            let rows: Vec<u32> = (0..150 * look).collect();
            let (candidate, champion) = (candidate.select(&rows), champion.select(&rows));
            let compared = looked(&metric, &candidate, &champion, sequential);
            let gain = compared.gain.expect("a champion").expect("defined");
            let found = gain.interval(0.95).expect("an interval");
            found.upper < 0.0 || 0.0 < found.lower
        })
    };
    (0..160).filter(|seed| alarmed(*seed)).count() as f64 / 160.0
}

#[test]
fn an_equal_model_is_hardly_ever_told_apart_at_any_look() {
    for id in ["accuracy", "log_loss"] {
        let alarms = false_alarms(id, true);
        assert!(alarms <= 0.05, "{id}: {alarms}");
        // Looking at what is made for one look would find a difference in every fifth pair.
        let alarms = false_alarms(id, false);
        assert!(0.1 < alarms, "{id}: {alarms}");
    }
}

#[test]
fn a_difference_turns_with_the_direction_of_the_metric() {
    let (candidate, champion) = (model(500, 1, 2), model(500, 1, 3));
    let metric = metric("log_loss");
    let one = looked(&metric, &candidate, &champion, true);
    let fixed = looked(&metric, &candidate, &champion, false);
    let gain = |compared: &Compared| compared.gain.clone().expect("a champion").expect("defined");
    assert!((gain(&one).value - gain(&fixed).value).abs() < 1e-12);
    assert_eq!(gain(&one).method, Method::Sequence);
    let (one, fixed) = (gain(&one).interval(0.95), gain(&fixed).interval(0.95));
    let (one, fixed) = (one.expect("defined"), fixed.expect("defined"));
    assert!(one.lower < fixed.lower && fixed.upper < one.upper);
}

#[test]
fn what_is_no_mean_of_independent_rows_has_no_sequence() {
    let sample = model(200, 1, 2);
    let f1 = looked(&metric("f1"), &sample, &sample, true);
    assert!(f1.value.is_ok());
    assert!(
        matches!(f1.candidate, Err(Undefined::NoSequence(_))),
        "{f1:?}"
    );
    let weighted = sample.weighted(vec![2.0; 200]).expect("weights");
    let accuracy = looked(&metric("accuracy"), &weighted, &weighted, true);
    assert!(
        matches!(accuracy.gain, Some(Err(Undefined::NoSequence(_)))),
        "{accuracy:?}"
    );
}

#[test]
fn whether_a_metric_is_a_mean_is_known_beforehand() {
    let with = |name: &str, value: serde_json::Value| -> Options {
        serde_json::from_value(serde_json::json!({ name: value })).expect("parameters")
    };
    let is_mean = |task: Task, id: &str, options: &Options| {
        let metric = find(task, id).expect("a metric");
        metric.with(options).expect("valid").may_be_mean(task)
    };
    let none = Options::default();
    for (task, id) in [
        (Task::Binary, "accuracy"),
        (Task::Binary, "log_loss"),
        (Task::Binary, "brier"),
        (Task::Multiclass, "accuracy"),
        (Task::Regression, "mae"),
        (Task::Multilabel, "hamming_loss"),
        (Task::Text, "exact_match"),
        (Task::Ranking, "ndcg"),
    ] {
        assert!(is_mean(task, id, &none), "{id} of {task}");
    }
    for (task, id) in [
        (Task::Binary, "f1"),
        (Task::Binary, "roc_auc"),
        (Task::Regression, "rmse"),
        (Task::Regression, "r2"),
        (Task::Text, "bleu"),
        (Task::Detection, "ap"),
        (Task::Forecasting, "mae"),
    ] {
        assert!(!is_mean(task, id, &none), "{id} of {task}");
    }
    let column = with("column", "cost".into());
    assert!(is_mean(Task::Text, "mean", &column));
    assert!(!is_mean(Task::Text, "quantile", &column));
}
