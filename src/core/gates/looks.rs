//! Rules that are judged again and again while rows arrive, with `sequential`.

use super::Gate;
use super::spec::GateSpec;
use crate::evidence::Interval;
use crate::metrics::estimate::Compared;
use crate::metrics::looks::NOT_INDEPENDENT;
use crate::metrics::{self, Chosen, Metric, Task};

/// Whether a metric of the gate can be judged at repeated looks, as far as can be known without rows.
///
/// # Errors
/// Why not.
pub(super) fn check(spec: &GateSpec, metric: &Chosen) -> Result<(), String> {
    let columns = &spec.columns;
    let depend = columns.weight.is_some() || columns.cluster.is_some();
    if depend || spec.task == Task::Forecasting {
        return Err(NOT_INDEPENDENT.to_owned());
    }
    if metric.may_be_mean(spec.task) {
        return Ok(());
    }
    let of_task = metrics::of_task(spec.task).filter(|metric| metric.task.is_some());
    let means = of_task.filter_map(Metric::plain);
    let means = means.filter(|metric| metric.may_be_mean(spec.task));
    let means: Vec<String> = means.map(|metric| format!("`{metric}`")).collect();
    Err(match means.is_empty() {
        true => format!("no metric of `{}` is a mean of rows", spec.task),
        false => format!("it is no mean of rows, as are {}", means.join(", ")),
    })
}

/// The interval of the candidate's value, where there is one.
pub(super) fn interval(gate: &Gate<'_>, found: Option<&Compared>) -> Option<Interval> {
    let uncertain = found?.candidate.as_ref().ok()?;
    uncertain.interval(gate.spec.confidence).ok()
}

/// What decides a bound at repeated looks, or why nothing does.
pub(super) fn of_looks(found: Option<&Compared>) -> String {
    match found.map(|found| &found.candidate) {
        Some(Ok(uncertain)) => format!("; the interval decides, by {}", uncertain.method.name()),
        Some(Err(undefined)) => format!("; {undefined}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests;
