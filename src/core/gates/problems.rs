//! What can be wrong with the `gate` section before any data is read.

use std::collections::BTreeSet;

use super::spec::{
    FairnessRule, GateSpec, MetricRule, RESAMPLES_MAX, RESAMPLES_MIN, bound, fairness_ids, level_of,
};
use super::{expressions, history, looks, recorded, versioned};
use crate::evidence::Severity;
use crate::metrics::fairness::Aggregate;
use crate::metrics::{self, Direction, Task};

/// Columns whose values are crossed: more leave hardly a row in each slice.
const CROSSED_MAX: usize = 4;

/// Something wrong with a configuration: the path of the value (`gate.metrics[0].at_least`) and a
/// sentence.
pub type Problem = (String, String);

impl GateSpec {
    /// Everything wrong with the configuration that can be known without data, in its order.
    #[must_use]
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.check_settings(&mut problems);
        self.check_quantiles(&mut problems);
        self.check_slices(&mut problems);
        for (index, rule) in self.metrics.iter().enumerate() {
            self.check_metric(index, rule, &mut problems);
        }
        for (index, rule) in self.fairness.iter().enumerate() {
            self.check_fairness(index, rule, &mut problems);
        }
        if let Some(finder) = &self.slice_finder {
            finder.check(&self.metrics, &mut problems);
        }
        recorded::check(&self.recorded, &mut problems);
        expressions::check(&self.expressions, &mut problems);
        versioned::check(&self.versioned, &mut problems);
        history::check(&self.history, &mut problems);
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
        let of_predictions = !(self.metrics.is_empty() && self.fairness.is_empty());
        require(
            of_predictions || (self.candidate.is_none() && !self.recorded.is_empty()),
            "metrics",
            "`metrics` is empty: a gate that demands nothing would let everything pass".to_owned(),
        );
        require(
            !of_predictions || self.candidate.is_some(),
            "candidate",
            "`metrics` and `fairness` are of predictions: name their file with `candidate`"
                .to_owned(),
        );
        let finds = self.task == Task::Detection;
        require(
            !finds || self.candidate.is_none() || self.truth.is_some(),
            "truth",
            "`task: detection` needs the file with what is in the images: name it with `truth`"
                .to_owned(),
        );
        require(
            self.columns.bounds.is_clear(),
            "columns.box",
            "`box` names the edges `xmax` and `ymax`, or the sides `width` and `height`, beside `xmin` and `ymin`"
                .to_owned(),
        );
        require(
            finds || self.truth.is_none(),
            "truth",
            format!(
                "`truth` is of `task: detection`, but `gate.task` is `{}`: its truth is in the columns of the predictions",
                self.task
            ),
        );
        require(
            self.champion.is_none() || self.candidate.is_some(),
            "champion",
            "`champion` is compared with `candidate`, which is missing".to_owned(),
        );
    }

    fn check_quantiles(&self, problems: &mut Vec<Problem>) {
        let mut levels: Vec<f64> = Vec::new();
        for name in self.columns.quantiles.keys() {
            let path = format!("gate.columns.quantiles.{name}");
            let message = match level_of(name) {
                None => {
                    format!("`{name}` is not the level of a quantile, which lies between 0 and 1")
                }
                Some(level) if levels.contains(&level) => {
                    format!("the quantile of level {level} is listed twice")
                }
                Some(level) => {
                    levels.push(level);
                    continue;
                }
            };
            problems.push((path, message));
        }
    }

    fn check_slices(&self, problems: &mut Vec<Problem>) {
        let sets: Vec<BTreeSet<&String>> = self
            .slices
            .iter()
            .map(|by| by.columns().iter().collect())
            .collect();
        for (index, by) in self.slices.iter().enumerate() {
            let count = by.columns().len();
            let message = if sets[..index].contains(&sets[index]) {
                match by.columns() {
                    [column] => format!("column `{column}` is listed twice"),
                    _ => format!("the crossing of columns `{by}` is listed twice"),
                }
            } else if sets[index].len() < count {
                format!("the crossing of columns `{by}` names a column twice")
            } else if count == 0 {
                "a crossing of columns names none".to_owned()
            } else if CROSSED_MAX < count {
                format!(
                    "a crossing of {count} columns makes slices of hardly any rows; at most {CROSSED_MAX} are crossed"
                )
            } else {
                continue;
            };
            problems.push((format!("gate.slices[{index}]"), message));
        }
        let windowed = self.windows.as_ref().map(|windows| &windows.by);
        if let Some(by) = windowed
            && sets.iter().any(|set| set.len() == 1 && set.contains(by))
        {
            let message =
                format!("column `{by}` is listed under `slices` too: its slices would share names");
            problems.push(("gate.windows.by".to_owned(), message));
        }
        let ruled = self.metrics.iter().position(|rule| rule.slices.is_some());
        if let (true, None, Some(index)) = (self.slices.is_empty(), windowed, ruled) {
            let message =
                "a rule for slices needs `gate.slices` to name their columns, or `gate.windows`"
                    .to_owned();
            problems.push((format!("gate.metrics[{index}].slices"), message));
        }
    }

    fn check_metric(&self, index: usize, rule: &MetricRule, problems: &mut Vec<Problem>) {
        let path = format!("gate.metrics[{index}]");
        let name = &rule.metric;
        let chosen = match rule.chosen(self.task) {
            Ok(chosen) => chosen,
            Err((key, message)) => {
                problems.push((format!("{path}.{key}"), message));
                return;
            }
        };
        let metric = chosen.metric;
        if self.task == Task::Detection && metric.task.is_none() {
            let message = format!(
                "`{name}` is of a column of rows, and files of boxes have no rows of images: judge it in a gate of its own"
            );
            problems.push((format!("{path}.metric"), message));
        }
        let same = |other: &MetricRule| other.metric == *name && other.with == rule.with;
        if self.metrics[..index].iter().any(same) {
            problems.push((
                format!("{path}.metric"),
                format!("`{name}` is listed twice"),
            ));
        }
        if rule.sequential
            && let Err(why) = looks::check(self, &chosen)
        {
            let message =
                format!("no interval of `{name}` is known that holds at repeated looks: {why}");
            problems.push((format!("{path}.sequential"), message));
        }
        let limits = Limits {
            name,
            direction: metric.direction,
            range: metric.range,
        };
        limits.check_bounds(&path, rule.at_least, rule.at_most, problems);
        check_severity(&path, rule.severity, problems);
        for (key, margin) in rule.margins() {
            let margin = Margin {
                key,
                value: margin,
                relative: rule.relative_margins,
                has_champion: self.champion.is_some(),
            };
            limits.check_margin(&format!("{path}.{key}"), &margin, problems);
        }
        let on_slices = rule.slices.as_ref();
        let on_slices = on_slices.is_some_and(|slices| slices.non_inferiority_margin.is_some());
        if rule.relative_margins && !rule.compares() && !on_slices {
            let message = "`relative_margins` needs a margin to speak of".to_owned();
            problems.push((format!("{path}.relative_margins"), message));
        }
        if let Some(slices) = &rule.slices {
            let path = format!("{path}.slices");
            limits.check_bounds(&path, slices.at_least, slices.at_most, problems);
            check_severity(&path, slices.severity, problems);
            if let Some(value) = slices.non_inferiority_margin {
                let margin = Margin {
                    key: "non_inferiority_margin",
                    value,
                    relative: rule.relative_margins,
                    has_champion: self.champion.is_some(),
                };
                let path = format!("{path}.non_inferiority_margin");
                limits.check_margin(&path, &margin, problems);
            } else if bound(slices.at_least, slices.at_most).is_none() {
                let message = "`slices` needs `at_least`, `at_most` or `non_inferiority_margin`";
                problems.push((path, message.to_owned()));
            }
        }
        if rule.demands_nothing() {
            let message = format!(
                "the rule for `{name}` demands nothing; add `at_least`, `at_most`, `non_inferiority_margin`, `superiority_margin`, `equivalence_margin` or `slices`"
            );
            problems.push((path, message));
        }
    }

    fn check_fairness(&self, index: usize, rule: &FairnessRule, problems: &mut Vec<Problem>) {
        let path = format!("gate.fairness[{index}]");
        let comparison = match rule.comparison(self.task) {
            Ok(comparison) => comparison,
            Err((key, message)) => {
                problems.push((format!("{path}.{key}"), message));
                return;
            }
        };
        let name = &comparison.to_string();
        let same = |other: &FairnessRule| {
            other.groups() == rule.groups()
                && other
                    .comparison(self.task)
                    .is_ok_and(|other| other.to_string() == *name)
        };
        if self.fairness[..index].iter().any(same) {
            let message = format!("`{name}` by `{}` is listed twice", rule.groups());
            problems.push((format!("{path}.metric"), message));
        }
        check_columns(&path, rule, problems);
        let limits = Limits {
            name,
            direction: comparison.direction(),
            range: comparison.range(),
        };
        limits.check_bounds(&path, rule.at_least, rule.at_most, problems);
        check_severity(&path, rule.severity, problems);
        if let Some(confidence) = rule.confidence
            && !(0.0 < confidence && confidence < 1.0)
        {
            let message =
                format!("`confidence` is {confidence}, must lie between 0 and 1: 0.95 means 95 %");
            problems.push((format!("{path}.confidence"), message));
        }
        if rule.group_rows_min == Some(0) {
            let message = "`group_rows_min` must be at least 1".to_owned();
            problems.push((format!("{path}.group_rows_min"), message));
        }
        if rule.required().is_none() {
            let side = limits.side();
            problems.push((
                path,
                format!("the rule for `{name}` demands nothing; add {side}"),
            ));
        }
    }
}

/// Columns that make no groups, or are named twice.
fn check_columns(path: &str, rule: &FairnessRule, problems: &mut Vec<Problem>) {
    let by = rule.by.names();
    if by.is_empty() {
        let message = "`by` must name at least one column".to_owned();
        problems.push((format!("{path}.by"), message));
    }
    let all: Vec<&String> = by.iter().chain(&rule.control).collect();
    for (index, column) in all.iter().enumerate() {
        if all[..index].contains(column) {
            let key = if index < by.len() { "by" } else { "control" };
            let message = format!("column `{column}` is listed twice");
            problems.push((format!("{path}.{key}"), message));
        }
    }
    if rule.control.is_empty() && rule.strata != Aggregate::default() {
        let message = "`strata` needs `control` to name their columns".to_owned();
        problems.push((format!("{path}.strata"), message));
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

    fn check_margin(&self, path: &str, margin: &Margin, problems: &mut Vec<Problem>) {
        let (name, key, value) = (self.name, margin.key, margin.value);
        let (least, most) = self.range;
        let smallest = if key == "equivalence_margin" {
            f64::MIN_POSITIVE
        } else {
            0.0
        };
        let fits = margin.relative || value < most - least;
        if !(value.is_finite() && smallest <= value && fits) {
            let says = match key {
                "non_inferiority_margin" => "how much worse",
                "superiority_margin" => "how much better",
                _ => "how different",
            };
            let message = format!(
                "`{key}` is {value}; it says {says} `{name}` may or must be, so it must be at least 0 (above 0 for equivalence) and less than the range of the metric"
            );
            problems.push((path.to_owned(), message));
        }
        if self.direction == Direction::Neither && key != "equivalence_margin" {
            let message = format!(
                "`{name}` is neither better nor worse when it changes: only `equivalence_margin` applies"
            );
            problems.push((path.to_owned(), message));
        }
        if !margin.has_champion {
            let message = format!("`{key}` needs `gate.champion` to compare with");
            problems.push((path.to_owned(), message));
        }
    }
}

/// A margin of a rule, for checking.
struct Margin {
    key: &'static str,
    value: f64,
    relative: bool,
    has_champion: bool,
}

pub(super) fn check_severity(path: &str, severity: Severity, problems: &mut Vec<Problem>) {
    if severity == Severity::Integrity {
        let message =
            "severity `integrity` is kept for signatures and digests; use `error`".to_owned();
        problems.push((format!("{path}.severity"), message));
    }
}

/// The metric of a task closest to a name that is none, as the end of a sentence.
pub(super) fn closest_metric(task: Task, name: &str) -> String {
    let ids: Vec<_> = metrics::of_task(task).map(|metric| metric.id).collect();
    closest(name, &ids)
}

/// The fairness metric closest to a name that is none, as the end of a sentence.
pub(super) fn closest_fairness_metric(name: &str) -> String {
    closest(name, &fairness_ids())
}

pub(super) fn closest(name: &str, ids: &[&str]) -> String {
    let distance = |id: &&&str| strsim::damerau_levenshtein(name, id);
    match ids.iter().min_by_key(distance) {
        // More than half of the letters differ: a guess would mislead.
        Some(id) if strsim::damerau_levenshtein(name, id) * 2 <= id.chars().count() => {
            format!("the closest is `{id}`")
        }
        Some(_) | None => format!("known are `{}`", ids.join("`, `")),
    }
}
