//! The parts of the rows that share a value of a column, of several columns together or a window of time,
//! and what is required of a metric on each.

use super::comparisons::{self, Demand};
use super::crossings::{group, rows_by_values};
use super::found::Found;
use super::requirements::{METRIC_RECORDED, SLICE_SIZE, SLICE_THRESHOLD};
use super::spec::{MetricRule, SliceRule, bound};
use super::{Gate, found, looks, number, quantity, reason, rows};
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Severity, Subject};
use crate::metrics::{Answers, Chosen, Sample};

/// Slices of all columns and windows together: each has a record for each rule.
const SLICES_MAX: usize = 1000;

/// All slices of all columns, and the columns that could not be sliced.
pub(super) struct Slices {
    /// The slices by column in the order of the configuration, by value within, the missing one last; then
    /// the windows of time.
    pub(super) slices: Vec<Slice>,
    unsliced: Vec<Unsliced>,
}

/// The rows that share a value of a column, or of several.
pub(super) struct Slice {
    /// `column=value`, or `column=value,other=value`.
    pub(super) name: String,
    /// How many they are.
    pub(super) rows: u64,
    /// The metrics of the rules on them.
    pub(super) found: Found,
    holds_one_class: bool,
}

/// A column that could not be sliced.
struct Unsliced {
    column: String,
    path: String,
    reason: Reason,
    message: String,
}

/// Whether a binary label takes one value only, so that most metrics say nothing.
fn holds_one_class(sample: &Sample) -> bool {
    match sample.answers() {
        Answers::Binary(binary) => {
            let positives = binary.label().iter().filter(|label| **label).count();
            positives == 0 || positives == sample.len()
        }
        Answers::Multiclass(_)
        | Answers::Regression(_)
        | Answers::Multilabel(_)
        | Answers::Text(_)
        | Answers::Ranking(_)
        | Answers::Forecasting(_)
        | Answers::Detection(_) => false,
    }
}

/// Cuts the rows by every column, every crossing of columns and the windows of the configuration.
pub(super) fn slices(gate: &Gate<'_>) -> Slices {
    let mut all = Slices {
        slices: Vec::new(),
        unsliced: Vec::new(),
    };
    for (index, by) in gate.spec.slices.iter().enumerate() {
        let path = format!("gate.slices[{index}]");
        all.add(gate, &by.to_string(), path, rows_by_values(gate, by));
    }
    if let Some(windows) = &gate.spec.windows {
        let column = &windows.by;
        let found = group(gate, column).and_then(|groups| windows.rows_by_window(groups));
        all.add(gate, column, "gate.windows.by".to_owned(), found);
    }
    all
}

/// The name of every slice with the indices of its rows.
pub(super) type RowsBySlice = Vec<(String, Vec<u32>)>;

/// Why a column makes no slices.
pub(super) type NotSliced = (Reason, String);

impl Slices {
    fn add(
        &mut self,
        gate: &Gate<'_>,
        column: &str,
        path: String,
        found: Result<RowsBySlice, NotSliced>,
    ) {
        let found = found.and_then(|found| {
            let count = self.slices.len() + found.len();
            if SLICES_MAX < count {
                let message = format!(
                    "with those of `{column}` there are {count} slices, at most {SLICES_MAX} are judged"
                );
                return Err((Reason::Unsupported, message));
            }
            Ok(found)
        });
        match found {
            Ok(found) => {
                let slice = |(name, rows): (String, Vec<u32>)| cut(gate, name, &rows);
                self.slices.extend(found.into_iter().map(slice));
            }
            Err((reason, message)) => self.unsliced.push(Unsliced {
                column: column.to_owned(),
                path,
                reason,
                message,
            }),
        }
    }
}

/// Works out the metrics of the rules on one slice. Its rows are not kept: all slices of a column
/// together are as large as the file.
fn cut(gate: &Gate<'_>, name: String, rows: &[u32]) -> Slice {
    let sample = gate.sample.select(rows);
    let champion = gate.champion.paired();
    let champion = champion.map(|paired| paired.sample.select(rows));
    let rows = sample.len() as u64;
    let holds_one_class = holds_one_class(&sample);
    let judged = gate.spec.slice_rows_min <= rows && !holds_one_class;
    let asked = found::of_slice(gate.spec, judged);
    Slice {
        name,
        rows,
        found: Found::on(&asked, &sample, champion.as_ref(), gate.spec),
        holds_one_class,
    }
}

/// Judges one metric on every slice.
pub(super) fn judge(
    gate: &Gate<'_>,
    slices: &Slices,
    metric: &Chosen,
    (whole, rule): (&MetricRule, &SliceRule),
    path: &str,
) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    let mut compared = Vec::new();
    for slice in &slices.slices {
        let size = slice_size(gate, slice, metric, rule).at((gate.locate)("gate.slice_rows_min"));
        let big_enough = size.outcome == Outcome::Met;
        evidence.push(size);
        if !big_enough {
            continue;
        }
        compared.push(slice);
        if rule.non_inferiority_margin.is_none() || bound(rule.at_least, rule.at_most).is_some() {
            evidence.push(slice_threshold(gate, slice, metric, (whole, rule), path));
        }
    }
    if let Some(margin) = rule.non_inferiority_margin {
        let relative = whole.relative_margins;
        let demand = Demand::NotWorse { margin, relative };
        let path = format!("{path}.{}", demand.key());
        let judged = comparisons::judge_slices(gate, metric, &compared, demand, rule.correction);
        evidence.extend(judged.into_iter().zip(&compared).map(|(record, slice)| {
            let severity = comparisons::severity(gate, metric, &slice.found, rule.severity);
            record.severity(severity).at((gate.locate)(&path))
        }));
    }
    evidence
}

pub(super) fn subject(gate: &Gate<'_>, metric: &dyn std::fmt::Display, slice: &str) -> Subject {
    Subject::Slice {
        model: gate.candidate.model().to_owned(),
        metric: metric.to_string(),
        slice: slice.to_owned(),
    }
}

fn slice_size(gate: &Gate<'_>, slice: &Slice, metric: &Chosen, rule: &SliceRule) -> Evidence {
    let needed = gate.spec.slice_rows_min;
    let observed = Quantity::rows(slice.rows).of(slice.rows);
    let bound = Bound::AtLeast(needed as f64);
    let enough = bound.judge(&observed);
    let both_classes = !slice.holds_one_class;
    let outcome = match (enough, both_classes) {
        (Outcome::Met, true) => Outcome::Met,
        // Too small is no verdict on the model.
        (Outcome::Met, false) | (Outcome::NotMet | Outcome::NotEvaluated(_), _) => {
            Outcome::NotEvaluated(Reason::TooFewRows)
        }
    };
    let mut message = format!(
        "slice `{}` holds {}, required at least {needed}",
        slice.name,
        rows(gate.spec.task, slice.rows)
    );
    if enough == Outcome::Met && !both_classes {
        message.push_str(" and both classes, but it holds one");
    }
    if outcome != Outcome::Met {
        message.push_str(&format!("; `{metric}` is not judged on it"));
        if enough != Outcome::Met {
            let all = gate.candidate.rows();
            message.push_str(&format!(
                "; about {} in all would hold {needed} of it, {all} are here",
                rows(gate.spec.task, rows_in_all(all, slice.rows, needed))
            ));
        }
        if Severity::Error <= rule.severity {
            message.push_str("; this blocks, because the rule has severity `error`");
        }
    }
    Evidence::new(
        SLICE_SIZE,
        subject(gate, metric, &slice.name),
        outcome,
        message,
    )
    .severity(rule.severity)
    .measured(observed, bound)
}

/// Rows of the whole that hold `needed` of a slice which has `found` ≥ 1 of `all`.
fn rows_in_all(all: u64, found: u64, needed: u64) -> u64 {
    let product = u128::from(all) * u128::from(needed);
    u64::try_from(product.div_ceil(u128::from(found.max(1)))).unwrap_or(u64::MAX)
}

fn slice_threshold(
    gate: &Gate<'_>,
    slice: &Slice,
    metric: &Chosen,
    (whole, rule): (&MetricRule, &SliceRule),
    path: &str,
) -> Evidence {
    let subject = subject(gate, metric, &slice.name);
    let Some(required) = bound(rule.at_least, rule.at_most) else {
        let message = format!("the rule for `{metric}` on slices demands nothing");
        return Evidence::not_evaluated(SLICE_THRESHOLD, subject, Reason::Unsupported, message)
            .severity(rule.severity)
            .at((gate.locate)(path));
    };
    let key = if rule.at_least.is_some() {
        "at_least"
    } else {
        "at_most"
    };
    let evidence = match slice.found.candidate(metric) {
        Ok(value) => {
            let mut observed = quantity(metric.metric, value, slice.rows);
            let mut message = format!(
                "{subject} is {} on {}, required {required}",
                required.beside(value),
                rows(gate.spec.task, slice.rows)
            );
            let outcome = match whole.sequential {
                true => {
                    let found = slice.found.of(metric);
                    observed.interval = looks::interval(gate, found);
                    if let Some(interval) = observed.interval {
                        message.push_str(&comparisons::beside(&interval, required));
                    }
                    message.push_str(&looks::of_looks(found));
                    required.judge_interval(&observed)
                }
                false => required.judge(&observed),
            };
            Evidence::new(SLICE_THRESHOLD, subject, outcome, message).measured(observed, required)
        }
        Err(undefined) => {
            let message = format!("{subject} is not defined: {undefined}; required {required}");
            let mut evidence =
                Evidence::not_evaluated(SLICE_THRESHOLD, subject, reason(&undefined), message);
            evidence.required = Some(required);
            evidence
        }
    };
    evidence
        .severity(rule.severity)
        .at((gate.locate)(&format!("{path}.{key}")))
}

/// A record for every column that could not be sliced, so that a misspelt one does not go unnoticed.
pub(super) fn judge_unsliced(gate: &Gate<'_>, slices: &Slices) -> Vec<Evidence> {
    let mut ruled: Vec<(&str, Severity)> =
        gate.spec.metrics.iter().filter_map(with_slices).collect();
    if ruled.is_empty() {
        let first = gate.spec.metrics.first();
        ruled.extend(first.map(|rule| (rule.metric.as_str(), Severity::Error)));
    }
    let mut evidence = Vec::new();
    for (metric, severity) in ruled {
        evidence.extend(slices.unsliced.iter().map(|unsliced| {
            let subject = subject(gate, &metric, &unsliced.column);
            Evidence::not_evaluated(
                SLICE_SIZE,
                subject,
                unsliced.reason,
                unsliced.message.clone(),
            )
            .severity(severity)
            .at((gate.locate)(&unsliced.path))
        }));
    }
    evidence
}

fn with_slices(rule: &MetricRule) -> Option<(&str, Severity)> {
    let slices = rule.slices.as_ref()?;
    Some((rule.metric.as_str(), slices.severity))
}

/// Records one metric on every slice, when nothing is required of it there.
pub(super) fn record(gate: &Gate<'_>, slices: &Slices, metric: &Chosen) -> Vec<Evidence> {
    let on = |slice: &Slice| {
        let subject = subject(gate, metric, &slice.name);
        match slice.found.candidate(metric) {
            Ok(value) => {
                let message = format!(
                    "{subject} is {} on {}",
                    number(value),
                    rows(gate.spec.task, slice.rows)
                );
                let mut evidence = Evidence::new(METRIC_RECORDED, subject, Outcome::Met, message);
                evidence.observed = Some(quantity(metric.metric, value, slice.rows));
                evidence
            }
            Err(undefined) => {
                let message = format!("{subject} is not defined: {undefined}");
                Evidence::not_evaluated(METRIC_RECORDED, subject, reason(&undefined), message)
            }
        }
        .severity(Severity::Info)
    };
    slices.slices.iter().map(on).collect()
}
