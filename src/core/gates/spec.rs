//! The `gate` section of the configuration.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expressions::ExpressionRule;
use super::finder::FinderSpec;
use super::problems::closest_metric;
use super::recorded::RecordedSpec;
use super::windows::WindowSpec;
use crate::evidence::{Bound, Severity};
use crate::metrics::fairness::FAIRNESS_METRICS;
use crate::metrics::{self, Chosen, Options, Task};
use crate::statistics::Correction;

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
    /// File with the predictions of the candidate model; without it only what other systems recorded is
    /// judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<String>,
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
    /// Columns whose values divide the rows into slices; a list of columns for every combination of their
    /// values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceBy>,
    /// Windows of time that divide the rows, judged as slices are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<WindowSpec>,
    /// Columns among which slices are searched on which the candidate is worse than on the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice_finder: Option<FinderSpec>,
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
    /// What is required of metrics of the predictions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricRule>,
    /// What is required of the differences between groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fairness: Vec<FairnessRule>,
    /// What is required of results other systems recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recorded: Vec<RecordedSpec>,
    /// Requirements in your own words, over all of these numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expressions: Vec<ExpressionRule>,
}

/// What divides the rows into slices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a slice is a column or a list of columns: `[region, [region, sex]]`"
)]
pub enum SliceBy {
    /// The values of a column.
    Column(String),
    /// The combinations of values of several columns.
    Crossed(Vec<String>),
}

impl SliceBy {
    /// The columns, in the order of the configuration.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match self {
            Self::Column(column) => std::slice::from_ref(column),
            Self::Crossed(columns) => columns,
        }
    }
}

impl std::fmt::Display for SliceBy {
    /// `region`, or `region,sex`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.columns().join(","))
    }
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
    /// How much better than the champion the candidate must be, in the unit of the metric, ≥ 0. The
    /// whole interval of the difference must lie above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superiority_margin: Option<f64>,
    /// How much the candidate may differ from the champion either way, in the unit of the metric, > 0.
    /// The whole interval of the difference must lie within this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equivalence_margin: Option<f64>,
    /// Whether margins are fractions of the champion's value instead: 0.02 for 2 %.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relative_margins: bool,
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
    /// How much worse than the champion the candidate may be on each slice, in the unit of the metric, or
    /// as a fraction of the champion's value with `relative_margins`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_inferiority_margin: Option<f64>,
    /// How the error rate is shared among the slices, so that many of them do not cry wolf.
    #[serde(default, skip_serializing_if = "is_default")]
    pub correction: Correction,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
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

pub(super) fn metric_ids() -> Vec<&'static str> {
    let mut ids: Vec<_> = metrics::all().map(|metric| metric.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

pub(super) fn fairness_ids() -> Vec<&'static str> {
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

impl GateSpec {
    /// The columns that must be read besides those of [`ColumnNames`], in the order of their names.
    #[must_use]
    pub fn group_columns(&self) -> BTreeSet<&str> {
        let by = self.fairness.iter().map(|rule| rule.by.as_str());
        let sliced = self.slices.iter().flat_map(SliceBy::columns);
        let windows = self.windows.iter().map(|windows| windows.by.as_str());
        let searched = self.slice_finder.iter().flat_map(|finder| &finder.columns);
        let columns = sliced.chain(searched).map(String::as_str);
        columns.chain(windows).chain(by).collect()
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

    /// The margins with their keys.
    pub(super) fn margins(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let margins = [
            ("non_inferiority_margin", self.non_inferiority_margin),
            ("superiority_margin", self.superiority_margin),
            ("equivalence_margin", self.equivalence_margin),
        ];
        margins
            .into_iter()
            .filter_map(|(key, margin)| Some((key, margin?)))
    }

    /// Whether it demands something of the difference to the champion.
    pub(super) fn compares(&self) -> bool {
        self.non_inferiority_margin.is_some()
            || self.superiority_margin.is_some()
            || self.equivalence_margin.is_some()
    }

    /// Whether there is nothing in this rule that could fail.
    pub(super) fn demands_nothing(&self) -> bool {
        self.at_least.is_none()
            && self.at_most.is_none()
            && !self.compares()
            && self.slices.is_none()
    }
}
