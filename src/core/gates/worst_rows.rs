//! The rows that speak most against a model, where rows have a value of their own: texts. By key and number
//! only: what was asked and answered is in no report.

use super::Gate;
use crate::evidence::{Bound, FailingRows, Outcome, Quantity, RowExample, Unit};
use crate::metrics::{Chosen, Direction, Sample, text};

/// Rows that are named.
const EXAMPLES_MAX: usize = 10;

/// Longest key that is shown in full, in Unicode scalar values.
const KEY_LENGTH_MAX: usize = 40;

/// The rows whose own value is on the wrong side of the bound, the worst first.
pub(super) fn beyond(gate: &Gate<'_>, metric: &Chosen, required: Bound) -> Option<FailingRows> {
    let values = text::row_values(metric, gate.sample)?;
    let failing = values.iter().enumerate().filter_map(|(row, value)| {
        let value = (*value)?;
        let judged = required.judge(&Quantity::new(value, Unit::Number));
        (judged == Outcome::NotMet).then_some((row, gain(metric, value)))
    });
    Some(listed(gate, failing.collect(), values.len()))
}

/// The rows that the champion answers better, those with most between the two first.
pub(super) fn worse(gate: &Gate<'_>, metric: &Chosen, champion: &Sample) -> Option<FailingRows> {
    let ours = text::row_values(metric, gate.sample)?;
    let theirs = text::row_values(metric, champion)?;
    let failing = ours.iter().zip(&theirs).enumerate();
    let failing = failing.filter_map(|(row, (ours, theirs))| {
        let difference = gain(metric, (*ours)?) - gain(metric, (*theirs)?);
        (difference < 0.0).then_some((row, difference))
    });
    Some(listed(gate, failing.collect(), ours.len()))
}

/// The value, turned so that more is better.
fn gain(metric: &Chosen, value: f64) -> f64 {
    match metric.metric.direction {
        Direction::HigherIsBetter | Direction::Neither => value,
        Direction::LowerIsBetter => -value,
    }
}

/// Rows with how good they are.
fn listed(gate: &Gate<'_>, mut rows: Vec<(usize, f64)>, eligible: usize) -> FailingRows {
    rows.sort_by(|left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)));
    let key = |row: usize| {
        let column = gate.spec.columns.id.as_deref()?;
        let id = gate.candidate.ids().text(row);
        let id: String = id.chars().take(KEY_LENGTH_MAX).collect();
        Some(format!("{column}={id}"))
    };
    let example = |(row, _): &(usize, f64)| RowExample {
        row_number: *row as u64 + 1,
        value: key(*row),
        masked: false,
        is_null: false,
    };
    FailingRows {
        count: rows.len() as u64,
        eligible: eligible as u64,
        examples: rows.iter().take(EXAMPLES_MAX).map(example).collect(),
    }
}
