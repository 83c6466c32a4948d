//! A run and a logged model, whatever store they are kept in, as a recording.

use std::collections::BTreeMap;

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

/// What is recorded of what is named.
pub(super) fn recording(store: &mut dyn Store, named: &Named) -> Result<Recording, SourceError> {
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
    }
    if let Some(model) = &model {
        of_model(model, &mut recording);
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
    let metrics = latest(&run.points, |_| String::new());
    recording
        .metrics
        .extend(metrics.map(|(_, point)| RecordedMetric::new(&point.key, value(point.value))));
    recording.parameters.extend(run.parameters.iter().cloned());
    recording.datasets.extend(run.datasets.iter().cloned());
}

/// The numbers of a logged model are its own; those of its run may be of another model it logged.
fn of_model(model: &LoggedModel, recording: &mut Recording) {
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
    for (_, point) in latest(&model.points, |_| String::new()) {
        recording.metrics.retain(|metric| metric.name != point.key);
        recording
            .metrics
            .push(RecordedMetric::new(&point.key, value(point.value)));
    }
    let of_dataset = |point: &Point| point.dataset.clone().unwrap_or_default();
    for ((_, dataset), point) in latest(&model.points, of_dataset) {
        if !dataset.is_empty() {
            let metric = RecordedMetric::new(&point.key, value(point.value));
            recording
                .metrics
                .push(metric.on(format!("dataset={dataset}")));
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

/// The value MLflow shows of each metric: the last by step, time and size (`FileStore`, `SqlAlchemyStore`
/// and `latest_metrics` agree on it).
fn latest(
    points: &[Point],
    group: impl Fn(&Point) -> String,
) -> impl Iterator<Item = ((String, String), &Point)> {
    let mut last: BTreeMap<(String, String), &Point> = BTreeMap::new();
    for point in points {
        let known = last
            .entry((point.key.clone(), group(point)))
            .or_insert(point);
        let order = (known.step, known.timestamp).cmp(&(point.step, point.timestamp));
        if order.then(known.value.total_cmp(&point.value)).is_lt() {
            *known = point;
        }
    }
    last.into_iter()
}

/// A value as it was logged: MLflow keeps infinities as the largest finite numbers (`sanitize_metric_value`).
fn value(kept: f64) -> f64 {
    match kept {
        kept if kept == f64::MAX => f64::INFINITY,
        kept if kept == f64::MIN => f64::NEG_INFINITY,
        kept => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::{Point, latest, value};

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
        let found: Vec<f64> = latest(&points, |_| String::new())
            .map(|(_, point)| point.value)
            .collect();
        assert_eq!(found, [0.85]);
    }

    #[test]
    fn the_largest_finite_numbers_are_infinities() {
        assert_eq!(value(f64::MAX), f64::INFINITY);
        assert_eq!(value(f64::MIN), f64::NEG_INFINITY);
        assert_eq!(value(0.5), 0.5);
    }
}
