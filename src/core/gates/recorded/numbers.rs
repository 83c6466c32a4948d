//! Bounds on recorded numbers, and the record of the others.

use super::spec::RecordedRule;
use super::{Judged, comparison};
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Severity, Unit};
use crate::gates::comparisons::beside;
use crate::gates::requirements::{RECORDED_METRIC, RECORDED_THRESHOLD};
use crate::gates::spec::bound;
use crate::gates::{number, problems};
use crate::recorded::{RecordedMetric, Recording, Uncertainty};
use crate::statistics::{Estimate, mean};

/// Numbers of one recording that are listed without a rule; more would bury those that matter.
const LISTED_MAX: usize = 100;

/// A number with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Number {
    /// The number; NaN where the system recorded that it has none.
    pub(super) value: f64,
    pub(super) unit: Unit,
    pub(super) rows: Option<u64>,
    pub(super) uncertainty: Option<Uncertainty>,
}

/// The number a rule asks for: as it was recorded, else the mean over the cases.
pub(super) fn number_of(recording: &Recording, rule: &RecordedRule) -> Result<Number, String> {
    if let Some(metric) = recording.metric(&rule.metric, rule.slice.as_deref()) {
        return Ok(Number::of(metric));
    }
    let cases = recording.cases.as_ref();
    let column = cases.and_then(|cases| cases.column(&rule.metric));
    if let (None, Some(column)) = (&rule.slice, column) {
        if 0 < column.without() {
            return Err(format!(
                "{} of its cases have no value, as {} recorded them",
                column.without(),
                recording.origin()
            ));
        }
        let values: Vec<f64> = column.of_case().values().copied().collect();
        if values.is_empty() {
            return Err(format!("there is no case of it in {}", recording.origin()));
        }
        let error = mean::mean(&mean::Rows::of(&values)).ok();
        return Ok(Number {
            value: values.iter().sum::<f64>() / values.len() as f64,
            unit: Unit::Number,
            rows: Some(values.len() as u64),
            uncertainty: error.map(|error| Uncertainty::StandardError(error.standard_error)),
        });
    }
    Err(missing(recording, rule))
}

/// Says what there is instead.
fn missing(recording: &Recording, rule: &RecordedRule) -> String {
    let of_metrics = recording.metrics.iter().map(|metric| match &metric.slice {
        None => metric.name.clone(),
        Some(slice) => format!("{} on {slice}", metric.name),
    });
    let of_cases = recording
        .cases
        .iter()
        .flat_map(|cases| cases.columns().map(|(name, _)| name.to_owned()));
    let mut names: Vec<String> = of_metrics.chain(of_cases).collect();
    names.sort_unstable();
    names.dedup();
    let asked = rule.asked();
    let origin = recording.origin();
    if names.is_empty() {
        return format!("{origin} recorded no numbers");
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!(
        "{origin} recorded no `{asked}`; {}",
        problems::closest(&asked, &names)
    )
}

impl Number {
    fn of(metric: &RecordedMetric) -> Self {
        Self {
            value: metric.value,
            unit: metric.unit,
            rows: metric.rows,
            uncertainty: metric.uncertainty,
        }
    }

    /// The number as evidence carries it, with an interval of the confidence asked for where a standard
    /// error is known, or as it was recorded.
    pub(super) fn quantity(&self, confidence: f64) -> Quantity {
        let mut quantity = Quantity::new(self.value, self.unit);
        quantity.sample_count = self.rows;
        match self.uncertainty {
            None => quantity,
            Some(Uncertainty::Interval {
                lower,
                upper,
                level,
            }) => quantity.within(lower, upper, level),
            Some(Uncertainty::StandardError(error)) => {
                match Estimate::normal(self.value, error).interval(confidence) {
                    Ok(found) => quantity.within(found.lower, found.upper, confidence),
                    Err(_) => quantity,
                }
            }
        }
    }
}

/// Judges every rule, and records what nothing is required of.
pub(super) fn judge(judged: &Judged<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    let candidate = judged.recorded.candidate;
    for (index, rule) in judged.spec.metrics.iter().enumerate() {
        let key = format!("metrics[{index}]");
        let found = number_of(candidate, rule);
        if let Some(required) = bound(rule.at_least, rule.at_most) {
            evidence.push(threshold(judged, rule, required, &found, &key));
        }
        evidence.extend(comparison::judge(judged, rule, &found, &key));
    }
    let ruled = |metric: &RecordedMetric| {
        judged
            .spec
            .metrics
            .iter()
            .any(|rule| rule.metric == metric.name && rule.slice == metric.slice)
    };
    let others = candidate.metrics.iter().filter(|metric| !ruled(metric));
    evidence.extend(others.take(LISTED_MAX).map(|metric| record(judged, metric)));
    evidence
}

fn threshold(
    judged: &Judged<'_>,
    rule: &RecordedRule,
    required: Bound,
    found: &Result<Number, String>,
    key: &str,
) -> Evidence {
    let subject = judged.subject(&rule.metric, rule.slice.as_deref());
    let evidence = match found {
        Ok(found) => {
            let observed = found.quantity(judged.confidence);
            let mut message = format!(
                "{subject} is {}, as {} recorded it; required {required}",
                required.beside(found.value),
                judged.recorded.candidate.origin()
            );
            if let Some(interval) = observed.interval {
                message.push_str(&beside(&interval, required));
            }
            let outcome = required.judge(&observed);
            Evidence::new(RECORDED_THRESHOLD, subject, outcome, message)
                .measured(observed, required)
        }
        Err(why) => {
            let message = format!("{subject} is not known: {why}; required {required}");
            let reason = Reason::MissingInput;
            let mut evidence =
                Evidence::not_evaluated(RECORDED_THRESHOLD, subject, reason, message);
            evidence.required = Some(required);
            evidence
        }
    };
    let side = match rule.at_least {
        Some(_) => "at_least",
        None => "at_most",
    };
    let location = judged.location(&format!("{key}.{side}"));
    evidence.severity(rule.severity).at(location)
}

fn record(judged: &Judged<'_>, metric: &RecordedMetric) -> Evidence {
    let subject = judged.subject(&metric.name, metric.slice.as_deref());
    let origin = judged.recorded.candidate.origin();
    let observed = Number::of(metric).quantity(judged.confidence);
    let evidence = if metric.value.is_finite() {
        let message = format!(
            "{subject} is {}, as {origin} recorded it",
            number(metric.value)
        );
        Evidence::new(RECORDED_METRIC, subject, Outcome::Met, message)
    } else {
        let message = format!("{subject} is not a finite number, as {origin} recorded it");
        Evidence::not_evaluated(RECORDED_METRIC, subject, Reason::Undefined, message)
    };
    Evidence {
        observed: Some(observed),
        ..evidence
    }
    .severity(Severity::Info)
}
