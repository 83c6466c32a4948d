//! Changes between two profiles of a dataset: its schema, its rows, its columns.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat};

use super::super::listed;
use super::{
    DISTRIBUTION_CHANGE, QUALITY_REGRESSION, QualityDiffSpec, SCHEMA_CHANGE, VOLUME_CHANGE,
};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Severity, Subject, Unit};
use crate::measure::{ColumnFacts, Distribution, LogicalType, NumericDistribution, TableFacts};

/// What is known of a dataset at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Rows, columns and types.
    pub facts: TableFacts,
    /// The distribution of each column that has one.
    pub distributions: BTreeMap<String, Distribution>,
    /// Columns whose values must not be shown.
    pub hidden: BTreeSet<String>,
}

/// What has become of a dataset between two profiles.
#[must_use]
pub fn profiles(
    spec: &QualityDiffSpec,
    dataset: &str,
    before: &Profile,
    after: &Profile,
) -> Vec<Evidence> {
    let mut records = vec![
        schema(dataset, &before.facts, &after.facts),
        rows(spec, dataset, &before.facts, &after.facts),
    ];
    for (column, then) in &before.distributions {
        let Some(now) = after.distributions.get(column) else {
            continue;
        };
        let subject = Subject::Column {
            dataset: dataset.to_owned(),
            column: column.clone(),
        };
        let kind = after
            .facts
            .column(column)
            .and_then(|column| column.logical_type);
        records.push(nulls(spec, &subject, then, now));
        // What either side hides is shown of neither.
        let hidden = before.hidden.contains(column) || after.hidden.contains(column);
        let written = Written { kind, hidden };
        records.push(distribution(spec, &subject, written, (then, now)));
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
                let (old, new) = (shown_type(column), shown_type(found));
                format!("{} ({old} → {new})", column.name)
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

/// How the values of a column are written.
#[derive(Clone, Copy)]
struct Written {
    kind: Option<LogicalType>,
    hidden: bool,
}

fn distribution(
    spec: &QualityDiffSpec,
    subject: &Subject,
    written: Written,
    (before, now): (&Distribution, &Distribution),
) -> Evidence {
    match (before, now) {
        (Distribution::Numeric(before), Distribution::Numeric(now)) => {
            quantiles(spec, subject, written, (before, now))
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

/// A value as it stands in the column: dates and times are measured in seconds.
fn shown(kind: Option<LogicalType>, value: f64) -> String {
    /// Nanoseconds of a second.
    const NANOSECONDS: f64 = 1e9;
    let (whole, rest) = (value.floor(), value - value.floor());
    let instant = || DateTime::from_timestamp(whole as i64, (rest * NANOSECONDS) as u32);
    match kind {
        Some(LogicalType::Date) => instant().map(|instant| instant.format("%Y-%m-%d").to_string()),
        Some(LogicalType::Timestamp) => {
            instant().map(|instant| instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        }
        Some(LogicalType::Time) => instant().map(|instant| instant.time().to_string()),
        Some(
            LogicalType::Number
            | LogicalType::Integer
            | LogicalType::String
            | LogicalType::Boolean
            | LogicalType::Object
            | LogicalType::Array,
        )
        | None => None,
    }
    .unwrap_or_else(|| value.to_string())
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
    written: Written,
    (before, now): (&NumericDistribution, &NumericDistribution),
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
    let values = if written.hidden {
        "masked now and before".to_owned()
    } else {
        let (now, then) = (shown(written.kind, now), shown(written.kind, then));
        format!("{now}, {then} before")
    };
    let message = format!(
        "the {quantile} quantile of {subject} is {values}, a move of {} of its range, required {bound}",
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

/// The type a column has or is read as; that of the file when it is none that rules know.
fn shown_type(column: &ColumnFacts) -> &str {
    let logical_type = column.logical_type.map(LogicalType::as_str);
    logical_type.unwrap_or(&column.physical_type)
}
