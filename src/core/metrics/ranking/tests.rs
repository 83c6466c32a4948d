//! Rankings against scikit-learn 1.8.0, ranx 0.3.21 and every order of tied items
//! (`fixtures/metrics/ranking.py`).

use serde::Deserialize;

use super::super::task_tests::{Case, each_is_tried};
use super::super::{InvalidSample, Sample, Task, Undefined, Weights, find};
use super::Ranking;

const GOLDEN: &str = include_str!("../../../../fixtures/metrics/ranking.json");

#[derive(Deserialize)]
struct Golden {
    ranking: Vec<Case>,
}

fn golden() -> Vec<Case> {
    let golden: Golden = serde_json::from_str(GOLDEN).expect("the golden file reads");
    golden.ranking
}

/// The rows of a case in an order of their own.
fn answers(case: &Case, order: impl Fn(usize) -> Vec<usize>) -> Ranking {
    let query = case.classes("query");
    let order = order(query.len());
    let picked = |name: &str| -> Vec<f64> {
        let values = case.numbers(name);
        order.iter().map(|row| values[*row]).collect()
    };
    let query: Vec<u32> = order.iter().map(|row| query[*row]).collect();
    let item: Vec<String> = picked("item").iter().map(f64::to_string).collect();
    let ranking = Ranking::new(&query, picked("label"), picked("score")).expect("rows");
    ranking.of_items(&query, &item).expect("items")
}

#[test]
fn metrics_of_rankings_equal_their_references() {
    for case in golden() {
        let sample = case.sample(answers(&case, |rows| (0..rows).collect()));
        case.check(Task::Ranking, &sample);
    }
}

#[test]
fn the_order_of_rows_is_nothing() {
    for case in golden() {
        let forwards = answers(&case, |rows| (0..rows).collect());
        let backwards = answers(&case, |rows| (0..rows).rev().collect());
        assert_eq!(forwards, backwards);
        case.check(Task::Ranking, &case.sample(backwards));
    }
}

#[test]
fn every_metric_of_rankings_has_a_reference_value() {
    each_is_tried(Task::Ranking, &golden(), &[]);
}

#[test]
fn a_query_drawn_twice_counts_twice() {
    let query = [0, 0, 1, 1, 2, 2];
    let label = vec![1.0, 0.0, 0.0, 1.0, 1.0, 0.0];
    let score = vec![0.9, 0.1, 0.8, 0.2, 0.5, 0.5];
    let ranking = Ranking::new(&query, label, score).expect("rows");
    let sample = Sample::new(ranking).expect("a sample");
    for id in ["ndcg", "map", "mrr", "group_auc", "hit_rate_at_k"] {
        let metric = find(Task::Ranking, id).expect("a metric");
        let chosen = metric.plain().expect("no parameters needed");
        let prepared = chosen.prepare(&sample).expect("defined");
        let drawn = prepared.value(&Weights::of(3, None).drawn(&[2, 1, 0]));
        let repeated = chosen.compute(&sample.select(&[0, 0, 1]));
        assert!((drawn.expect("a value") - repeated.expect("a value")).abs() < 1e-12);
    }
}

#[test]
fn what_is_no_ranking_is_refused_with_its_row() {
    let made = |label: [f64; 2], score: [f64; 2]| Ranking::new(&[0, 0], label.into(), score.into());
    let refused = |made: Result<Ranking, InvalidSample>| made.expect_err("refused").to_string();
    assert_eq!(
        refused(made([0.0, f64::NAN], [0.1, 0.2])),
        "the label of row 2 is not a finite number"
    );
    assert_eq!(
        refused(made([0.0, 1.0], [f64::INFINITY, 0.2])),
        "the score of row 1 is not a finite number"
    );
    assert_eq!(
        refused(made([0.0, -1.0], [0.1, 0.2])),
        "the label of row 2 is negative"
    );
    let ranking = made([0.0, 1.0], [0.1, 0.2]).expect("rows");
    let same = ["a".to_owned(), "a".to_owned()];
    assert_eq!(
        refused(ranking.of_items(&[0, 0], &same)),
        "the item of row 2 occurs twice in its query"
    );
}

#[test]
fn coverage_needs_items_and_a_catalogue_that_holds_them() {
    let query = [0, 0];
    let ranking = || Ranking::new(&query, vec![1.0, 0.0], vec![0.2, 0.1]).expect("rows");
    let coverage = find(Task::Ranking, "catalogue_coverage").expect("a metric");
    let sample = Sample::new(ranking()).expect("a sample");
    assert_eq!(coverage.compute(&sample), Err(Undefined::NoItems));
    let items = ["a".to_owned(), "b".to_owned()];
    let sample = Sample::new(ranking().of_items(&query, &items).expect("items"));
    assert_eq!(coverage.compute(&sample.expect("a sample")), Ok(1.0));
}

#[test]
fn queries_differ_by_their_items_and_labels() {
    let made = |label: [f64; 3], items: [&str; 3]| {
        let query = [0, 0, 1];
        let items = items.map(str::to_owned);
        let ranking = Ranking::new(&query, label.into(), vec![0.1, 0.2, 0.3]).expect("rows");
        ranking.of_items(&query, &items).expect("items")
    };
    let ours = made([1.0, 0.0, 1.0], ["a", "b", "c"]);
    assert_eq!(
        ours.queries_differing(&made([0.0, 1.0, 1.0], ["b", "a", "c"])),
        0
    );
    assert_eq!(
        ours.queries_differing(&made([0.0, 0.0, 1.0], ["b", "a", "c"])),
        1
    );
    assert_eq!(
        ours.queries_differing(&made([1.0, 0.0, 1.0], ["a", "b", "d"])),
        1
    );
}
