//! Apache Airflow: a run of a DAG, or its tasks, as the REST API gives them
//! (`GET …/dagRuns/RUN`, `…/dagRuns/RUN/taskInstances`).

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "airflow",
    title: "Apache Airflow",
    summary: "A run of a DAG or the list of its task instances, as the REST API gives it. Verdicts by the DAG or the task; `NAME.duration` in seconds.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "the REST API of Airflow 2 and 3",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Run {
    dag_id: String,
    dag_run_id: String,
    state: Option<String>,
    #[serde(default)]
    duration: Option<f64>,
}

#[derive(Deserialize)]
struct Tasks {
    task_instances: Vec<Task>,
    #[serde(default)]
    total_entries: Option<u64>,
}

#[derive(Deserialize)]
struct Task {
    task_id: String,
    #[serde(default)]
    dag_run_id: Option<String>,
    #[serde(default)]
    map_index: Option<i64>,
    state: Option<String>,
    #[serde(default)]
    duration: Option<f64>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let value: Value = json::parse(content.bytes)?;
    let mut recording = Recording::by("Apache Airflow");
    if let Ok(run) = Run::deserialize(&value) {
        recording.run = Some(run.dag_run_id);
        add(&mut recording, run.dag_id, run.state, run.duration);
        return Ok(recording);
    }
    let tasks = Tasks::deserialize(&value).map_err(|error| {
        format!("it is neither a run of a DAG with `dag_id`, `dag_run_id` and `state` nor a list `task_instances`: {error}")
    })?;
    if let Some(total) = tasks.total_entries
        && (tasks.task_instances.len() as u64) < total
    {
        recording.shortfalls.push(format!(
            "{} of {total} task instances are in it",
            tasks.task_instances.len()
        ));
    }
    recording.run = tasks
        .task_instances
        .iter()
        .find_map(|task| task.dag_run_id.clone());
    for task in tasks.task_instances {
        let name = match task.map_index {
            Some(index) if 0 <= index => format!("{}[{index}]", task.task_id),
            Some(_) | None => task.task_id,
        };
        add(&mut recording, name, task.state, task.duration);
    }
    Ok(recording)
}

fn add(recording: &mut Recording, name: String, state: Option<String>, duration: Option<f64>) {
    if let Some(seconds) = duration {
        let metric = RecordedMetric::new(format!("{name}.duration"), seconds);
        recording.metrics.push(metric.unit(Unit::Seconds));
    }
    let outcome = match state.as_deref() {
        Some("success") => Said::Passed,
        Some("failed" | "upstream_failed") => Said::Failed,
        Some("skipped" | "removed") => Said::Skipped,
        _ => {
            let state = state.as_deref().unwrap_or("none");
            let shortfall = format!("`{name}` has not ended: its state is `{state}`");
            recording.shortfalls.push(shortfall);
            Said::Errored
        }
    };
    recording.verdicts.push(RecordedVerdict {
        name,
        outcome,
        message: None,
    });
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::{Recording, Said};

    fn read(text: &str) -> Recording {
        let content = Content {
            name: "run.json",
            bytes: text.as_bytes(),
        };
        parse(&content).expect("a run")
    }

    #[test]
    fn a_run_is_a_verdict_with_its_duration() {
        let run = read(
            r#"{"dag_id": "train", "dag_run_id": "manual__1", "state": "success", "duration": 12.5}"#,
        );
        assert_eq!(run.verdicts[0].outcome, Said::Passed);
        assert_eq!(run.metrics[0].name, "train.duration");
        let running = read(r#"{"dag_id": "train", "dag_run_id": "1", "state": "running"}"#);
        assert_eq!(running.shortfalls.len(), 1);
    }

    #[test]
    fn tasks_are_verdicts_and_a_page_of_them_is_not_all() {
        let tasks = read(
            r#"{"task_instances": [{"task_id": "a", "dag_run_id": "r", "map_index": -1, "state": "failed", "duration": 1}, {"task_id": "b", "map_index": 2, "state": "skipped", "duration": null}], "total_entries": 3}"#,
        );
        let found: Vec<_> = tasks
            .verdicts
            .iter()
            .map(|verdict| (verdict.name.as_str(), verdict.outcome))
            .collect();
        assert_eq!(found, [("a", Said::Failed), ("b[2]", Said::Skipped)]);
        assert_eq!(tasks.shortfalls.len(), 1);
    }
}
