//! Rules on metrics over all rows: bounds, comparisons with the champion, and the record of what nothing
//! is required of.

use super::comparisons::{self, Demand};
use super::requirements::{METRIC_RECORDED, METRIC_THRESHOLD};
use super::slices::{self, Slices};
use super::spec::{MetricRule, bound};
use super::{Gate, found, looks, number, quantity, reason, rows, worst_rows};
use crate::evidence::{Bound, Evidence, Outcome, Reason, Severity, Subject};
use crate::metrics::estimate::Compared;
use crate::metrics::{self, Chosen, Undefined};

/// Judges every rule of the configuration, in its order.
pub(super) fn judge(gate: &Gate<'_>, slices: &Slices) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if gate.spec.metrics.is_empty() && gate.spec.fairness.is_empty() {
        evidence.push(demands_nothing(gate, "the gate", "gate.metrics"));
    }
    evidence.extend(slices::judge_unsliced(gate, slices));
    for (index, rule) in gate.spec.metrics.iter().enumerate() {
        let path = format!("gate.metrics[{index}]");
        let metric = match rule.chosen(gate.spec.task) {
            Ok(metric) => metric,
            Err(problem) => {
                evidence.push(unknown(gate, rule, &path, problem));
                continue;
            }
        };
        let metric = &metric;
        let found = gate.found.of(metric);
        if rule.demands_nothing() {
            let rule = format!("the rule for `{metric}`");
            evidence.push(demands_nothing(gate, &rule, &path));
        }
        if let Some(required) = bound(rule.at_least, rule.at_most) {
            evidence.push(threshold(gate, metric, rule, required, found, &path));
        }
        for demand in Demand::of(rule) {
            let record = comparisons::judge(gate, metric, demand);
            let path = format!("{path}.{}", demand.key());
            let severity = comparisons::severity(gate, metric, &gate.found, rule.severity);
            evidence.push(record.severity(severity).at((gate.locate)(&path)));
        }
        if let Some(of_slices) = &rule.slices {
            let path = format!("{path}.slices");
            let judged = slices::judge(gate, slices, metric, (rule, of_slices), &path);
            evidence.extend(judged);
        }
    }
    evidence
}

/// Records what nothing is required of: the other metrics of the candidate, all of the champion, and
/// on slices those of the rules that say nothing about slices.
pub(super) fn recorded(gate: &Gate<'_>, slices: &Slices) -> Vec<Evidence> {
    let (ruled, shown) = (found::ruled(gate.spec), found::shown(gate.spec));
    let mut evidence = Vec::new();
    for metric in &shown {
        let name = metric.to_string();
        let rule = ruled.iter().find(|(_, chosen)| chosen.to_string() == name);
        if rule.is_none_or(|(rule, _)| bound(rule.at_least, rule.at_most).is_none()) {
            let value = gate.found.candidate(metric);
            evidence.push(record(gate, metric, value, gate.candidate.model()));
        }
        if rule.is_some_and(|(rule, _)| rule.slices.is_none()) {
            evidence.extend(slices::record(gate, slices, metric));
        }
    }
    if let Some(paired) = gate.champion.paired() {
        evidence.extend(shown.iter().filter_map(|metric| {
            let value = gate.found.champion(metric)?;
            Some(record(gate, metric, value, &paired.model))
        }));
    }
    evidence
}

pub(super) fn subject(metric: &dyn std::fmt::Display, model: &str) -> Subject {
    Subject::Metric {
        model: model.to_owned(),
        metric: metric.to_string(),
    }
}

fn record(
    gate: &Gate<'_>,
    metric: &Chosen,
    value: Result<f64, Undefined>,
    model: &str,
) -> Evidence {
    let subject = subject(metric, model);
    let count = gate.candidate.rows();
    match value {
        Ok(value) => {
            let message = format!(
                "{subject} is {} on {}",
                number(value),
                rows(gate.spec.task, count)
            );
            let mut evidence = Evidence::new(METRIC_RECORDED, subject, Outcome::Met, message);
            evidence.observed = Some(quantity(metric.metric, value, count));
            evidence
        }
        Err(undefined) => {
            let message = format!("{subject} is not defined: {undefined}");
            Evidence::not_evaluated(METRIC_RECORDED, subject, reason(&undefined), message)
        }
    }
    .severity(Severity::Info)
}

/// A gate or a rule without a demand. Configuration is checked before; here it must not pass either.
fn demands_nothing(gate: &Gate<'_>, what: &str, path: &str) -> Evidence {
    let subject = Subject::Model {
        model: gate.candidate.model().to_owned(),
    };
    let message = format!("{what} demands nothing, so that nothing was judged");
    Evidence::not_evaluated(METRIC_THRESHOLD, subject, Reason::Unsupported, message)
        .at((gate.locate)(path))
}

fn unknown(gate: &Gate<'_>, rule: &MetricRule, path: &str, problem: (&str, String)) -> Evidence {
    let subject = subject(&rule.metric, gate.candidate.model());
    let (key, message) = problem;
    Evidence::not_evaluated(METRIC_THRESHOLD, subject, Reason::Unsupported, message)
        .severity(rule.severity)
        .at((gate.locate)(&format!("{path}.{key}")))
}

fn threshold(
    gate: &Gate<'_>,
    metric: &Chosen,
    rule: &MetricRule,
    required: Bound,
    found: Option<&Compared>,
    path: &str,
) -> Evidence {
    let subject = subject(metric, gate.candidate.model());
    let key = if rule.at_least.is_some() {
        "at_least"
    } else {
        "at_most"
    };
    let count = gate.candidate.rows();
    let evidence = match gate.found.candidate(metric) {
        Ok(value) => {
            let mut observed = quantity(metric.metric, value, count);
            observed.interval = looks::interval(gate, found);
            let mut message = format!(
                "{subject} is {} on {}, required {required}",
                required.beside(value),
                rows(gate.spec.task, count)
            );
            if let Some(interval) = observed.interval {
                message.push_str(&comparisons::beside(&interval, required));
            }
            if rule.sequential {
                message.push_str(&looks::of_looks(found));
            }
            if let Some(signature) = metrics::text::signature(metric, gate.sample) {
                message.push_str(&format!("; sacrebleu signature `{signature}`"));
            }
            let outcome = match rule.sequential {
                true => required.judge_interval(&observed),
                false => required.judge(&observed),
            };
            let mut evidence = Evidence::new(METRIC_THRESHOLD, subject, outcome, message)
                .measured(observed, required);
            if outcome == Outcome::NotMet {
                evidence.failing_rows = worst_rows::beyond(gate, metric, required);
            }
            evidence
        }
        Err(undefined) => {
            let message = format!("{subject} is not defined: {undefined}; required {required}");
            let mut evidence =
                Evidence::not_evaluated(METRIC_THRESHOLD, subject, reason(&undefined), message);
            evidence.required = Some(required);
            evidence
        }
    };
    evidence
        .severity(rule.severity)
        .at((gate.locate)(&format!("{path}.{key}")))
}
