//! What a step comes down to, in one line that a person reads in five seconds.
//!
//! Made of the records of the step and nothing else: the first that failed, or else the figures the
//! step is known for, or else how many subjects it looked at. Which figures those are is chosen by
//! requirement; a family that is not known here is counted.

use std::collections::HashSet;

use super::metric_rows::{REGRESSION, signed, value};
use super::sections::{RELEASE, RETRAIN_DECISION, RETRAIN_DISPATCH, Section};
use super::text::{name, sentence};
use crate::evidence::{Bound, Evidence, Interval, Outcome, Quantity, Sha256, Step, Subject, Unit};

/// Datasets named; a line holds no more.
const DATASETS_MAX: usize = 4;

/// What `section` comes down to; empty when nothing of it was tried.
pub(super) fn essence(section: &Section<'_>) -> String {
    if section.is_untried() {
        return String::new();
    }
    let failures = section.records.iter();
    let worst = failures
        .filter(|record| section.standing(record).fails())
        .min_by_key(|record| section.standing(record));
    if let Some(worst) = worst {
        return sentence(&worst.message);
    }
    let known = match section.step {
        Step::DataValidation => data(section),
        Step::Gate => gate(section),
        Step::Scan => scan(section),
        Step::Card => card(section),
        Step::Sign => sign(section),
        Step::Promote => promote(section),
        Step::Retrain => retrain(section),
        Step::Run | Step::Doctor | Step::SelfVerify => None,
    };
    known.unwrap_or_else(|| subjects(section))
}

fn with_id<'a>(section: &'a Section<'_>, id: &'a str) -> impl Iterator<Item = &'a Evidence> {
    let records = section.records.iter();
    records.filter(move |record| record.requirement.as_str() == id)
}

/// "`reference` 800 rows, `current` 200 rows; largest PSI 0.078 on `duration`"
fn data(section: &Section<'_>) -> Option<String> {
    let parts: Vec<String> = [datasets(section), worst_drift(section)]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn datasets(section: &Section<'_>) -> Option<String> {
    let mut seen = HashSet::new();
    let mut shown: Vec<String> = section
        .records
        .iter()
        .filter_map(|record| record.subject.dataset())
        .filter(|dataset| seen.insert(*dataset))
        .take(DATASETS_MAX + 1)
        .map(|dataset| dataset_with_rows(section, dataset))
        .collect();
    if DATASETS_MAX < shown.len() {
        shown.truncate(DATASETS_MAX);
        shown.push("…".to_owned());
    }
    (!shown.is_empty()).then(|| shown.join(", "))
}

fn dataset_with_rows(section: &Section<'_>, dataset: &str) -> String {
    let rows = with_id(section, "row-count")
        .filter(|record| record.subject.dataset() == Some(dataset))
        .find_map(|record| record.observed);
    match rows {
        Some(rows) => format!("`{}` {rows}", name(dataset)),
        None => format!("`{}`", name(dataset)),
    }
}

/// The worst value of one statistic: the population stability index where it was measured, because
/// it is the one that is comparable over columns of every type, else whichever comes first. Worst is the
/// largest, or the smallest where the bound is a least value, as for a p-value.
fn worst_drift(section: &Section<'_>) -> Option<String> {
    let ids = section
        .records
        .iter()
        .map(|record| record.requirement.as_str());
    let first = ids.clone().find(|id| id.starts_with("drift-"))?;
    let id = ids
        .into_iter()
        .find(|id| *id == "drift-psi")
        .unwrap_or(first);
    let is_least = |record: &Evidence| record.required.is_some_and(is_least);
    let smaller_is_worse = with_id(section, id).next().is_some_and(is_least);
    let (column, quantity) = with_id(section, id)
        .filter(|record| is_least(record) == smaller_is_worse)
        .filter_map(|record| match &record.subject {
            Subject::Column { column, .. } => Some((column, record.observed?)),
            Subject::Dataset { .. }
            | Subject::Rows { .. }
            | Subject::Metric { .. }
            | Subject::Slice { .. }
            | Subject::Model { .. }
            | Subject::File { .. }
            | Subject::Card { .. }
            | Subject::Signature { .. }
            | Subject::Release { .. } => None,
        })
        .filter(|(_, quantity)| quantity.value.is_finite())
        .max_by(|(_, left), (_, right)| {
            let order = left.value.total_cmp(&right.value);
            if smaller_is_worse {
                order.reverse()
            } else {
                order
            }
        })?;
    let worst = if smaller_is_worse {
        "smallest"
    } else {
        "largest"
    };
    let statistic = name(id.strip_prefix("drift-").unwrap_or(id)).to_uppercase();
    Some(format!(
        "{worst} {statistic} {quantity} on `{}`",
        name(column)
    ))
}

/// Whether a bound keeps values from being small.
fn is_least(bound: Bound) -> bool {
    match bound {
        Bound::AtLeast(_) | Bound::MoreThan(_) => true,
        Bound::AtMost(_)
        | Bound::LessThan(_)
        | Bound::Exactly(_)
        | Bound::Not(_)
        | Bound::Between(..)
        | Bound::Outside(..) => false,
    }
}

/// "`roc_auc` 0.7304, +0.08224 [0.02022, 0.146] to the champion"
fn gate(section: &Section<'_>) -> Option<String> {
    let threshold = first_metric(section, "metric-threshold");
    let regression = first_metric(section, REGRESSION);
    let mut parts = Vec::new();
    if let Some((metric, quantity)) = threshold {
        parts.push(format!("`{}` {}", name(metric), value(quantity)));
    }
    if let Some((metric, difference)) = regression {
        let metric = match threshold {
            Some((shown, _)) if shown == metric => String::new(),
            Some(_) | None => format!("`{}` ", name(metric)),
        };
        let interval = difference.interval.map_or_else(String::new, brackets);
        parts.push(format!(
            "{metric}{}{interval} to the champion",
            signed(difference)
        ));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn first_metric<'a>(section: &'a Section<'_>, id: &'a str) -> Option<(&'a str, Quantity)> {
    with_id(section, id).find_map(|record| match &record.subject {
        Subject::Metric { metric, .. } => Some((metric.as_str(), record.observed?)),
        Subject::Dataset { .. }
        | Subject::Column { .. }
        | Subject::Rows { .. }
        | Subject::Slice { .. }
        | Subject::Model { .. }
        | Subject::File { .. }
        | Subject::Card { .. }
        | Subject::Signature { .. }
        | Subject::Release { .. } => None,
    })
}

fn brackets(interval: Interval) -> String {
    let number = |value| Quantity::new(value, Unit::Number);
    format!(" [{}, {}]", number(interval.lower), number(interval.upper))
}

/// "3 files scanned, no import is unknown"
fn scan(section: &Section<'_>) -> Option<String> {
    let scanned = with_id(section, "scan-coverage")
        .filter(|record| record.outcome == Outcome::Met)
        .count();
    let files = match scanned {
        0 => return None,
        1 => "1 file scanned".to_owned(),
        _ => format!("{scanned} files scanned"),
    };
    let imports = [
        ("unknown-global", "no import is unknown"),
        ("unsafe-global", "no import is known to be dangerous"),
    ]
    .into_iter()
    .find(|(id, _)| all_met(section, id));
    Some(match imports {
        Some((_, imports)) => format!("{files}, {imports}"),
        None => files,
    })
}

/// Whether there are records of `id` and all of them are met.
fn all_met(section: &Section<'_>, id: &str) -> bool {
    let mut records = with_id(section, id).peekable();
    records.peek().is_some() && records.all(|record| record.outcome == Outcome::Met)
}

/// "118 figures equal their evidence", or the files of evidence when figures are not counted.
fn card(section: &Section<'_>) -> Option<String> {
    let checked =
        || with_id(section, "card-figure").filter(|record| record.outcome == Outcome::Met);
    let files = checked().count();
    let figures: f64 = checked()
        .filter_map(|record| record.observed)
        .map(|observed| observed.value)
        .sum();
    if 0.0 < figures && figures.is_finite() {
        let figures = Quantity::new(figures, Unit::Count);
        return Some(format!("{figures} figures equal their evidence"));
    }
    match files {
        0 => None,
        1 => Some("every figure equals its evidence".to_owned()),
        _ => Some(format!(
            "every figure equals its evidence, {files} files compared"
        )),
    }
}

/// "model and 4 evidence files signed, key 728784e25a7e"
fn sign(section: &Section<'_>) -> Option<String> {
    let mut model = None;
    let mut evidence = 0_usize;
    for record in with_id(section, "signature").filter(|record| record.outcome == Outcome::Met) {
        match &record.subject {
            Subject::Signature { claim, .. } if claim == "model" => model = Some(record),
            Subject::Signature { .. } => evidence += 1,
            Subject::Dataset { .. }
            | Subject::Column { .. }
            | Subject::Rows { .. }
            | Subject::Metric { .. }
            | Subject::Slice { .. }
            | Subject::Model { .. }
            | Subject::File { .. }
            | Subject::Card { .. }
            | Subject::Release { .. } => {}
        }
    }
    let files = match evidence {
        0 => None,
        1 => Some("1 evidence file".to_owned()),
        _ => Some(format!("{evidence} evidence files")),
    };
    let signed: Vec<String> = model
        .map(|_| "model".to_owned())
        .into_iter()
        .chain(files)
        .collect();
    let key = model
        .and_then(|record| fingerprint(&record.message))
        .map_or_else(String::new, |key| format!(", key {}", key.short()));
    (!signed.is_empty()).then(|| format!("{} signed{key}", signed.join(" and ")))
}

/// The fingerprint of a key, where a sentence names one.
fn fingerprint(message: &str) -> Option<Sha256> {
    let words = message.split([' ', '`', ',']);
    words.into_iter().find_map(|word| word.parse().ok())
}

/// "`credit-risk` 9d6002cf29f4 is live in `production` by ledger entry 1"
fn promote(section: &Section<'_>) -> Option<String> {
    let last = with_id(section, RELEASE)
        .filter(|record| record.outcome == Outcome::Met)
        .last()?;
    Some(sentence(&last.message))
}

fn retrain(section: &Section<'_>) -> Option<String> {
    let last = with_id(section, RETRAIN_DISPATCH)
        .chain(with_id(section, RETRAIN_DECISION))
        .next()?;
    Some(sentence(&last.message))
}

/// "1 model, 5 metrics, 9 slices": how many subjects of each kind there are.
fn subjects(section: &Section<'_>) -> String {
    let mut seen = HashSet::new();
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for subject in section.records.iter().map(|record| &record.subject) {
        if !seen.insert(subject) {
            continue;
        }
        match counts.iter_mut().find(|(kind, _)| *kind == subject.kind()) {
            Some((_, count)) => *count += 1,
            None => counts.push((subject.kind(), 1)),
        }
    }
    let shown: Vec<String> = counts
        .into_iter()
        .map(|(kind, count)| match count {
            1 => format!("1 {kind}"),
            _ => format!("{count} {kind}s"),
        })
        .collect();
    shown.join(", ")
}
