//! What the metrics of a gate are on some rows, worked out once for everything that asks: bounds,
//! comparisons, records and figures.

use super::comparisons::Demand;
use super::spec::{GateSpec, MetricRule, bound};
use crate::metrics::bootstrap::Plan;
use crate::metrics::estimate::{self, Asked, Compared};
use crate::metrics::{self, Chosen, Sample, Undefined};

/// The metrics of some rows, by their names.
pub(super) struct Found {
    metrics: Vec<(String, Compared)>,
}

impl Found {
    /// Works out what is asked of these rows, which are the same for both models.
    pub(super) fn on(
        asked: &[Asked],
        candidate: &Sample,
        champion: Option<&Sample>,
        spec: &GateSpec,
    ) -> Self {
        let plan = Plan {
            resamples: spec.resamples,
            seed: spec.seed,
        };
        let compared = estimate::compare(asked, candidate, champion, &plan);
        let names = asked.iter().map(|asked| asked.metric.to_string());
        Self {
            metrics: names.zip(compared).collect(),
        }
    }

    /// What was found of a metric.
    pub(super) fn of(&self, metric: &Chosen) -> Option<&Compared> {
        let name = metric.to_string();
        let mut metrics = self.metrics.iter();
        let found = metrics.find(|(of, _)| *of == name);
        found.map(|(_, compared)| compared)
    }

    /// The metric of the candidate.
    pub(super) fn candidate(&self, metric: &Chosen) -> Result<f64, Undefined> {
        let found = self.of(metric);
        found.map_or(Err(Undefined::NoRows), |found| found.value.clone())
    }

    /// The metric of the champion; `None` without one.
    pub(super) fn champion(&self, metric: &Chosen) -> Option<Result<f64, Undefined>> {
        self.of(metric)?.champion.clone()
    }
}

/// The rules of the configuration with their metrics, but for those that name none.
pub(super) fn ruled(spec: &GateSpec) -> Vec<(&MetricRule, Chosen)> {
    let rules = spec.metrics.iter();
    rules
        .filter_map(|rule| Some((rule, rule.chosen(spec.task).ok()?)))
        .collect()
}

/// The metrics reports show of any model of the task, and those of the rules.
pub(super) fn shown(spec: &GateSpec) -> Vec<Chosen> {
    let recorded = metrics::of_task(spec.task).filter(|metric| metric.recorded);
    let recorded = recorded.filter_map(metrics::Metric::plain);
    different(recorded.chain(ruled(spec).into_iter().map(|(_, chosen)| chosen)))
}

fn different(metrics: impl Iterator<Item = Chosen>) -> Vec<Chosen> {
    let mut names: Vec<String> = Vec::new();
    let mut kept = Vec::new();
    for metric in metrics {
        let name = metric.to_string();
        if !names.contains(&name) {
            names.push(name);
            kept.push(metric);
        }
    }
    kept
}

/// What is asked of all rows.
pub(super) fn of_all_rows(spec: &GateSpec) -> Vec<Asked> {
    asked(spec, shown(spec), |rule| Needs {
        interval: bound(rule.at_least, rule.at_most).is_some(),
        gain: Demand::of(rule).next().is_some(),
        sequential: rule.sequential,
    })
}

/// What is asked of a slice; of one that is not judged, only the values.
pub(super) fn of_slice(spec: &GateSpec, judged: bool) -> Vec<Asked> {
    let metrics = different(ruled(spec).into_iter().map(|(_, chosen)| chosen));
    asked(spec, metrics, |rule| Needs {
        // Only one that holds at repeated looks decides on a slice.
        interval: judged && rule.sequential,
        sequential: judged && rule.sequential,
        gain: judged
            && rule
                .slices
                .as_ref()
                .is_some_and(|slices| slices.non_inferiority_margin.is_some()),
    })
}

/// What a rule needs to know besides values.
struct Needs {
    interval: bool,
    gain: bool,
    sequential: bool,
}

fn asked(
    spec: &GateSpec,
    metrics: Vec<Chosen>,
    needs: impl Fn(&MetricRule) -> Needs,
) -> Vec<Asked> {
    let rules = ruled(spec);
    let mut asked: Vec<Asked> = metrics.into_iter().map(Asked::values).collect();
    for asked in &mut asked {
        let name = asked.metric.to_string();
        let rules = rules
            .iter()
            .filter(|(_, chosen)| chosen.to_string() == name);
        for needs in rules.map(|(rule, _)| needs(rule)) {
            asked.interval |= needs.interval;
            asked.gain |= needs.gain;
            asked.sequential |= needs.sequential;
        }
    }
    asked
}
