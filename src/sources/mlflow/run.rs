//! A run and a logged model, whatever store they are kept in, as a recording.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::history::Chosen;
use super::locator::Named;
use super::{SourceError, Store};
use crate::recorded::{RecordedDataset, RecordedMetric, Recording};

/// One value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    /// Name of the metric.
    pub(super) key: String,
    /// The value as the store keeps it.
    pub(super) value: f64,
    /// The step it was logged at.
    pub(super) step: i64,
    /// When it was logged, in milliseconds.
    pub(super) timestamp: i64,
    /// The dataset it was evaluated on, where that is recorded.
    pub(super) dataset: Option<String>,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Run {
    pub(super) id: String,
    /// `FINISHED`, `RUNNING`, `FAILED` …
    pub(super) status: String,
    pub(super) deleted: bool,
    pub(super) points: Vec<Point>,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) datasets: Vec<RecordedDataset>,
}

/// A logged model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LoggedModel {
    pub(super) id: String,
    /// The run that logged it.
    pub(super) run: Option<String>,
    pub(super) ready: bool,
    pub(super) points: Vec<Point>,
    pub(super) parameters: Vec<(String, String)>,
}

/// A version of a registered model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) run: Option<String>,
    pub(super) model: Option<String>,
    pub(super) ready: bool,
}

/// What is recorded of what is named, with what is chosen of histories.
pub(super) fn recording(
    store: &mut dyn Store,
    named: &Named,
    chosen: &[Chosen],
) -> Result<Recording, SourceError> {
    let mut recording = Recording::by(super::TITLE);
    let (run, model) = match named {
        Named::Run(id) => (Some(id.clone()), None),
        Named::Model(id) => (None, Some(store.model(id)?)),
        Named::Alias(name, alias) => {
            let version = store.alias(name, alias)?;
            versioned(store, name, &version, &mut recording)?
        }
        Named::Version(name, version) => versioned(store, name, version, &mut recording)?,
    };
    let run = run.or_else(|| model.as_ref()?.run.clone());
    let run = run.map(|id| store.run(&id)).transpose()?;
    if let Some(run) = &run {
        of_run(run, &mut recording);
        of_history(store, run, chosen, &mut recording)?;
    }
    if let Some(model) = &model {
        of_model(model, chosen, &mut recording);
    }
    if run.is_none() && model.is_none() {
        let why = "the version is of no run and of no logged model, so nothing is measured of it";
        recording.shortfalls.push(why.to_owned());
    }
    Ok(recording)
}

/// The run and the logged model of a version.
fn versioned(
    store: &mut dyn Store,
    name: &str,
    number: &str,
    recording: &mut Recording,
) -> Result<(Option<String>, Option<LoggedModel>), SourceError> {
    let version = store.version(name, number)?;
    let written = format!("models:/{name}/{number}");
    if !version.ready {
        recording
            .shortfalls
            .push(format!("`{written}` is not ready"));
    }
    recording
        .parameters
        .push(("registered model".to_owned(), written));
    let model = version.model.map(|id| store.model(&id)).transpose()?;
    Ok((version.run, model))
}

fn of_run(run: &Run, recording: &mut Recording) {
    recording.run = Some(run.id.clone());
    if run.status != "FINISHED" {
        let why = format!("run `{}` is {}, not FINISHED", run.id, run.status);
        recording.shortfalls.push(why);
    }
    if run.deleted {
        recording
            .shortfalls
            .push(format!("run `{}` is deleted", run.id));
    }
    let metrics = last(&run.points).into_iter();
    let metric = |(key, point): (&str, &Point)| RecordedMetric::new(key, value(point.value));
    recording.metrics.extend(metrics.map(metric));
    recording.parameters.extend(run.parameters.iter().cloned());
    recording.datasets.extend(run.datasets.iter().cloned());
}

/// What is chosen of the histories of a run, each read once.
fn of_history(
    store: &mut dyn Store,
    run: &Run,
    chosen: &[Chosen],
    recording: &mut Recording,
) -> Result<(), SourceError> {
    let keys: BTreeSet<&str> = chosen.iter().map(|chosen| chosen.key.as_str()).collect();
    for key in keys {
        let history = store.history(run, key)?;
        for chosen in chosen.iter().filter(|chosen| chosen.key == key) {
            let found = chosen.of(&history);
            let metric = found.map(|found| RecordedMetric::new(&chosen.name, found));
            recording.metrics.extend(metric);
        }
    }
    Ok(())
}

/// The numbers of a logged model are its own; those of its run may be of another model it logged.
fn of_model(model: &LoggedModel, chosen: &[Chosen], recording: &mut Recording) {
    if !model.ready {
        let why = format!("logged model `{}` is not ready", model.id);
        recording.shortfalls.push(why);
    }
    recording
        .parameters
        .push(("logged model".to_owned(), model.id.clone()));
    for (name, value) in &model.parameters {
        if !recording.parameters.iter().any(|(known, _)| known == name) {
            recording.parameters.push((name.clone(), value.clone()));
        }
    }
    let mut histories: BTreeMap<(&str, &str), Vec<Point>> = BTreeMap::new();
    for point in &model.points {
        let datasets = [
            Some(""),
            point.dataset.as_deref().filter(|name| !name.is_empty()),
        ];
        for dataset in datasets.into_iter().flatten() {
            let history = histories.entry((&point.key, dataset)).or_default();
            history.push(point.clone());
        }
    }
    // Over all datasets comes before each of them.
    for ((key, dataset), history) in histories {
        let of_key = || chosen.iter().filter(|chosen| chosen.key == key);
        let number = last(&history).get(key).map(|point| value(point.value));
        let mut numbers = vec![(key, number)];
        numbers.extend(of_key().map(|chosen| (chosen.name.as_str(), chosen.of(&history))));
        if dataset.is_empty() {
            let known = |name: &String| numbers.iter().any(|(other, _)| other == name);
            recording.metrics.retain(|metric| !known(&metric.name));
        }
        for (name, number) in numbers {
            let Some(number) = number else { continue };
            let metric = RecordedMetric::new(name, number);
            recording.metrics.push(match dataset {
                "" => metric,
                dataset => metric.on(format!("dataset={dataset}")),
            });
        }
    }
}

/// The logged model of a version: as it says, else by where it came from, `models:/m-ID`.
pub(super) fn model_of(said: Option<&str>, source: Option<&str>) -> Option<String> {
    let from_source = || {
        source?
            .strip_prefix("models:/")
            .filter(|id| id.starts_with("m-"))
    };
    said.or_else(from_source).map(str::to_owned)
}

/// The value MLflow shows of each metric: the last.
fn last(points: &[Point]) -> BTreeMap<&str, &Point> {
    let mut last: BTreeMap<&str, &Point> = BTreeMap::new();
    for point in points {
        let known = last.entry(&point.key).or_insert(point);
        if latest(known, point).is_lt() {
            *known = point;
        }
    }
    last
}

/// Which of two values is the later one: by step, time and size (`FileStore`, `SqlAlchemyStore` and
/// `latest_metrics` agree on it).
pub(super) fn latest(one: &Point, other: &Point) -> Ordering {
    let order = (one.step, one.timestamp).cmp(&(other.step, other.timestamp));
    order.then(one.value.total_cmp(&other.value))
}

/// A value as it was logged: MLflow keeps infinities as the largest finite numbers (`sanitize_metric_value`).
pub(super) fn value(kept: f64) -> f64 {
    match kept {
        kept if kept == f64::MAX => f64::INFINITY,
        kept if kept == f64::MIN => f64::NEG_INFINITY,
        kept => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::{Point, last, value};

    #[test]
    fn the_last_value_is_by_step_then_time_then_size() {
        let point = |value, step, timestamp| Point {
            key: "auc".to_owned(),
            value,
            step,
            timestamp,
            dataset: None,
        };
        let points = [
            point(0.9, 2, 10),
            point(0.1, 1, 99),
            point(0.8, 2, 11),
            point(0.85, 2, 11),
        ];
        let found: Vec<f64> = last(&points).values().map(|point| point.value).collect();
        assert_eq!(found, [0.85]);
    }

    #[test]
    fn the_largest_finite_numbers_are_infinities() {
        assert_eq!(value(f64::MAX), f64::INFINITY);
        assert_eq!(value(f64::MIN), f64::NEG_INFINITY);
        assert_eq!(value(0.5), 0.5);
    }
}
