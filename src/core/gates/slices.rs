//! The parts of the rows that share a value of a column, of several columns together or a window of time,
//! and what is required of a metric on each.

use std::collections::{BTreeMap, HashMap};

use super::comparisons::{self, Demand};
use super::requirements::{METRIC_RECORDED, SLICE_SIZE, SLICE_THRESHOLD};
use super::spec::{MetricRule, SliceBy, SliceRule, bound};
use super::{Gate, number, quantity, reason, rows};
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Severity, Subject};
use crate::metrics::fairness::MISSING;
use crate::metrics::{Answers, Chosen, Sample};

/// Values of one column that make slices. A column with more is a key or a measurement, and a report
/// with thousands of slices is read by nobody.
pub(super) const VALUES_MAX: usize = 200;

/// Slices of all columns and windows together: each holds a copy of its rows and has a record for each
/// rule.
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
    /// What the candidate says of them.
    pub(super) sample: Sample,
    /// What the champion says of them.
    pub(super) champion: Option<Sample>,
}

/// A column that could not be sliced.
struct Unsliced {
    column: String,
    path: String,
    reason: Reason,
    message: String,
}

impl Slice {
    pub(super) fn rows(&self) -> u64 {
        self.sample.len() as u64
    }

    /// Whether a binary label takes one value only, so that most metrics say nothing.
    fn holds_one_class(&self) -> bool {
        match self.sample.answers() {
            Answers::Binary(binary) => {
                let positives = binary.label().iter().filter(|label| **label).count();
                positives == 0 || positives == self.sample.len()
            }
            Answers::Multiclass(_) | Answers::Regression(_) => false,
        }
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
        let found = group(gate, column).and_then(|values| windows.rows_by_window(values));
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

/// The values of a column of the candidate.
pub(super) fn group<'a>(gate: &Gate<'a>, column: &str) -> Result<&'a [Option<String>], NotSliced> {
    gate.candidate.group(column).ok_or_else(|| {
        let message = format!(
            "the predictions of `{}` have no column `{column}`",
            gate.candidate.model()
        );
        (Reason::MissingInput, message)
    })
}

/// A column as the place of each row's value among the distinct ones.
pub(super) struct Coded<'a> {
    /// The distinct values in their order, the missing one last.
    pub(super) values: Vec<&'a str>,
    /// Which of them each row has.
    pub(super) codes: Vec<u32>,
}

impl<'a> Coded<'a> {
    /// Numbers the distinct values.
    pub(super) fn of(values: &'a [Option<String>]) -> Self {
        let mut places: HashMap<(bool, &str), u32> = HashMap::new();
        let mut codes = Vec::with_capacity(values.len());
        for value in values {
            let key = (value.is_none(), value.as_deref().unwrap_or(MISSING));
            let next = places.len() as u32;
            codes.push(*places.entry(key).or_insert(next));
        }
        let mut seen: Vec<_> = places.into_iter().collect();
        seen.sort_unstable();
        let mut ranks = vec![0; seen.len()];
        for (rank, (_, place)) in seen.iter().enumerate() {
            ranks[*place as usize] = rank as u32;
        }
        for code in &mut codes {
            *code = ranks[*code as usize];
        }
        Self {
            values: seen.into_iter().map(|((_, value), _)| value).collect(),
            codes,
        }
    }
}

fn rows_by_values(gate: &Gate<'_>, by: &SliceBy) -> Result<RowsBySlice, NotSliced> {
    let mut columns = Vec::new();
    for column in by.columns() {
        let coded = Coded::of(group(gate, column)?);
        if VALUES_MAX < coded.values.len() {
            let message = format!(
                "column `{column}` has {} values, at most {VALUES_MAX} can be slices",
                coded.values.len()
            );
            return Err((Reason::Unsupported, message));
        }
        columns.push((column.as_str(), coded));
    }
    // At most 200 values in each of at most four columns: all codes together fit.
    let mut rows: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for row in 0..gate.sample.len() {
        let code = columns.iter().fold(0, |code, (_, column)| {
            code * column.values.len() as u64 + u64::from(column.codes[row])
        });
        rows.entry(code).or_default().push(row as u32);
    }
    if VALUES_MAX < rows.len() {
        let message = format!(
            "columns `{by}` have {} combinations of values, at most {VALUES_MAX} can be slices",
            rows.len()
        );
        return Err((Reason::Unsupported, message));
    }
    // A value with a comma could otherwise be taken for a crossing.
    let crossed = gate.spec.slices.iter().any(|by| 1 < by.columns().len());
    let named = rows.into_values().map(|rows| {
        let first = rows.first().map_or(0, |row| *row as usize);
        let part = |(column, coded): &(&str, Coded<'_>)| {
            named(column, coded.values[coded.codes[first] as usize], crossed)
        };
        let parts: Vec<String> = columns.iter().map(part).collect();
        (parts.join(","), rows)
    });
    Ok(named.collect())
}

/// `column=value`; with `crossed`, a value that holds a comma stands in quotes.
pub(super) fn named(column: &str, value: &str, crossed: bool) -> String {
    if crossed && value.contains(',') {
        format!("{column}={value:?}")
    } else {
        format!("{column}={value}")
    }
}

fn cut(gate: &Gate<'_>, name: String, rows: &[u32]) -> Slice {
    let champion = gate.champion.paired();
    Slice {
        name,
        sample: gate.sample.select(rows),
        champion: champion.map(|paired| paired.sample.select(rows)),
    }
}

/// Judges one metric on every slice.
pub(super) fn judge(
    gate: &Gate<'_>,
    slices: &Slices,
    metric: &Chosen,
    rule: &SliceRule,
    relative: bool,
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
            evidence.push(slice_threshold(gate, slice, metric, rule, path));
        }
    }
    if let Some(margin) = rule.non_inferiority_margin {
        let demand = Demand::NotWorse { margin, relative };
        let path = format!("{path}.{}", demand.key());
        let judged = comparisons::judge_slices(gate, metric, &compared, demand, rule.correction);
        evidence.extend(
            judged
                .into_iter()
                .map(|record| record.severity(rule.severity).at((gate.locate)(&path))),
        );
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
    let observed = Quantity::rows(slice.rows()).of(slice.rows());
    let bound = Bound::AtLeast(needed as f64);
    let enough = bound.judge(&observed);
    let both_classes = !slice.holds_one_class();
    let outcome = match (enough, both_classes) {
        (Outcome::Met, true) => Outcome::Met,
        // Too small is no verdict on the model.
        (Outcome::Met, false) | (Outcome::NotMet | Outcome::NotEvaluated(_), _) => {
            Outcome::NotEvaluated(Reason::TooFewRows)
        }
    };
    let mut message = format!(
        "slice `{}` holds {}, required at least {needed}",
        slice.name, observed
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
                rows(rows_in_all(all, slice.rows(), needed))
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
    rule: &SliceRule,
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
    let evidence = match metric.compute(&slice.sample) {
        Ok(value) => {
            let observed = quantity(metric.metric, value, slice.rows());
            let message = format!(
                "{subject} is {} on {}, required {required}",
                required.beside(value),
                rows(slice.rows())
            );
            Evidence::new(SLICE_THRESHOLD, subject, required.judge(&observed), message)
                .measured(observed, required)
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
        match metric.compute(&slice.sample) {
            Ok(value) => {
                let message = format!("{subject} is {} on {}", number(value), rows(slice.rows()));
                let mut evidence = Evidence::new(METRIC_RECORDED, subject, Outcome::Met, message);
                evidence.observed = Some(quantity(metric.metric, value, slice.rows()));
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
