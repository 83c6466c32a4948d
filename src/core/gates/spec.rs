//! The `gate` section of the configuration.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::column_names::ColumnNames;
use super::expressions::ExpressionRule;
use super::finder::FinderSpec;
use super::problems::{closest_fairness_metric, closest_metric};
use super::recorded::RecordedSpec;
use super::versioned::VersionedInput;
use super::windows::WindowSpec;
use crate::evidence::{Bound, Severity};
use crate::metrics::fairness::{
    self, Aggregate, Comparison, FAIRNESS_METRICS, FairnessMetric, Method, Reduction,
};
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
    /// File with the predictions of the model it would replace, on the same rows: a path,
    /// `git:REVISION:PATH`, `registry:STAGE` or `registry:STAGE:PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<String>,
    /// File with what is in the images, where the task is to find objects: boxes with their classes, or
    /// COCO's `instances.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth: Option<String>,
    /// What becomes of comparisons when the champion does not exist yet: no file, revision, alias or
    /// release of its name. One that cannot be read or reached is never taken for that.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first_model: FirstModel,
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
    /// What is versioned beside the model and changes its answers: prompts, configurations of its context,
    /// parameters, indexes. Evidence pins each by its SHA-256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versioned: Vec<VersionedInput>,
    /// Evidence of earlier gates of the model, for the trend of its metrics: files, patterns with `*` in the
    /// name of the file, or `registry:STAGE` for what was live in a stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<String>,
}

/// What becomes of comparisons when there is no champion yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirstModel {
    /// They are not evaluated, so the gate does not pass.
    #[default]
    Fail,
    /// They are left out, and evidence says so; bounds hold all the same.
    Pass,
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
    /// Whether one looks again and again while rows arrive (a canary, a schedule): the intervals, by which
    /// bounds are judged too, then hold at all looks together. Of means and shares of independent rows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sequential: bool,
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

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What is required of the differences between groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FairnessRule {
    /// Name of a fairness metric, or of a metric of the task with a `reduction`.
    #[schemars(extend("enum" = compared_ids()))]
    pub metric: String,
    /// Parameters of a metric that is reduced, by name.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub with: Options,
    /// What is made of the values of the metric in each group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduction: Option<Reduction>,
    /// Whether a difference or a ratio holds groups against each other or against all rows.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Method,
    /// How the two rates of equalized odds become one number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub agg: Aggregate,
    /// Column whose values are the groups; of several columns, their combinations.
    pub by: Columns,
    /// Columns whose values part the rows into strata: groups are compared within each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub control: Vec<String>,
    /// How strata become one number: the worst, or their mean weighted by rows.
    #[serde(default, skip_serializing_if = "is_default")]
    pub strata: Aggregate,
    /// Smallest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Largest value allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// Coverage of the interval, all of which must then be within the bound; without it the value must,
    /// and the interval stands beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Rows below which a group is not compared; `gate.slice_rows_min` when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_rows_min: Option<u64>,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// One column, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Columns {
    /// A column.
    One(String),
    /// The columns whose combinations of values count.
    Several(Vec<String>),
}

impl Columns {
    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(column) => std::slice::from_ref(column),
            Self::Several(columns) => columns,
        }
    }
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

fn compared_ids() -> Vec<&'static str> {
    let mut ids = fairness_ids();
    ids.extend(metric_ids());
    ids
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
        let of_rules = self.fairness.iter();
        let of_rules = of_rules.flat_map(|rule| rule.by.names().iter().chain(&rule.control));
        let sliced = self.slices.iter().flat_map(SliceBy::columns);
        let windows = self.windows.iter().map(|windows| windows.by.as_str());
        let searched = self.slice_finder.iter().flat_map(|finder| &finder.columns);
        let columns = sliced.chain(searched).chain(of_rules).map(String::as_str);
        columns.chain(windows).collect()
    }

    /// The columns of predicted quantiles with their levels; a level that is none is left out, and
    /// [`GateSpec::check`] says so.
    #[must_use]
    pub fn quantiles(&self) -> Vec<(f64, &str)> {
        let quantiles = self.columns.quantiles.iter();
        quantiles
            .filter_map(|(level, column)| Some((level_of(level)?, column.as_str())))
            .collect()
    }

    /// The columns of numbers that metrics are of, in the order of their names.
    #[must_use]
    pub fn number_columns(&self) -> BTreeSet<String> {
        let chosen = self
            .metrics
            .iter()
            .filter_map(|rule| rule.chosen(self.task).ok());
        let compared = self.fairness.iter();
        let compared = compared.filter_map(|rule| rule.comparison(self.task).ok());
        chosen
            .chain(compared.flat_map(|comparison| comparison.of))
            .filter_map(|metric| metric.column().map(str::to_owned))
            .collect()
    }
}

/// The level of a quantile, between 0 and 1.
pub(super) fn level_of(text: &str) -> Option<f64> {
    let level = text.parse().ok();
    level.filter(|level| 0.0 < *level && *level < 1.0)
}

/// The metric of the task with its parameters.
fn chosen(task: Task, name: &str, with: &Options) -> Result<Chosen, (&'static str, String)> {
    let Some(metric) = metrics::find(task, name) else {
        let elsewhere = metrics::all().find(|metric| metric.id == name);
        let message = match elsewhere.and_then(|metric| metric.task) {
            Some(other) => {
                format!("`{name}` is a metric of the task `{other}`, but `gate.task` is `{task}`")
            }
            None => format!("`{name}` is not a metric; {}", closest_metric(task, name)),
        };
        return Err(("metric", message));
    };
    let wrong = |problem| ("with", format!("`{name}`: {problem}"));
    metric.with(with).map_err(wrong)
}

impl FairnessRule {
    /// What is compared between the groups.
    ///
    /// # Errors
    /// The key and a sentence, when there is no such metric or it cannot be compared so.
    pub(super) fn comparison(&self, task: Task) -> Result<Comparison, (&'static str, String)> {
        let mut comparison = match fairness::find(&self.metric) {
            Some(metric) => self.named(metric, task)?,
            None => self.reduced(task)?,
        };
        let extremes = [Some(Reduction::GroupMin), Some(Reduction::GroupMax), None];
        if self.method != Method::default() && extremes.contains(&comparison.reduction()) {
            let message = "`method` is of differences and ratios only".to_owned();
            return Err(("method", message));
        }
        if self.agg != Aggregate::default() && comparison.of.len() < 2 {
            let message = "`agg` is of metrics of two rates, equalized odds".to_owned();
            return Err(("agg", message));
        }
        comparison.method = self.method;
        comparison.aggregate = self.agg;
        comparison.strata = self.strata;
        Ok(comparison)
    }

    fn named(
        &self,
        metric: &'static FairnessMetric,
        task: Task,
    ) -> Result<Comparison, (&'static str, String)> {
        let name = metric.id;
        if task != Task::Binary {
            let message = format!(
                "`{name}` compares the decisions of a binary classifier, but `gate.task` is `{task}`; name a metric of the task with a `reduction`"
            );
            return Err(("metric", message));
        }
        if self.reduction.is_some() {
            let message = format!("`{name}` is a comparison already; leave `reduction` out");
            return Err(("reduction", message));
        }
        if !self.with.is_empty() {
            let message = format!("`{name}` takes no parameters");
            return Err(("with", message));
        }
        Comparison::named(metric).map_err(|problem| ("metric", problem))
    }

    fn reduced(&self, task: Task) -> Result<Comparison, (&'static str, String)> {
        let name = &self.metric;
        let Some(reduction) = self.reduction else {
            let message = if metrics::find(task, name).is_some() {
                format!(
                    "`{name}` is no comparison of groups: say `reduction: difference`, `ratio`, `group_min` or `group_max`"
                )
            } else {
                let closest = closest_fairness_metric(name);
                format!("`{name}` is not a fairness metric; {closest}")
            };
            return Err(("metric", message));
        };
        let metric = chosen(task, name, &self.with)?;
        Comparison::reduced(metric, reduction).map_err(|problem| ("reduction", problem))
    }

    /// What is required, with the bound of a metric that has one of its own.
    pub(super) fn required(&self) -> Option<Bound> {
        let otherwise = || fairness::find(&self.metric)?.at_least_default();
        bound(self.at_least, self.at_most).or_else(|| otherwise().map(Bound::AtLeast))
    }

    /// The groups in evidence: `sex`, `sex, age_group within housing`.
    pub(super) fn groups(&self) -> String {
        let by = self.by.names().join(", ");
        if self.control.is_empty() {
            return by;
        }
        format!("{by} within {}", self.control.join(", "))
    }
}

impl MetricRule {
    /// The metric with its parameters.
    ///
    /// # Errors
    /// The key and a sentence, when there is none of the name or a parameter is wrong.
    pub(super) fn chosen(&self, task: Task) -> Result<Chosen, (&'static str, String)> {
        chosen(task, &self.metric, &self.with)
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
