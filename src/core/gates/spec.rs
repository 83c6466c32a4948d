//! The `gate` section of the configuration, and what can be wrong with it before any data is read.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Bound, Severity};
use crate::metrics::fairness::{self, FAIRNESS_METRICS};
use crate::metrics::{self, Chosen, Direction, Options, Task};

/// Resamples below which the ends of an interval are mostly noise.
pub const RESAMPLES_MIN: u32 = 100;

/// Resamples beyond which nothing is gained but time: the Monte-Carlo error of an end is then far
/// below the width of any interval worth reading.
pub const RESAMPLES_MAX: u32 = 100_000;

/// What a candidate model must show on a file of predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// What the model answers, and so which metrics there are.
    #[serde(default)]
    pub task: Task,
    /// File with the predictions of the candidate model.
    pub candidate: String,
    /// File with the predictions of the model it would replace, on the same rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<String>,
    /// Names of the columns in both files.
    #[serde(default)]
    pub columns: ColumnNames,
    /// Text of the label that counts as positive.
    #[serde(default = "default_positive")]
    pub positive: String,
    /// Scores at or above it are predicted positive, when there is no column of predictions.
    #[serde(default = "default_threshold")]
    pub threshold: f64,
    /// Columns whose values divide the rows into slices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<String>,
    /// Rows below which a slice or a group is not judged.
    #[serde(default = "default_slice_rows_min")]
    pub slice_rows_min: u64,
    /// Coverage of intervals, a fraction: 0.95 for 95 %.
    #[serde(default = "default_confidence")]
    pub confidence: f64,
    /// Resamples of the bootstrap.
    #[serde(default = "default_resamples")]
    pub resamples: u32,
    /// Seed of the bootstrap: the same seed gives the same intervals.
    #[serde(default)]
    pub seed: u64,
    /// What is required of metrics.
    pub metrics: Vec<MetricRule>,
    /// What is required of the differences between groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fairness: Vec<FairnessRule>,
}

/// Names of the columns in a file of predictions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnNames {
    /// Key of the row, by which two files are paired; without it they are paired by order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The true label.
    #[serde(default = "default_label_column")]
    pub label: String,
    /// The score or probability of the positive label.
    #[serde(default = "default_score_column")]
    pub score: String,
    /// The probability of each class, by its name, where there are several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, String>,
    /// The decision or the predicted number; without it, of two classes score ≥ threshold, of several
    /// the one with the highest score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction: Option<String>,
    /// Lower end of the predicted interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<String>,
    /// Upper end of the predicted interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<String>,
    /// Sampling weight of the row, at least 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// What rows share that are not independent of each other: a customer, a session, a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}

/// What is required of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricRule {
    /// Name of the metric.
    #[schemars(extend("enum" = metric_ids()))]
    pub metric: String,
    /// Parameters of the metric, by name.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub with: Options,
    /// Smallest value allowed over all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Largest value allowed over all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// How much worse than the champion the candidate may be, in the unit of the metric, ≥ 0. The
    /// whole interval of the difference must lie above minus this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_inferiority_margin: Option<f64>,
    /// What is required on every slice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slices: Option<SliceRule>,
    /// How much it matters over all rows.
    #[serde(default)]
    pub severity: Severity,
}

/// What is required of a metric on every slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SliceRule {
    /// Smallest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Largest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// What is required of the differences between the groups of one column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FairnessRule {
    /// Name of the fairness metric.
    #[schemars(extend("enum" = fairness_ids()))]
    pub metric: String,
    /// Column whose values are the groups.
    pub by: String,
    /// Smallest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Largest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

impl Default for ColumnNames {
    fn default() -> Self {
        Self {
            id: None,
            label: default_label_column(),
            score: default_score_column(),
            scores: BTreeMap::new(),
            prediction: None,
            lower: None,
            upper: None,
            weight: None,
            cluster: None,
        }
    }
}

fn default_label_column() -> String {
    "label".to_owned()
}

fn default_score_column() -> String {
    "score".to_owned()
}

fn default_positive() -> String {
    "1".to_owned()
}

fn default_threshold() -> f64 {
    0.5
}

fn default_slice_rows_min() -> u64 {
    30
}

fn default_confidence() -> f64 {
    0.95
}

fn default_resamples() -> u32 {
    2000
}

fn metric_ids() -> Vec<&'static str> {
    let mut ids: Vec<_> = metrics::all().map(|metric| metric.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn fairness_ids() -> Vec<&'static str> {
    FAIRNESS_METRICS.iter().map(|metric| metric.id).collect()
}

/// The bound that two optional ends make; `None` without either.
pub(super) fn bound(at_least: Option<f64>, at_most: Option<f64>) -> Option<Bound> {
    match (at_least, at_most) {
        (Some(lower), Some(upper)) => Some(Bound::Between(lower, upper)),
        (Some(lower), None) => Some(Bound::AtLeast(lower)),
        (None, Some(upper)) => Some(Bound::AtMost(upper)),
        (None, None) => None,
    }
}

/// The metric of a task closest to a name that is none, as the end of a sentence.
fn closest_metric(task: Task, name: &str) -> String {
    let ids: Vec<_> = metrics::of_task(task).map(|metric| metric.id).collect();
    closest(name, &ids)
}

/// The fairness metric closest to a name that is none, as the end of a sentence.
pub(super) fn closest_fairness_metric(name: &str) -> String {
    closest(name, &fairness_ids())
}

fn closest(name: &str, ids: &[&str]) -> String {
    let distance = |id: &&&str| strsim::damerau_levenshtein(name, id);
    match ids.iter().min_by_key(distance) {
        // More than half of the letters differ: a guess would mislead.
        Some(id) if strsim::damerau_levenshtein(name, id) * 2 <= id.chars().count() => {
            format!("the closest is `{id}`")
        }
        Some(_) | None => format!("known are `{}`", ids.join("`, `")),
    }
}

/// Something wrong with a configuration: the path of the value (`gate.metrics[0].at_least`) and a
/// sentence.
pub type Problem = (String, String);

impl GateSpec {
    /// The columns that must be read besides those of [`ColumnNames`], in the order of their names.
    #[must_use]
    pub fn group_columns(&self) -> BTreeSet<&str> {
        let by = self.fairness.iter().map(|rule| rule.by.as_str());
        self.slices.iter().map(String::as_str).chain(by).collect()
    }

    /// The columns of numbers that metrics are of, in the order of their names.
    #[must_use]
    pub fn number_columns(&self) -> BTreeSet<String> {
        let chosen = self
            .metrics
            .iter()
            .filter_map(|rule| rule.chosen(self.task).ok());
        chosen
            .filter_map(|metric| metric.column().map(str::to_owned))
            .collect()
    }

    /// Everything wrong with the configuration that can be known without data, in its order.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.check_settings(&mut problems);
        self.check_slices(&mut problems);
        for (index, rule) in self.metrics.iter().enumerate() {
            self.check_metric(index, rule, &mut problems);
        }
        for (index, rule) in self.fairness.iter().enumerate() {
            self.check_fairness(index, rule, &mut problems);
        }
        problems
    }

    fn check_settings(&self, problems: &mut Vec<Problem>) {
        let mut require = |holds: bool, path: &str, message: String| {
            if !holds {
                problems.push((format!("gate.{path}"), message));
            }
        };
        require(
            self.threshold.is_finite(),
            "threshold",
            "`threshold` must be a finite number".to_owned(),
        );
        require(
            1 <= self.slice_rows_min,
            "slice_rows_min",
            "`slice_rows_min` must be at least 1".to_owned(),
        );
        require(
            0.0 < self.confidence && self.confidence < 1.0,
            "confidence",
            format!(
                "`confidence` is {}, must lie between 0 and 1: 0.95 means 95 %",
                self.confidence
            ),
        );
        require(
            RESAMPLES_MIN <= self.resamples && self.resamples <= RESAMPLES_MAX,
            "resamples",
            format!(
                "`resamples` is {}, must be {RESAMPLES_MIN} to {RESAMPLES_MAX}",
                self.resamples
            ),
        );
        require(
            !(self.metrics.is_empty() && self.fairness.is_empty()),
            "metrics",
            "`metrics` is empty: a gate that demands nothing would let everything pass".to_owned(),
        );
    }

    fn check_slices(&self, problems: &mut Vec<Problem>) {
        for (index, column) in self.slices.iter().enumerate() {
            if self.slices[..index].contains(column) {
                let message = format!("column `{column}` is listed twice");
                problems.push((format!("gate.slices[{index}]"), message));
            }
        }
        let ruled = self.metrics.iter().position(|rule| rule.slices.is_some());
        if let (true, Some(index)) = (self.slices.is_empty(), ruled) {
            let message = "a rule for slices needs `gate.slices` to name their columns".to_owned();
            problems.push((format!("gate.metrics[{index}].slices"), message));
        }
    }

    fn check_metric(&self, index: usize, rule: &MetricRule, problems: &mut Vec<Problem>) {
        let path = format!("gate.metrics[{index}]");
        let name = &rule.metric;
        let metric = match rule.chosen(self.task) {
            Ok(chosen) => chosen.metric,
            Err((key, message)) => {
                problems.push((format!("{path}.{key}"), message));
                return;
            }
        };
        let same = |other: &MetricRule| other.metric == *name && other.with == rule.with;
        if self.metrics[..index].iter().any(same) {
            problems.push((
                format!("{path}.metric"),
                format!("`{name}` is listed twice"),
            ));
        }
        let limits = Limits {
            name,
            direction: metric.direction,
            range: metric.range,
        };
        limits.check_bounds(&path, rule.at_least, rule.at_most, problems);
        check_severity(&path, rule.severity, problems);
        if let Some(margin) = rule.non_inferiority_margin {
            let path = format!("{path}.non_inferiority_margin");
            limits.check_margin(&path, margin, self.champion.is_some(), problems);
        }
        if let Some(slices) = &rule.slices {
            let path = format!("{path}.slices");
            limits.check_bounds(&path, slices.at_least, slices.at_most, problems);
            check_severity(&path, slices.severity, problems);
            if bound(slices.at_least, slices.at_most).is_none() {
                problems.push((path, "`slices` needs `at_least` or `at_most`".to_owned()));
            }
        }
        if rule.demands_nothing() {
            let message = format!(
                "the rule for `{name}` demands nothing; add `at_least`, `at_most`, `non_inferiority_margin` or `slices`"
            );
            problems.push((path, message));
        }
    }

    fn check_fairness(&self, index: usize, rule: &FairnessRule, problems: &mut Vec<Problem>) {
        let path = format!("gate.fairness[{index}]");
        let name = &rule.metric;
        let Some(metric) = fairness::find(name) else {
            let closest = closest_fairness_metric(name);
            let message = format!("`{name}` is not a fairness metric; {closest}");
            problems.push((format!("{path}.metric"), message));
            return;
        };
        let same = |other: &FairnessRule| other.metric == *name && other.by == rule.by;
        if self.fairness[..index].iter().any(same) {
            let message = format!("`{name}` by `{}` is listed twice", rule.by);
            problems.push((format!("{path}.metric"), message));
        }
        let limits = Limits {
            name,
            direction: metric.direction,
            range: metric.range,
        };
        limits.check_bounds(&path, rule.at_least, rule.at_most, problems);
        check_severity(&path, rule.severity, problems);
        if bound(rule.at_least, rule.at_most).is_none() {
            let side = limits.side();
            problems.push((
                path,
                format!("the rule for `{name}` demands nothing; add {side}"),
            ));
        }
    }
}

impl MetricRule {
    /// The metric with its parameters.
    ///
    /// # Errors
    /// The key and a sentence, when there is none of the name or a parameter is wrong.
    pub(super) fn chosen(&self, task: Task) -> Result<Chosen, (&'static str, String)> {
        let name = &self.metric;
        let Some(metric) = metrics::find(task, name) else {
            let elsewhere = metrics::all().find(|metric| metric.id == name);
            let message = match elsewhere.and_then(|metric| metric.task) {
                Some(other) => format!(
                    "`{name}` is a metric of the task `{other}`, but `gate.task` is `{task}`"
                ),
                None => format!("`{name}` is not a metric; {}", closest_metric(task, name)),
            };
            return Err(("metric", message));
        };
        let wrong = |problem| ("with", format!("`{name}`: {problem}"));
        metric.with(&self.with).map_err(wrong)
    }

    /// Whether there is nothing in this rule that could fail.
    pub(super) fn demands_nothing(&self) -> bool {
        self.at_least.is_none()
            && self.at_most.is_none()
            && self.non_inferiority_margin.is_none()
            && self.slices.is_none()
    }
}

/// What is known of a metric when bounds on it are checked.
struct Limits<'a> {
    name: &'a str,
    direction: Direction,
    range: (f64, f64),
}

impl Limits<'_> {
    /// The bound that makes sense, as text.
    fn side(&self) -> &'static str {
        match self.direction {
            Direction::HigherIsBetter => "`at_least`",
            Direction::LowerIsBetter => "`at_most`",
            Direction::Neither => "`at_least` or `at_most`",
        }
    }

    fn check_bounds(
        &self,
        path: &str,
        at_least: Option<f64>,
        at_most: Option<f64>,
        problems: &mut Vec<Problem>,
    ) {
        let name = self.name;
        let (least, most) = self.range;
        let wrong = match self.direction {
            Direction::HigherIsBetter => at_most.map(|_| ("at_most", "more is better")),
            Direction::LowerIsBetter => at_least.map(|_| ("at_least", "less is better")),
            Direction::Neither => None,
        };
        if let Some((key, why)) = wrong {
            let side = self.side();
            let message = format!("`{key}` bounds `{name}` on the wrong side: {why}; use {side}");
            problems.push((format!("{path}.{key}"), message));
        }
        for (key, threshold) in [("at_least", at_least), ("at_most", at_most)] {
            let Some(threshold) = threshold else { continue };
            if !(threshold.is_finite() && least <= threshold && threshold <= most) {
                let message =
                    format!("`{key}` is {threshold}, but `{name}` lies between {least} and {most}");
                problems.push((format!("{path}.{key}"), message));
            }
        }
        if let (Some(lower), Some(upper)) = (at_least, at_most)
            && upper < lower
        {
            let message = format!("no value is at least {lower} and at most {upper}");
            problems.push((format!("{path}.at_least"), message));
        }
    }

    fn check_margin(
        &self,
        path: &str,
        margin: f64,
        has_champion: bool,
        problems: &mut Vec<Problem>,
    ) {
        let name = self.name;
        let (least, most) = self.range;
        if !(margin.is_finite() && 0.0 <= margin && margin < most - least) {
            let message = format!(
                "`non_inferiority_margin` is {margin}; it says how much worse `{name}` may be, so it must be at least 0 and less than the range of the metric"
            );
            problems.push((path.to_owned(), message));
        }
        if self.direction == Direction::Neither {
            let message =
                format!("`{name}` is neither better nor worse when it changes: no margin applies");
            problems.push((path.to_owned(), message));
        }
        if !has_champion {
            let message =
                "`non_inferiority_margin` needs `gate.champion` to compare with".to_owned();
            problems.push((path.to_owned(), message));
        }
    }
}

fn check_severity(path: &str, severity: Severity, problems: &mut Vec<Problem>) {
    if severity == Severity::Integrity {
        let message =
            "severity `integrity` is kept for signatures and digests; use `error`".to_owned();
        problems.push((format!("{path}.severity"), message));
    }
}
