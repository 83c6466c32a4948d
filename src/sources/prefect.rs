//! Prefect: flow and task runs as the REST API gives them (`GET /api/flow_runs/ID`,
//! `POST /api/task_runs/filter`).

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::evidence::Unit;
use crate::recorded::{RecordedMetric, RecordedVerdict, Recording, Said};

pub(super) const SOURCE: Source = Source {
    id: "prefect",
    title: "Prefect",
    summary: "A flow run, or a list of flow or task runs, as the REST API gives it. Verdicts by the name of the run; `NAME.total_run_time` in seconds.",
    gives: &[Gives::Metrics, Gives::Verdicts],
    reference: "the REST API of Prefect 3",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Run {
    id: String,
    name: String,
    state_type: Option<String>,
    #[serde(default)]
    total_run_time: Option<f64>,
    #[serde(default)]
    run_count: Option<u64>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let value: Value = json::parse(content.bytes)?;
    let values = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    if values.is_empty() {
        return Err("it is an empty list of runs".to_owned());
    }
    let mut recording = Recording::by("Prefect");
    for value in values {
        let run = Run::deserialize(&value).map_err(|error| {
            format!("it is not a run with `id`, `name` and `state_type`: {error}")
        })?;
        recording.run.get_or_insert(run.id);
        if let Some(seconds) = run.total_run_time {
            let metric = RecordedMetric::new(format!("{}.total_run_time", run.name), seconds);
            recording.metrics.push(metric.unit(Unit::Seconds));
        }
        if let Some(count) = run.run_count {
            let metric = RecordedMetric::new(format!("{}.run_count", run.name), count as f64);
            recording.metrics.push(metric.unit(Unit::Count));
        }
        let outcome = match run.state_type.as_deref() {
            Some("COMPLETED") => Said::Passed,
            Some("FAILED" | "CRASHED" | "CANCELLED" | "CANCELLING") => Said::Failed,
            state => {
                let state = state.unwrap_or("none");
                let shortfall = format!("`{}` has not ended: its state is `{state}`", run.name);
                recording.shortfalls.push(shortfall);
                Said::Errored
            }
        };
        recording.verdicts.push(RecordedVerdict {
            name: run.name,
            outcome,
            message: None,
        });
    }
    Ok(recording)
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::Said;

    #[test]
    fn runs_are_verdicts_with_their_time() {
        let text = br#"[{"id": "1", "name": "gray-owl", "state_type": "COMPLETED", "total_run_time": 3.5, "run_count": 1},
            {"id": "2", "name": "red-fox", "state_type": "RUNNING"}]"#;
        let content = Content {
            name: "runs.json",
            bytes: text,
        };
        let recording = parse(&content).expect("runs");
        assert_eq!(recording.run.as_deref(), Some("1"));
        assert_eq!(recording.verdicts[0].outcome, Said::Passed);
        assert_eq!(recording.verdicts[1].outcome, Said::Errored);
        assert_eq!(recording.metrics[0].value, 3.5);
        assert_eq!(recording.shortfalls.len(), 1);
    }
}
