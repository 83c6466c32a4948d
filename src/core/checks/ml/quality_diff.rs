//! What has become of the data since another run: the base branch beside the head, yesterday beside
//! today. Pure: two reports, or two sets of profiles, in; evidence out.
//!
//! How a report looks beside an earlier one is shown by `report` (`--baseline`); here changes are
//! requirements of their own, which can warn, block and be waived: a column that is gone, a row count
//! that fell, a bound that was loosened so that the verdict holds.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listed;
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, Requirement, RunReport, Severity, Step, Subject,
    Unit,
};
use crate::measure::{Distribution, NumericDistribution, TableFacts};

const QUALITY_REGRESSION: &str = "quality-regression";
const SCHEMA_CHANGE: &str = "schema-change";
const VOLUME_CHANGE: &str = "volume-change";
const DISTRIBUTION_CHANGE: &str = "distribution-change";
const LOOSENED_RULE: &str = "loosened-rule";

/// Every requirement on changes.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: QUALITY_REGRESSION,
        summary: "What was met before is met now, and no null fraction has grown by more than the bound.",
        remedy: "Look at what the change did to the data; mend it, or say why in the pull request.",
        references: &[],
    },
    Requirement {
        id: SCHEMA_CHANGE,
        summary: "No column is gone or has another type; new columns are recorded.",
        remedy: "Bring the column back, or change those who read it first.",
        references: &[],
    },
    Requirement {
        id: VOLUME_CHANGE,
        summary: "The number of rows changed by no more than the bound.",
        remedy: "Find out which rows are gone or came twice.",
        references: &[],
    },
    Requirement {
        id: DISTRIBUTION_CHANGE,
        summary: "No category came or went, and no quantile moved by more than the bound.",
        remedy: "Look at the distribution of the column before and after.",
        references: &[],
    },
    Requirement {
        id: LOOSENED_RULE,
        summary: "No rule is gone, asks for less or weighs less than before.",
        remedy: "Tighten the rule again, or have the change of the contract approved for itself.",
        references: &[],
    },
];

/// What may change, and how much each change matters.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QualityDiffSpec {
    /// Largest relative change of the number of rows, as a fraction of before.
    pub rows_change_max: f64,
    /// Largest growth of a null fraction.
    pub null_fraction_growth_max: f64,
    /// Largest move of the quantiles 0.05, 0.25, 0.5, 0.75 and 0.95, as a fraction of the range between
    /// the first and the last of them before.
    pub quantile_shift_max: f64,
    /// How much a change of data or of its schema matters.
    pub severity: Severity,
    /// How much a loosened rule matters.
    pub loosened: Severity,
}

impl Default for QualityDiffSpec {
    fn default() -> Self {
        Self {
            rows_change_max: 0.1,
            null_fraction_growth_max: 0.01,
            quantile_shift_max: 0.1,
            severity: Severity::Warning,
            loosened: Severity::Warning,
        }
    }
}

/// What is known of a dataset at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Rows, columns and types.
    pub facts: TableFacts,
    /// The distribution of each column that has one.
    pub distributions: BTreeMap<String, Distribution>,
}

/// What has become of a dataset between two profiles.
#[must_use]
pub fn profiles(
    spec: &QualityDiffSpec,
    dataset: &str,
    before: &Profile,
    now: &Profile,
) -> Vec<Evidence> {
    let mut records = vec![
        schema(dataset, &before.facts, &now.facts),
        rows(spec, dataset, &before.facts, &now.facts),
    ];
    for (column, then) in &before.distributions {
        let Some(now) = now.distributions.get(column) else {
            continue;
        };
        let subject = Subject::Column {
            dataset: dataset.to_owned(),
            column: column.clone(),
        };
        records.push(nulls(spec, &subject, then, now));
        records.push(distribution(spec, &subject, then, now));
    }
    records
        .into_iter()
        .map(|record| {
            let severity = spec.severity.min(record.severity);
            record.severity(severity)
        })
        .collect()
}

fn schema(dataset: &str, before: &TableFacts, now: &TableFacts) -> Evidence {
    let names = |facts: &TableFacts, other: &TableFacts| -> Vec<String> {
        let names = facts.columns.iter().map(|column| column.name.clone());
        names.filter(|name| other.column(name).is_none()).collect()
    };
    let (gone, new) = (names(before, now), names(now, before));
    let retyped: Vec<String> = before
        .columns
        .iter()
        .filter_map(|column| {
            let found = now.column(&column.name)?;
            let differs = found.logical_type != column.logical_type && before.typed == now.typed;
            differs.then(|| {
                format!(
                    "{} ({} → {})",
                    column.name, column.physical_type, found.physical_type
                )
            })
        })
        .collect();
    let subject = Subject::Dataset {
        dataset: dataset.to_owned(),
    };
    let parts: Vec<String> = [
        ("gone", &gone),
        ("of another type", &retyped),
        ("new", &new),
    ]
    .iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(what, names)| format!("{what}: {}", listed(names)))
    .collect();
    let message = match parts.as_slice() {
        [] => format!("columns of {subject} are the same as before"),
        parts => format!(
            "columns of {subject}: {}; required none gone or of another type",
            parts.join("; ")
        ),
    };
    let (quantity, bound) = (
        Quantity::new((gone.len() + retyped.len()) as f64, Unit::Count),
        Bound::AtMost(0.0),
    );
    Evidence::new(SCHEMA_CHANGE, subject, bound.judge(&quantity), message).measured(quantity, bound)
}

fn rows(spec: &QualityDiffSpec, dataset: &str, before: &TableFacts, now: &TableFacts) -> Evidence {
    let subject = Subject::Dataset {
        dataset: dataset.to_owned(),
    };
    if before.row_count == 0 {
        let message =
            format!("the change of rows of {subject} was not evaluated: there were none before");
        return Evidence::not_evaluated(VOLUME_CHANGE, subject, Reason::Undefined, message);
    }
    let change = now.row_count as f64 / before.row_count as f64 - 1.0;
    let bound = Bound::Between(-spec.rows_change_max, spec.rows_change_max);
    let quantity = Quantity::new(change, Unit::Number);
    let message = format!(
        "{subject} has {} rows, {} before, a change of {} of them, required {bound}",
        now.row_count,
        before.row_count,
        bound.beside(change)
    );
    Evidence::new(VOLUME_CHANGE, subject, bound.judge(&quantity), message).measured(quantity, bound)
}

/// Nulls and all rows of a column.
fn null_fraction(distribution: &Distribution) -> Option<f64> {
    let (nulls, others) = match distribution {
        Distribution::Numeric(numbers) => (
            numbers.null_count,
            numbers.count() + numbers.nan_count + numbers.infinite_count,
        ),
        Distribution::Categorical(categories) => (categories.null_count, categories.count()),
    };
    let all = nulls + others;
    (0 < all).then(|| nulls as f64 / all as f64)
}

fn nulls(
    spec: &QualityDiffSpec,
    subject: &Subject,
    before: &Distribution,
    now: &Distribution,
) -> Evidence {
    let (Some(before), Some(now)) = (null_fraction(before), null_fraction(now)) else {
        let message = format!("the null fraction of {subject} was not compared: there are no rows");
        return Evidence::not_evaluated(
            QUALITY_REGRESSION,
            subject.clone(),
            Reason::Undefined,
            message,
        );
    };
    let bound = Bound::AtMost(spec.null_fraction_growth_max);
    let quantity = Quantity::new(now - before, Unit::Number);
    let message = format!(
        "null fraction of {subject} is {now:.4}, {before:.4} before, a growth of {}, required {bound}",
        bound.beside(now - before)
    );
    Evidence::new(
        QUALITY_REGRESSION,
        subject.clone(),
        bound.judge(&quantity),
        message,
    )
    .measured(quantity, bound)
}

fn distribution(
    spec: &QualityDiffSpec,
    subject: &Subject,
    before: &Distribution,
    now: &Distribution,
) -> Evidence {
    match (before, now) {
        (Distribution::Numeric(before), Distribution::Numeric(now)) => {
            quantiles(spec, subject, before, now)
        }
        (Distribution::Categorical(before), Distribution::Categorical(now)) => {
            if 0 < before.other_count + now.other_count {
                let message =
                    format!("the categories of {subject} were not compared: there are too many");
                return Evidence::not_evaluated(
                    DISTRIBUTION_CHANGE,
                    subject.clone(),
                    Reason::Unsupported,
                    message,
                )
                .severity(Severity::Info);
            }
            let (then, now): (BTreeSet<&String>, BTreeSet<&String>) =
                (before.counts.keys().collect(), now.counts.keys().collect());
            let names = |one: &BTreeSet<&String>, other| {
                one.difference(other)
                    .map(|name| (*name).clone())
                    .collect::<Vec<_>>()
            };
            let (gone, new) = (names(&then, &now), names(&now, &then));
            let (quantity, bound) = (
                Quantity::new((gone.len() + new.len()) as f64, Unit::Count),
                Bound::AtMost(0.0),
            );
            let message = format!(
                "{subject} has {} categories that are new and {} that are gone, required {bound}",
                new.len(),
                gone.len()
            );
            Evidence::new(
                DISTRIBUTION_CHANGE,
                subject.clone(),
                bound.judge(&quantity),
                message,
            )
            .measured(quantity, bound)
        }
        _ => {
            let message = format!(
                "the distribution of {subject} was not compared: one is of numbers and the other is not"
            );
            Evidence::not_evaluated(
                DISTRIBUTION_CHANGE,
                subject.clone(),
                Reason::Unsupported,
                message,
            )
        }
    }
}

/// The quantiles compared.
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// The smallest value whose cumulative frequency reaches each fraction.
fn quantiles_of(numbers: &NumericDistribution) -> Option<Vec<f64>> {
    let all = numbers.count() as f64;
    let mut cumulative = 0;
    let mut found = Vec::with_capacity(QUANTILES.len());
    for (value, count) in &numbers.points {
        cumulative += count;
        while found.len() < QUANTILES.len() && QUANTILES[found.len()] * all <= cumulative as f64 {
            found.push(*value);
        }
    }
    (found.len() == QUANTILES.len()).then_some(found)
}

fn quantiles(
    spec: &QualityDiffSpec,
    subject: &Subject,
    before: &NumericDistribution,
    now: &NumericDistribution,
) -> Evidence {
    let (Some(then), Some(found)) = (quantiles_of(before), quantiles_of(now)) else {
        let message =
            format!("the quantiles of {subject} were not compared: one side has no numbers");
        return Evidence::not_evaluated(
            DISTRIBUTION_CHANGE,
            subject.clone(),
            Reason::Undefined,
            message,
        );
    };
    let range =
        then.last().copied().unwrap_or_default() - then.first().copied().unwrap_or_default();
    let moves = then
        .iter()
        .zip(&found)
        .zip(QUANTILES)
        .map(|((then, now), quantile)| ((now - then).abs(), quantile, *then, *now));
    let largest = moves.max_by(|one, other| one.0.total_cmp(&other.0));
    let (distance, quantile, then, now) = largest.unwrap_or((0.0, 0.5, 0.0, 0.0));
    // A constant has no range; any move of it is a move of all there is.
    let shift = if distance == 0.0 {
        0.0
    } else if range == 0.0 {
        1.0
    } else {
        distance / range
    };
    let (quantity, bound) = (
        Quantity::new(shift, Unit::Number).of(before.count()),
        Bound::AtMost(spec.quantile_shift_max),
    );
    let message = format!(
        "the {quantile} quantile of {subject} is {now}, {then} before, a move of {} of its range, required {bound}",
        bound.beside(shift)
    );
    Evidence::new(
        DISTRIBUTION_CHANGE,
        subject.clone(),
        bound.judge(&quantity),
        message,
    )
    .measured(quantity, bound)
}

/// Step, requirement and subject, and which of several with the same.
type Key = (Step, String, Subject, usize);

fn keyed(report: &RunReport) -> Vec<(Key, &Evidence)> {
    let mut repeated: BTreeMap<(Step, String, Subject), usize> = BTreeMap::new();
    report
        .records()
        .map(|(step, record)| {
            let id = (
                step,
                record.requirement.as_str().to_owned(),
                record.subject.clone(),
            );
            let number = repeated.entry(id.clone()).or_default();
            *number += 1;
            ((id.0, id.1, id.2, *number), record)
        })
        .collect()
}

/// What has become of the verdicts and the rules between two reports: one record for each rule that was
/// met and is not, and for each that is gone, asks for less or weighs less. When there is none, one record
/// says so. Rules of a step that was not run now are not gone.
#[must_use]
pub fn reports(
    spec: &QualityDiffSpec,
    dataset: &str,
    before: &RunReport,
    now: &RunReport,
) -> Vec<Evidence> {
    let then = keyed(before);
    let found: BTreeMap<Key, &Evidence> = keyed(now).into_iter().collect();
    let steps: BTreeSet<Step> = found.keys().map(|key| key.0).collect();
    let mut records = Vec::new();
    for (key, then) in then.iter().filter(|(key, _)| steps.contains(&key.0)) {
        let now = found.get(key).copied();
        if let Some(now) = now
            && then.outcome == Outcome::Met
            && now.outcome != Outcome::Met
        {
            let message = format!(
                "`{}` of {} was met before and is {}: {}",
                key.1, key.2, now.outcome, now.message
            );
            records.push(
                change(QUALITY_REGRESSION, key, message, now)
                    .severity(spec.severity.min(now.severity)),
            );
        }
        if let Some(how) = loosened(then, now) {
            let message = format!("`{}` of {} {how}", key.1, key.2);
            records.push(
                change(LOOSENED_RULE, key, message, now.unwrap_or(then)).severity(spec.loosened),
            );
        }
    }
    let subject = Subject::Dataset {
        dataset: dataset.to_owned(),
    };
    for (id, what) in [
        (QUALITY_REGRESSION, "what was met before is met now"),
        (LOOSENED_RULE, "no rule was loosened"),
    ] {
        if !records
            .iter()
            .any(|record| record.requirement.as_str() == id)
        {
            let message = format!("{subject}: {what}");
            records.push(Evidence::new(id, subject.clone(), Outcome::Met, message));
        }
    }
    records
}

fn change(id: &'static str, key: &Key, message: String, record: &Evidence) -> Evidence {
    Evidence::new(id, key.2.clone(), Outcome::NotMet, message).at(record.location.clone())
}

/// How a rule was loosened, if it was. What is only recorded was never asked for.
fn loosened(before: &Evidence, now: Option<&Evidence>) -> Option<String> {
    if before.severity == Severity::Info {
        return None;
    }
    let Some(now) = now else {
        return Some("is not asked for any more".to_owned());
    };
    if now.severity < before.severity {
        return Some(format!(
            "weighs less: {}, {} before",
            now.severity.as_str(),
            before.severity.as_str()
        ));
    }
    if now.is_waived() && !before.is_waived() {
        return Some("is waived now".to_owned());
    }
    let (then, bound) = (before.required?, now.required?);
    (then != bound && !is_within(bound, then))
        .then(|| format!("asks for less: {bound}, {then} before"))
}

/// Whether whatever satisfies `one` satisfies `other`.
fn is_within(one: Bound, other: Bound) -> bool {
    let (Some(one_range), Some(other_range)) = (range(one), range(other)) else {
        // Values that must not be are compared as they stand.
        return one == other || excludes(one, other);
    };
    let lower = other_range.0.0 < one_range.0.0
        || (other_range.0.0 == one_range.0.0 && (one_range.0.1 || !other_range.0.1));
    let upper = one_range.1.0 < other_range.1.0
        || (other_range.1.0 == one_range.1.0 && (one_range.1.1 || !other_range.1.1));
    lower && upper
}

/// Whether a range leaves out what `other` forbids.
fn excludes(one: Bound, other: Bound) -> bool {
    match (one, other) {
        (Bound::Outside(lower, upper), Bound::Outside(other_lower, other_upper)) => {
            lower <= other_lower && other_upper <= upper
        }
        (Bound::Outside(lower, upper), Bound::Not(value)) => lower <= value && value <= upper,
        (one, Bound::Not(value)) => {
            range(one).is_some_and(|((lower, open_low), (upper, open_high))| {
                value < lower
                    || upper < value
                    || (value == lower && open_low)
                    || (value == upper && open_high)
            })
        }
        _ => false,
    }
}

/// One end of a range, and whether it is outside.
type End = (f64, bool);

/// What satisfies a bound, when that is one range.
fn range(bound: Bound) -> Option<(End, End)> {
    let (lowest, highest) = ((f64::NEG_INFINITY, false), (f64::INFINITY, false));
    match bound {
        Bound::AtLeast(least) => Some(((least, false), highest)),
        Bound::AtMost(most) => Some((lowest, (most, false))),
        Bound::MoreThan(least) => Some(((least, true), highest)),
        Bound::LessThan(most) => Some((lowest, (most, true))),
        Bound::Exactly(value) => Some(((value, false), (value, false))),
        Bound::Between(lower, upper) => Some(((lower, false), (upper, false))),
        Bound::Not(_) | Bound::Outside(..) => None,
    }
}

#[cfg(test)]
mod tests;
