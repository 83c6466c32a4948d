//! Rules on metrics over all rows: bounds, non-inferiority against the champion, and the record of
//! what nothing is required of.

use super::pairing::Paired;
use super::problems::closest_metric;
use super::requirements::{METRIC_RECORDED, METRIC_REGRESSION, METRIC_THRESHOLD};
use super::slices::{self, Slices};
use super::spec::{MetricRule, bound};
use super::{Champion, Gate, number, quantity, reason, rows};
use crate::evidence::{Bound, Evidence, Interval, Outcome, Quantity, Reason, Severity, Subject};
use crate::metrics::bootstrap::{self, Estimate, Plan};
use crate::metrics::{self, Chosen, Direction, Sample};

/// Judges every rule of the configuration, in its order.
pub(super) fn judge(gate: &Gate<'_>, slices: &Slices) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if gate.spec.metrics.is_empty() && gate.spec.fairness.is_empty() {
        evidence.push(demands_nothing(gate, "the gate", "gate.metrics"));
    }
    evidence.extend(slices::judge_unsliced(gate, slices));
    let estimates = estimates(gate);
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
        let estimate = estimates.iter().find(|(of, _)| *of == index);
        let estimate = estimate.map(|(_, estimate)| estimate);
        if rule.demands_nothing() {
            let rule = format!("the rule for `{metric}`");
            evidence.push(demands_nothing(gate, &rule, &path));
        }
        if let Some(required) = bound(rule.at_least, rule.at_most) {
            evidence.push(threshold(gate, metric, rule, required, estimate, &path));
        }
        if let Some(margin) = rule.non_inferiority_margin {
            let record = regression(gate, metric, margin, estimate);
            let path = format!("{path}.non_inferiority_margin");
            evidence.push(record.severity(rule.severity).at((gate.locate)(&path)));
        }
        if let Some(rule) = &rule.slices {
            let path = format!("{path}.slices");
            evidence.extend(slices::judge(gate, slices, metric, rule, &path));
        }
    }
    evidence
}

/// The rules of the configuration with their metrics, but for those that name none.
fn ruled<'a>(gate: &Gate<'a>) -> Vec<(&'a MetricRule, Chosen)> {
    let rules = gate.spec.metrics.iter();
    rules
        .filter_map(|rule| Some((rule, rule.chosen(gate.spec.task).ok()?)))
        .collect()
}

/// The metrics reports show of any model of the task, and those of the rules.
fn shown(gate: &Gate<'_>) -> Vec<Chosen> {
    let recorded = metrics::of_task(gate.spec.task).filter(|metric| metric.recorded);
    let mut shown: Vec<Chosen> = recorded.filter_map(metrics::Metric::plain).collect();
    for (_, chosen) in ruled(gate) {
        let name = chosen.to_string();
        if shown.iter().all(|metric| metric.to_string() != name) {
            shown.push(chosen);
        }
    }
    shown
}

/// Records what nothing is required of: the other metrics of the candidate, all of the champion, and
/// on slices those of the rules that say nothing about slices.
pub(super) fn recorded(gate: &Gate<'_>, slices: &Slices) -> Vec<Evidence> {
    let ruled = ruled(gate);
    let mut evidence = Vec::new();
    for metric in shown(gate) {
        let name = metric.to_string();
        let rule = ruled.iter().find(|(_, chosen)| chosen.to_string() == name);
        if rule.is_none_or(|(rule, _)| bound(rule.at_least, rule.at_most).is_none()) {
            evidence.push(record(&metric, gate.sample, gate.candidate.model()));
        }
        if rule.is_some_and(|(rule, _)| rule.slices.is_none()) {
            evidence.extend(slices::record(gate, slices, &metric));
        }
    }
    if let Some(paired) = gate.champion.paired() {
        let of_champion = shown(gate)
            .iter()
            .map(|metric| record(metric, &paired.sample, &paired.model))
            .collect::<Vec<_>>();
        evidence.extend(of_champion);
    }
    evidence
}

fn subject(metric: &dyn std::fmt::Display, model: &str) -> Subject {
    Subject::Metric {
        model: model.to_owned(),
        metric: metric.to_string(),
    }
}

fn record(metric: &Chosen, sample: &Sample, model: &str) -> Evidence {
    let subject = subject(metric, model);
    let count = sample.len() as u64;
    match metric.compute(sample) {
        Ok(value) => {
            let message = format!("{subject} is {} on {}", number(value), rows(count));
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
    estimate: Option<&Estimate>,
    path: &str,
) -> Evidence {
    let subject = subject(metric, gate.candidate.model());
    let key = if rule.at_least.is_some() {
        "at_least"
    } else {
        "at_most"
    };
    let count = gate.candidate.rows();
    let evidence = match metric.compute(gate.sample) {
        Ok(value) => {
            let mut observed = quantity(metric.metric, value, count);
            observed.interval = estimate.and_then(|estimate| estimate.candidate.clone().ok());
            let message = format!(
                "{subject} is {} on {}, required {required}",
                required.beside(value),
                rows(count)
            );
            Evidence::new(
                METRIC_THRESHOLD,
                subject,
                required.judge(&observed),
                message,
            )
            .measured(observed, required)
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

/// Bootstraps, in one go, the metrics that are compared with the champion; each with the place of its
/// rule.
fn estimates(gate: &Gate<'_>) -> Vec<(usize, Estimate)> {
    let Some(paired) = gate.champion.paired() else {
        return Vec::new();
    };
    let rules = gate.spec.metrics.iter().enumerate();
    let compared = rules.filter(|(_, rule)| rule.non_inferiority_margin.is_some());
    let chosen = compared.filter_map(|(index, rule)| {
        let metric = rule.chosen(gate.spec.task).ok()?;
        Some((index, metric))
    });
    let (places, compared): (Vec<usize>, Vec<Chosen>) = chosen.unzip();
    if compared.is_empty() {
        return Vec::new();
    }
    let plan = Plan {
        resamples: gate.spec.resamples,
        seed: gate.spec.seed,
        confidence: gate.spec.confidence,
    };
    let estimates = bootstrap::estimate(&compared, gate.sample, Some(&paired.sample), &plan);
    places.into_iter().zip(estimates).collect()
}

fn regression(
    gate: &Gate<'_>,
    metric: &Chosen,
    margin: f64,
    estimate: Option<&Estimate>,
) -> Evidence {
    let required = Bound::AtLeast(-margin);
    match compare(gate, metric, estimate) {
        Ok(comparison) => judge_comparison(gate, metric, &comparison, required),
        Err((reason, why)) => {
            let subject = subject(metric, gate.candidate.model());
            let message = format!(
                "{subject} is not compared with the champion: {why}; required a difference of {required}"
            );
            let mut evidence = Evidence::not_evaluated(METRIC_REGRESSION, subject, reason, message);
            evidence.required = Some(required);
            evidence
        }
    }
}

/// Both values of a metric and their difference, positive when the candidate is better.
struct Comparison<'a> {
    candidate: f64,
    champion: f64,
    champion_name: &'a str,
    difference: Quantity,
    interval: Interval,
}

fn compare<'a>(
    gate: &Gate<'a>,
    metric: &Chosen,
    estimate: Option<&Estimate>,
) -> Result<Comparison<'a>, (Reason, String)> {
    let paired: &'a Paired = match gate.champion {
        Champion::Missing => {
            return Err((
                Reason::MissingInput,
                "there are no predictions of a champion".to_owned(),
            ));
        }
        Champion::Unpaired => {
            return Err((
                Reason::EarlierStep,
                "the two files are not about the same rows".to_owned(),
            ));
        }
        Champion::Paired(paired) => paired,
    };
    let flipped = match metric.metric.direction {
        Direction::HigherIsBetter => false,
        Direction::LowerIsBetter => true,
        Direction::Neither => {
            let why = "it is neither better nor worse when it changes".to_owned();
            return Err((Reason::Unsupported, why));
        }
    };
    let value = |sample: &Sample, model: &str| {
        metric.compute(sample).map_err(|undefined| {
            (
                reason(&undefined),
                format!("it is not defined for `{model}`: {undefined}"),
            )
        })
    };
    let candidate = value(gate.sample, gate.candidate.model())?;
    let champion = value(&paired.sample, &paired.model)?;
    let interval = match estimate.and_then(|estimate| estimate.difference.clone()) {
        Some(Ok(interval)) => interval,
        Some(Err(undefined)) => return Err((reason(&undefined), undefined.to_string())),
        None => return Err((Reason::Undefined, "no interval was computed".to_owned())),
    };
    let interval = if flipped { negated(interval) } else { interval };
    let difference = if flipped {
        champion - candidate
    } else {
        candidate - champion
    };
    let mut difference = quantity(metric.metric, difference, gate.candidate.rows());
    difference.interval = Some(interval);
    Ok(Comparison {
        candidate,
        champion,
        champion_name: &paired.model,
        difference,
        interval,
    })
}

fn negated(interval: Interval) -> Interval {
    Interval {
        lower: -interval.upper,
        upper: -interval.lower,
        level: interval.level,
    }
}

fn judge_comparison(
    gate: &Gate<'_>,
    metric: &Chosen,
    comparison: &Comparison<'_>,
    required: Bound,
) -> Evidence {
    let subject = subject(metric, gate.candidate.model());
    let outcome = required.judge_interval(&comparison.difference);
    let mut message = format!(
        "{subject} is {}, of champion `{}` {}: difference {} ({} % interval {} to {}, positive is better), required {required}",
        number(comparison.candidate),
        comparison.champion_name,
        number(comparison.champion),
        number(comparison.difference.value),
        number(comparison.interval.level * 100.0),
        number(comparison.interval.lower),
        number(comparison.interval.upper),
    );
    let undecided = outcome == Outcome::NotEvaluated(Reason::TooFewRows);
    let needed = rows_to_decide(comparison, required).filter(|_| undecided);
    if let Some(needed) = needed {
        message.push_str(&format!(
            "; about {} would decide, {} are here",
            rows(needed),
            gate.candidate.rows()
        ));
    }
    let evidence = Evidence::new(METRIC_REGRESSION, subject, outcome, message)
        .measured(comparison.difference, required);
    match needed {
        Some(needed) => evidence.remedy(format!(
            "Evaluate both models on about {}, or widen `non_inferiority_margin`.",
            rows(needed)
        )),
        None => evidence,
    }
}

/// Rows at which an interval, shrinking with the root of their number around the same difference,
/// would just leave the threshold; to two digits, as it is a guess. `None` when the difference lies on
/// the threshold, where no number of rows would do.
fn rows_to_decide(comparison: &Comparison<'_>, required: Bound) -> Option<u64> {
    let (threshold, _) = required.thresholds();
    let value = comparison.difference.value;
    let distance = (value - threshold).abs();
    let half_width = if threshold <= value {
        value - comparison.interval.lower
    } else {
        comparison.interval.upper - value
    };
    let rows = comparison.difference.sample_count? as f64 * (half_width / distance).powi(2);
    // Beyond a million million rows the answer is "never".
    if !(rows.is_finite() && rows < 1e12) {
        return None;
    }
    let step = 10_f64.powf((rows.max(1.0).log10().floor() - 1.0).max(0.0));
    Some(((rows / step).ceil() * step) as u64)
}
