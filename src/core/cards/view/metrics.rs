//! Rows of metrics, slices and fairness, with their intervals and bars.

use serde::Serialize;

use super::claims::{Figured, Numbers, figured};
use super::judgement::{Judgement, outcome};
use crate::cards::document::{CardDocument, MetricRow};
use crate::cards::text::visible;
use crate::evidence::{Interval, Outcome, Quantity, Unit};

/// Cells of a bar made of block characters.
const BAR_CELLS: f64 = 12.0;

#[derive(Serialize)]
pub(super) struct Row {
    model: String,
    is_this_model: bool,
    metric: String,
    slice: Option<String>,
    requirement: String,
    value: Figured,
    interval: Option<String>,
    rows: Option<u64>,
    required: Option<String>,
    outcome: Judgement,
    waived: bool,
    bar: Option<String>,
    /// Length of the bar in hundredths.
    share: Option<f64>,
}

pub(super) fn row(document: &CardDocument, row: &MetricRow, numbers: &Numbers) -> Row {
    let quantity = row.claim.quantity;
    let share = quantity.and_then(share);
    Row {
        model: visible(&row.model),
        is_this_model: row.model == document.model.name,
        metric: name_of(row),
        slice: row.slice.as_deref().map(visible),
        requirement: visible(row.requirement.as_str()),
        value: figured(&row.claim, numbers),
        interval: quantity.and_then(|q| q.interval).map(interval),
        rows: quantity.and_then(|q| q.sample_count),
        required: row.required.map(|bound| bound.to_string()),
        outcome: outcome(row.outcome, row.severity, row.waived),
        waived: row.waived,
        bar: share.map(bar),
        share: share.map(|share| (share * 1000.0).round() / 10.0),
    }
}

pub(super) fn is_recorded(row: &MetricRow) -> bool {
    row.requirement.as_str() == "metric-recorded"
}

/// Whether a recorded row gives way to others: it is about another model, or something was required.
pub(super) fn stands_back(document: &CardDocument, row: &MetricRow) -> bool {
    row.model != document.model.name || document.metrics.iter().any(|row| !is_recorded(row))
}

/// The slices worth a line: what was judged, and too small slices; when nothing was judged, what
/// was recorded of the first metric.
pub(super) fn shown_slices(document: &CardDocument) -> Vec<&MetricRow> {
    let is_enough_rows =
        |row: &MetricRow| row.requirement.as_str() == "slice-size" && row.outcome == Outcome::Met;
    let judged: Vec<&MetricRow> = document
        .slices
        .iter()
        .filter(|row| !is_recorded(row) && !is_enough_rows(row))
        .collect();
    if !judged.is_empty() {
        return judged;
    }
    let first = document.metrics.first().map(|row| row.metric.as_str());
    let is_first = |row: &&MetricRow| first.is_none_or(|metric| row.metric == metric);
    document.slices.iter().filter(is_first).collect()
}

/// What the number of a row is, for people.
fn name_of(row: &MetricRow) -> String {
    match row.requirement.as_str() {
        "metric-regression" => format!("{}, difference to the champion", visible(&row.metric)),
        "slice-size" => "rows of the slice".to_owned(),
        _ => visible(&row.metric),
    }
}

/// The part of a whole bar, for quantities in [0, 1].
fn share(quantity: Quantity) -> Option<f64> {
    let has_scale = matches!(quantity.unit, Unit::Number | Unit::Fraction);
    (has_scale && (0.0..=1.0).contains(&quantity.value)).then_some(quantity.value)
}

/// `0.7306 – 0.8212 (95 %)`.
fn interval(interval: Interval) -> String {
    let number = |value| Quantity::new(value, Unit::Number).to_string();
    format!(
        "{} – {} ({} %)",
        number(interval.lower),
        number(interval.upper),
        number(interval.level * 100.0)
    )
}

/// A bar of block characters, to an eighth of a cell.
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share * BAR_CELLS * 8.0).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(EIGHTHS[eighths % 8]);
    bar
}
