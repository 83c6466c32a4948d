//! Metrics of every task against scikit-learn 1.8.0, scipy 1.17.1, statsmodels 0.14.6 and numpy 2.4.6
//! (`fixtures/metrics/tasks.py`, `fixtures/metrics/multilabel.py`), with sampling weights, ties and
//! parameters.
use std::collections::BTreeMap;

use serde::Deserialize;

use super::options::OptionValue;
use super::*;

const GOLDEN: &str = include_str!("../../../fixtures/metrics/tasks.json");
const MULTILABEL: &str = include_str!("../../../fixtures/metrics/multilabel.json");

#[derive(Deserialize)]
struct Golden {
    binary: Vec<Case>,
    multiclass: Vec<Case>,
    regression: Vec<Case>,
    columns: Vec<Case>,
}

#[derive(Deserialize)]
struct OfLabels {
    multilabel: Vec<Case>,
    attempts: Vec<Case>,
}

#[derive(Deserialize)]
pub(super) struct Case {
    name: String,
    columns: BTreeMap<String, Column>,
    metrics: BTreeMap<String, Option<f64>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Column {
    One(String),
    Many(Vec<String>),
}

impl Case {
    pub(super) fn numbers(&self, name: &str) -> Vec<f64> {
        let Some(Column::One(text)) = self.columns.get(name) else {
            panic!("{}: column `{name}`", self.name);
        };
        parsed(text)
    }

    pub(super) fn matrix(&self, name: &str) -> Vec<Vec<f64>> {
        let Some(Column::Many(texts)) = self.columns.get(name) else {
            panic!("{}: columns `{name}`", self.name);
        };
        texts.iter().map(|text| parsed(text)).collect()
    }

    fn flags(&self, name: &str) -> Vec<bool> {
        self.numbers(name)
            .iter()
            .map(|value| *value == 1.0)
            .collect()
    }

    pub(super) fn classes(&self, name: &str) -> Vec<u32> {
        self.numbers(name)
            .iter()
            .map(|value| *value as u32)
            .collect()
    }

    pub(super) fn sample(&self, answers: impl Into<Answers>) -> Sample {
        let sample = Sample::new(answers).expect("a sample");
        match self.columns.get("weight") {
            None => sample,
            Some(_) => sample.weighted(self.numbers("weight")).expect("weights"),
        }
    }

    /// Holds every metric of the case against the reference.
    pub(super) fn check(&self, task: Task, sample: &Sample) {
        for (name, expected) in &self.metrics {
            let metric = named(task, name);
            assert_eq!(&metric.to_string(), name);
            let found = metric.compute(sample);
            match (found, expected) {
                (Ok(found), Some(expected)) => {
                    let error = (found - expected).abs() / expected.abs().max(1.0);
                    assert!(
                        error <= 1e-9,
                        "{name} on {}: {found}, not {expected}",
                        self.name
                    );
                }
                (Err(_), None) => {}
                (found, expected) => {
                    panic!("{name} on {}: {found:?} is not {expected:?}", self.name)
                }
            }
        }
    }
}

fn parsed(text: &str) -> Vec<f64> {
    let number = |word: &str| word.parse().expect("a number");
    text.split_whitespace().map(number).collect()
}

/// The metric called `id(name=value, …)`.
fn named(task: Task, name: &str) -> Chosen {
    let (id, rest) = name.split_once('(').unwrap_or((name, ")"));
    let given = rest
        .trim_end_matches(')')
        .split(", ")
        .filter(|part| !part.is_empty());
    let option = |part: &str| {
        let (name, value) = part.split_once('=').expect("a parameter");
        let number = value.parse().map(OptionValue::Number);
        (
            name.to_owned(),
            number.unwrap_or_else(|_| OptionValue::Text(value.to_owned())),
        )
    };
    let metric = find(task, id).unwrap_or_else(|| panic!("{id} of {task}"));
    metric
        .with(&Options(given.map(option).collect()))
        .expect("valid parameters")
}

#[test]
fn metrics_of_two_classes_equal_their_references() {
    for case in golden().binary {
        let score = Some(case.numbers("score"));
        let answers = Binary::new(case.flags("label"), score, case.flags("prediction"));
        case.check(Task::Binary, &case.sample(answers.expect("rows")));
    }
}

#[test]
fn metrics_of_several_classes_equal_their_references() {
    for case in golden().multiclass {
        let score = case.matrix("score");
        let classes = (0..score.len()).map(|class| class.to_string()).collect();
        let (label, prediction) = (case.classes("label"), case.classes("prediction"));
        let answers = Multiclass::new(classes, label, prediction, Some(score));
        case.check(Task::Multiclass, &case.sample(answers.expect("rows")));
    }
}

#[test]
fn metrics_of_numbers_equal_their_references() {
    for case in golden().regression {
        let answers = Regression::new(case.numbers("label"), case.numbers("prediction"));
        let answers = answers
            .expect("rows")
            .within(case.numbers("lower"), case.numbers("upper"));
        case.check(Task::Regression, &case.sample(answers.expect("intervals")));
    }
}

#[test]
fn metrics_of_columns_equal_their_references() {
    for case in golden().columns {
        let rows = case.numbers("cost").len();
        let answers = Regression::new(vec![0.0; rows], vec![0.0; rows]).expect("rows");
        let mut sample = Sample::new(answers).expect("a sample");
        for name in ["latency_ms", "cost", "hallucinated"] {
            sample = sample
                .with_column(name, case.numbers(name))
                .expect("a column");
        }
        case.check(Task::Regression, &sample);
    }
}

#[test]
fn metrics_of_several_labels_equal_their_references() {
    for case in of_labels().multilabel {
        let columns = ["label", "prediction", "score"].map(|name| case.matrix(name));
        let [label, prediction, score] = columns;
        let flags = |column: &[f64]| column.iter().map(|value| *value == 1.0).collect();
        let labels = (0..label.len()).map(|place| {
            let score = Some(score[place].clone());
            let binary = Binary::new(flags(&label[place]), score, flags(&prediction[place]));
            (place.to_string(), binary.expect("rows"))
        });
        let answers = Multilabel::new(labels.collect()).expect("labels");
        case.check(Task::Multilabel, &case.sample(answers));
    }
}

#[test]
fn metrics_of_items_tried_several_times_equal_their_references() {
    for case in of_labels().attempts {
        let items = case.classes("item");
        let answers = Regression::new(vec![0.0; items.len()], vec![0.0; items.len()]);
        let mut sample = Sample::new(answers.expect("rows")).expect("a sample");
        for name in ["passed", "win"] {
            sample = sample
                .with_column(name, case.numbers(name))
                .expect("a column");
        }
        case.check(Task::Regression, &sample.clustered(items).expect("items"));
    }
}

#[test]
fn attempts_without_items_say_what_is_missing() {
    let answers = Regression::new(vec![0.0; 2], vec![0.0; 2]).expect("rows");
    let sample = Sample::new(answers).expect("a sample");
    let sample = sample.with_column("passed", vec![1.0, 0.0]).expect("flags");
    let found = named(Task::Regression, "pass_at_k").compute(&sample);
    assert_eq!(found, Err(Undefined::NoClusters));
    let few = sample.clustered(vec![0, 1]).expect("items");
    let found = named(Task::Regression, "pass_hat_k(k=2)").compute(&few);
    assert_eq!(
        found.expect_err("one attempt each").to_string(),
        "in 2 rows the number of attempts at the item is less than `k`"
    );
}

fn of_labels() -> OfLabels {
    serde_json::from_str(MULTILABEL).expect("the golden file reads")
}

fn golden() -> Golden {
    serde_json::from_str(GOLDEN).expect("the golden file reads")
}

/// What has parameters is tried with one; what has none, as it is: so the table cannot grow unseen.
#[test]
fn every_metric_has_a_reference_value() {
    let golden = golden();
    // The first two by `golden.json`, the others by `fairness.json`.
    let elsewhere = [
        "selection_rate",
        "prevalence",
        "generalized_entropy_index",
        "theil_index",
    ];
    for (task, cases) in [
        (Task::Binary, &golden.binary),
        (Task::Multiclass, &golden.multiclass),
        (Task::Regression, &golden.regression),
        (Task::Multilabel, &of_labels().multilabel),
    ] {
        each_is_tried(task, cases, &elsewhere);
    }
}

/// Every metric of the task itself has a value in some case, but for those that are tried `elsewhere`.
pub(super) fn each_is_tried(task: Task, cases: &[Case], elsewhere: &[&str]) {
    let tried = |id: &str| {
        let is = |name: &String| name.split('(').next() == Some(id);
        let of_case = |case: &Case| {
            case.metrics
                .iter()
                .any(|(name, value)| is(name) && value.is_some())
        };
        cases.iter().any(of_case)
    };
    for metric in of_task(task).filter(|metric| metric.task == Some(task)) {
        let known = elsewhere.contains(&metric.id) || tried(metric.id);
        assert!(known, "`{}` of {task} has no reference value", metric.id);
    }
}

#[test]
fn ids_and_parameters_are_well_formed() {
    for task in [
        Task::Binary,
        Task::Multiclass,
        Task::Regression,
        Task::Multilabel,
        Task::Text,
        Task::Ranking,
        Task::Forecasting,
        Task::Detection,
    ] {
        let mut ids: Vec<_> = of_task(task).map(|metric| metric.id).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "an id of {task} stands for two metrics");
    }
    for metric in all() {
        // `rougeL` is so called.
        assert!(
            metric
                .id
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_')
        );
        assert!(metric.range.0 < metric.range.1, "{}", metric.id);
        let direction =
            |other: &&Metric| other.id == metric.id && other.direction != metric.direction;
        assert!(
            all().find(direction).is_none(),
            "{} turns around by task",
            metric.id
        );
    }
}

#[test]
fn wrong_parameters_are_refused_with_what_would_be_right() {
    let refused = |id: &str, name: &str, value: OptionValue| {
        let options = Options([(name.to_owned(), value)].into());
        let metric = find(Task::Binary, id).expect("a metric");
        metric.with(&options).expect_err("refused")
    };
    assert_eq!(
        refused("roc_auc", "k", OptionValue::Number(3.0)),
        "it takes no parameters, but `k` is given"
    );
    assert_eq!(
        refused("ece", "bin", OptionValue::Number(3.0)),
        "`bin` is none of its parameters `bins`, `strategy`"
    );
    assert_eq!(
        refused("ece", "bins", OptionValue::Number(1.5)),
        "`bins` is 1.5, must be a whole number from 1 to 1000"
    );
    assert_eq!(
        refused("ece", "strategy", OptionValue::Text("equal".to_owned())),
        "`strategy` is equal, must be one of `uniform`, `quantile`"
    );
    assert_eq!(
        refused("mean", "missing", OptionValue::Text("skip".to_owned())),
        "`column` must be given: the column of numbers"
    );
}

#[test]
fn rows_without_a_value_are_refused_or_left_out() {
    let answers = Regression::new(vec![0.0; 3], vec![0.0; 3]).expect("rows");
    let sample = Sample::new(answers).expect("a sample");
    let sample = sample
        .with_column("cost", vec![1.0, f64::NAN, 3.0])
        .expect("a column");
    let refused = named(Task::Regression, "cost_per_query").compute(&sample);
    assert_eq!(
        refused.expect_err("a value is missing").to_string(),
        "column `cost` has no value in 1 rows"
    );
    let skipped = named(Task::Regression, "cost_per_query(missing=skip)").compute(&sample);
    assert_eq!(skipped, Ok(2.0));
    let median = named(Task::Regression, "quantile(column=cost, missing=skip)").compute(&sample);
    assert_eq!(median, Ok(2.0));
}
