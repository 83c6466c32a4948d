//! The verdict on a dataset: how many of its columns have drifted.

use super::judge::{Compared, subject};
use super::requirements::DRIFT_DATASET;
use super::spec::Budget;
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Unit};

/// Columns named in the message.
const NAMED_MAX: usize = 5;

/// Judges the columns, each with the outcomes of all that is demanded of it. A column has drifted when
/// one of them is not met; it is unknown when none is and one is not evaluated.
///
/// Columns that are unknown count both ways: the budget is kept when it would be even if all of them
/// had drifted, exceeded when it is without them, and not evaluated in between.
pub(super) fn judge(
    budget: &Budget,
    compared: &Compared<'_>,
    columns: &[(&str, &[Outcome])],
) -> Evidence {
    let subject = subject(compared, None);
    let total = columns.len() as u64;
    let drifted: Vec<&str> = columns
        .iter()
        .filter(|(_, outcomes)| outcomes.contains(&Outcome::NotMet))
        .map(|(column, _)| *column)
        .collect();
    let reasons: Vec<Reason> = columns
        .iter()
        .filter(|(_, outcomes)| !outcomes.contains(&Outcome::NotMet))
        .filter_map(|(_, outcomes)| outcomes.iter().find_map(reason))
        .collect();
    let (count, unknown) = (drifted.len() as u64, reasons.len() as u64);
    let (bound, unit) = bound(budget);
    let quantity = |count: u64| {
        let value = match unit {
            Unit::Fraction => count as f64 / total as f64,
            Unit::Number
            | Unit::Rows
            | Unit::Files
            | Unit::Count
            | Unit::Bytes
            | Unit::Seconds
            | Unit::Days
            | Unit::Characters => count as f64,
        };
        Quantity::new(value, unit).of(total)
    };
    let observed = quantity(count);
    let outcome = match (
        bound.judge(&observed),
        bound.judge(&quantity(count + unknown)),
    ) {
        (Outcome::Met, Outcome::NotMet) => {
            Outcome::NotEvaluated(reasons.first().copied().unwrap_or(Reason::Undefined))
        }
        (outcome, _) => outcome,
    };
    let named = match drifted.as_slice() {
        [] => String::new(),
        names => {
            let shown: Vec<String> = names
                .iter()
                .take(NAMED_MAX)
                .map(|name| format!("`{name}`"))
                .collect();
            let more = if NAMED_MAX < names.len() { " …" } else { "" };
            format!(": {}{more}", shown.join(", "))
        }
    };
    let not_judged = match unknown {
        0 => String::new(),
        unknown => format!(", {unknown} not judged"),
    };
    let message = format!(
        "{count} of {total} columns of {subject} have drifted from `{}`{named}{not_judged}; {} is {}, required {bound}",
        compared.reference,
        if unit == Unit::Fraction {
            "the share"
        } else {
            "the number"
        },
        bound.beside(observed.value),
    );
    Evidence::new(DRIFT_DATASET.id, subject, outcome, message).measured(observed, bound)
}

fn reason(outcome: &Outcome) -> Option<Reason> {
    match outcome {
        Outcome::NotEvaluated(reason) => Some(*reason),
        Outcome::Met | Outcome::NotMet => None,
    }
}

fn bound(budget: &Budget) -> (Bound, Unit) {
    match (budget.share_max, budget.share_below, budget.columns_max) {
        (Some(share), _, _) => (Bound::AtMost(share), Unit::Fraction),
        (None, Some(share), _) => (Bound::LessThan(share), Unit::Fraction),
        (None, None, Some(columns)) => (Bound::AtMost(columns as f64), Unit::Count),
        // Refused when the section is checked; nothing may drift then.
        (None, None, None) => (Bound::AtMost(0.0), Unit::Count),
    }
}
