//! The section `gate` of the configuration: what reads, and what makes no sense.
use super::tests::{EXAMPLE, spec};
use super::*;

#[test]
fn the_example_reads_and_makes_sense() {
    let spec: GateSpec = serde_saphyr::from_str(EXAMPLE).expect("reads");
    assert_eq!(spec.check(), []);
    let columns: Vec<_> = spec.group_columns().into_iter().collect();
    assert_eq!(columns, ["age_group", "housing", "sex"]);
    let again: GateSpec =
        serde_json::from_str(&serde_json::to_string(&spec).expect("writes")).expect("reads");
    assert_eq!(again, spec);
}

#[test]
fn the_schema_knows_the_metrics() {
    let schema = serde_json::to_string(&schemars::schema_for!(GateSpec)).expect("writes");
    assert!(schema.contains("\"demographic_parity_ratio\"") && schema.contains("\"roc_auc\""));
    assert!(schema.contains("\"additionalProperties\":false"));
}

#[test]
fn what_makes_no_sense_is_reported_with_its_path() {
    let cases = [
        (
            "metrics: [{metric: roc_auc, at_most: 0.5}]",
            "gate.metrics[0].at_most",
            "wrong side",
        ),
        (
            "metrics: [{metric: log_loss, at_least: 0.5}]",
            "gate.metrics[0].at_least",
            "wrong side",
        ),
        (
            "metrics: [{metric: roc_auc, at_least: 72}]",
            "gate.metrics[0].at_least",
            "lies between 0 and 1",
        ),
        (
            "metrics: [{metric: aucc, at_least: 0.7}]",
            "gate.metrics[0].metric",
            "known are",
        ),
        (
            "metrics: [{metric: acuracy, at_least: 0.7}]",
            "gate.metrics[0].metric",
            "the closest is `accuracy`",
        ),
        (
            "metrics: [{metric: f1, non_inferiority_margin: -0.1}]",
            "gate.metrics[0].non_inferiority_margin",
            "at least 0",
        ),
        (
            "metrics: [{metric: f1, non_inferiority_margin: 1}]",
            "gate.metrics[0].non_inferiority_margin",
            "less than the range",
        ),
        (
            "metrics: [{metric: prevalence, non_inferiority_margin: 0.1}]",
            "gate.metrics[0].non_inferiority_margin",
            "only `equivalence_margin` applies",
        ),
        (
            "metrics: [{metric: prevalence, at_least: 0.5, at_most: 0.4}]",
            "gate.metrics[0].at_least",
            "no value",
        ),
        (
            "metrics: [{metric: f1, at_least: 0.1}, {metric: f1, at_least: 0.2}]",
            "gate.metrics[1].metric",
            "twice",
        ),
        (
            "metrics: [{metric: f1, slices: {at_least: 0.1}}]",
            "gate.metrics[0].slices",
            "needs `gate.slices`",
        ),
        (
            "slices: [a]\nmetrics: [{metric: f1, slices: {}}]",
            "gate.metrics[0].slices",
            "needs `at_least`",
        ),
        (
            "slices: [a, a]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[1]",
            "twice",
        ),
        (
            "slices: [[a, b], [b, a]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[1]",
            "the crossing of columns `b,a` is listed twice",
        ),
        (
            "slices: [[a, a]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[0]",
            "names a column twice",
        ),
        (
            "slices: [[]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[0]",
            "names none",
        ),
        (
            "slices: [[a, b, c, d, e]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[0]",
            "at most 4 are crossed",
        ),
        (
            "slices: [at]\nwindows: {by: at, every: day}\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.windows.by",
            "under `slices` too",
        ),
        (
            "metrics: [{metric: f1, at_least: 0.1, severity: integrity}]",
            "gate.metrics[0].severity",
            "integrity",
        ),
        ("metrics: []", "gate.metrics", "empty"),
        (
            "confidence: 95\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.confidence",
            "0.95 means 95 %",
        ),
        (
            "slice_rows_min: 0\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slice_rows_min",
            "at least 1",
        ),
        (
            "threshold: .nan\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.threshold",
            "finite",
        ),
        (
            "metrics: []\nfairness: [{metric: demographic_parity_ratio, by: a, at_most: 0.8}]",
            "gate.fairness[0].at_most",
            "wrong side",
        ),
        (
            "metrics: []\nfairness: [{metric: demographic_parity_ratio, by: a}]",
            "gate.fairness[0]",
            "add `at_least`",
        ),
        (
            "metrics: []\nfairness: [{metric: demographic_parity_ratoi, by: a, at_least: 0.8}]",
            "gate.fairness[0].metric",
            "the closest is `demographic_parity_ratio`",
        ),
    ];
    for (text, path, expected) in cases {
        let problems = spec(text).check();
        let found = problems
            .iter()
            .any(|(at, message)| at == path && message.contains(expected));
        assert!(found && problems.len() == 1, "{text}: {problems:?}");
    }
    let mut alone = spec("metrics: [{metric: f1, non_inferiority_margin: 0.1}]");
    alone.champion = None;
    alone.resamples = 10;
    let paths: Vec<_> = alone.check().into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        ["gate.resamples", "gate.metrics[0].non_inferiority_margin"]
    );
}
