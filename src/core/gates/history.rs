//! What the metrics of the candidate were in earlier runs: evidence of the same model, set beside that of
//! now. Nothing is required of it and nothing is computed anew; the files are pinned by their digests.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::problems::Problem;
use super::requirements::{
    METRIC_HISTORY, METRIC_RECORDED, METRIC_THRESHOLD, RECORDED_METRIC, RECORDED_THRESHOLD,
};
use crate::evidence::{
    Evidence, Figure, InputRef, Outcome, Quantity, RunReport, Series, Severity, Subject,
};
use crate::wildcard;

/// Everything wrong with what is named as history.
pub(super) fn check(history: &[String], problems: &mut Vec<Problem>) {
    for (index, locator) in history.iter().enumerate() {
        let path = format!("gate.history[{index}]");
        let directory = locator
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory);
        if locator.trim().is_empty() {
            problems.push((path, "names no file".to_owned()));
        } else if wildcard::is_pattern(directory) {
            let message =
                format!("`{locator}` has a `*` in its directory; only the name of the file may");
            problems.push((path, message));
        }
    }
}

/// Runs shown of one metric, the latest ones: a sparkline of more is noise.
const RUNS_MAX: usize = 30;

/// Metrics that are followed; a gate has few.
const METRICS_MAX: usize = 50;

/// Requirements whose records say what a metric is.
const VALUES: [&str; 4] = [
    METRIC_THRESHOLD,
    METRIC_RECORDED,
    RECORDED_THRESHOLD,
    RECORDED_METRIC,
];

/// The evidence of an earlier run, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlierRun {
    /// Where it was read, and the digest of its bytes.
    pub input: InputRef,
    /// What it says.
    pub report: RunReport,
}

/// A metric in one run.
struct Value {
    started_at: DateTime<Utc>,
    quantity: Quantity,
}

/// A record that names the earlier runs, and a figure for each metric that one of them knows; nothing
/// without earlier runs. `now` is what this run found of `model`.
#[must_use]
pub fn judge_history(
    model: &str,
    now: &[Evidence],
    started_at: DateTime<Utc>,
    earlier: &[EarlierRun],
) -> (Option<Evidence>, Vec<Figure>) {
    let mut seen = BTreeSet::new();
    let different = earlier.iter().filter(|run| seen.insert(run.input.sha256));
    let mut runs: Vec<&EarlierRun> = different.collect();
    runs.sort_by_key(|run| (run.report.run.started_at, run.input.sha256));
    let about = |run: &&&EarlierRun| {
        run.report
            .records()
            .any(|(_, record)| is_value(record, model))
    };
    let about = runs.iter().filter(about).count();
    if runs.is_empty() {
        return (None, Vec::new());
    }
    let mut followed: Vec<&Evidence> = Vec::new();
    for record in now.iter().filter(|record| is_value(record, model)) {
        if followed.len() < METRICS_MAX
            && followed.iter().all(|known| known.subject != record.subject)
        {
            followed.push(record);
        }
    }
    let figures = followed
        .into_iter()
        .filter_map(|record| trend(record, started_at, &runs))
        .collect();
    let subject = Subject::Model {
        model: model.to_owned(),
    };
    let message = format!(
        "this run of `{model}` is set beside {about} earlier ones, of {} files of evidence that were read",
        runs.len()
    );
    let inputs: Vec<InputRef> = runs.iter().map(|run| run.input.clone()).collect();
    let record = Evidence::new(METRIC_HISTORY, subject, Outcome::Met, message)
        .severity(Severity::Info)
        .from_inputs(&inputs);
    (Some(record), figures)
}

/// Whether a record says what a metric of `model` is over all rows.
fn is_value(record: &Evidence, model: &str) -> bool {
    let is_of_model = match &record.subject {
        Subject::Metric { model: of, .. } => of == model,
        _ => false,
    };
    is_of_model
        && VALUES.contains(&record.requirement.as_str())
        && record
            .observed
            .is_some_and(|observed| observed.value.is_finite())
}

/// The metric of `now` over the runs, with what is required of it now.
fn trend(now: &Evidence, started_at: DateTime<Utc>, runs: &[&EarlierRun]) -> Option<Figure> {
    let Subject::Metric { model, metric } = &now.subject else {
        return None;
    };
    let mut values: Vec<Value> = runs
        .iter()
        .filter_map(|run| {
            let mut records = run.report.records().map(|(_, record)| record);
            let same =
                records.find(|record| record.subject == now.subject && is_value(record, model))?;
            Some(Value {
                started_at: run.report.run.started_at,
                quantity: same.observed?,
            })
        })
        .collect();
    if values.is_empty() {
        return None;
    }
    values.push(Value {
        started_at,
        quantity: now.observed?,
    });
    values.drain(..values.len().saturating_sub(RUNS_MAX));
    let mut series = vec![line(metric, &values)];
    if let Some(bound) = now.required {
        let (first, second) = bound.thresholds();
        let last = (values.len() - 1) as f64;
        let finite = [Some(first), second].into_iter().flatten();
        series.extend(
            finite
                .filter(|threshold| threshold.is_finite())
                .map(|threshold| Series {
                    name: format!("required {bound}"),
                    points: vec![[0.0, threshold], [last, threshold]],
                    labels: Vec::new(),
                    counts: Vec::new(),
                }),
        );
    }
    Some(Figure {
        id: format!("trend-{}", metric.replace('_', "-")),
        title: format!("{metric} over {} runs", values.len()),
        x_label: "Run, the last is this one".to_owned(),
        y_label: metric.clone(),
        series,
    })
}

fn line(metric: &str, values: &[Value]) -> Series {
    let points = values.iter().enumerate();
    let counts: Option<Vec<u64>> = values
        .iter()
        .map(|value| value.quantity.sample_count)
        .collect();
    Series {
        name: metric.to_owned(),
        points: points
            .map(|(index, value)| [index as f64, value.quantity.value])
            .collect(),
        labels: values
            .iter()
            .map(|value| value.started_at.format("%Y-%m-%d").to_string())
            .collect(),
        counts: counts.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Bound, RunIdentity, Sha256, Step, Tool, Unit};

    fn run(day: u32, evidence: Vec<Evidence>) -> EarlierRun {
        let identity = RunIdentity {
            tool: Tool {
                name: "proofmark".into(),
                version: "0.1.0".into(),
            },
            started_at: at(day),
            configuration: Vec::new(),
            ci: None,
            partitions: Vec::new(),
        };
        let report = RunReport::new(Step::Gate, identity, Vec::new(), evidence, Vec::new());
        EarlierRun {
            input: InputRef {
                locator: format!("history/{day}.json"),
                sha256: Sha256::of(report.to_json().as_bytes()),
                fetched_at: None,
            },
            report,
        }
    }

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-10-{day:02}T00:00:00Z")
            .parse()
            .expect("a time")
    }

    fn value(model: &str, metric: &str, value: f64) -> Evidence {
        let subject = Subject::Metric {
            model: model.into(),
            metric: metric.into(),
        };
        let observed = Quantity::new(value, Unit::Fraction).of(100);
        Evidence::new(METRIC_THRESHOLD, subject, Outcome::Met, "a sentence")
            .measured(observed, Bound::AtLeast(0.7))
    }

    #[test]
    fn earlier_runs_come_in_the_order_of_time_and_this_one_last() {
        let earlier = [
            run(9, vec![value("m", "recall", 0.72)]),
            run(2, vec![value("m", "recall", 0.71)]),
        ];
        let now = [value("m", "recall", 0.73), value("m", "f1", 0.8)];
        let (record, figures) = judge_history("m", &now, at(20), &earlier);
        let record = record.expect("a record");
        assert_eq!(record.inputs.len(), 2);
        assert_eq!(record.inputs[0].locator, "history/2.json");
        assert_eq!(record.severity, Severity::Info);
        assert_eq!(figures.len(), 1, "no earlier run knows `f1`");
        let series = &figures[0].series;
        assert_eq!(series[0].points, [[0.0, 0.71], [1.0, 0.72], [2.0, 0.73]]);
        assert_eq!(series[0].labels, ["2026-10-02", "2026-10-09", "2026-10-20"]);
        assert_eq!(series[0].counts, [100, 100, 100]);
        assert_eq!(series[1].name, "required at least 0.7");
        assert_eq!(series[1].points, [[0.0, 0.7], [2.0, 0.7]]);
    }

    #[test]
    fn other_models_and_copies_of_a_run_do_not_count() {
        let once = run(2, vec![value("m", "recall", 0.71)]);
        let earlier = [
            once.clone(),
            once,
            run(3, vec![value("other", "recall", 0.1)]),
        ];
        let (record, figures) = judge_history("m", &[value("m", "recall", 0.73)], at(20), &earlier);
        assert_eq!(figures[0].series[0].points.len(), 2);
        let message = record.expect("a record").message;
        assert!(message.contains("1 earlier ones, of 2 files"), "{message}");
    }

    #[test]
    fn what_is_no_number_is_no_point() {
        let earlier = [run(2, vec![value("m", "recall", f64::NAN)])];
        let (_, figures) = judge_history("m", &[value("m", "recall", 0.73)], at(20), &earlier);
        assert_eq!(figures, []);
    }

    #[test]
    fn a_pattern_is_of_names_not_of_directories() {
        let history = ["history/*.json", "*/gate.json", " ", "registry:production"];
        let mut problems = Vec::new();
        check(&history.map(str::to_owned), &mut problems);
        let places: Vec<&str> = problems.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(places, ["gate.history[1]", "gate.history[2]"]);
    }

    #[test]
    fn without_history_there_is_nothing() {
        let found = judge_history("m", &[value("m", "recall", 0.73)], at(20), &[]);
        assert_eq!(found, (None, Vec::new()));
    }

    #[test]
    fn only_the_latest_runs_are_shown() {
        let earlier: Vec<EarlierRun> = (1..=28)
            .flat_map(|day| [0.1, 0.2].map(|less| run(day, vec![value("m", "recall", 0.9 - less)])))
            .collect();
        let (_, figures) = judge_history("m", &[value("m", "recall", 0.73)], at(30), &earlier);
        let points = &figures[0].series[0].points;
        assert_eq!(points.len(), RUNS_MAX);
        assert_eq!(points.last(), Some(&[29.0, 0.73]));
    }
}
